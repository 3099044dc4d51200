"""What stops an evaluation; each message names the thing, the value and the way out. The command exits with 2.

EvaluationError
└── QuestionFileError   the question file breaks its format, or quotes what no document says
"""

from collections.abc import Sequence
from dataclasses import dataclass


class EvaluationError(Exception):
    """Something is broken, so that no figure can be trusted."""


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """A line of a question file, the field there that breaks its rule, and how; `field` is empty for a whole line."""

    line: int
    field: str
    message: str


class QuestionFileError(EvaluationError):
    """The question file at `path` has `faults`, at least one, in the order of their lines."""

    def __init__(self, path: str, faults: Sequence[Fault]) -> None:
        super().__init__("\n".join(_sentence(path, fault) for fault in faults))
        self.path = path
        self.faults = tuple(faults)


def _sentence(path: str, fault: Fault) -> str:
    field = f"field {fault.field}: " if fault.field else ""
    return f"{path}:{fault.line}: {field}{fault.message}"
