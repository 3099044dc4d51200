"""The one place where the edge asks the engine: so many questions at once, each with a deadline.

Some are worked on, some wait for their turn, and one more than that is refused at once: whoever is told soon that there
is too much to do can come back. Documents that are read have places and turns of their own, so that neither those who
ask nor those who read keep the others out.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

from flask import Flask, current_app
from prometheus_client import Gauge

from qa.records import Answer
from qa.web.accounts import note_answer, note_question
from qa.web.config import config, config_of
from qa.web.metrics import metrics
from qa.web.problems import Problem
from qa.web.service import snapshot
from qa.wire import AskRequest

_KEY = "qa.turns"
_DOCUMENTS_KEY = "qa.document_turns"


def register(app: Flask) -> None:
    """Gives `app` as many places and turns as its Config says."""
    limits = config_of(app)
    max_wait_ms = limits.deadline_ms // 2  # whoever gets a turn has time left to use it
    app.extensions[_KEY] = Turns(
        limits.max_in_flight, limits.max_at_work, max_wait_ms, "too many questions are being answered"
    )
    app.extensions[_DOCUMENTS_KEY] = Turns(
        limits.max_documents_in_flight,
        limits.max_documents_at_work,
        max_wait_ms,
        "too many documents are being read",
    )


class Turns:
    """Places for `max_in_flight` requests, of which `max_at_work` are worked on and the others wait for their turn."""

    def __init__(self, max_in_flight: int, max_at_work: int, max_wait_ms: int, busy: str) -> None:
        """Who is refused is told that the service is `busy`."""
        self._places = threading.BoundedSemaphore(max_in_flight)
        self._turns = threading.BoundedSemaphore(max_at_work)
        self._max_wait_seconds = max_wait_ms / 1000
        self._busy = busy

    @contextmanager
    def one(self, in_flight: Gauge) -> Iterator[None]:
        """A turn; Problem at once when no place is left, and when the turn does not come in time."""
        with (
            self._taken(self._places, 0),
            in_flight.track_inprogress(),
            self._taken(self._turns, self._max_wait_seconds),
        ):
            yield

    @contextmanager
    def _taken(self, semaphore: threading.BoundedSemaphore, max_wait_seconds: float) -> Iterator[None]:
        if not semaphore.acquire(timeout=max_wait_seconds):
            raise Problem("overloaded", f"{self._busy} just now; ask again in a second")
        try:
            yield
        finally:
            semaphore.release()


def turn() -> AbstractContextManager[None]:
    """A turn among the questions to this application; entering it raises Problem when there is too much to do."""
    turns: Turns = current_app.extensions[_KEY]
    return turns.one(metrics().in_flight)


def document_turn() -> AbstractContextManager[None]:
    """A turn among those who read a document; entering it raises Problem when there is too much to do."""
    turns: Turns = current_app.extensions[_DOCUMENTS_KEY]
    return turns.one(metrics().documents_in_flight)


def answered(request: AskRequest) -> tuple[Answer, float]:
    """The answer to `request` and the milliseconds it took.

    Raises UnknownDocument, and Problem when there is too much to do or the deadline has passed.
    """
    note_question(request.question)
    deadline_ms = config().deadline_ms
    ends = time.perf_counter() + deadline_ms / 1000

    def tick() -> None:
        if time.perf_counter() > ends:
            raise TimeoutError

    with turn():
        began = time.perf_counter()
        try:
            answer = snapshot().engine.ask(request.question, request.top_k, request.documents, tick)
        except TimeoutError as error:
            raise Problem(
                "unavailable",
                f"the question was not answered within {deadline_ms} ms; ask it in fewer or plainer words",
            ) from error
        took_ms = (time.perf_counter() - began) * 1000
    note_answer(answer)
    return answer, took_ms
