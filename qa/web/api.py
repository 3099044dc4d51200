"""The JSON routes: the question itself, and whether the process lives and is ready."""

from flask import Blueprint, Response

from qa.web.access import admitted
from qa.web.asking import answered
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
    answer, took_ms = answered(request)
    return json_response(answer_json(answer, _corpus_block(now), round(took_ms, 3), request.explain))


@routes.get("/healthz")
def healthz() -> Response:
    """200 while the process lives."""
    return json_response({"status": "ok"})


@routes.get("/readyz")
def readyz() -> Response:
    """200 while questions are welcome, 503 from the moment the process is asked to stop."""
    if draining():
        raise Problem("unavailable", "the service is stopping; ask another one")
    ready = readiness(snapshot())
    if not admitted():  # the reason names files, and the rest tells what is served and when it changes
        reason = ready["stale_reason"] and "the folder cannot be read; the log of the service says why"
        ready |= {"stale_reason": reason, "corpus": None}
    return json_response(ready)


def readiness(now: Snapshot) -> Json:
    """What /readyz says of a service that answers from `now`."""
    return {
        "status": "ready",
        "stale": now.stale_reason is not None,
        "stale_reason": now.stale_reason,
        "corpus": _corpus_block(now),
    }


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
