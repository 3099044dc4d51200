"""How a question is written in a URL and in JSON, and what is refused."""

import json
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.web_support import FakeEngine, client_of, document


@pytest.fixture
def engine():
    return FakeEngine(document("vasa"), document("a/b"))


@pytest.fixture
def client(engine):
    return client_of(engine)


def post(client, body, content_type="application/json", **headers):
    data = body if isinstance(body, bytes) else body.encode()
    return client.post("/ask", data=data, content_type=content_type, headers=headers)


def refusal(response):
    problem = response.get_json(force=True)
    assert response.content_type == "application/problem+json"
    return response.status_code, problem["code"], problem["field"], problem["detail"]


def test_a_get_and_a_post_ask_the_same(client, engine):
    client.get("/ask?question=+Vasa+&top_k=7&documents=vasa&documents=a/b&explain=true")
    post(client, '{"question": " Vasa ", "top_k": 7, "documents": ["vasa", "a/b"], "explain": true}')
    assert engine.asked == [("Vasa", 7, ("vasa", "a/b"))] * 2


@pytest.mark.parametrize(
    ("query", "asked"),
    [
        pytest.param("question=Vasa", ("Vasa", 5, ()), id="defaults"),
        pytest.param("question=Vasa&documents=", ("Vasa", 5, ()), id="an empty list of documents means all"),
        pytest.param("question=caf%C3%A9", ("café", 5, ()), id="percent-encoded UTF-8"),
        pytest.param("question=" + "%F0%9F%98%80" * 1000, ("😀" * 1000, 5, ()), id="h1 1,000 emoji pass"),
    ],
)
def test_the_query_is_read_as(client, engine, query, asked):
    assert client.get(f"/ask?{query}").status_code == 200
    assert engine.asked == [asked]


@pytest.mark.parametrize(
    ("query", "field", "detail"),
    [
        pytest.param("", "question", "question is missing; send what you want to know", id="missing"),
        pytest.param("question=+", "question", "question is empty; ask something in plain words", id="q1_blank"),
        pytest.param("question=a&question=b", "question", "question appears twice; give it once", id="j17_twice"),
        pytest.param("question=a&top_k=5&top_k=5", "top_k", "top_k appears twice; give it once", id="j17_top_k_twice"),
        *(
            pytest.param(
                f"question=a&top_k={given}",
                "top_k",
                f'top_k must be a whole number from 1 to 20 in ASCII digits, not "{shown}"',
                id=f"j10_j11_top_k {shown!r}"[:30],
            )
            for given, shown in [
                ("1_0", "1_0"),
                ("%EF%BC%99", "９"),
                ("+7", " 7"),
                ("abc", "abc"),
                ("", ""),
                ("-1", "-1"),
                ("5.0", "5.0"),
                ("9" * 5000, "9" * 39 + "…"),
            ]
        ),
        pytest.param(
            "question=a&top_k=21", "top_k", "top_k must be a whole number from 1 to 20, not 21", id="too many"
        ),
        pytest.param("question=a&top_k=0", "top_k", "top_k must be a whole number from 1 to 20, not 0", id="none"),
        pytest.param("question=a&explain=1", "explain", 'explain must be true or false, not "1"', id="explain"),
        pytest.param("question=a%00b", "question", "question holds a NUL at character 1; leave it out", id="j13_nul"),
    ],
)
def test_a_broken_query_is_refused(client, engine, query, field, detail):
    assert refusal(client.get(f"/ask?{query}")) == (400, "invalid_field", field, detail)
    assert engine.asked == []


def test_j7_an_unknown_field_is_refused_by_name(client):
    status, code, field, detail = refusal(client.get("/ask?question=a&k=3"))
    assert (status, code, field) == (400, "invalid_field", "k")
    assert "question, top_k, documents and explain" in detail


def test_a_query_that_is_not_utf8_is_refused(client):
    detail = "the URL is not valid UTF-8; percent-encode it as UTF-8"
    assert refusal(client.get("/ask?question=%FF")) == (400, "bad_request", None, detail)


@pytest.mark.parametrize("accept", ["text/html", "application/json"])
def test_j12_a_surrogate_in_a_url_is_no_utf8(client, accept):
    response = client.get("/?question=%ED%A0%80", headers={"Accept": accept})
    assert response.status_code == 400
    response.get_data().decode("utf-8")


def test_an_unknown_document_is_named_and_not_found(client):
    expected = (404, "unknown_document", "documents", "there is no document 'nope'; /documents lists the ids")
    assert refusal(client.get("/ask?question=a&documents=nope")) == expected


def test_a_long_unknown_document_id_is_cut(client):
    detail = refusal(post(client, json.dumps({"question": "a", "documents": ["x" * 5000]})))[3]
    assert detail == f"there is no document '{'x' * 39}…'; /documents lists the ids"


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        pytest.param(b"", "the body is not JSON: line 1 column 1: Expecting value", id="j1_empty"),
        pytest.param(
            b"{",
            "the body is not JSON: line 1 column 2: Expecting property name enclosed in double quotes",
            id="j1_open",
        ),
        pytest.param(
            b'{"question": "a",}',
            "the body is not JSON: line 1 column 18: Expecting property name enclosed in double quotes",
            id="j1_trailing_comma",
        ),
        pytest.param(b'"caf\xe9"', "the body is not UTF-8 at byte 4; send JSON encoded as UTF-8", id="j1_latin1"),
        pytest.param(
            '{"question": "a"}'.encode("utf-16"),
            "the body is not UTF-8 at byte 0; send JSON encoded as UTF-8",
            id="j14_utf16",
        ),
        pytest.param(b"[" * 30_000, "the body is nested too deeply; the limit is 20 levels", id="j2_arrays"),
        pytest.param(b'{"a":' * 9_000, "the body is nested too deeply; the limit is 20 levels", id="j2_objects"),
        pytest.param(b'{"question": NaN}', "the body holds NaN, which is not JSON; leave it out", id="j3_nan"),
        pytest.param(
            b'{"top_k": -Infinity}', "the body holds -Infinity, which is not JSON; leave it out", id="j3_infinity"
        ),
        pytest.param(b"null", "the body must be a JSON object, not null", id="j5_null"),
        pytest.param(b"[]", "the body must be a JSON object, not a list", id="j5_list"),
        pytest.param(b'"a"', 'the body must be a JSON object, not "a"', id="j5_string"),
        pytest.param(b"1", "the body must be a JSON object, not 1", id="j5_number"),
        pytest.param(
            b'{"top_k": ' + b"9" * 5000 + b"}",
            "the body holds a number of 5000 characters; the limit is 20",
            id="j8_digits",
        ),
    ],
)
def test_a_body_that_is_no_json_object_is_refused(client, body, detail):
    assert refusal(post(client, body)) == (400, "invalid_json", None, detail)


@pytest.mark.parametrize(
    ("body", "field", "detail"),
    [
        pytest.param(
            '{"question": "a", "question": "b"}', "question", "key 'question' appears twice; give it once", id="j4"
        ),
        *(
            pytest.param(
                f'{{"question": {value}}}', "question", f"question must be a string, not {shown}", id=f"j6_{shown}"
            )
            for value, shown in [("null", "null"), ("1", "1"), ("true", "true"), ("[]", "a list"), ("{}", "an object")]
        ),
        pytest.param("{}", "question", "question is missing; send what you want to know", id="j7_missing"),
        *(
            pytest.param(
                f'{{"question": "a", "top_k": {value}}}',
                "top_k",
                f"top_k must be a whole number from 1 to 20, not {shown}",
                id=f"j9_{value}",
            )
            for value, shown in [
                ("true", "true"),
                ("1e400", "inf"),
                ('"5"', '"5"'),
                ("-1", "-1"),
                ("0", "0"),
                ("1000000000", "1000000000"),
                ("5.5", "5.5"),
                ("null", "null"),
            ]
        ),
        pytest.param(
            '{"question": "a\\ud800"}',
            "question",
            "question is not valid Unicode at character 1 (a lone surrogate); send whole characters",
            id="j12_surrogate",
        ),
        pytest.param(
            '{"question": "a\\u0000b"}', "question", "question holds a NUL at character 1; leave it out", id="j13_nul"
        ),
        pytest.param(
            '{"question": "a", "documents": "vasa"}',
            "documents",
            'documents must be a list of document ids, not "vasa"',
            id="documents",
        ),
        pytest.param(
            '{"question": "a", "explain": 1}', "explain", "explain must be true or false, not 1", id="explain"
        ),
    ],
)
def test_a_broken_field_of_a_body_is_refused(client, engine, body, field, detail):
    assert refusal(post(client, body)) == (400, "invalid_field", field, detail)
    assert engine.asked == []


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b'{"question": "Vasa", "top_k": 5.0}', id="j9_a_whole_float"),
        pytest.param(b'\xef\xbb\xbf{"question": "Vasa"}', id="j14_a_byte_order_mark"),
        pytest.param(b'{"question": "Vasa", "documents": []}', id="no_documents"),
        pytest.param(b'{"question": "Va\\u0073a"}', id="an_escape"),
    ],
)
def test_these_bodies_ask_about_the_vasa(client, engine, body):
    assert post(client, body).status_code == 200
    assert engine.asked == [("Vasa", 5, ())]


def test_j2_brackets_in_a_string_are_no_nesting(client, engine):
    assert post(client, json.dumps({"question": '"' + "[{" * 400})).status_code == 200


@pytest.mark.parametrize(
    "content_type",
    [None, "text/plain", "application/ld+json", "application/json; charset=utf-7", "application/x-www-form-urlencoded"],
)
def test_j15_only_json_in_utf8_is_a_body(client, content_type):
    detail = "the body must be JSON; send it with Content-Type: application/json"
    expected = (415, "unsupported_media_type", None, detail)
    assert refusal(post(client, '{"question": "Vasa"}', content_type)) == expected


PART = b'--x\r\nContent-Disposition: form-data; name="question"\r\n\r\nVasa\r\n'


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        pytest.param("multipart/form-data", PART + b"--x--\r\n", id="h29_no_boundary"),
        pytest.param("multipart/form-data; boundary=x", PART * 800 + b"--x--\r\n", id="h29_800_parts"),
        pytest.param("multipart/form-data; boundary=x", PART, id="h29_truncated"),
        pytest.param("application/x-www-form-urlencoded", b"a&" * 30_000, id="h30_30000_fields"),
    ],
)
@pytest.mark.parametrize("path", ["/ask", "/verify"])
def test_h29_h30_a_form_is_no_json_and_is_not_even_parsed(client, monkeypatch, path, content_type, body):
    monkeypatch.setattr("flask.Request.form", property(lambda request: pytest.fail("the form was parsed")))
    response = client.post(path, data=body, content_type=content_type)
    assert refusal(response)[:2] == (415, "unsupported_media_type")


@pytest.mark.parametrize("path", ["/ask", "/citations/vasa"])
def test_h30_thousands_of_fields_in_a_url_are_refused_at_the_first_that_is_unknown(client, path):
    status, code, field, _ = refusal(client.get(f"{path}?{'a&' * 8_000}"))
    assert (status, code, field) == (400, "invalid_field", "a")


def test_a_charset_that_says_utf8_is_accepted(client):
    assert post(client, '{"question": "Vasa"}', "application/json; charset=UTF-8").status_code == 200


def test_j17_a_post_takes_no_query(client):
    response = client.post("/ask?top_k=3", json={"question": "Vasa"})
    detail = "a POST takes its fields from the body; leave the query out of the URL"
    assert refusal(response) == (400, "bad_request", None, detail)


def test_j18_the_body_of_a_get_is_ignored(client, engine):
    assert client.get("/ask?question=Vasa", json={"question": "other"}).status_code == 200
    assert engine.asked == [("Vasa", 5, ())]


# Bytes and JSON as hostile as they come: whatever it is, the answer is 200 or a problem below 500.

QUERIES = st.lists(
    st.tuples(
        st.sampled_from(["question", "top_k", "documents", "explain", "x", ""]),
        st.one_of(
            st.text(st.characters(exclude_categories=["Cs"]), max_size=30), st.sampled_from(["5", "true", "vasa"])
        ),
    ),
    max_size=5,
).map(urlencode)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
BODIES = st.one_of(
    st.binary(max_size=60),
    st.dictionaries(st.sampled_from(["question", "top_k", "documents", "explain", "x"]), VALUES).map(
        lambda fields: json.dumps(fields).encode()
    ),
)


@given(st.sampled_from(["/", "/ask"]), QUERIES, st.sampled_from(["text/html", "application/json"]))
@settings(max_examples=200, deadline=None)
def test_no_query_is_answered_with_a_server_error(path, query, accept):
    response = client_of(FakeEngine()).get(f"{path}?{query}", headers={"Accept": accept})
    assert response.status_code in (200, 400, 404)


@given(BODIES)
@settings(max_examples=200, deadline=None)
def test_no_body_is_answered_with_a_server_error(body):
    response = client_of(FakeEngine()).post("/ask", data=body, content_type="application/json")
    assert response.status_code in (200, 400, 404)
    json.loads(response.data)
