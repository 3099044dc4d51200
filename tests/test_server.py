"""The real process on a loopback port: how it starts, what it refuses on the wire, and how it stops."""

import contextlib
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from importlib import metadata
from itertools import islice
from pathlib import Path

import pytest

import server
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
    slow,
    status,
)
from tests.waiting import until


@pytest.fixture
def refused(capsys, monkeypatch):
    """Gives the exit code and the words of a server that does not start."""

    def start(*arguments, **variables):
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        try:
            code = server.serve(arguments)
        except SystemExit as end:  # argparse
            code = end.code
        printed = capsys.readouterr()
        assert printed.out == ""
        return code, printed.err

    return start


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "vasa.txt").write_text("The Vasa sank in 1628.\n", encoding="utf-8")
    return tmp_path


# Starting


def test_it_says_where_it_serves_and_answers_there(folder):
    with running("--port", "0", "--corpus", str(folder)) as (process, port):
        response, body = get(port, "/ask?question=When+did+the+Vasa+sink%3F")
        assert process.line[0].startswith("Serving 1 document, 1 passage on ")
        assert (response.status, json.loads(body)["passages"][0]["text"]) == (200, "The Vasa sank in 1628.")
        assert response.getheader("Server") is None


def test_without_a_folder_it_serves_the_corpus_beside_it_from_anywhere(tmp_path):
    with running("--port", "0", cwd=tmp_path, QA_CORPUS="", QA_HOST="", QA_STRICT="") as (process, _):
        assert process.line[0].startswith("Serving 3 documents, 26 passages on ")


def test_the_environment_is_read_and_a_flag_beats_it(folder):
    with running("--port", "0", QA_PORT="1", QA_CORPUS=str(folder)) as (process, _):
        assert process.line[1] == "1"


def test_skipped_files_are_named_with_the_reason_and_strict_refuses_them(refused, folder):
    (folder / "bad.txt").write_bytes(b"caf\xe9")
    with running("--port", "0", "--corpus", str(folder)) as (process, _):
        process.terminate()
        assert json.loads(process.stderr.readline())["message"].startswith("skipped bad.txt: byte 0xE9 at offset 3")
    code, words = refused("--port", "0", "--corpus", str(folder), "--strict")
    assert (code, words.count("\n"), "bad.txt" in words) == (2, 1, True)


def test_ipv6_is_served_and_shown_in_brackets(folder):
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("no IPv6 loopback here")
    with running("--host", "::1", "--port", "0", "--corpus", str(folder)) as (_, port):
        assert get(port, "/healthz", "::1")[0].status == 200


def test_p18_a_port_in_use_is_said_in_one_sentence(refused):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        why = f"127.0.0.1 port {port} cannot be used: Address already in use; choose others with --host and --port"
        assert refused("--port", str(port)) == (2, f"server.py: {why}\n")


def test_c1_a_folder_that_is_not_there_is_said_in_one_sentence(refused, tmp_path):
    code, words = refused("--port", "0", "--corpus", str(tmp_path / "none"))
    assert (code, words.count("\n")) == (2, 1)
    assert words.startswith(f"server.py: {tmp_path / 'none'}: ")


def test_c2_a_folder_without_a_readable_document_is_said_in_one_sentence(refused, tmp_path):
    code, words = refused("--port", "0", QA_CORPUS=str(tmp_path))
    assert (code, words.count("\n")) == (2, 1)
    assert words.startswith(f"server.py: {tmp_path}: ")


@pytest.mark.parametrize("port", ["70000", "-1", "x", "９", "8_0"])
def test_e1_a_port_that_is_none_is_a_usage_error(refused, port):
    for code, words in (refused(f"--port={port}"), refused(QA_PORT=port)):
        assert code == 2
        assert words.endswith(f"argument --port: the port must be a number from 0 to 65535, not '{port}'\n")


def test_an_address_of_another_machine_cannot_be_used(refused):
    code, words = refused("--host", "192.0.2.1", "--port", "0")
    assert (code, words.count("\n")) == (2, 1)
    assert words.startswith("server.py: 192.0.2.1 port 0 cannot be used: ")


@pytest.mark.parametrize("host", ["a..b", "x" * 70], ids=["an empty label", "a long label"])
def test_a_name_that_no_host_can_have_is_said_in_one_sentence(refused, host):
    why = f"{host} port 0 cannot be used: no host can have this name; choose others with --host and --port"
    assert refused("--host", host, "--port", "0") == (2, f"server.py: {why}\n")


def test_help_names_every_option_and_its_variable(capsys):
    with pytest.raises(SystemExit) as end:
        server.serve(["--help"])
    assert end.value.code == 0
    words = capsys.readouterr().out
    for name in ("--host", "QA_HOST", "--port", "QA_PORT", "--corpus", "QA_CORPUS", "--strict"):
        assert name in words


def test_it_tells_its_version_under_the_name_it_was_started_by(capsys, monkeypatch):
    monkeypatch.setattr(metadata, "version", {"cited-answers": "1.2.3"}.__getitem__)
    with pytest.raises(SystemExit) as end:
        server.serve(["--version"], "qa-server")
    assert (end.value.code, capsys.readouterr().out) == (0, "qa-server 1.2.3\n")


def test_other_wsgi_servers_get_an_application_from_the_environment(folder, monkeypatch):
    monkeypatch.setenv("QA_CORPUS", str(folder))
    assert (
        len(
            server.create_app()
            .test_client()
            .get("/documents", headers={"Accept": "application/json"})
            .json["documents"]
        )
        == 1
    )
    (folder / "deep").mkdir()
    (folder / "deep" / "b.md").write_text("More of it.", encoding="utf-8")
    client = server.create_app(folder / "deep").test_client()
    assert client.get("/readyz").json["corpus"]["documents"] == 1


def test_other_wsgi_servers_have_their_own_host_and_port(folder, monkeypatch):
    monkeypatch.setenv("QA_CORPUS", str(folder))
    monkeypatch.setenv("QA_PORT", "abc")
    assert server.create_app().test_client().get("/readyz").json["corpus"]["documents"] == 1


def test_an_application_is_made_of_a_folder_with_any_name(folder, monkeypatch):
    monkeypatch.chdir(folder)
    (folder / "-x").mkdir()
    (folder / "vasa.txt").rename(folder / "-x" / "vasa.txt")
    assert server.create_app(Path("-x")).test_client().get("/readyz").json["corpus"]["documents"] == 1


def test_e1_a_strict_that_is_neither_on_nor_off_is_a_usage_error(refused):
    code, words = refused("--port", "0", QA_STRICT="perhaps")
    assert code == 2
    assert words.splitlines()[-1].startswith("server.py: error: argument --strict: QA_STRICT must be 1, true or yes")


# As slow to start as a large corpus: the engine says that it is being built, and takes its time.
STARTING = """
import signal
import time
import server
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell may have had it ignored
def source(options):
    print("Serving soon", flush=True)
    time.sleep(60)
server.Source = source
server.main()
"""


def test_e4_ctrl_c_while_it_starts_ends_it_without_a_traceback():
    process = subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-c", STARTING, "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(),
    )
    try:
        assert process.stdout.readline() == "Serving soon\n"
        process.send_signal(signal.SIGINT)
        assert process.communicate(timeout=10) == ("", "")
        assert process.returncode == 130
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize(
    ("given", "passed_on"),
    [
        ([], {}),
        (
            ["HOST=::1", "PORT=9000", "CORPUS=~/my notes"],
            {"HOST": "::1", "PORT": "9000", "CORPUS": "~/my notes"},
        ),
    ],
    ids=["exported by the shell", "on the command line"],
)
def test_make_serve_passes_on_what_stands_on_its_command_line_only(tmp_path, given, passed_on):
    (tmp_path / "Makefile").write_text((ROOT / "Makefile").read_text() + "\nshow:\n\t@env\n")
    done = subprocess.run(  # noqa: S603 - our own Makefile
        ["make", "--no-print-directory", "show", *given],  # noqa: S607
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "HOST": "x86_64-linux", "PORT": "1", "CORPUS": "elsewhere"},
        capture_output=True,
        text=True,
        check=True,
    )
    found = dict(line.split("=", 1) for line in done.stdout.splitlines() if line.startswith("QA_"))
    assert found == {f"QA_{name}": value for name, value in passed_on.items()}


# Keeping up with the folder


def log_of(process):
    """The lines of the log, as they come."""
    return (json.loads(line) for line in process.stderr)


def ready(port):
    return json.loads(get(port, "/readyz")[1])


def test_p10_p11_a_running_server_follows_its_folder_and_says_when_it_cannot(folder):
    with running("--port", "0", "--corpus", str(folder), QA_WATCH_SECONDS="0.05") as (process, port):
        (folder / "vasa.txt").write_text("It was raised in 1961.\n", encoding="utf-8")
        until(lambda: ready(port)["corpus"]["version"] == 2)
        body = json.loads(get(port, "/ask?question=When+was+it+raised%3F")[1])
        assert body["passages"][0]["text"] == "It was raised in 1961."
        folder.rename(folder.with_name(f"{folder.name}-gone"))
        told = list(islice((line["message"] for line in log_of(process) if line["message"] != "request"), 2))
        assert told[0].startswith("version 2: 1 document, 1 passage, indexed in ")
        still = "the folder cannot be served as it is now, so version 2 is still served"
        assert told[1].startswith(f"{still}: {folder.name}: is not a folder")
        assert get(port, "/ask?question=When+was+it+raised%3F")[0].status == 200


# The real server, whose second index takes for ever and leaves little of the interpreter to others.
BUILDING = """
from qa.engine import Engine
import server
from_corpus, n_built = Engine.from_corpus, 0
def endless(*arguments, **named):
    global n_built
    n_built += 1
    while n_built > 1:
        print("building", flush=True) if n_built == 2 else None
        n_built += 1
    return from_corpus(*arguments, **named)
Engine.from_corpus = endless
server.main()
"""


def test_p1_a_stop_does_not_wait_for_the_index_that_is_being_built(folder):
    with running(*("--port", "0", "--corpus", str(folder)), program=("-c", BUILDING), QA_WATCH_SECONDS="0.05") as (
        process,
        port,
    ):
        (folder / "vasa.txt").write_text("It was raised in 1961.\n", encoding="utf-8")
        assert process.stdout.readline() == "building\n"
        assert get(port, "/ask?question=When+did+the+Vasa+sink%3F")[0].status == 200
        began = time.monotonic()
        process.terminate()
        assert process.wait(10) == 0
        assert time.monotonic() - began < 5


# As a server does that makes the application first and its workers then: each process has to see the change for itself,
# and before anybody has asked it anything.
FORKING = """
import logging, os, pathlib, sys, threading
import server

folder = pathlib.Path(sys.argv[1])
app = server.create_app(folder)
swapped = threading.Event()

class Swap(logging.Handler):
    def emit(self, record):
        if record.getMessage().startswith("version 2: "):
            swapped.set()

logging.getLogger("qa").addHandler(Swap())

def follows():
    swapped.wait(20)
    return app.test_client().get("/ask?question=When+was+it+raised%3F").json["passages"][0]["text"]

workers = []
for _ in range(2):
    worker = os.fork()
    if not worker:
        os._exit(follows() != "It was raised in 1961.")
    workers.append(worker)
(folder / "vasa.txt").write_text("It was raised in 1961.")
sys.exit(max(os.waitpid(worker, 0)[1] for worker in workers))
"""


def test_p17_an_application_made_before_a_fork_follows_its_folder_in_every_worker(folder):
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", FORKING, str(folder)],
        env=environment(QA_WATCH_SECONDS="0.05"),
        timeout=60,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert {json.loads(line)["level"] for line in done.stderr.splitlines()} == {"info"}


# On the wire


@pytest.fixture(scope="module")
def port(tmp_path_factory):
    folder = tmp_path_factory.mktemp("corpus")
    (folder / "vasa.txt").write_text("The Vasa sank in 1628.\n", encoding="utf-8")
    with running("--port", "0", "--corpus", str(folder)) as (_, port):
        yield port


@pytest.mark.parametrize(
    ("request_bytes", "expected"),
    [
        pytest.param(HELLO, 200, id="plain"),
        pytest.param(
            b"GET /ask?question=" + b"a" * 5_000 + b" HTTP/1.1\r\nHost: localhost\r\n" + CLOSE + b"\r\n",
            400,
            id="h1_5_kb",
        ),
        pytest.param(
            b"GET /?x=" + b"a" * 20_000 + b" HTTP/1.1\r\nHost: localhost\r\n" + CLOSE + b"\r\n", 414, id="h1_20_kb"
        ),
        pytest.param(b"GET /?x=" + b"a" * 1_000_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", 431, id="h2_1_mb"),
        pytest.param(HELLO[:-2] + b"X: " + b"a" * 300_000 + b"\r\n\r\n", 431, id="h3_300_kb"),
        pytest.param(HELLO[:-2] + b"Host: other\r\n\r\n", 400, id="h4_two_hosts"),
        pytest.param(b"GET /healthz HTTP/1.1\r\n" + CLOSE + b"\r\n", 200, id="h5_no_host"),
        pytest.param(HELLO.replace(b"localhost", b"evil.example"), 400, id="h6_another_host"),
        pytest.param(HELLO.replace(b"localhost", b"[::1]:5000"), 200, id="h7_ipv6_host"),
        pytest.param(
            JSON_POST + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400, id="h8_two_lengths"
        ),
        pytest.param(
            b"POST /ask HTTP/1.0\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            400,
            id="h8_in_1.0",
        ),
        pytest.param(JSON_POST + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}", 400, id="h9_twice"),
        pytest.param(JSON_POST + b"Content-Length: -1\r\n\r\n", 400, id="h9_negative"),
        pytest.param(JSON_POST + b"Content-Length: abc\r\n\r\n", 400, id="h9_letters"),
        pytest.param(JSON_POST + b"Content-Length: 2000000000\r\n\r\n", 413, id="h10_2_gb"),
        pytest.param(JSON_POST + b"Content-Length: 1" + b"0" * 20 + b"\r\n\r\n", 413, id="h10_beyond_64_bit"),
        pytest.param(
            JSON_POST + CLOSE + b"Transfer-Encoding: chunked\r\n\r\n11170\r\n" + b" " * 0x11170 + b"\r\n0\r\n\r\n",
            413,
            id="h11_70_kb_in_chunks",
        ),
        pytest.param(JSON_POST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n", 400, id="h12_bad_chunk"),
        pytest.param(HELLO.replace(b"HTTP/1.1", b"HTTP/3.7"), 400, id="h15_http_3.7"),
        pytest.param(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400, id="h15_tls"),
        pytest.param(HELLO[:-2] + b"X: a\r\n b\r\n\r\n", 400, id="h16_folded"),
        pytest.param(HELLO[:-2] + b"X : a\r\n\r\n", 400, id="h16_blank_before_colon"),
        pytest.param(HELLO[:-2] + b"X: a\nY: b\r\n\r\n", 400, id="h16_bare_lf"),
        pytest.param(HELLO[:-2] + b"X: a\x00b\r\n\r\n", 400, id="h16_control"),
        pytest.param(HELLO.replace(b"/healthz", b"/documents/a%00b"), 404, id="h17_nul"),
        pytest.param(HELLO.replace(b"/healthz", "/documents/é".encode()), 400, id="h17_raw_utf8"),
        pytest.param(HELLO.replace(b"GET /healthz", b"OPTIONS *"), 404, id="h18_options"),
        pytest.param(HELLO.replace(b"GET", b"TRACE"), 405, id="h18_trace"),
        pytest.param(HELLO.replace(b"GET", b"FOO"), 405, id="h19_foo"),
        pytest.param(HELLO.replace(b"/healthz", b"//evil.example/%2e%2e"), 404, id="h32_no_redirect"),
    ],
)
def test_the_wire_is_answered_with(port, request_bytes, expected):
    assert status(exchange(port, request_bytes)) == expected


def test_h1_what_the_application_refuses_has_the_one_error_body(port):
    request = (
        b"GET /?x=" + b"a" * 20_000 + b" HTTP/1.1\r\nHost: localhost\r\nAccept: application/json\r\n" + CLOSE + b"\r\n"
    )
    head, body = exchange(port, request).split(b"\r\n\r\n", 1)
    assert b"Content-Type: application/problem+json" in head
    assert json.loads(body)["code"] == "url_too_long"


def test_h10_a_huge_body_is_refused_before_it_is_sent(port):
    began = time.monotonic()
    answer = exchange(port, JSON_POST + b"Content-Length: 2000000000\r\nExpect: 100-continue\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 413 ") or b"\r\nHTTP/1.1 413 " in answer
    assert time.monotonic() - began < 2


def test_h13_a_body_that_ends_early_closes_the_connection(port):
    with socket.create_connection(("127.0.0.1", port), 10) as connection:
        connection.sendall(JSON_POST + b"Content-Length: 50\r\n\r\n{")
        connection.shutdown(socket.SHUT_WR)
        assert read_all(connection) == b""


def test_h14_a_client_that_waits_is_told_to_continue(port):
    body = b'{"question": "Vasa"}'
    with socket.create_connection(("127.0.0.1", port), 10) as connection:
        connection.sendall(JSON_POST + CLOSE + b"Expect: 100-continue\r\nContent-Length: %d\r\n\r\n" % len(body))
        assert connection.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(body)
        assert status(read_all(connection)) == 200


def test_h26_the_body_of_a_refused_request_is_not_the_next_request(port):
    body = HELLO.ljust(70_000)
    answer = exchange(port, JSON_POST + b"Content-Length: %d\r\n\r\n" % len(body) + body + HELLO)
    assert re.findall(rb"HTTP/1\.1 (\d+)", answer) == [b"413", b"200"]


def test_h21_h22_slow_clients_do_not_keep_others_waiting(port):
    with contextlib.ExitStack() as stack:
        for number in range(200):
            connection = stack.enter_context(socket.create_connection(("127.0.0.1", port), 10))
            connection.sendall(b"GET / HTTP/1.1\r\nX: " if number % 2 else JSON_POST + b"Content-Length: 50\r\n\r\n{")
        began = time.monotonic()
        for _ in range(20):
            assert get(port, "/ask?question=Vasa")[0].status == 200
        assert (time.monotonic() - began) / 20 < 0.1


# Stopping


def ask(connection, question="iraq"):
    connection.sendall(f"GET /ask?question={question} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())


def complete(answer):
    """Whether an answer came whole, with 200 and word that the connection ends."""
    head, _, body = answer.partition(b"\r\n\r\n")
    return b" 200 OK" in head and b"Connection: close" in head and b"Content-Length: %d\r\n" % len(body) in head


def test_p1_every_request_in_flight_is_answered_before_the_process_ends():
    with slow(0.15) as (process, port), contextlib.ExitStack() as stack:
        # 24 requests for 8 turns: some run, the others wait, for less than the half second that a question may wait.
        connections = [stack.enter_context(socket.create_connection(("127.0.0.1", port), 20)) for _ in range(24)]
        for connection in connections:
            ask(connection)
        process.terminate()
        began = time.monotonic()
        assert [complete(read_all(connection)) for connection in connections] == [True] * 24
        assert process.wait(10) == 0
        assert time.monotonic() - began < 10


def test_p2_connections_that_wait_to_be_accepted_are_answered_too():
    with slow(0.01) as (process, port), contextlib.ExitStack() as stack:
        process.send_signal(signal.SIGSTOP)
        connections = [stack.enter_context(socket.create_connection(("127.0.0.1", port), 20)) for _ in range(50)]
        for connection in connections[:40]:
            ask(connection)
        process.send_signal(signal.SIGTERM)
        process.send_signal(signal.SIGCONT)
        time.sleep(0.2)
        for connection in connections[40:]:
            ask(connection)
        assert [complete(read_all(connection)) for connection in connections] == [True] * 50
        assert process.wait(10) == 0


def test_p2_under_load_no_fresh_connection_is_lost():
    outcomes = []

    def load(port):
        while True:
            try:
                connection = socket.create_connection(("127.0.0.1", port), 20)
            except ConnectionRefusedError:
                return
            with connection:
                ask(connection)
                try:
                    answer = connection.recv(12)
                except OSError as error:
                    answer = str(error).encode()
                outcomes.append(answer)

    with slow(0.002) as (process, port):
        threads = [threading.Thread(target=load, args=(port,)) for _ in range(16)]
        for thread in threads:
            thread.start()
        while len(outcomes) < 200:
            time.sleep(0.01)
        process.terminate()
        for thread in threads:
            thread.join()
        assert process.wait(10) == 0
    assert set(outcomes) == {b"HTTP/1.1 200"}


def test_p2_a_kept_connection_is_told_to_close_and_ready_says_no():
    with slow(0.5) as (process, port):
        kept = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        kept.request("GET", "/healthz")
        first = kept.getresponse()
        first.read()
        with socket.create_connection(("127.0.0.1", port), 20) as busy:
            ask(busy)
            get(port, "/healthz")
            process.terminate()
            while True:  # the port closes when the stop begins
                try:
                    socket.create_connection(("127.0.0.1", port), 20).close()
                except ConnectionRefusedError:
                    break
            kept.request("GET", "/readyz")
            second = kept.getresponse()
            assert (second.status, second.getheader("Connection")) == (503, "close")
            assert first.getheader("Connection") is None
            assert complete(read_all(busy))
        kept.close()
        assert process.wait(10) == 0


def test_p3_an_idle_server_stops_at_once_on_sigint():
    with slow(0) as (process, port), socket.create_connection(("127.0.0.1", port), 20):
        process.send_signal(signal.SIGINT)
        began = time.monotonic()
        assert process.wait(10) == 0
        assert time.monotonic() - began < 3
        assert json.loads(process.stderr.read())["message"] == "stopped"


def test_p3_a_second_signal_ends_the_process_at_once():
    with slow(30) as (process, port), socket.create_connection(("127.0.0.1", port), 20) as connection:
        ask(connection)
        assert get(port, "/healthz")[0].status == 200
        process.terminate()
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(0.5)
        process.terminate()
        assert process.wait(2) == 128 + signal.SIGTERM


def test_p3_a_request_longer_than_the_grace_time_is_cut_and_logged():
    with slow(30, grace=0.5) as (process, port), socket.create_connection(("127.0.0.1", port), 20) as connection:
        ask(connection)
        assert get(port, "/healthz")[0].status == 200
        process.terminate()
        assert process.wait(5) == 0
        assert "stopped with 1 connections unfinished after 0.5 s" in process.stderr.read()
        assert read_all(connection) == b""
