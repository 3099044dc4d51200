"""A real server, in a process of its own or in this one, and the bytes and requests that tests send it."""

import contextlib
import http.client
import os
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import IO, Any

from qa.web import Config, application
from qa.web.serving import Server, bound_socket
from tests.web_support import FakeEngine, service_of

ROOT = Path(__file__).resolve().parent.parent
READY = re.compile(
    r"Serving ([\d,]+) documents?, ([\d,]+) passages? on http://(127\.0\.0\.1|\[::1\]):(\d+) \(Ctrl-C stops\)\n"
)

# The real server, made slow: each question takes the seconds of the first argument; the second is the grace time.
SLOW = """
import sys, time
from qa.engine import Engine
from qa.web import serving
import server
seconds, serving.GRACE_SECONDS = float(sys.argv.pop(1)), float(sys.argv.pop(1))
ask = Engine.ask
def slow(*arguments, **named):
    time.sleep(seconds)
    return ask(*arguments, **named)
Engine.ask = slow
server.main()
"""

JSON_POST = b"POST /ask HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
CLOSE = b"Connection: close\r\n"
HELLO = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n" + CLOSE + b"\r\n"


class ServerProcess(subprocess.Popen[str]):
    """A server process; `line` is what it said when it was ready."""

    line: re.Match[str]


def environment(**variables: str) -> dict[str, str]:
    """The environment of this process without the settings of the service, but with those given."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("QA_")}
    return {**kept, "PYTHONPATH": f"{ROOT / 'tests' / 'without'}{os.pathsep}{ROOT}", **variables}


@contextlib.contextmanager
def running(
    *arguments: str,
    program: tuple[str, ...] = (str(ROOT / "server.py"),),
    cwd: Path = ROOT,
    stderr: IO[str] | int = subprocess.PIPE,
    **variables: str,
) -> Iterator[tuple[ServerProcess, int]]:
    """A server process and its port; killed at the end if it has not stopped by then.

    A pipe that nobody reads holds some hundred lines of its log, so whoever asks more gives a file as `stderr`.
    """
    process = ServerProcess(
        [sys.executable, *program, *arguments],
        stdout=subprocess.PIPE,
        stderr=stderr,
        text=True,
        cwd=cwd,
        env=environment(**variables),
    )
    try:
        line = process.stdout.readline()
        match = READY.fullmatch(line)
        assert match, line + (process.stderr.read() if process.poll() is not None and process.stderr else "")
        process.line = match
        yield process, int(match[4])
    finally:
        process.kill()
        process.communicate()


def slow(
    seconds: float, *arguments: str, grace: float = 8.0, stderr: IO[str] | int = subprocess.PIPE
) -> AbstractContextManager[tuple[ServerProcess, int]]:
    """A server whose questions take `seconds` longer, and which stops within `grace` seconds."""
    return running("--port", "0", *arguments, program=("-c", SLOW, str(seconds), str(grace)), stderr=stderr)


@contextlib.contextmanager
def served(engine: FakeEngine | None = None, **settings: Any) -> Iterator[int]:
    """The port of a server in this process, which answers from `engine`, by the settings that differ."""
    service = service_of(engine or FakeEngine())
    bound = bound_socket("127.0.0.1", 0)
    server = Server(application(service, Config(**settings)), service, bound)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        yield bound.getsockname()[1]
    finally:
        server.stop()
        thread.join()


def free_port() -> int:
    """A port that nobody listened on a moment ago."""
    with socket.create_server(("127.0.0.1", 0)) as bound:
        number: int = bound.getsockname()[1]
        return number


def get(port: int, path: str, host: str = "127.0.0.1") -> tuple[http.client.HTTPResponse, bytes]:
    """The answer to one GET on a connection of its own, and its body."""
    connection = http.client.HTTPConnection(host, port, timeout=20)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        return response, response.read()
    finally:
        connection.close()


def exchange(port: int, request: bytes, timeout: float = 10.0) -> bytes:
    """Everything the server sends until it closes the connection."""
    with socket.create_connection(("127.0.0.1", port), timeout) as connection:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            connection.sendall(request)
        return read_all(connection)


def read_all(connection: socket.socket) -> bytes:
    """Everything that comes until the connection is closed or reset."""
    received = b""
    with contextlib.suppress(ConnectionResetError):
        while data := connection.recv(65536):
            received += data
    return received


def status(answer: bytes) -> int:
    """The status of an answer as it came over the wire."""
    return int(answer.split(b" ", 2)[1])
