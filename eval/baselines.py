"""What others get from the same passages: rank-bm25 as it comes, without any of our ranking.

Stock `BM25Okapi` with its defaults (k1 1.5, b 0.75). Like its `get_top_n` these rank every passage, also one that
shares no word with the question; equal scores stand in the order of document id and start.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from rank_bm25 import BM25Okapi

from eval.judging import Slice
from eval.services import TOP_K
from qa import terms

# The terms of a text.
Analyze = Callable[[str], list[str]]


def _blank_separated(text: str) -> list[str]:
    """As the README of rank-bm25 shows it, lower-cased: split on blanks, punctuation left on."""
    return text.lower().split()


def _stemmed(text: str) -> list[str]:
    """The analyzer of qa: folded, without stop words, stemmed (Snowball English)."""
    return [term.text for term in terms(text)]


BASELINES: Mapping[str, Analyze] = {
    "rank-bm25 as in its README": _blank_separated,
    "BM25 + stemming + stop words": _stemmed,
}


def rank_all(analyze: Analyze, passages: Sequence[Slice], questions: Sequence[str]) -> list[list[str]]:
    """For each question the ids of the TOP_K best passages, best first; terms of passages come from `analyze`."""
    bm25 = BM25Okapi([analyze(passage.text) for passage in passages])
    rankings = []
    for question in questions:
        order = np.argsort(-bm25.get_scores(analyze(question)), kind="stable")[:TOP_K]
        rankings.append([passages[number].id for number in order])
    return rankings
