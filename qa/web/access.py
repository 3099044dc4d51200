"""Who may ask: this service must be meant, the key must be brought, and pages of other sites must be welcome.

Runs before every route, also for addresses that lead nowhere, and reads headers only. Before the key is brought nothing
of the documents may leave, not their titles either.
"""

import binascii
import hmac
import ipaddress
import re

from flask import Flask, Response, g, request

from qa.web.config import config, config_of
from qa.web.problems import Problem, Unauthorized
from qa.web.proxies import host_is_forwarded

# Who watches over the process brings no key, and a reload asks for a token of its own.
WITHOUT_KEY = frozenset({"/healthz", "/readyz", "/reload"})

# A browser asks its user for the password, a program reads the second.
CHALLENGES = ('Basic realm="Cited answers", charset="UTF-8"', 'Bearer realm="Cited answers"')

# A name or IPv4 address, or an IPv6 address in brackets, perhaps with a port; two Host headers come joined by a comma.
HOST = re.compile(r"(?P<name>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9_.-]*)(?::[0-9]{0,5})?")

PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, HEAD, POST",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, X-Request-ID",
    "Access-Control-Max-Age": "600",
}
READABLE = "Retry-After, X-Request-ID"


def register(app: Flask) -> None:
    """Checks every request of `app`, and tells browsers which pages of other sites may read its answers."""

    @app.before_request
    def check() -> Response | None:
        _check_host(config().hosts)
        if request.method == "OPTIONS" and _is_welcome() and "Access-Control-Request-Method" in request.headers:
            return _preflight()  # a browser brings no key to it
        key = config().api_key
        g.is_admitted = not key or _brings(key)
        if not g.is_admitted and request.path not in WITHOUT_KEY:
            raise Unauthorized(
                "this service needs a key; send it as Authorization: Bearer KEY, or as the password of HTTP Basic",
                CHALLENGES,
            )
        return None

    if config_of(app).origins:
        # Without cookies there are no credentials to allow, and what a page reads by CORS no resource policy forbids.
        @app.after_request
        def say_who_may_read(response: Response) -> Response:
            response.vary.add("Origin")
            if _is_welcome():
                response.headers["Access-Control-Allow-Origin"] = request.headers["Origin"]
                response.headers["Access-Control-Expose-Headers"] = READABLE
            return response


def admitted() -> bool:
    """Whether this request has brought the key, where one is needed."""
    found: bool = g.is_admitted
    return found


def bears(token: str) -> bool:
    """Whether this request brings `token` as a Bearer token; the time it takes tells nothing of the token."""
    scheme, given = _authorization()
    return scheme == "bearer" and hmac.compare_digest(given, token.encode())


def _brings(key: str) -> bool:
    """Whether this request brings `key`, as a Bearer token or as the password of HTTP Basic."""
    scheme, given = _authorization()
    if scheme != "basic":
        return bears(key)
    try:
        _, _, password = binascii.a2b_base64(given).partition(b":")
    except binascii.Error:
        return False
    return hmac.compare_digest(password, key.encode())


def _authorization() -> tuple[str, bytes]:
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    return scheme.lower(), given.strip().encode("latin-1", "replace")


def _is_welcome() -> bool:
    return request.headers.get("Origin") in config().origins


def _preflight() -> Response:
    response = Response(status=204, headers=PREFLIGHT)
    del response.headers["Content-Type"]  # there is no content
    return response


def _check_host(hosts: frozenset[str]) -> None:
    """Refuses a Host that is neither an address, nor `localhost`, nor one of `hosts`.

    A page of another site can make its own name lead to this machine and so read what is served there (DNS rebinding);
    it cannot make the browser send another Host, and an address leads nowhere else. It can add an X-Forwarded-Host,
    which a proxy may pass on: of that only the names somebody chose count, and not those that everybody knows.
    """
    host = request.environ.get("HTTP_HOST")
    if not host:
        return
    match = HOST.fullmatch(host)
    if match is None:
        raise Problem("bad_request", "the Host header is not one host name with an optional port; send exactly one")
    name = match["name"].lower()
    if host_is_forwarded():
        if name not in hosts:
            raise Problem(
                "bad_request",
                "the proxy names a host that this service does not answer to; whoever runs it adds names with QA_HOSTS",
            )
        return
    if name not in hosts and name not in ("", "localhost") and not _is_address(name):
        known = ", ".join(sorted(hosts | {"localhost"}))
        raise Problem(
            "bad_request",
            f"the Host header names another host; this service answers to {known} and addresses; "
            "whoever runs it adds names with QA_HOSTS",
        )


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return False
    return True
