"""The score of a passage as a sum that a person can check: what each word and each other factor gave to it."""

from dataclasses import dataclass
from math import floor

from qa.records import MatchKind, ScoredPassage

# Places after the point on the page; the summands are rounded up or down so that they add up to the rounded score.
PLACES = 3


@dataclass(frozen=True, slots=True)
class WordRow:
    """What one search term gave: `weight` times `rarity` times `frequency`; `word` is the question's word for it."""

    term: str
    word: str
    kind: MatchKind
    weight: str
    rarity: str
    frequency: str
    contribution: str


@dataclass(frozen=True, slots=True)
class FactorRow:
    """What one other factor gave: `weight` times `value`."""

    name: str
    weight: str
    value: str
    contribution: str


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """The rows of a sum, in the order of the explanation, and the sum; contributions as shown add up to it as shown.

    What gave nothing has no row.
    """

    words: tuple[WordRow, ...]
    factors: tuple[FactorRow, ...]
    score: str


def arithmetic(scored: ScoredPassage) -> Arithmetic:
    """The summands of the score of `scored`."""
    terms = [score for score in scored.terms if score.contribution]
    factors = [factor for factor in scored.factors if factor.contribution]
    shown = _adding_up([*(term.contribution for term in terms), *(each.contribution for each in factors)], scored.score)
    words = tuple(
        WordRow(
            term=score.query_term.term,
            word=score.query_term.source,
            kind=score.query_term.kind,
            weight=_number(score.query_term.weight),
            rarity=_number(score.idf),
            frequency=_number(score.length_factor),
            contribution=contribution,
        )
        for score, contribution in zip(terms, shown, strict=False)
    )
    rest = tuple(
        FactorRow(factor.name, _number(factor.weight), _number(factor.value), contribution)
        for factor, contribution in zip(factors, shown[len(terms) :], strict=True)
    )
    return Arithmetic(words, rest, _number(scored.score))


def _adding_up(values: list[float], total: float) -> list[str]:
    """The values rounded up or down to PLACES, those with the largest remainders up, so that they make the total."""
    units = [value * 10**PLACES for value in values]
    rounded = [floor(unit) for unit in units]
    n_up = round(total * 10**PLACES) - sum(rounded)
    for place in sorted(range(len(units)), key=lambda place: rounded[place] - units[place])[: max(0, n_up)]:
        rounded[place] += 1
    return [_number(unit / 10**PLACES) for unit in rounded]


def _number(value: float) -> str:
    return f"{value:.{PLACES}f}"
