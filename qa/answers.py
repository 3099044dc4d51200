"""A ranking becomes an Answer: the best sentence with its citation, or an abstention with its reason.

In: the query terms of a question, the index they were searched in, and the ranking. Out: an Answer whose every quote
is a slice of a document. An answer is never made up: it is a sentence of the first passage, or there is none.
"""

from collections.abc import Iterable, Mapping, Sequence

from qa.index import Index
from qa.records import (
    Answer,
    AnswerSentence,
    Citation,
    CitedPassage,
    Document,
    Passage,
    QueryTerm,
    Reason,
    ScoredPassage,
    Span,
)


def compose(
    question: str,
    query: Sequence[QueryTerm],
    index: Index,
    ranking: Sequence[ScoredPassage],
    documents: Mapping[str, Document],
    *,
    min_known_share: float,
    context_chars: int,
) -> Answer:
    """The answer to `question` with every passage of `ranking` cited; answered or abstained, never an error.

    `confidence` is the share of the question's idf mass that the first passage holds, a term nobody uses counting as
    the rarest.
    """
    known_share = _share((term for term in query if index.df(term.term)), query, index)
    reason = _reason(query, ranking, known_share, min_known_share)
    passages = tuple(
        CitedPassage(
            rank,
            scored,
            cite(documents[scored.passage.document_id], scored.passage, scored.passage.span, context_chars),
        )
        for rank, scored in enumerate(ranking, start=1)
    )
    sentence = None
    if reason is None:
        best = ranking[0]
        span = best.best_sentence.moved(best.passage.span.start)
        citation = cite(documents[best.passage.document_id], best.passage, span, context_chars)
        sentence = AnswerSentence(best.passage.id, best.best_sentence, citation)
    confidence = _share((score.query_term for score in ranking[0].terms), query, index) if ranking else 0.0
    return Answer(
        question=question,
        status="abstained" if reason else "answered",
        reason=reason,
        confidence=confidence,
        sentence=sentence,
        passages=passages,
        query=tuple(query),
    )


def cite(document: Document, passage: Passage, span: Span, context_chars: int) -> Citation:
    """The citation of `span` of the document's canonical text, which lies in `passage`, with context on either side."""
    return Citation(
        document_id=document.id,
        title=document.title,
        publisher=document.publisher,
        author=document.author,
        published=document.published,
        source_url=document.source_url,
        section=passage.section,
        span=span,
        line=1 + document.text.count("\n", 0, span.start),
        quote=span.cut(document.text),
        prefix=document.text[max(0, span.start - context_chars) : span.start],
        suffix=document.text[span.end : span.end + context_chars],
        sha256=document.sha256,
    )


def _reason(
    query: Sequence[QueryTerm], ranking: Sequence[ScoredPassage], known_share: float, min_known_share: float
) -> Reason | None:
    """Why the documents do not answer, the first reason that holds; None when they may."""
    if not query:
        return "no_terms"
    if not ranking:
        return "no_match"
    if known_share < min_known_share:
        return "terms_absent"
    return None


def _share(part: Iterable[QueryTerm], query: Sequence[QueryTerm], index: Index) -> float:
    """The share of the query's idf mass that `part` of its terms carries, 0 for an empty query."""
    mass = _mass(query, index)
    return min(1.0, _mass(part, index) / mass) if mass else 0.0


def _mass(terms: Iterable[QueryTerm], index: Index) -> float:
    return sum(term.weight * index.idf(term.term) for term in terms)
