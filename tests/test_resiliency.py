"""The table of known ways to fail is complete and up to date."""

import re

from tests.resiliency import PAGE, named_tests, page, rows

ROWS = {row.id: row for table in rows().values() for row in table}
COUNTS = {"h": 34, "j": 19, "q": 19, "d": 10, "c": 24, "e": 12, "p": 23}


def test_the_table_has_every_row_in_order() -> None:
    assert list(ROWS) == [f"{letter}{number}" for letter, count in COUNTS.items() for number in range(1, count + 1)]


def test_every_row_has_a_test_or_says_why_it_waits() -> None:
    tests = named_tests()
    assert {row.id for row in ROWS.values() if row.waits is None} - set(tests) == set()
    assert {row.id for row in ROWS.values() if row.waits} & set(tests) == set(), "it waits no more"


def test_no_test_bears_an_id_that_is_no_row() -> None:
    assert set(named_tests()) - set(ROWS) == set()


def test_the_page_names_the_rows_and_tests_of_today() -> None:
    def without_results(text: str) -> list[str]:
        return [re.sub(r" \| [^|]* \|$", "", line) for line in text.splitlines()]

    assert without_results(PAGE.read_text("utf-8")) == without_results(page({})), "`make resiliency` writes it anew"
