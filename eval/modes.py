"""The two modes of one service on the same questions: which is better, on which questions, and at what price.

In: a lexical and a semantic service. Out: their evaluations side by side, with what was gained and lost by kind, and
how many questions without an answer each would answer if both answered equally many of those that have one.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil

from rich.progress import Progress

from eval.bootstrap import Figure, mean, no_figure
from eval.citations import CitationCheck
from eval.compare import Comparison, compare, compare_outcomes, randomisation_p
from eval.evaluation import Evaluation, Outcome, System, evaluate
from eval.judging import Judged
from eval.refusing import threshold_for
from eval.results import Ranks
from eval.services import LocalService
from eval.summary import ALL

LEXICAL = "lexical"
SEMANTIC = "semantic"

# Shares of the questions with an answer at which false answers are counted, beside those of the modes themselves.
_SHARES = (0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
# A threshold never lets a question pass that is refused for one of these reasons, whatever its confidence.
_REFUSED_ANYWAY = ("no_terms", "no_match", "terms_absent")


@dataclass(frozen=True, slots=True)
class Modes:
    """Both modes on the same questions and passages; `model` is the encoder of the semantic one."""

    model: str
    lexical: Evaluation
    semantic: Evaluation

    @property
    def systems(self) -> tuple[System, ...]:
        """The lexical mode, the semantic mode, and the baselines."""
        return (self.lexical.ours, self.semantic.ours, *self.lexical.systems[1:])

    @property
    def checks(self) -> Mapping[str, CitationCheck]:
        """The check of the quotes of each mode."""
        return {LEXICAL: self.lexical.citations, SEMANTIC: self.semantic.citations}


def evaluate_modes(
    lexical: LocalService,
    semantic: LocalService,
    judged: Sequence[Judged],
    texts: Mapping[str, str],
    progress: Progress,
) -> Modes:
    """Both services on the same questions; the baselines are asked once, since the passages are the same."""
    return Modes(
        semantic.engine.model or SEMANTIC,
        evaluate(lexical, judged, texts, {}, progress, name=LEXICAL),
        evaluate(semantic, judged, texts, {}, progress, name=SEMANTIC, baselines={}),
    )


@dataclass(frozen=True, slots=True)
class Exchange:
    """What the semantic mode gained and lost among the `n` questions of a kind: how many succeed, and the ids moved."""

    kind: str
    n: int
    n_lexical: int
    n_semantic: int
    gained: tuple[str, ...]
    lost: tuple[str, ...]


def first_passage_answers(outcome: Outcome) -> bool:
    """Whether the first passage answers, whatever the status."""
    return outcome.rank == 1


def is_right(outcome: Outcome) -> bool:
    """Whether it was answered rightly, or rightly refused."""
    return outcome.is_right


def exchanges(
    modes: Modes, split: str, succeeds: Callable[[Outcome], bool], *, answerable_only: bool
) -> tuple[Exchange, ...]:
    """What each mode gained and lost: of all questions, then of each kind in order of appearance; empty for none."""
    groups: dict[str, list[tuple[str, bool, bool]]] = {}
    for before, after in _pairs(modes, split):
        question = before.judged.question
        if answerable_only and not before.judged.places:
            continue
        for kind in (ALL, question.kind):
            groups.setdefault(kind, []).append((question.id, succeeds(before), succeeds(after)))
    if ALL in groups and len(groups) == 2:  # a single kind would only repeat the row for all
        groups = {ALL: groups[ALL]}
    return tuple(
        Exchange(
            kind,
            len(group),
            sum(before for _, before, _ in group),
            sum(after for _, _, after in group),
            tuple(question_id for question_id, before, after in group if after and not before),
            tuple(question_id for question_id, before, after in group if before and not after),
        )
        for kind, group in groups.items()
    )


def paired_tests(modes: Modes, split: str) -> tuple[Comparison, ...]:
    """The paired test of lexical (A) and semantic (B) for each measure of finding, and for right or rightly refused."""
    outcomes = [outcome for outcome, _ in _pairs(modes, split)]
    answerable = [outcome.judged.question.id for outcome in outcomes if outcome.judged.places]
    everything = [outcome.judged.question.id for outcome in outcomes]
    a, b = _ranks(modes.lexical.ours), _ranks(modes.semantic.ours)
    return (*(compare(a, b, answerable) if answerable else ()), compare_outcomes(a, b, everything))


@dataclass(frozen=True, slots=True)
class FalseAnswers:
    """The share of the questions without an answer that each mode answers, when both answer `n_answered` of `n`.

    `n` is the number of questions with an answer, `p` that of the paired difference. A mode that cannot answer so many,
    whatever its threshold, has no figure, and then there is no p.
    """

    at: str
    n_answered: int
    n: int
    lexical: Figure
    semantic: Figure
    p: float | None


def false_answers(modes: Modes, split: str) -> tuple[FalseAnswers, ...]:
    """False answers at the same answered share: that of each mode as it decides, then round shares.

    Every mode gets the highest threshold at which it answers so many. Empty without questions of both sorts.
    """
    pairs = list(_pairs(modes, split))
    with_answer = [pair for pair in pairs if pair[0].judged.places]
    without = [pair for pair in pairs if not pair[0].judged.places]
    if not with_answer or not without:
        return ()
    n = len(with_answer)
    points = {
        f"as {LEXICAL} decides": sum(before.is_answered for before, _ in with_answer),
        f"as {SEMANTIC} decides": sum(after.is_answered for _, after in with_answer),
    } | {f"{share:.0%}": ceil(round(share * n, 6)) for share in _SHARES}
    rows = []
    for at, n_answered in points.items():
        answered = [
            _answered([pair[mode] for pair in with_answer], [pair[mode] for pair in without], n_answered)
            for mode in (0, 1)
        ]
        figures = [mean(flags) if flags else no_figure(len(without)) for flags in answered]
        p = None
        if all(answered):
            p = randomisation_p([after - before for before, after in zip(*answered, strict=True)])
        rows.append(FalseAnswers(at, n_answered, n, figures[0], figures[1], p))
    return tuple(rows)


def _answered(positives: Sequence[Outcome], negatives: Sequence[Outcome], n_answered: int) -> list[float]:
    """For each of `negatives` 1 if it is answered when `n_answered` of `positives` are, else 0; empty if none can."""
    threshold = threshold_for([_reachable(outcome) for outcome in positives], n_answered)
    if not threshold:
        return []
    return [float(_reachable(outcome) >= threshold) for outcome in negatives]


def _reachable(outcome: Outcome) -> float:
    """The confidence, 0 for a question that no threshold lets pass."""
    if outcome.reply is None or outcome.reply.reason in _REFUSED_ANYWAY:
        return 0.0
    return outcome.reply.confidence


def _pairs(modes: Modes, split: str) -> Iterator[tuple[Outcome, Outcome]]:
    """What the lexical and the semantic mode made of each question of the split."""
    for before, after in zip(modes.lexical.ours.outcomes, modes.semantic.ours.outcomes, strict=True):
        if before.judged.question.split == split:
            yield before, after


def _ranks(system: System) -> Ranks:
    ids = [outcome.judged.question.id for outcome in system.outcomes]
    return Ranks(
        system.name,
        {question_id: outcome.rank for question_id, outcome in zip(ids, system.outcomes, strict=True)},
        {question_id: outcome.is_right for question_id, outcome in zip(ids, system.outcomes, strict=True)},
    )
