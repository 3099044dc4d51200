"""What is refused before a request reaches a route."""

import pytest

from qa.web import Config, application
from tests.web_support import FakeEngine, client_of, service_of


@pytest.fixture
def client():
    return client_of(FakeEngine())


def refusal(response):
    return response.status_code, response.get_json(force=True)["code"], response.get_json(force=True)["detail"]


def test_h1_a_url_over_16_kib_is_refused_and_the_way_out_named(client):
    detail = "the URL is 16385 bytes long, the limit is 16384; send the question with POST"
    assert refusal(client.get("/ask?question=" + "a" * (16385 - 14))) == (414, "url_too_long", detail)


def test_j16_a_body_over_64_kib_is_refused_with_the_limit(client):
    body = b'{"question": "' + b"a" * (65537 - 16) + b'"}'
    detail = "the body is 65537 bytes long, the limit is 65536; send a shorter one"
    assert refusal(client.post("/ask", data=body, content_type="application/json")) == (413, "body_too_large", detail)


def test_j16_a_body_of_64_kib_is_read(client):
    body = b'{"question": "Vasa"}'.ljust(65536)
    assert client.post("/ask", data=body, content_type="application/json").status_code == 200


def test_h10_a_huge_content_length_is_refused_before_reading(client):
    length = {"CONTENT_LENGTH": "2000000000"}
    response = client.post("/ask", content_type="application/json", environ_overrides=length)
    detail = "the body is 2000000000 bytes long, the limit is 65536; send a shorter one"
    assert refusal(response) == (413, "body_too_large", detail)


def test_h8_content_length_with_transfer_encoding_is_refused(client):
    headers = {"Content-Length": "2", "Transfer-Encoding": "chunked", "Content-Type": "application/json"}
    detail = "the request has both Content-Length and Transfer-Encoding; send one of them"
    assert refusal(client.post("/ask", data=b"{}", headers=headers)) == (400, "bad_request", detail)


def test_h28_a_compressed_body_is_refused(client):
    headers = {"Content-Encoding": "gzip", "Content-Type": "application/json"}
    detail = "compressed bodies are not accepted; send the body without Content-Encoding"
    assert refusal(client.post("/ask", data=b"\x1f\x8b", headers=headers)) == (415, "unsupported_media_type", detail)


@pytest.mark.parametrize("host", ["a.example, b.example", "a b", "a/b", "a:b", "user@a", "[::1"])
def test_h4_a_host_that_is_not_one_name_is_refused(client, host):
    detail = "the Host header is not one host name with an optional port; send exactly one"
    assert refusal(client.get("/healthz", headers={"Host": host})) == (400, "bad_request", detail)


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST:8000", "127.0.0.1:8000", "192.0.2.7", "[::1]:5000", "[2001:DB8::1]"]
)
def test_h7_this_machine_and_addresses_are_hosts(client, host):
    assert client.get("/healthz", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("path", ["/ask?question=Vasa", "/healthz", "/static/style.css", "/nowhere"])
@pytest.mark.parametrize("host", ["evil.example:8000", "localhost.evil.example", "127.0.0.1.evil.example", "[v1.a]"])
def test_h6_another_host_is_refused_before_any_work(host, path):
    engine = FakeEngine()
    response = client_of(engine).get(path, headers={"Host": host})
    assert (response.status_code, response.json["code"]) == (400, "bad_request")
    assert engine.asked == []


def test_h6_the_names_given_are_hosts_and_the_refusal_of_another_names_them():
    client = application(service_of(FakeEngine()), Config(hosts=frozenset({"answers.example"}))).test_client()
    for host in ("answers.example", "ANSWERS.example:8000", "localhost", "[::1]:8000"):
        assert client.get("/healthz", headers={"Host": host}).status_code == 200
    detail = (
        "the Host header names another host; this service answers to answers.example, localhost and addresses; "
        "whoever runs it adds names with QA_HOSTS"
    )
    response = client.get("/healthz", headers={"Host": "evil.example"})
    assert refusal(response) == (400, "bad_request", detail)
