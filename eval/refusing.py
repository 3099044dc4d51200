"""How well a confidence tells questions that have an answer (positives) from those that have none (negatives).

Always both sides: a threshold that refuses everything refuses all negatives, and all positives too.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eval.bootstrap import Figure, Floats, figure, mean, no_figure, resampling_weights


def auroc(positives: Sequence[float], negatives: Sequence[float]) -> Figure:
    """The chance that a positive scores above a negative, ties counting half (Hanley & McNeil 1982); a guesser has 0.5.

    The interval resamples positives and negatives each for themselves.
    """
    n = len(positives) + len(negatives)
    if not positives or not negatives:
        return no_figure(n)
    above = (np.sign(np.subtract.outer(np.asarray(positives), np.asarray(negatives))) + 1) / 2
    drawn, drawn_negatives = resampling_weights(len(positives), 1), resampling_weights(len(negatives), 2)
    resampled = ((drawn @ above) * drawn_negatives).sum(axis=1) / above.size
    return figure(float(above.mean()), n, resampled)


def average_precision(positives: Sequence[float], negatives: Sequence[float]) -> Figure:
    """The precision at each distinct score, high to low, weighted with the recall it adds; a guesser has the base rate.

    The sum of (R_n - R_n-1) * P_n, equal scores being one step (the definition that scikit-learn documents). The
    interval resamples as for `auroc`.
    """
    n = len(positives) + len(negatives)
    if not positives or not negatives:
        return no_figure(n)
    scores = np.concatenate([np.asarray(positives), np.asarray(negatives)])
    order = np.argsort(-scores, kind="stable")
    is_last_of_step = np.append(np.diff(scores[order]) != 0, True)
    once = _average_precision(np.ones((1, len(positives))), np.ones((1, len(negatives))), order, is_last_of_step)
    drawn, drawn_negatives = resampling_weights(len(positives), 1), resampling_weights(len(negatives), 2)
    return figure(float(once[0]), n, _average_precision(drawn, drawn_negatives, order, is_last_of_step))


def _average_precision(
    positives: Floats, negatives: Floats, order: NDArray[np.intp], is_last_of_step: NDArray[np.bool_]
) -> Floats:
    """One average precision a row; a row says how often each positive and each negative is counted."""
    right = np.hstack([positives, np.zeros_like(negatives, shape=(len(positives), negatives.shape[1]))])
    n_right = right[:, order].cumsum(axis=1)[:, is_last_of_step]
    n_found = np.hstack([positives, negatives])[:, order].cumsum(axis=1)[:, is_last_of_step]
    precision = np.divide(n_right, n_found, out=np.zeros_like(n_right), where=n_found > 0)
    gained = np.diff(n_right, axis=1, prepend=0.0)
    result: Floats = (precision * gained).sum(axis=1) / positives.shape[1]
    return result


@dataclass(frozen=True, slots=True)
class Threshold:
    """Answering from `value` on refuses `refused` of the negatives and, wrongly, `wrongly_refused` of the positives."""

    value: float
    refused: Figure
    wrongly_refused: Figure


def best_threshold(positives: Sequence[float], negatives: Sequence[float]) -> Threshold | None:
    """The threshold with the greatest difference of both shares (Youden 1950), the lowest of equals.

    None when there are no positives or no negatives. It is chosen with hindsight on the questions it is measured on, so
    it is a bound and no promise; the intervals are for the threshold as chosen.
    """
    if not positives or not negatives:
        return None
    thresholds = np.unique(np.concatenate([np.asarray(positives), np.asarray(negatives)]))
    refused = np.searchsorted(np.sort(negatives), thresholds) / len(negatives)
    wrongly_refused = np.searchsorted(np.sort(positives), thresholds) / len(positives)
    best = float(thresholds[np.argmax(np.round(refused - wrongly_refused, 12))])
    return Threshold(
        best,
        mean([float(score < best) for score in negatives]),
        mean([float(score < best) for score in positives]),
    )


def threshold_for(positives: Sequence[float], n_answered: int) -> float:
    """The highest threshold that answers at least `n_answered` of the positives.

    0 when none does: a score of 0 is refused by every threshold. Infinite when nothing has to be answered.
    """
    if n_answered < 1:
        return math.inf
    return sorted(positives, reverse=True)[n_answered - 1] if n_answered <= len(positives) else 0.0
