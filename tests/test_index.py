import math
from collections import Counter
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa import Engine, QueryTerm
from qa.analysis import terms
from qa.index import Index

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


def test_df_counts_units_and_idf_falls_with_it() -> None:
    index = index_of("oil oil", "oil", "gas")
    assert [index.df(word) for word in ("oil", "gas", "pizza")] == [2, 1, 0]
    # N = 3: ln(1 + 1.5/2.5), ln(1 + 2.5/1.5), ln(1 + 3.5/0.5)
    expected = [math.log(1.6), math.log(8 / 3), math.log(8)]
    assert [index.idf(word) for word in ("oil", "gas", "pizza")] == pytest.approx(expected)
