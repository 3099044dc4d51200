"""An Evaluation becomes three pictures: success by kind, precision against the share answered, and reliability.

SVG with text kept as text, without a date and with fixed ids, so that the same numbers give the same file.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure as Picture
from matplotlib.layout_engine import ConstrainedLayoutEngine

from eval.bootstrap import Figure, mean
from eval.evaluation import Evaluation, Outcome
from eval.measures import RANKING_MEASURES
from eval.summary import summaries

PLOTS = (
    ("success-by-kind.svg", "Success by kind of question"),
    ("precision.svg", "Precision against the share answered"),
    ("reliability.svg", "Reliability of the confidence"),
)

_STYLE: Any = {
    "svg.hashsalt": "eval",
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans", "Verdana", "Arial"],
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.edgecolor": "#888888",
    "axes.axisbelow": True,
    "grid.color": "#dddddd",
    "figure.facecolor": "white",
    "legend.frameon": False,
}
_COLOURS: Mapping[str, str] = {"dev": "#e69f00", "test": "#0072b2"}  # told apart by colour-blind people (Okabe & Ito)
_N_BINS = 10


def write_plots(folder: Path, evaluation: Evaluation) -> None:
    """Writes PLOTS into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    with mpl.rc_context(_STYLE):
        for (file, _), draw, size in zip(
            PLOTS, (_success_by_kind, _precision, _reliability), ((8.5, 5.6), (6.4, 4.4), (8.5, 4.4)), strict=True
        ):
            picture = Picture(figsize=size, layout=ConstrainedLayoutEngine(w_pad=0.12, h_pad=0.12))
            draw(picture, evaluation)
            picture.savefig(folder / file, metadata={"Date": None, "Creator": None})


def _success_by_kind(picture: Picture, evaluation: Evaluation) -> None:
    """A bar for each kind and split, Success@1 with its interval, and a tick where Success@5 is."""
    axes = picture.add_subplot()
    ours = summaries(evaluation.ours)
    kinds = [kind for kind, figures in next(iter(ours.values())).items() if figures[RANKING_MEASURES[0]].n]
    height = 0.8 / len(ours)
    for number, (split, by_kind) in enumerate(ours.items()):
        places = np.arange(len(kinds)) + (number - (len(ours) - 1) / 2) * height
        first = [by_kind[kind]["Success@1"] for kind in kinds]
        values = [figure.value for figure in first]
        colour = _colour(split)
        axes.barh(places, values, height * 0.92, color=colour, alpha=0.75, label=f"{split}, first passage (Success@1)")
        axes.errorbar(values, places, xerr=_spread(first), fmt="none", ecolor="#333333", elinewidth=0.8)
        fifth = [by_kind[kind]["Success@5"].value for kind in kinds]
        axes.plot(
            fifth,
            places,
            "D",
            color=colour,
            markeredgecolor="#333333",
            markersize=5,
            linestyle="none",
            label=f"{split}, one of the first five (Success@5)",
        )
    axes.set_yticks(np.arange(len(kinds)), kinds)
    axes.invert_yaxis()
    axes.set_xlim(0, 1.02)
    axes.set_xlabel("share of questions answered by a passage, with 95 % interval")
    axes.set_title(PLOTS[0][1])
    axes.grid(axis="x")
    axes.legend(loc="upper center", bbox_to_anchor=(0.45, -0.11), ncols=2, fontsize=9)


def _precision(picture: Picture, evaluation: Evaluation) -> None:
    """For each threshold of the confidence: the share of all questions answered, and how many of those are right."""
    axes = picture.add_subplot()
    for split in evaluation.splits:
        outcomes = _of(evaluation, split)
        outcomes.sort(key=lambda outcome: -_confidence(outcome))
        shares, precisions = [], []
        n_right = 0
        for number, outcome in enumerate(outcomes, start=1):
            n_right += outcome.rank == 1
            if number == len(outcomes) or _confidence(outcomes[number]) < _confidence(outcome):
                shares.append(number / len(outcomes))
                precisions.append(n_right / number)
        axes.step(shares, precisions, where="post", color=_colour(split), label=split)
        answered = [outcome for outcome in outcomes if outcome.is_answered]
        if answered:
            axes.plot(
                len(answered) / len(outcomes),
                sum(outcome.rank == 1 for outcome in answered) / len(answered),
                "o",
                color=_colour(split),
                markeredgecolor="#333333",
                label=f"{split}, as the service decides",
            )
    axes.set_xlim(0, 1.02)
    axes.set_ylim(0, 1.02)
    axes.set_xlabel("share of all questions answered, most confident first")
    axes.set_ylabel("of these, first passage answers")
    axes.set_title(PLOTS[1][1])
    axes.grid()
    axes.legend(loc="lower left", fontsize=9)


def _reliability(picture: Picture, evaluation: Evaluation) -> None:
    """For ten bins of the confidence: how often the first passage answers; on the diagonal it is what it says."""
    for number, split in enumerate(evaluation.splits, start=1):
        axes = picture.add_subplot(1, len(evaluation.splits), number)
        axes.plot([0, 1], [0, 1], color="#888888", linewidth=1, linestyle="--", label="confidence is what it says")
        bins: dict[int, list[Outcome]] = {}
        for outcome in _of(evaluation, split):
            bins.setdefault(min(_N_BINS - 1, int(_confidence(outcome) * _N_BINS)), []).append(outcome)
        groups = [group for _, group in sorted(bins.items())]
        confidences = [sum(map(_confidence, group)) / len(group) for group in groups]
        figures = [mean([float(outcome.rank == 1) for outcome in group]) for group in groups]
        values = [figure.value for figure in figures]
        axes.errorbar(confidences, values, yerr=_spread(figures), fmt="o-", color=_colour(split), elinewidth=0.8)
        for confidence, figure in zip(confidences, figures, strict=True):
            place = (confidence, figure.value)
            axes.annotate(str(figure.n), place, textcoords="offset points", xytext=(6, -11), fontsize=8)
        axes.set_xlim(-0.02, 1.06)
        axes.set_ylim(-0.06, 1.04)
        axes.set_xlabel("mean confidence of the bin")
        axes.set_ylabel("first passage answers")
        axes.set_title(f"{PLOTS[2][1]}, {split}" if number == 1 else split)
        axes.grid()
        axes.legend(loc="upper left", fontsize=9)
    picture.supxlabel(
        "The number beside a point is that of its questions; the line through it its 95 % interval.", fontsize=9
    )


def _spread(figures: Sequence[Figure]) -> Any:
    """How far the interval of each figure reaches down, and how far up, as matplotlib wants it."""
    spread = [[figure.value - figure.low for figure in figures], [figure.high - figure.value for figure in figures]]
    return np.maximum(np.asarray(spread), 0)


def _colour(split: str) -> str:
    return _COLOURS.get(split, "#0072b2")


def _of(evaluation: Evaluation, split: str) -> list[Outcome]:
    return [outcome for outcome in evaluation.ours.outcomes if outcome.judged.question.split == split]


def _confidence(outcome: Outcome) -> float:
    return outcome.reply.confidence if outcome.reply else 0.0
