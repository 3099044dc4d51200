"""Candidates become a ranking: one order of passages, with every piece of evidence kept for `explain`.

In: the question, what each query term is worth, and for every passage that matched its BM25 score and its sentences.
Out: the passages, best first, each with its score and the sentence that answers best. No text is read here: what is
known of a passage comes as a record.

The score is BM25 of the passage plus the evidence of its best sentence: a passage that holds the question's rare words
together, close to the kind of answer that is asked for, beats one that repeats a frequent word.
"""

import operator
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from qa.records import Factor, Hit, Passage, QueryTerm, Question, Sentence, Span

# Two matched terms are close when at most this many places part them; directly behind one another in the question's
# order they count in full, else half, shared out over the distance.
_MAX_DISTANCE = 3


# What the factors are called in an explanation, in the order of Found and Weights.
_NAMES = (
    "best sentence",
    "words covered by it",
    "words close together",
    "kind of answer asked for",
    "number of what is counted",
    "source asked for",
    "question or head above it",
    "near in meaning",
)


class Found(NamedTuple):
    """What a sentence holds of what is asked for: its BM25, idf mass, yes (1) or no (0), and nearness in idf mass.

    `asked` is the idf mass of what leads in to it, a question or the head of its table or list, if that asks the same.
    """

    sentence: float = 0.0
    coverage: float = 0.0
    closeness: float = 0.0
    answer_type: float = 0.0
    counted: float = 0.0
    source: float = 0.0
    asked: float = 0.0
    meaning: float = 0.0


class Weights(NamedTuple):
    """What each thing found counts beside BM25 of the passage; 0 leaves it out."""

    sentence: float
    coverage: float
    closeness: float
    answer_type: float
    counted: float
    source: float
    asked: float = 0.0
    meaning: float = 0.0


@dataclass(frozen=True, slots=True)
class Candidate:
    """A passage that matched: its hit, its sentences with the BM25 of each, and whether its source is asked for.

    `meaning` says of each sentence how near it is to the question, in idf mass; empty when that was not looked at.
    """

    passage: Passage
    hit: Hit
    sentences: tuple[tuple[Sentence, float], ...]
    is_from_source: bool
    meaning: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Ranked:
    """A candidate with its score, which is that of its hit plus what `factors` makes of what was found."""

    candidate: Candidate
    score: float
    found: Found
    best_sentence: Sentence


def rank(
    question: Question,
    query: Sequence[QueryTerm],
    values: Mapping[str, float],
    candidates: Iterable[Candidate],
    weights: Weights,
) -> tuple[Ranked, ...]:
    """The candidates, best score first; equal scores stand in the order of document id and start. Empty for none."""
    evidence = _Evidence(question, query, values, weights)
    return tuple(sorted((evidence.of(candidate) for candidate in candidates), key=_order))


def factors(ranked: Ranked, weights: Weights) -> tuple[Factor, ...]:
    """What each piece of evidence that counts gave to the score, by name; together with the hit they add up to it."""
    return tuple(
        Factor(name, value, weight, weight * value)
        for name, value, weight in zip(_NAMES, ranked.found, weights, strict=True)
        if weight
    )


def _order(ranked: Ranked) -> tuple[float, str, Span]:
    passage = ranked.candidate.passage
    return -ranked.score, passage.document_id, passage.span


class _Evidence:
    """Weighs what stands in a sentence against what one question asks."""

    def __init__(
        self, question: Question, query: Sequence[QueryTerm], values: Mapping[str, float], weights: Weights
    ) -> None:
        self._wanted = question.wanted
        self._weights = weights
        self._values = values
        self._word_of = {term.term: term.source for term in query}
        self._place = {word.text: place for place, word in enumerate(question.words)}
        counted_words = {word.text for word in question.words if word.term in question.counted}
        self._counted = frozenset(term.term for term in query if term.source in counted_words)

    def of(self, candidate: Candidate) -> Ranked:
        """The candidate with what was found in its best sentence, the earlier one of two equals.

        What only leads in to the next sentence is the best one only where there is nothing else: it is no answer, and
        what it asks counts for what stands behind it.
        """
        every = list(enumerate(candidate.sentences))
        eligible = [each for each in every if not each[1][0].asks] or every
        best, most = eligible[0][1][0], Found()
        for place, (sentence, score) in eligible:
            found = self._found(sentence, score) if score or sentence.asked else Found()
            if candidate.meaning:
                found = found._replace(meaning=candidate.meaning[place])
            if self._total(found) > self._total(most):
                best, most = sentence, found
        most = most._replace(source=float(candidate.is_from_source))
        return Ranked(candidate, candidate.hit.score + self._total(most), most, best)

    def _total(self, found: Found) -> float:
        total: float = sum(map(operator.mul, found, self._weights))
        return total

    def _found(self, sentence: Sentence, score: float) -> Found:
        """What a sentence holds that shares a term with the question, or the question before it does."""
        matched = self._matched(sentence.terms)
        has_count = self._wanted == "number" and not self._counted.isdisjoint(sentence.numbered)
        return Found(
            score,
            self._coverage(matched),
            self._closeness(matched),
            float(self._wanted in sentence.kinds),
            float(has_count),
            asked=self._asked(sentence.asked),
        )

    def _asked(self, terms: Sequence[str]) -> float:
        """What the question before a sentence shares with this one, and how much of it that is."""
        matched = self._matched(terms)
        return (
            (self._coverage(matched) + self._closeness(matched)) * (len(matched) / len(terms)) ** 2 if matched else 0.0
        )

    def _matched(self, terms: Sequence[str]) -> list[tuple[int, str]]:
        """The terms that are searched for, each with its place."""
        return [(place, term) for place, term in enumerate(terms) if term in self._values]

    def _coverage(self, matched: Sequence[tuple[int, str]]) -> float:
        """The worth of the question's words that stand in the sentence, each once."""
        covered: dict[str, float] = {}
        for _, term in matched:
            word = self._word_of[term]
            covered[word] = max(covered.get(word, 0.0), self._values[term])
        return sum(covered.values())

    def _closeness(self, matched: Sequence[tuple[int, str]]) -> float:
        """The worth of neighbouring matches of different words, the lesser of the two, each pair of words once."""
        seen: set[tuple[str, str]] = set()
        total = 0.0
        for (place, term), (next_place, next_term) in pairwise(matched):
            pair = self._word_of[term], self._word_of[next_term]
            distance = next_place - place
            if pair[0] == pair[1] or distance > _MAX_DISTANCE or pair in seen:
                continue
            seen.add(pair)
            in_order = distance == 1 and self._place[pair[1]] == self._place[pair[0]] + 1
            total += min(self._values[term], self._values[next_term]) * (1.0 if in_order else 0.5) / distance
        return total
