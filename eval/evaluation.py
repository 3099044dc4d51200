"""A set of judged questions is put to systems; what comes out is one Outcome a question and system.

The first system is the service itself; the others rank the same questions and show what its features are worth.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from rich.progress import Progress

from eval.baselines import BASELINES, Analyze, rank_all
from eval.citations import CitationCheck, check_citations
from eval.judging import (
    Judged,
    Place,
    Qrels,
    Slice,
    answer_qrels,
    answers,
    graded_qrels,
    sentence_answers,
    uncovered,
)
from eval.measures import Run, ranking_measures
from eval.services import LocalService, Reply, Service

OURS = "ours"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one system made of one question.

    `rank` is that of the first passage that answers, None when none of those returned does. `measures` is empty for a
    question without an answer, `reply` is None for a system that only ranks.
    """

    judged: Judged
    rank: int | None
    measures: Mapping[str, float]
    reply: Reply | None = None

    @property
    def is_answered(self) -> bool:
        """Whether the service stood behind an answer."""
        return self.reply is not None and self.reply.status == "answered"

    @property
    def is_right(self) -> bool:
        """Whether it answered with a sentence that answers; for a question without an answer, whether it refused."""
        if not self.judged.places:
            return self.reply is not None and not self.is_answered
        sentence = self.reply.sentence if self.reply else None
        return sentence is not None and sentence_answers(sentence, self.judged)


@dataclass(frozen=True, slots=True)
class System:
    """A name and its outcomes, in the order of the questions."""

    name: str
    outcomes: tuple[Outcome, ...]

    @property
    def run(self) -> dict[str, list[str]]:
        """The passages returned for each question that the documents answer, for export; empty without replies."""
        return {
            outcome.judged.question.id: [passage.id for passage in outcome.reply.passages]
            for outcome in self.outcomes
            if outcome.reply and outcome.judged.places
        }


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Everything measured on one set of questions; `systems` begins with the service itself."""

    fingerprint: str
    n_documents: int
    n_passages: int
    systems: tuple[System, ...]
    graded: Qrels
    answering: Qrels
    uncovered: tuple[tuple[str, Place], ...]
    citations: CitationCheck

    @property
    def ours(self) -> System:
        """The service itself."""
        return self.systems[0]

    @property
    def splits(self) -> tuple[str, ...]:
        """The splits that occur, sorted."""
        return tuple(sorted({outcome.judged.question.split for outcome in self.ours.outcomes}))


def evaluate(
    service: Service,
    judged: Sequence[Judged],
    texts: Mapping[str, str],
    variants: Mapping[str, LocalService],
    progress: Progress,
    *,
    name: str = OURS,
    baselines: Mapping[str, Analyze] = BASELINES,
) -> Evaluation:
    """The service, the `baselines` on its passages, and the `variants` of it, on the same questions.

    `texts` are the canonical texts that citations are checked against; `name` is what the service is called.
    """
    graded = graded_qrels(judged, service.passages)
    answering = answer_qrels(judged, graded)
    ours, replies = _asked(name, service, judged, graded, answering, progress)
    systems = [ours]
    questions = [one.question.question for one in judged]
    for baseline, analyze in progress.track(baselines.items(), description="baselines"):
        rankings = rank_all(analyze, service.passages, questions)
        systems.append(_ranked(baseline, judged, rankings, service.passages, graded, answering))
    for changed, variant in variants.items():
        variant_graded = graded_qrels(judged, variant.passages)
        variant_answering = answer_qrels(judged, variant_graded)
        systems.append(_asked(changed, variant, judged, variant_graded, variant_answering, progress)[0])
    return Evaluation(
        fingerprint=service.fingerprint,
        n_documents=len(service.paths),
        n_passages=len(service.passages),
        systems=tuple(systems),
        graded=graded,
        answering=answering,
        uncovered=tuple((one.question.id, place) for one in judged for place in uncovered(one, service.passages)),
        citations=check_citations(replies, texts),
    )


def _asked(
    name: str, service: Service, judged: Sequence[Judged], graded: Qrels, answering: Qrels, progress: Progress
) -> tuple[System, list[Reply]]:
    """The service's outcomes, and its replies."""
    replies = [service.ask(one.question.question) for one in progress.track(judged, description=name)]
    rankings = [reply.passages for reply in replies]
    return System(name, _outcomes(judged, rankings, replies, graded, answering)), replies


def _ranked(
    name: str,
    judged: Sequence[Judged],
    rankings: Iterable[Sequence[str]],
    passages: Sequence[Slice],
    graded: Qrels,
    answering: Qrels,
) -> System:
    """The outcomes of a system that gives passage ids only."""
    by_id = {passage.id: passage for passage in passages}
    slices = [[by_id[passage_id] for passage_id in ranking] for ranking in rankings]
    return System(name, _outcomes(judged, slices, [None] * len(judged), graded, answering))


def _outcomes(
    judged: Sequence[Judged],
    rankings: Sequence[Sequence[Slice]],
    replies: Sequence[Reply | None],
    graded: Qrels,
    answering: Qrels,
) -> tuple[Outcome, ...]:
    run: Run = {
        one.question.id: [passage.id for passage in ranking]
        for one, ranking in zip(judged, rankings, strict=True)
        if one.places
    }
    measures = ranking_measures(graded, answering, run)
    return tuple(
        Outcome(one, _first_rank(ranking, one), measures.get(one.question.id, {}), reply)
        for one, ranking, reply in zip(judged, rankings, replies, strict=True)
    )


def _first_rank(ranking: Sequence[Slice], judged: Judged) -> int | None:
    return next((rank for rank, passage in enumerate(ranking, start=1) if answers(passage, judged)), None)
