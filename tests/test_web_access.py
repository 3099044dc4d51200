"""Who is let in: by the key, and from the pages of other sites."""

import base64

import pytest

from qa.web import Config, application
from qa.web.access import bears
from qa.web.problems import KINDS
from tests.web_support import FakeEngine, document, service_of

KEY = "s3cret-key"
ORIGIN = "https://app.example"

# Every kind of address there is: question, page, document, static file, error, nothing at all.
LOCKED = [
    *("/", "/?question=Vasa", "/ask?question=Vasa", "/documents", "/documents/vasa", "/problems/not_found"),
    *("/citations/vasa?start=0&end=3", "/static/style.css", "/favicon.ico", "/metrics", "/openapi.json", "/nowhere"),
]


@pytest.fixture(scope="module")
def engine():
    return FakeEngine(document(), document("mast"), title="All of Vasa")


@pytest.fixture(scope="module")
def locked(engine):
    return application(service_of(engine), Config(api_key=KEY)).test_client()


@pytest.fixture(scope="module")
def shared():
    return application(service_of(FakeEngine()), Config(origins=frozenset({ORIGIN}))).test_client()


def basic(user_and_password):
    return "Basic " + base64.b64encode(user_and_password.encode()).decode()


# The key


@pytest.mark.parametrize("path", LOCKED)
def test_without_the_key_every_address_is_closed(locked, engine, path):
    response = locked.get(path, headers={"Accept": "application/json"})
    assert (response.status_code, response.json["code"]) == (401, "unauthorized")
    assert response.headers.getlist("WWW-Authenticate") == [
        'Basic realm="Cited answers", charset="UTF-8"',
        'Bearer realm="Cited answers"',
    ]
    assert response.headers["Cache-Control"] == "no-store"
    assert engine.asked == []


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_p23_health_needs_no_key(locked, path):
    assert locked.get(path).status_code == 200


def test_p23_readyz_tells_of_the_documents_only_who_brings_the_key(locked):
    assert locked.get("/readyz").json == {"status": "ready", "stale": False, "stale_reason": None, "corpus": None}
    ready = locked.get("/readyz", headers={"Authorization": f"Bearer {KEY}"})
    assert ready.json["corpus"]["documents"] == 2


@pytest.mark.parametrize(
    "authorization",
    [f"Bearer {KEY}", f"bearer  {KEY} ", basic(f":{KEY}"), basic(f"anybody:{KEY}"), basic(f"ü:{KEY}")],
)
def test_the_key_opens_as_bearer_token_and_as_password(locked, authorization):
    response = locked.get("/ask?question=Vasa", headers={"Authorization": authorization})
    assert response.status_code == 200


@pytest.mark.parametrize(
    "authorization",
    [
        *("", "Bearer", "Bearer ", f"Bearer {KEY}x", f"Bearer {KEY[:-1]}", KEY, f"Digest {KEY}", "Bearer Ü", "Basic"),
        *(
            "Basic ====",
            "Basic é",
            f"Basic {KEY}",
            basic(KEY),
            basic(f"{KEY}:"),
            basic(f"a:{KEY} "),
            basic(f"a:b:{KEY}"),
        ),
        f"Basic {'A' * 20_000}",
    ],
    ids=lambda value: value[:30],
)
def test_anything_but_the_key_does_not_open(locked, authorization):
    response = locked.get("/ask?question=Vasa", headers={"Authorization": authorization.encode().decode("latin-1")})
    assert (response.status_code, response.json["code"]) == (401, "unauthorized")


def test_a_key_of_the_query_is_no_key(locked):
    assert locked.get(f"/ask?question=Vasa&api_key={KEY}").status_code == 401


@pytest.mark.parametrize(
    ("method", "path", "headers"),
    [
        ("GET", "/", {}),
        ("GET", "/nowhere", {}),
        ("POST", "/healthz", {}),
        ("GET", "/", {"Host": "evil.example"}),
        ("GET", "/?question=" + "a" * 20_000, {}),
    ],
    ids=["form", "nowhere", "wrong method", "another host", "long"],
)
def test_h6_who_is_not_let_in_learns_nothing_of_the_documents(locked, method, path, headers):
    response = locked.open(path, method=method, headers={"Accept": "text/html", **headers})
    assert response.status_code >= 400
    assert response.mimetype == "text/html"
    assert "Vasa" not in response.text
    assert "vasa" not in response.text


def test_h6_a_page_that_makes_its_name_lead_here_learns_nothing_of_the_documents():
    client = application(service_of(FakeEngine(title="All of Vasa"))).test_client()
    response = client.get("/", headers={"Host": "evil.example", "Accept": "text/html"})
    assert (response.status_code, "Vasa" in response.text) == (400, False)
    assert "This service does not go by that name" in response.text


def test_the_page_of_a_closed_door_says_in_plain_words_what_to_do(locked):
    response = locked.get("/", headers={"Accept": "text/html"})
    assert "A password is needed here" in response.text
    assert response.headers["X-Request-ID"] in response.text


def test_the_key_is_checked_before_the_body_is_read(locked):
    huge = {"CONTENT_LENGTH": "2000000000"}
    response = locked.post("/ask", content_type="application/json", environ_overrides=huge)
    assert response.status_code == 401


def test_the_key_stands_in_no_text_of_its_config():
    assert KEY not in repr(Config(api_key=KEY, admin_token=KEY))


def test_a_token_is_borne_as_bearer_only(shared):
    app = shared.application
    for authorization, is_so in ((f"Bearer {KEY}", True), (basic(f":{KEY}"), False), ("Bearer", False)):
        with app.test_request_context(headers={"Authorization": authorization}):
            assert bears(KEY) is is_so


def test_unauthorized_is_a_code_with_status_401():
    assert KINDS["unauthorized"].status == 401


# Pages of other sites


@pytest.mark.parametrize("path", ["/ask?question=Vasa", "/documents/vasa", "/healthz", "/static/style.css", "/nowhere"])
def test_without_a_list_no_origin_is_let_in(path):
    client = application(service_of(FakeEngine())).test_client()
    response = client.get(path, headers={"Origin": ORIGIN})
    assert [name for name in response.headers.keys() if name.startswith("Access-Control")] == []  # noqa: SIM118


@pytest.mark.parametrize("path", ["/ask?question=Vasa", "/ask", "/documents/vasa", "/healthz", "/nowhere"])
def test_a_page_of_an_origin_on_the_list_may_read_every_answer(shared, path):
    response = shared.get(path, headers={"Origin": ORIGIN})
    assert response.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert response.headers["Access-Control-Expose-Headers"] == "Retry-After, X-Request-ID"
    assert "Access-Control-Allow-Credentials" not in response.headers
    assert "Origin" in response.vary


@pytest.mark.parametrize(
    "origin",
    [
        "null",
        "https://evil.example",
        "http://app.example",
        "https://app.example:8443",
        "https://app.example.evil",
        None,
    ],
)
def test_a_page_of_another_origin_may_not(shared, origin):
    response = shared.get("/ask?question=Vasa", headers={"Origin": origin} if origin else {})
    assert response.status_code == 200
    assert "Access-Control-Allow-Origin" not in response.headers
    assert "Origin" in response.vary


def test_a_preflight_is_answered_before_a_key_is_asked_for():
    config = Config(origins=frozenset({ORIGIN}), api_key=KEY)
    client = application(service_of(FakeEngine()), config).test_client()
    asked = {"Origin": ORIGIN, "Access-Control-Request-Method": "POST"}
    response = client.options("/ask", headers=asked)
    assert (response.status_code, response.data) == (204, b"")
    assert "Content-Type" not in response.headers
    assert response.headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert response.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert response.headers["Access-Control-Allow-Methods"] == "GET, HEAD, POST"
    assert response.headers["Access-Control-Allow-Headers"] == "Authorization, Content-Type, X-Request-ID"
    assert response.headers["Access-Control-Max-Age"] == "600"
    assert client.options("/ask", headers={**asked, "Origin": "https://evil.example"}).status_code == 401
    assert client.options("/ask", headers={**asked, "Host": "evil.example"}).status_code == 400
    assert client.get("/ask?question=Vasa", headers={"Origin": ORIGIN}).status_code == 401
