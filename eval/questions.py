"""A question file becomes Questions.

In: a file of JSON lines, one question each; README.md beside this module describes the fields. Out: the questions in
the order of the file. A file with a fault is refused whole, with every fault named by line and field.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from eval.errors import EvaluationError, Fault, QuestionFileError

Split = Literal["dev", "test"]

_REQUIRED = ("id", "question", "evidence")
_FIELDS = ("id", "kind", "split", "question", "evidence", "note")
_EVIDENCE_FIELDS = ("document", "quote", "grade")
_GRADES = (1, 2)


@dataclass(frozen=True, slots=True)
class Evidence:
    """Verbatim text of a document that answers a question: fully (grade 2) or partly (grade 1)."""

    document: str
    quote: str
    grade: int


@dataclass(frozen=True, slots=True)
class Question:
    """One question as a person wrote it; without evidence the documents do not answer it. `line` is where it stands."""

    id: str
    kind: str
    split: str
    question: str
    evidence: tuple[Evidence, ...]
    line: int
    note: str = ""

    @property
    def is_answerable(self) -> bool:
        """Whether the documents answer it."""
        return bool(self.evidence)


def read_questions(path: Path) -> tuple[Question, ...]:
    """The questions of the file in its order.

    Raises QuestionFileError when a line breaks the format, and EvaluationError when the file cannot be read or holds no
    question.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise EvaluationError(f"{path}: cannot be read ({error}); name a UTF-8 file of JSON lines") from error
    questions: list[Question] = []
    faults: list[Fault] = []
    first_lines: dict[str, int] = {}
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        fields, new = _fields(line, number)
        if not new:
            question_id = str(fields["id"])
            first = first_lines.setdefault(question_id, number)
            if first != number:
                new = [Fault(number, "id", f"{question_id!r} stands in line {first} already; ids are unique")]
        faults += new
        if not new:
            questions.append(_question(fields, number))
    if faults:
        raise QuestionFileError(str(path), faults)
    if not questions:
        raise EvaluationError(f"{path}: holds no question; write one JSON object a line")
    return tuple(questions)


def _fields(line: str, number: int) -> tuple[Mapping[str, object], list[Fault]]:
    """The object of one line and its faults."""
    try:
        value = json.loads(line)
    except json.JSONDecodeError as error:
        return {}, [Fault(number, "", f"is not JSON: {error.msg} at column {error.colno}")]
    except RecursionError:
        return {}, [Fault(number, "", "is nested too deeply")]
    if not isinstance(value, dict):
        return {}, [Fault(number, "", "must be a JSON object with id, question and evidence")]
    return value, [Fault(number, field, message) for field, message in _faults(value)]


def _faults(value: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """Each field of a question that breaks its rule, and how."""
    for name in _REQUIRED:
        if name not in value:
            yield name, "is missing"
    for name in value:
        if name not in _FIELDS:
            yield name, f"is unknown; known are {', '.join(_FIELDS)}"
    for name in ("id", "kind", "question"):
        if name in value and not _is_text(value[name]):
            yield name, f"must be a string that is not blank, not {value[name]!r}"
    for name in ("id", "kind"):
        if _is_text(value.get(name)) and len(str(value[name]).split()) != 1:
            yield name, f"must hold no blanks, not {value[name]!r}; it becomes a column of the TREC files"
    if "split" in value and value["split"] not in get_args(Split):
        yield "split", f"must be one of {', '.join(get_args(Split))}, not {value['split']!r}"
    if "note" in value and not isinstance(value["note"], str):
        yield "note", f"must be a string, not {value['note']!r}"
    if "evidence" in value:
        yield from _evidence_faults(value["evidence"])


def _evidence_faults(value: object) -> Iterator[tuple[str, str]]:
    if not isinstance(value, list):
        yield "evidence", f"must be a list, empty for a question without an answer, not {value!r}"
        return
    for number, evidence in enumerate(value):
        place = f"evidence[{number}]"
        if not isinstance(evidence, dict):
            yield place, f"must be an object with {', '.join(_EVIDENCE_FIELDS)}, not {evidence!r}"
            continue
        for name in _EVIDENCE_FIELDS:
            if name not in evidence:
                yield f"{place}.{name}", "is missing"
        for name in evidence:
            if name not in _EVIDENCE_FIELDS:
                yield f"{place}.{name}", f"is unknown; known are {', '.join(_EVIDENCE_FIELDS)}"
        for name in ("document", "quote"):
            if name in evidence and not _is_text(evidence[name]):
                yield f"{place}.{name}", f"must be a string that is not blank, not {evidence[name]!r}"
        grade = evidence.get("grade", _GRADES[0])
        if type(grade) is not int or grade not in _GRADES:
            yield f"{place}.grade", f"must be 1 (answers partly) or 2 (answers fully), not {grade!r}"


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _question(fields: Mapping[str, object], line: int) -> Question:
    """The record of an object without faults; an absent kind or split gets its default."""
    listed = fields["evidence"]
    evidence = listed if isinstance(listed, list) else []
    return Question(
        id=str(fields["id"]),
        kind=str(fields.get("kind", "answerable" if evidence else "unanswerable")),
        split=str(fields.get("split", "test")),
        question=str(fields["question"]),
        evidence=tuple(Evidence(item["document"], item["quote"], item["grade"]) for item in evidence),
        line=line,
        note=str(fields.get("note", "")),
    )
