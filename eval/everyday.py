"""Questions about everything else are put to services that should refuse every one of them.

In: a file of questions without evidence, and services by name. Out: for each service the share that it refused, and
what it answered all the same. The file knows none of the documents: it was written by somebody who had not seen them.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.progress import Progress

from eval.bootstrap import Figure, mean
from eval.errors import EvaluationError
from eval.questions import Question, read_questions
from eval.results import Json, figure_json
from eval.services import Service
from eval.summary import ALL
from eval.tables import Table, shown

TITLE = "Everyday questions, which the documents do not answer"


@dataclass(frozen=True, slots=True)
class Everyday:
    """What a service, by `name`, made of each question: its confidence where it answered, None where it refused."""

    name: str
    asked: tuple[tuple[Question, float | None], ...]

    @property
    def refused(self) -> dict[str, Figure]:
        """The share refused of all questions, and of each kind."""
        kinds = dict.fromkeys(question.kind for question, _ in self.asked)
        return {
            kind: mean([float(answered is None) for question, answered in self.asked if kind in (ALL, question.kind)])
            for kind in (ALL, *kinds)
        }

    @property
    def answered(self) -> list[tuple[float, str]]:
        """The questions answered all the same with the confidence, the surest first."""
        return sorted(
            ((confidence, question.question) for question, confidence in self.asked if confidence is not None),
            reverse=True,
        )


def ask_everyday(path: Path, services: Mapping[str, Service], progress: Progress) -> tuple[Everyday, ...]:
    """The questions of the file put to each service; EvaluationError for a question with evidence."""
    questions = read_questions(path)
    for question in questions:
        if question.is_answerable:
            raise EvaluationError(
                f"{path}, line {question.line}: no document answers an everyday question; leave evidence empty"
            )
    return tuple(
        Everyday(name, tuple(_asked(service, questions, progress, name))) for name, service in services.items()
    )


def _asked(
    service: Service, questions: Sequence[Question], progress: Progress, name: str
) -> list[tuple[Question, float | None]]:
    asked = []
    for question in progress.track(questions, description=f"everyday questions, {name}"):
        reply = service.ask(question.question)
        asked.append((question, reply.confidence if reply.status == "answered" else None))
    return asked


def everyday_tables(everyday: Sequence[Everyday]) -> tuple[Table, ...]:
    """The shares refused, a row for each service, and for each service what it answered."""
    kinds = list(everyday[0].refused)
    rows = [(each.name, str(len(each.asked)), *(shown(each.refused[kind]) for kind in kinds)) for each in everyday]
    refused = Table(
        "Refused, by kind of question",
        ("documents", "n", *kinds),
        tuple(rows),
        "In brackets the 95 % bootstrap interval.",
    )
    answered = (
        Table(
            f"Answered all the same, {each.name}",
            ("question", "confidence"),
            tuple((question, f"{confidence:.2f}") for confidence, question in each.answered),
        )
        for each in everyday
    )
    return refused, *answered


def everyday_json(everyday: Sequence[Everyday]) -> Json:
    """The shares refused, by service and kind."""
    return {each.name: {kind: figure_json(figure) for kind, figure in each.refused.items()} for each in everyday}


def everyday_rows(everyday: Sequence[Everyday]) -> str:
    """A line of JSON for each question and service; `confidence` is null where it refused."""
    rows = (
        {
            "documents": each.name,
            "id": question.id,
            "kind": question.kind,
            "question": question.question,
            "confidence": None if confidence is None else round(confidence, 4),
        }
        for each in everyday
        for question, confidence in each.asked
    )
    return "".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in rows)
