"""Candidates become a ranking: one order of passages, with every piece of evidence kept for `explain`.

In: for every passage that matched, its hit in the passage index and the hits of its sentences. Out: the passages,
best first, each with its score and the sentence that answers best. No text is read here: what is known of a passage
comes as a record.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from qa.records import Factor, Hit, Passage, Span


@dataclass(frozen=True, slots=True)
class Candidate:
    """A passage that matched: its hit, and the hit of each of its sentences that matched."""

    passage: Passage
    hit: Hit
    sentences: tuple[tuple[Span, Hit], ...]


@dataclass(frozen=True, slots=True)
class Ranked:
    """A candidate with its score, which is that of its hit plus the contributions of `factors`."""

    candidate: Candidate
    score: float
    factors: tuple[Factor, ...]
    best_sentence: Span


def rank(candidates: Iterable[Candidate]) -> tuple[Ranked, ...]:
    """The candidates, best score first; equal scores stand in the order of document id and start. Empty for none."""
    return tuple(sorted((_ranked(candidate) for candidate in candidates), key=_order))


def _ranked(candidate: Candidate) -> Ranked:
    return Ranked(candidate, candidate.hit.score, (), _best_sentence(candidate))


def _order(ranked: Ranked) -> tuple[float, str, Span]:
    passage = ranked.candidate.passage
    return -ranked.score, passage.document_id, passage.span


def _best_sentence(candidate: Candidate) -> Span:
    """The sentence with the highest score, the earlier of two; the first one where only the heading matched."""
    if not candidate.sentences:
        return candidate.passage.sentences[0]
    return min(candidate.sentences, key=lambda sentence: (-sentence[1].score, sentence[0]))[0]
