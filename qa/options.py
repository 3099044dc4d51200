"""The options that the server and the command line share, and the engine they describe.

A flag beats the environment, and an empty variable counts as unset. A variable's value goes through the same check as
the flag's.
"""

import argparse
from collections.abc import Mapping
from pathlib import Path

from qa.engine import Engine
from qa.errors import CorpusError

_YES = ("1", "true", "yes")
_NO = ("", "0", "false", "no")


def add_corpus_options(parser: argparse.ArgumentParser, environ: Mapping[str, str]) -> None:
    """Adds `--corpus` and `--strict`, whose defaults are QA_CORPUS and QA_STRICT."""
    parser.add_argument(
        "--corpus",
        metavar="FOLDER",
        default=environ.get("QA_CORPUS") or "corpus",
        help="folder with the documents, *.txt and *.md [QA_CORPUS; corpus]",
    )
    strict = parser.add_argument(
        "--strict",
        action="store_true",
        default=environ.get("QA_STRICT", ""),
        help="refuse a folder with a file that has to be skipped [QA_STRICT=1]",
    )
    strict.type = _is_on  # argparse checks a default that is a string, and only when the flag is not given


def engine_from(options: argparse.Namespace) -> Engine:
    """The engine of the folder the options name; CorpusError when it cannot be served, or with `--strict` not whole."""
    engine = Engine.from_folder(_folder(options.corpus))
    skipped = engine.corpus.skipped
    if options.strict and skipped:
        raise CorpusError(
            f"{options.corpus}/{skipped[0].path}", f"{skipped[0].reason}; mend it or start without --strict"
        )
    return engine


def _folder(name: str) -> Path:
    """The folder with this name, where a `~` that no shell has read means the home folder."""
    try:
        return Path(name).expanduser()
    except RuntimeError as error:
        raise CorpusError(name, "begins with the home folder of nobody; write the whole path") from error


def _is_on(text: str) -> bool:
    """What the text of a variable says that is on or off."""
    if text.lower() in _YES:
        return True
    if text.lower() in _NO:
        return False
    raise argparse.ArgumentTypeError(f"QA_STRICT must be 1, true or yes, or 0, false, no or empty, not {text!r}")
