"""What only whoever runs the service may ask for: reading the folder at once.

It is off, and its address leads nowhere, unless there is a token for it.
"""

from flask import Flask, Response

from qa.web.access import bears
from qa.web.api import readiness
from qa.web.config import config, config_of
from qa.web.problems import Problem, Unauthorized
from qa.web.responses import json_response
from qa.web.service import Service

CHALLENGES = ('Bearer realm="Running this service"',)


def register(app: Flask, service: Service) -> None:
    """Gives `app` the route for reloading `service`, when its Config has a token."""
    token = config_of(app).admin_token
    if not token:
        return

    @app.post("/reload")
    def reload() -> Response:
        """The state after the folder was read, by a reading that began after the request came in."""
        if not bears(token):
            raise Unauthorized(
                "a reload needs the token of whoever runs this service; send it as Authorization: Bearer TOKEN",
                CHALLENGES,
            )
        try:
            after = service.reload(config().max_reload_seconds)
        except TimeoutError as error:
            raise Problem(
                "unavailable", "the folder is still being read; /readyz shows another version when that is done"
            ) from error
        if after is None:
            raise Problem("unavailable", "the service is stopping; ask another one")
        if after.stale_reason:
            raise Problem(
                "not_reloaded",
                f"what was read at {after.indexed_at} is still served, because the folder cannot be: "
                f"{after.stale_reason}",
            )
        return json_response(readiness(after))
