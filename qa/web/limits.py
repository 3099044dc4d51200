"""Refuses what is too large, ambiguous or not addressed to this service, before any work is done for it.

Runs before every route, also for addresses that lead nowhere; raises Problem and never reads a body.
"""

import ipaddress
import re

from flask import Flask, request

from qa.web.config import config
from qa.web.problems import Problem

# A name or IPv4 address, or an IPv6 address in brackets, perhaps with a port; two Host headers come joined by a comma.
HOST = re.compile(r"(?P<name>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]*)(?::[0-9]{0,5})?")


def register(app: Flask) -> None:
    """Checks every request of `app`."""

    @app.before_request
    def check() -> None:
        _check_host(config().hosts)
        _check_url(config().max_url_bytes)
        _check_body()


def _check_host(hosts: frozenset[str]) -> None:
    """Refuses a Host that is neither an address, nor `localhost`, nor one of `hosts`.

    A page of another site can make its own name lead to this machine and so read what is served there (DNS rebinding);
    it cannot make the browser send another Host, and an address leads nowhere else.
    """
    host = request.environ.get("HTTP_HOST")
    if not host:
        return
    match = HOST.fullmatch(host)
    if match is None:
        raise Problem("bad_request", "the Host header is not one host name with an optional port; send exactly one")
    name = match["name"].lower()
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


def _check_url(limit: int) -> None:
    size = len(request.environ.get("REQUEST_URI") or request.full_path)
    if size > limit:
        raise Problem(
            "url_too_long", f"the URL is {size} bytes long, the limit is {limit}; send the question with POST"
        )


def _check_body() -> None:
    limits = config()
    limit = limits.max_verify_body_bytes if request.path == "/verify" else limits.max_body_bytes
    request.max_content_length = limit  # for bodies that come without a length
    length = request.headers.get("Content-Length", "")
    if length and "Transfer-Encoding" in request.headers:
        raise Problem("bad_request", "the request has both Content-Length and Transfer-Encoding; send one of them")
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise Problem(
            "unsupported_media_type", "compressed bodies are not accepted; send the body without Content-Encoding"
        )
    if request.content_length is not None and request.content_length > limit:
        raise Problem(
            "body_too_large", f"the body is {length[:20]} bytes long, the limit is {limit}; send a shorter one"
        )
