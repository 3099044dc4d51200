"""A ranking becomes an Answer: the best sentence with its citation, or an abstention with its reason.

In: a question with its query terms, what its words are worth, the evidence, and the best passages. Out: an Answer whose
every quote is a slice of a document. An answer is never made up: it is a sentence of the first passage, or there is
none.
"""

import re
from collections.abc import Mapping, Sequence

from qa import analysis
from qa.confidence import Calibration, confidence, is_absent
from qa.disagreements import disagreeing
from qa.lines import head
from qa.records import (
    Answer,
    AnswerSentence,
    Citation,
    CitedPassage,
    Disagreement,
    Document,
    Evidence,
    QueryTerm,
    Question,
    Reason,
    ScoredPassage,
    Span,
)

# What a sentence opens with that points back to the one before it.
_POINTS_BACK = re.compile(
    r"(?:It|They|He|She|Its|Their|His|Her|This|These|Those|Both|Some|Then|Since then|At th(?:at|e) time"
    r"|(?:In|During|At) (?:the same|that|this))\b"
)


def compose(
    question: Question,
    query: Sequence[QueryTerm],
    worth: Mapping[str, float],
    absent: Sequence[str],
    evidence: Evidence | None,
    ranking: Sequence[ScoredPassage],
    documents: Mapping[str, Document],
    *,
    top_k: int,
    calibration: Calibration,
    context_chars: int,
) -> Answer:
    """The answer to `question` with the `top_k` best of `ranking` cited; answered or abstained, never an error.

    `worth` is what each word of the question counts and `absent` the words that stand nowhere. `evidence` is None when
    `ranking` is empty, and the confidence then 0.
    """
    probability = confidence(evidence, calibration) if evidence else 0.0
    reason: Reason | None = None
    if not query:
        reason = "no_terms"
    elif evidence is None:
        reason = "no_match"
    elif is_absent(evidence, calibration):
        reason = "terms_absent"
    elif probability < calibration.threshold:
        reason = "answer_type_missing" if evidence.kind_missing else "below_threshold"
    passages = tuple(
        CitedPassage(rank, scored, _cite(scored, scored.passage.span, documents, context_chars))
        for rank, scored in enumerate(ranking[:top_k], start=1)
    )
    sentence = None
    if reason is None:
        best = ranking[0]
        span = _readable(best)
        citation = _cite(best, span.moved(best.passage.span.start), documents, context_chars)
        sentence = AnswerSentence(best.passage.id, span, citation)
    return Answer(
        question=question.text,
        status="abstained" if reason else "answered",
        reason=reason,
        confidence=probability,
        sentence=sentence,
        passages=passages,
        query=tuple(query),
        absent=tuple(absent),
        evidence=evidence,
        disagreements=_disagreements(question, query, worth, ranking, documents, context_chars) if sentence else (),
        wanted=question.wanted,
    )


def _disagreements(
    question: Question,
    query: Sequence[QueryTerm],
    worth: Mapping[str, float],
    ranking: Sequence[ScoredPassage],
    documents: Mapping[str, Document],
    context_chars: int,
) -> tuple[Disagreement, ...]:
    """The figures that contradict that of the answer, each with the citation of its sentence."""
    about, passages = disagreeing(question, query, worth, ranking)
    citations = tuple(
        _cite(scored, _readable(scored).moved(scored.passage.span.start), documents, context_chars)
        for scored in passages
    )
    return (Disagreement(about, citations),) if citations else ()


def _readable(scored: ScoredPassage) -> Span:
    """The best sentence with what it cannot be read without, as a span in the passage.

    A sentence that opens by pointing back takes the one before it along, an item the line that leads in to it, a
    labelled line all from the head of its entry on, and a quotation is taken whole, as far as it stands in the passage.
    """
    text, sentences = scored.passage.text, scored.passage.sentences
    last = sentences.index(scored.best_sentence)
    first = head(text, sentences, last)
    before = sentences[first - 1].cut(text) if first else ""
    points_back = _POINTS_BACK.match(scored.best_sentence.cut(text)) and not analysis.is_fence(before)
    if before and (points_back or analysis.leads_in(before)):
        first -= 1
    opening = text.rfind("“", 0, sentences[last].end)
    closing = text.find("”", opening)
    if opening >= 0 and sentences[last].start <= closing:
        while opening < sentences[first].start:
            first -= 1
        while sentences[last].end <= closing:
            last += 1
    return Span(sentences[first].start, sentences[last].end)


def _cite(scored: ScoredPassage, span: Span, documents: Mapping[str, Document], context_chars: int) -> Citation:
    return cite(documents[scored.passage.document_id], scored.passage.section, span, context_chars)


def cite(document: Document, section: str | None, span: Span, context_chars: int) -> Citation:
    """The citation of `span` of the document's canonical text, which lies in `section`, with context on either side."""
    return Citation(
        document_id=document.id,
        title=document.title,
        publisher=document.publisher,
        author=document.author,
        published=document.published,
        source_url=document.source_url,
        section=section,
        span=span,
        line=1 + document.text.count("\n", 0, span.start),
        quote=span.cut(document.text),
        prefix=document.text[max(0, span.start - context_chars) : span.start],
        suffix=document.text[span.end : span.end + context_chars],
        sha256=document.sha256,
    )
