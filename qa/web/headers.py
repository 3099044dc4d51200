"""What every response carries against misuse by other sites; no cookie is ever set."""

from flask import Flask, Response

from qa.web.proxies import is_https

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
# Only where a trusted proxy says so: by http the header means nothing, and a wrong word of it locks people out.
BY_HTTPS = {"Strict-Transport-Security": "max-age=31536000"}
OTHERS = {"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'"}
# What the HTTP server refuses before any application sees it.
REFUSALS = {**ALWAYS, **OTHERS, "Cache-Control": "no-store"}


def register(app: Flask) -> None:
    """Adds the headers to every response of `app`; what a route said about caching stays."""

    @app.after_request
    def add_headers(response: Response) -> Response:
        response.headers.update(ALWAYS)
        response.headers.update(PAGES if response.mimetype == "text/html" else OTHERS)
        if is_https():
            response.headers.update(BY_HTTPS)
        response.headers.setdefault("Cache-Control", "no-store")
        return response
