"""Which lines of a block are wrapped text, and which stand for themselves."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.blocks import blocks
from qa.lines import head, lines
from qa.records import Span

ADDRESS = "https://example.org/" + 150 * "x"


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
        [
            "Adults who come by bus or train in the week ......... 6.20",
            "Children under twelve years of age .......... 3.10",
        ],
        ["Vitamin A", "Vitamin B 20 mg"],
        ["Anna Lind, chair of the garden club    555-1234", "Joe Bull, who keeps the keys of it      555-9876"],
        ["From: Anna Lind of the garden club <anna@example.org>", "To: Joe Bull of the garden club <joe@example.org>"],
        ["phone: 555-1234", "mail to: joe@example.org", "*home*: Norwich"],
        ["> Roses are red", "> Violets are blue"],
        ["Anna Lind, 12 Mill Road, Norwich, who keeps the key of the hall", "Joe Bull", "Mary Miller", "Tom Hill"],
        ["```sh", "docker compose up -d", "docker compose logs -f", "```"],
    ],
    ids=[
        "numbers",
        "labels",
        "labels in bold type",
        "front matter",
        "verse",
        "dots",
        "a letter",
        "columns",
        "long labels",
        "labels in small letters",
        "a quotation",
        "one line is long",
        "code",
    ],
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
        "The meeting will be held at St\nMary's Hall. Members are asked to\nbring books. John\nSmith leads.",
        f"The keys of the library are kept by Joan\nMiller. Its builder was a brother of Peter\nHall. Look:\n{ADDRESS}",
        "They came to the house where he was and\nThe man said: go away from here",
        "They came to the house where he was\nthen the old man: go away from here",
    ],
    ids=["a full line", "a line broken early", "a small letter", "and", "a bracket", "a quotation", "narrow lines",
         "a long address", "no label", "no label in small letters"],
)  # fmt: skip
def test_a_sentence_runs_over_the_end_of_a_wrapped_line(text: str) -> None:
    assert cut(text) == [text]


def filled(n_first: int, n_longest: int) -> list[str]:
    """Two lines, of which the first has `n_first` characters, and with the next word and its blank five more."""
    return ["a" * (n_first - 4) + " bbb", "Cccc " + "d" * (n_longest - 5)]


@pytest.mark.parametrize(
    ("n_first", "n_longest", "n_lines"), [(34, 39, 2), (35, 40, 1), (27, 40, 2), (28, 40, 1)],
    ids=["too narrow to be wrapped", "wide enough", "the next word had fitted into 0.8", "it had not"],
)  # fmt: skip
def test_a_line_was_wrapped_when_the_next_word_did_not_fit(n_first: int, n_longest: int, n_lines: int) -> None:
    assert len(cut("\n".join(filled(n_first, n_longest)))) == n_lines


def test_half_of_the_lines_have_to_end_early() -> None:
    early, full = "Anna Lind", "Joe Bull, who lives in Mill Road in Norwich with his family"
    assert len(cut(f"{early}\n{full}\n{full}")) == 3
    assert len(cut(f"{early}\n{full}\n{full}\n{full}")) == 1


def test_a_line_that_goes_on_is_joined_with_the_next() -> None:
    assert cut("Roses are red\nSugar is sweet and\nSo are you\nViolets are blue") == [
        "Roses are red",
        "Sugar is sweet and\nSo are you",
        "Violets are blue",
    ]


@pytest.mark.parametrize(
    ("text", "place", "expected"),
    [
        ("Moths|When: 14.00|Who: Ada", 2, 0),
        ("Moths|When: 14.00|Who: Ada", 0, 0),
        ("Talk: Moths|When: 14.00|Who: Ada", 2, 0),
        ("Moths||When: 14.00", 1, 1),
        ("Labels||Moths|When: 14.00", 2, 1),
        ("Moths eat.|When: 14.00", 1, 1),
        ("Moths|at noon", 1, 1),
        ("|".join(["Moths", *(f"A{number}: b" for number in range(8))]), 8, 0),
        ("|".join(["Moths", *(f"A{number}: b" for number in range(9))]), 9, 9),
    ],
    ids=["named", "the name", "labelled name", "apart", "the one above", "a sentence", "no label", "eight", "nine"],
)
def test_the_head_of_an_entry_is_the_name_above_its_labelled_lines(text: str, place: int, expected: int) -> None:
    sentences, start = [], 0
    for line in text.split("|"):
        if line:
            sentences.append(Span(start, start + len(line)))
        start += len(line) + 1
    assert head(text.replace("|", "\n"), sentences, place) == expected


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
