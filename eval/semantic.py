"""The semantic mode of the evaluation: a model becomes what gives an engine its meaning.

The only place here that reaches behind qa's public names: the service chooses its mode when it starts, an evaluation
needs both modes in one process. The libraries of the encoder are loaded when a model is asked for and never before.
"""

import argparse
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from rich.progress import Progress

from eval.errors import EvaluationError
from qa.engine import Encode
from qa.meaning import Meaning
from qa.vectors import Encoder


@dataclass(frozen=True, slots=True)
class Semantic:
    """A loaded encoder, and the folder under which it keeps vectors."""

    encoder: Encoder
    cache: Path

    @property
    def model(self) -> str:
        """What a person calls the model."""
        return self.encoder.name

    def encode_for(self, source: Path, progress: Progress) -> Encode:
        """What makes the Meaning of the corpus at `source`, whose vectors are kept apart from those of others.

        A cache holds only what it was last asked for, so two corpora in one folder would drive each other out.
        """
        cache = self.cache / hashlib.sha256(str(source.resolve()).encode()).hexdigest()[:16]

        def encode(passages: Sequence[str], sentences: Sequence[str]) -> Meaning:
            task = progress.add_task(f"{self.model}, {source.name}", total=len(passages) + len(sentences))

            def report(n_done: int, n_all: int) -> None:
                progress.update(task, completed=n_done, total=n_all)

            meaning = Meaning(self.encoder, passages, sentences, cache, report)
            progress.remove_task(task)
            return meaning

        return encode


def add_semantic_options(parser: argparse.ArgumentParser, help_text: str) -> None:
    """Adds `--semantic`, which `help_text` explains, and where its files are."""
    parser.add_argument("--semantic", metavar="MODEL", help=f"{help_text}; a folder with a model, or its name")
    parser.add_argument(
        "--cache",
        type=Path,
        metavar="DIR",
        default=Path("~/.cache/cited-answers"),
        help="where models and vectors are kept, as the service has it [~/.cache/cited-answers]",
    )


def load_semantic(options: argparse.Namespace) -> Semantic:
    """The semantic mode of the model that the options name.

    Raises EvaluationError when its libraries are not installed, and ModelError for a model that cannot be loaded.
    """
    try:
        module = import_module("qa.encoder")
    except ModuleNotFoundError as error:
        raise EvaluationError(
            f"--semantic {options.semantic}: {error.name} is not installed; `pip install .[semantic]` brings it"
        ) from error
    cache = options.cache.expanduser()
    return Semantic(module.FastembedEncoder(options.semantic, cache / "models"), cache / "vectors")
