"""Outcomes become Figures: for a split, for a kind of question, for any group of them.

Ranking measures ignore whether the service answered or abstained; refusing is always counted on both sides.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from eval.bootstrap import Figure, mean
from eval.evaluation import Outcome, System
from eval.measures import RANKING_MEASURES
from eval.refusing import auroc, average_precision, best_threshold

SENTENCE = "sentence accuracy"
RIGHT = "answered and right"
REFUSED = "refused"
WRONGLY_REFUSED = "wrongly refused"
AUROC = "AUROC"
AVERAGE_PRECISION = "average precision"
BEST_THRESHOLD = "best threshold"
BEST_REFUSED = "refused at the best threshold"
BEST_WRONGLY_REFUSED = "wrongly refused at the best threshold"
WORDS = "words of the first passage"

ALL = "all"


@dataclass(frozen=True, slots=True)
class Gated:
    """A figure that the gate watches, and whether more of it is better."""

    name: str
    more_is_better: bool = True


GATED = (
    *(Gated(name) for name in RANKING_MEASURES),
    Gated(SENTENCE),
    Gated(RIGHT),
    Gated(REFUSED),
    Gated(WRONGLY_REFUSED, more_is_better=False),
    Gated(AUROC),
    Gated(AVERAGE_PRECISION),
)


def summarise(outcomes: Sequence[Outcome]) -> dict[str, Figure]:
    """The figures of a group of outcomes of one system, by name; those of refusing only where there are replies."""
    answerable = [outcome for outcome in outcomes if outcome.judged.places]
    unanswerable = [outcome for outcome in outcomes if not outcome.judged.places]
    figures = {name: mean([outcome.measures[name] for outcome in answerable]) for name in RANKING_MEASURES}
    if any(outcome.reply is None for outcome in outcomes):
        return figures
    figures[SENTENCE] = mean([float(outcome.is_right) for outcome in answerable if outcome.is_answered])
    figures[RIGHT] = mean([float(outcome.is_right) for outcome in answerable])
    figures[REFUSED] = mean([float(not outcome.is_answered) for outcome in unanswerable])
    figures[WRONGLY_REFUSED] = mean([float(not outcome.is_answered) for outcome in answerable])
    confident, doubtful = _confidences(answerable), _confidences(unanswerable)
    figures[AUROC] = auroc(confident, doubtful)
    figures[AVERAGE_PRECISION] = average_precision(confident, doubtful)
    best = best_threshold(confident, doubtful)
    if best:
        figures[BEST_THRESHOLD] = Figure(best.value, len(outcomes), math.nan, math.nan)
        figures[BEST_REFUSED] = best.refused
        figures[BEST_WRONGLY_REFUSED] = best.wrongly_refused
    figures[WORDS] = mean(_first_lengths(outcomes))
    return figures


def summaries(system: System) -> dict[str, dict[str, dict[str, Figure]]]:
    """The figures of a system for each split and there for all questions and for each kind, in order of appearance."""
    groups: dict[str, dict[str, list[Outcome]]] = {}
    for outcome in system.outcomes:
        question = outcome.judged.question
        kinds = groups.setdefault(question.split, {ALL: []})
        kinds[ALL].append(outcome)
        kinds.setdefault(question.kind, []).append(outcome)
    return {split: {kind: summarise(group) for kind, group in kinds.items()} for split, kinds in sorted(groups.items())}


def _confidences(outcomes: Sequence[Outcome]) -> list[float]:
    return [outcome.reply.confidence for outcome in outcomes if outcome.reply]


def _first_lengths(outcomes: Sequence[Outcome]) -> list[float]:
    return [
        float(len(outcome.reply.passages[0].text.split()))
        for outcome in outcomes
        if outcome.reply and outcome.reply.passages
    ]


Summary = Mapping[str, Mapping[str, Mapping[str, Figure]]]
