"""A block becomes its lines, where they are no text that was wrapped: names with numbers, labels, short verse, code.

In: a block. Out: slices of it in reading order that no sentence runs across; one slice for a wrapped paragraph.
"""

import re
from collections.abc import Sequence
from itertools import pairwise

from qa.blocks import Block
from qa.records import Span

# Narrower than this a text is hardly wrapped; wider, a line was ended early when the next word had fitted into so much
# of the others' width.
_MIN_WRAPPED_CHARS = 40
_WRAPPED_SHARE = 0.8
# A sentence that ends inside a line, and one that goes on behind its end.
_INNER_END = re.compile(r"[.?!][\"'”’)]* +[^\W\d_]")
_GOES_ON = re.compile(r"[,(\[]$|\w ?[–—-]$|\b(?:a|an|and|as|at|by|for|from|in|is|of|on|or|that|the|to|was|were|with)$")
# A label before what it says ("phone: 555-1234"), maybe in bold type; in small letters of two words at most, because a
# longer one may as well be the end of a sentence.
_LABEL = re.compile(r"[*_]{0,3}(?:[A-Z][\w -]{0,30}|[^\W\d_]\w{0,20}(?: \w{1,20})?)(?::[*_]{0,3}|[*_]{1,3}:)\s")
_LINE = re.compile(r"[^\n]+")
# Labelled lines below the name they tell something of; a longer row of them is a list of its own.
_MAX_ENTRY_LINES = 8
_SENTENCE_END = re.compile(r"[.!?;][\"'”’)*_]*$")
# What parts the columns of a table that is set with blanks or dots; behind a stop blanks part sentences.
_COLUMNS = re.compile(r"[^\s.?!:](?: {2,}|\t+| ?\.{4,} ?)\S")
# The mark of a quotation that a line begins with (Markdown).
_QUOTED = "> \t"


def lines(text: str, block: Block) -> list[Span]:
    """The block in one piece, or its lines without the blanks around them, joined where one runs on into the next."""
    matches = _LINE.finditer(text, block.span.start, block.span.end)
    found = [_stripped(text, *match.span()) for match in matches if not match.group().isspace()]
    if len(found) == 1:
        return [block.span]
    if block.is_code:
        return found
    contents = [line.cut(text).lstrip(_QUOTED) for line in found]
    if not _are_apart(contents):
        return [block.span]
    joined = [found[0]]
    for number, (content, following) in enumerate(pairwise(contents), 1):
        if _goes_on(content, following):
            joined[-1] = Span(joined[-1].start, found[number].end)
        else:
            joined.append(found[number])
    return joined


def head(text: str, sentences: Sequence[Span], place: int) -> int:
    """The place of the line that opens the entry in which the sentence at `place` is a labelled line, else `place`.

    An entry is a name and what is said of it, line by line: "Talk on moths", below it "When: 14.00", "Speaker: Ada".
    """
    first = place
    while (
        place - first < _MAX_ENTRY_LINES and _is_labelled(text, sentences, first) and _touches(text, sentences, first)
    ):
        first -= 1
    is_open = not _is_labelled(text, sentences, first) or not _touches(text, sentences, first)
    return first if is_open and not _SENTENCE_END.search(sentences[first].cut(text)) else place


def _is_labelled(text: str, sentences: Sequence[Span], place: int) -> bool:
    return _LABEL.match(sentences[place].cut(text)) is not None


def _touches(text: str, sentences: Sequence[Span], place: int) -> bool:
    """Whether the sentence stands on the line below the one before it."""
    return place > 0 and text.count("\n", sentences[place - 1].end, sentences[place].start) == 1


def _stripped(text: str, start: int, end: int) -> Span:
    content = text[start:end]
    first = start + len(content) - len(content.lstrip())
    return Span(first, first + len(content.strip()))


def _are_apart(contents: list[str]) -> bool:
    """Whether most lines were ended on purpose: they hold columns or a label, or the next word had fitted into them.

    Whoever wraps a text fills each line as far as the next word allows (what Knuth & Plass 1981 call first fit).
    """
    if 2 * sum(1 for content in contents if _COLUMNS.search(content) or _LABEL.match(content)) > len(contents):
        return True
    # One long address or link says nothing of how the rest was wrapped.
    width = sorted(map(len, contents))[-2 if len(contents) > 2 else -1]
    if width < _MIN_WRAPPED_CHARS:
        return not any(map(_INNER_END.search, contents))
    n_early = sum(
        len(content) + 1 + len(following.split(maxsplit=1)[0] if following else "") <= _WRAPPED_SHARE * width
        for content, following in pairwise(contents)
    )
    return 2 * n_early >= len(contents) - 1


def _goes_on(content: str, following: str) -> bool:
    """Whether a sentence runs on from one line into the next, wherever the line was ended."""
    if _GOES_ON.search(content):
        return True
    return following[:1].islower() and not _LABEL.match(following)
