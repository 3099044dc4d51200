"""The JSON routes: the question itself, and whether the process lives and is ready."""

import time

from flask import Blueprint, Response

from qa.web.problems import Problem
from qa.web.requests import asked
from qa.web.responses import json_response
from qa.web.service import Snapshot, draining, snapshot
from qa.wire import Json, answer_json, corpus_json

routes = Blueprint("api", __name__)


@routes.route("/ask", methods=["GET", "POST"])
def ask() -> Response:
    """The answer to one question, with its citations."""
    request = asked()
    now = snapshot()
    started = time.perf_counter()
    answer = now.engine.ask(request.question, request.top_k, request.documents)
    took_ms = round((time.perf_counter() - started) * 1000, 3)
    return json_response(answer_json(answer, _corpus_block(now), took_ms, request.explain))


@routes.get("/healthz")
def healthz() -> Response:
    """200 while the process lives."""
    return json_response({"status": "ok"})


@routes.get("/readyz")
def readyz() -> Response:
    """200 while questions are welcome, 503 from the moment the process is asked to stop."""
    if draining():
        raise Problem("unavailable", "the service is stopping; ask another one")
    return json_response({"status": "ready", "corpus": _corpus_block(snapshot())})


def _corpus_block(now: Snapshot) -> Json:
    engine = now.engine
    return corpus_json(
        engine.corpus,
        len(engine.passages),
        now.version,
        now.indexed_at,
        engine.calibration,
        engine.mode,
        engine.model,
    )
