"""Query string or body in, the fields of a question out, read strictly: nothing is guessed or silently dropped.

What a field may hold is the business of `qa.wire`; here is only how it is written in a URL and in JSON.
"""

import json
import re
from functools import partial
from typing import Any
from urllib.parse import parse_qsl

from flask import request
from werkzeug.exceptions import HTTPException

from qa.errors import FieldError
from qa.web.config import config
from qa.web.problems import Problem
from qa.wire import AskRequest, ask_request, shown, told

FIELDS = ("question", "top_k", "documents", "explain")

Fields = dict[str, str]
# Parameters in the order of the URL; one may be repeated.
Pairs = list[tuple[str, str]]

JSON_MARK = re.compile(r'\\.|["\[\]{}]', re.DOTALL)


def asked() -> AskRequest:
    """The question of this request to `/ask`: GET takes it from the URL, POST from its body and from nothing else."""
    if request.method == "POST":
        return ask_request(sent_object())
    return ask_request(_fields(_pairs()))


def asked_in_form() -> tuple[AskRequest | None, tuple[str, ...]]:
    """The question of this request to `/` if there is one, and the documents chosen; unknown parameters are ignored."""
    fields = _fields([(name, value) for name, value in _pairs() if name in FIELDS])
    if "question" not in fields:
        # The other fields are checked all the same: a broken link should say so.
        return None, ask_request({**fields, "question": "none"}).documents
    ask = ask_request(fields)
    return ask, ask.documents


def asked_before() -> AskRequest | None:
    """The question that led to this request, None when there was none or it cannot be read."""
    try:
        return asked_in_form()[0]
    except (FieldError, Problem):
        return None


def sent_object() -> dict[str, Any]:
    """The JSON object in the body of this request, which has no query."""
    if request.query_string:
        raise Problem("bad_request", "a POST takes its fields from the body; leave the query out of the URL")
    return _json_object()


def place() -> Pairs:
    """The parameters of this request to a document's page, which are never refused: what is not UTF-8 is replaced."""
    return parse_qsl(request.query_string.decode("utf-8", "replace"), keep_blank_values=True)


def only(*names: str) -> Fields:
    """The parameters of this request, each given once and one of `names`; FieldError for any other."""
    fields: Fields = {}
    for name, value in _pairs():
        if name not in names:
            raise FieldError(shown(name), f"unknown field {shown(name)!r}; known are {', '.join(names)}")
        if name in fields:
            raise FieldError(name, f"{name} appears twice; give it once")
        fields[name] = value
    return fields


def _pairs() -> Pairs:
    try:
        return parse_qsl(request.query_string.decode("utf-8"), keep_blank_values=True, errors="strict")
    except UnicodeDecodeError as error:
        raise Problem("bad_request", "the URL is not valid UTF-8; percent-encode it as UTF-8") from error


def _fields(pairs: Pairs) -> dict[str, object]:
    """The values of the URL as JSON would have them; a value that cannot be one raises FieldError."""
    fields: dict[str, object] = {}
    documents = [value for name, value in pairs if name == "documents" and value]
    for name, value in pairs:
        if name == "documents":
            fields[name] = documents
        elif name in fields:
            raise FieldError(shown(name), f"{shown(name)} appears twice; give it once")
        elif name == "top_k":
            fields[name] = _whole_number(value)
        elif name == "explain":
            fields[name] = _truth(value)
        else:
            fields[name] = value
    return fields


def _whole_number(value: str) -> int:
    if not re.fullmatch(r"[0-9]{1,3}", value):
        raise FieldError("top_k", f"top_k must be a whole number from 1 to 20 in ASCII digits, not {told(value)}")
    return int(value)


def _truth(value: str) -> bool:
    if value not in ("true", "false"):
        raise FieldError("explain", f"explain must be true or false, not {told(value)}")
    return value == "true"


def _json_object() -> dict[str, Any]:
    if request.mimetype != "application/json" or request.mimetype_params.get("charset", "utf-8").lower() != "utf-8":
        raise Problem("unsupported_media_type", "the body must be JSON; send it with Content-Type: application/json")
    try:
        text = _body().decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise Problem(
            "invalid_json", f"the body is not UTF-8 at byte {error.start}; send JSON encoded as UTF-8"
        ) from error
    limits = config()
    _check_depth(text, limits.max_json_depth)
    try:
        value = json.loads(
            text,
            object_pairs_hook=_object,
            parse_constant=_refuse_constant,
            parse_int=partial(_integer, max_chars=limits.max_number_chars),
        )
    except json.JSONDecodeError as error:
        raise Problem(
            "invalid_json", f"the body is not JSON: line {error.lineno} column {error.colno}: {error.msg}"
        ) from error
    if not isinstance(value, dict):
        raise Problem("invalid_json", f"the body must be a JSON object, not {told(value)}")
    return value


def _body() -> bytes:
    limit = request.max_content_length or 0
    request.max_content_length = limit + 1  # a body without a length is cut there in silence
    try:
        body = request.get_data(cache=False)
    except HTTPException:
        raise
    except Exception as error:  # a broken chunk: each server that hands it through has an error of its own for it
        raise Problem("bad_request", "the body could not be read; send it whole") from error
    if len(body) > limit:
        raise Problem("body_too_large", f"the body is longer than the limit of {limit} bytes; send a shorter one")
    return body


def _check_depth(text: str, limit: int) -> None:
    """Stops before the parser would: it recurses, and a deep enough body exhausts the stack."""
    depth = 0
    in_string = False
    for match in JSON_MARK.finditer(text):
        mark = match[0]
        if mark == '"':
            in_string = not in_string
        elif not in_string and mark in "[{":
            depth += 1
            if depth > limit:
                raise Problem("invalid_json", f"the body is nested too deeply; the limit is {limit} levels")
        elif not in_string and mark in "]}":
            depth -= 1


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise FieldError(shown(key), f"key '{shown(key)}' appears twice; give it once")
        found[key] = value
    return found


def _refuse_constant(name: str) -> None:
    raise Problem("invalid_json", f"the body holds {name}, which is not JSON; leave it out")


def _integer(digits: str, max_chars: int) -> int:
    if len(digits) > max_chars:
        raise Problem("invalid_json", f"the body holds a number of {len(digits)} characters; the limit is {max_chars}")
    return int(digits)
