"""Everyday questions: what a service refuses of what no document answers, and what it answers all the same."""

from pathlib import Path

import pytest

from eval.errors import EvaluationError
from eval.everyday import Everyday, ask_everyday, everyday_json, everyday_tables
from eval.questions import read_questions
from eval.report import everyday_markdown, progress_bar
from eval.services import LocalService
from eval.sources import CORPUS, EVERYDAY, QUESTIONS
from qa import Engine

LINES = """
{"id": "a", "kind": "other-topic", "question": "Who baked the bread?", "evidence": []}
{"id": "b", "kind": "other-topic", "question": "Who sold the tea?", "evidence": []}
{"id": "c", "kind": "nonsense", "question": "qwop zzt", "evidence": []}
"""


@pytest.fixture
def asked(tmp_path: Path) -> Everyday:
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "tea.txt").write_text("Mary Miller sold the tea in 1840.\n\nNobody bought rice.", encoding="utf-8")
    file = tmp_path / "everyday.jsonl"
    file.write_text(LINES, encoding="utf-8")
    with progress_bar() as progress:
        (everyday,) = ask_everyday(file, {"tea": LocalService(Engine.from_folder(folder))}, progress)
    return everyday


def test_the_share_refused_is_that_of_all_and_of_each_kind(asked: Everyday) -> None:
    assert {kind: (round(figure.value, 3), figure.n) for kind, figure in asked.refused.items()} == {
        "all": (0.667, 3),
        "other-topic": (0.5, 2),
        "nonsense": (1.0, 1),
    }
    assert everyday_json([asked])["tea"]["other-topic"]["value"] == 0.5


def test_what_was_answered_is_listed_with_its_confidence(asked: Everyday) -> None:
    refused, answered = everyday_tables([asked])
    assert refused.rows[0][:2] == ("tea", "3")
    assert [row[0] for row in answered.rows] == ["Who sold the tea?"]
    assert 0 < asked.answered[0][0] < 1
    page = everyday_markdown("questions here", [asked])
    assert "## Answered all the same, tea" in page
    assert "\n\n\n" not in page


def test_a_question_with_evidence_is_refused_by_its_line(tmp_path: Path) -> None:
    file = tmp_path / "everyday.jsonl"
    line = '{"id": "a", "question": "Who?", "evidence": [{"document": "a", "quote": "b", "grade": 2}]}'
    file.write_text(f"\n{line}\n", encoding="utf-8")
    with progress_bar() as progress, pytest.raises(EvaluationError, match=r"everyday\.jsonl, line 2: no document"):
        ask_everyday(file, {}, progress)


def test_no_everyday_question_is_one_of_the_judged_ones() -> None:
    judged = {question.question.casefold() for question in read_questions(QUESTIONS)}
    everyday = {question.question.casefold() for question in read_questions(EVERYDAY)}
    assert len(everyday) == 400
    assert not everyday & judged


def test_the_three_documents_refuse_nine_in_ten() -> None:
    with progress_bar() as progress:
        (everyday,) = ask_everyday(EVERYDAY, {"corpus": LocalService(Engine.from_folder(CORPUS))}, progress)
    assert everyday.refused["all"].value > 0.9
