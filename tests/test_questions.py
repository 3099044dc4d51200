"""A question as typed becomes words with weights; nothing here knows a corpus."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa import questions
from qa.records import Question, Word

WEAK, ASIDE = 0.4, 0.5


def read(text: str, max_terms: int = 64) -> Question:
    return questions.read(text, max_terms, WEAK, ASIDE)


def weights(text: str) -> dict[str, float]:
    """The words of the question as typed, with what they weigh, in order."""
    return {word.text: word.weight for word in read(text).words}


def test_a_question_is_read_whole() -> None:
    assert read("How many “Popular” soldiers took U.S. oil?") == Question(
        "How many “Popular” soldiers took U.S. oil?",
        (
            Word("mani", "many", WEAK, is_weak=True, start=4),
            Word("popular", "Popular", 1.0, is_literal=True, is_name=True, start=10),
            Word("soldier", "soldiers", 1.0, start=19),
            Word("took", "took", WEAK, is_weak=True, start=28),
            Word("us", "U.S.", 1.0, is_name=True, start=33),
            Word("oil", "oil", 1.0, start=38),
        ),
        "number",
        frozenset(),
    )


def test_capitals_say_nothing_where_all_is_capitals() -> None:
    assert [word.is_name for word in read("WHO BOMBED BAGHDAD IN 1991").words] == [False, False, True]
    assert [word.is_name for word in read("Who bombed Baghdad in 1991").words] == [False, True, True]


@pytest.mark.parametrize("text", ["", " ", "?!", "“", '"' * 1_000, "who is it", "😀"], ids=repr)
def test_a_question_of_no_searchable_word_has_none(text: str) -> None:
    question = read(text)
    assert (question.text, question.words, question.counted) == (text, (), frozenset())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("When was oil sold?", {"oil": 1.0, "sold": 1.0}),
        ("What happened to oil?", {"happened": WEAK, "oil": 1.0}),
        ("After the war ended, who sold oil?", {"war": ASIDE, "ended": ASIDE, "sold": 1.0, "oil": 1.0}),
        # The clause behind an aside takes the question up again, the aside does not.
        (
            "Who sold oil, black gold, cheaply, the rogue?",
            {"sold": 1.0, "oil": 1.0, "black": ASIDE, "gold": ASIDE, "cheaply": 1.0, "rogue": ASIDE},
        ),
        ("Oil, is it sold?", {"Oil": ASIDE, "sold": 1.0}),
        ("oil, gas; coal", {"oil": 1.0, "gas": 1.0, "coal": 1.0}),
        # Both weak and outside the clause that asks: 0.4 * 0.5.
        ("As things happened, who sold oil?", {"things": 0.2, "happened": 0.2, "sold": 1.0, "oil": 1.0}),
        ("In what year did oil sales begin?", {"year": WEAK, "oil": 1.0, "sales": 1.0, "begin": 1.0}),
        ("Which year was it the year of oil?", {"year": 1.0, "oil": 1.0}),
        ("How many of the 5,000 troops left?", {"many": WEAK, "5,000": 1.0, "troops": 1.0, "left": 1.0}),
        ("Why did the 10:30 train stop?", {"10": 1.0, "30": 1.0, "train": 1.0, "stop": 1.0}),
        ("Who led the U.S.–Iraq talks?", {"led": 1.0, "U.S.": 1.0, "Iraq": 1.0, "talks": 1.0}),
        ("Who founded it, and what was found?", {"founded": 1.0}),
        ("What is found?", {"found": WEAK}),
    ],
    ids=[
        *("one clause", "a weak word", "an aside first", "resumed", "yes or no", "no question"),
        *("weak and aside", "a kind of answer", "a kind that matters too", "thousands", "a time", "a dash within"),
        *("founded is not found", "found is weak"),
    ],
)
def test_a_word_weighs_by_what_it_is_and_where_it_stands(text: str, expected: dict[str, float]) -> None:
    assert weights(text) == pytest.approx(expected)
    assert list(weights(text)) == list(expected)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Who led Iraq in 2014?", ["Iraq", "2014"]),
        ("Iraq was led by whom?", []),
        (" Oil from Basra", ["Basra"]),
        ("who led iraq", []),
        ("2014 elections", ["2014"]),
    ],
    ids=["inside", "the first word has its capital anyway", "after a blank", "no capitals", "a figure in front"],
)
def test_a_name_or_a_figure_is_told_by_how_it_is_written(text: str, names: list[str]) -> None:
    assert [word.text for word in read(text).words if word.is_name] == names


@pytest.mark.parametrize(("text", "expected"), [("Who did not sign?", True), ("Who signed?", False)])
def test_a_question_may_ask_for_what_is_not_so(text: str, expected: bool) -> None:
    assert read(text).negates is expected


def test_a_word_that_stands_twice_counts_once_with_its_better_weight() -> None:
    assert weights("With oil at hand, who buys oil or OIL?") == {"oil": 1.0, "hand": ASIDE, "buys": 1.0}


@pytest.mark.parametrize(
    ("text", "literal"),
    [
        ('who said "free oil" now', ["free", "oil"]),
        ("who said “free oil” now", ["free", "oil"]),
        ('who said "free oil now', []),
        ('"free" oil "now', ["free"]),
        ('who said "" oil', []),
        ("who said 'free oil' now", []),
        ('free the "free" oil', ["free"]),
        ('the "free" and the free', ["free"]),
    ],
    ids=["straight", "curly", "never closed", "closed once", "empty", "apostrophes", "plain before", "plain behind"],
)
def test_a_word_in_quotation_marks_means_only_itself(text: str, literal: list[str]) -> None:
    assert [word.text for word in read(text).words if word.is_literal] == literal


@pytest.mark.parametrize(
    ("text", "counted"),
    [
        ("How many American troops left?", {"american", "troop"}),
        ("HOW MUCH oil is sold?", {"oil"}),
        ("how many", set()),
        ("Who counts the troops?", set()),
    ],
    ids=["two words", "one and a stop word", "nothing", "no count"],
)
def test_what_is_counted_are_the_two_words_behind_how_many(text: str, counted: set[str]) -> None:
    assert read(text).counted == counted


def test_the_first_words_are_kept_when_there_are_too_many() -> None:
    assert [word.text for word in read("oil gas oil coal wood", max_terms=3).words] == ["oil", "gas", "coal"]
    assert read("oil", max_terms=0).words == ()


def test_compatibility_forms_are_read_as_what_they_stand_for() -> None:
    question = read("ＨＯＷ ｍａｎｙ ｔｒｏｏｐｓ")
    assert (question.text, question.wanted) == ("ＨＯＷ ｍａｎｙ ｔｒｏｏｐｓ", "number")
    assert question.counted == {"troop"}
    assert [word.text for word in question.words] == ["many", "troops"]


@given(
    st.text(max_size=200)
    | st.lists(st.sampled_from(["who", "oil", "say", ",", "“", '"', " ", "(", "1,0"])).map("".join)
)
def test_any_text_is_read_into_distinct_words_that_weigh_something(text: str) -> None:
    question = read(text, max_terms=5)
    terms = [word.term for word in question.words]
    assert question.text == text
    assert len(terms) == len(set(terms)) <= 5
    assert {word.weight for word in question.words} <= {1.0, WEAK, ASIDE, WEAK * ASIDE}
