"""Schemathesis asks the real service whatever its OpenAPI description allows and forbids, with every check on."""

import re

import schemathesis
from schemathesis.specs.openapi.checks import positive_data_acceptance

from qa.web import Config, application
from server import create_app
from tests.web_support import FakeEngine, service_of


def config(n_examples: int) -> schemathesis.Config:
    return schemathesis.Config.from_dict(
        {
            "seed": 6,
            "generation": {"deterministic": True, "max-examples": n_examples, "no-shrink": True, "database": "none"},
            "checks": {"enabled": True},
        }
    )


SCHEMA = schemathesis.openapi.from_wsgi("/openapi.json", create_app(), config=config(15))

KEY = {"Authorization": "Bearer open-sesame"}
LOCKED = schemathesis.openapi.from_wsgi(
    "/openapi.json",
    application(service_of(FakeEngine()), Config(api_key="open-sesame", admin_token="swordfish")),  # noqa: S106 - made up
    config=config(3),
    headers=KEY,
)

# The rules that no JSON Schema can say: that one number is greater than another, where a document ends, and how JSON is
# written where anything may stand.
BEYOND_SCHEMAS = re.compile(
    rb"end must be greater than start|start \d+ comes after end|start and end are both|are no place in a document"
    rb"|the document has changed since it was cited|the body holds a number of \d+ characters|nested too deeply"
)


@SCHEMA.parametrize()
def test_every_operation_does_what_its_description_says(case: schemathesis.Case) -> None:
    response = case.call()
    excluded = [positive_data_acceptance] if BEYOND_SCHEMAS.search(response.content) else []
    case.validate_response(response, excluded_checks=excluded)


@LOCKED.parametrize()
def test_with_a_key_every_operation_asks_for_it_as_its_description_says(case: schemathesis.Case) -> None:
    response = case.call(headers=KEY)
    excluded = [positive_data_acceptance] if BEYOND_SCHEMAS.search(response.content) else []
    case.validate_response(response, excluded_checks=excluded, headers=KEY)
