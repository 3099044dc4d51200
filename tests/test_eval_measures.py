import math
from pathlib import Path
from typing import Any

import ir_measures
import pytest
from ir_measures import RR, Success, nDCG

from eval.bootstrap import Figure, mean
from eval.compare import Change, changes, compare, randomisation_p
from eval.measures import RANKING_MEASURES, ranking_measures
from eval.refusing import auroc, average_precision, best_threshold
from eval.results import Ranks
from eval.trec import qrels_lines, run_lines

GRADED = {"q1": {"a": 2, "b": 1}, "q2": {"c": 1}, "q3": {"d": 2}}
ANSWERING = {"q1": {"a": 1}, "q2": {"c": 1}, "q3": {"d": 1}}
RUN = {"q1": ["b", "x", "a"], "q2": ["c", "y"]}


def test_ranking_measures_are_those_worked_out_by_hand() -> None:
    # q1: a stands third, so Success@1 is 0, Success@3 is 1, RR is 1/3.
    #     DCG  = 1/log2(2) + 2/log2(4) = 1 + 1 = 2;  ideal = 2/log2(2) + 1/log2(3) = 2 + 0.63093 = 2.63093.
    # q2: c stands first, everything is 1.  q3 is not in the run, everything is 0.
    values = ranking_measures(GRADED, ANSWERING, RUN)
    assert values["q1"] == pytest.approx(
        {"Success@1": 0, "Success@3": 1, "Success@5": 1, "RR@10": 1 / 3, "nDCG@10": 2 / 2.63093}, abs=1e-5
    )
    assert values["q2"] == dict.fromkeys(RANKING_MEASURES, 1.0)
    assert values["q3"] == dict.fromkeys(RANKING_MEASURES, 0.0)


def test_ranking_measures_agree_with_ir_measures_on_the_exported_files(tmp_path: Path) -> None:
    def qrels(text: str) -> Any:
        path = tmp_path / "qrels"
        path.write_text(text)
        return list(ir_measures.read_trec_qrels(str(path)))  # type: ignore[no-untyped-call]  # it ships no types

    (tmp_path / "run").write_text(run_lines(RUN, "ours"))
    run = list(ir_measures.read_trec_run(str(tmp_path / "run")))  # type: ignore[no-untyped-call]  # as above
    graded, answer = qrels(qrels_lines(GRADED)), qrels(qrels_lines(ANSWERING))
    theirs = ir_measures.calc_aggregate([Success @ 1, Success @ 3, Success @ 5, RR @ 10], answer, run)
    theirs |= ir_measures.calc_aggregate([nDCG @ 10], graded, run)
    ours = ranking_measures(GRADED, ANSWERING, RUN).values()
    for measure, value in theirs.items():
        assert sum(values[str(measure)] for values in ours) / len(ours) == pytest.approx(value, abs=1e-9), measure


def test_a_run_is_exported_with_the_score_one_over_rank() -> None:
    assert run_lines({"q2": ["c"], "q1": ["b", "a"]}, "ours") == (
        "q1 Q0 b 1 1.000000 ours\nq1 Q0 a 2 0.500000 ours\nq2 Q0 c 1 1.000000 ours\n"
    )


def test_the_interval_of_a_constant_is_the_constant() -> None:
    assert mean([0.25] * 8) == Figure(0.25, 8, 0.25, 0.25)


def test_the_interval_of_a_mean_is_about_two_standard_errors_wide() -> None:
    # 50 of 100: the standard error is sqrt(0.5 * 0.5 / 100) = 0.05, so the interval is near 0.5 - 0.098, 0.5 + 0.098.
    figure = mean([0.0, 1.0] * 50)
    assert (figure.value, figure.n) == (0.5, 100)
    assert figure.low == pytest.approx(0.402, abs=0.015)
    assert figure.high == pytest.approx(0.598, abs=0.015)


def test_the_mean_of_nothing_has_no_value() -> None:
    figure = mean([])
    assert figure.n == 0
    assert math.isnan(figure.value)


def test_auroc_counts_pairs_and_half_of_the_ties() -> None:
    # Pairs: .9 over .5 and .1; .5 ties with .5, over .1; .3 under .5, over .1. That is (2 + 1.5 + 1) of 6.
    assert auroc([0.9, 0.5, 0.3], [0.5, 0.1]).value == pytest.approx(4.5 / 6)


@pytest.mark.parametrize(
    ("positives", "negatives", "expected"),
    [
        pytest.param([1.0, 0.9], [0.1, 0.2], 1.0, id="apart"),
        pytest.param([0.1, 0.2], [1.0, 0.9], 0.0, id="the wrong way round"),
        pytest.param([0.5, 0.5], [0.5, 0.5], 0.5, id="all alike"),
    ],
)
def test_auroc_and_its_interval_agree_where_there_is_no_doubt(
    positives: list[float], negatives: list[float], expected: float
) -> None:
    assert auroc(positives, negatives) == Figure(expected, 4, expected, expected)


def test_average_precision_is_the_one_worked_out_by_hand() -> None:
    # From above: .9 right, precision 1, recall 1/3; .5 one right and one wrong, a single step: precision 2/3,
    # recall 2/3; .3 right: precision 3/4, recall 1. Sum of the gains: 1/3 * (1 + 2/3 + 3/4) = 29/36.
    assert average_precision([0.9, 0.5, 0.3], [0.5, 0.1]).value == pytest.approx(29 / 36)


def test_average_precision_of_equal_scores_is_the_share_of_positives() -> None:
    # Resampling draws as many of each as there are, so that the interval has no width.
    assert average_precision([0.5] * 3, [0.5]) == Figure(0.75, 4, 0.75, 0.75)


def test_the_best_threshold_gains_most_on_both_sides() -> None:
    # At .4 both negatives are refused and one of three positives: 1 - 1/3. At .2: 1/2 - 0. At .9: 1 - 2/3.
    best = best_threshold([0.9, 0.4, 0.2], [0.3, 0.1])
    assert best is not None
    assert best.value == 0.4
    assert best.refused.value == 1.0
    assert best.wrongly_refused.value == pytest.approx(1 / 3)


def test_one_sided_questions_have_no_figure_of_refusing() -> None:
    assert math.isnan(auroc([0.5], []).value)
    assert math.isnan(average_precision([], [0.5]).value)
    assert best_threshold([0.5], []) is None


def test_the_randomisation_test_tries_every_sign_of_few_differences() -> None:
    # Three differences of +1: of the eight sign flips only +++ and --- have a mean as far from 0, so p = 2/8.
    assert randomisation_p([1, 1, 1, 0, 0]) == 0.25
    # +1 +1 -1 has the sum 1, and every flip has a sum of at least 1 in size.
    assert randomisation_p([1, 1, -1]) == 1.0
    assert randomisation_p([0, 0]) == 1.0


def test_the_randomisation_test_draws_signs_for_many_differences() -> None:
    # 20 differences of +1: by chance once in 2^19, so none of 100,000 draws is likely to be as far: 1/100,001 at least.
    assert 1 / 100_001 <= randomisation_p([1.0] * 20) < 0.001
    # Ten up and ten down: the sum is 0, and every draw is as far from it.
    assert randomisation_p([1.0, -1.0] * 10) == 1.0


def test_a_comparison_names_the_questions_gained_and_lost() -> None:
    a = Ranks("a", {"q1": 1, "q2": 4, "q3": None, "q4": 1}, {})
    b = Ranks("b", {"q1": 2, "q2": 1, "q3": 12, "q4": 1}, {})
    ids = ["q1", "q2", "q3", "q4"]
    assert changes(a.ranks, b.ranks, ids) == (Change("q2", 4, 1), Change("q1", 1, 2))
    by_measure = {each.measure: (each.n, each.mean_a, each.mean_b) for each in compare(a, b, ids)}
    assert by_measure == {
        "Success@1": (4, 0.5, 0.5),
        "Success@3": (4, 0.5, 0.75),
        "Success@5": (4, 0.75, 0.75),
        "RR@10": (4, (1 + 1 / 4 + 0 + 1) / 4, (1 / 2 + 1 + 0 + 1) / 4),
    }
