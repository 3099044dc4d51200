import math
from pathlib import Path

import pytest

from eval.bootstrap import Figure
from eval.errors import EvaluationError
from eval.gate import Expected, Record, judge, new_record, one_question, read_record, record_toml
from eval.summary import GATED

TODAY = {gated.name: Figure(0.5, 100, 0.4, 0.6) for gated in GATED}


def changed(name: str, value: float) -> dict[str, Figure]:
    return {**TODAY, name: Figure(value, 100, 0.0, 1.0)}


@pytest.fixture
def record() -> Record:
    """Every figure 0.5 on 100 questions, so each may fall by 0.01."""
    return new_record(TODAY, "corpus", "questions", "abc", None)


def test_the_same_figures_pass(record: Record) -> None:
    verdict = judge(record, TODAY, "corpus", "questions")
    assert (verdict.falls, verdict.rises) == ((), ())


def test_a_fall_within_the_tolerance_passes(record: Record) -> None:
    verdict = judge(record, changed("Success@1", 0.49), "corpus", "questions")
    assert (verdict.falls, verdict.rises) == ((), ())


@pytest.mark.parametrize("name", [gated.name for gated in GATED if gated.more_is_better])
def test_a_fall_beyond_the_tolerance_fails_and_is_named(record: Record, name: str) -> None:
    verdict = judge(record, changed(name, 0.48), "corpus", "questions")
    assert verdict.falls == (f"{name} 0.5000 -> 0.4800, worse by more than 0.01",)


def test_more_wrong_refusals_are_a_fall_and_fewer_a_rise(record: Record) -> None:
    assert judge(record, changed("wrongly refused", 0.6), "corpus", "questions").falls
    assert judge(record, changed("wrongly refused", 0.4), "corpus", "questions").rises == (
        "wrongly refused 0.5000 -> 0.4000",
    )


def test_a_rise_asks_to_be_recorded_and_passes(record: Record) -> None:
    verdict = judge(record, changed("RR@10", 0.51), "corpus", "questions")
    assert (verdict.falls, verdict.rises) == ((), ("RR@10 0.5000 -> 0.5100",))


@pytest.mark.parametrize(("fingerprint", "questions"), [("other", "questions"), ("corpus", "other")])
def test_figures_of_another_corpus_or_other_questions_are_not_compared(
    record: Record, fingerprint: str, questions: str
) -> None:
    with pytest.raises(EvaluationError, match="not the one the figures were recorded for"):
        judge(record, TODAY, fingerprint, questions)


def test_a_figure_that_was_never_recorded_asks_to_be(record: Record) -> None:
    figures = {name: expected for name, expected in record.figures.items() if name != "AUROC"}
    verdict = judge(Record("corpus", "questions", "abc", figures), TODAY, "corpus", "questions")
    assert (verdict.falls, verdict.rises) == ((), ("AUROC has a value for the first time: 0.5000",))


def test_a_figure_without_a_value_any_more_fell(record: Record) -> None:
    verdict = judge(record, changed("sentence accuracy", math.nan), "corpus", "questions")
    assert [fall.split(" -> ")[0] for fall in verdict.falls] == ["sentence accuracy 0.5000"]


@pytest.mark.parametrize("figures", [{}, {"Success@7": Expected(0.5, 0.1)}], ids=["none", "unknown"])
def test_recorded_figures_that_are_not_measured_are_broken(figures: dict[str, Expected]) -> None:
    with pytest.raises(EvaluationError, match="not those measured"):
        judge(Record("corpus", "questions", "abc", figures), TODAY, "corpus", "questions")


def test_figures_without_a_value_are_not_recorded() -> None:
    assert "AUROC" not in new_record(changed("AUROC", math.nan), "corpus", "questions", "abc", None).figures


def test_a_record_is_read_as_it_was_written(record: Record, tmp_path: Path) -> None:
    path = tmp_path / "expected.toml"
    path.write_text(record_toml(record), encoding="utf-8")
    assert read_record(path) == record


def test_a_new_record_keeps_the_tolerances_of_the_old_one(record: Record) -> None:
    newer = new_record(changed("RR@10", 0.75432), "corpus", "questions", "def", record)
    assert newer.figures["RR@10"].value == 0.7543
    assert {name: expected.tolerance for name, expected in newer.figures.items()} == {
        name: expected.tolerance for name, expected in record.figures.items()
    }


@pytest.mark.parametrize(("n", "expected"), [(100, 0.01), (120, 0.009), (65, 0.016), (0, 1.0)])
def test_a_figure_may_fall_by_one_question(n: int, expected: float) -> None:
    assert one_question(n) == expected


@pytest.mark.parametrize(
    "text",
    ["", "fingerprint = 1", '[test]\n"RR@10" = { value = 0.5 }', "= broken"],
    ids=["empty", "half", "no tolerance", "TOML"],
)
def test_a_broken_record_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "expected.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(EvaluationError, match="record"):
        read_record(path)
