"""Reverse proxies: what a trusted one says of the client is taken over, what anyone else says of it is dropped.

Runs before the application, so that nothing ever reads a forwarded header: afterwards none is left. A proxy writes what
it knows behind what it was sent: of addresses the last ones are read, as far as trusted proxies wrote them, and of host
and scheme the very last.
"""

from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import Flask, request

from qa.web.config import config_of

Network = IPv4Network | IPv6Network

_IS_HTTPS = "qa.is_https"
_HOST_IS_FORWARDED = "qa.host_is_forwarded"


def register(app: Flask) -> None:
    """Puts the reading of forwarded headers in front of `app`."""
    app.wsgi_app = TrustedProxies(app.wsgi_app, config_of(app).trusted_proxies)  # type: ignore[method-assign]


def is_https() -> bool:
    """Whether a trusted proxy says that the client of this request came by https."""
    return bool(request.environ.get(_IS_HTTPS))


def host_is_forwarded() -> bool:
    """Whether the Host of this request is what a trusted proxy handed over as X-Forwarded-Host."""
    return bool(request.environ.get(_HOST_IS_FORWARDED))


class TrustedProxies:
    """A WSGI application that calls `app` with what the proxies in `networks` say of the client."""

    def __init__(self, app: WSGIApplication, networks: Sequence[Network]) -> None:
        self._app = app
        self._networks = networks

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """What `app` answers."""
        names = [name for name in environ if name.startswith("HTTP_X_FORWARDED") or name == "HTTP_FORWARDED"]
        said = {name: [value.strip() for value in environ.pop(name).split(",")] for name in names}
        peer = environ.get("REMOTE_ADDR", "")
        if self._is_trusted(_address(peer)):
            environ["REMOTE_ADDR"] = self._client(peer, said.get("HTTP_X_FORWARDED_FOR", []))
            # Of these two nothing tells who wrote which value, so only the last is sure to be the proxy's own.
            if host := said.get("HTTP_X_FORWARDED_HOST", [""])[-1]:
                environ["HTTP_HOST"] = host
                environ[_HOST_IS_FORWARDED] = True
            scheme = said.get("HTTP_X_FORWARDED_PROTO", [""])[-1].lower()
            if scheme in ("http", "https"):
                environ["wsgi.url_scheme"] = scheme
                environ[_IS_HTTPS] = scheme == "https"
        return self._app(environ, start_response)

    def _client(self, peer: str, forwarded: Sequence[str]) -> str:
        """The address of the client: the last one that is not that of a trusted proxy, as far as it can be read."""
        client = peer
        for said in reversed(forwarded):
            address = _address(said)
            if address is None:  # the proxy does not say, or in no words that can be read
                break
            client = str(address)
            if not self._is_trusted(address):
                break
        return client

    def _is_trusted(self, address: IPv4Address | IPv6Address | None) -> bool:
        return address is not None and any(address in network for network in self._networks)


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
