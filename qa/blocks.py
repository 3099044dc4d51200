"""A text becomes blocks: headings, paragraphs, list items, quotations, code.

In: a canonical text. Out: its Blocks in reading order, slices that together hold every non-blank character. This is
the only place that knows what a heading is: a document is named after its first one and cut at each of them.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import takewhile

from qa.records import Span

# Word by word and without going back, so that a line of 100,000 blanks takes one pass and not one for each blank.
_MARKDOWN_HEADING = re.compile(r"(?P<marks>#{1,6})[ \t]+(?P<label>\S++(?:\s++(?!#+$)\S++)*+)(?:\s+#+)?$")
_UNDERLINE = re.compile(r"(?:={3,}|-{3,}|~{3,})$")
_UNDERLINE_LEVELS = {"=": 1, "-": 2, "~": 3}
# Characters that a heading may be moved in.
_MAX_INDENT = 3
# Levels of headings that are marked as such. A title without marks stands below them all; of two in a row the first is
# the outer one.
MARKED_LEVELS = 6
_OUTER_TITLE_LEVEL = 7
_TITLE_LEVEL = 8

# Fences as in CommonMark 0.31, section 4.5, but for the upper bound, which keeps `_last_closings` small.
_FENCE = re.compile(r"`{3,99}+(?=[^`]*$)|~{3,99}+(?!~)")
_CLOSING = re.compile(r"^[^\S\n]*+(`{3,99}+|~{3,99}+)[^\S\n]*+$", re.MULTILINE)

# The block of YAML that a Markdown file may begin with, and a title in it that is plain text or stands in quotes.
_FRONT_RULE = "---"
_MAX_FRONT_LINES = 50
_FRONT_TITLE = re.compile(r"title:\s+(?:\"([^\"]+)\"|'([^']+)'|([^\s\"'>|~&*!\[{#][^#]*?))(?:\s+#.*)?")

# What stands above the text of an e-mail.
_FIELD = re.compile(r"(?P<name>[A-Za-z][A-Za-z-]{1,30}):\s+(?P<value>\S.*)")

_BULLET = re.compile(r"[-*+•–]\s|\|")
_NUMBER = re.compile(r"(?:[0-9]{1,3}|[IVXLC]{1,6}|[A-Z])[.)]\s")
_FIRST_NUMBER = re.compile(r"1[.)]\s")
_LETTER = re.compile(r"[A-Z]")

_SENTENCE_END = re.compile(r"[.!;:,…][\"'”’)\]]*$|[\"”]$")
# What a line says that is no title: a label with a figure ("Season: 10 May to 2 June"), facts in a row, who wrote it.
_FACT = re.compile(r"^[A-Z][\w -]{0,30}: .*[0-9]| [·|] |^By [A-Z]")
# A numbered heading may be a whole question, a title in capitals a whole headline; any other heading is shorter.
_MAX_NUMBERED_WORDS = 20
_MAX_TITLE_WORDS = 12
_MAX_HEADING_WORDS = 6
# Title-like lines in a row: two are a kicker and a title, more are a list or a poem.
_MAX_HEADINGS_IN_A_ROW = 2
# Nobody wraps lines at more than this many code points, so a longer one is a paragraph of its own, never a heading.
_MAX_WRAPPED_CHARS = 200

# What stands before and around the words of a line that is no heading: marks of quotations, lists and emphasis.
_LEADING_MARKS = re.compile(r"(?:[>*+•–-]+\s+)+")
_EMPHASISED = re.compile(r"([*_]{1,3})(.+)\1")


@dataclass(frozen=True, slots=True)
class Block:
    """A heading, paragraph, list item, quotation or piece of code, without the blanks around it.

    `level` is 0 for all but headings, whose outermost is 1. `is_apart` when nothing touches the block from above.
    """

    span: Span
    level: int = 0
    n_lines: int = 1
    is_apart: bool = True
    is_code: bool = False

    def through(self, line: Span) -> "Block":
        """The block with one more line at its end."""
        return Block(Span(self.span.start, line.end), self.level, self.n_lines + 1, self.is_apart, self.is_code)


def blocks(text: str) -> list[Block]:
    """The blocks of `text` in order; together they hold every non-blank character."""
    found: list[Block] = []
    last_closings = _last_closings(text)
    fence = ""  # the mark that opened the code we are in
    is_apart = True
    for line in _lines(text):
        if line is None:
            is_apart = True
            continue
        content = line.cut(text)
        above = None if is_apart or not found else found[-1]
        is_long = len(content) > _MAX_WRAPPED_CHARS
        if fence:
            if above:
                found[-1] = above.through(line)
            else:
                found.append(Block(line, is_code=True))
            if content.startswith(fence) and not content.strip(fence[0]):
                fence = ""
            is_apart = not fence
        elif level := 0 if is_long or _is_indented(text, line) else _heading_level(text, content, above):
            if above and _UNDERLINE.match(content):
                found[-1] = replace(above.through(line), level=level)
            else:
                found.append(Block(line, level=level))
            is_apart = True
        elif fence := _opened_fence(content, line, last_closings):
            found.append(Block(line, is_apart=is_apart, is_code=True))
            is_apart = False
        else:
            if above and not is_long and not _begins_item(text, content, above):
                found[-1] = above.through(line)
            else:
                found.append(Block(line, is_apart=is_apart or is_long))
            is_apart = is_long
    return _with_titles(text, found)


def label(text: str, heading: Span) -> str:
    """The heading as a person reads it: without the marks of Markdown, its first line only."""
    line = heading.cut(text).split("\n", 1)[0].rstrip()
    marked = _MARKDOWN_HEADING.match(line)
    return marked["label"] if marked else line


def title(text: str) -> str:
    """What a text is called that nobody has named.

    That is the title in its front matter or the subject of a letter, else its first heading, if that is outermost or no
    line that reads like a title stands above it, else its first line with a word outside code.
    """
    front = _front_title(text) or _subject(text)
    if front:
        return front
    found = blocks(text)
    heading = next((block for block in found if block.level), None)
    first = label(text, found[0].span) if found else ""
    if heading and (heading.level == 1 or not _is_title(first)):
        return _plain(label(text, heading.span))
    lines = (label(text, block.span) for block in found if not block.is_code)
    return next((_plain(line) for line in lines if any(map(str.isalnum, line))), text.strip().split("\n", 1)[0])


def _front_title(text: str) -> str:
    """The title in the front matter of `text`; empty without one, and where YAML would make something else of it."""
    first, *others = (line.strip() for line in text.split("\n", _MAX_FRONT_LINES + 1)[: _MAX_FRONT_LINES + 1])
    if first != _FRONT_RULE or _FRONT_RULE not in others:
        return ""
    for line in others[: others.index(_FRONT_RULE)]:
        title = _FRONT_TITLE.fullmatch(line)
        if title:
            return str(title[title.lastindex or 0]).strip()
    return ""


def _subject(text: str) -> str:
    """The subject, or title, that a text names among the lines it begins with, as an e-mail does; empty for none."""
    head = takewhile(str.strip, text.strip().split("\n", _MAX_FRONT_LINES)[:_MAX_FRONT_LINES])
    fields = [_FIELD.fullmatch(line.rstrip()) for line in head if not line[0].isspace()]  # else it goes on
    if not all(fields):
        return ""
    return next((field["value"] for field in fields if field and field["name"].lower() in ("subject", "title")), "")


def _plain(line: str) -> str:
    """`line` without the marks of quotations, lists and emphasis around it."""
    marks = _LEADING_MARKS.match(line)
    line = line[marks.end() :] if marks else line
    emphasised = _EMPHASISED.fullmatch(line)
    return emphasised[2] if emphasised else line


def _lines(text: str) -> Iterator[Span | None]:
    """The lines of `text` without the blanks around them, None for a blank line."""
    for match in re.finditer(r"[^\n]*\n?", text):
        content = match.group().strip()
        start = match.end() - len(match.group().lstrip())
        yield Span(start, start + len(content)) if content else None


def _is_indented(text: str, line: Span) -> bool:
    """Whether a line stands so far in that it is code or goes on from the one above (CommonMark 0.31, section 4.4)."""
    return line.start - (text.rfind("\n", 0, line.start) + 1) > _MAX_INDENT


def _heading_level(text: str, content: str, above: Block | None) -> int:
    """The level of a line that is a marked heading or the underline of the one line above it, else 0."""
    if marked := _MARKDOWN_HEADING.match(content):
        return len(marked["marks"])
    # Below an item the line is a rule.
    if above and above.n_lines == 1 and _UNDERLINE.match(content) and not _BULLET.match(text, above.span.start):
        # A row of ~ may also open code, so it has to be as long as the title, which reStructuredText asks for anyway.
        is_short = content[0] == "~" and len(content) < above.span.end - above.span.start
        return 0 if is_short else _UNDERLINE_LEVELS[content[0]]
    return 0


def _last_closings(text: str) -> dict[str, int]:
    """Where the last line begins that could close a fence, for each fence."""
    last: dict[str, int] = {}
    for match in _CLOSING.finditer(text):
        for length in range(3, len(match[1]) + 1):
            last[match[1][:length]] = match.start(1)
    return last


def _opened_fence(content: str, line: Span, last_closings: dict[str, int]) -> str:
    """The fence that the line opens, empty for none: one that is never closed would hide all headings below it."""
    fence = _FENCE.match(content)
    return fence.group() if fence and last_closings.get(fence.group(), -1) > line.start else ""


def _begins_item(text: str, content: str, above: Block) -> bool:
    """Whether a line that touches the block `above` begins a block of its own: a list item, table row or quotation.

    In a running paragraph a line may begin with an initial or a number by chance, so that only `1.` begins an item
    there; any other number does below an item, and a letter below an item with a letter.
    """
    start = above.span.start
    if content[0] == ">":
        return text[start] != ">"
    if _BULLET.match(content) or _FIRST_NUMBER.match(content):
        return True
    if not _NUMBER.match(content):
        return False
    is_below_number = _NUMBER.match(text, start) is not None
    if _LETTER.match(content):
        return is_below_number and _LETTER.match(text, start) is not None
    return is_below_number or _BULLET.match(text, start) is not None


def _with_titles(text: str, found: list[Block]) -> list[Block]:
    """The blocks, with single lines that read like a title made headings."""
    row: list[int] = []
    for place, block in enumerate(found):
        alone = block.n_lines == 1 and block.is_apart and place + 1 < len(found) and found[place + 1].is_apart
        if alone and not block.level and not block.is_code and _is_title(block.span.cut(text)):
            row.append(place)
            continue
        if len(row) <= _MAX_HEADINGS_IN_A_ROW:
            for number in row:
                is_outer = number < row[-1]
                found[number] = replace(found[number], level=_OUTER_TITLE_LEVEL if is_outer else _TITLE_LEVEL)
        row = []
    return found


def _is_title(line: str) -> bool:
    """Whether a line that stands alone reads like a heading: short, begun like one, and not ended like a sentence."""
    words = line.split()
    if _SENTENCE_END.search(line) or _FACT.search(line) or not any(char.isalpha() for char in line):
        return False
    if _NUMBER.match(line):
        return len(words) <= _MAX_NUMBERED_WORDS
    if not (line[0].isupper() or line[0].isdigit()):
        return False
    if len(words) <= _MAX_HEADING_WORDS:
        return True
    in_capitals = all(word[0].isupper() for word in words if len(word) > 3 and word[0].isalpha())
    return len(words) <= _MAX_TITLE_WORDS and (in_capitals or line.endswith("?"))
