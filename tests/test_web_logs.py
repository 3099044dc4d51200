"""The lines of the log: what they tell, what they keep to themselves, and that nothing waits for them."""

import io
import json
import logging
import os
import re
import subprocess
import sys
import threading

import pytest

from qa.web import Config, application
from qa.web.logs import MAX_WAITING, JsonFormatter, LineHandler, TextFormatter, set_up
from tests.web_support import FakeEngine, abstained, document, service_of

HOSTILE = 'a\r\n{"forged": 1}\x1b[31m\u202e\u2028\t"\\'

KEYS = {"api_key": "s3cret", "admin_token": "t0ken"}


@pytest.fixture
def lines(caplog):
    """The lines of the log as JSON, read anew each time."""
    caplog.set_level(logging.INFO)
    return lambda: [json.loads(JsonFormatter().format(record)) for record in caplog.records]


def client_of(engine, **settings):
    return application(service_of(engine), Config(**settings)).test_client()


# What a line tells


def test_a_request_is_one_line(lines):
    client = client_of(FakeEngine())
    client.post("/ask", json={"question": "Vasa?"}, headers={"X-Request-ID": "abc-1"})
    (line,) = lines()
    assert re.fullmatch(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", line.pop("time"))
    assert 0 < line.pop("ms") < 1_000
    assert line == {
        "level": "info",
        "logger": "qa.web.logs",
        "message": "request",
        "request_id": "abc-1",
        "method": "POST",
        "route": "/ask",
        "status": 200,
        "client": "127.0.0.1",
        "question_chars": 5,
        "answer": "answered",
        "reason": None,
        "problem": None,
    }


def test_the_line_tells_why_there_is_no_answer(lines):
    engine = FakeEngine()
    engine.answer = abstained(document(), "no_match")
    client = client_of(engine)
    client.get("/ask?question=pizza")
    client.get("/ask?question=")
    client.get("/nowhere")
    told = [(line["route"], line["status"], line["answer"], line["reason"], line["problem"]) for line in lines()]
    assert told == [
        ("/ask", 200, "abstained", "no_match", None),
        ("/ask", 400, None, None, "invalid_field"),
        ("unmatched", 404, None, None, "not_found"),
    ]


@pytest.mark.parametrize(("log_questions", "question"), [(False, None), (True, "Who built it?")])
def test_the_text_of_a_question_is_logged_only_where_that_was_asked_for(lines, log_questions, question):
    client_of(FakeEngine(), log_questions=log_questions).get("/ask?question=Who+built+it%3F")
    (line,) = lines()
    assert line.get("question") == question
    assert ("Who built it" in json.dumps(line)) is log_questions
    assert line["question_chars"] == 13


def test_h31_no_line_holds_a_path_a_query_or_a_made_up_method(lines):
    client = client_of(FakeEngine())
    client.get("/secret-path?secret=query")
    client.get("/documents/secret-path?start=secret")
    client.open("/ask", method="SECRET")
    text = json.dumps(lines())
    assert "secret" not in text.lower()
    assert [line["method"] for line in lines()] == ["GET", "GET", "other"]


def test_q15_a_hostile_question_stays_in_its_line_in_ascii(caplog):
    caplog.set_level(logging.INFO)
    client_of(FakeEngine(), log_questions=True).post("/ask", json={"question": HOSTILE})
    (record,) = caplog.records
    line = JsonFormatter().format(record)
    assert line.isascii()
    assert line.isprintable()
    assert json.loads(line)["question"] == HOSTILE
    text = TextFormatter().format(record)
    assert text.isascii()
    assert text.isprintable()


def test_the_key_never_reaches_the_log(lines):
    client = client_of(FakeEngine(), log_questions=True, **KEYS)
    for given in ("Bearer s3cret", "Bearer s3cretx", "Basic OnMzY3JldA==", "Bearer t0ken"):
        for path in ("/ask?question=Vasa", "/nowhere", "/reload"):
            client.get(path, headers={"Authorization": given})
    assert {line["status"] for line in lines()} >= {200, 401, 404}
    assert not re.search("s3cret|OnMzY3JldA|t0ken", json.dumps(lines()))


def test_an_unexpected_error_is_one_line_with_the_way_to_it(lines):
    engine = FakeEngine()
    engine.error = RuntimeError("a\nb")
    client_of(engine).get("/ask?question=Vasa", headers={"X-Request-ID": "abc-2"})
    error, request = lines()
    assert (error["level"], error["message"]) == ("error", "request abc-2: GET /ask failed")
    assert "Traceback" in error["exception"]
    assert error["exception"].endswith("RuntimeError: a\nb")
    assert (request["request_id"], request["status"], request["problem"]) == ("abc-2", 500, "internal_error")


def test_for_people_an_error_is_moved_in_so_that_no_line_of_it_looks_like_a_record():
    try:
        raise RuntimeError("a\n2026-11-22 INFO forged\x1b[2J")
    except RuntimeError:
        record = logging.LogRecord("qa", logging.ERROR, "", 0, "it %s", ("failed\nx",), sys.exc_info())
    first, *others = TextFormatter().format(record).split("\n")
    assert first.endswith(r"Z ERROR qa it failed\nx")
    assert others[0] == "    Traceback (most recent call last):"
    assert others[-1] == r"    2026-11-22 INFO forged\x1b[2J"
    assert all(line.startswith("    ") for line in others)


def test_for_people_a_request_is_a_line_of_what_is_known(caplog):
    caplog.set_level(logging.INFO)
    client_of(FakeEngine()).get("/healthz", headers={"X-Request-ID": "abc-3"})
    (record,) = caplog.records
    text = TextFormatter().format(record)
    known = "request request_id=abc-3 method=GET route=/healthz status=200 ms="
    assert re.fullmatch(rf"\S+Z INFO qa\.web\.logs {known}[\d.]+ client=127\.0\.0\.1", text)


# How a line is written


def record_of(message):
    return logging.LogRecord("qa", logging.INFO, "", 0, message, (), None)


def test_every_line_is_written_whole_and_in_order(tmp_path):
    with (tmp_path / "log").open("wb") as file:
        handler = LineHandler(file.fileno())
        for number in range(2_000):
            handler.emit(record_of(f"line {number}"))
        handler.flush()
    assert (tmp_path / "log").read_text().splitlines() == [f"line {number}" for number in range(2_000)]


def test_p9_a_log_that_nobody_reads_holds_nobody_up_and_loses_what_does_not_fit():
    reader, writer = os.pipe()  # holds 64 KiB
    handler = LineHandler(writer)
    done = threading.Event()

    def log():
        for number in range(20_000):
            handler.emit(record_of(f"{number:01000}"))
        done.set()

    threading.Thread(target=log, daemon=True).start()
    assert done.wait(20)
    kept = []

    def read_all():
        with os.fdopen(reader) as lines:
            kept.extend(lines)

    read = threading.Thread(target=read_all)
    read.start()
    for _ in range(20):
        handler.flush()
    os.close(writer)
    read.join()
    assert MAX_WAITING <= len(kept) <= MAX_WAITING + 500
    assert [int(line) for line in kept] == list(range(len(kept)))


def test_p9_a_full_disk_costs_lines_and_nothing_else(tmp_path):
    full = os.open("/dev/full", os.O_WRONLY)
    handler = LineHandler(full)
    handler.emit(record_of("lost"))
    handler.flush()
    with (tmp_path / "log").open("wb") as file:
        os.dup2(file.fileno(), full)  # there is room again
        handler.emit(record_of("found"))
        handler.flush()
    os.close(full)
    assert (tmp_path / "log").read_text() == "found\n"


def test_p9_a_line_that_cannot_be_told_is_lost_and_the_log_goes_on(tmp_path, monkeypatch):
    monkeypatch.setattr(logging, "raiseExceptions", False)
    with (tmp_path / "log").open("wb") as file:
        handler = LineHandler(file.fileno())
        handler.emit(logging.LogRecord("qa", logging.INFO, "", 0, "%d", ("no number",), None))
        handler.emit(record_of("found"))
        handler.flush()
    assert (tmp_path / "log").read_text() == "found\n"


def test_p9_a_thread_that_cannot_be_started_costs_lines_until_one_can(tmp_path, monkeypatch):
    monkeypatch.setattr(logging, "raiseExceptions", False)
    with (tmp_path / "log").open("wb") as file:
        handler = LineHandler(file.fileno())
        with monkeypatch.context() as without_threads:
            without_threads.setattr(threading.Thread, "start", cannot_start)
            handler.emit(record_of("lost"))
        handler.emit(record_of("found"))
        handler.flush()
    assert (tmp_path / "log").read_text() == "found\n"


def cannot_start(thread):
    raise RuntimeError("can't start new thread")


class NoFile:
    """What another server may put in the place of the standard error."""

    def __init__(self, stream):
        self.write, self.flush = stream.write, stream.flush


@pytest.mark.parametrize("wrapped", [lambda stream: stream, NoFile], ids=["no descriptor", "no fileno"])
def test_p9_a_standard_error_that_is_no_file_is_written_to(monkeypatch, wrapped):
    written, root = io.StringIO(), logging.getLogger()
    monkeypatch.setattr(sys, "stderr", wrapped(written))
    monkeypatch.setattr(root, "handlers", [])
    monkeypatch.setattr(root, "level", root.level)
    monkeypatch.setattr(logging, "raiseExceptions", logging.raiseExceptions)
    set_up("json")
    try:
        logging.getLogger("qa").warning("found")
    finally:
        logging.getLogger().setLevel(logging.WARNING)
    assert json.loads(written.getvalue())["message"] == "found"


FORKING = """
import logging, os
from qa.web.logs import LineHandler
handler = LineHandler(2)
def log(message):
    handler.emit(logging.LogRecord("qa", logging.INFO, "", 0, message, (), None))
    handler.flush()
log("parent")
child = os.fork()
if not child:
    log("child")
    os._exit(0)
os.waitpid(child, 0)
log("parent again")
"""


def test_p17_the_log_goes_on_in_a_forked_process(root):
    done = subprocess.run(  # noqa: S603  # our own program
        [sys.executable, "-W", "ignore::DeprecationWarning", "-c", FORKING],
        env={**os.environ, "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    assert done.stderr == "parent\nchild\nparent again\n"


def test_logging_that_is_set_up_already_is_left_alone():
    before = list(logging.getLogger().handlers)
    assert before, "pytest sets up its own"
    set_up("json")
    assert logging.getLogger().handlers == before
