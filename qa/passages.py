"""A Document becomes sections, sentences and passages.

In: a Document. Out: its Sections in reading order, each with its heading and its Passages. Only slices are returned,
never built text, and offsets are carried through every step, never searched for afterwards. Every non-blank character
of the document stands in a heading or in a sentence of a passage, and passages do not overlap.

    text -> lines -> blocks (headings, paragraphs, list items) -> sentences (nltk's Punkt) -> passages of whole
    sentences
"""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from nltk.tokenize.punkt import PunktParameters, PunktSentenceTokenizer

from qa.records import Document, Passage, Section, Span
from qa.settings import Settings

# What is written with a dot inside a sentence, without its last dot: titles, ranks, months, weekdays, companies,
# references and Latin shorthand of English news and reference works. Dotted letters (U.S., H.W., L.P.) are found in
# the text itself.
_ABBREVIATIONS = frozenset(
    """
    mr mrs ms dr prof rev hon st jr sr messrs mt ft
    gen lt col maj capt cmdr adm sgt cpl brig pvt gov sen rep pres sec amb supt
    jan feb mar apr jun jul aug sep sept oct nov dec mon tue tues wed thu thur thurs fri
    inc ltd co corp bros llc plc dept univ assn est
    vs etc al cf viz approx ca no nos vol vols fig figs eq ch art pp para ed eds trans ref
    """.split()
)
# Words that begin a sentence even after an abbreviation: "... exports to the U.S. The ..." is two sentences.
_STARTERS = frozenset(
    "the a an this that these those it its he she they we in on at but and however after before when".split()
)
_DOTTED = re.compile(r"\b(?:[^\W\d_]\.){2,}")

# A quotation and the words that say whose it is are one sentence: “... pay us back for it.” Trump said.
_QUOTE_END = re.compile(r"[.!?,…][”\"’']$")
_ATTRIBUTION = re.compile(
    r"(?:[\w.’'-]+ ){0,5}?(?:said|says|say|told|asked|added|wrote|writes|replied|answered|warned|stated|declared"
    r"|announced|explained|tweeted|argued|insisted|noted|recalled|claimed|admitted|acknowledged)\b"
)
_MAX_ATTRIBUTION_WORDS = 12

# Word by word and without going back, so that a line of 100,000 blanks takes one pass and not one for each blank.
_MARKDOWN_HEADING = re.compile(r"#{1,6}[ \t]+(?P<label>\S++(?:\s++(?!#+$)\S++)*+)(?:\s+#+)?$")
_UNDERLINE = re.compile(r"(?:={3,}|-{3,})$")
_FENCE = re.compile(r"```|~~~")
_BULLET = re.compile(r"[-*+•–|>]")
_NUMBER = re.compile(r"(?:[0-9]{1,3}|[IVXLC]{1,6}|[A-Z])[.)][ \t]")
# The number of a list item, which Punkt takes for a sentence of its own.
_ITEM_NUMBER = re.compile(r"(?:[0-9]{1,3}|[IVXLC]{1,6}|[A-Z])[.)]")
_SENTENCE_END = re.compile(r"[.!;:,…][\"'”’)\]]*$|[\"”]$")
# A numbered heading may be a whole question, a title in capitals a whole headline; any other heading is shorter.
_MAX_NUMBERED_WORDS = 20
_MAX_TITLE_WORDS = 12
_MAX_HEADING_WORDS = 6
# Title-like lines in a row: two are a kicker and a title, more are a list or a poem.
_MAX_HEADINGS_IN_A_ROW = 2
# Nobody wraps lines at more than this many code points, so a longer one is a paragraph of its own.
_MAX_WRAPPED_CHARS = 200

# What a passage costs that begins in the middle of a paragraph, in the unit of `_cost`.
_MID_PARAGRAPH_COST = 0.5


def cut(document: Document, settings: Settings) -> tuple[Section, ...]:
    """The sections of `document` in reading order, each with its passages; the first may have no heading.

    Passages are whole sentences, `min_words` to `max_words` long where the text allows it, never over `limit_words`
    and never across a heading. Sentences longer than that are cut at blanks, blankless text after `limit_chars` code
    points.
    """
    text = document.text
    tokenizer = _tokenizer(text)
    sections: list[Section] = []
    heading: Span | None = None
    paragraphs: list[list[Span]] = []

    def finish_section() -> None:
        if heading or paragraphs:
            sections.append(Section(heading, _passages(document, heading, paragraphs, settings)))

    for block in _blocks(text):
        if block.is_heading:
            finish_section()
            heading, paragraphs = block.span, []
        else:
            paragraphs.append(_sentences(text, block.span, tokenizer, settings))
    finish_section()
    return tuple(sections)


def split_sentences(text: str, settings: Settings | None = None) -> tuple[Span, ...]:
    """The sentences of a text that is one paragraph, for passages that were cut elsewhere; empty for a blank text."""
    start, end = len(text) - len(text.lstrip()), len(text.rstrip())
    if start >= end:
        return ()
    return tuple(_sentences(text, Span(start, end), _tokenizer(text), settings or Settings()))


@dataclass(frozen=True, slots=True)
class _Block:
    """A heading, paragraph or list item without the blanks around it.

    `is_apart` when nothing touches it from above and it is no code, so that it may be a title.
    """

    span: Span
    n_lines: int = 1
    is_apart: bool = True
    is_heading: bool = False


def _blocks(text: str) -> list[_Block]:
    """The blocks of `text` in order; together they hold every non-blank character."""
    blocks: list[_Block] = []
    is_apart = True
    is_code = False
    for line in _lines(text):
        if line is None:
            is_apart = True
            continue
        content = line.cut(text)
        is_long = len(content) > _MAX_WRAPPED_CHARS
        is_fence = _FENCE.match(content) is not None
        touches = bool(blocks) and not is_apart
        if not is_code and _MARKDOWN_HEADING.match(content):
            blocks.append(_Block(line, is_heading=True))
        elif not is_code and touches and blocks[-1].n_lines == 1 and _UNDERLINE.match(content):
            blocks[-1] = _Block(Span(blocks[-1].span.start, line.end), is_heading=True)
        elif touches and (is_code or is_fence or not (is_long or _is_item(content))):
            last = blocks[-1]
            blocks[-1] = _Block(Span(last.span.start, line.end), last.n_lines + 1, last.is_apart)
        else:
            blocks.append(_Block(line, is_apart=(is_apart or is_long) and not is_code))
        is_code ^= is_fence
        is_apart = not is_code and (is_long or blocks[-1].is_heading)
    return _with_titles(text, blocks)


def _lines(text: str) -> Iterator[Span | None]:
    """The lines of `text` without the blanks around them, None for a blank line."""
    for match in re.finditer(r"[^\n]*\n?", text):
        content = match.group().strip()
        start = match.end() - len(match.group().lstrip())
        yield Span(start, start + len(content)) if content else None


def _with_titles(text: str, blocks: list[_Block]) -> list[_Block]:
    """The blocks, with single lines that read like a title made headings."""
    row: list[int] = []
    for place, block in enumerate(blocks):
        alone = block.n_lines == 1 and block.is_apart and place + 1 < len(blocks) and blocks[place + 1].is_apart
        if alone and not block.is_heading and _is_title(block.span.cut(text)):
            row.append(place)
            continue
        if len(row) <= _MAX_HEADINGS_IN_A_ROW:
            for title in row:
                blocks[title] = replace(blocks[title], is_heading=True)
        row = []
    return blocks


def _is_item(line: str) -> bool:
    return bool(_BULLET.match(line) or _NUMBER.match(line))


def _is_title(line: str) -> bool:
    """Whether a line that stands alone reads like a heading: short, begun like one, and not ended like a sentence."""
    words = line.split()
    if _BULLET.match(line) or _SENTENCE_END.search(line) or not any(char.isalpha() for char in line):
        return False
    if _NUMBER.match(line):
        return len(words) <= _MAX_NUMBERED_WORDS
    if not (line[0].isupper() or line[0].isdigit()):
        return False
    if len(words) <= _MAX_HEADING_WORDS:
        return True
    in_capitals = all(word[0].isupper() for word in words if len(word) > 3 and word[0].isalpha())
    return len(words) <= _MAX_TITLE_WORDS and (in_capitals or line.endswith("?"))


def _tokenizer(text: str) -> PunktSentenceTokenizer:
    """Punkt (Kiss & Strunk 2006) with our abbreviations and the dotted letters of this text; nothing is downloaded."""
    parameters = PunktParameters()
    parameters.abbrev_types = _ABBREVIATIONS | {dotted.lower().rstrip(".") for dotted in _DOTTED.findall(text)}
    parameters.sent_starters = set(_STARTERS)
    return PunktSentenceTokenizer(parameters)


def _sentences(text: str, block: Span, tokenizer: PunktSentenceTokenizer, settings: Settings) -> list[Span]:
    """The sentences of one block in order, an attribution kept with its quotation, none over the limits."""
    sentences: list[Span] = []
    for start, end in tokenizer.span_tokenize(block.cut(text)):
        sentence = Span(start, end).moved(block.start)
        if sentences and _continues(text, sentences[-1], sentence):
            sentence = Span(sentences.pop().start, sentence.end)
        sentences.append(sentence)
    return [piece for sentence in sentences for piece in _pieces(text, sentence, settings)]


def _continues(text: str, before: Span, after: Span) -> bool:
    """Whether `after`, cut off by Punkt, still belongs to the sentence `before`."""
    content = after.cut(text)
    if content[0].islower() or _ITEM_NUMBER.fullmatch(text, before.start, before.end):
        return True
    is_short = len(content.split()) <= _MAX_ATTRIBUTION_WORDS
    # A sentence that keeps growing is not cut out again each time: its last two characters tell.
    tail = text[max(before.start, before.end - 2) : before.end]
    return bool(is_short and _QUOTE_END.search(tail) and _ATTRIBUTION.match(content))


def _pieces(text: str, sentence: Span, settings: Settings) -> list[Span]:
    """The sentence itself, or, when it is over a limit, pieces of it cut at blanks."""
    content = sentence.cut(text)
    if len(content.split()) <= settings.limit_words and len(content) <= settings.limit_chars:
        return [sentence]
    pieces: list[Span] = []
    n_words = 0
    for match in re.finditer(rf"\S{{1,{settings.limit_chars}}}", content):
        start, end = sentence.start + match.start(), sentence.start + match.end()
        if pieces and n_words < settings.max_words and end - pieces[-1].start <= settings.limit_chars:
            pieces[-1] = Span(pieces[-1].start, end)
            n_words += 1
        else:
            pieces.append(Span(start, end))
            n_words = 1
    return pieces


def _passages(
    document: Document, heading: Span | None, paragraphs: list[list[Span]], settings: Settings
) -> tuple[Passage, ...]:
    """The cheapest division of a section's sentences into passages, found by dynamic programming from the left."""
    text = document.text
    sentences = [sentence for paragraph in paragraphs for sentence in paragraph]
    opens_paragraph = {paragraph[0] for paragraph in paragraphs}
    n_words = [len(sentence.cut(text).split()) for sentence in sentences]
    best_cost = [0.0]  # of dividing the first n sentences
    best_start = [0]  # of the last passage in that division
    for end in range(1, len(sentences) + 1):
        best_cost.append(math.inf)
        best_start.append(end - 1)
        total = 0
        for start in range(end - 1, -1, -1):
            total += n_words[start]
            n_chars = sentences[end - 1].end - sentences[start].start
            if start < end - 1 and (total > settings.limit_words or n_chars > settings.limit_chars):
                break
            cost = best_cost[start] + _cost(total, settings)
            if sentences[start] not in opens_paragraph:
                cost += _MID_PARAGRAPH_COST
            if cost < best_cost[end]:
                best_cost[end], best_start[end] = cost, start

    passages: list[Passage] = []
    end = len(sentences)
    while end > 0:
        start = best_start[end]
        span = Span(sentences[start].start, sentences[end - 1].end)
        inside = tuple(sentence.moved(-span.start) for sentence in sentences[start:end])
        passages.append(Passage(document.id, span, span.cut(text), inside, _label(text, heading)))
        end = start
    return tuple(reversed(passages))


def _cost(n_words: int, settings: Settings) -> float:
    """0 in the middle of the wanted lengths, 1 at their ends, growing with the square beyond."""
    middle = (settings.min_words + settings.max_words) / 2
    half = max(1.0, (settings.max_words - settings.min_words) / 2)
    return ((n_words - middle) / half) ** 2


def _label(text: str, heading: Span | None) -> str | None:
    """The heading as a person reads it: without the marks of Markdown, its first line only."""
    if heading is None:
        return None
    line = heading.cut(text).split("\n", 1)[0].rstrip()
    marked = _MARKDOWN_HEADING.match(line)
    return marked["label"] if marked else line
