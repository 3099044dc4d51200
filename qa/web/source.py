"""What the page of a document shows: its text in runs, with headings, cited place, lines and passages told apart.

The runs joined are the text, whatever is shown beside it; of a long document the part that is looked at. Holds no
HTML.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from qa.analysis import terms
from qa.blocks import label
from qa.records import Citation, Document, Passage, Section, Span
from qa.web.marks import Label, pieces
from qa.web.views import url_in_answer
from qa.wire import MIN_HASH_DIGITS, document_url, hash_fault

PLACE = re.compile(r"[0-9]{1,9}")
# A page with more text than this, every line or passage of it apart, takes a browser too long.
WINDOW_CHARS = 200_000
# How far the edge of a window moves to a line's beginning.
SLACK_CHARS = 2_000

# The parameters of the page's address in their order; one may be repeated, as the chosen documents are.
Query = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Heading:
    """A section's heading and the number that its anchor on the page bears."""

    number: int
    text: str


@dataclass(frozen=True, slots=True)
class Run:
    """A slice of the text; `heading`, `line` and `passage` are the number of what begins with it, if anything does.

    `is_heading` for any part of a heading, `is_whole` when the run is all of one; `band` tells passages apart.
    """

    text: str
    is_heading: bool = False
    is_whole: bool = False
    heading: int | None = None
    line: int | None = None
    passage: int | None = None
    band: str | None = None


@dataclass(frozen=True, slots=True)
class CutPassage:
    """A passage with its number on the page and the terms it is found by, each once, in order."""

    number: int
    passage: Passage
    terms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Where a citation stands among those of its answer, counted from 1, and the paths of the ones beside it."""

    number: int | None
    total: int
    previous: str | None
    next: str | None
    answer: str


@dataclass(frozen=True, slots=True)
class Switch:
    """A view of the page that can be switched on and off, and the address that does."""

    label: str
    is_on: bool
    url: str


@dataclass(frozen=True, slots=True)
class Part:
    """The part of a long document that its page shows, its lines counted as in the document, and the way to the rest.

    `earlier` and `later` are None where the document begins and ends.
    """

    first_line: int
    last_line: int
    n_lines: int
    earlier: str | None
    later: str | None


@dataclass(frozen=True, slots=True)
class DocumentView:
    """A document as its page shows it: the text before, in and after the cited place, and what to say about that.

    `part` is None when all of it is shown; `headings` and `passages` are those of the text that is shown, `n_passages`
    counts all. `cited_url` leads to the cited place, None when there is none.
    """

    document: Document
    headings: tuple[Heading, ...]
    before: tuple[Run, ...]
    cited: tuple[Run, ...]
    after: tuple[Run, ...]
    notice: str | None
    line: int | None
    cited_url: str | None
    part: Part | None
    has_lines: bool
    switches: tuple[Switch, ...]
    passages: tuple[CutPassage, ...]
    n_passages: int
    neighbours: Neighbours | None


def document_view(
    document: Document, sections: tuple[Section, ...], query: Query, neighbours: Neighbours | None = None
) -> DocumentView:
    """The view of `document` with the place marked that `query` gives as start, end and sha256, if it is one.

    `query` also says which views are on, `lines` and `cut`, and where the part of a long document begins, `from`; of
    what is repeated the last counts. The links of the view keep all of it.
    """
    place = dict(query)
    span, notice = _cited(document, place)
    window = _window(document.text, span, place)
    numbered = enumerate((section.heading for section in sections if section.heading), 1)
    headings = {number: heading for number, heading in numbered if _overlap(heading, window)}
    all_passages = [passage for section in sections for passage in section.passages]
    passages = {number: cut for number, cut in enumerate(all_passages, 1) if _overlap(cut.span, window)}
    shows_lines, shows_cut = (place.get(name) == "on" for name in ("lines", "cut"))
    lines = _lines(document.text, window) if shows_lines else {}
    runs = _runs(document.text, window, headings, passages if shows_cut else {}, lines, span)
    return DocumentView(
        document=document,
        headings=tuple(Heading(number, label(document.text, heading)) for number, heading in headings.items()),
        before=runs[0],
        cited=runs[1],
        after=runs[2],
        notice=notice,
        line=_line(document.text, span.start) if span else None,
        cited_url=_cited_url(document, span, window, query),
        part=_part(document, window, query),
        has_lines=shows_lines,
        switches=tuple(_switches(document, query)),
        passages=tuple(_cut_passages(passages)) if shows_cut else (),
        n_passages=len(all_passages),
        neighbours=neighbours,
    )


def neighbours(citations: tuple[Citation, ...], document_id: str, query: Query, asked: str) -> Neighbours:
    """What stands before and after the place cited in `query` among the `citations` of the answer to `asked`.

    `asked` is the question as the query of a URL.
    """
    place = dict(query)
    here = (document_id, place.get("start"), place.get("end"))
    places = [(citation.document_id, str(citation.span.start), str(citation.span.end)) for citation in citations]
    answer = f"/?{asked}"
    if here not in places:
        return Neighbours(None, len(places), None, None, answer)
    number = places.index(here)
    urls = [url_in_answer(citation, asked) for citation in citations]
    return Neighbours(
        number=number + 1,
        total=len(places),
        previous=urls[number - 1] if number else None,
        next=urls[number + 1] if number + 1 < len(urls) else None,
        answer=answer,
    )


def _cited(document: Document, place: Mapping[str, str]) -> tuple[Span | None, str | None]:
    """The cited span and no notice, or no span and the notice that says why nothing is marked."""
    given = place.get("sha256", "").lower()
    if given and hash_fault(given):
        if len(given) < MIN_HASH_DIGITS and not hash_fault(given.ljust(MIN_HASH_DIGITS, "0")):
            fault = f"The link gives a fingerprint of {len(given)} digits, which is too short (sha256 needs at least"
            return None, f"{fault} {MIN_HASH_DIGITS}), so no place is marked."
        return None, "The link gives a fingerprint that cannot be read, so no place is marked."
    if not document.sha256.startswith(given):
        return None, "This document has changed since it was cited, so no place is marked."
    if "start" not in place and "end" not in place:
        return None, None
    numbers = [place.get(name, "") for name in ("start", "end")]
    if not all(PLACE.fullmatch(number) for number in numbers):
        return None, "The link gives a place that cannot be read, so none is marked."
    start, end = map(int, numbers)
    if start > end:
        return None, f"The link gives a place the wrong way round, from {start} to {end}, so none is marked."
    if start == end:
        return None, "The link gives a place without any text in it, so none is marked."
    if end > len(document.text):
        size = f"{len(document.text):,}"
        return None, f"The link gives a place outside of this document of {size} characters, so none is marked."
    return Span(start, end), None


def _window(text: str, cited: Span | None, place: Mapping[str, str]) -> Span:
    """The part of `text` to show: all of it when it is short, else from `from` on, else what lies around `cited`.

    It ends with a line where one does so near.
    """
    if len(text) <= WINDOW_CHARS:
        return Span(0, len(text))
    start = _line_start(text, cited.start - WINDOW_CHARS // 2) if cited else 0
    if PLACE.fullmatch(place.get("from", "")):
        start = min(int(place["from"]), len(text) - 1)
    end = min(start + WINDOW_CHARS, len(text))
    if end < len(text):
        end = text.rfind("\n", end - SLACK_CHARS, end) + 1 or end
    return Span(start, end)


def _line_start(text: str, offset: int) -> int:
    """Where the first line at or behind `offset` begins, `offset` itself when none does so near."""
    if offset <= 0:
        return 0
    return text.find("\n", offset - 1, offset + SLACK_CHARS) + 1 or offset


def _overlap(span: Span, window: Span) -> bool:
    return span.start < window.end and window.start < span.end


def _line(text: str, offset: int) -> int:
    return 1 + text.count("\n", 0, offset)


def _part(document: Document, window: Span, query: Query) -> Part | None:
    text = document.text
    if window == Span(0, len(text)):
        return None
    # By the slack less than a window, so that its end, wherever it moves, is not above the beginning of this one.
    earlier = _line_start(text, window.start - WINDOW_CHARS + SLACK_CHARS)
    return Part(
        first_line=_line(text, window.start),
        last_line=_line(text, window.end - 1),
        n_lines=_line(text, len(text) - 1),
        earlier=_url(document, query, "from", str(earlier), "text") if window.start else None,
        later=_url(document, query, "from", str(window.end), "text") if window.end < len(text) else None,
    )


def _cited_url(document: Document, cited: Span | None, window: Span, query: Query) -> str | None:
    if cited is None:
        return None
    return "#cited" if _overlap(cited, window) else _url(document, query, "from", None, "cited")


def _url(document: Document, query: Query, name: str, value: str | None, anchor: str) -> str:
    """The address of the document with `value` for `name`, or without `name`, and with all else of `query`."""
    fields = [(key, given) for key, given in query if key != name]
    if value is not None:
        fields.append((name, value))
    asked = f"?{urlencode(fields)}" if fields else ""
    return f"{document_url(document.id)}{asked}#{anchor}"


def _lines(text: str, window: Span) -> dict[int, Span]:
    """The lines of the window by their number in the document; the first and the last may be cut."""
    matches = re.compile(r"[^\n]*\n|[^\n]+\Z").finditer(text, window.start, window.end)
    return {number: Span(match.start(), match.end()) for number, match in enumerate(matches, _line(text, window.start))}


def _switches(document: Document, query: Query) -> list[Switch]:
    labels = {"lines": "Line numbers", "cut": "How this document was cut"}
    switches = []
    for name, shown in labels.items():
        is_on = dict(query).get(name) == "on"
        url = _url(document, query, name, None if is_on else "on", "text")
        switches.append(Switch(shown, is_on, url))
    return switches


def _cut_passages(cuts: Mapping[int, Passage]) -> list[CutPassage]:
    return [
        CutPassage(number, passage, tuple(dict.fromkeys(term.text for term in terms(passage.text))))
        for number, passage in cuts.items()
    ]


def _runs(
    text: str,
    window: Span,
    headings: Mapping[int, Span],
    cuts: Mapping[int, Passage],
    lines: Mapping[int, Span],
    cited: Span | None,
) -> tuple[tuple[Run, ...], tuple[Run, ...], tuple[Run, ...]]:
    """The text of the window in runs: before, in and after `cited`, all of it before where nothing is cited.

    Headings, passages and lines come by their numbers. What begins above the window begins with it.
    """
    begin = window.start
    heading_at = {max(span.start, begin): (number, span.end) for number, span in headings.items()}
    passage_at = {max(passage.span.start, begin): number for number, passage in cuts.items()}
    line_at = {span.start: number for number, span in lines.items()}
    spans = [(span, "heading") for span in headings.values()]
    spans += [(passage.span, "odd" if number % 2 else "even") for number, passage in cuts.items()]
    spans += [(span, "line") for span in lines.values()]
    spans += [(cited, "cited")] if cited and _overlap(cited, window) else []
    labels = [Label(Span(max(span.start, begin), span.end).moved(-begin), name) for span, name in spans]
    parts: tuple[list[Run], list[Run], list[Run]] = ([], [], [])
    start = begin
    for piece in pieces(window.cut(text), labels):
        number, end = heading_at.get(start, (None, 0))
        run = Run(
            text=piece.text,
            is_heading="heading" in piece.names,
            is_whole=end == start + len(piece.text),
            heading=number,
            line=line_at.get(start),
            passage=passage_at.get(start),
            band=next((name for name in piece.names if name in ("odd", "even")), None),
        )
        parts[1 if "cited" in piece.names else 2 if cited and start >= cited.end else 0].append(run)
        start += len(piece.text)
    return tuple(parts[0]), tuple(parts[1]), tuple(parts[2])
