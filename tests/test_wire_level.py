"""Bytes that no HTTP library would send, on the socket of the real server: each is answered, or the connection ends."""

import contextlib
import json
import re
import socket
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from tests.server_support import CLOSE, HELLO, JSON_POST, exchange, get, read_all, running, status


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("log") / "stderr"


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory, log: Path) -> Iterator[int]:
    folder = tmp_path_factory.mktemp("corpus")
    (folder / "vasa.txt").write_text("The Vasa sank in 1628.\n", encoding="utf-8")
    with log.open("w") as stderr, running("--port", "0", "--corpus", str(folder), stderr=stderr) as (_, port):
        yield port


def hello(line: bytes = b"GET /healthz HTTP/1.1", *headers: bytes) -> bytes:
    return b"\r\n".join([line, b"Host: localhost", b"Connection: close", *headers, b"", b""])


@pytest.mark.parametrize(
    ("request_bytes", "expected"),
    [
        pytest.param(hello(b"GET /healthz HTTP/1.1", b"X: " + b"a" * 10_000), {200}, id="h3_a_header_of_10_kb"),
        pytest.param(hello(b"GET /healthz HTTP/1.1", b"X: " + b"a" * 40_000), {431}, id="h3_a_header_of_40_kb"),
        pytest.param(hello(b"GET /healthz HTTP/1.1", *[b"X: a"] * 150), {200}, id="h3_150_headers"),
        pytest.param(hello(b"GET /healthz HTTP/1.1", *[b"X: a"] * 9_000), {431}, id="h3_9000_headers"),
        pytest.param(
            JSON_POST + CLOSE + b"Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}", {400}, id="h9_equal_twice"
        ),
        pytest.param(JSON_POST + CLOSE + b"Content-Length: +2\r\n\r\n{}", {400}, id="h9_plus"),
        pytest.param(JSON_POST + CLOSE + b"Content-Length: 2_0\r\n\r\n{}", {400}, id="h9_underscore"),
        pytest.param(JSON_POST + CLOSE + b"Content-Length: 0x2\r\n\r\n{}", {400}, id="h9_hexadecimal"),
        pytest.param(JSON_POST + CLOSE + b"Content-Length: \xb2\r\n\r\n{}", {400}, id="h9_superscript_two"),
        pytest.param(JSON_POST + CLOSE + b"Content-Length:\r\n\r\n", {400}, id="h9_empty"),
        pytest.param(hello(b"GET /healthz HTTP/1.1", b"Expect: nonsense"), {200, 417}, id="h14_expect_nonsense"),
        pytest.param(hello(b"get /healthz HTTP/1.1"), {400, 405}, id="h15_lower_case"),
        pytest.param(hello(b"GET /healthz HTTP/1.12"), {400}, id="h15_version_1.12"),
        pytest.param(hello(b"GET /healthz"), {400}, id="h15_no_version"),
        pytest.param(b"\r\n" * 5 + b"GET\r\n\r\n", {400}, id="h15_no_target"),
        pytest.param(hello(b"G\x00T /healthz HTTP/1.1"), {400, 405}, id="h15_nul_in_method"),
        pytest.param(hello(b"GET /healthz HTTP/1.1", b"X: a\rb"), {400}, id="h16_bare_cr"),
        pytest.param(hello(b"GET /healthz HTTP/1.1", b": a"), {400}, id="h16_no_name"),
        pytest.param(hello(b"GET /healthz HTTP/1.1", b"no colon"), {400}, id="h16_no_colon"),
        pytest.param(hello(b"GET /healthz HTTP/1.1", b"X\x00: a"), {400}, id="h16_nul_in_name"),
        pytest.param(hello(b"CONNECT evil.example:443 HTTP/1.1"), {400, 404, 405}, id="h18_connect"),
        pytest.param(hello(b"OPTIONS /ask HTTP/1.1"), {200, 405}, id="h18_options_of_a_route"),
        pytest.param(
            JSON_POST + CLOSE + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", {400, 501}, id="h12_gzip_chunked"
        ),
        pytest.param(
            JSON_POST + CLOSE + b"Transfer-Encoding: chunked\r\n\r\n-1\r\n{}\r\n0\r\n\r\n", {400}, id="h12_minus_one"
        ),
    ],
)
def test_bytes_are_answered_with(port: int, request_bytes: bytes, expected: set[int]) -> None:
    assert status(exchange(port, request_bytes)) in expected


def test_h18_trace_repeats_nothing(port: int) -> None:
    answer = exchange(port, hello(b"TRACE / HTTP/1.1", b"X-Secret: open-sesame"))
    assert status(answer) == 405
    assert b"sesame" not in answer


def test_h19_a_method_of_another_service_gets_the_one_error_body(port: int) -> None:
    head, body = exchange(port, hello(b"DELETE /ask HTTP/1.1")).split(b"\r\n\r\n", 1)
    assert b"Allow: GET, HEAD, OPTIONS, POST" in head
    assert json.loads(body)["code"] == "method_not_allowed"


@pytest.mark.parametrize(
    "target",
    [b"//evil.example/", b"/\\evil.example", b"/%5cevil.example", b"http://evil.example/x", b"/%0d%0aLocation:%20x"],
)
def test_h32_no_target_leads_to_another_host(port: int, target: bytes) -> None:
    answer = exchange(port, hello(b"GET " + target + b" HTTP/1.1"))
    assert status(answer) == 404
    assert b"\r\nlocation" not in answer.lower()


def test_h26_of_pipelined_requests_each_has_its_answer_in_order(port: int) -> None:
    paths = [b"/healthz", b"/nope", b"/readyz", b"/ask", b"/healthz"]
    requests = b"".join(b"GET " + path + b" HTTP/1.1\r\nHost: localhost\r\n\r\n" for path in paths)
    answers = exchange(port, requests + HELLO)
    assert re.findall(rb"HTTP/1\.1 (\d+)", answers) == [b"200", b"404", b"200", b"400", b"200", b"200"]


def test_h10_a_refused_body_costs_no_memory(port: int) -> None:
    for _ in range(20):
        with socket.create_connection(("127.0.0.1", port), 10) as connection:
            connection.sendall(JSON_POST + b"Content-Length: 2000000000\r\n\r\n")
            with contextlib.suppress(OSError):
                for _ in range(100):
                    connection.sendall(b" " * 65_536)
            answer = b""
            with contextlib.suppress(OSError):
                answer = read_all(connection)
            # The reset that ends the sending may overtake the refusal.
            assert answer == b"" or status(answer) == 413
    assert get(port, "/healthz")[0].status == 200


def test_h13_a_request_that_ends_anywhere_keeps_no_thread(port: int) -> None:
    whole = JSON_POST + b"Content-Length: 20\r\n\r\n" + b'{"question": "Vasa"}'
    for length in range(0, len(whole), 3):
        with socket.create_connection(("127.0.0.1", port), 10) as connection:
            connection.sendall(whole[:length])
            connection.shutdown(socket.SHUT_WR)
            assert read_all(connection) == b"" or length == len(whole)
    assert get(port, "/ask?question=Vasa")[0].status == 200


def changed(chance: Random) -> bytes:
    """A good request with some of its bytes changed, left out or doubled."""
    wire = bytearray(
        chance.choice([HELLO, JSON_POST + CLOSE + b"Content-Length: 20\r\n\r\n" + b'{"question": "Vasa"}'])
    )
    for _ in range(chance.randrange(1, 5)):
        place = chance.randrange(len(wire))
        kind = chance.randrange(3)
        if kind == 0:
            wire[place] = chance.choice(b"\0\r\n :\xff\t;,")
        elif kind == 1:
            del wire[place : place + chance.randrange(1, 9)]
        else:
            wire[place:place] = wire[max(0, place - 20) : place]
    return bytes(wire)


def test_h16_changed_bytes_are_answered_or_the_connection_ends(port: int, log: Path) -> None:
    chance = Random(16)  # noqa: S311 - no secret is made of it
    seen = set()
    for number in range(400):
        wire = changed(chance) if number % 2 else chance.randbytes(chance.randrange(300)) + b"\r\n\r\n"
        with socket.create_connection(("127.0.0.1", port), 10) as connection:
            with contextlib.suppress(OSError):
                connection.sendall(wire)
                connection.shutdown(socket.SHUT_WR)  # else what is not whole is waited for
            answer = read_all(connection)
        found = [int(each) for each in re.findall(rb"^HTTP/1\.[01] (\d+)", answer, flags=re.MULTILINE)]
        assert all(each < 500 for each in found), (wire, answer)
        seen.update(found)
    assert {200, 400} <= seen
    assert get(port, "/healthz")[0].status == 200
    assert "Traceback" not in log.read_text()
