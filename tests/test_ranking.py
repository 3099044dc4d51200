import pytest

from qa import Passage, Span
from qa.ranking import Candidate, rank
from qa.records import Hit


def candidate(document_id: str, start: int, score: float, *sentence_scores: float) -> Candidate:
    """A passage of two sentences, `Oil.` and `Gas.`, of which the first ones have these scores."""
    passage = Passage(document_id, Span(start, start + 9), "Oil. Gas.", (Span(0, 4), Span(5, 9)))
    matched = zip(passage.sentences, sentence_scores, strict=False)
    return Candidate(passage, Hit(0, score), tuple((span, Hit(0, each)) for span, each in matched))


def test_nothing_is_ranked_as_nothing() -> None:
    assert rank([]) == ()


def test_the_best_score_stands_first() -> None:
    ranking = rank([candidate("a", 0, 1.0, 1.0), candidate("b", 0, 9.0, 1.0), candidate("c", 0, 5.0, 1.0)])
    assert [ranked.candidate.passage.document_id for ranked in ranking] == ["b", "c", "a"]


def test_equal_scores_stand_in_the_order_of_document_and_start() -> None:
    tied = [candidate("b", 0, 2.0, 1.0), candidate("a", 50, 2.0, 1.0), candidate("a", 9, 2.0, 1.0)]
    expected = ["a:9-18", "a:50-59", "b:0-9"]
    assert [ranked.candidate.passage.id for ranked in rank(tied)] == expected
    assert [ranked.candidate.passage.id for ranked in rank(reversed(tied))] == expected


@pytest.mark.parametrize(
    ("scores", "best"),
    [((1.0, 2.0), Span(5, 9)), ((2.0, 1.0), Span(0, 4)), ((1.0, 1.0), Span(0, 4)), ((), Span(0, 4))],
    ids=["the later one", "the earlier one", "a tie", "only the heading matched"],
)
def test_the_best_sentence_is_the_one_with_the_best_score(scores: tuple[float, ...], best: Span) -> None:
    (ranked,) = rank([candidate("a", 0, 3.0, *scores)])
    assert ranked.best_sentence == best


def test_the_score_is_that_of_the_hit_and_all_factors() -> None:
    for ranked in rank([candidate("a", 0, 3.0, 1.0), candidate("b", 0, 2.0)]):
        total = ranked.candidate.hit.score + sum(factor.contribution for factor in ranked.factors)
        assert ranked.score == pytest.approx(total, abs=1e-9)
        for factor in ranked.factors:
            assert factor.contribution == pytest.approx(factor.weight * factor.value, abs=1e-9)
