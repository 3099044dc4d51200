"""A sample becomes a Figure: its value, its size and a 95 % interval.

Percentile bootstrap (Efron & Tibshirani 1993, chapter 13) with a fixed seed: the same sample gives the same interval
in every run. An empty sample has no value: NaN.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_N_RESAMPLES = 2_000
_SEED = 20_260_101


@dataclass(frozen=True, slots=True)
class Figure:
    """A value, the number of questions it rests on, and its 95 % interval; NaN for a value that nothing gives."""

    value: float
    n: int
    low: float
    high: float


def mean(values: Sequence[float]) -> Figure:
    """The mean of `values`."""
    if not values:
        return no_figure(0)
    sample = np.asarray(values, dtype=np.float64)
    return figure(float(sample.mean()), len(values), resampling_weights(len(values)) @ sample / len(values))


def figure(value: float, n: int, resampled: Floats) -> Figure:
    """The figure of a value whose counterparts in the resamples are `resampled`."""
    low, high = np.percentile(resampled, (2.5, 97.5))
    return Figure(value, n, float(low), float(high))


def no_figure(n: int) -> Figure:
    """The figure of what cannot be computed from these `n` questions."""
    return Figure(math.nan, n, math.nan, math.nan)


@lru_cache(maxsize=64)
def resampling_weights(n: int, stream: int = 0) -> Floats:
    """How often each of `n` questions is drawn in each resample, one resample a row; independent for each `stream`."""
    generator = np.random.default_rng((_SEED, stream, n))
    return generator.multinomial(n, np.full(n, 1 / n), size=_N_RESAMPLES).astype(np.float64)
