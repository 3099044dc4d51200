"""Refuses what is too large, ambiguous or not addressed to this service, before any work is done for it.

Runs before every route, also for addresses that lead nowhere; raises Problem and never reads a body.
"""

import re

from flask import Flask, request

from qa.web.problems import Problem

MAX_URL_BYTES = 16 * 1024  # 1,000 emoji, percent-encoded, are 12,000 bytes and must pass
MAX_BODY_BYTES = 64 * 1024  # 1,000 escaped code points and a long list of document ids
MAX_BODY_BYTES_OF = {"/verify": 1024 * 1024}  # many quotes, or a whole old answer

# A name or IPv4 address, or an IPv6 address in brackets, perhaps with a port; two Host headers come joined by a comma.
HOST = re.compile(r"(?P<name>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]*)(?::[0-9]{0,5})?")


def register(app: Flask, hosts: frozenset[str]) -> None:
    """Checks every request of `app`; with `hosts`, also that it names one of them (a defence against DNS rebinding)."""

    @app.before_request
    def check() -> None:
        _check_host(hosts)
        _check_url()
        _check_body()


def _check_host(hosts: frozenset[str]) -> None:
    host = request.environ.get("HTTP_HOST")
    if host is None:
        return
    match = HOST.fullmatch(host)
    if match is None:
        raise Problem("bad_request", "the Host header is not one host name with an optional port; send exactly one")
    if hosts and match["name"].lower() not in hosts:
        raise Problem(
            "bad_request", f"the Host header names another host; this service answers to {', '.join(sorted(hosts))}"
        )


def _check_url() -> None:
    size = len(request.environ.get("REQUEST_URI") or request.full_path)
    if size > MAX_URL_BYTES:
        raise Problem(
            "url_too_long", f"the URL is {size} bytes long, the limit is {MAX_URL_BYTES}; send the question with POST"
        )


def _check_body() -> None:
    limit = MAX_BODY_BYTES_OF.get(request.path, MAX_BODY_BYTES)
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
