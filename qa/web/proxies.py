"""Reverse proxies: what a trusted one says of the client is taken over, what anyone else says of it is dropped.

Runs before the application, so that nothing ever reads a forwarded header: afterwards none is left. A proxy writes what
it knows behind what it was sent, so that the words are read from the end and only as far as trusted proxies wrote them.
"""

from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import Flask, request

from qa.web.config import config_of

Network = IPv4Network | IPv6Network

_IS_HTTPS = "qa.is_https"


def register(app: Flask) -> None:
    """Puts the reading of forwarded headers in front of `app`."""
    app.wsgi_app = TrustedProxies(app.wsgi_app, config_of(app).trusted_proxies)  # type: ignore[method-assign]


def is_https() -> bool:
    """Whether a trusted proxy says that the client of this request came by https."""
    return bool(request.environ.get(_IS_HTTPS))


class TrustedProxies:
    """A WSGI application that calls `app` with what the proxies in `networks` say of the client."""

    def __init__(self, app: WSGIApplication, networks: Sequence[Network]) -> None:
        self._app = app
        self._networks = networks

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """What `app` answers."""
        names = [name for name in environ if name.startswith("HTTP_X_FORWARDED") or name == "HTTP_FORWARDED"]
        said = {name: [value.strip() for value in environ.pop(name).split(",")] for name in names}
        client, n_proxies = self._client(environ.get("REMOTE_ADDR", ""), said.get("HTTP_X_FORWARDED_FOR", []))
        if n_proxies:
            environ["REMOTE_ADDR"] = client
            if host := _at(said.get("HTTP_X_FORWARDED_HOST", []), n_proxies):
                environ["HTTP_HOST"] = host
            scheme = _at(said.get("HTTP_X_FORWARDED_PROTO", []), n_proxies).lower()
            if scheme in ("http", "https"):
                environ["wsgi.url_scheme"] = scheme
                environ[_IS_HTTPS] = scheme == "https"
        return self._app(environ, start_response)

    def _client(self, peer: str, forwarded: Sequence[str]) -> tuple[str, int]:
        """The address of the client, and through how many trusted proxies it came."""
        client, n_proxies = peer, 0
        for said in [*reversed(forwarded), ""]:
            address = _address(client)
            if address is None or not any(address in network for network in self._networks):
                break
            n_proxies += 1
            if _address(said) is None:  # the proxy does not say, or in no words that can be read
                break
            client = str(_address(said))
        return client, n_proxies


def _at(values: Sequence[str], n_proxies: int) -> str:
    """What the outermost of the trusted proxies wrote, where each has added a value or passed on what it was sent."""
    return values[-min(n_proxies, len(values))] if values else ""


def _address(text: str) -> IPv4Address | IPv6Address | None:
    """The address that stands in `text`, perhaps with a port; one of IPv4 in the dress of IPv6 is undressed."""
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
