"""What every response carries against misuse by other sites; no cookie is ever set, and no other origin let in."""

from flask import Flask, Response

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",  # the question stands in the URL of a page
    "Cross-Origin-Resource-Policy": "same-origin",
}
PAGES = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'; "
        "require-trusted-types-for 'script'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), browsing-topics=()",
    "X-Frame-Options": "DENY",  # for browsers that do not know frame-ancestors
}
OTHERS = {"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'"}


def register(app: Flask) -> None:
    """Adds the headers to every response of `app`; what a route said about caching stays."""

    @app.after_request
    def add_headers(response: Response) -> Response:
        response.headers.update(ALWAYS)
        response.headers.update(PAGES if response.mimetype == "text/html" else OTHERS)
        response.headers.setdefault("Cache-Control", "no-store")
        return response
