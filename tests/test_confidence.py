"""Evidence of a ranking becomes a probability."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa import Passage, Span
from qa.confidence import Calibration, confidence, evidence_of, load_calibration, log_odds
from qa.ranking import Candidate, Found, Ranked
from qa.records import AnswerType, Evidence, Hit, Mode, QueryTerm, Question, Sentence, Word

NAMES = [field.name for field in fields(Evidence)]
WEIGHTS = {"intercept": -1, "rarity": -3, "lead": 1, "kind_missing": -4, "meaning": 2.5}
CALIBRATION = Calibration(1, "by hand", (), 0.5, 0.9, 0.1, {**dict.fromkeys(NAMES, 0.0), **WEIGHTS})
NONE = Evidence(rarity=0, lead=0, kind_missing=0)
QUERY = (QueryTerm("oil", 1.0, "term", "oil"), QueryTerm("armi", 1.0, "term", "army"))


def test_confidence_is_the_logistic_of_the_weighted_evidence() -> None:
    # -1 - 3 * 0.25 + 1 * 0.5 - 4 * 0 + 2.5 * 0.5 = 0 -> 1 / (1 + 1)
    evidence = Evidence(rarity=0.25, lead=0.5, kind_missing=0, meaning=0.5)
    assert confidence(evidence, CALIBRATION) == 0.5
    # The kind missing: -4 -> 1 / (1 + e^4) = 0.017986
    assert confidence(replace(evidence, kind_missing=1), CALIBRATION) == pytest.approx(0.0179862, abs=1e-7)
    # Nothing found: -1 -> 1 / (1 + e) = 0.268941
    assert confidence(NONE, CALIBRATION) == pytest.approx(0.2689414, abs=1e-7)


def test_a_question_about_something_else_is_never_likely_to_be_answered() -> None:
    sure = replace(NONE, lead=1, meaning=1)
    assert confidence(replace(sure, absent=0.89), CALIBRATION) == pytest.approx(1 / (1 + math.exp(-2.5)))
    assert confidence(replace(sure, absent=0.9), CALIBRATION) == 0.1
    assert confidence(replace(NONE, absent=0.9, kind_missing=1), CALIBRATION) < 0.1
    for mode in ("lexical", "semantic"):
        calibration = load_calibration(mode)
        assert 0 < calibration.absent_confidence < calibration.threshold, mode


SHARE = st.floats(0, 1)
ANY_EVIDENCE = st.builds(Evidence, **dict.fromkeys(NAMES, SHARE))


@given(ANY_EVIDENCE, st.sampled_from(["lexical", "semantic"]))
def test_confidence_lies_between_0_and_1(evidence: Evidence, mode: Mode) -> None:
    for calibration in (CALIBRATION, load_calibration(mode)):
        assert 0 < confidence(evidence, calibration) < 1


def test_the_calibration_of_the_library_weighs_every_kind_of_evidence_and_names_its_data() -> None:
    calibration = load_calibration("lexical")
    assert list(calibration.weights) == ["intercept", *NAMES]
    assert all(map(math.isfinite, calibration.weights.values()))
    assert 0 < calibration.threshold < 1
    assert calibration.version >= 1
    assert any(char.isdigit() for char in calibration.fitted_on), "says how many questions it was fitted on"
    assert all(len(fingerprint) == 64 for fingerprint in calibration.measured_on)


@pytest.mark.parametrize("mode", ["lexical", "semantic"])
@pytest.mark.parametrize("name", NAMES)
def test_evidence_for_the_passage_never_lowers_confidence_and_evidence_against_it_never_raises_it(
    name: str, mode: Mode
) -> None:
    weight = load_calibration(mode).weights[name]
    assert weight >= 0 if name in ("lead", "meaning", "lexical") else weight <= 0


def test_log_odds_are_those_of_the_confidence_and_for_no_match_of_words_that_are_absent() -> None:
    even = Evidence(rarity=0.25, lead=0.5, kind_missing=0, meaning=0.5)  # as above, a confidence of a half
    assert log_odds(even, CALIBRATION) == pytest.approx(0)
    assert log_odds(NONE, CALIBRATION) == pytest.approx(-1)
    assert log_odds(None, CALIBRATION) == pytest.approx(math.log(0.1 / 0.9))


NOTHING = Found()


def ranked(score: float, found: Found = NOTHING, kinds: frozenset[AnswerType] = frozenset()) -> Ranked:
    passage = Passage("a", Span(0, 4), "Oil.", (Span(0, 4),))
    sentence = Sentence(Span(0, 4), ("oil",), kinds, frozenset())
    return Ranked(Candidate(passage, Hit(0, 1.0), ((sentence, 1.0),), is_from_source=False), score, found, sentence)


def question(wanted: AnswerType | None) -> Question:
    return Question("?", (Word("oil", "oil", 1.0), Word("armi", "army", 1.0)), wanted, frozenset())


def evidence(
    asked: Question, *candidates: Ranked, worth: Mapping[str, float], absent: Sequence[str] = (), n_passages: int = 10
) -> Evidence:
    """What the candidates say where a word of one passage only is worth 8."""
    return evidence_of(asked, QUERY, candidates, worth, absent, 8.0, n_passages)


def test_the_evidence_is_made_of_shares() -> None:
    # The question is worth 1 + 3 = 4, of 2 words, and a word of one passage only 8.
    # rarity (4 / 2) / 8; lead (10 - (6 + 3 + 0) / 3) / 10; absent 3 / 4; of both words only "oil" is there: 3 / 3.
    first = ranked(10.0, Found(coverage=3.0))
    others = map(ranked, (6.0, 3.0, 0.0, 0.0))
    found = evidence(question(None), first, *others, worth={"oil": 1.0, "army": 3.0}, absent=["army"])
    assert found == Evidence(rarity=0.25, lead=0.7, kind_missing=0, absent=0.75, rarest_missing=1.0)
    # The missing word is worth 1, the rarest 4.
    assert evidence(question(None), first, worth={"oil": 4.0, "army": 1.0}).rarest_missing == 0.25
    assert evidence(question(None), first, worth={"oil": 4.0}).rarest_missing == 0


@pytest.mark.parametrize(
    ("next_scores", "n_passages", "lead"),
    [
        ([], 1, 1.0),
        ([], 10, 1.0),
        ([10.0], 2, 0.0),
        ([10.0], 3, 0.5),
        ([10.0], 10, 2 / 3),
        ([10.0, 10.0, 10.0], 10, 0.0),
        ([4.0, 4.0, 4.0, 0.0], 10, 0.6),
    ],
    ids=["the only passage", "the only one that matches", "a twin", "a third does not match", "two do not", "all alike",
         "what stands behind the fourth says nothing"],
)  # fmt: skip
def test_the_lead_is_that_over_the_mean_of_the_next_three_passages_there_are(
    next_scores: list[float], n_passages: int, lead: float
) -> None:
    found = evidence(question(None), *map(ranked, [10.0, *next_scores]), worth={"oil": 1.0}, n_passages=n_passages)
    assert found.lead == pytest.approx(lead)


@pytest.mark.parametrize(
    ("wanted", "kinds", "missing"),
    [(None, set(), 0.0), ("date", {"date"}, 0.0), ("date", {"place"}, 1.0), ("date", set(), 1.0)],
    ids=["none is asked for", "found", "another", "none is found"],
)
def test_a_kind_is_missing_when_it_is_asked_for_and_not_found(
    wanted: AnswerType | None, kinds: set[AnswerType], missing: float
) -> None:
    found = evidence(question(wanted), ranked(1.0, kinds=frozenset(kinds)), worth={"oil": 1.0})
    assert found.kind_missing == missing


@pytest.mark.parametrize(
    ("names", "missing"),
    [([], 0), (["oil"], 0), (["army"], 1), (["oil", "army"], 1)],
    ids=["no name is asked about", "it is there", "it is not", "one of two is not"],
)
def test_a_name_is_missing_when_the_best_sentence_lacks_it(names: list[str], missing: int) -> None:
    words = tuple(replace(word, is_name=word.text in names) for word in question(None).words)
    asked = replace(question(None), words=words)
    assert evidence(asked, ranked(1.0), worth={"oil": 1.0, "army": 1.0}).name_missing == missing


def test_a_name_that_only_stands_there_in_another_spelling_is_missing() -> None:
    asked = replace(question(None), words=(Word("oyl", "Oyl", 1.0, is_name=True),))
    query = (QueryTerm("oyl", 1.0, "term", "Oyl"), QueryTerm("oil", 0.8, "spelling", "Oyl"))
    found = evidence_of(asked, query, [ranked(1.0)], {"Oyl": 1.0}, (), 1.0, 10)
    assert (found.name_missing, found.rarest_missing) == (1.0, 0.0)


@pytest.mark.parametrize(
    ("wanted", "counted", "missing"),
    [(None, 0.0, 0), ("number", 1.0, 0), ("number", 0.0, 1)],
    ids=["nothing is counted", "it is", "it is not"],
)
def test_a_count_is_missing_when_no_number_counts_what_is_asked_for(
    wanted: AnswerType | None, counted: float, missing: int
) -> None:
    found = evidence(question(wanted), ranked(1.0, Found(counted=counted)), worth={"oil": 1.0})
    assert found.count_missing == missing


@pytest.mark.parametrize(
    ("asked_for", "said", "missing"), [(False, False, 0), (False, True, 0), (True, True, 0), (True, False, 1)]
)
def test_a_negation_is_missing_when_only_the_question_denies(asked_for: bool, said: bool, missing: int) -> None:
    first = ranked(1.0)
    first = replace(first, best_sentence=replace(first.best_sentence, negates=said))
    found = evidence(replace(question(None), negates=asked_for), first, worth={"oil": 1.0})
    assert found.negation_missing == missing
