"""The web edge: HTTP in, the contract's JSON and pages out. With `server.py` the only place that knows Flask.

proxies     what reverse proxies say of a client   access        who may ask
limits      what is refused before any work       requests      query string and body -> fields
service     the engine a request is answered from  watching      a changed folder -> another engine
negotiation which form of a resource was asked for
api         the JSON routes                        pages         the HTML routes
citations   citations: checked, and in other forms  marks         a text and spans -> pieces to escape one by one
views       an answer -> what its page shows       source        a document -> what its page shows
problems    every error -> the one error body      plain         an error -> what a person is told of it
responses   JSON, pages and their bytes            names         titles that documents share
assets      style sheet and icon, from memory      headers       what every response carries
forms       what stands in the question form       serving       the HTTP server and its draining stop
config      every limit and switch of the edge     options       flags and variables -> a Config
asking      the engine is asked, within its bounds  admin         the folder is read at once
accounts    what is told of a request that is over  logs          the lines of the log
metrics     the counts at /metrics
openapi     what the routes take and give          schemas       what each JSON body holds
"""

from flask import Flask

from qa.web import (
    access,
    accounts,
    admin,
    api,
    asking,
    assets,
    citations,
    config,
    headers,
    limits,
    logs,
    metrics,
    openapi,
    pages,
    problems,
    proxies,
    responses,
)
from qa.web.config import Config
from qa.web.service import Service, Snapshot

__all__ = ["Config", "Service", "Snapshot", "application"]


def application(service: Service, settings: Config | None = None) -> Flask:
    """The WSGI application that answers from `service`, with the limits and switches of `settings`."""
    app = Flask(__name__, static_folder=None)
    settings = settings or Config()
    app.url_map.merge_slashes = False  # a path is an id, looked up as it is, and never the cause of a redirect
    config.register(app, settings)
    accounts.register(app, metrics.register(app, service).count, logs.teller(settings))
    proxies.register(app)
    headers.register(app)
    service.register(app)
    access.register(app)
    limits.register(app)
    asking.register(app)
    problems.register(app)
    responses.register(app, assets.load())
    app.register_blueprint(api.routes)
    app.register_blueprint(citations.routes)
    app.register_blueprint(openapi.routes)
    app.register_blueprint(pages.routes)
    admin.register(app, service)
    return app
