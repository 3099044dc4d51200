"""What clients, the system and our own faults can do to the real server, and that it goes on serving."""

import contextlib
import http.client
import json
import logging
import socket
import struct
import threading
import time
from collections import Counter

import pytest
from waitress.buffers import OverflowableBuffer

from tests.server_support import HELLO, exchange, get, running, served, status
from tests.waiting import until
from tests.web_support import FakeEngine, document


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus" / "vasa.txt").write_text("The Vasa sank in 1628.\n", encoding="utf-8")
    return tmp_path / "corpus"


def open_descriptors(port):
    text = get(port, "/metrics")[1].decode()
    return int(float(text.split("\nprocess_open_fds ")[1].split("\n")[0]))


def asks(port, question="Vasa"):
    return get(port, f"/ask?question={question}")[0].status


# Clients

# As few threads as there can be: one for a question, one for a document and one for all else.
FEW_THREADS = {"silence_seconds": 1, "threads": 3, "max_in_flight": 1, "max_documents_in_flight": 1}


def test_h23_silent_connections_keep_nobody_waiting_and_are_closed():
    with served(FakeEngine(), **FEW_THREADS) as port, contextlib.ExitStack() as stack:
        silent = [stack.enter_context(socket.create_connection(("127.0.0.1", port), 20)) for _ in range(150)]
        began = time.monotonic()
        assert asks(port) == 200
        assert time.monotonic() - began < 1
        assert {connection.recv(1) for connection in silent} == {b""}


def test_h24_a_client_that_asks_and_does_not_read_holds_no_thread():
    """Each asks for more than the system buffers, and then for more: that the server must not wait for."""
    large = FakeEngine(document("large", "All the words of a long document. " * 60_000))
    request = b"GET /documents/large HTTP/1.1\r\nHost: localhost\r\nAccept: text/plain\r\n\r\n"
    with served(large, **FEW_THREADS) as port, contextlib.ExitStack() as stack:
        greedy = []
        for _ in range(6):
            client = socket.socket()
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            client.connect(("127.0.0.1", port))
            client.sendall(request * 80)
            greedy.append(stack.enter_context(client))
        began = time.monotonic()
        for _ in range(5):
            assert asks(port) == 200
        assert time.monotonic() - began < 10
        for client in greedy:
            client.settimeout(20)
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
            with contextlib.suppress(ConnectionResetError):
                while client.recv(1 << 20):
                    pass


def test_h24_a_client_that_reads_slowly_gets_all_of_its_answer():
    large = FakeEngine(document("large", "All the words of a long document. " * 60_000))
    with served(large) as port, socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.connect(("127.0.0.1", port))
        client.sendall(b"GET /documents/large HTTP/1.0\r\nHost: localhost\r\nAccept: text/plain\r\n\r\n")
        received = b""
        for _ in range(100):
            received += client.recv(1)
        client.settimeout(20)
        while data := client.recv(1 << 16):
            received += data
    assert received.split(b"\r\n\r\n", 1)[1].decode() == large.corpus.documents[0].text


def test_h25_clients_that_hang_up_leave_no_trace(caplog):
    caplog.set_level(logging.INFO)
    large = FakeEngine(document("large", "All the words of a long document. " * 60_000))
    request = b"GET /documents/large HTTP/1.1\r\nHost: localhost\r\nAccept: text/plain\r\n\r\n"
    with served(large) as port:
        before = open_descriptors(port)
        for _ in range(20):
            client = socket.create_connection(("127.0.0.1", port), 20)
            client.sendall(request * 2)
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # close() resets
            client.recv(1)
            client.close()
        until(lambda: open_descriptors(port) <= before)
    assert {record.getMessage() for record in caplog.records} == {"request"}


@pytest.mark.parametrize(
    ("header", "client"),
    [
        ("X-Forwarded-For: 203.0.113.9", "203.0.113.9"),
        ("X-Forwarded-For: 198.51.100.66\r\nX-Forwarded-For: 203.0.113.9", "203.0.113.9"),
        ("X_Forwarded_For: 198.51.100.66", "127.0.0.1"),
        ("Forwarded: for=198.51.100.66", "127.0.0.1"),
        ("X-Real-IP: 198.51.100.66", "127.0.0.1"),
    ],
)
@pytest.mark.parametrize("trusted", ["127.0.0.0/8", ""])
def test_h27_the_client_in_the_log_is_the_one_a_trusted_proxy_names(proxied, trusted, header, client):
    request = HELLO[:-2] + header.encode() + b"\r\n\r\n"
    assert proxied(trusted, request)["client"] == (client if trusted else "127.0.0.1")


@pytest.fixture(scope="module")
def proxied(tmp_path_factory):
    """Gives the line of the log about a request to a server that trusts a network."""
    folder = tmp_path_factory.mktemp("corpus")
    (folder / "vasa.txt").write_text("The Vasa sank in 1628.\n", encoding="utf-8")
    with contextlib.ExitStack() as stack:
        servers = {
            trusted: stack.enter_context(running("--port", "0", "--corpus", str(folder), QA_TRUSTED_PROXIES=trusted))
            for trusted in ("127.0.0.0/8", "")
        }

        def line(trusted, request):
            process, port = servers[trusted]
            assert status(exchange(port, request)) == 200
            return json.loads(process.stderr.readline())

        yield line


def test_h34_under_overload_there_are_answers_and_refusals_and_then_all_is_well():
    """A hundred clients that come back when they are told to, for two seconds, at 100 ms of work a question."""
    statuses, after = Counter(), []
    ends = time.monotonic() + 2

    def client(port):
        while time.monotonic() < ends:
            response, _ = get(port, "/ask?question=Vasa")
            statuses[response.status] += 1
            if response.status == 503:
                after.append(int(response.getheader("Retry-After")))
                time.sleep(max(0.0, min(after[-1], ends - time.monotonic())))

    class WorkingEngine(FakeEngine):
        def ask(self, *arguments):
            time.sleep(0.1)
            return super().ask(*arguments)

    with served(WorkingEngine()) as port:
        threads = [threading.Thread(target=client, args=(port,)) for _ in range(100)]
        for thread in threads:
            thread.start()
        began = time.monotonic()
        assert get(port, "/healthz")[0].status == 200
        assert time.monotonic() - began < 1
        for thread in threads:
            thread.join()
        began = time.monotonic()
        assert asks(port) == 200
        assert time.monotonic() - began < 2
    assert statuses.keys() == {200, 503}
    assert set(after) == {1}


# The system

# The real server, where the question "hold" takes every descriptor there is and "free" gives them back.
HOARDING = """
import os, resource
from qa.engine import Engine
import server
resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
ask, held = Engine.ask, []
def hoarding(engine, question, *arguments):
    try:
        while question == "hold":
            held.append(os.open("/dev/null", os.O_RDONLY))
    except OSError:
        pass
    while question == "free" and held:
        os.close(held.pop())
    return ask(engine, question, *arguments)
Engine.ask = hoarding
server.main()
"""


def cpu_seconds(process):
    with open(f"/proc/{process.pid}/stat") as file:
        user, system = file.read().rsplit(")", 1)[1].split()[11:13]
    return (int(user) + int(system)) / 100


def ask(connection, question):
    connection.request("GET", f"/ask?question={question}")
    response = connection.getresponse()
    response.read()
    return response.status


def test_p14_without_descriptors_it_waits_without_haste_and_recovers(folder):
    with (
        running("--port", "0", "--corpus", str(folder), program=("-c", HOARDING)) as (process, port),
        contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=20)) as kept,
        contextlib.ExitStack() as stack,
    ):
        assert ask(kept, "hold") in (200, 503)  # it may need a list of words for the first time
        waiting = [stack.enter_context(socket.create_connection(("127.0.0.1", port), 20)) for _ in range(10)]
        for connection in waiting:
            connection.sendall(HELLO)
        began, used = time.monotonic(), cpu_seconds(process)
        for _ in range(5):
            assert ask(kept, "Vasa") == 200
            time.sleep(0.2)
        assert cpu_seconds(process) - used < 0.5 * (time.monotonic() - began)
        assert ask(kept, "free") == 200
        for connection in waiting:
            assert connection.recv(12) == b"HTTP/1.1 200"
        assert asks(port) == 200


def test_p14_more_connections_than_descriptors_wait_until_some_are_closed(folder):
    with (
        running("--port", "0", "--corpus", str(folder), program=("-c", HOARDING)) as (process, port),
        contextlib.ExitStack() as stack,
    ):
        crowd = [stack.enter_context(socket.create_connection(("127.0.0.1", port), 20)) for _ in range(100)]
        began, used = time.monotonic(), cpu_seconds(process)
        time.sleep(1)
        assert cpu_seconds(process) - used < 0.5 * (time.monotonic() - began)
        for connection in crowd[:-1]:
            connection.close()
        crowd[-1].sendall(HELLO)
        assert crowd[-1].recv(12) == b"HTTP/1.1 200"
        assert asks(port) == 200


# Our own faults

# The real server, where the question "exit" ends the thread that works on it, as a library might.
EXITING = """
import sys
from qa.engine import Engine
import server
ask = Engine.ask
def exiting(engine, question, *arguments):
    if question == "exit":
        sys.exit("enough")
    return ask(engine, question, *arguments)
Engine.ask = exiting
server.main()
"""


def test_p22_work_that_ends_its_thread_costs_one_connection_and_no_thread(folder, tmp_path):
    log = tmp_path / "log"
    arguments = ("--port", "0", "--corpus", str(folder))
    with log.open("w") as stderr, running(*arguments, program=("-c", EXITING), stderr=stderr) as (process, port):
        for _ in range(100):
            with socket.create_connection(("127.0.0.1", port), 20) as connection:
                connection.sendall(b"GET /ask?question=exit HTTP/1.1\r\nHost: localhost\r\n\r\n")
                assert connection.recv(1) == b""
        assert asks(port) == 200
        process.terminate()
        assert process.wait(10) == 0
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert sum("SystemExit: enough" in line.get("exception", "") for line in lines) == 100
    assert "question=exit" not in log.read_text()


def test_p22_a_fault_while_a_connection_is_taken_costs_that_connection_only(monkeypatch):
    faults = iter([MemoryError()])

    def buffer(overflow):
        for fault in faults:
            raise fault
        return OverflowableBuffer(overflow)

    with served(FakeEngine()) as port:
        monkeypatch.setattr("waitress.channel.OverflowableBuffer", buffer)
        assert exchange(port, HELLO) == b""
        assert asks(port) == 200
