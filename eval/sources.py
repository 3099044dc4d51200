"""What is evaluated when nothing else is named: the project's own questions, and those on the second corpus."""

from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CORPUS = ROOT / "corpus"
QUESTIONS = ROOT / "eval" / "questions.jsonl"
EVERYDAY = ROOT / "eval" / "everyday.jsonl"
EXPECTED = ROOT / "eval" / "expected.toml"
RESULTS = ROOT / "eval" / "results"
_SECOND = ROOT / "eval" / "second"


@dataclass(frozen=True, slots=True)
class Source:
    """A set of questions on a folder of documents, and where its results are kept; None prints them only."""

    title: str
    corpus: Path
    questions: Path
    results: Path | None


def second_source(title: str, results: Path | None) -> Source:
    """The second corpus, whose results are kept in a folder of `results`."""
    return Source(title, _SECOND / "corpus", _SECOND / "questions.jsonl", results / "second" if results else None)


def shown_path(path: Path) -> str:
    """The path as seen from the project's root, so that a report does not depend on where it was made."""
    resolved = path.resolve()
    return str(resolved.relative_to(ROOT)) if resolved.is_relative_to(ROOT) else path.name
