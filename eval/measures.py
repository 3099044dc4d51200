"""A ranking becomes numbers: the measures of the ir-measures library, question by question.

Query, qrels, run and measure are kept apart as ir-measures has them. Questions that the run leaves out count 0.
"""

from collections.abc import Mapping, Sequence

import ir_measures
from ir_measures import RR, Success, nDCG

from eval.judging import Qrels

RANKING_MEASURES = ("Success@1", "Success@3", "Success@5", "RR@10", "nDCG@10")

# Passage ids, best first, keyed by question id.
Run = Mapping[str, Sequence[str]]


def score_run(run: Run) -> dict[str, dict[str, float]]:
    """The run with the score 1/rank for each passage.

    With its own scores, passages of equal score would be put into another order than the service gave them.
    """
    return {
        question_id: {passage_id: 1 / rank for rank, passage_id in enumerate(ranking, start=1)}
        for question_id, ranking in run.items()
    }


def ranking_measures(graded: Qrels, answering: Qrels, run: Run) -> dict[str, dict[str, float]]:
    """The five RANKING_MEASURES of every question in the qrels, keyed by question id.

    Success and RR count the passages of the answering qrels; nDCG takes its gains from the graded ones.
    """
    scored = score_run(run)
    values = {question_id: dict.fromkeys(RANKING_MEASURES, 0.0) for question_id in graded}
    for measures, qrels in (((Success @ 1, Success @ 3, Success @ 5, RR @ 10), answering), ((nDCG @ 10,), graded)):
        for metric in ir_measures.iter_calc(measures, qrels, scored):
            values[metric.query_id][str(metric.measure)] = float(metric.value)
    return values
