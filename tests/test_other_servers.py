"""The application under gunicorn, a server with other habits: it answers the same, and holds the same against it."""

import contextlib
import json
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("gunicorn")

from tests.server_support import CLOSE, HELLO, JSON_POST, ROOT, environment, exchange, get, running, status
from tests.waiting import until

LISTENING = re.compile(r"Listening at: http://127\.0\.0\.1:(\d+)")
ASK = "/ask?question=When+did+the+Vasa+sink%3F&explain=true"


@contextlib.contextmanager
def gunicorn(folder: Path, log: Path, *options: str):
    """A gunicorn with two workers of four threads that serves `folder`, and its port."""
    command = [sys.executable, "-m", "gunicorn", "server:create_app()", "--bind=127.0.0.1:0", "--workers=2"]
    with log.open("w", encoding="utf-8") as stderr:
        process = subprocess.Popen(  # noqa: S603 - our own program
            [*command, "--worker-class=gthread", "--threads=4", "--graceful-timeout=8", *options],
            cwd=ROOT,
            env=environment(QA_CORPUS=str(folder), QA_WATCH_SECONDS="0.05"),
            stderr=stderr,
        )
    try:
        [port] = until(lambda: LISTENING.findall(log.read_text("utf-8")), 60)
        until(lambda: refuses(int(port)), 60)
        yield process, int(port)
    finally:
        process.kill()
        process.wait()


def refuses(port):
    """Whether a worker has come up, seen by a request that it does not accept."""
    try:
        return status(exchange(port, HELLO.replace(b"localhost", b"evil.example"))) == 400
    except OSError:
        return False


@pytest.fixture(scope="module", params=[(), ("--preload",)], ids=["workers load", "preload"])
def served(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("corpus")
    (folder / "vasa.txt").write_text("The Vasa sank in 1628.\n", encoding="utf-8")
    with gunicorn(folder, tmp_path_factory.mktemp("log") / "stderr", *request.param) as (process, port):
        yield folder, process, port


def lasting(response, body):
    """What does not differ from one answer to the next."""
    passing = ("connection", "date", "server", "x-request-id")
    headers = {name.lower(): value for name, value in response.getheaders() if name.lower() not in passing}
    if headers["content-type"] == "application/json":
        found = json.loads(body)
        found["corpus"].pop("indexed_at")
        assert found.pop("took_ms") >= 0
        headers.pop("content-length")  # that of took_ms differs
        return response.status, headers, found
    return response.status, headers, body


def test_it_answers_as_the_own_server_does(served):
    folder, _, port = served
    with running("--port", "0", "--corpus", str(folder)) as (_, own_port):
        for path in (ASK, "/", "/documents/vasa", "/nowhere?x=1"):
            theirs, ours = lasting(*get(port, path)), lasting(*get(own_port, path))
            if theirs[0] == 404:
                theirs, ours = theirs[:1], ours[:1]  # the body has the id of the request
            assert theirs == ours


@pytest.mark.parametrize(
    ("request_bytes", "expected"),
    [
        pytest.param(
            JSON_POST + CLOSE + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n", 400, id="h12_bad_chunk"
        ),
        pytest.param(JSON_POST + CLOSE + b"Content-Length: 2000000000\r\n\r\n", 413, id="h10_2_gb"),
        pytest.param(
            JSON_POST + CLOSE + b"Transfer-Encoding: chunked\r\n\r\n11170\r\n" + b" " * 0x11170 + b"\r\n0\r\n\r\n",
            413,
            id="h11_70_kb_in_chunks",
        ),
        pytest.param(HELLO.replace(b"localhost", b"evil.example"), 400, id="h6_another_host"),
        pytest.param(HELLO.replace(b"Host: localhost\r\n", b"Host: localhost\r\nHost: a\r\n"), 400, id="h4_two_hosts"),
    ],
)
def test_it_refuses_what_the_own_server_refuses(served, request_bytes, expected):
    assert status(exchange(served[2], request_bytes)) == expected


# Of a forking server the process that forks keeps up too, so that a worker it starts later begins with today's text.
@pytest.mark.parametrize(("options", "n_followers"), [((), 1), (("--preload",), 2)], ids=["worker loads", "preload"])
def test_p17_a_worker_follows_the_folder_before_it_is_first_asked(tmp_path, options, n_followers):
    folder, log = tmp_path / "corpus", tmp_path / "stderr"
    folder.mkdir()
    (folder / "vasa.txt").write_text("The Vasa sank in 1628.\n", encoding="utf-8")
    with gunicorn(folder, log, "--workers=1", *options) as (_, port):
        (folder / "vasa.txt").write_text("The Vasa sank in 1628 and was raised in 1961.\n", encoding="utf-8")
        until(lambda: log.read_text("utf-8").count("version 2: ") == n_followers)
        assert json.loads(get(port, ASK)[1])["passages"][0]["text"].endswith("raised in 1961.")


def test_p1_sigterm_ends_it_with_0_after_the_last_answer(tmp_path):
    folder = tmp_path / "corpus"
    folder.mkdir()
    (folder / "vasa.txt").write_text("The Vasa sank in 1628.\n", encoding="utf-8")
    # Of two workers the other one may still be starting, and a signal that comes so early is lost on it.
    with gunicorn(folder, tmp_path / "stderr", "--workers=1") as (process, port):
        assert get(port, ASK)[0].status == 200
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
