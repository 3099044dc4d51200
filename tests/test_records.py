import dataclasses

import pytest

from qa.records import Answer, AnswerSentence, Citation, Passage, QueryTerm, Span


@pytest.mark.parametrize(("start", "end"), [(0, 0), (3, 3), (4, 3), (-1, 2)])
def test_a_span_is_never_empty_nor_before_the_text(start: int, end: int) -> None:
    with pytest.raises(ValueError, match=f"not {start} and {end}"):
        Span(start, end)


def test_a_span_cuts_its_slice() -> None:
    assert Span(4, 7).cut("the oil price") == "oil"


def test_a_moved_span_cuts_the_same_slice_from_a_longer_text() -> None:
    assert Span(4, 7).moved(9).cut("Turkey's the oil price") == "oil"


def test_spans_are_ordered_by_start_then_end() -> None:
    assert sorted([Span(5, 6), Span(1, 9), Span(1, 2)]) == [Span(1, 2), Span(1, 9), Span(5, 6)]


def test_a_record_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Span(0, 1).start = 1  # type: ignore[misc]


def test_a_passage_is_named_by_its_document_and_its_place() -> None:
    passage = Passage("guide/oil", Span(10, 14), "Oil.", (Span(0, 4),))
    assert passage.id == "guide/oil:10-14"


def test_a_passage_whose_text_is_not_as_long_as_its_span_is_refused() -> None:
    with pytest.raises(ValueError, match="guide:10-15 is 4 code points long"):
        Passage("guide", Span(10, 15), "Oil.", (Span(0, 4),))


@pytest.mark.parametrize("weight", [0, -0.5, 1.01, float("nan")])
def test_a_query_term_weighs_more_than_nothing_and_at_most_one(weight: float) -> None:
    with pytest.raises(ValueError, match="weight of query term 'oil'"):
        QueryTerm("oil", weight, "term", "oil")


def cited(quote: str, span: Span) -> Citation:
    return Citation("guide", "Guide", None, None, None, None, None, span, 1, quote, "", "", "0" * 64)


def test_a_quote_that_is_not_as_long_as_its_span_is_refused() -> None:
    with pytest.raises(ValueError, match="guide"):
        cited("Oil.", Span(0, 5))


def test_an_answer_without_a_sentence_is_refused() -> None:
    with pytest.raises(ValueError, match="a sentence and no reason"):
        Answer("Oil?", "answered", None, 1.0, None, (), ())


def test_an_answer_with_a_reason_to_abstain_is_refused() -> None:
    sentence = AnswerSentence("guide:0-4", Span(0, 4), cited("Oil.", Span(0, 4)))
    with pytest.raises(ValueError, match="a sentence and no reason"):
        Answer("Oil?", "answered", "no_match", 1.0, sentence, (), ())


def test_an_abstention_without_a_reason_is_refused() -> None:
    with pytest.raises(ValueError, match="a reason and no sentence"):
        Answer("Oil?", "abstained", None, 0.0, None, (), ())


@pytest.mark.parametrize("confidence", [-0.1, 1.1, float("nan")])
def test_a_confidence_outside_zero_to_one_is_refused(confidence: float) -> None:
    with pytest.raises(ValueError, match="confidence"):
        Answer("Oil?", "abstained", "no_match", confidence, None, (), ())
