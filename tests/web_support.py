"""A small engine with answers made by hand, and a client of the application it serves."""

import hashlib
from collections.abc import Collection

from flask.testing import FlaskClient

from qa.errors import UnknownDocument
from qa.index import Tick, unhurried
from qa.records import (
    Answer,
    AnswerSentence,
    Citation,
    CitedPassage,
    Corpus,
    Disagreement,
    Document,
    Highlight,
    Passage,
    ScoredPassage,
    Section,
    SkippedFile,
    Span,
)
from qa.web import Service, Snapshot, application

HEADING = "The ship"
FIRST = "The Vasa sank in 1628."
SECOND = "It was raised in 1961."
TEXT = f"{HEADING}\n\n{FIRST} {SECOND}\n"
INDEXED_AT = "2026-11-22T10:00:00Z"


def document(id: str = "vasa", text: str = TEXT, **metadata: str) -> Document:
    digest = hashlib.sha256(text.encode()).hexdigest()
    return Document(id, f"{id}.txt", text, digest, **{"title": "The Vasa", **metadata})


class FakeEngine:
    """Answers every question from its first document, unless it was given an answer or an error."""

    calibration = "measured"
    mode = "lexical"
    model = None

    def __init__(
        self,
        *documents: Document,
        skipped: tuple[SkippedFile, ...] = (),
        title: str | None = None,
        examples: tuple[str, ...] = (),
    ) -> None:
        self.corpus = Corpus(documents or (document(),), skipped, "f" * 64, title, examples)
        self.asked: list[tuple[str, int, tuple[str, ...]]] = []
        self.answer: Answer | None = None
        self.error: BaseException | None = None

    @property
    def passages(self) -> tuple[Passage, ...]:
        return tuple(passage for found in self.corpus.documents for passage in self.sections(found.id)[0].passages)

    def ask(self, question: str, top_k: int, documents: Collection[str] = (), tick: Tick = unhurried) -> Answer:
        tick()
        for document_id in documents:
            self.document(document_id)
        self.asked.append((question, top_k, tuple(documents)))
        if self.error:
            raise self.error
        return self.answer or answered(self.corpus.documents[0], question)

    def document(self, id: str) -> Document:
        for found in self.corpus.documents:
            if found.id == id:
                return found
        raise UnknownDocument(id)

    def cite(self, id: str, span: Span) -> Citation:
        return citation(self.document(id), span.start, span.end)

    def sections(self, id: str) -> tuple[Section, ...]:
        found = self.document(id)
        if not found.text.startswith(HEADING):
            return (Section(None, (passage(found, 0, len(found.text)),)),)
        return (Section(Span(0, len(HEADING)), (passage(found, len(HEADING) + 2, len(found.text) - 1),)),)


def passage(found: Document, start: int, end: int) -> Passage:
    text = found.text[start:end]
    return Passage(found.id, Span(start, end), text, (Span(0, len(text)),), "The ship")


def citation(found: Document, start: int, end: int) -> Citation:
    return Citation(
        document_id=found.id,
        title=found.title,
        publisher=found.publisher,
        author=found.author,
        published=found.published,
        source_url=found.source_url,
        section=HEADING,
        span=Span(start, end),
        line=1 + found.text.count("\n", 0, start),
        quote=found.text[start:end],
        prefix=found.text[max(0, start - 32) : start],
        suffix=found.text[end : end + 32],
        sha256=found.sha256,
    )


def cited(found: Document, highlights: tuple[Highlight, ...], rank: int = 1) -> CitedPassage:
    cut = passage(found, len(HEADING) + 2, len(found.text) - 1)
    scored = ScoredPassage(cut, 2.5, (), (), highlights, Span(0, len(FIRST)))
    return CitedPassage(rank, scored, citation(found, cut.span.start, cut.span.end))


def answered(found: Document, question: str = "When did the Vasa sink?", confidence: float = 0.93) -> Answer:
    place = cited(found, (Highlight(Span(4, 8), "term"), Highlight(Span(9, 13), "synonym")))
    start = place.scored.passage.span.start
    sentence = AnswerSentence(place.scored.passage.id, Span(0, len(FIRST)), citation(found, start, start + len(FIRST)))
    return Answer(question, "answered", None, confidence, sentence, (place,), ())


def abstained(found: Document, reason: str, confidence: float = 0.0, n_passages: int = 1) -> Answer:
    places = tuple(cited(found, (), rank) for rank in range(1, n_passages + 1))
    return Answer("Who built it?", "abstained", reason, confidence, None, places, ())  # type: ignore[arg-type]


def disagreement(found: Document) -> Disagreement:
    start = len(HEADING) + 2
    return Disagreement(
        "the year",
        (
            citation(found, start, start + len(FIRST)),
            citation(found, start + len(FIRST) + 1, start + len(FIRST) + 1 + len(SECOND)),
        ),
    )


def service_of(engine: object) -> Service:
    return Service(Snapshot(engine, 1, INDEXED_AT))  # type: ignore[arg-type]


class ChangingService(Service):
    """Serves from whatever engine it was last given."""

    def current(self) -> Snapshot:
        return self.snapshot


# One application for all tests, because compiling its templates takes longer than most tests do.
SERVICE = ChangingService(service_of(FakeEngine()).current())
APPLICATION = application(SERVICE)


def client_of(engine: object) -> FlaskClient:
    """A client of the one application, which answers from `engine` from now on."""
    SERVICE.snapshot = service_of(engine).current()
    return APPLICATION.test_client()
