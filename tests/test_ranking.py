"""Candidates become one order, and every number of it can be told."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa import Passage, QueryTerm, Span
from qa.ranking import Candidate, Found, Ranked, Weights, factors, rank
from qa.records import AnswerType, Factor, Hit, Question, Sentence, Word

# "military" was added for "army"; the values are what the index would say.
WORDS = (Word("oil", "oil", 1.0), Word("armi", "army", 1.0), Word("war", "war", 1.0))
QUERY = (
    QueryTerm("oil", 1.0, "term", "oil"),
    QueryTerm("armi", 1.0, "term", "army"),
    QueryTerm("war", 1.0, "term", "war"),
    QueryTerm("militari", 0.5, "synonym", "army"),
)
VALUES = {"oil": 2.0, "armi": 3.0, "war": 1.0, "militari": 1.5}
WEIGHTS = Weights(sentence=0.5, coverage=2.0, closeness=4.0, answer_type=3.0, counted=1.0, source=5.0)


def question(wanted: AnswerType | None = None, counted: frozenset[str] = frozenset()) -> Question:
    return Question("?", WORDS, wanted, counted)


def sentence(
    start: int, terms: str = "", kinds: frozenset[AnswerType] = frozenset(), numbered: frozenset[str] = frozenset()
) -> Sentence:
    return Sentence(Span(start, start + 4), tuple(terms.split()), kinds, numbered)


def candidate(
    document_id: str, start: int, score: float, *sentences: tuple[Sentence, float], is_from_source: bool = False
) -> Candidate:
    """A passage of two sentences, `Oil.` and `Gas.`, of which ranking knows what is given."""
    passage = Passage(document_id, Span(start, start + 9), "Oil. Gas.", (Span(0, 4), Span(5, 9)))
    known = sentences or ((sentence(0), 0.0), (sentence(5), 0.0))
    return Candidate(passage, Hit(0, score), known, is_from_source)


def ranked(*candidates: Candidate, asked: Question | None = None, weights: Weights = WEIGHTS) -> tuple[Ranked, ...]:
    return rank(asked or question(), QUERY, VALUES, candidates, weights)


def found(terms: str, asked: Question | None = None, score: float = 0.25, **known: frozenset[AnswerType]) -> Found:
    """What was found in a sentence of these terms."""
    (only,) = ranked(candidate("a", 0, 1.0, (sentence(0, terms, **known), score)), asked=asked)
    return only.found


def test_nothing_is_ranked_as_nothing() -> None:
    assert ranked() == ()


def test_the_best_score_stands_first() -> None:
    ranking = ranked(candidate("a", 0, 1.0), candidate("b", 0, 9.0), candidate("c", 0, 5.0))
    assert [(each.candidate.passage.document_id, each.score) for each in ranking] == [("b", 9), ("c", 5), ("a", 1)]


def test_equal_scores_stand_in_the_order_of_document_and_start() -> None:
    tied = [candidate("b", 0, 2.0), candidate("a", 50, 2.0), candidate("a", 9, 2.0)]
    expected = ["a:9-18", "a:50-59", "b:0-9"]
    assert [each.candidate.passage.id for each in ranked(*tied)] == expected
    assert [each.candidate.passage.id for each in ranked(*reversed(tied))] == expected


@pytest.mark.parametrize(
    ("scores", "best"),
    [((1.0, 2.0), Span(5, 9)), ((2.0, 1.0), Span(0, 4)), ((1.0, 1.0), Span(0, 4)), ((0.0, 0.0), Span(0, 4))],
    ids=["the later one", "the earlier one", "a tie", "only the heading matched"],
)
def test_the_best_sentence_is_the_one_with_the_best_score(scores: tuple[float, float], best: Span) -> None:
    first, second = scores
    (only,) = ranked(candidate("a", 0, 3.0, (sentence(0), first), (sentence(5), second)))
    assert only.best_sentence.span == best


def test_one_sentence_with_the_rare_words_together_beats_one_that_repeats_a_frequent_word() -> None:
    repeats = candidate("a", 0, 3.0, (sentence(0, "war war war war"), 1.5))
    together = candidate("b", 0, 2.0, (sentence(0, "oil armi"), 1.0))
    # a: 3 + 0.5 * 1.5 + 2 * 1 = 5.75; b: 2 + 0.5 * 1 + 2 * (2 + 3) + 4 * min(2, 3) = 20.5
    assert [(each.candidate.passage.document_id, each.score) for each in ranked(repeats, together)] == [
        ("b", 20.5),
        ("a", 5.75),
    ]


def test_a_sentence_that_shares_no_term_is_no_evidence() -> None:
    holds_a_date = (sentence(5, "", frozenset({"date"})), 0.0)
    (only,) = ranked(candidate("a", 0, 1.0, (sentence(0), 0.0), holds_a_date), asked=question("date"))
    assert (only.best_sentence.span, only.found, only.score) == (Span(0, 4), Found(), 1.0)


@pytest.mark.parametrize(
    ("terms", "coverage"),
    [
        ("gas", 0.0),
        ("oil", 2.0),
        ("oil oil oil", 2.0),
        ("oil gas militari", 3.5),
        ("militari armi", 3.0),
        ("armi militari", 3.0),
        ("war militari oil armi", 6.0),
    ],
    ids=["nothing", "one", "repeated", "by a synonym", "the better name last", "the better name first", "all"],
)
def test_a_sentence_covers_each_word_once_by_its_best_term(terms: str, coverage: float) -> None:
    assert found(terms).coverage == coverage


@pytest.mark.parametrize(
    ("terms", "closeness"),
    [
        ("oil armi", 2.0),
        ("armi oil", 1.0),
        ("oil gas armi", 0.5),
        ("oil gas gas armi", 1 / 3),
        ("oil gas gas gas armi", 0.0),
        ("oil war", 0.5),
        ("armi militari", 0.0),
        ("oil armi oil armi", 3.0),
        ("oil gas militari oil", 1.125),
    ],
    ids=[
        *("in order", "turned round", "one between", "two between", "three between", "a word of the question left out"),
        *("one word under two names", "each pair once", "by a synonym"),
    ],
)
def test_neighbouring_words_count_by_the_lesser_one_and_their_distance(terms: str, closeness: float) -> None:
    # Behind one another as in the question: min(2, 3) = 2. Otherwise half of it, over the distance: 2 * 0.5 / 1 = 1,
    # 2 * 0.5 / 2 = 0.5, 2 * 0.5 / 3. Two pairs, oil-army and army-oil: 2 + 1 = 3.
    # By the synonym: min(2, 1.5) * 0.5 / 2 + 1.5 * 0.5 / 1 = 0.375 + 0.75 = 1.125.
    assert found(terms).closeness == pytest.approx(closeness, abs=1e-12)


@pytest.mark.parametrize(
    ("wanted", "kinds", "answer_type"),
    [("date", {"date", "place"}, 1.0), ("date", {"place"}, 0.0), (None, {"date"}, 0.0), ("date", set(), 0.0)],
    ids=["found", "another", "none is asked for", "none is found"],
)
def test_the_kind_of_answer_asked_for_counts_when_it_is_found(
    wanted: AnswerType | None, kinds: set[AnswerType], answer_type: float
) -> None:
    assert found("oil", question(wanted), kinds=frozenset(kinds)).answer_type == answer_type


@pytest.mark.parametrize(
    ("wanted", "numbered", "expected"),
    [("number", "armi", 1.0), ("number", "militari", 1.0), ("number", "oil", 0.0), ("money", "armi", 0.0)],
    ids=["the word", "its synonym", "another word", "no number is asked for"],
)
def test_a_number_of_what_is_counted_counts(wanted: AnswerType, numbered: str, expected: float) -> None:
    asked = question(wanted, counted=frozenset({"armi"}))
    (only,) = ranked(candidate("a", 0, 1.0, (sentence(0, "oil", numbered=frozenset({numbered})), 0.25)), asked=asked)
    assert only.found.counted == expected


def test_the_source_asked_for_is_preferred_and_the_others_stay() -> None:
    ranking = ranked(candidate("a", 0, 3.0), candidate("b", 0, 1.0, is_from_source=True))
    assert [(each.candidate.passage.document_id, each.score) for each in ranking] == [("b", 6.0), ("a", 3.0)]


def test_the_factors_name_what_was_found() -> None:
    known = sentence(0, "2 oil armi", frozenset({"number"}), frozenset({"oil", "armi"}))
    (only,) = ranked(
        candidate("a", 0, 1.0, (known, 0.25), is_from_source=True), asked=question("number", frozenset({"armi"}))
    )
    assert [factor for factor in factors(only, WEIGHTS) if factor.value] == [
        Factor("best sentence", 0.25, 0.5, 0.125),
        Factor("words covered by it", 5.0, 2.0, 10.0),
        Factor("words close together", 2.0, 4.0, 8.0),
        Factor("kind of answer asked for", 1.0, 3.0, 3.0),
        Factor("number of what is counted", 1.0, 1.0, 1.0),
        Factor("source asked for", 1.0, 5.0, 5.0),
    ]
    assert only.score == 1 + 0.125 + 10 + 8 + 3 + 1 + 5


WEIGHT = st.floats(0, 10)
SENTENCES = st.lists(st.lists(st.sampled_from(["gas", *VALUES])).map(" ".join), min_size=1, max_size=3)


@given(st.builds(Weights, *[WEIGHT] * 8), SENTENCES, st.floats(0, 100), st.booleans())
def test_the_score_is_that_of_the_hit_and_all_factors(
    weights: Weights, sentences: list[str], score: float, is_from_source: bool
) -> None:
    known = [(sentence(place, terms), float(terms != "gas")) for place, terms in enumerate(sentences)]
    (only,) = ranked(candidate("a", 0, score, *known, is_from_source=is_from_source), weights=weights)
    made = factors(only, weights)
    assert only.score == pytest.approx(score + sum(factor.contribution for factor in made), abs=1e-9)
    assert all(factor.contribution == factor.weight * factor.value >= 0 for factor in made)
    assert only.best_sentence in [each for each, _ in known]
