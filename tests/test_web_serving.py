"""What the HTTP server does for itself: room for connections, bodies, time limits, refusals, and its last answers."""

import contextlib
import json
import logging
import re
import resource
import socket
import subprocess
import sys
import time
from http.client import HTTPConnection

import pytest

from qa.web import Config
from qa.web.logs import JsonFormatter
from qa.web.serving import _Channel
from tests.server_support import (
    CLOSE,
    HELLO,
    JSON_POST,
    ROOT,
    environment,
    exchange,
    get,
    read_all,
    running,
    served,
    slow,
    status,
)
from tests.waiting import until

LIMIT = Config().max_body_bytes
VERIFY_POST = JSON_POST.replace(b"/ask", b"/verify")


@pytest.fixture(scope="module")
def port():
    with served() as port:
        yield port


def connected(port, sent=b""):
    connection = socket.create_connection(("127.0.0.1", port), 20)
    connection.sendall(sent)
    return connection


# Descriptors

# The real server, started where a process may have few descriptors unless it asks for more.
LIMITED = "import resource, server; resource.setrlimit(resource.RLIMIT_NOFILE, (%d, %d)); server.main()"


@pytest.fixture
def many_descriptors():
    """Lets this process hold the other ends of many connections."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < 4_096:
        pytest.skip("this machine lets a process have too few descriptors")
    resource.setrlimit(resource.RLIMIT_NOFILE, (4_096, hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_h21_h22_p14_more_slow_clients_than_the_soft_limit_allows_keep_nobody_waiting(many_descriptors, limited):
    with limited(256, 4_096) as port, contextlib.ExitStack() as stack:
        for number in range(600):
            begun = b"GET / HTTP/1.1\r\nX: " if number % 2 else JSON_POST + b"Content-Length: 60000\r\n\r\n"
            stack.enter_context(connected(port, begun))
        began = time.monotonic()
        assert get(port, "/ask?question=Vasa")[0].status == 200
        assert time.monotonic() - began < 2


def test_p14_h22_large_bodies_take_no_descriptor(limited):
    """Each keeps what it has sent; with a file for each the fourth part of them would leave none for the folder."""
    body = VERIFY_POST + b"Content-Length: 1000000\r\n\r\n" + b" " * 900_000
    with limited(128, 128) as port, contextlib.ExitStack() as stack:
        before = open_descriptors(port)
        for _ in range(20):
            stack.enter_context(connected(port, body))
        until(lambda: open_descriptors(port) >= before + 20)
        assert open_descriptors(port) <= before + 22
        assert get(port, "/ask?question=Vasa")[0].status == 200


@pytest.fixture
def limited(tmp_path):
    """Starts a server under limits of descriptors, soft and hard."""
    (tmp_path / "vasa.txt").write_text("The Vasa sank in 1628.\n", encoding="utf-8")

    @contextlib.contextmanager
    def start(soft, hard):
        program = ("-c", LIMITED % (soft, hard))
        with running("--port", "0", "--corpus", str(tmp_path), program=program, stderr=subprocess.DEVNULL) as (_, port):
            yield port

    return start


def open_descriptors(port):
    text = get(port, "/metrics")[1].decode()
    return int(float(text.split("\nprocess_open_fds ")[1].split("\n")[0]))


# Bodies


@pytest.mark.parametrize("in_chunks", [False, True], ids=["with a length", "in chunks"])
@pytest.mark.parametrize(
    ("post", "size", "expected"),
    [
        (JSON_POST, LIMIT, 200),
        (JSON_POST, LIMIT + 1, 413),
        (JSON_POST, 700_000, 413),
        (VERIFY_POST, 700_000, 400),
        (VERIFY_POST.replace(b"/verify", b"//verify"), 700_000, 400),
    ],
    ids=["at the limit", "above", "far above", "of verify", "of verify with a slash more"],
)
def test_h10_h11_a_body_within_the_limit_of_its_path_is_read_whole(port, post, size, expected, in_chunks):
    """An empty question to /verify is 400 for what it lacks: only a body that was read whole is JSON."""
    body = b'{"question": "Vasa"}'.ljust(size)
    if in_chunks:
        length, sent = b"Transfer-Encoding: chunked", b"%x\r\n%s\r\n0\r\n\r\n" % (size, body)
    else:
        length, sent = b"Content-Length: %d" % size, body
    answer = exchange(port, post + CLOSE + length + b"\r\n\r\n" + sent)
    assert status(answer) == expected
    if expected != 200:
        code = json.loads(answer.partition(b"\r\n\r\n")[2])["code"]
        assert code == {413: "body_too_large", 400: "invalid_field"}[expected]


# Time


@pytest.mark.parametrize(
    "begun",
    [
        pytest.param(b"GET /healthz HTTP/1.1\r\nX: ", id="h21_headers"),
        pytest.param(JSON_POST + b"Content-Length: 60000\r\n\r\n", id="h22_body"),
        pytest.param(HELLO.replace(CLOSE, b"") + b"GET /healthz HTTP/1.1\r\nX: ", id="h21_second_request"),
    ],
)
def test_who_sends_a_byte_now_and_then_is_sent_away_in_time(begun):
    with served(max_request_seconds=1) as port, connected(port, begun) as client:
        began = time.monotonic()
        if begun.startswith(b"GET /healthz HTTP/1.1\r\nHost"):
            assert client.recv(12) == b"HTTP/1.1 200"
        client.settimeout(0.05)
        until(lambda: is_closed(client))
        assert 0.9 < time.monotonic() - began < 10


def is_closed(client):
    """Sends one byte more, and says whether the server has closed the connection."""
    try:
        client.send(b"a")
        while client.recv(1_000):
            pass
    except TimeoutError:
        return False
    except OSError:
        return True
    return True


def test_a_connection_that_asks_now_and_then_may_stay():
    with served(max_request_seconds=1) as port, contextlib.closing(HTTPConnection("127.0.0.1", port)) as client:
        client.connect()
        kept = client.sock
        ends = time.monotonic() + 3
        while time.monotonic() < ends:
            client.request("GET", "/healthz")
            assert client.getresponse().read() == b'{"status": "ok"}'
            time.sleep(0.1)
        assert client.sock is kept


# Refusals


@pytest.mark.parametrize(
    ("sent", "expected", "method"),
    [
        (b"GET /secret HTTP/9.9\r\nHost: localhost\r\n\r\n", 400, "GET"),
        (b"BAD\r\n\r\n", 400, "other"),
        (b"GET / HTTP/1.1\r\nX: " + b"secret" * 10_000 + b"\r\n\r\n", 431, "GET"),
        (JSON_POST + b"Content-Length: 2000000000\r\n\r\n", 413, "POST"),
    ],
    ids=["version", "no HTTP", "headers", "body"],
)
def test_h15_what_no_application_is_asked_is_told_of_like_everything_else(caplog, sent, expected, method):
    caplog.set_level(logging.INFO)
    with served() as port:
        head = exchange(port, sent).partition(b"\r\n\r\n")[0].decode()
        counted = get(port, "/metrics")[1].decode()
    headers = dict(line.split(": ", 1) for line in head.split("\r\n")[1:])
    assert status(head.encode()) == expected
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert headers["Cache-Control"] == "no-store"
    [line, _] = [json.loads(JsonFormatter().format(record)) for record in caplog.records]
    assert (line["message"], line["route"], line["status"], line["client"]) == (
        "request",
        "refused",
        expected,
        "127.0.0.1",
    )
    assert line["request_id"] == headers["X-Request-Id"]
    assert "secret" not in json.dumps(line)
    assert f'qa_requests_total{{method="{line["method"]}",route="refused",status="{expected}"}} 1.0' in counted


# The last answers


def test_p1_of_requests_that_have_arrived_on_one_connection_all_are_answered():
    request = b"GET /ask?question=iraq HTTP/1.1\r\nHost: localhost\r\n\r\n"
    padded = request.replace(b"\r\n\r\n", b"\r\nX: " + b"a" * 5_000 + b"\r\n\r\n")  # not all are read at once
    with slow(0.1) as (process, port), connected(port, request) as few, connected(port, padded * 8) as many:
        few.sendall(request * 4)
        assert few.recv(12) == b"HTTP/1.1 200"
        process.terminate()
        answers = [read_all(few), read_all(many)]
        assert process.wait(10) == 0
    assert [len(re.findall(rb"HTTP/1\.1 200 OK", answer)) for answer in answers] == [4, 8]
    assert [answer.count(b"Connection: close") for answer in answers] == [1, 1]


# The container


def test_while_an_answer_is_sent_nobody_looks_again_and_again_whether_it_is_sent(monkeypatch):
    """The thread that sends needs the interpreter to go on; who looks in a loop keeps it from that."""
    looks, send, write = [], _Channel.send, _Channel.handle_write

    def send_slowly(channel, *arguments, **named):
        time.sleep(0.3)
        return send(channel, *arguments, **named)

    def handle_write(channel):
        looks.append(channel)
        write(channel)

    monkeypatch.setattr(_Channel, "send", send_slowly)
    monkeypatch.setattr(_Channel, "handle_write", handle_write)
    with served() as port, connected(port, HELLO) as first, connected(port) as second:
        time.sleep(0.1)  # the first is being answered
        second.sendall(HELLO)
        assert [status(read_all(each)) for each in (first, second)] == [200, 200]
    assert len(looks) < 10


def test_what_a_client_does_not_take_at_once_is_sent_when_it_does(monkeypatch):
    send, refusals = _Channel.send, [0, 0, 0]

    def send_nothing_at_first(channel, *arguments, **named):
        return refusals.pop() if refusals else send(channel, *arguments, **named)

    monkeypatch.setattr(_Channel, "send", send_nothing_at_first)
    with served() as port:
        began = time.monotonic()
        assert get(port, "/ask?question=Vasa")[0].status == 200
        assert time.monotonic() - began < 0.5
    assert not refusals


def test_p23_the_health_check_of_the_container_asks_the_port_it_serves_on(port):
    recipe = (ROOT / "Dockerfile").read_text("utf-8").replace("\\\n", "")
    command = json.loads(re.search(r"^HEALTHCHECK .*CMD (\[.*\])$", recipe, re.MULTILINE)[1])

    def check(**variables):
        done = subprocess.run(  # noqa: S603 - a line of our own Dockerfile
            [sys.executable, *command[1:]], env=environment(**variables), capture_output=True, check=False, timeout=20
        )
        return done.returncode

    with socket.create_server(("127.0.0.1", 0)) as silent:
        assert (check(QA_PORT=str(port)), check(QA_PORT=str(silent.getsockname()[1]))) == (0, 1)


def test_h25_a_connection_that_another_thread_has_closed_has_nothing_more():
    channel = _Channel.__new__(_Channel)
    channel.requests, channel.socket = [], None
    assert channel.has_more() is False
