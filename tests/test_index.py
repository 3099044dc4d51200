import math
from collections import Counter
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa import Engine, QueryTerm
from qa.analysis import terms
from qa.index import Index
from qa.records import MatchKind

K1, B = 1.2, 0.75


def index_of(*units: str) -> Index:
    return Index([unit.split() for unit in units], K1, B)


def query(*words: str, weight: float = 1.0) -> list[QueryTerm]:
    return [QueryTerm(word, weight, "term", word) for word in words]


def test_scores_are_those_worked_by_hand() -> None:
    # N = 3, lengths 2, 3 and 1, avgdl = 2.
    # idf(oil)  = ln(1 + (3 - 2 + 0.5) / (2 + 0.5)) = ln(1.6)     = 0.470004
    # idf(army) = ln(1 + (3 - 1 + 0.5) / (1 + 0.5)) = ln(2.66667) = 0.980829
    # unit 0, oil:  1 * 2.2 / (1 + 1.2 * (0.25 + 0.75 * 2/2)) = 2.2 / 2.2  = 1         -> 0.470004
    # unit 1, oil:  2 * 2.2 / (2 + 1.2 * (0.25 + 0.75 * 3/2)) = 4.4 / 3.65 = 1.205479  -> 0.566580
    # unit 2, army: 1 * 2.2 / (1 + 1.2 * (0.25 + 0.75 * 1/2)) = 2.2 / 1.75 = 1.257143  -> 1.233042
    index = index_of("oil price", "oil export oil", "army")
    hits = index.search(query("oil", "army"))
    assert [hit.unit for hit in hits] == [2, 1, 0]
    assert [hit.score for hit in hits] == pytest.approx([1.233042, 0.566580, 0.470004], abs=1e-6)
    (explained,) = index.explain(query("oil", "army"), 1)
    assert (explained.query_term.term, explained.tf) == ("oil", 2)
    assert [explained.idf, explained.length_factor] == pytest.approx([0.470004, 1.205479], abs=1e-6)


def bm25(units: Sequence[Sequence[str]], words: Sequence[str]) -> dict[int, float]:
    """Lucene's BM25 as its formula is written, for the units that hold one of the words."""
    avgdl = sum(map(len, units)) / len(units)
    scores: dict[int, float] = {}
    for word in words:
        df = sum(word in unit for unit in units)
        for number, unit in enumerate(units):
            if word in unit:
                tf = Counter(unit)[word]
                idf = math.log(1 + (len(units) - df + 0.5) / (df + 0.5))
                factor = tf * (K1 + 1) / (tf + K1 * (1 - B + B * len(unit) / avgdl))
                scores[number] = scores.get(number, 0.0) + idf * factor
    return scores


def test_scores_on_the_corpus_are_those_of_the_formula(engine: Engine) -> None:
    units = [[term.text for term in terms(passage.text)] for passage in engine.passages]
    index = Index(units, K1, B)
    words = sorted({word for unit in units for word in unit})
    assert len(words) > 300
    for word in words:
        found = {hit.unit: hit.score for hit in index.search(query(word))}
        assert found == pytest.approx(bm25(units, [word]), abs=1e-9)


UNITS = st.lists(st.lists(st.sampled_from("abcdef"), max_size=8), max_size=8)


@given(UNITS, st.lists(st.sampled_from("abcdefg"), unique=True))
def test_a_search_is_the_formula_a_match_a_shared_term_and_the_explanation_its_sum(
    units: list[list[str]], words: list[str]
) -> None:
    index = Index(units, K1, B)
    hits = index.search(query(*words))
    assert {hit.unit: hit.score for hit in hits} == pytest.approx(bm25(units, words) if units else {}, abs=1e-9)
    assert {hit.unit for hit in hits} == {number for number, unit in enumerate(units) if set(unit) & set(words)}
    assert all(hit.score > 0 for hit in hits)
    assert list(hits) == sorted(hits, key=lambda hit: (-hit.score, hit.unit))
    for hit in hits:
        explained = index.explain(query(*words), hit.unit)
        assert sum(score.contribution for score in explained) == pytest.approx(hit.score, abs=1e-9)
        for score in explained:
            product = score.query_term.weight * score.idf * score.length_factor
            assert score.contribution == pytest.approx(product, abs=1e-9)
            assert score.tf == units[hit.unit].count(score.query_term.term) > 0


@pytest.mark.parametrize("n_units", [1, 2, 3, 10])
def test_c3_a_term_in_every_unit_still_scores_above_nothing(n_units: int) -> None:
    index = index_of(*["oil"] * n_units)
    hits = index.search(query("oil"))
    assert [hit.unit for hit in hits] == list(range(n_units))
    assert all(hit.score > 0 for hit in hits)


def test_c4_three_short_units_that_share_a_word_stand_in_the_right_order() -> None:
    index = index_of("oil gas coal", "oil", "oil oil")
    assert [hit.unit for hit in index.search(query("oil"))] == [2, 1, 0]


def test_units_with_equal_scores_stand_in_the_order_of_their_numbers() -> None:
    index = index_of("gas", "oil", "oil", "gas", "oil")
    assert [hit.unit for hit in index.search(query("oil"))] == [1, 2, 4]


@pytest.mark.parametrize("units", [[], [[]], [[], []]], ids=str)
def test_c2_an_index_without_a_term_finds_nothing(units: list[list[str]]) -> None:
    index = Index(units, K1, B)
    assert index.search(query("oil")) == ()
    assert (index.n_units, index.df("oil")) == (len(units), 0)


def test_a_unit_without_terms_keeps_its_number() -> None:
    index = index_of("", "oil", "")
    assert [hit.unit for hit in index.search(query("oil"))] == [1]
    assert index.explain(query("oil"), 0) == ()


def test_q2_a_term_that_no_unit_holds_matches_nothing() -> None:
    index = index_of("oil", "gas")
    assert index.search(query("pizza")) == ()
    assert index.search(()) == ()


def test_among_restricts_the_hits_and_leaves_the_scores() -> None:
    index = index_of("oil", "oil gas", "oil oil")
    everywhere = {hit.unit: hit for hit in index.search(query("oil"))}
    assert index.search(query("oil"), among={0, 1}) == (everywhere[0], everywhere[1])
    assert index.search(query("oil"), among=set()) == ()


def test_a_weight_scales_what_its_term_gives() -> None:
    index = index_of("oil", "gas", "coal")
    (whole,) = index.search(query("oil"))
    (half,) = index.search(query("oil", weight=0.5))
    assert half.score == pytest.approx(whole.score / 2, abs=1e-12)
    assert index.explain(query("oil", weight=0.5), 0)[0].contribution == half.score


def added(term: str, source: str, weight: float = 0.5, kind: MatchKind = "synonym") -> QueryTerm:
    return QueryTerm(term, weight, kind, source)


def test_a_word_counts_once_in_a_unit_by_its_best_term() -> None:
    # N = 3, all of length 2 = avgdl, so that each term that stands once has a length factor of 2.2 / 2.2 = 1.
    # idf(army) = idf(troops) = ln(1 + 2.5/1.5) = ln(8/3) = 0.980829, df 1 each in "army troops", "army" 2 in all:
    # idf(army), df 2 = ln(1.6) = 0.470004; "troops", df 2, the same; at weight 0.5: 0.235002.
    index = index_of("army troops", "army gas", "troops coal")
    terms = [*query("army"), added("troops", "army")]
    scores = {hit.unit: hit.score for hit in index.search(terms)}
    assert scores == pytest.approx({0: 0.470004, 1: 0.470004, 2: 0.235002}, abs=1e-6)
    assert [score.query_term.term for unit in range(3) for score in index.explain(terms, unit)] == [
        "army",
        "army",
        "troops",
    ]


def test_an_added_term_is_worth_no_more_than_the_word_the_corpus_knows() -> None:
    # idf(us), df 3 of 4 = ln(1 + 1.5/3.5) = ln(10/7) = 0.356675; idf(american), df 1 = ln(1 + 3.5/1.5) = ln(10/3).
    index = index_of("us oil", "us gas", "us coal", "american wood")
    terms = [*query("us"), added("american", "us", 0.9)]
    assert index.values(terms) == pytest.approx({"us": 0.356675, "american": 0.9 * 0.356675}, abs=1e-6)
    # All lengths are avgdl, so that the length factor is 1.
    assert index.search(terms)[-1].unit == 3
    assert index.search(terms)[-1].score == pytest.approx(0.9 * 0.356675, abs=1e-6)
    (explained,) = index.explain(terms, 3)
    assert (explained.query_term.term, explained.tf) == ("american", 1)
    assert [explained.idf, explained.length_factor] == pytest.approx([0.356675, 1.0], abs=1e-6)


def test_a_term_added_for_a_word_that_stands_nowhere_is_worth_its_own_idf() -> None:
    index = index_of("us oil", "us gas", "us coal", "american wood")
    terms = [*query("amerikan"), added("american", "amerikan", 0.8, "spelling")]
    # idf(american) = ln(10/3) = 1.203973, times 0.8; a word that stands nowhere: ln(1 + 4.5/0.5) = ln 10.
    expected = {"amerikan": math.log(10), "american": 0.8 * math.log(10 / 3)}
    assert index.values(terms) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("terms", "worth", "absent"),
    [
        (query("oil"), {"oil": math.log(10 / 3)}, ()),
        (query("oil", weight=0.5), {"oil": 0.5 * math.log(10 / 3)}, ()),
        (query("pizza"), {"pizza": math.log(10)}, ("pizza",)),
        ([*query("pizza"), added("pasta", "pizza")], {"pizza": math.log(10)}, ("pizza",)),
        ([*query("us"), added("american", "us")], {"us": math.log(10 / 7)}, ()),
        # 0.9 * ln(10/7) = 0.321 is more than 0.25 * ln(10/3) = 0.301 and less than 0.5 * ln(10/3) = 0.602.
        ([*query("usa"), added("us", "usa", 0.9), added("oil", "usa", 0.25)], {"usa": 0.9 * math.log(10 / 7)}, ()),
        ([*query("usa"), added("us", "usa", 0.9), added("oil", "usa")], {"usa": 0.5 * math.log(10 / 3)}, ()),
        (query("rye", "us", "tea"), {"rye": math.log(10), "us": math.log(10 / 7), "tea": math.log(10)}, ("rye", "tea")),
        ((), {}, ()),
    ],
    ids=[
        *("known", "lighter", "unknown", "under no name", "its synonym too", "only a synonym", "the better synonym"),
        *("several", "nothing"),
    ],
)
def test_a_word_is_worth_what_it_is_known_as_and_absent_under_no_name(
    terms: Sequence[QueryTerm], worth: dict[str, float], absent: tuple[str, ...]
) -> None:
    # N = 4: idf(us) = ln(1 + 1.5/3.5) = ln(10/7), idf of a term in one unit ln(10/3), of one in none ln(10).
    index = index_of("us oil", "us gas", "us coal", "american wood")
    assert index.worth(terms) == pytest.approx(worth)
    assert list(index.worth(terms)) == list(worth)
    assert index.absent(terms) == absent


QUERIES = st.lists(
    st.tuples(st.sampled_from("abcdefg"), st.sampled_from("xyz"), st.floats(0.1, 1)), unique_by=lambda t: t[0]
)


@given(UNITS, QUERIES)
def test_no_term_of_a_word_makes_more_than_the_explanation_says(
    units: list[list[str]], drawn: list[tuple[str, str, float]]
) -> None:
    index = Index(units, K1, B)
    sources = {source for _, source, _ in drawn}
    own = [QueryTerm(source, 1.0, "term", source) for source in sorted(sources)]
    terms = [*own, *(added(term, source, weight) for term, source, weight in drawn)]
    hits = index.search(terms)
    assert {hit.unit: hit.score for hit in hits} == index.scores(terms)
    assert index.search(terms, limit=2) == hits[:2]
    for hit in hits:
        explained = index.explain(terms, hit.unit)
        words = [score.query_term.source for score in explained]
        assert len(words) == len(set(words)), "each word counts once"
        assert sum(score.contribution for score in explained) == pytest.approx(hit.score, abs=1e-9)
        for score in explained:
            product = score.query_term.weight * score.idf * score.length_factor
            assert score.contribution == pytest.approx(product, abs=1e-9)
            alone = index.explain([score.query_term], hit.unit)
            assert score.contribution <= alone[0].contribution + 1e-9, "a word's idf only ever lowers"


def test_df_counts_units_and_idf_falls_with_it() -> None:
    index = index_of("oil oil", "oil", "gas")
    assert [index.df(word) for word in ("oil", "gas", "pizza")] == [2, 1, 0]
    # N = 3: ln(1 + 1.5/2.5), ln(1 + 2.5/1.5), ln(1 + 3.5/0.5)
    expected = [math.log(1.6), math.log(8 / 3), math.log(8)]
    assert [index.idf(word) for word in ("oil", "gas", "pizza")] == pytest.approx(expected)
