"""Two modes become tables of text, the same ones for the terminal and for the Markdown page."""

import math
from collections.abc import Callable, Mapping

from eval.bootstrap import Figure
from eval.evaluation import Outcome
from eval.measures import RANKING_MEASURES
from eval.modes import (
    LEXICAL,
    SEMANTIC,
    Exchange,
    Modes,
    exchanges,
    false_answers,
    first_passage_answers,
    is_right,
    paired_tests,
)
from eval.summary import (
    ALL,
    AUROC,
    AVERAGE_PRECISION,
    REFUSED,
    RIGHT,
    SENTENCE,
    WORDS,
    WRONGLY_REFUSED,
    Summary,
    summaries,
)
from eval.tables import Table, citation_sentences, shown, splitting_sentences

# More ids than this are no longer read.
_MAX_IDS = 40


def mode_tables(modes: Modes) -> tuple[Table, ...]:
    """What the report on two modes shows, in its order."""
    both = {LEXICAL: summaries(modes.lexical.ours), SEMANTIC: summaries(modes.semantic.ours)}
    splits = modes.lexical.splits
    return (
        *(_finding(split, both) for split in splits),
        *(_paired(modes, split) for split in splits),
        *(
            _exchanged(modes, split, "First passage answers", first_passage_answers, answerable_only=True)
            for split in splits
        ),
        *(_exchanged(modes, split, "Right, or rightly refused", is_right, answerable_only=False) for split in splits),
        *(_refusing(split, both) for split in splits),
        *(_false_answers(modes, split) for split in splits),
        *(_systems(modes, split, both) for split in splits),
    )


def mode_sentences(modes: Modes) -> tuple[str, ...]:
    """What was checked beside the measures, a sentence each."""
    lines = [
        f"{name}: {line}"
        for name, evaluation in ((LEXICAL, modes.lexical), (SEMANTIC, modes.semantic))
        for line in citation_sentences(evaluation)
    ]
    return (*lines, *splitting_sentences(modes.lexical))


def _finding(split: str, both: Mapping[str, Summary]) -> Table:
    columns = (*RANKING_MEASURES, SENTENCE, RIGHT)
    answerable = {kind: figures for kind, figures in both[LEXICAL][split].items() if figures[RANKING_MEASURES[0]].n}
    rows = []
    for kind in answerable:
        if kind != ALL and len(answerable) <= 2:  # a single kind would only repeat the row for all
            continue
        for mode, summary in both.items():
            figures = summary[split][kind]
            n = figures[RANKING_MEASURES[0]].n
            rows.append((kind, mode, str(n), *(shown(figures.get(name), n) for name in columns)))
    return Table(
        f"Finding, {split} split",
        ("kind", "mode", "n", *columns),
        tuple(rows),
        f"Ranking measures ignore the status. {SENTENCE}: of the answered questions (their number stands beside it); "
        f"{RIGHT}: of all. In brackets the 95 % bootstrap interval.",
    )


def _paired(modes: Modes, split: str) -> Table:
    rows = tuple(
        (
            each.measure,
            str(each.n),
            f"{each.mean_a:.3f}",
            f"{each.mean_b:.3f}",
            f"{each.mean_b - each.mean_a:+.3f}",
            f"{each.p:.4f}",
        )
        for each in paired_tests(modes, split)
    )
    return Table(
        f"Paired test, {split} split",
        ("measure", "n", LEXICAL, SEMANTIC, "difference", "p"),
        rows,
        "p of a two-sided paired randomisation test.",
    )


def _exchanged(
    modes: Modes, split: str, title: str, succeeds: Callable[[Outcome], bool], *, answerable_only: bool
) -> Table:
    moved = exchanges(modes, split, succeeds, answerable_only=answerable_only)
    rows = tuple(
        (
            each.kind,
            str(each.n),
            str(each.n_lexical),
            str(each.n_semantic),
            f"{each.n_semantic - each.n_lexical:+d}",
            str(len(each.gained)),
            str(len(each.lost)),
        )
        for each in moved
    )
    note = f"Gained by {SEMANTIC}: {_ids(moved, 'gained')}. Lost: {_ids(moved, 'lost')}."
    return Table(
        f"{title}, {split} split", ("kind", "n", LEXICAL, SEMANTIC, "difference", "gained", "lost"), rows, note
    )


def _ids(moved: tuple[Exchange, ...], side: str) -> str:
    """The ids that moved, those beyond the first left out; the first row is that for all."""
    ids = getattr(moved[0], side) if moved else ()
    more = f" and {len(ids) - _MAX_IDS} more" if len(ids) > _MAX_IDS else ""
    return (", ".join(ids[:_MAX_IDS]) or "none") + more


def _refusing(split: str, both: Mapping[str, Summary]) -> Table:
    """A row for each figure and for each kind of question without an answer, a column for each mode."""
    names = (REFUSED, WRONGLY_REFUSED, AUROC, AVERAGE_PRECISION, WORDS)
    kinds = both[LEXICAL][split]
    unanswerable = [kind for kind, figures in kinds.items() if kind != ALL and not figures[RANKING_MEASURES[0]].n]
    rows = [
        (name, _n(kinds[ALL].get(name)), *(shown(both[mode][split][ALL].get(name)) for mode in both)) for name in names
    ]
    for kind in unanswerable if len(unanswerable) > 1 else ():
        cells = [shown(both[mode][split][kind].get(REFUSED)) for mode in both]
        rows.append((f"{REFUSED}, {kind}", _n(kinds[kind].get(REFUSED)), *cells))
    return Table(
        f"Refusing, both sides, {split} split",
        ("", "n", *both),
        tuple(rows),
        f"{REFUSED}: of the questions without an answer; {WRONGLY_REFUSED}: of those with one. Each mode decides by "
        "its own threshold. AUROC (0.5 is guessing) and average precision (guessing gives the share of answerable "
        "questions) are those of the confidence, the answerable questions being the positives.",
    )


def _n(figure: Figure | None) -> str:
    return str(figure.n) if figure else "0"


def _false_answers(modes: Modes, split: str) -> Table:
    rows = []
    for each in false_answers(modes, split):
        difference = each.semantic.value - each.lexical.value
        rows.append(
            (
                each.at,
                f"{each.n_answered} of {each.n}",
                shown(each.lexical),
                shown(each.semantic),
                "–" if math.isnan(difference) else f"{difference:+.3f}",
                "–" if each.p is None else f"{each.p:.4f}",
            )
        )
    return Table(
        f"False answers on unanswerable questions at the same answered share, {split} split",
        ("answered", "of those with answer", LEXICAL, SEMANTIC, "difference", "p"),
        tuple(rows),
        "For so many answered questions that have an answer, the share of those without one that is answered too; less "
        "is better. Each mode gets the highest threshold that answers so many; a dash where none does, as questions "
        "whose words are absent are refused by any.",
    )


def _systems(modes: Modes, split: str, both: Mapping[str, Summary]) -> Table:
    rows = []
    for system in modes.systems:
        figures = (both.get(system.name) or summaries(system))[split][ALL]
        cells = [shown(figures.get(name)) for name in (*RANKING_MEASURES, RIGHT, AUROC)]
        rows.append((system.name, str(figures[RANKING_MEASURES[0]].n), *cells))
    return Table(
        f"Modes and baselines, {split} split",
        ("system", "n", *RANKING_MEASURES, RIGHT, AUROC),
        tuple(rows),
        "Baselines rank the same passages and never refuse. n is that of the questions with an answer.",
    )
