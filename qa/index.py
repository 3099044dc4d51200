"""Units of text and their terms become an Index that finds the units a query shares a term with.

In: one sequence of terms for each unit (a passage or a sentence; the index knows only their numbers). Out: hits with
scores, and what each term gave to a score. This is the only module that imports rank_bm25. A later engine is a module
beside this one with a class of the same methods.
"""

import heapq
import math
from collections.abc import Callable, Collection, Sequence
from typing import Any

import numpy as np
from rank_bm25 import BM25Okapi

from qa.records import Hit, QueryTerm, TermScore

# Called before every piece of work; what it raises ends the work.
Tick = Callable[[], None]


def unhurried() -> None:
    """The tick of work that may take its time."""


class Index:
    """BM25 over numbered units; immutable, and safe to share between threads.

    `n_units` is their number, `rare_idf` the idf of a term that one of them holds.

    A term's scores do not depend on the question, so rank-bm25 computes them once, when the term is
    first asked for, and a question only adds up (sparse scoring, Lù 2024, "BM25S").
    """

    def __init__(self, units: Sequence[Sequence[str]], k1: float, b: float) -> None:
        self.n_units = len(units)
        self._units_by_term: dict[str, list[int]] = {}
        for number, terms in enumerate(units):
            for term in set(terms):
                self._units_by_term.setdefault(term, []).append(number)
        self._idf = {term: _idf(self.n_units, len(numbers)) for term, numbers in self._units_by_term.items()}
        self._highest_idf = _idf(self.n_units, 0)
        self.rare_idf = _idf(self.n_units, 1)
        # rank-bm25 divides by the number of terms, so it is never shown a corpus without one.
        self._bm25 = _LuceneBM25(units, k1=k1, b=b) if self._units_by_term else None
        # Filled as terms are asked for. Two threads may compute the same scores twice and then store the same.
        self._scores_by_term: dict[str, dict[int, float]] = {}

    def search(
        self,
        query: Sequence[QueryTerm],
        among: Collection[int] | None = None,
        limit: int | None = None,
        tick: Tick = unhurried,
    ) -> tuple[Hit, ...]:
        """The units that share a term with `query`, best first, ties by number; empty when none does.

        A match is a shared term, whatever its score. `among` restricts the hits to these units, `limit` to the best;
        idf and lengths stay those of all units.
        """
        scores = self.scores(query, tick)
        matched = scores if among is None else scores.keys() & among
        best = heapq.nsmallest(len(matched) if limit is None else limit, ((-scores[unit], unit) for unit in matched))
        return tuple(Hit(unit, -score) for score, unit in best)

    def scores(self, query: Sequence[QueryTerm], tick: Tick = unhurried) -> dict[int, float]:
        """The score of every unit that shares a term with `query`, in no order that means anything.

        The terms of `query` are distinct, and of those that stand for the same word of the question only the best one
        counts in a unit.
        """
        values = self.values(query)
        totals: dict[int, float] = {}
        for word_terms in _by_word(query):
            best: dict[int, float] = {}
            for query_term in word_terms:
                tick()
                factor = values[query_term.term] / self.idf(query_term.term)
                for unit, score in self._scores(query_term.term).items():
                    if factor * score > best.get(unit, 0.0):
                        best[unit] = factor * score
            for unit, score in best.items():
                totals[unit] = totals.get(unit, 0.0) + score
        return totals

    def explain(self, query: Sequence[QueryTerm], unit: int) -> tuple[TermScore, ...]:
        """The terms that made the score of `unit`, one for each word of the question it holds, in the query's order."""
        values = self.values(query)
        explained = []
        for word_terms in _by_word(query):
            best: TermScore | None = None
            for query_term in word_terms:
                score = self._scores(query_term.term).get(unit)
                if score is None:
                    continue
                idf = self.idf(query_term.term)
                value = values[query_term.term]
                contribution = value / idf * score
                if best is None or contribution > best.contribution:
                    tf = self._bm25.doc_freqs[unit][query_term.term] if self._bm25 else 0
                    best = TermScore(query_term, tf, value / query_term.weight, score / idf, contribution)
            if best:
                explained.append(best)
        return tuple(explained)

    def values(self, query: Sequence[QueryTerm]) -> dict[str, float]:
        """What each term of `query` is worth where it stands: its weight times its idf.

        A term that was added for a word the corpus knows is never worth more than that word: "American" may be rare
        where "U.S." is on every line, and still says no more.
        """
        values = {}
        for word_terms in _by_word(query):
            own = word_terms[0]
            limit = self.idf(own.term) if own.kind == "term" and self.df(own.term) else math.inf
            for query_term in word_terms:
                values[query_term.term] = query_term.weight * min(limit, self.idf(query_term.term))
        return values

    def worth(self, query: Sequence[QueryTerm]) -> dict[str, float]:
        """What each word of the question is worth, by the word: as its own term where that is known here.

        A word that is only known under an added term is worth as much as the best of these, one that is not known at
        all as much as the rarest term.
        """
        values = self.values(query)
        worth = {}
        for word_terms in _by_word(query):
            known = [values[term.term] for term in word_terms if self.df(term.term)]
            own = word_terms[0]
            worth[own.source] = values[own.term] if self.df(own.term) or not known else max(known)
        return worth

    def absent(self, query: Sequence[QueryTerm]) -> tuple[str, ...]:
        """The words of the question of which no term is known here, in the query's order."""
        groups = _by_word(query)
        return tuple(terms[0].source for terms in groups if not any(self.df(term.term) for term in terms))

    def df(self, term: str) -> int:
        """The number of units that hold `term`."""
        return len(self._units_by_term.get(term, ()))

    def idf(self, term: str) -> float:
        """The inverse document frequency of `term`; for a term that no unit holds the highest value there is."""
        return self._idf.get(term, self._highest_idf)

    def _scores(self, term: str) -> dict[int, float]:
        """BM25 of one term in each unit that holds it."""
        known = self._scores_by_term.get(term)
        if known is not None:
            return known
        units = self._units_by_term.get(term)
        if units is None or self._bm25 is None:
            return {}
        scores = dict(zip(units, self._bm25.get_batch_scores([term], units), strict=True))
        self._scores_by_term[term] = scores
        return scores


def _by_word(query: Sequence[QueryTerm]) -> list[list[QueryTerm]]:
    """The query terms grouped by the word of the question they stand for; the word's own term comes first."""
    groups: dict[str, list[QueryTerm]] = {}
    for query_term in query:
        groups.setdefault(query_term.source, []).append(query_term)
    return list(groups.values())


def _idf(n_units: int, df: int) -> float:
    """Lucene's idf, `ln(1 + (N - df + 0.5) / (df + 0.5))`, above 0 for every term (Kamphuis et al. 2020, section 2)."""
    return math.log(1 + (n_units - df + 0.5) / (df + 0.5))


class _LuceneBM25(BM25Okapi):  # type: ignore[misc]  # rank-bm25 ships no types
    """rank-bm25 with Lucene's idf.

    BM25Okapi's own is 0 for a term in half of the units and below 0 for one in more, which turns the ranking of a small
    corpus upside down (rank-bm25 issues 29, 39, 43 and 50).
    """

    def _calc_idf(self, nd: dict[str, int]) -> None:
        self.idf = {term: _idf(self.corpus_size, df) for term, df in nd.items()}
        # get_batch_scores makes an array of the lengths at each call, which is only a copy when they are one already.
        self.doc_len: Any = np.array(self.doc_len)
