"""The one place where the edge asks the engine: so many questions at once, each with a deadline.

Some are worked on, some wait for their turn, and one more than that is refused at once: whoever is told soon that there
is too much to do can come back.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

from flask import Flask, current_app

from qa.records import Answer
from qa.web.accounts import note_answer, note_question
from qa.web.config import config, config_of
from qa.web.metrics import metrics
from qa.web.problems import Problem
from qa.web.service import snapshot
from qa.wire import AskRequest

_KEY = "qa.turns"


def register(app: Flask) -> None:
    """Gives `app` as many places and turns as its Config says."""
    limits = config_of(app)
    app.extensions[_KEY] = Turns(limits.max_in_flight, limits.max_at_work, limits.deadline_ms / 1000)


class Turns:
    """Places for `max_in_flight` questions, of which `max_at_work` are worked on and the others wait for their turn."""

    def __init__(self, max_in_flight: int, max_at_work: int, max_wait_seconds: float) -> None:
        self._places = threading.BoundedSemaphore(max_in_flight)
        self._turns = threading.BoundedSemaphore(max_at_work)
        self._max_wait_seconds = max_wait_seconds

    @contextmanager
    def one(self) -> Iterator[None]:
        """A turn; Problem at once when no place is left, and when the turn does not come in time."""
        in_flight = metrics().in_flight
        with _taken(self._places, 0), in_flight.track_inprogress(), _taken(self._turns, self._max_wait_seconds):
            yield


@contextmanager
def _taken(semaphore: threading.BoundedSemaphore, max_wait_seconds: float) -> Iterator[None]:
    if not semaphore.acquire(timeout=max_wait_seconds):
        raise Problem("overloaded", "too many questions are being answered just now; ask again in a second")
    try:
        yield
    finally:
        semaphore.release()


def turn() -> AbstractContextManager[None]:
    """A turn among the questions to this application; entering it raises Problem when there is too much to do."""
    turns: Turns = current_app.extensions[_KEY]
    return turns.one()


def answered(request: AskRequest) -> tuple[Answer, float]:
    """The answer to `request` and the milliseconds it took.

    Raises Problem when there is too much to do, UnknownDocument, and TimeoutError past the deadline.
    """
    note_question(request.question)
    with turn():
        began = time.perf_counter()
        deadline_ms = config().deadline_ms

        def tick() -> None:
            if _ms_since(began) > deadline_ms:
                raise TimeoutError(f"the question was not answered within {deadline_ms} ms")

        answer = snapshot().engine.ask(request.question, request.top_k, request.documents, tick)
        took_ms = _ms_since(began)
    note_answer(answer)
    return answer, took_ms


def _ms_since(moment: float) -> float:
    return (time.perf_counter() - moment) * 1000
