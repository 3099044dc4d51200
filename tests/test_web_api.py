"""The JSON routes and what every response carries."""

import json

import pytest

from qa.records import SkippedFile
from qa.web import application
from tests.web_support import FIRST, HEADING, INDEXED_AT, SECOND, TEXT, FakeEngine, client_of, document, service_of

SHA256 = document().sha256
PASSAGE = f"{FIRST} {SECOND}"


def citation(start, end, prefix, suffix):
    return {
        "document_id": "vasa",
        "title": "The Vasa",
        "publisher": None,
        "author": None,
        "published": None,
        "source_url": None,
        "section": HEADING,
        "start": start,
        "end": end,
        "line": 3,
        "quote": TEXT[start:end],
        "prefix": prefix,
        "suffix": suffix,
        "sha256": SHA256,
        "url": f"/documents/vasa?start={start}&end={end}&sha256={SHA256[:16]}#cited",
    }


# "The ship" and two line feeds are 10 code points, the first sentence 22, the blank 1, the second sentence 22.
ASKED = {
    "question": "When?",
    "status": "answered",
    "reason": None,
    "confidence": 0.93,
    "answer": {
        "text": FIRST,
        "passage_id": "vasa:10-55",
        "start": 0,
        "end": 22,
        "citation": citation(10, 32, f"{HEADING}\n\n", f" {SECOND}\n"),
    },
    "passages": [
        {
            "id": "vasa:10-55",
            "rank": 1,
            "score": 2.5,
            "matched": "terms",
            "text": PASSAGE,
            "highlights": [{"start": 4, "end": 8, "kind": "term"}, {"start": 9, "end": 13, "kind": "synonym"}],
            "citation": citation(10, 55, f"{HEADING}\n\n", "\n"),
            "explanation": None,
        }
    ],
    "disagreements": [],
    "corpus": {
        "fingerprint": "f" * 64,
        "version": 1,
        "documents": 1,
        "passages": 1,
        "indexed_at": INDEXED_AT,
        "mode": "lexical",
        "model": None,
        "calibration": "measured",
    },
}


@pytest.fixture
def engine():
    return FakeEngine()


@pytest.fixture
def client(engine):
    return client_of(engine)


def test_ask_gives_the_whole_body_in_the_order_of_the_contract(client):
    response = client.get("/ask?question=When%3F")
    body = json.loads(response.data)
    assert (response.status_code, response.content_type) == (200, "application/json")
    assert body.pop("took_ms") >= 0
    assert body == ASKED
    assert list(body) == list(ASKED)


def test_explain_lists_the_summands(client):
    body = client.get("/ask?question=When%3F&explain=true").get_json()
    assert body["passages"][0]["explanation"] == {"terms": [], "factors": []}


def test_q19_the_same_question_gives_the_same_bytes(client):
    first, second = (client.get("/ask?question=When%3F").data.split(b'"took_ms"')[0] for _ in range(2))
    assert first == second


def test_j19_a_hostile_question_comes_back_as_strict_json(client):
    question = '</script>"\\\u2028\u202e😀\x1b[31m'
    response = client.post("/ask", json={"question": question})
    assert json.loads(response.data.decode("utf-8"))["question"] == question


def test_h20_head_has_the_headers_of_get_and_no_body(client, engine):
    get, head = client.get("/documents"), client.head("/documents")
    assert head.data == b""
    assert head.headers["Content-Length"] == get.headers["Content-Length"]
    client.head("/ask?question=When%3F")
    assert len(engine.asked) == 1


def test_healthz_says_the_process_lives(client):
    response = client.get("/healthz")
    assert (response.status_code, response.get_json()) == (200, {"status": "ok"})


def test_p23_readyz_is_503_from_the_moment_the_process_is_asked_to_stop(engine):
    service = service_of(engine)
    client = application(service).test_client()
    ready = client.get("/readyz")
    state = {"status": "ready", "stale": False, "stale_reason": None, "corpus": ASKED["corpus"]}
    assert (ready.status_code, ready.get_json()) == (200, state)
    service.draining = True
    stopping = client.get("/readyz")
    assert (stopping.status_code, stopping.headers["Retry-After"]) == (503, "5")
    assert stopping.get_json(force=True)["code"] == "unavailable"
    assert client.get("/healthz").status_code == 200


def test_the_documents_are_listed_with_the_skipped_files():
    client = client_of(FakeEngine(document(publisher="Museum"), skipped=(SkippedFile("bad\udcff.txt", "not UTF-8"),)))
    body = client.get("/documents", headers={"Accept": "application/json"}).get_json()
    assert body == {
        "title": None,
        "fingerprint": "f" * 64,
        "documents": [
            {
                "id": "vasa",
                "path": "vasa.txt",
                "title": "The Vasa",
                "publisher": "Museum",
                "author": None,
                "published": None,
                "source_url": None,
                "rights": None,
                "source": None,
                "sha256": SHA256,
                "characters": 56,
                "url": "/documents/vasa",
            }
        ],
        "skipped": [{"path": "bad?.txt", "reason": "not UTF-8"}],
    }


def test_a_document_as_json_shows_how_it_was_cut(client):
    body = client.get("/documents/vasa", headers={"Accept": "application/json"}).get_json()
    assert body["sections"] == [
        {
            "heading": {"text": HEADING, "start": 0, "end": 8},
            "passages": [{"id": "vasa:10-55", "start": 10, "end": 55, "sentences": [{"start": 0, "end": 45}]}],
        }
    ]


def test_a_document_as_text_is_its_canonical_text():
    text = "\ufeff\r\nåäö 😀\r\n"
    client = client_of(FakeEngine(document(text=text)))
    response = client.get("/documents/vasa", headers={"Accept": "text/plain"})
    assert response.content_type == "text/plain; charset=utf-8"
    assert response.data.decode("utf-8") == text


@pytest.mark.parametrize(
    ("path", "accept", "content_type"),
    [
        ("/documents", None, "text/html; charset=utf-8"),
        ("/documents", "*/*", "text/html; charset=utf-8"),
        ("/documents", "application/json", "application/json"),
        ("/documents", "text/html;q=0.5, application/json", "application/json"),
        ("/documents/vasa", "text/plain", "text/plain; charset=utf-8"),
        ("/documents/vasa", "text/*", "text/html; charset=utf-8"),
        ("/problems/not_found", "application/json", "application/json"),
        ("/ask?question=a", "text/html", "application/json"),
    ],
)
def test_accept_chooses_the_form(client, path, accept, content_type):
    response = client.get(path, headers={"Accept": accept} if accept else {})
    assert (response.status_code, response.content_type) == (200, content_type)


@pytest.mark.parametrize("accept", ["image/png", "garbage", ";;;,q=", "text/html;q=0"])
def test_h33_what_cannot_be_given_is_406_and_says_what_can(client, accept):
    response = client.get("/documents/vasa", headers={"Accept": accept})
    body = response.get_json(force=True)
    assert (response.status_code, body["code"]) == (406, "not_acceptable")
    assert body["detail"] == (
        "this resource is given as text/html, application/json, text/plain; ask for one of them with Accept"
    )


@pytest.mark.parametrize("accept", ["text/html", "application/json"])
def test_a_source_is_revalidated_by_its_etag(client, accept):
    first = client.get("/documents/vasa", headers={"Accept": accept})
    again = client.get("/documents/vasa", headers={"Accept": accept, "If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    for response in (first, again):
        assert response.headers["Cache-Control"] == "private, no-cache"
        assert response.headers["Vary"] == "Accept"


@pytest.mark.parametrize("condition", ["If-Match", "If-Unmodified-Since", "If-Range", "Range"])
def test_a_source_is_given_whatever_other_conditions_say(client, condition):
    response = client.get("/documents/vasa", headers={"Accept": "text/plain", condition: '"x"'})
    assert (response.status_code, response.text) == (200, TEXT)


SECURITY = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}
PAGE_SECURITY = {
    **SECURITY,
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'; "
        "require-trusted-types-for 'script'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), browsing-topics=()",
    "X-Frame-Options": "DENY",
}
DATA_SECURITY = {**SECURITY, "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'"}
PATHS = [
    "/",
    "/?question=a",
    "/?top_k=x",
    "/ask?question=a",
    "/ask",
    "/documents",
    "/documents/vasa",
    "/documents/nope",
    "/healthz",
    "/readyz",
    "/citations/vasa?start=10&end=32",
    "/citations/vasa?start=10&end=32&format=markdown",
    "/citations/vasa",
    "/verify",
    "/problems/not_found",
    "/static/style.css",
    "/static/app.js",
    "/static/nope",
    "/favicon.ico",
    "/nope",
    "/ask?question=" + "a" * 20_000,
]


@pytest.mark.parametrize("accept", ["text/html", "application/json"])
@pytest.mark.parametrize("path", PATHS, ids=[path[:30] for path in PATHS])
def test_every_response_carries_the_security_headers_and_no_cookie(client, path, accept):
    response = client.get(path, headers={"Accept": accept})
    expected = PAGE_SECURITY if response.mimetype == "text/html" else DATA_SECURITY
    assert {name: response.headers.get(name) for name in PAGE_SECURITY} == {
        name: expected.get(name) for name in PAGE_SECURITY
    }
    assert "Cache-Control" in response.headers
    for name in ("Set-Cookie", "Access-Control-Allow-Origin", "Server"):
        assert name not in response.headers
    assert "Cookie" not in response.headers.get("Vary", "")


@pytest.mark.parametrize("path", ["/ask?question=a", "/ask", "/healthz", "/readyz", "/nope"])
def test_answers_errors_and_health_are_not_stored(client, path):
    assert client.get(path).headers["Cache-Control"] == "no-store"


def test_a_static_file_is_kept_for_ever_only_under_its_hash(client):
    page = client.get("/").text
    url = page.split('rel="stylesheet" href="')[1].split('"')[0]
    assert client.get(url).headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert client.get("/static/style.css?v=old").headers["Cache-Control"] == "no-cache"
    assert client.get(url).content_type == "text/css; charset=utf-8"
    assert client.get("/favicon.ico").data[:4] == b"\0\0\1\0"
