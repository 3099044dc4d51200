"""Two systems on the same questions: which is better, by how much, could it be chance, and on which questions.

Sixty questions move by 1.7 points for each one, so the questions that changed say more than the decimals.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import product

import numpy as np

from eval.results import Ranks

_N_SIGN_FLIPS = 100_000
# With this many differences all sign flips are tried (2 to the power of 16 are 65,536), with more a sample of them.
_MAX_EXACT = 16
_SEED = 20_260_101
# Sums of the same numbers in another order may differ by less than this.
_NOISE = 1e-12


def _success(rank: int | None, k: int) -> float:
    return float(rank is not None and rank <= k)


def _reciprocal_rank(rank: int | None) -> float:
    return 1 / rank if rank is not None and rank <= 10 else 0.0


_MEASURES: Mapping[str, Callable[[int | None], float]] = {
    "Success@1": partial(_success, k=1),
    "Success@3": partial(_success, k=3),
    "Success@5": partial(_success, k=5),
    "RR@10": _reciprocal_rank,
}


@dataclass(frozen=True, slots=True)
class Comparison:
    """One measure of systems A and B on `n` questions: both means, and the p of their difference."""

    measure: str
    n: int
    mean_a: float
    mean_b: float
    p: float


@dataclass(frozen=True, slots=True)
class Change:
    """A question whose first answering passage moved: its ranks with A and with B, None where nothing answers."""

    question_id: str
    rank_a: int | None
    rank_b: int | None


def compare(a: Ranks, b: Ranks, question_ids: Sequence[str]) -> tuple[Comparison, ...]:
    """Success@1, @3, @5 and RR@10 of both on these questions, which have an answer and which both were asked."""
    comparisons = []
    for measure, value in _MEASURES.items():
        values_a = [value(a.ranks[question_id]) for question_id in question_ids]
        values_b = [value(b.ranks[question_id]) for question_id in question_ids]
        comparisons.append(_comparison(measure, values_a, values_b))
    return tuple(comparisons)


def compare_outcomes(a: Ranks, b: Ranks, question_ids: Sequence[str]) -> Comparison:
    """The share answered rightly or rightly refused, on these questions with and without an answer."""
    values_a = [float(a.right[question_id]) for question_id in question_ids]
    values_b = [float(b.right[question_id]) for question_id in question_ids]
    return _comparison("right, or rightly refused", values_a, values_b)


def _comparison(measure: str, values_a: Sequence[float], values_b: Sequence[float]) -> Comparison:
    n = len(values_a)
    differences = [after - before for before, after in zip(values_a, values_b, strict=True)]
    return Comparison(measure, n, sum(values_a) / n, sum(values_b) / n, randomisation_p(differences))


def changes(
    a: Mapping[str, int | None], b: Mapping[str, int | None], question_ids: Sequence[str]
) -> tuple[Change, ...]:
    """The questions that are answered by the first passage of one of the two only, gained ones first."""
    pairs = [Change(question_id, a[question_id], b[question_id]) for question_id in question_ids]
    crossed = [change for change in pairs if (change.rank_a == 1) != (change.rank_b == 1)]
    return tuple(sorted(crossed, key=lambda change: change.rank_b != 1))


def randomisation_p(differences: Sequence[float]) -> float:
    """The two-sided p of a paired randomisation test on the mean of `differences` (Smucker, Allan & Carterette 2007).

    If two systems are alike, each difference might as well have the other sign: p is the share of sign flips whose mean
    is at least as far from 0 as the one seen. All flips are tried for few differences; for many 100,000 are drawn and
    the one seen is counted among them. 1 when nothing differs.
    """
    changed = np.asarray([difference for difference in differences if difference], dtype=np.float64)
    if not changed.size:
        return 1.0
    seen = abs(changed.sum()) - _NOISE
    if changed.size <= _MAX_EXACT:
        signs = np.asarray(list(product((1.0, -1.0), repeat=changed.size)))
        return float(np.mean(np.abs(signs @ changed) >= seen))
    generator = np.random.default_rng((_SEED, changed.size))
    n_as_far = 0
    for _ in range(10):
        signs = generator.choice((1.0, -1.0), size=(_N_SIGN_FLIPS // 10, changed.size))
        n_as_far += int(np.sum(np.abs(signs @ changed) >= seen))
    return (n_as_far + 1) / (_N_SIGN_FLIPS + 1)
