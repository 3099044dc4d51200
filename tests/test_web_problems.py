"""The one error body, as JSON and as a page."""

import errno

import html5lib
import pytest
from werkzeug.exceptions import BadRequest

from qa.web.problems import KINDS
from tests.web_support import FakeEngine, client_of


@pytest.fixture
def engine():
    return FakeEngine()


@pytest.fixture
def client(engine):
    return client_of(engine)


def test_the_body_of_an_error_is_whole(client):
    response = client.get("/ask?question=a&top_k=99", headers={"X-Request-ID": "my.id-1_2"})
    assert response.status_code == 400
    assert response.content_type == "application/problem+json"
    assert response.get_json() == {
        "type": "/problems/invalid_field",
        "title": "A field breaks its rule",
        "status": 400,
        "detail": "top_k must be a whole number from 1 to 20, not 99",
        "code": "invalid_field",
        "field": "top_k",
        "request_id": "my.id-1_2",
    }
    assert response.headers["X-Request-ID"] == "my.id-1_2"
    assert response.headers["Vary"] == "Accept"


@pytest.mark.parametrize("given", ["", "a" * 65, "a b", "<x>", "é"])
def test_q15_a_request_id_that_could_do_harm_is_replaced(client, given):
    made = client.get("/healthz", headers={"X-Request-ID": given}).headers["X-Request-ID"]
    assert len(made) == 32
    assert made != client.get("/healthz").headers["X-Request-ID"]


@pytest.mark.parametrize("code", KINDS)
def test_every_code_is_explained(client, code):
    explained = client.get(f"/problems/{code}", headers={"Accept": "application/json"}).get_json()
    kind = KINDS[code]
    assert explained == {
        "code": code,
        "status": kind.status,
        "title": kind.title,
        "explanation": kind.explanation,
    }
    assert kind.explanation.split(".")[0] in client.get(f"/problems/{code}").text.replace("&#39;", "'")


def test_an_unknown_code_is_not_found(client):
    assert client.get("/problems/nope").status_code == 404


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "FOO", "TRACE"])
def test_h19_another_method_is_405_with_allow(client, method):
    response = client.open("/ask", method=method)
    assert (response.status_code, response.content_type) == (405, "application/problem+json")
    assert response.headers["Allow"] == "GET, HEAD, OPTIONS, POST"
    assert response.get_json()["code"] == "method_not_allowed"


@pytest.mark.parametrize(
    "path",
    ["/nope", "/\\evil.example", "/ask/", "/documents/", "/documents//etc/passwd", "/static/../x"],
)
def test_h32_d3_d10_an_unknown_address_is_404_and_is_not_repeated(client, path):
    response = client.get(path)
    assert (response.status_code, response.content_type) == (404, "application/problem+json")
    assert response.get_json()["detail"] == (
        "there is nothing at this address; / asks a question, /documents lists the documents"
    )
    assert "Location" not in response.headers


@pytest.mark.parametrize(
    "path",
    [
        "..%2f..%2f..%2fetc%2fpasswd",
        "a%00b",
        "%ff",
        "%5c..%5c",
        "a" * 5000,
        "%3Cimg%20src=x%3E",
        "vasa/",
        "VASA",
        "vasa.txt",
    ],
    ids=lambda path: path[:20],
)
def test_d1_d2_d3_only_a_known_document_id_is_found(client, path):
    response = client.get(f"/documents/{path}")
    assert (response.status_code, response.get_json()["code"]) == (404, "unknown_document")
    assert response.get_json()["field"] is None


@pytest.mark.parametrize("path", ["/ask?question=a", "/?question=a"])
def test_an_unexpected_error_tells_nothing_but_is_logged(client, engine, caplog, path):
    engine.error = ValueError("secret in /home/someone")
    response = client.get(path, headers={"Accept": "application/json", "X-Request-ID": "here"})
    assert (response.status_code, response.get_json()["code"]) == (500, "internal_error")
    assert "secret" not in response.text
    assert "request here: GET" in caplog.text
    assert "secret in /home/someone" in caplog.text


@pytest.mark.parametrize(
    "error",
    [RecursionError(), MemoryError(), TimeoutError(), OSError(errno.EMFILE, "Too many open files")],
    ids=lambda error: type(error).__name__,
)
def test_q18_a_question_that_is_too_much_is_503(client, engine, error):
    engine.error = error
    response = client.get("/ask?question=a")
    assert (response.status_code, response.get_json()["code"]) == (503, "unavailable")
    assert response.headers["Retry-After"] == "5"
    engine.error = None
    assert client.get("/ask?question=a").status_code == 200


def test_an_http_error_of_the_framework_has_the_one_body_too(client, engine):
    engine.error = BadRequest("internal words")
    response = client.get("/ask?question=a")
    assert (response.status_code, response.get_json()["code"]) == (400, "bad_request")
    assert "internal words" not in response.text


@pytest.mark.parametrize(
    ("path", "accept", "content_type"),
    [
        ("/nope", "text/html,application/xhtml+xml,*/*;q=0.8", "text/html; charset=utf-8"),
        ("/nope", "*/*", "application/problem+json"),
        ("/nope", None, "application/problem+json"),
        ("/ask", "text/html", "text/html; charset=utf-8"),
        ("/?question=+", None, "text/html; charset=utf-8"),
        ("/?question=+", "application/json", "application/problem+json"),
        ("/nope", "application/problem+json", "application/problem+json"),
        ("/?question=+", "application/problem+json", "application/problem+json"),
        ("/nope", "text/html;q=0.5, application/problem+json", "application/problem+json"),
        ("/nope", "text/html, application/problem+json;q=0.5", "text/html; charset=utf-8"),
    ],
)
def test_an_error_is_a_page_where_html_is_preferred(client, path, accept, content_type):
    assert client.get(path, headers={"Accept": accept} if accept else {}).content_type == content_type


QUESTION = '<b>"Who & why'


@pytest.mark.parametrize(
    ("query", "status"),
    [
        pytest.param("top_k=x", 400, id="broken_field"),
        pytest.param("documents=nope", 404, id="unknown_document"),
        pytest.param("documents=%FF", 400, id="not_utf8"),
        pytest.param("x=" + "a" * 20_000, 414, id="too_long"),
    ],
)
def test_an_error_page_keeps_the_question_in_the_form(client, query, status):
    response = client.get(f"/?question=%3Cb%3E%22Who+%26+why&{query}")
    tree = html5lib.parse(response.text, treebuilder="etree", namespaceHTMLElements=False)
    box = tree.find(".//input[@name='question']")
    assert (response.status_code, box.get("value")) == (status, QUESTION)
    assert tree.find(".//p[@role='alert']") is not None


def test_q18_a_failing_answer_keeps_the_question_too(client, engine):
    engine.error = ValueError()
    response = client.get("/?question=Vasa")
    assert response.status_code == 500
    assert 'value="Vasa"' in response.text


@pytest.mark.parametrize(
    ("path", "title", "advice"),
    [
        ("/?question=+", "Please type a question", "Ask in plain words,"),
        (
            "/?question=" + "x" * 1_001,
            "The question is too long",
            "It has 1,001 characters, and at most 1,000 are read.",
        ),
        ("/?question=a%00", "The question cannot be read", "It holds a sign that is no text,"),
        ("/?question=a&top_k=x", "This address is not quite right", "A part of it was perhaps changed"),
        ("/?question=%FF", "This address is not quite right", "A part of it was perhaps changed"),
        ("/?question=" + "x" * 20_000, "The question is too long", "Please ask it in fewer words."),
        ("/?question=a&documents=nope", "There is no such document", "It was perhaps taken away,"),
        ("/documents/nope", "There is no such document", "It was perhaps taken away,"),
        ("/nope", "There is nothing at this address", "Perhaps it was changed"),
        ("/verify", "This address is meant for programs", "It was asked in a way"),
    ],
    ids=lambda value: value[:30],
)
def test_a_person_is_told_in_plain_words(client, path, title, advice):
    response = client.get(path, headers={"Accept": "text/html"})
    tree = html5lib.parse(response.text, treebuilder="etree", namespaceHTMLElements=False)
    words = tree.find(".//p[@role='alert']")
    assert tree.find(".//h1").text == title
    assert "".join(words.itertext()).startswith(advice)
    # Where something is not there, the list of what there is helps.
    links = [link.get("href") for link in words.findall("a")]
    assert links == (["/documents"] if response.status_code == 404 else [])
    small = " ".join("".join(tree.find(".//p[@class='small-print']").itertext()).split())
    assert small.startswith(f"Status {response.status_code}, ")


def test_a_failing_service_says_it_was_no_fault_of_the_person(client, engine):
    engine.error = ValueError("secret")
    text = client.get("/?question=a").text
    assert "It was no fault of yours." in text
    assert "secret" not in text


def test_a_document_that_is_not_there_is_not_counted_as_chosen(client):
    assert "chosen document" not in client.get("/?question=a&documents=nope").text
