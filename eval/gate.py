"""Today's figures against those recorded: a fall fails, a rise asks to be recorded.

In: the figures of the test split and `expected.toml`. After the regression tests of Anserini, which keep the expected
value beside each command. Values hold for one corpus and one set of questions only, so both are recorded with them.
"""

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from eval.bootstrap import Figure
from eval.errors import EvaluationError
from eval.summary import GATED

# Figures are recorded with four decimals.
_ROUNDING = 0.00005


@dataclass(frozen=True, slots=True)
class Expected:
    """The value a figure had when it was recorded, and how far it may fall."""

    value: float
    tolerance: float


@dataclass(frozen=True, slots=True)
class Record:
    """What was recorded, for which corpus and questions, at which commit; figures by name."""

    fingerprint: str
    questions_sha256: str
    commit: str
    figures: Mapping[str, Expected]


@dataclass(frozen=True, slots=True)
class Verdict:
    """A sentence for each figure that fell beyond its tolerance, and for each that rose."""

    falls: tuple[str, ...]
    rises: tuple[str, ...]


def read_record(path: Path) -> Record:
    """The record in the file; EvaluationError when it cannot be read or lacks something."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        figures = {
            name: Expected(float(entry["value"]), float(entry["tolerance"])) for name, entry in table["test"].items()
        }
        return Record(str(table["fingerprint"]), str(table["questions_sha256"]), str(table["commit"]), figures)
    except OSError as error:
        raise EvaluationError(f"{path}: cannot be read ({error.strerror}); record the figures with --record") from error
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
        raise EvaluationError(f"{path}: is no record of figures ({error}); record them anew with --record") from error


def judge(record: Record, figures: Mapping[str, Figure], fingerprint: str, questions_sha256: str) -> Verdict:
    """The verdict on `figures`, by name.

    A figure without a value any more fell. Raises EvaluationError when they cannot be compared: another corpus, other
    questions, or a recorded figure that is not measured.
    """
    for name, recorded, found in (
        ("corpus", record.fingerprint, fingerprint),
        ("set of questions", record.questions_sha256, questions_sha256),
    ):
        if recorded != found:
            raise EvaluationError(
                f"the {name} is not the one the figures were recorded for ({found[:12]}, not {recorded[:12]}); "
                "read the report, then record its figures with --record"
            )
    unknown = record.figures.keys() - {gated.name for gated in GATED}
    if unknown or not record.figures:
        raise EvaluationError(f"the figures recorded are not those measured ({', '.join(unknown)}); use --record")
    falls: list[str] = []
    rises: list[str] = []
    for gated in GATED:
        expected, value = record.figures.get(gated.name), figures[gated.name].value
        if expected is None:
            if not math.isnan(value):
                rises.append(f"{gated.name} has a value for the first time: {value:.4f}")
        elif math.isnan(value):
            falls.append(f"{gated.name} {expected.value:.4f} -> no value, as there is no question left to take it from")
        else:
            gain = (value - expected.value) * (1 if gated.more_is_better else -1)
            change = f"{gated.name} {expected.value:.4f} -> {value:.4f}"
            if gain < -expected.tolerance - _ROUNDING:
                falls.append(f"{change}, worse by more than {expected.tolerance}")
            elif gain > _ROUNDING:
                rises.append(change)
    return Verdict(tuple(falls), tuple(rises))


def new_record(
    figures: Mapping[str, Figure], fingerprint: str, questions_sha256: str, commit: str, old: Record | None
) -> Record:
    """The record of today's figures, those without a value left out.

    Tolerances are kept from `old`; a figure it does not have may fall by one question.
    """
    kept = old.figures if old else {}
    return Record(
        fingerprint,
        questions_sha256,
        commit,
        {
            gated.name: Expected(
                round(figures[gated.name].value, 4),
                kept[gated.name].tolerance if gated.name in kept else one_question(figures[gated.name].n),
            )
            for gated in GATED
            if not math.isnan(figures[gated.name].value)
        },
    )


def one_question(n: int) -> float:
    """What one of `n` questions is worth, rounded up to three decimals; 1 for no question."""
    return math.ceil(1_000 / n) / 1_000 if n else 1.0


def record_toml(record: Record) -> str:
    """The record as it stands in the file."""
    figures = "\n".join(
        f'"{name}" = {{ value = {expected.value}, tolerance = {expected.tolerance} }}'
        for name, expected in record.figures.items()
    )
    return f"""\
# What `make eval` must reach on the test split. A fall beyond the tolerance, which is about one question, fails;
# a rise is recorded with `python eval/evaluate.py --record`.
fingerprint = "{record.fingerprint}"
questions_sha256 = "{record.questions_sha256}"
commit = "{record.commit}"

[test]
{figures}
"""
