"""Fits how evidence becomes confidence: `python eval/calibrate.py --squad FILE` prints a new calibration file.

It is qa/data/calibration-lexical.toml, and with `--semantic MODEL` qa/data/calibration-semantic.toml.

The questions are the dev half of the project's own set and a file in the format of SQuAD 2.0. Each set is asked of its
own documents, and of those of the other set, which do not answer it: that is how a question about something else looks.
A question succeeds when the first passage answers it. The weights are those of a logistic regression with a ridge
penalty, found by Newton's method (Hastie et al. 2009, section 4.4); evidence that never differs has the weight 0, and
so has evidence whose weight would turn it into its opposite. How well they carry over is measured by cross-validation
in ten folds.
"""

import argparse
import hashlib
import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

# As in evaluate.py: the package this script belongs to is found one folder higher.
sys.path[0] = str(Path(__file__).resolve().parents[1])

from eval.bootstrap import Floats  # noqa: E402 # only found once the path is set
from eval.errors import EvaluationError  # noqa: E402 # as above
from eval.judging import Judged, Slice, answers, locate  # noqa: E402 # as above
from eval.questions import read_questions  # noqa: E402 # as above
from eval.refusing import auroc  # noqa: E402 # as above
from eval.report import progress_bar  # noqa: E402 # as above
from eval.semantic import add_semantic_options, load_semantic  # noqa: E402 # as above
from eval.services import LocalService, read_texts  # noqa: E402 # as above
from eval.sources import CORPUS, QUESTIONS  # noqa: E402 # as above
from eval.squad import read_squad  # noqa: E402 # as above
from qa import Engine, Evidence, QAError  # noqa: E402 # as above

# Of the calibration files; grows with every change of them.
VERSION = 9
NAMES = tuple(field.name for field in fields(Evidence))
# Evidence that speaks for the passage; all other evidence speaks against it.
FOR = ("lead", "meaning", "lexical")
# Evidence that is not used in a mode: in the semantic one what the lexical mode says stands for what is said there of
# the words. With both, fewer of the dev questions without an answer were refused (.44 for .50, SQuAD .27 for .28).
UNUSED: dict[str, tuple[str, ...]] = {"lexical": (), "semantic": ("rarity", "lead", "absent")}
# Each sample's share of the total weight: the own set, SQuAD, and either asked of the documents of the other. The own
# set is the smaller one by far, and has to be heard. Chosen by the dev questions, and by how many of either set the
# documents of the other refuse.
SHARES = (0.3, 0.6, 0.05, 0.05)
RIDGE = 10.0
FOLDS = 10
# The share of the answerable dev questions that are refused.
REFUSED_SHARE = 0.15
# From this share of idf mass on that stands nowhere a question is about something else. Chosen on the dev questions
# among 0.5, 0.55 ... 0.95 by the share of unanswerable questions refused, those on other topics and nonsense first; in
# semantic mode, where other words may mean the same, it is higher.
MAX_ABSENT_SHARE = {"lexical": 0.65, "semantic": 0.9}


@dataclass(frozen=True, slots=True)
class Sample:
    """One row a question that matched anything; those of one `fold` are left out together.

    `is_absent` marks a question that is refused because its words are absent, whatever its confidence.
    """

    evidence: Floats
    succeeded: Floats
    is_answerable: NDArray[np.bool_]
    is_absent: NDArray[np.bool_]
    fold: NDArray[np.int64]


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints the file; 0, or 2 with a sentence when something is broken."""
    parser = argparse.ArgumentParser(description="Prints a new calibration file of qa/data.")
    parser.add_argument("--squad", type=Path, required=True, metavar="FILE", help="a file in the format of SQuAD 2.0")
    add_semantic_options(parser, "calibrate the semantic mode with this model")
    try:
        print(_file(parser.parse_args(arguments)))
    except (EvaluationError, QAError) as error:
        print(f"calibrate: {error}", file=sys.stderr)
        return 2
    return 0


def _file(options: argparse.Namespace) -> str:
    """The calibration file of the mode that the options ask for."""
    semantic = load_semantic(options) if options.semantic else None
    with progress_bar() as progress:
        engine = Engine.from_folder(CORPUS, encode=semantic.encode_for(CORPUS, progress) if semantic else None)
        squad = read_squad(options.squad, semantic.encode_for(options.squad, progress) if semantic else None)
        judged = locate(read_questions(QUESTIONS), read_texts(CORPUS, LocalService(engine).paths), str(QUESTIONS))
        dev = [each for each in judged if each.question.split == "dev"]
        file = options.squad.name
        samples = [
            _sample(engine, progress.track(dev, description="dev questions")),
            _sample(squad.engine, progress.track(squad.judged, description=file)),
            _sample(squad.engine, progress.track(_elsewhere(dev), description=f"dev questions on {file}")),
            _sample(engine, progress.track(_elsewhere(squad.judged), description=f"{file} on {CORPUS.name}")),
        ]
    return calibration_toml(samples, engine.mode, engine.model, engine.corpus.fingerprint)


def _elsewhere(judged: Iterable[Judged]) -> list[Judged]:
    """The questions as asked of documents that do not answer them."""
    return [replace(each, places=()) for each in judged]


def calibration_toml(samples: Sequence[Sample], mode: str, model: str | None, fingerprint: str) -> str:
    """The calibration file that the samples give, with how well it tells in comments.

    They are in the order of SHARES, the first of them questions about the corpus with this `fingerprint`; `mode` and
    `model` answered.
    """
    own, other = samples[:2]
    fitted_on = (
        f"{len(own.fold)} dev questions of eval/questions.jsonl, {len(other.fold)} of SQuAD 2.0 dev, "
        "and either on the documents of the other"
    )
    unused = UNUSED[mode]
    confidences = _left_out(samples, unused)
    reached = [np.where(sample.is_absent, 0.0, each) for sample, each in zip(samples, confidences, strict=True)]
    threshold = float(np.quantile(reached[0][own.is_answerable], REFUSED_SHARE))
    weights = zip(("intercept", *NAMES), fit(samples, unused), strict=True)
    figures = [
        f"# {name}, left out of the fit: {_figures(sample, confidence)}"
        for name, sample, confidence in zip(("dev questions", "SQuAD"), samples, confidences, strict=False)
    ]
    elsewhere = ", ".join(
        f"{(confidence < threshold).mean():.0%} of {len(confidence)} {name}"
        for name, confidence in zip(("dev questions", "of SQuAD"), reached[2:], strict=True)
    )
    without = [
        f"# without {name}: {_answerable(own, less[0])} and {_answerable(other, less[1])}"
        for name in NAMES
        if name not in unused
        for less in [_left_out(samples, (*unused, name))]
    ]
    absent = np.concatenate([own.is_absent, other.is_absent])
    answered = np.concatenate([own.succeeded, other.succeeded])[absent].sum()
    by = f"{mode} mode, model {model}" if model else f"{mode} mode"
    command = "python eval/calibrate.py --squad FILE" + (" --semantic MODEL" if model else "")
    return "\n".join(
        [
            f"# How confidence is computed in {by}: a logistic regression over the Evidence of qa/records.py.",
            f"# Printed by `{command}`; a change of the ranking needs a new fit and a new version.",
            f"version = {VERSION}",
            f'mode = "{mode}"',
            *([f"model = {json.dumps(model, ensure_ascii=False)}"] if model else []),
            f'fitted_on = "{fitted_on}"',
            "# Fingerprints of the corpora on which confidence was compared with judgments.",
            f'measured_on = ["{fingerprint}"]',
            f"# With it {REFUSED_SHARE:.0%} of the answerable dev questions are refused, each left out of the fit.",
            f"threshold = {threshold:.3f}",
            "# At this share of idf mass that stands nowhere the words are absent; chosen on the dev questions.",
            f"max_absent_share = {MAX_ABSENT_SHARE[mode]}",
            f"# The share of such questions, {absent.sum()} of dev and SQuAD, that the first passage answers.",
            f"absent_confidence = {answered / max(1, absent.sum()):.3f}",
            "",
            "[weights]",
            *(f"{name} = {_shown(weight)}" for name, weight in weights),
            "",
            *figures,
            f"# Of those that match anything in the documents of the other, refused: {elsewhere}",
            "# AUROC of answerable on dev questions and SQuAD, left out of the fit, without one kind of evidence:",
            *without,
        ]
    )


def _shown(weight: float) -> str:
    """Three decimals, and no minus before a zero."""
    return f"{round(weight, 3) + 0.0:.3f}"


def _sample(engine: Engine, judged: Iterable[Judged]) -> Sample:
    """What the engine saw of each question; one that matched nothing says nothing about the weights and is left out."""
    rows = []
    for each in judged:
        answer = engine.ask(each.question.question, top_k=1)
        if answer.evidence is None:
            continue
        citation = answer.passages[0].citation
        passage = Slice(citation.document_id, citation.span.start, citation.span.end, citation.quote)
        is_absent = answer.evidence.absent >= MAX_ABSENT_SHARE[engine.mode]
        values = list(asdict(answer.evidence).values())
        rows.append((values, float(answers(passage, each)), bool(each.places), is_absent, _fold(each.question.id)))
    return Sample(*(np.array(column) for column in zip(*rows, strict=True)))


def _fold(question_id: str) -> int:
    """The same fold in every run, whatever the order of the questions."""
    return hashlib.sha256(question_id.encode()).digest()[0] % FOLDS


def _left_out(samples: Sequence[Sample], unused: Sequence[str]) -> list[Floats]:
    """For each sample the confidence of its questions by a fit on the folds they are not in."""
    confidences = [np.empty(len(sample.fold)) for sample in samples]
    for fold in range(FOLDS):
        weights = fit([_rows(sample, sample.fold != fold) for sample in samples], unused)
        for sample, confidence in zip(samples, confidences, strict=True):
            left_out = sample.fold == fold
            confidence[left_out] = _probability(sample.evidence[left_out], weights)
    return confidences


def _rows(sample: Sample, kept: NDArray[np.bool_]) -> Sample:
    return Sample(*(getattr(sample, field.name)[kept] for field in fields(Sample)))


def fit(samples: Sequence[Sample], unused: Sequence[str] = ()) -> Floats:
    """The intercept and the weights that make the samples most likely, each counting by its share in SHARES.

    The weight is exactly 0 of evidence that is `unused`, of evidence that is the same for every question, and of what
    would speak for the passage where it must speak against it, or the other way round: other evidence says that better.
    """
    signs = np.array([1.0 if name in FOR else -1.0 for name in NAMES])
    used = np.array([name not in unused for name in NAMES])
    while True:
        weights = _fit([replace(sample, evidence=sample.evidence * used) for sample in samples])
        wrong = weights[1:] * signs < 0
        if not wrong.any():
            return weights
        used &= ~wrong


def _fit(samples: Sequence[Sample]) -> Floats:
    """The weights that make the samples most likely, whatever their signs."""
    evidence = np.vstack([sample.evidence for sample in samples])
    succeeded = np.concatenate([sample.succeeded for sample in samples])
    counts = np.concatenate(
        [
            np.full(len(sample.succeeded), share * len(succeeded) / len(sample.succeeded))
            for sample, share in zip(samples, SHARES, strict=True)
        ]
    )
    differs = np.ptp(evidence, axis=0) > 0
    mean = np.where(differs, evidence.mean(axis=0), evidence[0])
    spread = np.where(differs, evidence.std(axis=0), 1.0)
    columns = np.column_stack([np.ones(len(evidence)), (evidence - mean) / spread])
    penalty = np.diag([0.0, *([RIDGE] * len(NAMES))])
    weights = np.zeros(columns.shape[1])
    for _ in range(50):
        probability = 1 / (1 + np.exp(-columns @ weights))
        gradient = columns.T @ (counts * (probability - succeeded)) + penalty @ weights
        curvature = (columns * (counts * probability * (1 - probability))[:, None]).T @ columns + penalty
        weights = weights - np.linalg.solve(curvature, gradient)
    scaled = weights[1:] / spread
    fitted: Floats = np.concatenate([[weights[0] - scaled @ mean], scaled])
    return fitted


def _probability(evidence: Floats, weights: Floats) -> Floats:
    probability: Floats = 1 / (1 + np.exp(-(weights[0] + evidence @ weights[1:])))
    return probability


def _figures(sample: Sample, confidence: Floats) -> str:
    """How well the confidence tells answerable from unanswerable, and first passages that answer from others."""
    answered = sample.succeeded > 0
    succeeded = auroc(list(confidence[answered]), list(confidence[~answered])).value
    return f"AUROC of answerable {_answerable(sample, confidence)}, AUROC of first passage answers {succeeded:.3f}"


def _answerable(sample: Sample, confidence: Floats) -> str:
    """How well the confidence tells the answerable questions, in three decimals."""
    yes = sample.is_answerable
    return f"{auroc(list(confidence[yes]), list(confidence[~yes])).value:.3f}"


if __name__ == "__main__":
    sys.exit(main())
