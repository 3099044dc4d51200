"""Refuses what is too large or ambiguous, before any work is done for it.

Runs before every route, also for addresses that lead nowhere; raises Problem and never reads a body.
"""

from flask import Flask, request

from qa.web.config import Config, config
from qa.web.problems import Problem


def register(app: Flask) -> None:
    """Checks every request of `app`."""

    @app.before_request
    def check() -> None:
        _check_url(config().max_url_bytes)
        _check_body()


def body_limit(config: Config, path: str) -> int:
    """How many bytes a body that is sent to `path` may have."""
    return config.max_verify_body_bytes if path == "/verify" else config.max_body_bytes


def _check_url(limit: int) -> None:
    size = len(request.environ.get("REQUEST_URI") or request.full_path)
    if size > limit:
        raise Problem(
            "url_too_long", f"the URL is {size} bytes long, the limit is {limit}; send the question with POST"
        )


def _check_body() -> None:
    limit = body_limit(config(), request.path)
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
