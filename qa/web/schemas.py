"""The JSON Schemas (2020-12) of everything the service takes and gives, by the name OpenAPI refers to them by.

Every limit, list of words and error code is drawn from the code that checks or writes it, so that none is said twice;
which fields there are is said here again, and the tests hold real requests and responses against it.
"""

from collections.abc import Iterable
from typing import Any, get_args, get_type_hints

from qa.claims import FIELDS as CITATION_FIELDS
from qa.claims import MAX_CITATIONS, MAX_OFFSET, OUTCOMES
from qa.engine import Engine
from qa.records import Matched, MatchKind, Mode, Reason, Status
from qa.settings import Settings
from qa.verify import DifferenceKind
from qa.web.problems import KINDS, REQUEST_ID
from qa.wire import DEFAULT_TOP_K, MAX_QUESTION_CHARS, MAX_TOP_K, MIN_HASH_DIGITS

Schema = dict[str, Any]

# Letters of a pattern that Python's `isspace` takes for blank; ECMAScript's \s leaves some of them out.
_BLANK = r"\s\u001c-\u001f\u0085"
HASH_START = f"[0-9a-fA-F]{{{MIN_HASH_DIGITS},64}}"

TEXT: Schema = {"type": "string"}
COUNT: Schema = {"type": "integer", "minimum": 0}
NUMBER: Schema = {"type": "number"}
SHARE: Schema = {"type": "number", "minimum": 0, "maximum": 1}
TRUTH: Schema = {"type": "boolean"}
SHA256: Schema = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
CONTEXT: Schema = {"type": "string", "maxLength": Settings().context_chars}
OFFSET: Schema = {"type": "integer", "minimum": 0, "maximum": MAX_OFFSET}

QUESTION: Schema = {
    "type": "string",
    "description": "In plain words, with at least one character that is not blank, and without NUL",
    "minLength": 1,
    "maxLength": MAX_QUESTION_CHARS,
    "pattern": rf"^[^\u0000]*[^\u0000{_BLANK}][^\u0000]*$",
}
TOP_K: Schema = {
    "type": "integer",
    "description": "How many passages",
    "minimum": 1,
    "maximum": MAX_TOP_K,
    "default": DEFAULT_TOP_K,
}
DOCUMENT_IDS: Schema = {
    "type": "array",
    "description": "Search in these documents only; none means all",
    "items": {"type": "string"},
    "default": [],
}
EXPLAIN: Schema = {"type": "boolean", "description": "List the summands of every score", "default": False}


def ref(name: str) -> Schema:
    """A reference to the schema `name`."""
    return {"$ref": f"#/components/schemas/{name}"}


def one_of(words: Iterable[str]) -> Schema:
    """A string that is one of `words`."""
    return {"type": "string", "enum": list(words)}


def nullable(schema: Schema) -> Schema:
    """`schema`, or null where the value is not known."""
    if "$ref" in schema:
        return {"anyOf": [schema, {"type": "null"}]}
    known = {**schema, "enum": [*schema["enum"], None]} if "enum" in schema else schema
    return {**known, "type": [schema["type"], "null"]}


def listed(items: Schema, **limits: int) -> Schema:
    """A list of `items`."""
    return {"type": "array", "items": items, **limits}


def record(optional: Iterable[str] = (), **properties: Schema) -> Schema:
    """An object with these fields and no others, each always there but the `optional` ones."""
    return {
        "type": "object",
        "properties": properties,
        "required": [name for name in properties if name not in optional],
        "additionalProperties": False,
    }


def problem(codes: Iterable[str]) -> Schema:
    """The error body with one of `codes`."""
    codes = list(codes)
    return record(
        type=one_of(f"/problems/{code}" for code in codes),
        title=one_of(dict.fromkeys(KINDS[code].title for code in codes)),
        status={"type": "integer", "enum": sorted({KINDS[code].status for code in codes})},
        detail={"type": "string", "description": "What was wrong, the value, and the way out"},
        code=one_of(codes),
        field=nullable({"type": "string", "description": "The field that breaks its rule"}),
        request_id={"type": "string", "pattern": f"^{REQUEST_ID.pattern}$"},
    )


SPAN = {"start": COUNT, "end": {"type": "integer", "minimum": 1}}
DOCUMENT = {
    "id": TEXT,
    "path": TEXT,
    "title": TEXT,
    "publisher": nullable(TEXT),
    "author": nullable(TEXT),
    "published": nullable(TEXT),
    "source_url": nullable(TEXT),
    "rights": nullable(TEXT),
    "source": nullable(TEXT),
    "sha256": SHA256,
    "characters": COUNT,
    "url": TEXT,
}

# A citation as it may be sent back: what says nothing about where its quote stands is not looked at.
CLAIM: dict[str, Schema] = {
    "document_id": TEXT,
    "start": OFFSET,
    "end": {**OFFSET, "minimum": 1, "description": "Greater than start"},
    "quote": {"type": "string", "minLength": 1},
    "prefix": TEXT,
    "suffix": TEXT,
    "sha256": nullable({"type": "string", "pattern": f"^{HASH_START}$"}),
}
CLAIM |= {name: {} for name in sorted(CITATION_FIELDS - CLAIM.keys())}
CLAIMS_OPTIONAL = frozenset(CLAIM) - {"document_id", "start", "end", "quote"}

REQUESTS: dict[str, Schema] = {
    "AskRequest": record(
        question=QUESTION,
        top_k=TOP_K,
        documents=DOCUMENT_IDS,
        explain=EXPLAIN,
        optional=("top_k", "documents", "explain"),
    ),
    "Claim": record(**CLAIM, optional=CLAIMS_OPTIONAL),
    "Claims": record(citations=listed(ref("Claim"), maxItems=MAX_CITATIONS)),
    "OldAnswer": {
        "type": "object",
        "description": f"A body of /ask, with at most {MAX_CITATIONS} citations in it",
        "properties": {
            "passages": listed({"type": "object", "properties": {"citation": ref("Claim")}, "required": ["citation"]}),
            "answer": {
                "type": ["object", "null"],
                "properties": {"citation": ref("Claim")},
                "required": ["citation"],
            },
            "disagreements": listed(
                {"type": "object", "properties": {"citations": listed(ref("Claim"))}, "required": ["citations"]}
            ),
            "document_id": False,
            "citations": False,
        },
        "required": ["passages"],
    },
    "VerifyRequest": {"anyOf": [ref("Claim"), ref("Claims"), ref("OldAnswer")]},
}

ANSWERS: dict[str, Schema] = {
    "Citation": record(
        document_id=TEXT,
        title=TEXT,
        publisher=nullable(TEXT),
        author=nullable(TEXT),
        published=nullable(TEXT),
        source_url=nullable(TEXT),
        section=nullable(TEXT),
        **SPAN,
        line={"type": "integer", "minimum": 1},
        quote={"type": "string", "description": "The document's text from start to end", "minLength": 1},
        prefix=CONTEXT,
        suffix=CONTEXT,
        sha256=SHA256,
        url=TEXT,
    ),
    "Explanation": record(
        terms=listed(
            record(
                term=TEXT,
                source=TEXT,
                kind=one_of(get_args(MatchKind)),
                weight={"type": "number", "exclusiveMinimum": 0, "maximum": 1},
                tf=COUNT,
                idf=NUMBER,
                length_factor=NUMBER,
                contribution=NUMBER,
            )
        ),
        factors=listed(record(name=TEXT, value=NUMBER, weight=NUMBER, contribution=NUMBER)),
    ),
    "Passage": record(
        id=TEXT,
        rank={"type": "integer", "minimum": 1, "maximum": MAX_TOP_K},
        score=NUMBER,
        matched=one_of(get_args(Matched)),
        text=TEXT,
        highlights=listed(record(**SPAN, kind=one_of(get_args(MatchKind)))),
        citation=ref("Citation"),
        explanation=nullable(ref("Explanation")),
    ),
    "AnswerSentence": record(text=TEXT, passage_id=TEXT, **SPAN, citation=ref("Citation")),
    "CorpusState": record(
        fingerprint=SHA256,
        version={"type": "integer", "minimum": 1},
        documents=COUNT,
        passages=COUNT,
        indexed_at={"type": "string", "format": "date-time"},
        mode=one_of(get_args(Mode)),
        model=nullable(TEXT),
        calibration=one_of(get_args(get_type_hints(Engine)["calibration"])),
    ),
    "Answer": record(
        question=TEXT,
        status=one_of(get_args(Status)),
        reason=nullable(one_of(get_args(Reason))),
        confidence=SHARE,
        answer=nullable(ref("AnswerSentence")),
        passages=listed(ref("Passage"), maxItems=MAX_TOP_K),
        disagreements=listed(record(about=TEXT, citations=listed(ref("Citation")))),
        corpus=ref("CorpusState"),
        took_ms={"type": "number", "minimum": 0},
    ),
    "Verification": record(
        pointer={"type": "string", "description": "JSON Pointer (RFC 6901) of the citation in what was sent"},
        document_id=TEXT,
        start=OFFSET,
        end=OFFSET,
        status=one_of(OUTCOMES),
        document_changed=nullable(TRUTH),
        places=listed(record(**SPAN, url=TEXT)),
        similarity=nullable(SHARE),
        text=nullable(TEXT),
        differences=listed(record(kind=one_of(get_args(DifferenceKind)), quote=TEXT, text=TEXT)),
        limited={"type": "boolean", "description": "Whether a bound stopped the search"},
    ),
    "Verifications": record(
        citations=listed(ref("Verification"), maxItems=MAX_CITATIONS),
        counts=record(**dict.fromkeys(OUTCOMES, COUNT)),
        limited=TRUTH,
    ),
    "Document": record(**DOCUMENT),
    "Documents": record(
        title=nullable(TEXT),
        fingerprint=SHA256,
        documents=listed(ref("Document")),
        skipped=listed(record(path=TEXT, reason=TEXT)),
    ),
    "CutDocument": record(
        **DOCUMENT,
        sections=listed(
            record(
                heading={"anyOf": [record(text=TEXT, **SPAN), {"type": "null"}]},
                passages=listed(record(id=TEXT, **SPAN, sentences=listed(record(**SPAN)))),
            )
        ),
    ),
    "Alive": record(status=one_of(["ok"])),
    "Ready": record(
        status=one_of(["ready"]),
        stale={"type": "boolean"},
        stale_reason=nullable(TEXT),
        corpus=nullable(ref("CorpusState")),
    ),
    "ErrorCode": record(
        code=one_of(KINDS),
        status={"type": "integer", "enum": sorted({kind.status for kind in KINDS.values()})},
        title=TEXT,
        explanation=TEXT,
    ),
}


def schemas() -> dict[str, Schema]:
    """All of them, the error bodies among them: one for each status, as `Problem404`."""
    by_status: dict[int, list[str]] = {}
    for code, kind in KINDS.items():
        by_status.setdefault(kind.status, []).append(code)
    problems = {f"Problem{status}": problem(codes) for status, codes in sorted(by_status.items())}
    return {**REQUESTS, **ANSWERS, **problems}
