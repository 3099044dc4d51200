"""What the pages show: an answer in a person's words, and a document with its headings and its cited place.

Holds no HTML; the templates hold no decisions.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from qa.records import Answer, CitedPassage, Document, Section, Span
from qa.web.marks import Label, Piece, passage_pieces, pieces
from qa.wire import MAX_TOP_K, AskRequest

REASONS = {
    "no_terms": "The question holds no word to search for. Little words such as “the”, “is” or “what” stand "
    "everywhere; say whom or what it is about.",
    "no_match": "None of the words in the question stand in these documents.",
    "terms_absent": "The words that matter most in the question stand nowhere in these documents, "
    "so they are probably about something else.",
    "answer_type_missing": "The documents touch on this, but no sentence near gives the kind of thing asked for: "
    "a number, a date, a name.",
    "below_threshold": "Some passages touch on this, but none of them answers it clearly enough to stand behind.",
}

# Lower bounds of the confidence and the words for them; each can stand before "the answer" and "to be the answer".
LIKELIHOODS = (
    (0.9, "very likely"),
    (0.75, "likely"),
    (0.5, "fairly likely"),
    (0.25, "unlikely"),
    (0.0, "very unlikely"),
)

NEXT_TOP_K = (10, MAX_TOP_K)
PLACE = re.compile(r"[0-9]{1,9}")
HASH = re.compile(r"[0-9a-f]{16,64}")


@dataclass(frozen=True, slots=True)
class PassageView:
    """A passage and its text in pieces, each with the names of its marks."""

    cited: CitedPassage
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class AnswerView:
    """An answer as its page shows it; `first` is the passage it stands in, `kinds` the marks that need explaining."""

    answer: Answer
    why_not: str | None
    likelihood: str
    percent: int
    measured: bool
    first: PassageView | None
    others: tuple[PassageView, ...]
    kinds: frozenset[str]
    more_url: str | None
    json_url: str


def answer_view(answer: Answer, request: AskRequest, calibration: str) -> AnswerView:
    """The view of `answer` to `request`."""
    views = tuple(_passage_view(answer, cited) for cited in answer.passages)
    sentence = answer.sentence
    first = next((view for view in views if sentence and view.cited.scored.passage.id == sentence.passage_id), None)
    return AnswerView(
        answer=answer,
        why_not=REASONS[answer.reason] if answer.reason else None,
        likelihood=next(words for bound, words in LIKELIHOODS if answer.confidence >= bound),
        percent=round(answer.confidence * 100),
        measured=calibration == "measured",
        first=first,
        others=tuple(view for view in views if view is not first),
        kinds=frozenset(name for view in views for piece in view.pieces for name in piece.names)
        & {"synonym", "spelling"},
        more_url=_more_url(request, len(answer.passages)),
        json_url="/ask?" + _query(request, request.top_k),
    )


def _passage_view(answer: Answer, cited: CitedPassage) -> PassageView:
    scored = cited.scored
    answers = answer.sentence is not None and scored.passage.id == answer.sentence.passage_id
    return PassageView(
        cited, passage_pieces(scored, answer.sentence.span if answers and answer.sentence else scored.best_sentence)
    )


def _more_url(request: AskRequest, n_shown: int) -> str | None:
    """Where more passages are; None when there are no more, or no more may be asked for."""
    if n_shown < request.top_k:
        return None
    top_k = next((step for step in NEXT_TOP_K if step > request.top_k), None)
    return f"/?{_query(request, top_k)}#passages" if top_k else None


def _query(request: AskRequest, top_k: int) -> str:
    fields = [
        ("question", request.question),
        *(("documents", name) for name in request.documents),
        ("top_k", str(top_k)),
    ]
    return urlencode(fields)


@dataclass(frozen=True, slots=True)
class Heading:
    """A section's heading and the number that its anchor on the page bears."""

    number: int
    text: str


@dataclass(frozen=True, slots=True)
class DocumentView:
    """A document as its page shows it: the text before, in and after the cited place, and what to say about that."""

    document: Document
    headings: tuple[Heading, ...]
    before: tuple[Piece, ...]
    cited: tuple[Piece, ...]
    after: tuple[Piece, ...]
    notice: str | None
    line: int | None


def document_view(document: Document, sections: tuple[Section, ...], place: Mapping[str, str]) -> DocumentView:
    """The view of `document` with the place marked that `place` gives as start, end and sha256, if it is one."""
    spans = [section.heading for section in sections if section.heading]
    span, notice = _cited(document, place)
    start, end = (span.start, span.end) if span else (len(document.text), len(document.text))
    return DocumentView(
        document=document,
        headings=tuple(Heading(number, heading.cut(document.text)) for number, heading in enumerate(spans, 1)),
        before=_with_headings(document.text, spans, 0, start),
        cited=_with_headings(document.text, spans, start, end),
        after=_with_headings(document.text, spans, end, len(document.text)),
        notice=notice,
        line=1 + document.text.count("\n", 0, start) if span else None,
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


def _with_headings(text: str, headings: list[Span], start: int, end: int) -> tuple[Piece, ...]:
    """The slice of `text` in pieces; those in headings bear their anchor, or `rest` where an earlier slice has it."""
    labels = [
        Label(
            Span(max(heading.start, start), min(heading.end, end)).moved(-start),
            f"s{number}" if heading.start >= start else "rest",
        )
        for number, heading in enumerate(headings, 1)
        if heading.start < end and start < heading.end
    ]
    return pieces(text[start:end], labels)
