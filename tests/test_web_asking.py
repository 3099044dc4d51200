"""How many questions are answered at once, for how long, and what the others are told."""

import logging
import threading
import time

import pytest

from qa.errors import SettingError
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


def test_there_are_threads_above_the_questions_and_the_documents_in_flight():
    assert Config(threads=6, max_in_flight=2, max_documents_in_flight=3).threads == 6
    with pytest.raises(SettingError) as caught:
        Config(threads=5, max_in_flight=2, max_documents_in_flight=3)
    rule = "more than max_in_flight and max_documents_in_flight together, which are 5"
    assert (caught.value.name, caught.value.value, caught.value.rule) == ("threads", 5, rule)


class HeldDocuments(HeldEngine):
    """Holds every document too, but not its questions."""

    def ask(self, *arguments):
        return FakeEngine.ask(self, *arguments)

    def sections(self, id):
        if threading.current_thread().name == "reader":
            self.begun.release()
            self.let_go.wait(10)
        return super().sections(id)


@pytest.fixture
def read():
    """An application with places for two documents of which one is read, while both are taken."""
    engine = HeldDocuments()
    app = application(
        service_of(engine), Config(max_documents_in_flight=2, max_documents_at_work=1, deadline_ms=10_000)
    )
    threads = [
        threading.Thread(target=app.test_client().get, args=("/documents/vasa",), name="reader") for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    assert engine.begun.acquire(timeout=10)
    until(lambda: "qa_documents_in_flight 2.0" in app.test_client().get("/metrics").text)
    yield app, engine
    engine.let_go.set()
    for thread in threads:
        thread.join()


@pytest.mark.parametrize("accept", ["application/json", "text/html", "text/plain"])
def test_h34_a_document_too_many_is_refused_at_once(read, accept):
    app, _ = read
    response = app.test_client().get("/documents/vasa", headers={"Accept": accept})
    assert (response.status_code, response.headers["Retry-After"]) == (503, "1")
    assert "documents are being read just now" in response.text or "Too many people" in response.text


def test_a_citation_is_given_in_a_turn_of_those_who_read(read):
    app, engine = read
    path = "/citations/vasa?start=10&end=32"
    response = app.test_client().get(path)
    assert (response.status_code, response.json["code"], response.headers["Retry-After"]) == (503, "overloaded", "1")
    assert response.json["detail"] == "too many documents are being read just now; ask again in a second"
    engine.let_go.set()
    until(lambda: app.test_client().get(path).status_code == 200)


def test_h34_one_document_is_read_at_a_time_and_the_next_one_waits(read):
    app, engine = read
    assert not engine.begun.acquire(timeout=0.1)
    engine.let_go.set()
    assert engine.begun.acquire(timeout=10)
    until(lambda: "qa_documents_in_flight 0.0" in app.test_client().get("/metrics").text)


@pytest.mark.parametrize("path", ["/ask?question=Vasa", "/?question=Vasa", "/healthz", "/documents"])
def test_h34_questions_are_answered_while_too_many_documents_are_read(read, path):
    app, _ = read
    assert app.test_client().get(path).status_code == 200


@pytest.mark.parametrize("error", [TimeoutError(), RecursionError(), MemoryError()], ids=repr)
def test_q18_a_document_is_shown_without_its_neighbours_when_these_cannot_be_had(error):
    engine = FakeEngine()
    engine.error = error
    response = client_of(engine).get("/documents/vasa?start=10&end=32&question=Vasa")
    assert (response.status_code, "Back to the answer" in response.text) == (200, False)


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
    assert 0.025 <= time.monotonic() - began < 2
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
    assert response.json["detail"] == "the question was not answered within 50 ms; ask it in fewer or plainer words"


def test_q18_a_question_past_its_deadline_is_no_error_in_the_log(caplog):
    application(service_of(EndlessEngine()), Config(deadline_ms=50)).test_client().get("/ask?question=Vasa")
    assert [record.message for record in caplog.records if record.levelno > logging.INFO] == []


def test_q18_the_wait_for_a_turn_counts_for_the_deadline():
    """The question that waits has 700 ms left when its turn comes, and would need more."""

    class Steps(HeldEngine):
        def ask(self, question, top_k, documents, tick):
            if question == "first":
                return super().ask(question, top_k, documents, tick)
            self.began = time.monotonic()
            while True:
                tick()

    engine = Steps()
    app = application(service_of(engine), Config(max_at_work=1, deadline_ms=1_000))
    first = threading.Thread(target=app.test_client().get, args=("/ask?question=first",))
    first.start()
    assert engine.begun.acquire(timeout=10)
    threading.Timer(0.3, engine.let_go.set).start()
    response = app.test_client().get("/ask?question=second")
    assert response.json["code"] == "unavailable"
    assert time.monotonic() - engine.began < 0.9
    first.join()


def test_h34_a_question_that_has_waited_long_keeps_time_to_be_answered():
    """Eight in flight of 200 ms, one at a time: those whose turn comes within half a second are all answered."""

    class Working(FakeEngine):
        def ask(self, question, top_k, documents, tick):
            ends = time.monotonic() + 0.2
            while time.monotonic() < ends:
                tick()
            return super().ask(question, top_k, documents, tick)

    codes = []
    app = application(service_of(Working()), Config(max_at_work=1, deadline_ms=1_000))

    def ask():
        codes.append(app.test_client().get("/ask?question=Vasa").json.get("code"))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(codes) == {None, "overloaded"}


def test_the_milliseconds_of_an_answer_are_those_of_the_engine():
    class SlowEngine(FakeEngine):
        def ask(self, *arguments):
            time.sleep(0.02)
            return super().ask(*arguments)

    assert 20 <= client_of(SlowEngine()).get("/ask?question=Vasa").json["took_ms"] < 1_000
