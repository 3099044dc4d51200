"""What is told of a request when it is over, to the log and to the metrics: never its path, which may hold anything.

A request is told of by the rule its address matched and by a method that is known, so that no client can make up names.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

from flask import Flask, Response, g, request

from qa.records import Answer

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT"})


@dataclass(frozen=True, slots=True)
class Account:
    """A request that was answered with `status`; `problem` is the code of an error.

    `question` and `answer` are what the engine was asked and said, None where it was not.
    """

    route: str
    method: str
    status: int
    seconds: float
    problem: str | None
    question: str | None
    answer: Answer | None


def register(app: Flask, *tell: Callable[[Account], None]) -> None:
    """Has every request of `app` told to each of `tell`; registered before all others, it sees the whole of it."""

    @app.before_request
    def begin() -> None:
        g.began = time.perf_counter()

    @app.after_request
    def end(response: Response) -> Response:
        account = Account(
            route=request.url_rule.rule if request.url_rule else "unmatched",
            method=request.method if request.method in METHODS else "other",
            status=response.status_code,
            seconds=time.perf_counter() - g.began,
            problem=g.get("problem"),
            question=g.get("question"),
            answer=g.get("answer"),
        )
        for each in tell:
            each(account)
        return response


def note_problem(code: str) -> None:
    """Adds the code of the error that this request is answered with."""
    g.problem = code


def note_question(question: str) -> None:
    """Adds what the engine is asked for this request."""
    g.question = question


def note_answer(answer: Answer) -> None:
    """Adds what the engine says."""
    g.answer = answer
