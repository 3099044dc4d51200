"""Units of text and their terms become an Index that finds the units a query shares a term with.

In: one sequence of terms for each unit (a passage or a sentence; the index knows only their numbers). Out: hits with
scores, and what each term gave to a score. This is the only module that imports rank_bm25. A later engine is a module
beside this one with a class of the same four methods.
"""

import math
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
from rank_bm25 import BM25Okapi

from qa.records import Hit, QueryTerm, TermScore


class Index:
    """BM25 over numbered units; immutable, and safe to share between threads.

    A term's score in a unit does not depend on the question, so rank-bm25 computes each once, when the index is built
    (eager scoring, Lù 2024, "BM25S"); a question then only adds up.
    """

    def __init__(self, units: Sequence[Sequence[str]], k1: float, b: float) -> None:
        self.n_units = len(units)
        units_by_term: dict[str, list[int]] = {}
        for number, terms in enumerate(units):
            for term in set(terms):
                units_by_term.setdefault(term, []).append(number)
        self._scores: dict[str, dict[int, float]] = {}
        self._tf: Sequence[Mapping[str, int]] = ()
        if units_by_term:  # rank-bm25 divides by the number of terms, so it is never shown a corpus without one
            bm25 = _LuceneBM25(units, k1=k1, b=b)
            self._tf = bm25.doc_freqs
            for term, numbers in units_by_term.items():
                self._scores[term] = dict(zip(numbers, bm25.get_batch_scores([term], numbers), strict=True))

    def search(self, query: Sequence[QueryTerm], among: Collection[int] | None = None) -> tuple[Hit, ...]:
        """The units that share a term with `query`, best first, ties by number; empty when none does.

        A match is a shared term, whatever its score. The terms of `query` are distinct. `among` restricts the hits to
        these units; idf and lengths stay those of all units.
        """
        totals: dict[int, float] = {}
        for query_term in query:
            for unit, score in self._scores.get(query_term.term, {}).items():
                totals[unit] = totals.get(unit, 0.0) + query_term.weight * score
        hits = [Hit(unit, score) for unit, score in totals.items() if among is None or unit in among]
        return tuple(sorted(hits, key=lambda hit: (-hit.score, hit.unit)))

    def explain(self, query: Sequence[QueryTerm], unit: int) -> tuple[TermScore, ...]:
        """What each term of `query` that the unit holds gave to its score, in the query's order."""
        explained = []
        for query_term in query:
            score = self._scores.get(query_term.term, {}).get(unit)
            if score is not None:
                idf = self.idf(query_term.term)
                tf = self._tf[unit][query_term.term]
                explained.append(TermScore(query_term, tf, idf, score / idf, query_term.weight * score))
        return tuple(explained)

    def df(self, term: str) -> int:
        """The number of units that hold `term`."""
        return len(self._scores.get(term, ()))

    def idf(self, term: str) -> float:
        """The inverse document frequency of `term`; for a term that no unit holds the highest value there is."""
        return _idf(self.n_units, self.df(term))


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
