"""Wires the library: a folder goes in, an Engine that answers questions comes out.

The only module that sees Settings and all the others together. An Engine never changes: a changed folder makes a new
one.
"""

import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import accumulate, zip_longest
from pathlib import Path
from typing import Literal, TypeVar

from qa import analysis, answer_types, answers, lexicon, lines, passages, questions, ranking
from qa.confidence import evidence_of, load_calibration, log_odds
from qa.documents import read_corpus
from qa.errors import CorpusError, UnknownDocument
from qa.index import Index, Tick, unhurried
from qa.lexicon import Lexicon, Surface
from qa.meaning import Meaning, Nearness
from qa.ranking import Candidate, Ranked, factors, rank
from qa.records import (
    Answer,
    Citation,
    Corpus,
    Document,
    Evidence,
    Highlight,
    Hit,
    Mode,
    Passage,
    QueryTerm,
    Question,
    ScoredPassage,
    Section,
    Sentence,
    Span,
    Term,
)
from qa.settings import Settings
from qa.sources import Sources

T = TypeVar("T")

# Makes the Meaning of passages and of their sentences.
Encode = Callable[[Sequence[str], Sequence[str]], Meaning]

# Best passages that are looked at for figures that disagree, however few are asked for.
_LOOKED_AT = 5


class Engine:
    """One corpus, cut and indexed; safe to share between threads.

    `passages` are all passages in the order of document id and start; `calibration` says whether confidence was
    measured on this corpus or is carried over from another; `model` names the encoder in semantic mode.
    """

    corpus: Corpus
    passages: tuple[Passage, ...]
    calibration: Literal["measured", "transferred"]
    mode: Mode
    model: str | None

    @classmethod
    def from_folder(cls, folder: Path, settings: Settings | None = None, encode: Encode | None = None) -> "Engine":
        """The engine of every document in `folder`; CorpusError when the folder cannot be served.

        With `encode`, which makes the Meaning of passages and sentences, it answers in semantic mode.
        """
        settings = settings or Settings()
        return cls.from_corpus(read_corpus(folder, settings), settings, encode)

    @classmethod
    def from_corpus(cls, corpus: Corpus, settings: Settings, encode: Encode | None = None) -> "Engine":
        """As `from_folder`, of a folder that has been read."""
        sections = {document.id: passages.cut(document, settings) for document in corpus.documents}
        return cls(corpus, sections, settings, encode)

    @classmethod
    def from_passages(
        cls,
        documents: Iterable[Document],
        cuts: Iterable[Passage],
        settings: Settings | None = None,
        encode: Encode | None = None,
    ) -> "Engine":
        """The engine of documents that come with their passages, however long.

        Raises CorpusError when there is no passage, and for one that is no slice of its document or has no sentence.
        """
        ordered = tuple(sorted(documents, key=lambda document: document.id))
        texts = {document.id: document.text for document in ordered}
        by_document: dict[str, list[Passage]] = {document.id: [] for document in ordered}
        for passage in sorted(cuts, key=lambda passage: passage.span):
            if passage.span.cut(texts.get(passage.document_id, "")) != passage.text or not passage.sentences:
                raise CorpusError(passage.id, "is no slice of a document that was given, or has no sentence")
            by_document[passage.document_id].append(passage)
        digest = hashlib.sha256()
        for document in ordered:
            digest.update(f"{document.path}\0{document.sha256}\n".encode())
        sections = {document_id: (Section(None, tuple(cut)),) for document_id, cut in by_document.items()}
        return cls(Corpus(ordered, (), digest.hexdigest()), sections, settings or Settings(), encode)

    def __init__(
        self,
        corpus: Corpus,
        sections: Mapping[str, tuple[Section, ...]],
        settings: Settings,
        encode: Encode | None = None,
    ) -> None:
        self.corpus = corpus
        self.passages = tuple(
            passage
            for document in corpus.documents
            for section in sections[document.id]
            for passage in section.passages
        )
        if not self.passages:
            raise CorpusError("the corpus", "holds headings but no text; add a document with a sentence in it")
        self._meaning = encode(*_all_texts(self.passages)) if encode else None
        self.mode = "semantic" if self._meaning else "lexical"
        self.model = self._meaning.model if self._meaning else None
        self._calibration = load_calibration(self.mode)
        self._lexical_calibration = load_calibration("lexical")
        # Another model has other cosines, so what was measured with one is only carried over to the next.
        same_model = self._calibration.model == self.model
        measured = same_model and corpus.fingerprint in self._calibration.measured_on
        self.calibration = "measured" if measured else "transferred"
        self._settings = settings
        self._sections = sections
        self._documents = {document.id: document for document in corpus.documents}
        self._sources = Sources(corpus.documents)
        self._terms = tuple(analysis.terms(passage.text) for passage in self.passages)
        self._sentences = tuple(self._all_sentences())
        self._index = Index(
            [
                self._heading_terms(passage) + _texts(terms)
                for passage, terms in zip(self.passages, self._terms, strict=True)
            ],
            settings.k1,
            settings.b,
        )
        self._sentence_index = Index(
            [sentence.terms for sentences in self._sentences for sentence in sentences], settings.k1, settings.b
        )
        self._first_sentence = tuple(accumulate(map(len, self._sentences), initial=0))
        self._lexicon = Lexicon(
            self._index,
            self._surfaces(),
            corpus.synonyms,
            lexicon.Weights(
                synonym=settings.synonym_weight,
                one_way=settings.one_way_weight,
                name=settings.name_weight,
                spelling=settings.spelling_weight,
            ),
            settings.max_repaired,
        )
        self._weights = ranking.Weights(
            sentence=settings.sentence_weight,
            coverage=settings.coverage_weight,
            closeness=settings.closeness_weight,
            answer_type=settings.answer_type_weight,
            counted=settings.count_weight,
            source=settings.source_weight,
            asked=settings.asked_weight,
            meaning=settings.meaning_weight if self._meaning else 0.0,
        )
        self._units: dict[str, set[int]] = {document.id: set() for document in corpus.documents}
        for number, passage in enumerate(self.passages):
            self._units[passage.document_id].add(number)

    def ask(self, question: str, top_k: int = 5, documents: Collection[str] = (), tick: Tick = unhurried) -> Answer:
        """The answer to `question` from all documents, or from `documents` only; an abstention is an answer too.

        Raises UnknownDocument for an id in `documents` that the corpus does not hold. `tick` is called before each word
        is looked up, each term scored and each candidate looked at; what it raises ends the work.
        """
        among = self._among(documents)
        understood, preferred = self._understood(question)
        query = self._lexicon.expand(understood.words, tick)
        worth = self._index.worth(query)
        weak = {word.text for word in understood.words if word.is_weak}
        absent = tuple(word for word in self._index.absent(query) if word not in weak)
        scores = self._sentence_index.scores(query, tick)
        values = self._index.values(query)
        n_passages = len(self.passages) if among is None else len(among)

        def ranking(candidates: Sequence[Candidate]) -> tuple[tuple[Ranked, ...], Evidence | None]:
            ranked = rank(understood, query, values, _each(candidates, tick), self._weights)
            if not ranked:
                return ranked, None
            return ranked, evidence_of(understood, query, ranked, worth, absent, self._index.rare_idf, n_passages)

        hits = self._index.search(query, among, self._settings.max_candidates, tick)
        candidates = [self._candidate(hit, scores, preferred) for hit in _each(hits, tick)]
        ranked, evidence = ranking(candidates)
        if self._meaning and query:
            lexical = log_odds(evidence, self._lexical_calibration)
            near = self._meaning.nearness(questions.asking(question))
            matched = {hit.unit for hit in hits}
            nearest = near.nearest(self._settings.max_candidates, among)
            others = [Hit(unit, 0.0) for unit in nearest if unit not in matched]
            candidates += [self._candidate(hit, scores, preferred) for hit in _each(others, tick)]
            total = sum(worth.values())
            ranked, evidence = ranking(
                [replace(each, meaning=self._nearness(near, each.hit.unit, total)) for each in candidates]
            )
            evidence = replace(evidence, lexical=lexical) if evidence else None
        return answers.compose(
            understood,
            query,
            worth,
            absent,
            evidence,
            [self._scored(query, each) for each in ranked[: max(top_k, _LOOKED_AT)]],
            self._documents,
            top_k=top_k,
            calibration=self._calibration,
            context_chars=self._settings.context_chars,
        )

    def _candidate(self, hit: Hit, scores: Mapping[int, float], preferred: Collection[str]) -> Candidate:
        """The passage of a hit with its sentences; `scores` are those of all sentences that matched."""
        numbered = enumerate(self._sentences[hit.unit], self._first_sentence[hit.unit])
        return Candidate(
            passage=self.passages[hit.unit],
            hit=hit,
            sentences=tuple((sentence, scores.get(number, 0.0)) for number, sentence in numbered),
            is_from_source=self.passages[hit.unit].document_id in preferred,
        )

    def document(self, document_id: str) -> Document:
        """The document with this id; UnknownDocument when there is none."""
        if document_id not in self._documents:
            raise UnknownDocument(document_id)
        return self._documents[document_id]

    def sections(self, document_id: str) -> tuple[Section, ...]:
        """How the document was cut, in reading order; UnknownDocument when there is none with this id."""
        return self._sections[self.document(document_id).id]

    def cite(self, document_id: str, span: Span) -> Citation:
        """The citation of `span` of a document, in the section of the passage it begins in or before.

        Raises UnknownDocument for an id that the corpus does not hold.
        """
        passages = (passage for section in self.sections(document_id) for passage in section.passages)
        section = next((passage.section for passage in passages if span.start < passage.span.end), None)
        return answers.cite(self.document(document_id), section, span, self._settings.context_chars)

    def _understood(self, question: str) -> tuple[Question, frozenset[str]]:
        """The question as it was understood, and the ids of the documents it names as its source.

        The words that name a source say where to look and not what for, so they lose weight.
        """
        settings = self._settings
        understood = questions.read(question, settings.max_terms, settings.weak_word_weight, settings.aside_weight)
        preferred, naming = self._sources.asked_for(understood)
        words = tuple(
            replace(word, weight=word.weight * settings.naming_weight) if word.term in naming else word
            for word in understood.words
        )
        return replace(understood, words=words), preferred

    def _all_sentences(self) -> Iterator[tuple[Sentence, ...]]:
        """For each passage what ranking may know of its sentences; a question or a table goes on in the next one."""
        terms = iter(self._terms)
        for document in self.corpus.documents:
            for section in self._sections[document.id]:
                heading = section.heading.cut(document.text) if section.heading else ""
                asked = tuple(_texts(analysis.terms(heading))) if analysis.asks(heading) else ()
                for passage, following in zip_longest(section.passages, section.passages[1:]):
                    behind = following.sentences[0].cut(following.text) if following and following.sentences else ""
                    sentences, asked = _sentences(passage, next(terms), asked, behind)
                    yield sentences

    def _heading_terms(self, passage: Passage) -> list[str]:
        """The terms of the document's title and of all headings above the passage, which it often leaves unsaid."""
        above = dict.fromkeys([self._documents[passage.document_id].title, *passage.headings])
        return [term.text for heading in above for term in analysis.terms(heading)]

    def _surfaces(self) -> dict[str, Surface]:
        """The words of all passages as they are written, folded."""
        surfaces: dict[str, Surface] = {}
        for passage, terms in zip(self.passages, self._terms, strict=True):
            for term in terms:
                written = term.span.cut(passage.text)
                folded = analysis.fold(written).removesuffix("'s")
                known = surfaces.get(folded, Surface(term.text, 0, is_name=True))
                surfaces[folded] = Surface(term.text, known.count + 1, known.is_name and written[0].isupper())
        return surfaces

    def _scored(self, query: Sequence[QueryTerm], ranked: Ranked) -> ScoredPassage:
        """The ranked passage with what each term gave to its score, and the words that matched."""
        unit = ranked.candidate.hit.unit
        terms = self._index.explain(query, unit)
        kinds = {score.query_term.term: score.query_term.kind for score in terms}
        highlights = tuple(Highlight(term.span, kinds[term.text]) for term in self._terms[unit] if term.text in kinds)
        return ScoredPassage(
            ranked.candidate.passage,
            ranked.score,
            terms,
            factors(ranked, self._weights),
            highlights,
            ranked.best_sentence.span,
            "terms" if terms else "meaning",
        )

    def _nearness(self, near: Nearness, unit: int, worth: float) -> tuple[float, ...]:
        """The mean of each sentence's and the passage's cosine with the question, times `worth`."""
        first = self._first_sentence[unit]
        cosines = near.sentences[first : first + len(self._sentences[unit])]
        return tuple(worth * max(0.0, float(cosine + near.passages[unit]) / 2) for cosine in cosines)

    def _among(self, documents: Collection[str]) -> set[int] | None:
        """The numbers of the passages of `documents`, None for all."""
        if not documents:
            return None
        return set().union(*(self._units[self.document(document_id).id] for document_id in documents))


def _each(items: Iterable[T], tick: Tick) -> Iterator[T]:
    """The items, with a tick before each."""
    for item in items:
        tick()
        yield item


def _all_texts(all_passages: Sequence[Passage]) -> tuple[list[str], list[str]]:
    """The texts of the passages, and of their sentences in order."""
    sentences = [span.cut(passage.text) for passage in all_passages for span in passage.sentences]
    return [passage.text for passage in all_passages], sentences


def _texts(terms: Sequence[Term]) -> list[str]:
    return [term.text for term in terms]


def _sentences(
    passage: Passage, terms: Sequence[Term], asked: tuple[str, ...], behind: str
) -> tuple[tuple[Sentence, ...], tuple[str, ...]]:
    """What ranking may know of the passage's sentences, and what is asked right before what follows it.

    `asked` is what is asked right before its first sentence, `behind` the sentence right behind its last one.
    """
    sentences = []
    texts = [span.cut(passage.text) for span in passage.sentences]
    own = [tuple(term.text for term in terms if span.start <= term.span.start < span.end) for span in passage.sentences]
    for place, (text, following) in enumerate(zip(texts, [*texts[1:], behind], strict=True)):
        span, inside = passage.sentences[place], own[place]
        head = lines.head(passage.text, passage.sentences, place)
        named = own[head] if head != place else ()
        numbered = answer_types.numbered(inside)
        is_fence = analysis.is_fence(text)
        asks = is_fence or analysis.asks(text) or analysis.leads_in(text) or analysis.heads_table(text, following)
        negates = analysis.negates(text)
        sentences.append(Sentence(span, named + inside, answer_types.found(text), numbered, negates, asks, asked))
        if asks:
            # A fence says nothing, and the rule below the head of a table has no terms.
            asked = asked if is_fence else inside or asked
        elif not (asked and analysis.is_entry(text)):
            asked = ()
    return tuple(sentences), asked
