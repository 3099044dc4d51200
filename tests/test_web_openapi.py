"""The description at /openapi.json says neither more nor less than what the service takes and gives."""

import re
from dataclasses import fields, replace
from typing import get_args
from urllib.parse import urlencode

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from qa.formats import FORMATS
from qa.records import Reason, SkippedFile
from qa.web import application
from qa.web.problems import KINDS, Problem
from qa.wire import AskRequest
from server import create_app
from tests.contract_support import DESCRIPTION, complaints
from tests.web_support import FakeEngine, abstained, answered, client_of, disagreement, document, service_of

METHODS = {"get", "post", "put", "patch", "delete"}
# Their names change with their content, and no program asks for them.
NOT_DESCRIBED = {"/static/{name}"}


@pytest.fixture(scope="module")
def client():
    """A client of the service as it is."""
    return create_app().test_client()


def test_it_is_valid_openapi(client):
    response = client.get("/openapi.json")
    assert (response.status_code, response.content_type) == (200, "application/json")
    assert response.get_json()["components"] == DESCRIPTION["components"]
    assert list(OpenAPIV31SpecValidator(response.get_json()).iter_errors()) == []


def test_its_examples_can_be_tried(client):
    paths = client.get("/openapi.json").get_json()["paths"]
    for path in ("/ask", "/verify"):
        for example in paths[path]["post"]["requestBody"]["content"]["application/json"]["examples"].values():
            assert client.post(path, json=example["value"]).status_code == 200
    parameters = paths["/citations/{document_id}"]["get"]["parameters"]
    given = {parameter["name"]: parameter["example"] for parameter in parameters if "example" in parameter}
    assert client.get(f"/citations/{given.pop('document_id')}?{urlencode(given)}").status_code == 200


def test_every_route_and_method_is_described_and_no_other():
    rules = application(service_of(FakeEngine())).url_map.iter_rules()
    served = {
        (re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule), method.lower())
        for rule in rules
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    described = {(path, method) for path, item in DESCRIPTION["paths"].items() for method in METHODS & item.keys()}
    assert {(path, method) for path, method in served if path not in NOT_DESCRIBED} == described


@pytest.mark.parametrize("path", DESCRIPTION["paths"])
def test_methods_are_taken_and_refused_as_the_summary_says(client, path):
    listed = {method.upper() for method in METHODS & DESCRIPTION["paths"][path].keys()}
    allowed = listed | {"OPTIONS"} | ({"HEAD"} if "GET" in listed else set())
    address = re.sub(r"{\w+}", "x", path)
    told = client.options(address)
    assert (told.status_code, set(told.allow)) == (200, allowed)
    for method in {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE", "FOO"} - allowed:
        refused = client.open(address, method=method)
        assert (refused.status_code, set(refused.allow)) == (405, allowed)
    summary = client.get("/openapi.json").get_json()["info"]["description"]
    assert "OPTIONS names the methods of a path in Allow, and any method but these and those listed is a 405" in summary


def names_in(path):
    parameters = DESCRIPTION["paths"][path]["get"]["parameters"]
    return {parameter["name"] for parameter in parameters if parameter["in"] == "query"}


def test_the_fields_of_a_question_are_those_that_are_read():
    known = {field.name for field in fields(AskRequest)}
    assert set(DESCRIPTION["components"]["schemas"]["AskRequest"]["properties"]) == known
    assert names_in("/ask") == names_in("/") == known


def test_the_parameters_of_a_citation_are_those_that_are_read():
    response = client_of(FakeEngine()).get("/citations/vasa?nope=1")
    known = response.get_json(force=True)["detail"].partition("known are ")[2]
    assert names_in("/citations/{document_id}") == set(known.split(", "))


@pytest.mark.parametrize(
    ("name", "given"),
    [("AskRequest", {"question": "a"}), ("Claim", {"document_id": "vasa", "start": 0, "end": 1, "quote": "T"})],
)
def test_no_field_is_described_that_is_refused_and_none_is_taken_that_is_not_described(client, name, given):
    path = "/ask" if name == "AskRequest" else "/verify"
    values = {"top_k": 1, "documents": [], "explain": True, "line": 1, "prefix": "", "suffix": "", "sha256": None}
    described = DESCRIPTION["components"]["schemas"][name]["properties"]
    whole = {field: values.get(field) for field in described} | given
    assert client.post(path, json=whole).status_code == 200
    assert client.post(path, json={**whole, "nope": 1}).get_json()["field"] == "nope"
    for field in given:
        left = {key: value for key, value in whole.items() if key != field}
        assert client.post(path, json=left).status_code == 400


# Each kind of response of the real service, with the described path it belongs to.

QUESTION = "When did U.S. forces return to Iraq?"
CLAIM = {"document_id": "us-iraq-explainer", "start": 4741, "end": 4754, "quote": "They returned"}
PLACE = "/citations/us-iraq-explainer?start=4741&end=4754"

GETS = [
    ("/", "/", 200),
    ("/", f"/?{urlencode({'question': QUESTION})}", 200),
    ("/", "/?question=+", 400),
    ("/", "/?question=a&documents=nope", 404),
    ("/ask", f"/ask?{urlencode({'question': QUESTION, 'explain': 'true', 'top_k': 20})}", 200),
    ("/ask", "/ask?question=How+do+I+bake+a+pizza", 200),
    ("/ask", "/ask?question=%3F", 200),
    ("/ask", "/ask", 400),
    ("/ask", "/ask?question=a&documents=nope", 404),
    ("/ask", "/ask?question=" + "a" * 20_000, 414),
    ("/documents", "/documents", 200),
    ("/documents/{document_id}", "/documents/us-iraq-explainer", 200),
    ("/documents/{document_id}", "/documents/nope", 404),
    ("/citations/{document_id}", "/citations/us-iraq-explainer", 400),
    ("/citations/{document_id}", "/citations/nope", 404),
    *(("/citations/{document_id}", f"{PLACE}&format={name}", 200) for name in FORMATS),
    *(("/problems/{code}", f"/problems/{code}", 200) for code in KINDS),
    ("/problems/{code}", "/problems/nope", 404),
    ("/healthz", "/healthz", 200),
    ("/readyz", "/readyz", 200),
    ("/metrics", "/metrics", 200),
    ("/openapi.json", "/openapi.json", 200),
    ("/favicon.ico", "/favicon.ico", 200),
]


@pytest.mark.parametrize("accept", ["application/json", "text/html", None, "image/png"])
@pytest.mark.parametrize(("path", "url", "status"), GETS, ids=[url[:60] for _, url, _ in GETS])
def test_what_a_get_gives_is_as_described(client, path, url, status, accept):
    response = client.get(url, headers={"Accept": accept} if accept else {})
    assert response.status_code in (status, 304, 406)
    assert complaints(response, path, "GET") == []
    head = client.head(url, headers={"Accept": accept} if accept else {})
    assert (head.status_code, head.mimetype) == (response.status_code, response.mimetype)
    assert complaints(head, path, "HEAD") == []
    if "ETag" in response.headers:
        again = client.get(url, headers={"Accept": accept or "", "If-None-Match": response.headers["ETag"]})
        assert again.status_code == 304
        assert complaints(again, path, "GET") == []


POSTS = [
    ("/ask", {"question": QUESTION, "explain": True}, 200),
    ("/ask", {"question": 5}, 400),
    ("/ask", {"question": "a", "documents": ["nope"]}, 404),
    ("/verify", CLAIM, 200),
    ("/verify", {**CLAIM, "quote": "They returneb"}, 200),
    ("/verify", {"citations": [CLAIM, {**CLAIM, "start": 0, "end": 9}, {**CLAIM, "quote": "never a word of it"}]}, 200),
    ("/verify", {"citations": [{**CLAIM, "document_id": "nope"}]}, 200),
    ("/verify", {"citations": [CLAIM] * 201}, 400),
    ("/verify", {}, 400),
]


@pytest.mark.parametrize(("path", "body", "status"), POSTS, ids=[f"{path} {str(body)[:40]}" for path, body, _ in POSTS])
def test_what_a_post_gives_is_as_described(client, path, body, status):
    response = client.post(path, json=body)
    assert response.status_code == status
    assert complaints(response, path, "POST") == []
    assert complaints(client.post(path, data=b"{", content_type="text/plain"), path, "POST") == []
    assert complaints(client.post(path, data=b" " * 1_100_000, content_type="application/json"), path, "POST") == []


def test_an_answer_is_described_whatever_it_holds():
    found = document(publisher="Museum", author="A. Clerk", published="1961", source_url="https://example.org/vasa")
    engine = FakeEngine(found, skipped=(SkippedFile("bad.txt", "not UTF-8"),), title="Ships")
    client = client_of(engine)
    contradicted = replace(answered(found), disagreements=(disagreement(found),))
    for answer in (contradicted, *(abstained(found, reason, 0.2, 3) for reason in get_args(Reason))):
        engine.answer = answer
        assert complaints(client.get("/ask?question=a&explain=true"), "/ask", "GET") == []
    assert complaints(client.get("/documents", headers={"Accept": "application/json"}), "/documents", "GET") == []


def test_a_field_that_is_not_described_would_be_seen(client):
    response = client.get("/healthz")
    response.set_data(b'{"status": "ok", "more": 1}')
    assert complaints(response, "/healthz", "GET") != []
    response.set_data(b"{}")
    assert complaints(response, "/healthz", "GET") != []


def test_a_service_that_fails_does_so_as_described():
    engine = FakeEngine()
    client = client_of(engine)
    for error, status in ((ValueError("x"), 500), (MemoryError(), 503), (Problem("not_acceptable", "x"), 406)):
        engine.error = error
        response = client.get("/ask?question=a")
        assert response.status_code == status
        assert bool(complaints(response, "/ask", "GET")) == (status == 406)
