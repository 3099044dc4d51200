"""JSON and pages as responses. The only place where text becomes bytes.

File names may hold bytes that are no UTF-8; Python keeps them as lone surrogates, and here they become question marks.
"""

import json
from typing import Any

from flask import Flask, Response, render_template, request

from qa.formats import FORMATS, source_link
from qa.records import Citation
from qa.web.assets import Asset
from qa.web.marks import exact, level
from qa.web.names import path_beside_title
from qa.web.service import snapshot
from qa.web.views import url_in_answer
from qa.wire import Json, citation_url, document_url, format_url
from qa.wording import counted, lines


def register(app: Flask, assets: dict[str, Asset]) -> None:
    """Gives the templates what they use, and `app` the routes of its own static files."""
    app.jinja_env.filters.update(
        exact=exact,
        citation_url=citation_url,
        counted=counted,
        document_url=document_url,
        format_url=format_url,
        level=level,
        lines=lines,
        moment=_moment,
        path_beside_title=path_beside_title,
        publisher_url=_publisher_url,
        url_in_answer=url_in_answer,
    )
    app.jinja_env.globals.update(asset_url={name: asset.url for name, asset in assets.items()}, formats=FORMATS)
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True

    @app.get("/static/<name>")
    def static(name: str) -> Response:
        asset = assets[name] if name in assets else app.aborter(404)
        # Only the address with the hash says which bytes are meant, and only that answer may be kept.
        current = request.args.get("v") == asset.version
        return _asset_response(asset, "public, max-age=31536000, immutable" if current else "no-cache")

    @app.get("/favicon.ico")
    def favicon() -> Response:
        return _asset_response(assets["favicon.ico"], "public, max-age=86400")


def _publisher_url(citation: Citation) -> str | None:
    """Where the publisher's own page marks the quote."""
    return source_link(citation, snapshot().engine.document(citation.document_id))


def _moment(utc: str) -> str:
    """A time of ISO 8601 to the minute, for a person."""
    return f"{utc[:10]} {utc[11:16]} UTC"


def json_response(body: Json, status: int = 200, mimetype: str = "application/json") -> Response:
    """`body` as strict JSON in UTF-8, its keys in their order."""
    text = json.dumps(body, ensure_ascii=False, allow_nan=False)
    return Response(text.encode("utf-8", "replace"), status, mimetype=mimetype)


def page(template: str, status: int = 200, **values: Any) -> Response:
    """A page; the templates see the snapshot that is served as `now`, and its corpus as `corpus`."""
    html = render_template(template, now=snapshot(), corpus=snapshot().engine.corpus, **values)
    return Response(html.encode("utf-8", "replace"), status, content_type="text/html; charset=utf-8")


def revalidated(response: Response) -> Response:
    """`response` with a hash of its body, so that a browser that has it already gets 304 and no body."""
    response.headers["Cache-Control"] = "private, no-cache"
    response.add_etag()
    # Of the conditions only this one is looked at: a reader whose If-Match is out of date wants the text all the same.
    etag, _ = response.get_etag()
    if etag and request.if_none_match.contains_weak(etag):
        response.status_code = 304
        response.set_data(b"")
    return response


def _asset_response(asset: Asset, cache_control: str) -> Response:
    return Response(asset.body, content_type=asset.content_type, headers={"Cache-Control": cache_control})
