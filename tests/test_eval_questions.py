import json
from collections import Counter
from pathlib import Path

import pytest

from eval.errors import EvaluationError, QuestionFileError
from eval.judging import locate
from eval.questions import Evidence, Question, read_questions
from eval.services import read_texts
from qa import Engine

GOOD = {
    "id": "q1",
    "kind": "number",
    "split": "dev",
    "question": "How much?",
    "evidence": [{"document": "a", "quote": "ten", "grade": 2}],
}
ANSWERABLE = "keyword natural paraphrase alias number who-said why-how list scoped distractor sloppy multi".split()
UNANSWERABLE = "near-miss false-premise other-topic nonsense".split()


@pytest.fixture(scope="module")
def own(root: Path) -> tuple[Question, ...]:
    """The project's own questions."""
    return read_questions(root / "eval" / "questions.jsonl")


def write(folder: Path, *lines: object) -> Path:
    path = folder / "q.jsonl"
    path.write_text("".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines))
    return path


def test_a_question_is_read_with_every_field(tmp_path: Path) -> None:
    path = write(tmp_path, "", {**GOOD, "note": "checked"})
    assert read_questions(path) == (
        Question("q1", "number", "dev", "How much?", (Evidence("a", "ten", 2),), line=2, note="checked"),
    )


def test_kind_split_and_note_may_be_left_out(tmp_path: Path) -> None:
    path = write(tmp_path, {"id": "x", "question": "Why?", "evidence": []})
    assert read_questions(path) == (Question("x", "unanswerable", "test", "Why?", (), line=1),)


@pytest.mark.parametrize(
    ("line", "field", "words"),
    [
        pytest.param("{", "", "is not JSON", id="not JSON"),
        pytest.param("[1]", "", "must be a JSON object", id="not an object"),
        pytest.param({"question": "Why?", "evidence": []}, "id", "is missing", id="no id"),
        pytest.param({**GOOD, "id": "a b"}, "id", "no blanks", id="blank in id"),
        pytest.param({**GOOD, "id": 7}, "id", "must be a string", id="id is a number"),
        pytest.param({**GOOD, "question": " "}, "question", "not blank", id="blank question"),
        pytest.param({**GOOD, "split": "train"}, "split", "one of dev, test", id="unknown split"),
        pytest.param({**GOOD, "note": None}, "note", "must be a string", id="note is null"),
        pytest.param({**GOOD, "evidense": []}, "evidense", "is unknown", id="unknown field"),
        pytest.param({**GOOD, "evidence": "ten"}, "evidence", "must be a list", id="evidence is a string"),
        pytest.param({**GOOD, "evidence": ["ten"]}, "evidence[0]", "must be an object", id="evidence holds a string"),
        pytest.param(
            {**GOOD, "evidence": [{"document": "a", "grade": 1}]}, "evidence[0].quote", "is missing", id="no quote"
        ),
        pytest.param(
            {**GOOD, "evidence": [{"document": "a", "quote": "ten", "grade": 3}]},
            "evidence[0].grade",
            "must be 1",
            id="grade of 3",
        ),
        pytest.param(
            {**GOOD, "evidence": [{"document": "a", "quote": "ten", "grade": True}]},
            "evidence[0].grade",
            "must be 1",
            id="grade is true",
        ),
        pytest.param(
            {**GOOD, "evidence": [{"document": "a", "quote": "ten", "grade": 1, "page": 3}]},
            "evidence[0].page",
            "is unknown",
            id="unknown field of evidence",
        ),
        pytest.param(GOOD, "id", "stands in line 1 already", id="id twice"),
    ],
)
def test_e7_a_malformed_question_is_refused_with_file_line_and_field(
    tmp_path: Path, line: object, field: str, words: str
) -> None:
    path = write(tmp_path, GOOD, line)
    with pytest.raises(QuestionFileError) as caught:
        read_questions(path)
    assert [(fault.line, fault.field) for fault in caught.value.faults] == [(2, field)]
    assert str(caught.value).startswith(f"{path}:2: ")
    assert words in str(caught.value)


def test_e7_every_fault_is_named_at_once(tmp_path: Path) -> None:
    path = write(tmp_path, "{", GOOD, {**GOOD, "id": "q2", "kind": "", "split": "x"})
    with pytest.raises(QuestionFileError) as caught:
        read_questions(path)
    assert [(fault.line, fault.field) for fault in caught.value.faults] == [(1, ""), (3, "kind"), (3, "split")]


def test_e8_a_file_without_a_question_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EvaluationError, match="holds no question"):
        read_questions(write(tmp_path, ""))


@pytest.mark.parametrize(
    ("document", "quote", "field"),
    [
        pytest.param("b", "ten", "evidence[0].document", id="document"),
        pytest.param("a", "Ten", "evidence[0].quote", id="quote"),
    ],
)
def test_evidence_that_stands_nowhere_is_refused_with_line_and_field(document: str, quote: str, field: str) -> None:
    question = Question("q", "k", "dev", "How much?", (Evidence(document, quote, 2),), line=4)
    with pytest.raises(QuestionFileError) as caught:
        locate([question], {"a": "It is ten."}, "q.jsonl")
    assert [(fault.line, fault.field) for fault in caught.value.faults] == [(4, field)]


def test_every_quote_of_our_own_set_stands_exactly_where_it_says(
    own: tuple[Question, ...], engine: Engine, corpus_folder: Path
) -> None:
    texts = read_texts(corpus_folder, {document.id: document.path for document in engine.corpus.documents})
    judged = locate(own, texts, "eval/questions.jsonl")
    for one in judged:
        assert {texts[place.document_id][place.start : place.end] for place in one.places} == {
            evidence.quote for evidence in one.question.evidence
        }
    assert sum(len(one.places) for one in judged) >= 352


def test_our_own_set_has_200_answerable_and_100_unanswerable_questions_of_every_kind(own: tuple[Question, ...]) -> None:
    assert {question.kind for question in own if question.is_answerable} == set(ANSWERABLE)
    assert {question.kind for question in own if not question.is_answerable} == set(UNANSWERABLE)
    counts = Counter(question.kind for question in own)
    n_answerable = sum(counts[kind] for kind in ANSWERABLE)
    assert n_answerable >= 200
    assert sum(counts[kind] for kind in UNANSWERABLE) >= 100
    assert max(UNANSWERABLE, key=lambda kind: counts[kind]) == "near-miss"
    fair_share = n_answerable / len(ANSWERABLE)
    assert all(abs(counts[kind] - fair_share) <= 0.25 * fair_share for kind in ANSWERABLE), counts


def test_the_split_of_our_own_set_is_half_and_half_within_each_kind(own: tuple[Question, ...]) -> None:
    for kind in (*ANSWERABLE, *UNANSWERABLE):
        counts = Counter(question.split for question in own if question.kind == kind)
        assert abs(counts["dev"] - counts["test"]) <= 1, kind


def test_no_question_of_our_own_set_is_asked_twice(own: tuple[Question, ...]) -> None:
    asked = Counter(question.question.casefold() for question in own)
    assert [question for question, n in asked.items() if n > 1] == []
