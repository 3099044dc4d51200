"""Everyday questions: what a service refuses of what no document answers, and what it answers all the same."""

import json
from pathlib import Path

import pytest

from eval import cli
from eval.errors import EvaluationError
from eval.everyday import Everyday, ask_everyday, everyday_json, everyday_rows, everyday_tables
from eval.questions import read_questions
from eval.report import everyday_markdown, progress_bar
from eval.services import LocalService
from eval.sources import CORPUS, EVERYDAY, QUESTIONS, Source
from qa import Engine

LINES = """
{"id": "a", "kind": "other-topic", "question": "Who baked the bread?", "evidence": []}
{"id": "b", "kind": "other-topic", "question": "Who sold the tea?", "evidence": []}
{"id": "c", "kind": "nonsense", "question": "qwop zzt", "evidence": []}
{"id": "d", "kind": "nonsense", "question": "Who sold what is sold again?", "evidence": []}
"""


@pytest.fixture
def asked(tmp_path: Path) -> Everyday:
    folder = tmp_path / "documents"
    folder.mkdir()
    text = "Mary Miller sold the tea in 1840.\n\nNobody bought rice.\n\nSugar was bought by Joan Hill, and sold again."
    (folder / "tea.txt").write_text(text, encoding="utf-8")
    file = tmp_path / "everyday.jsonl"
    file.write_text(LINES, encoding="utf-8")
    with progress_bar() as progress:
        (everyday,) = ask_everyday(file, {"tea": LocalService(Engine.from_folder(folder))}, progress)
    return everyday


def test_the_share_refused_is_that_of_all_and_of_each_kind(asked: Everyday) -> None:
    assert {kind: (figure.value, figure.n) for kind, figure in asked.refused.items()} == {
        "all": (0.5, 4),
        "other-topic": (0.5, 2),
        "nonsense": (0.5, 2),
    }
    assert everyday_json([asked])["tea"]["other-topic"]["value"] == 0.5


def test_what_was_answered_is_listed_the_surest_first(asked: Everyday) -> None:
    refused, answered = everyday_tables([asked])
    assert refused.rows[0][:2] == ("tea", "4")
    assert {row[0] for row in answered.rows} == {"Who sold the tea?", "Who sold what is sold again?"}
    sure, doubtful = (question for question, _ in asked.asked[1::2])
    by_hand = Everyday("by hand", ((doubtful, 0.2), (sure, 0.9), (sure, None)))
    assert by_hand.answered == [(0.9, sure.question), (0.2, doubtful.question)]
    page = everyday_markdown("questions here", [asked])
    assert "## Answered all the same, tea" in page
    assert "\n\n\n" not in page
    rows = [json.loads(line) for line in everyday_rows([asked]).splitlines()]
    assert [(row["documents"], row["id"], row["confidence"] is None) for row in rows] == [
        ("tea", "a", True),
        ("tea", "b", False),
        ("tea", "c", True),
        ("tea", "d", False),
    ]


def test_the_command_asks_the_everyday_questions_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "tea.txt").write_text("Mary Miller sold the tea in 1840.", encoding="utf-8")
    own = {"id": "own", "question": "Who sold the tea?", "evidence": [
        {"document": "tea", "quote": "Mary Miller sold the tea in 1840.", "grade": 2}]}  # fmt: skip
    (tmp_path / "own.jsonl").write_text(json.dumps(own), encoding="utf-8")
    (tmp_path / "everyday.jsonl").write_text(LINES, encoding="utf-8")
    for name, path in (
        ("CORPUS", folder),
        ("QUESTIONS", tmp_path / "own.jsonl"),
        ("EVERYDAY", tmp_path / "everyday.jsonl"),
        ("EXPECTED", tmp_path / "expected.toml"),
    ):
        monkeypatch.setattr(cli, name, path)
    monkeypatch.setattr(cli, "second_source", lambda title, _: Source(title, tmp_path / "no", tmp_path / "no", None))
    results = tmp_path / "results"
    assert cli.main(["--results", str(results), "--record"]) == 0
    assert "Everyday questions" in capsys.readouterr().out
    written = json.loads((results / "everyday" / "results.json").read_text(encoding="utf-8"))
    assert [figures["all"]["n"] for figures in written["refused"].values()] == [4]
    assert len((results / "everyday" / "questions.jsonl").read_text(encoding="utf-8").splitlines()) == 4
    (tmp_path / "everyday.jsonl").unlink()
    assert cli.main(["--results", str(results)]) == 2
    assert "everyday.jsonl: cannot be read" in capsys.readouterr().err


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
