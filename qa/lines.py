"""A block becomes its lines, where they are no text that was wrapped: names with numbers, verse, labels, code.

In: a block. Out: slices of it in reading order that no sentence runs across; one slice for a wrapped paragraph.
"""

import re
from itertools import pairwise

from qa.blocks import Block
from qa.records import Span

# Lines that nobody wraps: shorter than this, or with room left for the next word in so much of the longest one.
_MIN_WRAPPED_CHARS = 40
_WRAPPED_SHARE = 0.8
# What a line ends with that goes on in the next one.
_GOES_ON = re.compile(r"[,(\[–—-]$|\b(?:a|an|and|as|at|by|for|from|in|is|of|on|or|that|the|to|with)$", re.IGNORECASE)
_LINE = re.compile(r"[^\n]+")
# A label before what it says ("phone: 555-1234"), maybe in bold type.
_LABEL = re.compile(r"[*_]{0,3}[^\W\d_][\w -]{0,30}(?::[*_]{0,3}|[*_]{1,3}:)\s")
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


def _stripped(text: str, start: int, end: int) -> Span:
    content = text[start:end]
    first = start + len(content) - len(content.lstrip())
    return Span(first, first + len(content.strip()))


def _are_apart(contents: list[str]) -> bool:
    """Whether most lines were ended on purpose, because wrapping would have put the next word one line higher.

    Whoever wraps a text fills each line as far as the next word allows (the first-fit algorithm of Knuth & Plass 1981).
    """
    width = max(map(len, contents))
    if width < _MIN_WRAPPED_CHARS:
        return True
    n_early = sum(
        len(content) + 1 + len(following.split(maxsplit=1)[0] if following else "") <= _WRAPPED_SHARE * width
        for content, following in pairwise(contents)
    )
    return 2 * n_early >= len(contents) - 1


def _goes_on(content: str, following: str) -> bool:
    """Whether a sentence runs on from one line into the next, wherever the line was ended; a label never does."""
    if _LABEL.match(following):
        return False
    return following[:1].islower() or _GOES_ON.search(content) is not None
