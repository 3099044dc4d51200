"""A text and the spans to mark in it become pieces in order, to be escaped one by one: no mark can break the HTML.

The pieces joined are the text: nothing is added, removed or changed here.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from markupsafe import Markup, escape

from qa.records import ScoredPassage, Span


@dataclass(frozen=True, slots=True)
class Label:
    """A span to mark, and as what."""

    span: Span
    name: str


@dataclass(frozen=True, slots=True)
class Piece:
    """A slice of a text with the names of all labels that cover it, in alphabetical order."""

    text: str
    names: tuple[str, ...] = ()


def pieces(text: str, labels: Iterable[Label]) -> tuple[Piece, ...]:
    """`text` cut wherever a label begins or ends; labels may overlap, and what lies outside the text is ignored.

    >>> [(piece.text, piece.names) for piece in pieces("abcd", [Label(Span(0, 2), "x"), Label(Span(1, 3), "y")])]
    [('a', ('x',)), ('b', ('x', 'y')), ('c', ('y',)), ('d', ())]
    """
    begins: dict[int, list[str]] = {}
    ends: dict[int, list[str]] = {}
    for label in labels:
        if label.span.start < len(text):
            begins.setdefault(label.span.start, []).append(label.name)
            ends.setdefault(min(label.span.end, len(text)), []).append(label.name)
    cuts = sorted({0, len(text), *begins, *ends})
    open_names: list[str] = []
    result = []
    for start, end in pairwise(cuts):
        for name in ends.get(start, ()):
            open_names.remove(name)
        open_names += begins.get(start, ())
        result.append(Piece(text[start:end], tuple(sorted(set(open_names)))))
    return tuple(result)


def passage_pieces(scored: ScoredPassage, best: Span) -> tuple[Piece, ...]:
    """The text of a passage with its `best` sentence and everything that matched marked."""
    labels = [Label(highlight.span, highlight.kind) for highlight in scored.highlights]
    return pieces(scored.passage.text, [*labels, Label(best, "best")])


# Characters that turn the direction of all text behind them, and so can show words in another order than they stand.
_TURNS = re.compile("[\u202a-\u202e\u2066-\u2069]")


def exact(text: str) -> Markup:
    """`text` escaped so that an HTML parser gives it back unchanged, as the content of an element.

    A bare carriage return would be a line feed. A character that turns the direction stands alone in an element of its
    own, behind whose end nothing is turned, and shows its number.
    """
    escaped = str(escape(text)).replace("\r", "&#13;")
    return Markup(_TURNS.sub(_told_apart, escaped))  # noqa: S704 - escaped just before


def level(text: str) -> str:
    """`text` for a place that can hold no elements, with what turns the direction of its letters made visible."""
    return _TURNS.sub("\ufffd", text)


def _told_apart(turn: re.Match[str]) -> str:
    return f'<bdi class="turn" title="U+{ord(turn[0]):04X}">{turn[0]}</bdi>'
