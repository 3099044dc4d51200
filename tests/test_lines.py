"""Which lines of a block are wrapped text, and which stand for themselves."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.blocks import blocks
from qa.lines import lines


def cut(text: str) -> list[str]:
    """The lines of all blocks of `text`."""
    return [line.cut(text) for block in blocks(text) for line in lines(text, block)]


@pytest.mark.parametrize(
    "apart",
    [
        ["Dentist 555-1234", "Plumber Joe 555-9876", "School 555-1111"],
        ["Where: Town Hall", "When: Monday at noon", "Who: everybody"],
        ["**Where:** Town Hall", "**When:** Monday at noon"],
        ["---", "title: The garden club", "author: Maria Keller", "---"],
        ["Roses are red", "Violets are blue"],
        ["Anna Lind, 12 Mill Road, Norwich, who keeps the key of the hall", "Joe Bull", "Mary Miller", "Tom Hill"],
        ["```sh", "docker compose up -d", "docker compose logs -f", "```"],
    ],
    ids=["numbers", "labels", "labels in bold type", "front matter", "verse", "one line is long", "code"],
)
def test_lines_that_are_no_wrapped_text_stand_for_themselves(apart: list[str]) -> None:
    assert cut("\n".join(apart)) == apart


@pytest.mark.parametrize(
    "text",
    [
        "The council met on Monday evening to hear what the new owner of the mill, Joe\nBull, had to say.",
        "The council met on Monday evening to hear what the\nowner of the mill had to say about his plans for it.",
        "A list of those who met in the hall, which\nis short",
        "We met Anna Lind and\nMary Miller",
        "The price of bread (\nWhite) rose",
        "> The council met on Monday evening to hear what the\n> Owner of the mill had to say about his plans.",
    ],
    ids=["a full line", "a line broken early", "a small letter", "and", "a bracket", "a quotation"],
)
def test_a_sentence_runs_over_the_end_of_a_wrapped_line(text: str) -> None:
    assert cut(text) == [text]


def test_a_line_that_goes_on_is_joined_with_the_next() -> None:
    assert cut("Roses are red\nSugar is sweet and\nSo are you\nViolets are blue") == [
        "Roses are red",
        "Sugar is sweet and\nSo are you",
        "Violets are blue",
    ]


def test_an_empty_line_of_a_quotation_or_of_code_ends_nothing_but_itself() -> None:
    assert cut("> Roses\n>\n> Violets") == ["> Roses", ">", "> Violets"]
    assert cut("```\na = 1\n\n  b = 2\n```") == ["```", "a = 1", "b = 2", "```"]


@given(st.text(alphabet="aA ,.>-`\n\t|1", max_size=200))
def test_lines_hold_all_text_of_their_block_in_order(text: str) -> None:
    for block in blocks(text):
        found = lines(text, block)
        assert [line for line in found if not line.cut(text) or line.cut(text) != line.cut(text).strip()] == []
        assert "".join("".join(line.cut(text).split()) for line in found) == "".join(block.span.cut(text).split())
        assert all(block.span.start <= line.start < line.end <= block.span.end for line in found)
