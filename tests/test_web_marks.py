"""Marks on a text: pieces that lose nothing and cannot break HTML."""

import html5lib
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.records import Span
from qa.web.marks import Label, Piece, exact, level, pieces


def test_overlapping_labels_share_their_piece():
    labels = [Label(Span(0, 3), "term"), Label(Span(2, 5), "best"), Label(Span(2, 3), "term")]
    assert pieces("abcdef", labels) == (
        Piece("ab", ("term",)),
        Piece("c", ("best", "term")),
        Piece("de", ("best",)),
        Piece("f"),
    )


def test_labels_outside_of_the_text_are_cut_or_ignored():
    assert pieces("ab", [Label(Span(1, 9), "x"), Label(Span(2, 3), "y")]) == (Piece("a"), Piece("b", ("x",)))


def test_an_empty_text_has_no_pieces():
    assert pieces("", [Label(Span(0, 1), "x")]) == ()


spans = st.tuples(st.integers(0, 12), st.integers(1, 5)).map(lambda pair: Span(pair[0], pair[0] + pair[1]))


@given(st.text(max_size=12), st.lists(st.tuples(spans, st.sampled_from("xyz"))))
def test_pieces_joined_are_the_text_and_each_bears_the_labels_that_cover_it(text, given_labels):
    labels = [Label(span, name) for span, name in given_labels]
    cut = pieces(text, labels)
    assert "".join(piece.text for piece in cut) == text
    place = 0
    for piece in cut:
        for offset in range(place, place + len(piece.text)):
            covering = {label.name for label in labels if label.span.start <= offset < label.span.end}
            assert set(piece.names) == covering
        place += len(piece.text)


@pytest.mark.parametrize(
    "text",
    ["\n first", "\r", "a\rb\r\nc\n", "<b>&amp;</b>", "</mark><script>", "'\"`", "\u2028\f\u202e\x85\ufeff", "é́😀"],
)
def test_d7_d9_a_parser_gives_an_exact_text_back(text):
    tree = html5lib.parse(f"<div>{exact(text)}</div>", treebuilder="etree", namespaceHTMLElements=False)
    assert "".join(tree.find("body/div").itertext()) == text


TURNS = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


@pytest.mark.parametrize("turn", TURNS, ids=lambda turn: f"U+{ord(turn):04X}")
def test_q10_what_turns_the_direction_of_letters_is_seen_and_turns_nothing_behind_it(turn):
    tree = html5lib.parse(f"<div>{exact(f'a{turn}<b>')}</div>", treebuilder="etree", namespaceHTMLElements=False)
    div = tree.find(".//div")
    assert "".join(div.itertext()) == f"a{turn}<b>"
    [alone] = list(div)
    assert (alone.tag, alone.text, alone.get("title")) == ("bdi", turn, f"U+{ord(turn):04X}")
    assert level(f"a{turn}<b>") == "a\ufffd<b>"
