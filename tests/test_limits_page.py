"""The page of limits and the code it tells of."""

from dataclasses import fields

import pytest

from qa.settings import Settings
from qa.web import Config
from tests.limits_page import PAGE, page, rows_of_class, shown


def test_the_page_of_limits_is_that_of_the_code() -> None:
    assert PAGE.read_text("utf-8") == page(), "python -m tests.limits_page writes it anew"


@pytest.mark.parametrize("settings", [Settings, Config])
def test_every_setting_is_on_the_page_with_its_default_and_a_reason(settings: type[Settings] | type[Config]) -> None:
    rows = rows_of_class(settings)
    told = {name: default for row in rows for name, default in row.defaults}
    assert told == {field.name: getattr(settings(), field.name) for field in fields(settings)}
    assert [row for row in rows if len(row.reason.split()) < 5] == []


def test_a_row_of_the_page_reads_as_it_should() -> None:
    assert (
        "| `max_url_bytes` | 16,384 | Bytes of a URL: 1,000 emoji, percent-encoded, are 12,000 bytes and must pass. |\n"
        in page()
    )
    assert "| `MAX_QUESTION_CHARS`, `MAX_TOP_K` | 1,000 · 20 |" in page()


def test_values_are_shown_for_people() -> None:
    assert [shown(value) for value in (True, False, 10_000, 0.75, "", (), frozenset(), "x")] == [
        *("on", "off", "10,000", "0.75", "none", "none", "none", "x")
    ]
