"""How many questions are answered at once, for how long, and what the others are told."""

import threading
import time

import pytest

from qa.web import Config, application
from tests.waiting import until
from tests.web_support import FakeEngine, client_of, service_of


class HeldEngine(FakeEngine):
    """Holds every question until it is let go."""

    def __init__(self):
        super().__init__()
        self.begun = threading.Semaphore(0)
        self.let_go = threading.Event()

    def ask(self, *arguments):
        self.begun.release()
        self.let_go.wait(10)
        return super().ask(*arguments)


class EndlessEngine(FakeEngine):
    """Works on a question for ever, or as long as a test may take, with a tick before each step."""

    def ask(self, question, top_k, documents, tick):
        ends = time.monotonic() + 10
        while time.monotonic() < ends:
            tick()


def asking(app, engine, n_threads):
    """Threads whose questions the engine has begun to work on."""
    threads = [threading.Thread(target=app.test_client().get, args=("/ask?question=Vasa",)) for _ in range(n_threads)]
    for thread in threads:
        thread.start()
        assert engine.begun.acquire(timeout=10)
    return threads


@pytest.fixture
def held():
    """An application with two places, and its engine while both are taken."""
    engine = HeldEngine()
    app = application(service_of(engine), Config(max_in_flight=2))
    threads = asking(app, engine, 2)
    yield app, engine
    engine.let_go.set()
    for thread in threads:
        thread.join()


@pytest.mark.parametrize("path", ["/ask?question=Vasa", "/?question=Vasa"])
def test_h34_a_question_too_many_is_refused_at_once_and_told_when_to_come_back(held, path):
    app, _ = held
    began = time.monotonic()
    response = app.test_client().get(path, headers={"Accept": "application/json"})
    assert time.monotonic() - began < 1
    assert (response.status_code, response.json["code"], response.headers["Retry-After"]) == (503, "overloaded", "1")
    assert response.json["detail"] == "too many questions are being answered just now; ask again in a second"


def test_h34_verifying_takes_a_turn_too(held):
    app, _ = held
    response = app.test_client().post("/verify", json={"document_id": "vasa", "start": 0, "end": 3, "quote": "The"})
    assert (response.status_code, response.json["code"]) == (503, "overloaded")


def test_h34_a_document_is_shown_without_its_neighbours_while_too_many_ask(held):
    app, engine = held
    path = "/documents/vasa?start=10&end=32&question=Vasa"
    assert "Back to the answer" not in app.test_client().get(path).text
    engine.let_go.set()
    until(lambda: "Back to the answer" in app.test_client().get(path).text)


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/", "/documents", "/documents/vasa"])
def test_h34_what_asks_nothing_is_answered_while_too_many_ask(held, path):
    app, _ = held
    assert app.test_client().get(path).status_code == 200


def test_h34_a_person_keeps_the_question_that_was_refused(held):
    app, _ = held
    response = app.test_client().get("/?question=Which+ship%3F", headers={"Accept": "text/html"})
    assert response.status_code == 503
    assert "Too many people are asking just now" in response.text
    assert 'value="Which ship?"' in response.text


def test_h34_turns_come_back_when_their_questions_are_answered(held):
    app, engine = held
    engine.let_go.set()
    until(lambda: app.test_client().get("/ask?question=Vasa").status_code == 200)


def test_h34_a_question_waits_for_its_turn_while_there_are_places():
    engine = HeldEngine()
    app = application(service_of(engine), Config(max_at_work=1, deadline_ms=10_000))
    threads = asking(app, engine, 1)
    threads.append(threading.Thread(target=lambda: statuses.append(app.test_client().get("/?question=x").status_code)))
    statuses = []
    threads[1].start()
    assert not engine.begun.acquire(timeout=0.1)
    engine.let_go.set()
    for thread in threads:
        thread.join()
    assert statuses == [200]


def test_h34_a_question_whose_turn_does_not_come_in_time_is_refused():
    engine = HeldEngine()
    app = application(service_of(engine), Config(max_at_work=1, deadline_ms=50))
    (thread,) = asking(app, engine, 1)
    began = time.monotonic()
    response = app.test_client().get("/ask?question=Vasa")
    assert (response.status_code, response.json["code"]) == (503, "overloaded")
    assert 0.05 <= time.monotonic() - began < 2
    engine.let_go.set()
    thread.join()


@pytest.mark.parametrize("error", [RuntimeError("x"), TimeoutError(), RecursionError(), MemoryError()], ids=repr)
def test_h34_turns_come_back_after_an_error(error):
    engine = FakeEngine()
    client = application(service_of(engine), Config(max_in_flight=1, max_at_work=1)).test_client()
    engine.error = error
    for _ in range(3):
        assert client.get("/ask?question=Vasa").json["code"] in ("internal_error", "unavailable")
    engine.error = None
    assert client.get("/ask?question=Vasa").status_code == 200


def test_q18_a_question_past_its_deadline_is_ended_with_503():
    client = application(service_of(EndlessEngine()), Config(deadline_ms=50)).test_client()
    began = time.monotonic()
    response = client.get("/ask?question=Vasa")
    assert (response.status_code, response.json["code"], response.headers["Retry-After"]) == (503, "unavailable", "5")
    assert 0.05 <= time.monotonic() - began < 1


def test_the_milliseconds_of_an_answer_are_those_of_the_engine():
    class SlowEngine(FakeEngine):
        def ask(self, *arguments):
            time.sleep(0.02)
            return super().ask(*arguments)

    assert 20 <= client_of(SlowEngine()).get("/ask?question=Vasa").json["took_ms"] < 1_000
