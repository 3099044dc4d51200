"""What is wrong with a response by the service's own OpenAPI description; nothing when it keeps what is promised."""

import json
from functools import cache
from typing import Any, NoReturn

import jsonschema_rs
from werkzeug.wrappers import Response

from qa.web.config import Config
from qa.web.openapi import Example, description

DESCRIPTION: dict[str, Any] = description(Config(), Example("When?", "vasa", 0, 3, "The"))


def complaints(response: Response, path: str, method: str) -> list[str]:
    """The promises that `response` to `method` on the described `path` breaks; HEAD is described by GET."""
    operation = DESCRIPTION["paths"][path]["get" if method == "HEAD" else method.lower()]
    promised = resolved(operation["responses"].get(str(response.status_code)))
    if promised is None:
        return [f"{method} {path} promises no {response.status_code}"]
    missing = [
        f"{name} is missing"
        for name, header in promised["headers"].items()
        if resolved(header)["required"] and name not in response.headers
    ]
    if "content" not in promised:
        return missing
    if response.mimetype not in promised["content"]:
        return [*missing, f"{method} {path} promises no {response.mimetype} with {response.status_code}"]
    if method == "HEAD":
        return missing
    return [*missing, *faults(response, promised["content"][response.mimetype]["schema"])]


def faults(response: Response, schema: dict[str, Any]) -> list[str]:
    """What is wrong with the body: it has to be strict JSON that keeps `schema`, or text in UTF-8."""
    text = response.get_data()
    if not response.mimetype.endswith("json"):
        if response.mimetype.startswith("text/"):
            text.decode("utf-8")
        return []
    body = json.loads(text.decode("utf-8"), parse_constant=refuse)
    return [
        f"{list(error.instance_path)}: {error.message}"[:300]
        for error in validator(json.dumps(schema)).iter_errors(body)
    ]


def refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


def resolved(definition: dict[str, Any] | None) -> Any:
    """What a reference leads to; anything else as it is."""
    if definition is None or "$ref" not in definition:
        return definition
    found: Any = DESCRIPTION
    for name in definition["$ref"].removeprefix("#/").split("/"):
        found = found[name]
    return found


@cache
def validator(schema: str) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator({**json.loads(schema), "components": DESCRIPTION["components"]})
