"""The options that the server and the command line share, and the engines they describe.

A flag beats the environment, and an empty variable counts as unset. A variable's value goes through the same check as
the flag's.
"""

import argparse
import hashlib
import importlib
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from qa.documents import read_corpus, signature
from qa.engine import Encode, Engine
from qa.errors import CorpusError, ModelError
from qa.flags import switch
from qa.meaning import Meaning
from qa.settings import Settings


def add_corpus_options(parser: argparse.ArgumentParser, environ: Mapping[str, str]) -> None:
    """Adds `--corpus`, `--strict`, `--semantic` and `--cache`, whose defaults are QA_CORPUS and so on."""
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
    parser.add_argument(
        "--semantic",
        metavar="MODEL",
        default=environ.get("QA_SEMANTIC") or "off",
        help="find what is near in meaning too, by this model (a name or a folder) [QA_SEMANTIC; off]",
    )
    parser.add_argument(
        "--cache",
        metavar="FOLDER",
        default=environ.get("QA_CACHE") or "~/.cache/cited-answers",
        help="where models and vectors are kept [QA_CACHE; ~/.cache/cited-answers]",
    )
    strict.type = switch("QA_STRICT")  # argparse checks a default that is a string, and only when the flag is not given


class Source:
    """The folder and the model that the options name, for engines of what the folder holds at the moment."""

    def __init__(self, options: argparse.Namespace) -> None:
        """Loads the model, which all engines share; ModelError when it is not there."""
        self._folder = _folder(options.corpus)
        self._strict: bool = options.strict
        self._encode = _encode(options) if options.semantic != "off" else None

    def signature(self) -> object:
        """What the file system says of the folder, equal as long as nothing in it has changed."""
        return signature(self._folder, Settings())

    def engine(self) -> Engine:
        """A new engine; CorpusError when the folder cannot be served, or with `--strict` not whole."""
        return self.engine_after(None)

    def engine_after(self, engine: Engine | None) -> Engine:
        """`engine` itself when the folder holds what it was made of, else a new one; CorpusError as for a new one.

        A file that was only touched costs the reading and no index.
        """
        try:
            corpus = read_corpus(self._folder, Settings())
            if engine and corpus == engine.corpus:
                return engine
            engine = Engine.from_corpus(corpus, Settings(), self._encode)
        except MemoryError as error:
            raise CorpusError(
                str(self._folder), "needs more memory than there is; serve a smaller folder or allow more memory"
            ) from error
        skipped = corpus.skipped
        if self._strict and skipped:
            raise CorpusError(
                str(self._folder / skipped[0].path), f"{skipped[0].reason}; mend it or start without --strict"
            )
        return engine


def engine_from(options: argparse.Namespace) -> Engine:
    """The engine the options describe.

    Raises CorpusError when the folder cannot be served, or with `--strict` not whole, and ModelError when the model of
    `--semantic` is not there.
    """
    return Source(options).engine()


def models_folder(options: argparse.Namespace) -> Path:
    """Where fetched models are kept."""
    return _folder(options.cache) / "models"


def encoder_module(model: str) -> Any:
    """The module qa.encoder, imported only when somebody wants a model; ModelError when its library is missing."""
    try:
        return importlib.import_module("qa.encoder")
    except ImportError as error:
        raise ModelError(model, "needs the semantic extra (pip install '.[semantic]')") from error


def _encode(options: argparse.Namespace) -> Encode:
    encoder = encoder_module(options.semantic).FastembedEncoder(options.semantic, models_folder(options))
    vectors, folder = _folder(options.cache) / "vectors", _folder(options.corpus)

    def encode(passages: Sequence[str], sentences: Sequence[str]) -> Meaning:
        return Meaning(encoder, passages, sentences, vectors / _cache_name(folder), _show_progress)

    return encode


def _cache_name(corpus: Path) -> str:
    """The name of the folder with the vectors of one corpus; in a common one they would drive each other out.

    Links in the name of the corpus are not followed, so that who turns a link to a new corpus keeps the vectors of what
    stayed the same.
    """
    return hashlib.sha256(os.fsencode(os.path.abspath(corpus))).hexdigest()[:16]


def _show_progress(n_done: int, n_texts: int) -> None:
    """Counts on a terminal what has been encoded; a log is not filled with it."""
    if sys.stderr is not None and sys.stderr.isatty():  # it is None where the caller closed it
        end = "\n" if n_done == n_texts else ""
        print(f"\rencoded {n_done:,} of {n_texts:,} texts", end=end, file=sys.stderr, flush=True)


def _folder(name: str) -> Path:
    """The folder with this name, where a `~` that no shell has read means the home folder."""
    try:
        return Path(name).expanduser()
    except RuntimeError as error:
        raise CorpusError(name, "begins with the home folder of nobody; write the whole path") from error
