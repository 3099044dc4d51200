"""What the page of a document shows: its text in runs, with headings, cited place, lines and passages told apart.

The runs joined are the text, whatever is shown beside it. Holds no HTML.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from qa.analysis import terms
from qa.records import Citation, Document, Passage, Section, Span
from qa.web.marks import Label, pieces
from qa.web.views import url_in_answer
from qa.wire import document_url

PLACE = re.compile(r"[0-9]{1,9}")
HASH = re.compile(r"[0-9a-f]{16,64}")
# Above this many code points a page with every line or passage apart takes a browser too long.
MAX_MARKED_CHARS = 300_000


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
class DocumentView:
    """A document as its page shows it: the text before, in and after the cited place, and what to say about that."""

    document: Document
    headings: tuple[Heading, ...]
    before: tuple[Run, ...]
    cited: tuple[Run, ...]
    after: tuple[Run, ...]
    notice: str | None
    line: int | None
    has_lines: bool
    switches: tuple[Switch, ...]
    passages: tuple[CutPassage, ...]
    neighbours: Neighbours | None


def document_view(
    document: Document, sections: tuple[Section, ...], place: Mapping[str, str], neighbours: Neighbours | None = None
) -> DocumentView:
    """The view of `document` with the place marked that `place` gives as start, end and sha256, if it is one.

    `place` also says which views are on: `lines` and `cut`.
    """
    spans = [section.heading for section in sections if section.heading]
    cuts = [passage for section in sections for passage in section.passages]
    span, notice = _cited(document, place)
    fits = len(document.text) <= MAX_MARKED_CHARS
    shows_lines, shows_cut = (fits and place.get(name) == "on" for name in ("lines", "cut"))
    runs = _runs(document.text, spans, cuts if shows_cut else [], _lines(document.text) if shows_lines else [], span)
    return DocumentView(
        document=document,
        headings=tuple(Heading(number, heading.cut(document.text)) for number, heading in enumerate(spans, 1)),
        before=runs[0],
        cited=runs[1],
        after=runs[2],
        notice=notice,
        line=1 + document.text.count("\n", 0, span.start) if span else None,
        has_lines=shows_lines,
        switches=tuple(_switches(document, place)) if fits else (),
        passages=tuple(_cut_passages(cuts)) if shows_cut else (),
        neighbours=neighbours,
    )


def neighbours(citations: tuple[Citation, ...], document_id: str, place: Mapping[str, str], query: str) -> Neighbours:
    """What stands before and after the cited `place` among the `citations` of the answer to `query`."""
    here = (document_id, place.get("start"), place.get("end"))
    places = [(citation.document_id, str(citation.span.start), str(citation.span.end)) for citation in citations]
    answer = f"/?{query}"
    if here not in places:
        return Neighbours(None, len(places), None, None, answer)
    number = places.index(here)
    urls = [url_in_answer(citation, query) for citation in citations]
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
    if given and not HASH.fullmatch(given):
        return None, "The link gives a fingerprint that cannot be read, so no place is marked."
    if not document.sha256.startswith(given):
        return None, "This document has changed since it was cited, so no place is marked."
    if "start" not in place and "end" not in place:
        return None, None
    numbers = [place.get(name, "") for name in ("start", "end")]
    if not all(PLACE.fullmatch(number) for number in numbers):
        return None, "The link gives a place that cannot be read, so none is marked."
    start, end = map(int, numbers)
    if not start < end <= len(document.text):
        size = f"{len(document.text):,}"
        return None, f"The link gives a place outside of this document of {size} characters, so none is marked."
    return Span(start, end), None


def _lines(text: str) -> list[Span]:
    return [Span(match.start(), match.end()) for match in re.finditer(r"[^\n]*\n|[^\n]+\Z", text)]


def _switches(document: Document, place: Mapping[str, str]) -> list[Switch]:
    labels = {"lines": "Line numbers", "cut": "How this document was cut"}
    switches = []
    for name, label in labels.items():
        is_on = place.get(name) == "on"
        fields = {key: value for key, value in place.items() if key != name} | ({} if is_on else {name: "on"})
        query = f"?{urlencode(fields)}" if fields else ""
        switches.append(Switch(label, is_on, f"{document_url(document.id)}{query}#text"))
    return switches


def _cut_passages(cuts: list[Passage]) -> list[CutPassage]:
    return [
        CutPassage(number, passage, tuple(dict.fromkeys(term.text for term in terms(passage.text))))
        for number, passage in enumerate(cuts, 1)
    ]


def _runs(
    text: str, headings: list[Span], cuts: list[Passage], lines: list[Span], cited: Span | None
) -> tuple[tuple[Run, ...], tuple[Run, ...], tuple[Run, ...]]:
    """The text in runs: before, in and after `cited`, all of it before where nothing is cited."""
    heading_at = {span.start: (number, span.end) for number, span in enumerate(headings, 1)}
    passage_at = {passage.span.start: number for number, passage in enumerate(cuts, 1)}
    line_at = {span.start: number for number, span in enumerate(lines, 1)}
    labels = [Label(span, "heading") for span in headings]
    labels += [Label(passage.span, "odd" if number % 2 else "even") for number, passage in enumerate(cuts, 1)]
    labels += [Label(span, "line") for span in lines]
    labels += [Label(cited, "cited")] if cited else []
    parts: tuple[list[Run], list[Run], list[Run]] = ([], [], [])
    start = 0
    for piece in pieces(text, labels):
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
