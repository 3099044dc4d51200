"""Every error becomes the one error body: problem+json (RFC 9457), or a page where HTML is preferred.

No internal text ever leaves: what is not expected is logged under the request's id and answered with a plain sentence.
"""

import errno
import logging
import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from flask import Flask, Response, g, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from qa.errors import FieldError, UnknownDocument
from qa.web.accounts import note_problem
from qa.web.forms import typed_form
from qa.web.plain import plain
from qa.web.responses import json_response, page
from qa.wire import shown

logger = logging.getLogger(__name__)

# What the system says when it has no more descriptors or memory; both come back.
USED_UP = (errno.EMFILE, errno.ENFILE, errno.ENOMEM)

REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
# When to try again: a question takes milliseconds, another process some seconds to start.
RETRY_AFTER_SECONDS = {"overloaded": "1", "unavailable": "5", "not_reloaded": "60"}


@dataclass(frozen=True, slots=True)
class Kind:
    """What an error code means to the one who meets it."""

    status: int
    title: str
    explanation: str


KINDS = {
    "invalid_field": Kind(
        400,
        "A field breaks its rule",
        "The error names the field, the value and the rule. A question has at most 1,000 characters and at least one "
        "that is not blank; top_k is a whole number from 1 to 20; documents is a list of document ids; explain "
        "is true or false. /verify takes at most 200 citations, each with document_id, start, end and quote. Fields "
        "that are unknown, or given twice, are refused.",
    ),
    "invalid_json": Kind(
        400,
        "The body is not the JSON object expected",
        "The body of a POST is one JSON object in UTF-8, nested at most 20 levels deep, without NaN, Infinity or "
        "repeated keys.",
    ),
    "bad_request": Kind(
        400,
        "The request is malformed",
        "The request does not follow HTTP, or contradicts itself, so that it cannot be understood in only one way.",
    ),
    "unauthorized": Kind(
        401,
        "A key is needed",
        "Whoever runs this service gave it a key. Send it as Authorization: Bearer KEY, or as the password of HTTP "
        "Basic with any user name.",
    ),
    "not_found": Kind(
        404,
        "There is nothing here",
        "The address leads to nothing. The question form is at /, the documents are at /documents.",
    ),
    "unknown_document": Kind(
        404,
        "There is no such document",
        "A document id is the document's path in its folder without the ending, in lower case. "
        "/documents lists all ids.",
    ),
    "method_not_allowed": Kind(405, "This method is not allowed here", "The header Allow names the methods that are."),
    "not_acceptable": Kind(
        406,
        "None of the accepted types can be given",
        "The header Accept names no type this resource has. The error says which there are.",
    ),
    "body_too_large": Kind(413, "The body is too large", "A body has at most 64 KiB, that of /verify 1 MiB."),
    "url_too_long": Kind(
        414, "The URL is too long", "A URL has at most 16 KiB. A question can also be sent with POST to /ask."
    ),
    "unsupported_media_type": Kind(
        415,
        "This kind of body is not understood",
        "The body of a POST is JSON: Content-Type: application/json, in UTF-8, not compressed.",
    ),
    "internal_error": Kind(
        500,
        "Something went wrong in this service",
        "The fault is not in the request. The log of the service tells more under the request id.",
    ),
    "overloaded": Kind(
        503,
        "Too many questions at once",
        "The service works on a number of questions at a time and refuses one more at once, so that those it has "
        "accepted are answered soon. The header Retry-After says when to try again.",
    ),
    "not_reloaded": Kind(
        503,
        "The folder could not be read again",
        "The folder has changed, or is gone, and cannot be served as it is. What was read before is still served. "
        "The error says what to mend; the folder is read again as soon as it changes.",
    ),
    "unavailable": Kind(
        503,
        "The service cannot answer this now",
        "The service is stopping, or the question needed more than it has. "
        "The header Retry-After says when to try again.",
    ),
}

# The sentences for errors that Flask raises, by status; any other below 500 is a bad_request.
ROUTING = {
    404: ("not_found", "there is nothing at this address; / asks a question, /documents lists the documents"),
    405: ("method_not_allowed", "this address does not take the method; the header Allow names those it takes"),
    413: ("body_too_large", "the body is longer than the limit of this address; send a shorter one"),
}


class Problem(Exception):
    """An error of the edge itself, by its code in KINDS; `detail` says what was wrong, the value and the way out."""

    def __init__(self, code: str, detail: str, field: str | None = None) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.field = field


class Unauthorized(Problem):
    """The request does not bring what `challenges` ask for, the values of WWW-Authenticate."""

    def __init__(self, detail: str, challenges: Sequence[str]) -> None:
        super().__init__("unauthorized", detail)
        self.challenges = challenges


def register(app: Flask) -> None:
    """Gives every request of `app` an id and every error the one body."""
    app.register_error_handler(Exception, _respond)

    @app.after_request
    def add_request_id(response: Response) -> Response:
        response.headers["X-Request-ID"] = request_id()
        return response


def request_id() -> str:
    """The id of this request: the client's own when it is harmless, else one made here."""
    if "request_id" not in g:
        given = request.headers.get("X-Request-ID", "")
        g.request_id = given if REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
    chosen: str = g.request_id
    return chosen


def _respond(error: Exception) -> Response:
    problem = _problem(error)
    kind = KINDS[problem.code]
    note_problem(problem.code)
    body = {
        "type": f"/problems/{problem.code}",
        "title": kind.title,
        "status": kind.status,
        "detail": problem.detail,
        "code": problem.code,
        "field": problem.field,
        "request_id": request_id(),
    }
    if _wants_page():
        typed = typed_form()
        is_admitted = g.get("is_admitted", False)
        words = plain(problem.code, problem.field, typed.question, is_admitted)
        # Who has not been let in learns nothing of the documents, and the form lists them.
        template = "problem.html" if is_admitted else "closed.html"
        response = page(template, kind.status, problem=body, plain=words, form=typed)
    else:
        response = json_response(body, kind.status, "application/problem+json")
    response.vary.add("Accept")
    if isinstance(error, MethodNotAllowed):
        response.headers["Allow"] = ", ".join(sorted(error.valid_methods or ()))
    if isinstance(problem, Unauthorized):
        for challenge in problem.challenges:
            response.headers.add("WWW-Authenticate", challenge)
    if problem.code in RETRY_AFTER_SECONDS:
        response.headers["Retry-After"] = RETRY_AFTER_SECONDS[problem.code]
    return response


def _problem(error: Exception) -> Problem:
    if isinstance(error, Problem):
        return error
    if isinstance(error, FieldError):
        return Problem("invalid_field", error.detail, error.field)
    if isinstance(error, UnknownDocument):
        field = "documents" if request.endpoint in ("api.ask", "pages.home") else None
        return Problem(
            "unknown_document", f"there is no document '{shown(error.document_id)}'; /documents lists the ids", field
        )
    if isinstance(error, HTTPException) and error.code is not None and error.code < 500:
        return Problem(
            *ROUTING.get(error.code, ("bad_request", "the request could not be read; check its headers and body"))
        )
    # The path may hold anything, line breaks too; the rule that matched says enough.
    logger.error("request %s: %s %s failed", request_id(), request.method, request.url_rule, exc_info=error)
    if isinstance(error, RecursionError | MemoryError | TimeoutError) or (
        isinstance(error, OSError) and error.errno in USED_UP
    ):
        return Problem("unavailable", "this question could not be worked through; ask it in fewer or plainer words")
    return Problem(
        "internal_error", "something went wrong here, not in your request; the log has it under the request id"
    )


def _wants_page() -> bool:
    """Whether HTML is preferred to JSON; the form at `/` is a page, so there no preference means a page."""
    accept = request.accept_mimetypes
    html = accept["text/html"] if accept else 1
    # Who asks for the type of the error body itself, and not of what was to be had, means JSON too.
    json = max(accept["application/json"], accept["application/problem+json"]) if accept else 1
    return html > json or (html == json and request.path == "/")
