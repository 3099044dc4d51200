"""The HTML routes: the form and its answer, the documents, and what an error code means."""

from flask import Blueprint, Response

from qa.errors import UnknownDocument
from qa.web.asking import answered, document_turn
from qa.web.forms import form
from qa.web.negotiation import preferred
from qa.web.problems import KINDS, Problem
from qa.web.requests import asked_before, asked_in_form, place
from qa.web.responses import json_response, page, revalidated
from qa.web.service import snapshot
from qa.web.source import Neighbours, document_view, neighbours
from qa.web.views import answer_view, citations_of, query_of
from qa.wire import cut_document_json, documents_json

HTML, JSON, TEXT = "text/html", "application/json", "text/plain"

routes = Blueprint("pages", __name__)


@routes.get("/")
def home() -> Response:
    """The empty form, or the answer to the question in the URL."""
    request, chosen = asked_in_form()
    if request is None:
        response = page("home.html", form=form(chosen=chosen))
    else:
        answer, _ = answered(request)
        view = answer_view(answer, request, snapshot().engine.calibration)
        response = page("answer.html", view=view, form=form(request.question, chosen))
    response.headers["Cache-Control"] = "private, no-cache"
    return response


@routes.get("/documents")
def documents() -> Response:
    """What is served, and what was skipped and why."""
    if preferred(HTML, JSON) == HTML:
        response = page("documents.html")
    else:
        response = json_response(documents_json(snapshot().engine.corpus))
    return _source(response)


@routes.get("/documents/<path:document_id>")
def document(document_id: str) -> Response:
    """The canonical text: as a page with the cited place marked, as it is, or how it was cut."""
    engine = snapshot().engine
    found = engine.document(document_id)
    form_of_it = preferred(HTML, JSON, TEXT)
    beside = _neighbours(document_id) if form_of_it == HTML else None
    with document_turn():
        if form_of_it == HTML:
            view = document_view(found, engine.sections(document_id), place(), beside)
            response = page("document.html", view=view)
        elif form_of_it == JSON:
            response = json_response(cut_document_json(found, engine.sections(document_id)))
        else:
            response = Response(found.text.encode(), content_type="text/plain; charset=utf-8")
        return _source(response)


def _neighbours(document_id: str) -> Neighbours | None:
    """The citations beside this one in the answer that led here, None where none did or it cannot be had just now."""
    request = asked_before()
    if request is None:
        return None
    try:
        answer, _ = answered(request)
    except (UnknownDocument, Problem, RecursionError, MemoryError):
        return None
    return neighbours(citations_of(answer, request), document_id, place(), query_of(request))


@routes.get("/problems/<code>")
def problem(code: str) -> Response:
    """What an error code means and how to avoid it."""
    kind = KINDS.get(code)
    if kind is None:
        raise Problem("not_found", "there is no such error code")
    if preferred(HTML, JSON) == HTML:
        response = page("code.html", code=code, kind=kind)
    else:
        response = json_response(
            {"code": code, "status": kind.status, "title": kind.title, "explanation": kind.explanation}
        )
    return _source(response)


def _source(response: Response) -> Response:
    response.vary.add("Accept")
    return revalidated(response)
