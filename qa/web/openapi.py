"""What the service does, in the words of programs: OpenAPI 3.1 at `/openapi.json`, made from the schemas.

In: the schemas, the limits, and something to ask the documents. Out: one JSON document. Only its examples depend on
what is served, so that each of them can be tried.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from flask import Blueprint, Response

from qa.engine import Engine
from qa.formats import FORMATS
from qa.web.access import WITHOUT_KEY
from qa.web.config import Config, config
from qa.web.problems import KINDS
from qa.web.responses import json_response, revalidated
from qa.web.schemas import (
    DOCUMENT_IDS,
    EXPLAIN,
    HASH_START,
    OFFSET,
    QUESTION,
    TEXT,
    TOP_K,
    Schema,
    one_of,
    ref,
    schemas,
)
from qa.web.service import snapshot

# The version of the contract, not of the program: it grows when a program that talks to the service has to change.
VERSION = "1.0.0"
HTML, JSON, PROBLEM = "text/html", "application/json", "application/problem+json"

# What can go wrong with any request, before its route is even looked at.
ALWAYS = (400, 413, 414, 415, 500, 503)

# What to ask where the folder offers no question.
QUESTION_OF_ANY = "What is said here?"


@dataclass(frozen=True, slots=True)
class Example:
    """A question, and a quote with its place, that hold for the documents that are served."""

    question: str
    document_id: str
    start: int
    end: int
    quote: str


routes = Blueprint("openapi", __name__)


@routes.get("/openapi.json")
def openapi() -> Response:
    """The description of every route."""
    return revalidated(json_response(description(config(), _example(snapshot().engine))))


@lru_cache(maxsize=1)
def description(config: Config, example: Example) -> Schema:
    """The whole description of a service with the limits of `config`, in which `example` can be tried."""
    return {
        "openapi": "3.1.0",
        "info": {"title": "Cited answers", "version": VERSION, "description": _summary(config)},
        "servers": [{"url": "/"}],
        "paths": {**_guarded(_paths(example), config), **_admin_paths(config)},
        "components": {
            "securitySchemes": {
                "key": {"type": "http", "scheme": "bearer", "description": "The key of the service, if it has one"},
                "password": {"type": "http", "scheme": "basic", "description": "The key as password, of any user"},
                "token": {"type": "http", "scheme": "bearer", "description": "The token of who runs the service"},
            },
            "schemas": schemas(),
            "responses": {f"Problem{status}": _problem(status) for status in _statuses()},
            "headers": {
                "X-Request-ID": {
                    "description": "The request's own, when it is harmless, else one made here",
                    "required": True,
                    "schema": schemas()["Problem400"]["properties"]["request_id"],
                }
            },
        },
    }


def _example(engine: Engine) -> Example:
    """The first question the folder offers, and the first sentence of the first document."""
    passage = engine.passages[0]
    place = passage.sentences[0].moved(passage.span.start)
    question = next(iter(engine.corpus.examples), QUESTION_OF_ANY)
    quote = place.cut(engine.document(passage.document_id).text)
    return Example(question, passage.document_id, place.start, place.end, quote)


def _summary(config: Config) -> str:
    return (
        "Answers questions from a folder of documents, word for word, each with a citation that leads to the exact "
        f"place. A URL has at most {config.max_url_bytes} bytes and a body {config.max_body_bytes}, that of /verify "
        f"{config.max_verify_body_bytes}. JSON is UTF-8, nested at most {config.max_json_depth} levels deep, without "
        f"repeated keys, its whole numbers of at most {config.max_number_chars} characters. "
        "HEAD works wherever GET does, OPTIONS names the methods of a path in Allow, and any method but these and "
        "those listed is a 405 with Allow. "
        "Offsets count Unicode characters and are half-open. Every response carries X-Request-ID."
    )


def _paths(example: Example) -> Schema:
    claim = {name: getattr(example, name) for name in ("document_id", "start", "end", "quote")}
    document_id = {**_DOCUMENT_ID, "example": example.document_id}
    return {
        "/": {
            "get": _operation(
                "home",
                "The form, or the answered page of the question in the URL",
                {"200": _response("A page", {HTML: TEXT})},
                (404,),
                parameters=_question_parameters(example.question, required=False),
            )
        },
        "/ask": {
            "get": _operation(
                "ask",
                "The answer to one question",
                {"200": _response("Answered, or abstained with a reason", {JSON: ref("Answer")})},
                (404,),
                parameters=_question_parameters(example.question, required=True),
            ),
            "post": _operation(
                "askInBody",
                "The answer to one question; the URL has no query",
                {"200": _response("Answered, or abstained with a reason", {JSON: ref("Answer")})},
                (404,),
                body=_body("AskRequest", {"question": {"value": {"question": example.question, "top_k": 1}}}),
            ),
        },
        "/verify": {
            "post": _operation(
                "verify",
                "What became of citations: whether their quotes still stand where they say",
                {
                    "200": _response(
                        "One outcome for one citation, else a list",
                        {JSON: {"anyOf": [ref("Verification"), ref("Verifications")]}},
                    )
                },
                body=_body(
                    "VerifyRequest",
                    {"one": {"value": claim}, "many": {"value": {"citations": [claim]}}},
                ),
            )
        },
        "/citations/{document_id}": {
            "get": _operation(
                "citation",
                "A place of a document as a citation, in the form named or accepted",
                {"200": _response("The citation", _citation_types()), "304": _NOT_MODIFIED},
                (404, 406),
                parameters=[
                    document_id,
                    _query("start", OFFSET, required=True, example=example.start),
                    _query("end", {**OFFSET, "minimum": 1}, required=True, example=example.end),
                    _query("sha256", {"type": "string", "pattern": f"^({HASH_START})?$"}),
                    _query("format", one_of(FORMATS)),
                ],
            )
        },
        "/documents": {
            "get": _operation(
                "documents",
                "The documents that are served, and the files that were skipped with the reason",
                {"200": _response("The documents", {HTML: TEXT, JSON: ref("Documents")}), "304": _NOT_MODIFIED},
                (406,),
            )
        },
        "/documents/{document_id}": {
            "get": _operation(
                "document",
                "A document: as a page that marks a cited place, as it was cut, or its canonical text",
                {
                    "200": _response("The document", {HTML: TEXT, JSON: ref("CutDocument"), "text/plain": TEXT}),
                    "304": _NOT_MODIFIED,
                },
                (404, 406),
                parameters=[
                    document_id,
                    # A broken link still shows the document, and says what is wrong with the place.
                    *(_query(name, TEXT) for name in ("start", "end", "sha256", "from", "lines", "cut", "question")),
                    *(_query(name, TEXT) for name in ("top_k", "documents")),
                ],
            )
        },
        "/problems/{code}": {
            "get": _operation(
                "problem",
                "What an error code means and how to avoid it",
                {"200": _response("The code", {HTML: TEXT, JSON: ref("ErrorCode")}), "304": _NOT_MODIFIED},
                (404, 406),
                parameters=[{"name": "code", "in": "path", "required": True, "schema": one_of(KINDS)}],
            )
        },
        "/healthz": {
            "get": _operation("alive", "200 while the process lives", {"200": _response("Alive", {JSON: ref("Alive")})})
        },
        "/readyz": {
            "get": _operation(
                "ready",
                "200 while questions are welcome, 503 from the moment the process is asked to stop",
                {"200": _response("Ready", {JSON: ref("Ready")})},
            )
        },
        "/metrics": {
            "get": _operation(
                "metrics", "What Prometheus reads", {"200": _response("Counts and gauges", {"text/plain": TEXT})}
            )
        },
        "/openapi.json": {
            "get": _operation(
                "openapi",
                "This description",
                {"200": _response("OpenAPI 3.1", {JSON: {"type": "object"}}), "304": _NOT_MODIFIED},
            )
        },
        "/favicon.ico": {
            "get": _operation("icon", "The icon of the pages", {"200": _response("The icon", {"image/x-icon": {}})})
        },
    }


def _guarded(paths: Schema, config: Config) -> Schema:
    """The paths as they are where there is a key to bring: all but those of health ask for it."""
    if not config.api_key:
        return paths
    asks: Schema = {"security": [{"key": []}, {"password": []}]}
    for path, item in paths.items():
        if path not in WITHOUT_KEY:
            for operation in item.values():
                operation.update(asks)
                operation["responses"]["401"] = _refusal(401)
    return paths


def _admin_paths(config: Config) -> Schema:
    """The routes for whoever runs the service, none where they are off."""
    if not config.admin_token:
        return {}
    return {
        "/reload": {
            "post": {
                **_operation(
                    "reload",
                    "Reads the folder at once; takes the token for it as a Bearer token, and no key",
                    {"200": _response("The folder was read, and is served as it is now", {JSON: ref("Ready")})},
                    (401,),
                ),
                "security": [{"token": []}],
            }
        }
    }


def _statuses() -> list[int]:
    return sorted({kind.status for kind in KINDS.values()})


def _operation(
    operation_id: str,
    summary: str,
    responses: Schema,
    statuses: Iterable[int] = (),
    parameters: list[Schema] | None = None,
    body: Schema | None = None,
) -> Schema:
    """One method of one path, with the errors it may meet beside those of ALWAYS."""
    refused = {str(status): _refusal(status) for status in (*ALWAYS, *statuses)}
    found: Schema = {"operationId": operation_id, "summary": summary}
    if parameters:
        found["parameters"] = parameters
    if body:
        found["requestBody"] = body
    return {**found, "responses": {**responses, **dict(sorted(refused.items()))}}


def _refusal(status: int) -> Schema:
    return {"$ref": f"#/components/responses/Problem{status}"}


def _response(description: str, content: dict[str, Schema]) -> Schema:
    return {
        "description": description,
        "headers": _REQUEST_ID,
        "content": {media_type: {"schema": schema} for media_type, schema in content.items()},
    }


def _problem(status: int) -> Schema:
    """The response of every error with this status: the error body, or a page where HTML is preferred."""
    codes = ", ".join(code for code, kind in KINDS.items() if kind.status == status)
    found = _response(f"Refused: {codes}", {PROBLEM: ref(f"Problem{status}"), HTML: TEXT})
    if status == 401:
        found["headers"] = {**_REQUEST_ID, "WWW-Authenticate": {"required": True, "schema": TEXT}}
    if status == 503:
        found["headers"] = {**_REQUEST_ID, "Retry-After": {"required": True, "schema": {"type": "integer"}}}
    return found


def _body(name: str, examples: dict[str, Any]) -> Schema:
    return {"required": True, "content": {JSON: {"schema": ref(name), "examples": examples}}}


def _query(name: str, schema: Schema, *, required: bool = False, example: object = None) -> Schema:
    found = {"name": name, "in": "query", "required": required, "schema": schema}
    return found if example is None else {**found, "example": example}


def _question_parameters(question: str, *, required: bool) -> list[Schema]:
    return [
        _query("question", QUESTION, required=required, example=question),
        _query("top_k", TOP_K),
        _query("documents", DOCUMENT_IDS),
        _query("explain", EXPLAIN),
    ]


def _citation_types() -> dict[str, Schema]:
    return {form.media_type: {} if form.is_json else TEXT for form in FORMATS.values()}


_REQUEST_ID = {"X-Request-ID": {"$ref": "#/components/headers/X-Request-ID"}}
_NOT_MODIFIED = {"description": "What If-None-Match names is still right", "headers": _REQUEST_ID}
_DOCUMENT_ID: Schema = {
    "name": "document_id",
    "in": "path",
    "required": True,
    "description": "An id of /documents; it may hold slashes",
    "schema": {"type": "string", "minLength": 1},
}
