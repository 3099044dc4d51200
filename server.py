"""Starts the service: reads flags and environment, builds the engine, serves until told to stop.

`python server.py --help` lists the options. Other WSGI servers call `server:create_app()`, which reads the variables
alone, and not those of host and port, because such a server has options of its own for these.
"""

import argparse
import logging
import os
import signal
import socket
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import FrameType

from flask import Flask

from qa.errors import QAError
from qa.flags import add_version
from qa.options import Source, add_corpus_options
from qa.web import Config, Service, application, logs
from qa.web.options import SECRETS, add_edge_options, config_from
from qa.web.service import first_snapshot
from qa.web.serving import Server, bound_socket, url_of
from qa.web.watching import Watcher
from qa.wording import counted

logger = logging.getLogger("qa.server")

CORPUS = Path(__file__).resolve().parent / "corpus"


def create_app(folder: Path | None = None) -> Flask:
    """The WSGI application that answers from `folder`, or from the corpus the environment names."""
    parser = argparse.ArgumentParser(prog="server.py")
    add_corpus_options(parser, _given(os.environ))
    add_edge_options(parser, os.environ)
    options = parser.parse_args([] if folder is None else [f"--corpus={folder}"])
    config = config_from(options, os.environ)
    logs.set_up(options.log_format)
    service, watcher = _live(options, config)
    watcher.start()
    return application(service, config)


def main() -> None:
    """Serves until SIGTERM or SIGINT and exits: 0 after a stop, 2 with one sentence when it cannot start.

    SIGINT before it serves exits 130.
    """
    try:
        code = serve(sys.argv[1:], Path(sys.argv[0]).name)
    except KeyboardInterrupt:
        code = 130
    sys.exit(code)


def serve(arguments: Sequence[str], program: str = "server.py") -> int:
    """The exit code of one run of the server, which calls itself `program` in what it says."""
    options = _parser(program, os.environ).parse_args(arguments)
    try:
        config = config_from(options, os.environ, options.host)
    except QAError as error:
        return _refuse(program, str(error))
    logs.set_up(options.log_format)
    try:
        bound = bound_socket(options.host, options.port)
    except (OSError, UnicodeError) as error:
        # A name with an empty label, or one of more than 63 letters, fails before anybody is asked for its address.
        reason = error.strerror if isinstance(error, OSError) else "no host can have this name"
        why = f"{options.host} port {options.port} cannot be used: {reason}"
        return _refuse(program, f"{why}; choose others with --host and --port")
    with bound:
        try:
            service, watcher = _live(options, config)
        except QAError as error:
            return _refuse(program, str(error))
        server = Server(application(service, config), service, bound)
        _stop_on_signals(server, service)
        _announce(service, bound)
        watcher.start()
        server.run()
    logger.info("stopped")
    return 0


def _given(environ: Mapping[str, str]) -> dict[str, str]:
    """The variables that are not empty, and the corpus beside this file, where there is one and none is named."""
    beside = {"QA_CORPUS": str(CORPUS)} if CORPUS.is_dir() else {}  # an installed service has none
    return beside | {name: value for name, value in environ.items() if value}


def _parser(program: str, environ: Mapping[str, str]) -> argparse.ArgumentParser:
    given = _given(environ)
    parser = argparse.ArgumentParser(
        prog=program,
        description="Answers questions from a folder of documents, with citations; a flag beats its variable",
        epilog=SECRETS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_version(parser)
    parser.add_argument(
        "--host", default=given.get("QA_HOST", "127.0.0.1"), help="address to listen on [QA_HOST; 127.0.0.1]"
    )
    parser.add_argument(
        "--port", type=_port, default=given.get("QA_PORT", "8000"), help="port, 0 for any that is free [QA_PORT; 8000]"
    )
    add_corpus_options(parser, given)
    add_edge_options(parser, given)
    return parser


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) <= 65535):
        raise argparse.ArgumentTypeError(f"the port must be a number from 0 to 65535, not {text!r}")
    return int(text)


def _live(options: argparse.Namespace, config: Config) -> tuple[Service, Watcher]:
    """The service of the folder the options name, and what makes it keep up with the folder once it is started."""
    source = Source(options)
    service = Service(first_snapshot(source.engine()), source.engine_after)
    return service, Watcher(service, source.signature, config.watch_seconds)


def _stop_on_signals(server: Server, service: Service) -> None:
    """The first signal lets the server finish its work, the second ends the process at once."""

    def stop(number: int, frame: FrameType | None) -> None:
        if service.draining:
            os._exit(128 + number)
        server.stop()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)


def _announce(service: Service, bound: socket.socket) -> None:
    engine = service.current().engine
    for file in engine.corpus.skipped:
        logger.warning("skipped %s: %s", file.path, file.reason)
    what = f"{counted(len(engine.corpus.documents), 'document')}, {counted(len(engine.passages), 'passage')}"
    print(f"Serving {what} on {url_of(bound)} (Ctrl-C stops)", flush=True)


def _refuse(program: str, sentence: str) -> int:
    print(f"{program}: {sentence}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    main()
