"""The options that the server and the command line share, and the engine they describe.

A flag beats the environment, and an empty variable counts as unset. A variable's value goes through the same check as
the flag's.
"""

import argparse
from collections.abc import Mapping
from pathlib import Path

from qa.engine import Engine
from qa.errors import CorpusError


def add_corpus_options(parser: argparse.ArgumentParser, environ: Mapping[str, str]) -> None:
    """Adds `--corpus` and `--strict`, whose defaults are QA_CORPUS and QA_STRICT."""
    parser.add_argument(
        "--corpus",
        metavar="FOLDER",
        default=environ.get("QA_CORPUS") or "corpus",
        help="folder with the documents, *.txt and *.md [QA_CORPUS; corpus]",
    )
    parser.add_argument(
        "--strict",
        action="store_true",
        default=bool(environ.get("QA_STRICT")),
        help="refuse a folder with a file that has to be skipped [QA_STRICT]",
    )


def engine_from(options: argparse.Namespace) -> Engine:
    """The engine of the folder the options name; CorpusError when it cannot be served, or with `--strict` not whole."""
    engine = Engine.from_folder(Path(options.corpus))
    skipped = engine.corpus.skipped
    if options.strict and skipped:
        raise CorpusError(
            f"{options.corpus}/{skipped[0].path}", f"{skipped[0].reason}; mend it or start without --strict"
        )
    return engine
