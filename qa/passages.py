"""A Document becomes sections, sentences and passages.

In: a Document. Out: its Sections in reading order, each with its heading and its Passages. Only slices are returned,
never built text, and offsets are carried through every step, never searched for afterwards. Every non-blank character
of the document stands in a heading or in a sentence of a passage, and passages do not overlap.

    text -> blocks (headings, paragraphs, list items) -> lines -> sentences (nltk's Punkt) -> passages of these
"""

import math
import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import accumulate

from nltk.tokenize.punkt import PunktParameters, PunktSentenceTokenizer

from qa.blocks import MARKED_LEVELS, Block, blocks, label
from qa.errors import CorpusError
from qa.lines import lines
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
    vs etc al cf viz approx ca ed eds trans tel ext
    """.split()
)
# Words that begin a sentence even after an abbreviation: "... exports to the U.S. The ..." is two sentences.
_STARTERS = frozenset(
    "the a an this that these those it its he she they we in on at but and however after before when".split()
)
# Words of their own that are abbreviations before a number only: "See no. 5." but "The answer is no. He left."
_BEFORE_NUMBER = re.compile(r"\b(?:nos?|vols?|figs?|eq|ch|art|pp|para|ref)\.$", re.IGNORECASE)
_LONGEST_BEFORE_NUMBER = len(" para.")
_NUMERAL = re.compile(r"[(\[]?[0-9]|[IVX]{2,}\b|[A-Z]{1,4}[-/ ]?[0-9]")
_DOTTED = re.compile(r"\b(?:[^\W\d_]\.){2,}")

# A quotation and the words that say whose it is are one sentence: “... pay us back for it.” Trump said.
_QUOTE_END = re.compile(r"[.!?,…][”\"’']$")
_ATTRIBUTION = re.compile(
    r"(?:[\w.’'-]+ ){0,5}?(?:said|says|say|told|asked|added|wrote|writes|replied|answered|warned|stated|declared"
    r"|announced|explained|tweeted|argued|insisted|noted|recalled|claimed|admitted|acknowledged)\b"
)
_MAX_ATTRIBUTION_WORDS = 12

# The number of a list item, which Punkt takes for a sentence of its own.
_ITEM_NUMBER = re.compile(r"(?:[0-9]{1,3}|[IVXLC]{1,6}|[A-Z])[.)]")

# What ends an emphasis right behind the stop of a sentence (Markdown); Punkt gives it to the next one.
_END_OF_EMPHASIS = re.compile(r"(?P<marks>[*_]{1,3})\s+(?=\S)")

# Punkt is given pieces of this many code points at most: nltk stops any search after 5 seconds (nltk.redos), which
# 7 MB of prose need, and 100,000 code points of nothing but sentence ends need 2.
_MAX_PUNKT_CHARS = 20_000
_STOP = re.compile(r"[.?!]")
_WORD = re.compile(r"\w")

# Headings in a row without a text between them that are kept for the passages below: as many as Markdown has levels.
_MAX_BARE_HEADINGS = 6

# Between a heading and the one below it, where a section is named.
_STEP = " › "

# What a passage costs that begins in the middle of a paragraph, in the unit of `_cost`.
_MID_PARAGRAPH_COST = 0.5


def cut(document: Document, settings: Settings) -> tuple[Section, ...]:
    """The sections of `document` in reading order, each with its passages; the first may have no heading.

    Passages are whole sentences, `min_words` to `max_words` long where the text allows it, never over `limit_words`
    and never across a heading. Sentences longer than that are cut at blanks, blankless text after `limit_chars` code
    points. Raises CorpusError when nltk cannot cut the text in its time.
    """
    try:
        return tuple(_sections(document, settings))
    except (TimeoutError, RecursionError) as error:
        raise CorpusError(document.path, "takes too long to cut into sentences; take it out or split it") from error


def split_sentences(text: str, settings: Settings | None = None) -> tuple[Span, ...]:
    """The sentences of a text that is one paragraph, for passages that were cut elsewhere; empty for a blank text."""
    start, end = len(text) - len(text.lstrip()), len(text.rstrip())
    if start >= end:
        return ()
    return tuple(_sentences(text, Span(start, end), _tokenizer(text), settings or Settings()))


def _sections(document: Document, settings: Settings) -> Iterator[Section]:
    text = document.text
    tokenizer = _tokenizer(text)
    open_headings: list[Block] = []  # each of a lower level than the next
    bare: list[Block] = []  # the last headings in a row that no text parts
    above: list[Block] = []  # both, in reading order
    title: Block | None = None  # the first heading of all
    name: str | None = None  # of the section
    paragraphs: list[list[Span]] = []
    for block in _with_text(blocks(text)):
        if not block.level:
            paragraphs.append(_paragraph(text, block, tokenizer, settings))
            continue
        if above or paragraphs:
            yield _section(document, name, above, paragraphs, settings)
        open_headings = [*(heading for heading in open_headings if heading.level < block.level), block]
        bare = [block] if paragraphs else [*bare, block][-_MAX_BARE_HEADINGS:]
        above = sorted({*open_headings, *bare}, key=lambda heading: heading.span)
        title = title or block
        name = _name(text, [heading for heading in open_headings if heading != title or heading == block])
        paragraphs = []
    if above or paragraphs:
        yield _section(document, name, above, paragraphs, settings)


def _with_text(found: list[Block]) -> list[Block]:
    """The blocks; headings that no text below would make searchable are text themselves, if there is any other."""
    row: list[int] = []  # headings that no text parts
    for number, block in enumerate(found):
        if block.level:
            row.append(number)
            continue
        for lost in row[:-_MAX_BARE_HEADINGS]:
            found[lost] = replace(found[lost], level=0)
        row = []
    for lost in row if len(row) < len(found) else ():
        found[lost] = replace(found[lost], level=0)
    return found


def _section(
    document: Document, name: str | None, above: list[Block], paragraphs: list[list[Span]], settings: Settings
) -> Section:
    headings = tuple(label(document.text, heading.span) for heading in above)
    return Section(above[-1].span if above else None, _passages(document, name, headings, paragraphs, settings))


def _name(text: str, path: list[Block]) -> str:
    """What a section is called: its heading behind the marked ones it stands under.

    In a list of changes "Fixed" alone says nothing of the version. A title without marks may be anything above a text.
    """
    *outer, innermost = path
    named = [*(heading for heading in outer if heading.level <= MARKED_LEVELS), innermost]
    return _STEP.join(label(text, heading.span) for heading in named)


def _tokenizer(text: str) -> PunktSentenceTokenizer:
    """Punkt (Kiss & Strunk 2006) with our abbreviations and the dotted letters of this text; nothing is downloaded."""
    parameters = PunktParameters()
    parameters.abbrev_types = _ABBREVIATIONS | {dotted.lower().rstrip(".") for dotted in _DOTTED.findall(text)}
    parameters.sent_starters = set(_STARTERS)
    return PunktSentenceTokenizer(parameters)


def _paragraph(text: str, block: Block, tokenizer: PunktSentenceTokenizer, settings: Settings) -> list[Span]:
    """The sentences of a block; what belongs to a sentence may stand on a line of its own."""
    sentences: list[Span] = []
    for line in lines(text, block):
        first, *others = _sentences(text, line, tokenizer, settings)
        if sentences and _belongs(text, sentences[-1], first):
            first = Span(sentences.pop().start, first.end)
        sentences += [*_pieces(text, first, settings), *others]
    return sentences


def _sentences(text: str, block: Span, tokenizer: PunktSentenceTokenizer, settings: Settings) -> list[Span]:
    """The sentences of a block, or of one of its lines: attributions with their quotations, none over the limits."""
    sentences: list[Span] = []
    for sentence in _punkt_sentences(text, block, tokenizer):
        marks = _END_OF_EMPHASIS.match(text, sentence.start, sentence.end)
        if sentences and sentences[-1].end == sentence.start and marks:
            sentences[-1] = Span(sentences[-1].start, marks.end("marks"))
            sentence = Span(marks.end(), sentence.end)
        if sentences and _continues(text, sentences[-1], sentence):
            sentences[-1] = Span(sentences[-1].start, sentence.end)
        else:
            sentences.append(sentence)
    return [piece for sentence in sentences for piece in _pieces(text, sentence, settings)]


def _punkt_sentences(text: str, block: Span, tokenizer: PunktSentenceTokenizer) -> Iterator[Span]:
    """The sentences of one block as Punkt finds them, piece by piece.

    The last sentence of a piece may go on behind it, so that the next piece begins with that sentence again.
    """
    start = block.start
    while start < block.end:
        end = _end_of_piece(text, start, block.end)
        found = _punkt_spans(text, start, end, tokenizer)
        start = found.pop().start if end < block.end and len(found) > 1 else end
        yield from found


def _end_of_piece(text: str, start: int, end: int) -> int:
    """Where a piece for Punkt that begins at `start` ends: before the last blank that fits, if there is one."""
    if end - start <= _MAX_PUNKT_CHARS:
        return end
    parts = text[start : start + _MAX_PUNKT_CHARS].rsplit(maxsplit=1)
    return start + (len(parts[0]) if len(parts) == 2 else _MAX_PUNKT_CHARS)


def _punkt_spans(text: str, start: int, end: int, tokenizer: PunktSentenceTokenizer) -> list[Span]:
    """Punkt's sentences of a slice of `text`, without the blanks that Punkt does not know (U+001C to U+001F)."""
    number = _ITEM_NUMBER.match(text, start, end)
    stop = _STOP.search(text, number.end() if number else start, end)
    if stop and _WORD.search(text, stop.end(), end):
        found = [(start + first, start + last) for first, last in tokenizer.span_tokenize(text[start:end])]
    else:
        found = [(start, end)]
    spans = []
    for first, last in found:
        content = text[first:last].lstrip()
        if content:
            spans.append(Span(last - len(content), last - len(content) + len(content.rstrip())))
    return spans


def _continues(text: str, before: Span, after: Span) -> bool:
    """Whether `after`, cut off by Punkt, still belongs to the sentence `before`."""
    return after.cut(text)[0].islower() or _belongs(text, before, after)


def _belongs(text: str, before: Span, after: Span) -> bool:
    """Whether `after` is what an item's number, a reference or a quotation is incomplete without."""
    content = after.cut(text)
    if _ITEM_NUMBER.fullmatch(text, before.start, before.end):
        return True
    # A sentence that keeps growing is not cut out again each time: its last characters tell.
    tail = text[max(before.start, before.end - _LONGEST_BEFORE_NUMBER) : before.end]
    if _NUMERAL.match(content) and _BEFORE_NUMBER.search(tail):
        return True
    is_short = len(content.split()) <= _MAX_ATTRIBUTION_WORDS
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
    document: Document,
    section: str | None,
    headings: tuple[str, ...],
    paragraphs: list[list[Span]],
    settings: Settings,
) -> tuple[Passage, ...]:
    """The cheapest division of a section's sentences into passages, found by dynamic programming from the left."""
    text = document.text
    sentences = [sentence for paragraph in paragraphs for sentence in paragraph]
    entry_cost = [
        _MID_PARAGRAPH_COST if number else 0.0 for paragraph in paragraphs for number in range(len(paragraph))
    ]
    first_word = list(accumulate((len(sentence.cut(text).split()) for sentence in sentences), initial=0))
    costs = [_cost(n_words, settings) for n_words in range(min(first_word[-1], settings.limit_words) + 1)]
    best_cost = [0.0]  # of dividing the first n sentences
    best_start = [0]  # of the last passage in that division
    for end, last in enumerate(sentences, 1):
        best_cost.append(math.inf)
        best_start.append(end - 1)
        for start in range(end - 1, -1, -1):
            n_words = first_word[end] - first_word[start]
            if n_words > settings.limit_words or last.end - sentences[start].start > settings.limit_chars:
                break
            cost = best_cost[start] + costs[n_words] + entry_cost[start]
            if cost < best_cost[end]:
                best_cost[end], best_start[end] = cost, start

    passages: list[Passage] = []
    end = len(sentences)
    while end > 0:
        start = best_start[end]
        span = Span(sentences[start].start, sentences[end - 1].end)
        inside = tuple(sentence.moved(-span.start) for sentence in sentences[start:end])
        passages.append(Passage(document.id, span, span.cut(text), inside, section, headings))
        end = start
    return tuple(reversed(passages))


def _cost(n_words: int, settings: Settings) -> float:
    """0 in the middle of the wanted lengths, 1 at their ends, growing with the square beyond."""
    middle = (settings.min_words + settings.max_words) / 2
    half = max(1.0, (settings.max_words - settings.min_words) / 2)
    return ((n_words - middle) / half) ** 2
