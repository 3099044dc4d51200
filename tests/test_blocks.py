"""What is a heading, an item, a quotation and code; that no text is lost stands in the tests of passages."""

import pytest

from qa.blocks import blocks, title


def cut(text: str) -> list[str]:
    return [block.span.cut(text) for block in blocks(text)]


def levels(text: str) -> list[tuple[int, str]]:
    """The headings of a text with their levels."""
    return [(block.level, block.span.cut(text)) for block in blocks(text) if block.level]


def test_the_level_of_a_heading_is_in_its_marks() -> None:
    text = "# A\n## B\n###### C\n\nD\n===\n\nE\n----\n\nF\n~~~\n\nText."
    assert levels(text) == [(1, "# A"), (2, "## B"), (6, "###### C"), (1, "D\n==="), (2, "E\n----"), (3, "F\n~~~")]


def test_a_title_without_marks_stands_below_marked_ones_and_the_first_of_two_is_the_outer() -> None:
    assert levels("Markets\n\nCrude Oil\n\nIt is sold.\n\nNatural Gas\n\nIt is not.") == [
        (7, "Markets"),
        (8, "Crude Oil"),
        (8, "Natural Gas"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "signed by President Donald\nJ. Trump on the same day",
        "by a score of\n10. The coach resigned.",
        "temperatures fell to\n-5 degrees",
        "as World War\nII. and others",
        "an offer of\n*all* the oil",
        "built by\nIV. Ltd",
        "- signed by President Donald\nJ. Trump",
        "1. signed by President Donald\nJ. Trump",
    ],
)
def test_a_line_of_a_running_paragraph_is_no_item_by_chance(text: str) -> None:
    assert cut(text) == [text]


@pytest.mark.parametrize(
    "text",
    [
        "They are:\n- oil\n- gas",
        "They are:\n1. oil\n2. gas",
        "They are:\n1) oil\n10) gas",
        "- oil\n2. gas",
        "A. oil\nB. gas",
        "I. oil\nII. gas",
        "They are:\n| oil | 1 |\n| gas | 2 |",
        "10. oil\n11. gas",
    ],
)
def test_a_line_begins_an_item_where_a_list_is_sure(text: str) -> None:
    assert cut(text) == text.split("\n")


def test_the_lines_of_a_quotation_are_one_block_with_their_marks() -> None:
    assert cut("He said:\n> Oil is\n> sold to\nmany.\n\n> Gas\n> is not.") == [
        "He said:",
        "> Oil is\n> sold to\nmany.",
        "> Gas\n> is not.",
    ]


CODE = "# a comment\n\nOil\n\nOil = 1"


@pytest.mark.parametrize(
    ("opened", "closed"),
    [("```", "```"), ("~~~", "~~~"), ("```", "`````"), ("````", "````"), ("``` python", "```"), ("~~~ `x`", "~~~~")],
)
def test_a_fence_hides_what_looks_like_a_heading(opened: str, closed: str) -> None:
    assert levels(f"{opened}\n{CODE}\n{closed}\n\n# Gas\n\nGas is sold.") == [(1, "# Gas")]


@pytest.mark.parametrize("inside", ["~~~", "```", "```` python", "`````", "```` `"])
def test_a_fence_is_closed_by_its_own_mark_only(inside: str) -> None:
    if inside == "`````":
        inside = "~~~~~"
    assert levels(f"````\n{inside}\n{CODE}\n````\n\n# Gas\n\nGas is sold.") == [(1, "# Gas")]


@pytest.mark.parametrize(
    "line",
    ["```", "~~~", "``` a `code` span", "```python", "````\n```", "~~~\n```"],
    ids=["backticks", "tildes", "span", "info", "shorter", "other mark"],
)
def test_a_fence_that_is_never_closed_hides_nothing(line: str) -> None:
    assert levels(f"{line}\n\n# Gas\n\nGas is sold.") == [(1, "# Gas")]


def test_what_follows_a_fence_is_a_block_of_its_own() -> None:
    assert cut("See:\n```\noil = 1\n```\nThat is all.") == ["See:", "```\noil = 1\n```", "That is all."]


def test_tildes_below_a_line_are_its_underline_when_they_are_long_enough() -> None:
    assert levels("Oil\n~~~\nOil is sold.\n\nGas\n~~~\nGas is not.") == [(3, "Oil\n~~~"), (3, "Gas\n~~~")]
    assert levels("Use it so:\n~~~\n# a comment\n~~~\n\nText.") == []


def test_a_line_longer_than_any_title_is_no_heading() -> None:
    assert levels("# " + "oil " * 60 + "\n\nText.") == []


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Sold by us.\n\n## Oil ##\n\nText.", "Oil"),
        ("Markets\n\nCrude Oil\n\nText.", "Markets"),
        ("```\n# a comment\n```\nOil is sold.", "Oil is sold."),
        ("***oil***\n\nText.", "oil"),
        ("-5 degrees are cold.", "-5 degrees are cold."),
        ("Of the oil – and the gas – of Norway they say much.", "Of the oil – and the gas – of Norway they say much."),
        ("> - Oil is sold.", "Oil is sold."),
        ("---\ndate: 2024\ntitle: 'The price of oil'\n---\n\n# Oil\n\nText.", "The price of oil"),
        ('---\r\na: 1\r\ntitle: "Oil: a price"  # old\r\n---\r\n\r\n# Gas\r\n', "Oil: a price"),
        ('---\ntitle: The plan "B" # old\n---\n\n# Oil\n', 'The plan "B"'),
        ("---\ntitle: \n---\n\n# Oil\n\nText.", "Oil"),
        ("---\ntitle: >\n  Gas\n---\n\n# Oil\n\nText.", "Oil"),
        ("---\ntitle: [Gas]\n---\n\n# Oil\n\nText.", "Oil"),
        ("---\nA text.\n\ntitle: Gas\n\n# Oil\n\nText.", "Oil"),
        ("---\n" + 48 * "a: 1\n" + "title: Gas\n---\n\n# Oil\n", "Gas"),
        ("---\n" + 49 * "a: 1\n" + "title: Gas\n---\n\n# Oil\n", "Oil"),
        ("Oil and gas\nA report of 2020\n\nFIRST DAY\n\nText.", "Oil and gas"),
        ("Oil and gas\n\nA report.\n\n## Gas\n\nText.", "Oil and gas"),
        ("Last changed in 2020\n\nIt rains.\n\n# Gas\n\nText.", "Last changed in 2020"),
        ("Draft\n\n# Gas\n\nText.", "Draft"),
        ("From: Ada <ada@example.org>\nSubject: Oil\n\n# Gas\n\nText.", "Oil"),
        ("To: Ada,\n  Bob\nSUBJECT: Oil \nDate: May\n", "Oil"),
        ("From: Ada\r\nSubject: Oil\r\n\r\nGas is sold.\r\n", "Oil"),
        ("", ""),
        ("Title: Oil\n\n# Gas\n\nText.", "Oil"),
        ("From: Ada\nA text.\nSubject: Oil\n\n# Gas\n\nText.", "Gas"),
        ("From: Ada\nTo: Bob\n\n# Gas\n\nText.", "Gas"),
    ],
)
def test_a_text_is_named_after_its_first_heading_or_line(text: str, name: str) -> None:
    assert title(text) == name
