"""Wires the library: a folder goes in, an Engine that answers questions comes out.

The only module that sees Settings and all the others together. An Engine never changes: a changed folder makes a new
one.
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Literal

from qa import analysis, answers, passages
from qa.documents import read_corpus
from qa.errors import CorpusError, UnknownDocument
from qa.index import Index
from qa.ranking import Candidate, Ranked, rank
from qa.records import (
    Answer,
    Corpus,
    Document,
    Highlight,
    Hit,
    Passage,
    QueryTerm,
    ScoredPassage,
    Section,
    Span,
    Term,
)
from qa.settings import Settings


class Engine:
    """One corpus, cut and indexed; safe to share between threads.

    `passages` are all passages in the order of document id and start; `calibration` says whether confidence was
    measured on this corpus or is carried over from another.
    """

    corpus: Corpus
    passages: tuple[Passage, ...]
    calibration: Literal["measured", "transferred"] = "transferred"

    @classmethod
    def from_folder(cls, folder: Path, settings: Settings | None = None) -> "Engine":
        """The engine of every document in `folder`; CorpusError when the folder cannot be served."""
        settings = settings or Settings()
        corpus = read_corpus(folder, settings)
        sections = {document.id: passages.cut(document, settings) for document in corpus.documents}
        return cls(corpus, sections, settings)

    @classmethod
    def from_passages(
        cls, documents: Iterable[Document], cuts: Iterable[Passage], settings: Settings | None = None
    ) -> "Engine":
        """The engine of documents that come with their passages, however long; CorpusError when there is none."""
        ordered = tuple(sorted(documents, key=lambda document: document.id))
        by_document: dict[str, list[Passage]] = {document.id: [] for document in ordered}
        for passage in sorted(cuts, key=lambda passage: passage.span):
            by_document[passage.document_id].append(passage)
        digest = hashlib.sha256()
        for document in ordered:
            digest.update(f"{document.path}\0{document.sha256}\n".encode())
        sections = {document_id: (Section(None, tuple(cut)),) for document_id, cut in by_document.items()}
        return cls(Corpus(ordered, (), digest.hexdigest()), sections, settings or Settings())

    def __init__(self, corpus: Corpus, sections: Mapping[str, tuple[Section, ...]], settings: Settings) -> None:
        self.corpus = corpus
        self.passages = tuple(
            passage
            for document in corpus.documents
            for section in sections[document.id]
            for passage in section.passages
        )
        if not self.passages:
            raise CorpusError("the corpus", "holds headings but no text; add a document with a sentence in it")
        self._settings = settings
        self._sections = sections
        self._documents = {document.id: document for document in corpus.documents}
        self._terms = tuple(analysis.terms(passage.text) for passage in self.passages)
        self._sentences = tuple(
            (number, span) for number, passage in enumerate(self.passages) for span in passage.sentences
        )
        self._index = Index(
            [
                _heading_terms(passage) + _texts(terms)
                for passage, terms in zip(self.passages, self._terms, strict=True)
            ],
            settings.k1,
            settings.b,
        )
        self._sentence_index = Index(
            [_texts(_inside(self._terms[number], span)) for number, span in self._sentences], settings.k1, settings.b
        )
        self._units: dict[str, set[int]] = {document.id: set() for document in corpus.documents}
        for number, passage in enumerate(self.passages):
            self._units[passage.document_id].add(number)

    def ask(self, question: str, top_k: int = 5, documents: Collection[str] = ()) -> Answer:
        """The answer to `question` from all documents, or from `documents` only; an abstention is an answer too.

        Raises UnknownDocument for an id in `documents` that the corpus does not hold.
        """
        among = self._among(documents)
        query = self._query(question)
        sentence_hits: dict[int, list[tuple[Span, Hit]]] = {}
        for hit in self._sentence_index.search(query):
            number, span = self._sentences[hit.unit]
            sentence_hits.setdefault(number, []).append((span, hit))
        candidates = [
            Candidate(self.passages[hit.unit], hit, tuple(sentence_hits.get(hit.unit, ())))
            for hit in self._index.search(query, among)
        ]
        ranking = [self._scored(query, ranked) for ranked in rank(candidates)[:top_k]]
        return answers.compose(
            question,
            query,
            self._index,
            ranking,
            self._documents,
            min_known_share=self._settings.min_known_share,
            context_chars=self._settings.context_chars,
        )

    def document(self, document_id: str) -> Document:
        """The document with this id; UnknownDocument when there is none."""
        if document_id not in self._documents:
            raise UnknownDocument(document_id)
        return self._documents[document_id]

    def sections(self, document_id: str) -> tuple[Section, ...]:
        """How the document was cut, in reading order; UnknownDocument when there is none with this id."""
        return self._sections[self.document(document_id).id]

    def _query(self, question: str) -> tuple[QueryTerm, ...]:
        """The distinct terms of the question, the first word of each as its source, at most `max_terms`."""
        query: dict[str, QueryTerm] = {}
        for term in analysis.terms(question):
            query.setdefault(term.text, QueryTerm(term.text, 1.0, "term", term.span.cut(question)))
        return tuple(query.values())[: self._settings.max_terms]

    def _scored(self, query: Sequence[QueryTerm], ranked: Ranked) -> ScoredPassage:
        """The ranked passage with what each term gave to its score, and the words that matched."""
        unit = ranked.candidate.hit.unit
        terms = self._index.explain(query, unit)
        kinds = {score.query_term.term: score.query_term.kind for score in terms}
        highlights = tuple(Highlight(term.span, kinds[term.text]) for term in self._terms[unit] if term.text in kinds)
        return ScoredPassage(
            ranked.candidate.passage, ranked.score, terms, ranked.factors, highlights, ranked.best_sentence
        )

    def _among(self, documents: Collection[str]) -> set[int] | None:
        """The numbers of the passages of `documents`, None for all."""
        if not documents:
            return None
        return set().union(*(self._units[self.document(document_id).id] for document_id in documents))


def _heading_terms(passage: Passage) -> list[str]:
    return _texts(analysis.terms(passage.section)) if passage.section else []


def _texts(terms: Sequence[Term]) -> list[str]:
    return [term.text for term in terms]


def _inside(terms: Sequence[Term], span: Span) -> list[Term]:
    return [term for term in terms if span.start <= term.span.start < span.end]
