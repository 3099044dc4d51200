"""The routes about citations: checked, and in other forms."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.claims import FIELDS
from tests.web_support import FIRST, SECOND, TEXT, FakeEngine, client_of, document

SHA256 = document().sha256
CITATION = {"document_id": "vasa", "start": 10, "end": 32, "quote": FIRST}


@pytest.fixture
def client():
    return client_of(FakeEngine())


def problem(response):
    body = response.get_json(force=True)
    return response.status_code, body["code"], body["field"], body["detail"]


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({}, "verified"),
        ({"start": 11, "end": 33}, "moved"),
        ({"quote": "The Vasa sank in 1629."}, "changed"),
        ({"quote": "Nothing of the kind was said"}, "missing"),
        ({"document_id": "nope"}, "unknown_document"),
    ],
)
def test_a_citation_has_one_of_five_outcomes(client, changed, status):
    body = client.post("/verify", json=CITATION | changed).get_json()
    assert (body["status"], body["pointer"], body["limited"]) == (status, "", False)


@pytest.mark.parametrize(("sha256", "changed"), [(SHA256, False), ("0" * 64, True), (None, None)])
def test_the_hash_says_whether_the_document_has_changed(client, sha256, changed):
    assert client.post("/verify", json=CITATION | {"sha256": sha256}).get_json()["document_changed"] is changed


def test_an_old_answer_is_checked_as_it_was_given(client):
    asked = client.get("/ask?question=When%3F").get_json()
    changed = client_of(FakeEngine(document(text=f"Once upon a time.\n\n{TEXT}")))
    body = changed.post("/verify", json=asked).get_json()
    assert [(found["pointer"], found["status"], found["document_changed"]) for found in body["citations"]] == [
        ("/answer/citation", "moved", True),
        ("/passages/0/citation", "moved", True),
    ]
    assert body["citations"][0]["places"][0]["start"] == 10 + len("Once upon a time.\n\n")
    assert body["counts"] == {"verified": 0, "moved": 2, "changed": 0, "missing": 0, "unknown_document": 0}


def test_j16_a_body_of_1_mib_is_read_and_one_byte_more_refused(client):
    body = json.dumps({"citations": [CITATION]}).encode()
    read = client.post("/verify", data=body.ljust(1024 * 1024), content_type="application/json")
    assert (read.status_code, read.headers["Cache-Control"]) == (200, "no-store")
    refused = client.post("/verify", data=body.ljust(1024 * 1024 + 1), content_type="application/json")
    detail = "the body is 1048577 bytes long, the limit is 1048576; send a shorter one"
    assert problem(refused) == (413, "body_too_large", None, detail)


def test_more_than_200_citations_are_refused(client):
    refused = client.post("/verify", json={"citations": [CITATION] * 201})
    assert problem(refused)[:3] == (400, "invalid_field", "citations")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"json": [CITATION]}, "invalid_json"),
        ({"json": CITATION, "query_string": "start=1"}, "bad_request"),
        ({"data": "start=1"}, "unsupported_media_type"),
        ({"json": CITATION | {"page": 5}}, "invalid_field"),
    ],
)
def test_a_broken_request_is_refused(client, arguments, code):
    assert problem(client.post("/verify", **arguments))[1] == code


anything = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5), st.just("vasa")),
    lambda values: st.one_of(
        st.lists(values, max_size=3),
        st.dictionaries(
            st.one_of(
                st.sampled_from(sorted({*FIELDS, "citations", "passages", "answer", "disagreements"})), st.text()
            ),
            values,
            max_size=5,
        ),
    ),
    max_leaves=12,
)
citations = st.fixed_dictionaries(
    {"document_id": st.sampled_from(["vasa", "nope"]), "start": st.integers(-1, 99), "end": st.integers(-1, 10**10)},
    optional={"quote": st.text(max_size=30), "sha256": st.text("0af", max_size=64), "prefix": anything},
)


@given(st.one_of(anything, citations, st.fixed_dictionaries({"citations": st.lists(citations, max_size=3)})))
def test_any_body_is_answered_or_refused_and_never_an_error_of_ours(body):
    data = json.dumps(body).encode()
    response = client_of(FakeEngine()).post("/verify", data=data, content_type="application/json")
    assert response.status_code in (200, 400)
    assert response.get_json(force=True)


def test_verify_takes_post_only(client):
    response = client.get("/verify")
    assert (response.status_code, response.headers["Allow"]) == (405, "OPTIONS, POST")


TYPES = {
    "text": "text/plain; charset=utf-8",
    "markdown": "text/markdown; charset=utf-8",
    "bibtex": "application/x-bibtex; charset=utf-8",
    "csl": "application/vnd.citationstyles.csl+json",
    "annotation": 'application/ld+json; profile="http://www.w3.org/ns/anno.jsonld"',
}
URL = "/citations/vasa?start=10&end=32"


@pytest.mark.parametrize("name", TYPES)
def test_a_citation_is_given_in_the_format_named_or_accepted(client, name):
    named = client.get(f"{URL}&format={name}")
    accepted = client.get(URL, headers={"Accept": TYPES[name].partition(";")[0]})
    assert named.content_type == accepted.content_type == TYPES[name]
    assert named.data == accepted.data
    assert FIRST in named.text
    assert named.headers["Content-Disposition"].startswith('inline; filename="citation.')
    assert named.headers["Vary"] == "Accept"


@pytest.mark.parametrize("accept", [None, "*/*", "text/html,*/*;q=0.8"])
def test_without_a_preference_a_citation_is_text(client, accept):
    response = client.get(URL, headers={"Accept": accept} if accept else {})
    assert response.content_type == TYPES["text"]
    assert response.text.splitlines() == [
        f"“{FIRST}”",
        "",
        "The Vasa, section “The ship”",
        "vasa, line 3, characters 10–32",
        f"SHA-256 {SHA256}",
        f"http://localhost/documents/vasa?start=10&end=32&sha256={SHA256[:16]}#cited",
    ]


def test_an_annotation_names_the_document_as_its_source(client):
    annotation = client.get(f"{URL}&format=annotation").get_json(force=True)
    assert annotation["target"]["source"] == "http://localhost/documents/vasa"


def test_any_place_is_a_citation_headings_too(client):
    response = client.get("/citations/vasa?start=0&end=8&format=csl")
    assert response.get_json(force=True)[0]["annote"] == "The ship"


@pytest.mark.parametrize(
    ("query", "field", "detail"),
    [
        ("", "start", "start is missing; give the place as start and end"),
        ("start=1&end=x", "end", 'end must be a whole number from 0 to 1000000000 in ASCII digits, not "x"'),
        *(
            (f"start={given}&end=5", "start", f"start must be a whole number from 0 to 1000000000 in {shown}")
            for given, shown in [
                ("-1", 'ASCII digits, not "-1"'),
                ("1_0", 'ASCII digits, not "1_0"'),
                ("%EF%BC%99", 'ASCII digits, not "９"'),
                ("1000000001", 'ASCII digits, not "1000000001"'),
                ("1" + "0" * 30, 'ASCII digits, not "1' + "0" * 30 + '"'),
            ]
        ),
        ("start=0&end=57", "end", "start 0 and end 57 are no place in a document of 56 characters"),
        ("start=5&end=5", "end", "start and end are both 5; give a place that holds text"),
        ("start=10&end=5", "end", "start 10 comes after end 5; swap them"),
        ("start=0&end=5&start=1", "start", "start appears twice; give it once"),
        ("start=0&end=5&page=1", "page", "unknown field 'page'; known are start, end, sha256, format"),
        (
            "start=0&end=5&format=ris",
            "format",
            'format must be one of text, markdown, bibtex, csl, annotation, not "ris"',
        ),
        ("start=0&end=5&sha256=x", "sha256", 'sha256 must be 16 to 64 hexadecimal digits, not "x"'),
        (
            "start=0&end=5&sha256=" + SHA256[:4],
            "sha256",
            "sha256 is too short with 4 of at least 16 hexadecimal digits; give more of it",
        ),
        (
            f"start=0&end=5&sha256={'0' * 16}",
            "sha256",
            "the document has changed since it was cited; ask again, or send the quote to /verify",
        ),
    ],
)
def test_d4_a_place_that_is_none_is_refused(client, query, field, detail):
    assert problem(client.get(f"/citations/vasa?{query}")) == (400, "invalid_field", field, detail)


def test_an_unknown_document_has_no_citations(client):
    assert problem(client.get("/citations/nope?start=0&end=1"))[:2] == (404, "unknown_document")


def test_a_type_no_citation_has_is_406(client):
    assert problem(client.get(URL, headers={"Accept": "image/png"}))[:2] == (406, "not_acceptable")


def test_the_second_sentence_can_be_cited_alone(client):
    start = TEXT.index(SECOND)
    assert SECOND in client.get(f"/citations/vasa?start={start}&end={start + len(SECOND)}&sha256={SHA256}").text


def test_an_annotation_may_be_asked_for_with_its_profile(client):
    profile = 'application/ld+json; profile="http://www.w3.org/ns/anno.jsonld"'
    response = client.get(URL, headers={"Accept": profile})
    assert (response.status_code, response.headers["Content-Type"]) == (200, profile)
