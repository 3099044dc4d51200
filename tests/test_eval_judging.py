import pytest

from eval.judging import (
    Judged,
    Place,
    Slice,
    answer_qrels,
    answers,
    graded_qrels,
    locate,
    sentence_answers,
    uncovered,
)
from eval.questions import Evidence, Question


def judged(*places: Place) -> Judged:
    evidence = tuple(Evidence(place.document_id, "x", place.grade) for place in places)
    return Judged(Question("q", "k", "dev", "Why?", evidence, line=1), places)


def piece(start: int, end: int, document_id: str = "a") -> Slice:
    return Slice(document_id, start, end, "x" * (end - start))


def test_a_quote_that_stands_twice_gives_two_places() -> None:
    question = Question("q", "k", "dev", "Why?", (Evidence("a", "aa", 1),), line=1)
    assert locate([question], {"a": "aaa b"}, "q.jsonl")[0].places == (Place("a", 0, 2, 1), Place("a", 1, 3, 1))


@pytest.mark.parametrize(
    ("passage", "expected"),
    [
        pytest.param(piece(0, 15), True, id="half of the evidence"),
        pytest.param(piece(0, 14), False, id="one character less"),
        pytest.param(piece(0, 100), True, id="all of it"),
        pytest.param(piece(12, 18), True, id="six of ten, from within"),
        pytest.param(piece(20, 30), False, id="beside it"),
        pytest.param(piece(0, 100, "b"), False, id="another document"),
    ],
)
def test_a_passage_answers_when_it_covers_half_of_the_evidence(passage: Slice, expected: bool) -> None:
    assert answers(passage, judged(Place("a", 10, 20, 2))) is expected


def test_partial_evidence_answers_only_where_there_is_no_full_one() -> None:
    partial, full = Place("a", 0, 10, 1), Place("a", 50, 60, 2)
    assert answers(piece(0, 10), judged(partial))
    assert not answers(piece(0, 10), judged(partial, full))
    assert not answers(piece(0, 10), judged())


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        pytest.param(piece(60, 115), True, id="a long one with 15 of the 30 characters"),
        pytest.param(piece(60, 114), False, id="a long one with 14 of them"),
        pytest.param(piece(95, 105), True, id="a short one, 5 of its 10 characters in the evidence"),
        pytest.param(piece(94, 104), False, id="a short one, 4 of its 10"),
    ],
)
def test_a_sentence_answers_when_half_of_the_shorter_is_shared(sentence: Slice, expected: bool) -> None:
    assert sentence_answers(sentence, judged(Place("a", 100, 130, 2))) is expected


def test_qrels_keep_evidence_that_no_passage_covers() -> None:
    one = judged(Place("a", 0, 10, 1), Place("a", 90, 100, 2))
    passages = [piece(0, 50), piece(50, 94)]
    assert uncovered(one, passages) == (Place("a", 90, 100, 2),)
    graded = graded_qrels([one, Judged(Question("none", "k", "dev", "?", (), 2), ())], passages)
    assert graded == {"q": {"a:0-50": 1, "a:90-100": 2}}
    assert answer_qrels([one], graded) == {"q": {"a:90-100": 1}}


def test_a_passage_has_the_best_grade_of_what_it_covers() -> None:
    one = judged(Place("a", 0, 10, 1), Place("a", 20, 30, 2))
    assert graded_qrels([one], [piece(0, 50)]) == {"q": {"a:0-50": 2}}
