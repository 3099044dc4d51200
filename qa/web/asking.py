"""The one place where the edge asks the engine: so many questions at once, one more is refused, each with a deadline.

A refusal comes at once and never waits for a turn: whoever is told soon that there is too much to do can come back.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask, current_app

from qa.records import Answer
from qa.web.config import config, config_of
from qa.web.problems import Problem
from qa.web.service import snapshot
from qa.wire import AskRequest

_KEY = "qa.turns"


def register(app: Flask) -> None:
    """Gives `app` as many turns as its Config says."""
    app.extensions[_KEY] = threading.BoundedSemaphore(config_of(app).max_in_flight)


@contextmanager
def turn() -> Iterator[None]:
    """A turn among the questions that are worked on; Problem when all are taken."""
    turns: threading.BoundedSemaphore = current_app.extensions[_KEY]
    if not turns.acquire(blocking=False):
        raise Problem("overloaded", "too many questions are being answered just now; ask again in a second")
    try:
        yield
    finally:
        turns.release()


def answered(request: AskRequest) -> tuple[Answer, float]:
    """The answer to `request` and the milliseconds it took.

    Raises Problem when there is no turn, UnknownDocument, and TimeoutError past the deadline.
    """
    with turn():
        began = time.perf_counter()
        deadline_ms = config().deadline_ms

        def tick() -> None:
            if _ms_since(began) > deadline_ms:
                raise TimeoutError(f"the question was not answered within {deadline_ms} ms")

        answer = snapshot().engine.ask(request.question, request.top_k, request.documents, tick)
        return answer, _ms_since(began)


def _ms_since(moment: float) -> float:
    return (time.perf_counter() - moment) * 1000
