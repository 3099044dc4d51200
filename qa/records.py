"""The records that travel between the modules of qa: frozen, slotted, tuples instead of lists.

Offsets are half-open `[start, end)`, start at 0 and count Unicode code points. The span of a passage, of a heading
and of a citation points into the canonical text of its document; every other span points into the text of its
passage. No logic lives here but the invariants a record can check of itself.
"""

from dataclasses import dataclass
from typing import Literal

MatchKind = Literal["term", "synonym", "spelling"]
Mode = Literal["lexical", "semantic"]
Matched = Literal["terms", "meaning"]
Status = Literal["answered", "abstained"]
AnswerType = Literal["money", "number", "date", "person", "place", "reason", "phone", "email"]
Reason = Literal["no_terms", "no_match", "terms_absent", "answer_type_missing", "below_threshold"]


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A non-empty slice of a text."""

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end:
            raise ValueError(f"a span needs 0 <= start < end, not {self.start} and {self.end}")

    def cut(self, text: str) -> str:
        """The slice of `text` this span points at."""
        return text[self.start : self.end]

    def moved(self, by: int) -> "Span":
        """The same slice seen from a text that begins `by` code points earlier."""
        return Span(self.start + by, self.end + by)


@dataclass(frozen=True, slots=True)
class Document:
    """One file of the corpus; `text` is its canonical text, the decoded file without a byte order mark."""

    id: str
    path: str
    text: str
    sha256: str
    title: str
    publisher: str | None = None
    author: str | None = None
    published: str | None = None
    source_url: str | None = None
    rights: str | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True)
class SkippedFile:
    """A file of the folder that is no document, with the reason in words for a person."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Corpus:
    """What was read from one folder, documents in the order of their ids; `synonyms` is the text of its own list."""

    documents: tuple[Document, ...]
    skipped: tuple[SkippedFile, ...]
    fingerprint: str
    title: str | None = None
    examples: tuple[str, ...] = ()
    synonyms: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A heading (None before the first one) and the passages below it, up to the next heading."""

    heading: Span | None
    passages: tuple["Passage", ...]


@dataclass(frozen=True, slots=True)
class Passage:
    """A contiguous slice of a document, the unit that is ranked.

    `sentences` are spans in `text`, in order, and every non-blank character of the passage stands in one of them.
    `section` names its heading behind the marked ones above that ("2.4.1 › Fixed") without the document's own title,
    None where there is no heading above. `headings` are all it stands under, the outermost first, with those just above
    it that have no text of their own.
    """

    document_id: str
    span: Span
    text: str
    sentences: tuple[Span, ...]
    section: str | None = None
    headings: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if len(self.text) != self.span.end - self.span.start:
            raise ValueError(f"the text of passage {self.id} is {len(self.text)} code points long, its span is not")

    @property
    def id(self) -> str:
        """`DOCUMENT_ID:START-END`, unique in a corpus."""
        return f"{self.document_id}:{self.span.start}-{self.span.end}"


@dataclass(frozen=True, slots=True)
class Term:
    """The indexed form of a word, and the slice of the text it was read from."""

    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a question that is searched for: its term, how it was typed, and how much it matters, in (0, 1].

    `is_literal` says that it stood in quotation marks and means only itself, `is_name` that it was written like a name
    or a figure inside the question, `is_weak` that it says how the question is asked ("how many") and not about what.
    `start` is where it stands in the question.
    """

    term: str
    text: str
    weight: float
    is_literal: bool = False
    is_name: bool = False
    is_weak: bool = False
    start: int = 0


@dataclass(frozen=True, slots=True)
class Question:
    """A question as it was understood: its distinct words in order, and the kind of answer it asks for.

    `counted` holds the terms of what "how many ..." counts; `negates` says that it asks for what is not so.
    """

    text: str
    words: tuple[Word, ...]
    wanted: AnswerType | None
    counted: frozenset[str]
    negates: bool = False


@dataclass(frozen=True, slots=True)
class Sentence:
    """What ranking knows of a sentence: its span in the passage, its terms in order, and the kinds of answer it holds.

    `numbered` are the terms that follow a number closely ("104-acre compound"); `negates` says that it denies
    something, `asks` that it only says what the next is about: a question, the head of a table, what ends in a colon.
    `asked` are the terms of such a sentence or heading right before it, or before its table or list; empty without one.
    """

    span: Span
    terms: tuple[str, ...]
    kinds: frozenset[AnswerType]
    numbered: frozenset[str]
    negates: bool = False
    asks: bool = False
    asked: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class QueryTerm:
    """A term that is searched for: what it weighs, how it came about, and the question's word it stands for."""

    term: str
    weight: float
    kind: MatchKind
    source: str

    def __post_init__(self) -> None:
        if not 0 < self.weight <= 1:
            raise ValueError(f"the weight of query term {self.term!r} must be in (0, 1], not {self.weight}")


@dataclass(frozen=True, slots=True)
class TermScore:
    """What one query term gave to the score of one unit; `contribution` is `weight * idf * length_factor`.

    `idf` is the term's, or that of the word it was added for where that is lower.

    `length_factor` is BM25's second half, `tf * (k1 + 1) / (tf + k1 * (1 - b + b * dl / avgdl))`.
    """

    query_term: QueryTerm
    tf: int
    idf: float
    length_factor: float
    contribution: float


@dataclass(frozen=True, slots=True)
class Hit:
    """What an index found: the number of a unit and its score."""

    unit: int
    score: float


@dataclass(frozen=True, slots=True)
class Factor:
    """What one further piece of evidence gave to the score of a passage: `contribution = weight * value`."""

    name: str
    value: float
    weight: float
    contribution: float


@dataclass(frozen=True, slots=True)
class Highlight:
    """A slice of a passage's text that matched, and how."""

    span: Span
    kind: MatchKind


@dataclass(frozen=True, slots=True)
class ScoredPassage:
    """What one question made of one passage; the contributions of `terms` and `factors` add up to `score`.

    `best_sentence` is the span of the sentence that answers best.
    """

    passage: Passage
    score: float
    terms: tuple[TermScore, ...]
    factors: tuple[Factor, ...]
    highlights: tuple[Highlight, ...]
    best_sentence: Span
    matched: Matched = "terms"


@dataclass(frozen=True, slots=True)
class Citation:
    """Where a quote stands: `document.text[span.start:span.end] == quote`, always."""

    document_id: str
    title: str
    publisher: str | None
    author: str | None
    published: str | None
    source_url: str | None
    section: str | None
    span: Span
    line: int
    quote: str
    prefix: str
    suffix: str
    sha256: str

    def __post_init__(self) -> None:
        if len(self.quote) != self.span.end - self.span.start:
            raise ValueError(f"the quote from {self.document_id} is not as long as its span")


@dataclass(frozen=True, slots=True)
class CitedPassage:
    """A passage of an answer with its place in the ranking (from 1) and its citation."""

    rank: int
    scored: ScoredPassage
    citation: Citation


@dataclass(frozen=True, slots=True)
class AnswerSentence:
    """The sentence that answers best: `span` points into the text of the passage, the citation into the document."""

    passage_id: str
    span: Span
    citation: Citation


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the ranking of one question says about whether its first passage answers; shares of the question's idf mass.

    `rarity`: mean worth of a word against that of a word in one passage only; above 1 where words stand nowhere.
    `lead`: how far the first score is ahead of the mean of the next three, as a share of it. `absent`: of words, weak
    ones aside, that stand nowhere in the corpus, 1 when a figure does. `rarest_missing`: worth of the rarest word that
    the best sentence lacks against that of the rarest word. Each 1 or 0: `kind_missing`, a kind of answer is asked for
    and the best sentence has none; `name_missing`, it lacks a name or figure of the question; `count_missing`, a number
    is asked for and it has none of what is counted; `negation_missing`, the question asks for what is not so, and the
    sentence denies nothing. In semantic mode also `meaning`, how near the best sentence is, and `lexical`, the log odds
    that the lexical mode gives to its own first passage.
    """

    rarity: float
    lead: float
    kind_missing: float
    absent: float = 0.0
    rarest_missing: float = 0.0
    name_missing: float = 0.0
    count_missing: float = 0.0
    negation_missing: float = 0.0
    meaning: float = 0.0
    lexical: float = 0.0


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Sentences of different documents that give different figures for the same thing."""

    about: str
    citations: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """What the documents say to one question: answered with a sentence, or abstained with a reason, never both.

    `query` are the terms that were searched for, `absent` the words of the question that stand nowhere in the corpus
    under any name, and `evidence` what the confidence was computed from, None when nothing matched. `wanted` is the
    kind of answer that was asked for.
    """

    question: str
    status: Status
    reason: Reason | None
    confidence: float
    sentence: AnswerSentence | None
    passages: tuple[CitedPassage, ...]
    query: tuple[QueryTerm, ...]
    absent: tuple[str, ...] = ()
    evidence: Evidence | None = None
    disagreements: tuple[Disagreement, ...] = ()
    wanted: AnswerType | None = None

    def __post_init__(self) -> None:
        answered = self.status == "answered"
        if answered != (self.sentence is not None) or answered != (self.reason is None):
            raise ValueError("an answer has a sentence and no reason, an abstention a reason and no sentence")
        if not 0 <= self.confidence <= 1:
            raise ValueError(f"confidence must be in [0, 1], not {self.confidence}")
