"""What `/verify` takes and gives."""

import json
from typing import Any

import pytest

from qa import Document, Engine, FieldError, Span
from qa.claims import MAX_CITATIONS, VerifyRequest, verified_json, verify_request
from qa.verify import Claim, verify
from qa.wire import answer_json

SHA256 = "ab" * 32
CITATION: dict[str, Any] = {"document_id": "oil", "start": 4, "end": 7, "quote": "oil"}
CLAIM = Claim("oil", Span(4, 7), "oil")


def test_a_citation_may_come_alone_in_a_list_or_as_citations() -> None:
    assert verify_request(CITATION) == VerifyRequest((CLAIM,), ("",))
    assert verify_request([CITATION, CITATION]) == VerifyRequest((CLAIM, CLAIM), ("/0", "/1"))
    assert verify_request({"citations": [CITATION]}) == VerifyRequest((CLAIM,), ("/citations/0",))
    assert verify_request({"citations": []}) == VerifyRequest((), ())


def test_what_says_where_the_quote_stands_is_taken_and_the_rest_of_a_citation_ignored() -> None:
    whole = CITATION | {"prefix": "Buy ", "suffix": "!", "sha256": SHA256.upper(), "title": None, "line": 1, "url": ""}
    assert verify_request(whole).claims == (Claim("oil", Span(4, 7), "oil", "Buy ", "!", SHA256),)


def test_a_whole_body_of_ask_has_a_claim_for_each_of_its_citations(engine: Engine) -> None:
    answer = engine.ask("When did U.S. forces return to Iraq?", 2)
    body = json.loads(json.dumps(answer_json(answer, {}, 0.5, explain=False)))
    body["disagreements"] = [{"about": "x", "citations": [body["passages"][1]["citation"]]}]
    request = verify_request(body)
    assert request.pointers == (
        "/answer/citation",
        "/passages/0/citation",
        "/passages/1/citation",
        "/disagreements/0/citations/0",
    )
    documents = {document.id: document for document in engine.corpus.documents}
    found = verified_json(request, verify(request.claims, documents), documents)
    assert found["counts"] == {"verified": 4, "moved": 0, "changed": 0, "missing": 0, "unknown_document": 0}
    assert [result["document_changed"] for result in found["citations"]] == [False] * 4


@pytest.mark.parametrize(
    ("body", "field", "detail"),
    [
        (None, "citations", "citations is missing; send a citation, a list of them as citations, or a body of /ask"),
        ({}, "citations", "citations is missing; send a citation, a list of them as citations, or a body of /ask"),
        ({"citations": 5}, "citations", "citations must be a list, not 5"),
        ({"citations": [], "x": 1}, "x", "unknown field 'x'; beside citations nothing is known"),
        ({"citations": [5]}, "citations/0", "/citations/0 must be a citation, not 5"),
        ({"passages": [5]}, "passages/0/citation", "/passages/0/citation must be a citation, not null"),
        ({"passages": [], "answer": []}, "answer", "answer must be an object or null, not a list"),
        ({"passages": {}}, "passages", "passages must be a list, not an object"),
        (
            CITATION | {"page": 3},
            "page",
            "unknown field 'page'; a citation is document_id, start, end, quote and if known sha256",
        ),
        ([CITATION | {"start": -1}], "0/start", "start must be a whole number from 0 to 1000000000, not -1"),
        (CITATION | {"start": True}, "start", "start must be a whole number from 0 to 1000000000, not true"),
        (CITATION | {"end": 10**30}, "end", "end must be a whole number from 0 to 1000000000, not a number of "),
        (CITATION | {"end": 4.0}, "end", "end must be greater than start 4, not 4"),
        (CITATION | {"quote": ""}, "quote", "quote is empty; send the words that are cited"),
        (CITATION | {"quote": None}, "quote", "quote must be a string, not null"),
        (CITATION | {"quote": "\ud800"}, "quote", "quote is not valid Unicode (a lone surrogate); send whole "),
        (CITATION | {"sha256": "xyz"}, "sha256", 'sha256 must be 16 to 64 hexadecimal digits, not "xyz"'),
        (CITATION | {"sha256": "abc"}, "sha256", "sha256 is too short with 3 of at least 16 hexadecimal digits"),
        (CITATION | {"sha256": 5}, "sha256", "sha256 must be a string, not 5"),
        (CITATION | {"start": "4"}, "start", 'start must be a whole number from 0 to 1000000000, not "4"'),
    ],
)
def test_what_breaks_its_rule_is_named(body: object, field: str, detail: str) -> None:
    with pytest.raises(FieldError) as caught:
        verify_request(body)
    assert caught.value.field == field
    assert caught.value.detail.startswith(detail)


def test_more_citations_than_the_limit_are_refused() -> None:
    assert len(verify_request([CITATION] * MAX_CITATIONS).claims) == MAX_CITATIONS
    with pytest.raises(FieldError, match="there are more than 200 citations; send at most 200"):
        verify_request([CITATION] * (MAX_CITATIONS + 1))


def test_each_outcome_has_every_key() -> None:
    text = "Buy oil! Sell oil, not gas from abroad."
    documents = {"oil": Document("oil", "oil.txt", text, SHA256, "Oil")}
    body = [CITATION | {"start": 9, "end": 12}, CITATION | {"quote": "gas form abroad", "sha256": "cd" * 8}]
    request = verify_request(body)
    url = f"/documents/oil?start={{}}&end={{}}&sha256={SHA256[:16]}#cited"
    assert verified_json(request, verify(request.claims, documents), documents) == {
        "citations": [
            {
                "pointer": "/0",
                "document_id": "oil",
                "start": 9,
                "end": 12,
                "status": "moved",
                "document_changed": None,
                "places": [
                    {"start": 4, "end": 7, "url": url.format(4, 7)},
                    {"start": 14, "end": 17, "url": url.format(14, 17)},
                ],
                "similarity": None,
                "text": None,
                "differences": [],
                "limited": False,
            },
            {
                "pointer": "/1",
                "document_id": "oil",
                "start": 4,
                "end": 7,
                "status": "changed",
                "document_changed": True,
                "places": [{"start": 23, "end": 38, "url": url.format(23, 38)}],
                # 14 of 15 characters in one order.
                "similarity": 14 / 15,
                "text": "gas from abroad",
                "differences": [
                    {"kind": "equal", "quote": "gas f", "text": "gas f"},
                    {"kind": "insert", "quote": "", "text": "r"},
                    {"kind": "equal", "quote": "o", "text": "o"},
                    {"kind": "delete", "quote": "r", "text": ""},
                    {"kind": "equal", "quote": "m abroad", "text": "m abroad"},
                ],
                "limited": False,
            },
        ],
        "counts": {"verified": 0, "moved": 1, "changed": 1, "missing": 0, "unknown_document": 0},
        "limited": False,
    }
