import json
from pathlib import Path
from typing import Any

import pytest
from rich.progress import Progress

from eval.errors import EvaluationError
from eval.evaluation import evaluate
from eval.judging import Place
from eval.services import LocalService
from eval.squad import read_squad
from eval.summary import REFUSED, summaries

OIL, TEA = "The crisis began in 1973. It ended a year later.", "Tea came by ship."


def squad(*qas: dict[str, Any]) -> dict[str, Any]:
    """One article of two paragraphs; the questions stand with the second one."""
    paragraphs = [{"context": TEA, "qas": []}, {"context": OIL, "qas": list(qas)}]
    return {"version": "v2.0", "data": [{"title": "Oil_crisis", "paragraphs": paragraphs}]}


def write(folder: Path, content: object) -> Path:
    path = folder / "squad.json"
    path.write_text(json.dumps(content))
    return path


WHEN = {
    "id": "1",
    "question": "When did the crisis begin?",
    "is_impossible": False,
    "answers": [{"text": "1973", "answer_start": 20}, {"text": "1973", "answer_start": 20}],
}
WHO = {"id": "2", "question": "Who grew zebras?", "is_impossible": True, "answers": []}


def test_articles_are_documents_and_paragraphs_passages(tmp_path: Path) -> None:
    read = read_squad(write(tmp_path, squad(WHEN, WHO)))
    assert read.texts == {"000-oil-crisis": f"{TEA}\n\n{OIL}"}
    assert [passage.text for passage in read.engine.passages] == [TEA, OIL]
    assert [passage.span.start for passage in read.engine.passages] == [0, 19]
    assert [span.cut(OIL) for span in read.engine.passages[1].sentences] == OIL.replace(". ", ".|").split("|")


def test_answers_are_places_and_impossible_questions_have_none(tmp_path: Path) -> None:
    when, who = read_squad(write(tmp_path, squad(WHEN, WHO))).judged
    assert when.places == (Place("000-oil-crisis", 39, 43, 2),)
    assert (who.places, who.question.kind) == ((), "unanswerable")


def test_a_squad_file_is_evaluated_on_both_sides(tmp_path: Path) -> None:
    read = read_squad(write(tmp_path, squad(WHEN, WHO)))
    with Progress(disable=True) as progress:
        evaluation = evaluate(LocalService(read.engine), read.judged, read.texts, {}, progress)
    figures = summaries(evaluation.ours)["test"]["all"]
    assert (figures["Success@1"].value, figures[REFUSED].value) == (1.0, 1.0)
    assert evaluation.citations.faults == ()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        pytest.param([], "not in the format", id="no data"),
        pytest.param({"data": [{"title": "x"}]}, "KeyError: 'paragraphs'", id="no paragraphs"),
        pytest.param(
            squad({**WHEN, "answers": [{"text": "1974", "answer_start": 20}]}),
            "does not stand at 20",
            id="moved answer",
        ),
        pytest.param(squad({**WHEN, "answers": []}), "has no answer", id="no answer"),
    ],
)
def test_another_format_is_refused_with_the_reason(tmp_path: Path, content: object, words: str) -> None:
    with pytest.raises(EvaluationError) as caught:
        read_squad(write(tmp_path, content))
    assert words in str(caught.value)
