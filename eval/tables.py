"""An Evaluation becomes tables of text, the same ones for the terminal and for the Markdown page."""

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from eval.bootstrap import Figure
from eval.evaluation import Evaluation, Outcome
from eval.measures import RANKING_MEASURES
from eval.summary import (
    ALL,
    AUROC,
    AVERAGE_PRECISION,
    BEST_REFUSED,
    BEST_THRESHOLD,
    BEST_WRONGLY_REFUSED,
    REFUSED,
    RIGHT,
    SENTENCE,
    WORDS,
    WRONGLY_REFUSED,
    Summary,
    summaries,
)


@dataclass(frozen=True, slots=True)
class Table:
    """A title, the heads of the columns, and rows of as many cells; the first row of `rows` may stand for all."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""


def tables(evaluation: Evaluation) -> tuple[Table, ...]:
    """What the report shows, in its order."""
    ours = summaries(evaluation.ours)
    return (
        *(_finding(split, ours[split]) for split in ours),
        _refusing(ours),
        *(_refused_by_kind(ours) for _ in range(_has_kinds(evaluation))),
        *(_systems(evaluation, split) for split in ours),
    )


def shown(figure: Figure | None, row_n: int | None = None) -> str:
    """`.708 [.62, .79]`, with the number of questions where it is not that of the row; a dash for no value."""
    if figure is None or math.isnan(figure.value):
        return "–"
    n = "" if row_n in (None, figure.n) else f" n={figure.n}"
    interval = "" if math.isnan(figure.low) else f" [{_short(figure.low, 2)}, {_short(figure.high, 2)}]"
    return f"{_short(figure.value, 3)}{interval}{n}"


def _short(value: float, decimals: int) -> str:
    """A share without the zero before its point, the ends of an interval short; a number above 1 with one decimal."""
    if abs(value) > 1:
        return f"{value:.1f}"
    if decimals == 2 and value in (0, 1):
        return f"{value:.0f}"
    text = f"{value:.{decimals}f}"
    return text.removeprefix("0") if text.startswith("0.") else text


def _finding(split: str, kinds: Mapping[str, Mapping[str, Figure]]) -> Table:
    columns = (*RANKING_MEASURES, SENTENCE, RIGHT)
    rows = []
    answerable = {kind: figures for kind, figures in kinds.items() if figures[RANKING_MEASURES[0]].n}
    for kind, figures in answerable.items():
        n = figures[RANKING_MEASURES[0]].n
        if kind == ALL or len(answerable) > 2:  # a single kind would only repeat the row for all
            rows.append((kind, str(n), *(shown(figures.get(name), n) for name in columns)))
    return Table(
        f"Finding, {split} split",
        ("kind", "n", *columns),
        tuple(rows),
        f"Ranking measures ignore the status. {SENTENCE}: of the answered questions (their number stands beside it); "
        f"{RIGHT}: of all. In brackets the 95 % bootstrap interval.",
    )


def _refusing(ours: Summary) -> Table:
    """A row for each figure, a column for each split."""
    names = (
        REFUSED,
        WRONGLY_REFUSED,
        AUROC,
        AVERAGE_PRECISION,
        BEST_THRESHOLD,
        BEST_REFUSED,
        BEST_WRONGLY_REFUSED,
        WORDS,
    )
    heads = []
    for split, kinds in ours.items():
        heads.append(f"{split}, {kinds[ALL][WRONGLY_REFUSED].n} with and {kinds[ALL][REFUSED].n} without answer")
    rows = [(name, *(shown(kinds[ALL].get(name)) for kinds in ours.values())) for name in names]
    return Table(
        "Refusing, both sides",
        ("", *heads),
        tuple(rows),
        f"{REFUSED}: of the questions without an answer; {WRONGLY_REFUSED}: of those with one. AUROC (0.5 is guessing) "
        "and average precision (guessing gives the share of answerable questions) are those of the confidence, the "
        "answerable questions being the positives. The best threshold is chosen with hindsight on the same questions, "
        "so it is a bound and no promise.",
    )


def _has_kinds(evaluation: Evaluation) -> bool:
    """Whether the questions without an answer are of several kinds."""
    kinds = {outcome.judged.question.kind for outcome in evaluation.ours.outcomes if not outcome.judged.places}
    return len(kinds) > 1


def _refused_by_kind(ours: Summary) -> Table:
    kinds = dict.fromkeys(
        kind
        for split in ours.values()
        for kind, figures in split.items()
        if kind == ALL or not figures[RANKING_MEASURES[0]].n
    )
    rows = []
    for kind in kinds:
        cells = [kind]
        for split in ours.values():
            figure = split[kind][REFUSED] if kind in split else None
            cells += [str(figure.n) if figure else "0", shown(figure)]
        rows.append(tuple(cells))
    heads = tuple(head for split in ours for head in (f"n {split}", f"refused {split}"))
    return Table("Refused, by kind of question without an answer", ("kind", *heads), tuple(rows))


def _systems(evaluation: Evaluation, split: str) -> Table:
    rows = []
    for system in evaluation.systems:
        figures = summaries(system)[split][ALL]
        cells = [shown(figures.get(name)) for name in (*RANKING_MEASURES, RIGHT, AUROC)]
        rows.append((system.name, str(figures[RANKING_MEASURES[0]].n), *cells))
    return Table(
        f"Baselines and ablations, {split} split",
        ("system", "n", *RANKING_MEASURES, RIGHT, AUROC),
        tuple(rows),
        "Baselines rank the same passages and never refuse. n is that of the questions with an answer.",
    )


def faults(evaluation: Evaluation) -> tuple[str, ...]:
    """What was checked beside the measures, a sentence each."""
    return (*citation_sentences(evaluation), *splitting_sentences(evaluation))


def citation_sentences(evaluation: Evaluation) -> tuple[str, ...]:
    """Whether every quote stands where the service says, and those that do not."""
    check = evaluation.citations
    verdict = f"{len(check.faults)} DO NOT HOLD" if check.faults else "all hold"
    compared = f"{check.n_places:,} quoted places in {check.n_replies:,} replies were compared"
    return (f"{compared} with the texts read from disk: {verdict}", *check.faults[:10])


def splitting_sentences(evaluation: Evaluation) -> tuple[str, ...]:
    """How much evidence no passage covers, and which."""
    n_places = sum(len(outcome.judged.places) for outcome in evaluation.ours.outcomes)
    return (
        f"{len(evaluation.uncovered)} of {n_places:,} pieces of evidence are covered by no passage (splitting faults)",
        *(f"{question_id}: {place.id}" for question_id, place in evaluation.uncovered[:10]),
    )


def timing(outcomes: Sequence[Outcome]) -> str:
    """How long one question took, in one sentence; it differs from run to run and stands in no file."""
    took = sorted(outcome.reply.took_ms for outcome in outcomes if outcome.reply)
    if len(took) < 2:
        return "too few questions to tell a duration"
    p99 = statistics.quantiles(took, n=100, method="inclusive")[98]
    return (
        f"one question took {statistics.median(took):.2f} ms (median), {p99:.2f} ms (99 %), {took[-1]:.2f} ms (slowest)"
    )
