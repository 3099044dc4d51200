"""What `/verify` takes and gives: citations in JSON become Claims, and what became of them becomes JSON.

Used by the web edge and by the command line, so that both say the same; knows nothing of HTTP.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import get_args

from qa.errors import FieldError
from qa.records import Document, Span
from qa.verify import Claim, Outcome, Verification
from qa.wire import LONE_SURROGATE, Json, hash_fault, place_url, shown, told, whole_number

# Citations of one request: an answer has at most some thirty.
MAX_CITATIONS = 200
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)

# The fields of a citation as `/ask` gives it; those that say nothing about where the quote stands are not looked at.
FIELDS = frozenset(
    """
    document_id title publisher author published source_url section start end line quote prefix suffix sha256 url
    """.split()
)
# A place in a document, far behind the end of the largest: what is above was never an offset.
MAX_OFFSET = 10**9


@dataclass(frozen=True, slots=True)
class VerifyRequest:
    """Claims, and for each the JSON Pointer (RFC 6901) of its citation in what was sent; "" for one sent alone."""

    claims: tuple[Claim, ...]
    pointers: tuple[str, ...]


def verify_request(body: object) -> VerifyRequest:
    """The claims in decoded JSON: one citation, a list, `{"citations": [...]}` or a body of `/ask`.

    Raises FieldError for anything else, for a field that breaks its rule, and for more than MAX_CITATIONS.
    """
    found = list(islice(_citations(body), MAX_CITATIONS + 1))
    if len(found) > MAX_CITATIONS:
        raise FieldError("citations", f"there are more than {MAX_CITATIONS} citations; send at most {MAX_CITATIONS}")
    return VerifyRequest(
        tuple(_claim(value, pointer) for pointer, value in found), tuple(pointer for pointer, _ in found)
    )


def _citations(body: object) -> Iterator[tuple[str, object]]:
    """Every citation in `body` with its pointer."""
    if isinstance(body, list):
        yield from ((f"/{number}", value) for number, value in enumerate(body))
    elif isinstance(body, dict) and "document_id" in body:
        yield "", body
    elif isinstance(body, dict) and "citations" in body:
        if len(body) > 1:
            name = next(name for name in body if name != "citations")
            raise FieldError(shown(name), f"unknown field {shown(name)!r}; beside citations nothing is known")
        yield from _listed(body["citations"], "citations")
    elif isinstance(body, dict) and "passages" in body:
        yield from _answered(body)
    else:
        raise FieldError(
            "citations", "citations is missing; send a citation, a list of them as citations, or a body of /ask"
        )


def _answered(body: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    """The citations in a body of `/ask`: of the answer, of the passages, and of what disagrees."""
    answer = body.get("answer")
    if isinstance(answer, dict):
        yield "/answer/citation", answer.get("citation")
    elif answer is not None:
        raise FieldError("answer", f"answer must be an object or null, not {told(answer)}")
    for pointer, passage in _listed(body["passages"], "passages"):
        yield f"{pointer}/citation", passage.get("citation") if isinstance(passage, dict) else None
    for pointer, disagreement in _listed(body.get("disagreements", []), "disagreements"):
        given = disagreement.get("citations") if isinstance(disagreement, dict) else None
        for place, value in _listed(given, "citations"):
            yield f"{pointer}{place}", value


def _listed(value: object, name: str) -> Iterator[tuple[str, object]]:
    if not isinstance(value, list):
        raise FieldError(name, f"{name} must be a list, not {told(value)}")
    yield from ((f"/{name}/{number}", item) for number, item in enumerate(value))


def _claim(value: object, pointer: str) -> Claim:
    if not isinstance(value, dict):
        raise FieldError(_field(pointer), f"{pointer} must be a citation, not {told(value)}")
    for name in value:
        if name not in FIELDS:
            raise FieldError(
                _field(pointer, shown(name)),
                f"unknown field {shown(name)!r}; a citation is document_id, start, end, quote and if known sha256",
            )
    start, end = _offset(value, "start", pointer), _offset(value, "end", pointer)
    if not start < end:
        raise FieldError(_field(pointer, "end"), f"end must be greater than start {start}, not {end}")
    quote = _text(value, "quote", pointer)
    if not quote:
        raise FieldError(_field(pointer, "quote"), "quote is empty; send the words that are cited")
    return Claim(
        document_id=_text(value, "document_id", pointer),
        span=Span(start, end),
        quote=quote,
        prefix=_text(value, "prefix", pointer, ""),
        suffix=_text(value, "suffix", pointer, ""),
        sha256=_hash(value, pointer),
    )


def _field(pointer: str, name: str = "") -> str:
    """The name of a field as an error gives it: `quote`, `citations/3/quote`."""
    return "/".join(part for part in (pointer.removeprefix("/"), name) if part)


def _offset(value: Mapping[str, object], name: str, pointer: str) -> int:
    return whole_number(value.get(name), name, _field(pointer, name), 0, MAX_OFFSET)


def _text(value: Mapping[str, object], name: str, pointer: str, default: str | None = None) -> str:
    given = value.get(name, default)
    if not isinstance(given, str):
        raise FieldError(_field(pointer, name), f"{name} must be a string, not {told(given)}")
    if LONE_SURROGATE.search(given):
        raise FieldError(
            _field(pointer, name), f"{name} is not valid Unicode (a lone surrogate); send whole characters"
        )
    return given


def _hash(value: Mapping[str, object], pointer: str) -> str | None:
    given = value.get("sha256")
    if given is None:
        return None
    fault = hash_fault(given) if isinstance(given, str) else f"sha256 must be a string, not {told(given)}"
    if fault:
        raise FieldError(_field(pointer, "sha256"), fault)
    return str(given).lower()


def verified_json(
    request: VerifyRequest, verifications: tuple[Verification, ...], documents: Mapping[str, Document]
) -> Json:
    """The body of `/verify`: what became of a citation sent alone, or a list with a count of each outcome."""
    results = [
        _verification_json(pointer, claim, verification, documents.get(claim.document_id))
        for pointer, claim, verification in zip(request.pointers, request.claims, verifications, strict=True)
    ]
    if request.pointers == ("",):
        return results[0]
    return {
        "citations": results,
        "counts": {outcome: sum(found.status == outcome for found in verifications) for outcome in OUTCOMES},
        "limited": any(found.is_limited for found in verifications),
    }


def _verification_json(pointer: str, claim: Claim, found: Verification, document: Document | None) -> Json:
    return {
        "pointer": pointer,
        "document_id": claim.document_id,
        "start": claim.span.start,
        "end": claim.span.end,
        "status": found.status,
        "document_changed": found.document_changed,
        "places": [
            {"start": place.start, "end": place.end, "url": place_url(document.id, place, document.sha256)}
            for place in found.places
            if document
        ],
        "similarity": found.similarity,
        "text": found.places[0].cut(document.text) if document and found.status == "changed" else None,
        "differences": [{"kind": step.kind, "quote": step.quote, "text": step.text} for step in found.differences],
        "limited": found.is_limited,
    }
