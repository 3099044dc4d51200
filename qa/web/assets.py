"""The static files, read once at the start and served from memory: a name is looked up, no path is ever made of it."""

import hashlib
from dataclasses import dataclass
from importlib import resources

CONTENT_TYPES = {
    "style.css": "text/css; charset=utf-8",
    "app.js": "text/javascript; charset=utf-8",
    "favicon.svg": "image/svg+xml",
    "favicon.ico": "image/x-icon",
}


@dataclass(frozen=True, slots=True)
class Asset:
    """A static file; `version` is a hash of its bytes and part of its `url`."""

    body: bytes
    content_type: str
    version: str
    url: str


def load() -> dict[str, Asset]:
    """All static files by name."""
    return {name: _asset(name, content_type) for name, content_type in CONTENT_TYPES.items()}


def _asset(name: str, content_type: str) -> Asset:
    body = (resources.files("qa.web") / "static" / name).read_bytes()
    version = hashlib.sha256(body).hexdigest()[:16]
    return Asset(body, content_type, version, f"/static/{name}?v={version}")
