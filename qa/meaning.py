"""What is near in meaning: the vectors of a corpus and of a question become cosines.

In: passages and their sentences as vectors. Out, for a question: how near each passage and each sentence is. The
search is exact, one product of a matrix and a vector, which is right up to some 100,000 passages; beyond that an
approximate index belongs here.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np

from qa.vectors import Encoder, Progress, Vectors, vectors_of


@dataclass(frozen=True, slots=True)
class Nearness:
    """The cosine of every passage and of every sentence, by their numbers; 1 is the same meaning, 0 none shared."""

    passages: Vectors
    sentences: Vectors

    def nearest(self, n: int, among: Collection[int] | None) -> list[int]:
        """The numbers of the `n` nearest passages, best first, ties by number; `among` restricts them."""
        order = (int(number) for number in np.argsort(-self.passages, kind="stable"))
        return list(islice((number for number in order if among is None or number in among), n))


class Meaning:
    """The vectors of one corpus; immutable, and safe to share between threads."""

    def __init__(
        self, encoder: Encoder, passages: Sequence[str], sentences: Sequence[str], cache: Path, progress: Progress
    ) -> None:
        self._encoder = encoder
        self.model = encoder.name
        vectors = vectors_of([*passages, *sentences], encoder, cache, progress)
        self._passages, self._sentences = vectors[: len(passages)], vectors[len(passages) :]

    def nearness(self, question: str) -> Nearness:
        """How near everything is to `question`."""
        vector = self._encoder.encode_question(question)
        return Nearness(self._passages @ vector, self._sentences @ vector)
