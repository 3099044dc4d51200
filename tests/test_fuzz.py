"""Five thousand hostile requests to the service as it is: none gets a server error, and every body is what it says."""

import logging
from collections.abc import Iterator
from random import Random

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st

from qa import Engine
from server import create_app
from tests import fuzzing
from tests.fuzzing import Request

# Hypothesis makes the former, and finds the smallest that fails; the others come from a seed, which is far quicker.
N_DRAWN = 500
N_SEEDED = 4_500
ON_ITS_WAY = {200, 304, 400, 404, 405, 406, 413, 414, 415}


@pytest.fixture(scope="module")
def app() -> Iterator[Flask]:
    """The service of the three documents, which keeps quiet meanwhile."""
    logging.disable(logging.ERROR)
    yield create_app()
    logging.disable(logging.NOTSET)


def test_no_seeded_request_is_answered_wrongly(app: Flask, engine: Engine) -> None:
    report = fuzzing.fuzz(app, engine, Random(6), N_SEEDED)  # noqa: S311 - no secret is made of it
    assert report.faults == []
    assert report.by_status.keys() == ON_ITS_WAY
    assert report.slowest_ms < 10_000, report.slowest  # none hangs; how long they take is told by `make soak`


@settings(max_examples=N_DRAWN)
@given(st.randoms(use_true_random=False))
def test_no_drawn_request_is_answered_wrongly(app: Flask, engine: Engine, chance: Random) -> None:
    assert fuzzing.fuzz(app, engine, chance, 1).faults == []


@pytest.mark.parametrize(
    ("status", "headers", "body", "fault"),
    [
        pytest.param("500 X", {}, b"{}", "status 500", id="a server error"),
        pytest.param("302 X", {"Location": "//evil.example"}, b"{}", "Location is //evil.example", id="a redirect"),
        pytest.param("200 X", {}, b'{"status": NaN}', "not application/json: NaN is not JSON", id="NaN"),
        pytest.param("200 X", {}, b"<p>", "not application/json: Expecting value", id="another type"),
        pytest.param("200 X", {"X-Request-ID": "a b"}, b"{}", "X-Request-ID is 'a b'", id="request id"),
        pytest.param("200 X", {"X-Content-Type-Options": "no"}, b"{}", "X-Content-Type-Options is no", id="security"),
        pytest.param("200 X", {}, b'{"status": "fine"}', "['status']: ", id="another body than described"),
        pytest.param(
            "404 X",
            {"Content-Type": "application/problem+json"},
            b'{"code": "not_found"}',
            "not the problem body",
            id="a part",
        ),
    ],
)
def test_a_wrong_answer_would_be_seen(
    engine: Engine, status: str, headers: dict[str, str], body: bytes, fault: str
) -> None:
    whole = {
        **fuzzing.ALWAYS,
        **fuzzing.OTHERS,
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
        "Cache-Control": "no-store",
        "X-Request-ID": "a",
        **headers,
    }

    def app(environ: object, start_response: object) -> list[bytes]:
        start_response(status, list(whole.items()))  # type: ignore[operator]
        return [body]

    request = Request("GET", "/healthz")
    response, _ = fuzzing.answer(app, request)
    assert any(fault in found for found in fuzzing.faults_of(request, response, engine))
