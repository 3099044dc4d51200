"""What is believed of a client that comes through reverse proxies."""

from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.web import Config, application
from qa.web.proxies import TrustedProxies
from tests.web_support import FakeEngine, service_of

INNER, OUTER, CLIENT, LIAR = "10.0.0.1", "10.0.0.2", "203.0.113.9", "198.51.100.66"
TRUSTED = (ip_network("10.0.0.0/30"), ip_network("2001:db8::/64"))


def seen(peer, trusted=TRUSTED, **headers):
    """The environ that the application sees."""
    environ = {"REMOTE_ADDR": peer, "HTTP_HOST": "inside", "wsgi.url_scheme": "http"}
    environ |= {f"HTTP_{name}": value for name, value in headers.items()}
    TrustedProxies(lambda environ, start_response: [], trusted)(environ, None)
    return environ


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        (INNER, CLIENT, CLIENT),
        (INNER, f"{LIAR}, {CLIENT}", CLIENT),
        (INNER, f"{LIAR},{CLIENT},{OUTER}", CLIENT),
        (INNER, f"{CLIENT}:4711", CLIENT),
        (INNER, "2001:db8:1::7", "2001:db8:1::7"),
        (INNER, "[2001:db8:1::7]:4711", "2001:db8:1::7"),
        ("2001:db8::1", CLIENT, CLIENT),
        ("::ffff:10.0.0.1", CLIENT, CLIENT),
        (INNER, f"{LIAR}, unknown", INNER),
        (INNER, f"{LIAR}, ", INNER),
        (INNER, f"{CLIENT}, {OUTER}, nonsense", INNER),
        (INNER, OUTER, OUTER),
        (CLIENT, LIAR, CLIENT),
        (CLIENT, f"{LIAR}, {INNER}", CLIENT),
        ("", LIAR, ""),
    ],
)
def test_h27_the_client_is_the_last_one_that_no_trusted_proxy_is(peer, forwarded, client):
    assert seen(peer, X_FORWARDED_FOR=forwarded)["REMOTE_ADDR"] == client


def test_h27_nothing_is_believed_of_anyone_unless_a_proxy_is_trusted():
    headers = {"X_FORWARDED_FOR": LIAR, "X_FORWARDED_PROTO": "https", "X_FORWARDED_HOST": "evil.example"}
    assert seen("127.0.0.1", (), **headers) == seen("127.0.0.1", ())


def test_h27_no_forwarded_header_is_left_for_anyone_to_read():
    names = ("FOR", "PROTO", "HOST", "PORT", "PREFIX", "BY", "SERVER", "ANYTHING")
    headers = {f"X_FORWARDED_{name}": "1" for name in names} | {"FORWARDED": "for=1.2.3.4;host=evil.example"}
    for peer in (INNER, CLIENT):
        assert [name for name in seen(peer, **headers) if "FORWARDED" in name] == []


def test_a_trusted_proxy_says_the_host_and_the_scheme():
    given = seen(INNER, X_FORWARDED_FOR=CLIENT, X_FORWARDED_HOST="answers.example", X_FORWARDED_PROTO="HTTPS")
    assert (given["HTTP_HOST"], given["wsgi.url_scheme"]) == ("answers.example", "https")


@pytest.mark.parametrize("forwarded_for", [CLIENT, f"{CLIENT}, {OUTER}", f"{LIAR}, {CLIENT}, {OUTER}", ""])
def test_h27_of_several_hosts_and_schemes_only_the_last_is_surely_a_proxys(forwarded_for):
    forwarded = {"X_FORWARDED_HOST": "evil.example, answers.example", "X_FORWARDED_PROTO": "http, https"}
    given = seen(INNER, X_FORWARDED_FOR=forwarded_for, **forwarded)
    assert (given["HTTP_HOST"], given["wsgi.url_scheme"]) == ("answers.example", "https")


def test_a_proxy_that_overwrites_instead_of_adding_is_understood():
    given = seen(INNER, X_FORWARDED_FOR=f"{CLIENT}, {OUTER}", X_FORWARDED_PROTO="https")
    assert given["wsgi.url_scheme"] == "https"


@pytest.mark.parametrize("scheme", ["ftp", "", "javascript", "https\t"])
def test_a_scheme_that_is_none_is_not_taken_over(scheme):
    given = seen(INNER, X_FORWARDED_FOR=CLIENT, X_FORWARDED_PROTO=scheme)
    assert given["wsgi.url_scheme"] in ("http", "https")
    assert (given["wsgi.url_scheme"] == "https") is (scheme.strip() == "https")


@given(st.text(alphabet="0123456789.:,[] abcdefx", max_size=60), st.sampled_from([INNER, CLIENT]))
def test_h27_whatever_is_forwarded_the_client_is_an_address(forwarded, peer):
    client = seen(peer, X_FORWARDED_FOR=forwarded)["REMOTE_ADDR"]
    assert ip_network(client)
    assert client == peer or peer == INNER


@pytest.fixture(scope="module")
def behind():
    """A client of an application behind a trusted proxy at 127.0.0.1, where the test client says it is."""
    config = Config(hosts=frozenset({"answers.example"}), trusted_proxies=(ip_network("127.0.0.1"),))
    return application(service_of(FakeEngine()), config).test_client()


HTTPS = {"X-Forwarded-For": CLIENT, "X-Forwarded-Proto": "https", "X-Forwarded-Host": "answers.example"}


@pytest.mark.parametrize("path", ["/", "/ask?question=Vasa", "/nowhere", "/static/style.css"])
def test_only_https_by_a_trusted_proxy_asks_browsers_to_keep_to_it(behind, path):
    assert behind.get(path, headers=HTTPS).headers["Strict-Transport-Security"] == "max-age=31536000"
    stranger = {"REMOTE_ADDR": CLIENT}
    for answer in (
        behind.get(path, headers=HTTPS | {"X-Forwarded-Proto": "http"}),
        behind.get(path, headers=HTTPS, environ_overrides=stranger),
        behind.get(path, environ_overrides={"wsgi.url_scheme": "https"}),
    ):
        assert "Strict-Transport-Security" not in answer.headers


def test_h6_the_host_a_trusted_proxy_names_has_to_be_one_of_ours(behind):
    assert behind.get("/healthz", headers=HTTPS).status_code == 200
    assert behind.get("/healthz", headers=HTTPS | {"X-Forwarded-Host": "evil.example"}).status_code == 400


@pytest.mark.parametrize("host", ["localhost", "localhost:8000", "127.0.0.1", "203.0.113.5:80", "[::1]", ":80"])
def test_h6_a_page_cannot_name_by_a_header_of_its_own_a_host_that_everybody_knows(behind, host):
    """A page whose name was made to lead to the proxy; the proxy passes on what the page says the host is."""
    response = behind.get("/ask?question=Vasa", headers={"Host": "evil.example", "X-Forwarded-Host": host})
    assert (response.status_code, response.json["code"]) == (400, "bad_request")
    assert "QA_HOSTS" in response.json["detail"]
