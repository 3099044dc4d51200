"""The routes about citations themselves: whether a quote is really there, and a citation in the forms of others."""

import re

from flask import Blueprint, Response, request

from qa.claims import MAX_OFFSET, verified_json, verify_request
from qa.errors import FieldError
from qa.formats import FORMATS, formatted
from qa.records import Document, Span
from qa.verify import verify
from qa.web.asking import document_turn, turn
from qa.web.negotiation import preferred
from qa.web.requests import Fields, only, sent_object
from qa.web.responses import json_response, revalidated
from qa.web.service import snapshot
from qa.wire import citation_url, hash_fault, told

OFFSET = re.compile(rf"[0-9]{{1,{len(str(MAX_OFFSET))}}}")
ANNOTATION_PROFILE = 'application/ld+json; profile="http://www.w3.org/ns/anno.jsonld"'

routes = Blueprint("citations", __name__)


@routes.post("/verify")
def verified() -> Response:
    """What became of the citations in the body."""
    asked = verify_request(sent_object())
    documents = {document.id: document for document in snapshot().engine.corpus.documents}
    with turn():
        found = verify(asked.claims, documents)
    return json_response(verified_json(asked, found, documents))


@routes.get("/citations/<path:document_id>")
def citation(document_id: str) -> Response:
    """A place of a document as a citation in the format asked for by name or by Accept."""
    engine = snapshot().engine
    document = engine.document(document_id)
    fields = only("start", "end", "sha256", "format")
    name = _format(fields)
    span = _span(fields, document)
    with document_turn():
        found = engine.cite(document_id, span)
        page_url = request.host_url.rstrip("/") + citation_url(found)
        text = formatted(name, found, document, page_url)
    response = Response(text.encode("utf-8", "replace"), content_type=_content_type(name))
    response.headers["Content-Disposition"] = f'inline; filename="citation.{FORMATS[name].suffix}"'
    response.vary.add("Accept")
    return revalidated(response)


def _format(fields: Fields) -> str:
    if "format" not in fields:
        # An annotation is asked for with or without the profile it is sent with.
        offered = {form.media_type: name for name, form in FORMATS.items()} | {ANNOTATION_PROFILE: "annotation"}
        return offered[preferred(*offered)]
    if fields["format"] not in FORMATS:
        raise FieldError("format", f"format must be one of {', '.join(FORMATS)}, not {told(fields['format'])}")
    return fields["format"]


def _span(fields: Fields, document: Document) -> Span:
    """The cited span; FieldError when it is none of this document, or of a former state of it."""
    for name in ("start", "end"):
        if name not in fields:
            raise FieldError(name, f"{name} is missing; give the place as start and end")
        if not OFFSET.fullmatch(fields[name]) or int(fields[name]) > MAX_OFFSET:
            raise FieldError(
                name, f"{name} must be a whole number from 0 to {MAX_OFFSET} in ASCII digits, not {told(fields[name])}"
            )
    start, end = int(fields["start"]), int(fields["end"])
    if start > end:
        raise FieldError("end", f"start {start} comes after end {end}; swap them")
    if start == end:
        raise FieldError("end", f"start and end are both {end}; give a place that holds text")
    if end > len(document.text):
        raise FieldError(
            "end", f"start {start} and end {end} are no place in a document of {len(document.text)} characters"
        )
    given = fields.get("sha256", "").lower()
    fault = hash_fault(given) if given else None
    if fault:
        raise FieldError("sha256", fault)
    if not document.sha256.startswith(given):
        raise FieldError(
            "sha256", "the document has changed since it was cited; ask again, or send the quote to /verify"
        )
    return Span(start, end)


def _content_type(name: str) -> str:
    if name == "annotation":
        return ANNOTATION_PROFILE
    media_type = FORMATS[name].media_type
    return media_type if FORMATS[name].is_json else f"{media_type}; charset=utf-8"
