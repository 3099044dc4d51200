"""Evidence of a ranking becomes a probability."""

import math
from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa import Passage, Span
from qa.confidence import Calibration, confidence, evidence_of, load_calibration
from qa.ranking import Candidate, Found, Ranked
from qa.records import AnswerType, Evidence, Hit, Question, Sentence, Word

NAMES = [field.name for field in fields(Evidence)]
WEIGHTS = {"intercept": -1, "covered": 2, "rarity": -3, "lead": 1, "kind_missing": -4, "closeness": 0.5}
CALIBRATION = Calibration(1, "by hand", (), 0.5, {**dict.fromkeys(NAMES, 0.0), **WEIGHTS})


def test_confidence_is_the_logistic_of_the_weighted_evidence() -> None:
    # -1 + 2 * 0.5 - 3 * 0.25 + 1 * 0.5 - 4 * 0 + 0.5 * 0.5 = 0 -> 1 / (1 + 1)
    assert confidence(Evidence(0.5, 0.25, 0.5, 0.0, 0.5), CALIBRATION) == 0.5
    # The kind missing: -4 -> 1 / (1 + e^4) = 0.017986
    assert confidence(Evidence(0.5, 0.25, 0.5, 1.0, 0.5), CALIBRATION) == pytest.approx(0.0179862, abs=1e-7)
    # Nothing found: -1 -> 1 / (1 + e) = 0.268941
    assert confidence(Evidence(0, 0, 0, 0, 0), CALIBRATION) == pytest.approx(0.2689414, abs=1e-7)


SHARE = st.floats(0, 1)


@given(st.builds(Evidence, SHARE, SHARE, SHARE, st.sampled_from([0.0, 1.0]), st.floats(0, 10)))
def test_confidence_lies_between_0_and_1(evidence: Evidence) -> None:
    for calibration in (CALIBRATION, load_calibration("lexical")):
        assert 0 < confidence(evidence, calibration) < 1


def test_the_calibration_of_the_library_weighs_every_kind_of_evidence_and_names_its_data() -> None:
    calibration = load_calibration("lexical")
    assert list(calibration.weights) == ["intercept", *NAMES]
    assert all(map(math.isfinite, calibration.weights.values()))
    assert 0 < calibration.threshold < 1
    assert calibration.version >= 1
    assert any(char.isdigit() for char in calibration.fitted_on), "says how many questions it was fitted on"
    assert all(len(fingerprint) == 64 for fingerprint in calibration.measured_on)


@pytest.mark.parametrize("name", ["covered", "lead", "closeness"])
def test_more_evidence_for_the_passage_never_lowers_confidence(name: str) -> None:
    assert load_calibration("lexical").weights[name] >= 0


def test_a_missing_kind_of_answer_never_raises_confidence() -> None:
    assert load_calibration("lexical").weights["kind_missing"] <= 0


NOTHING = Found()


def ranked(score: float, found: Found = NOTHING, kinds: frozenset[AnswerType] = frozenset()) -> Ranked:
    passage = Passage("a", Span(0, 4), "Oil.", (Span(0, 4),))
    sentence = Sentence(Span(0, 4), ("oil",), kinds, frozenset())
    return Ranked(Candidate(passage, Hit(0, 1.0), ((sentence, 1.0),), is_from_source=False), score, found, sentence)


def question(wanted: AnswerType | None) -> Question:
    return Question("?", (Word("oil", "oil", 1.0), Word("armi", "army", 1.0)), wanted, frozenset())


def test_the_evidence_is_made_of_shares() -> None:
    # The question is worth 1 + 3 = 4, of 2 words, and a word that stands nowhere 8.
    # covered 3 / 4; rarity (4 / 2) / 8; lead (10 - 6) / 10; closeness 1 / 4.
    first = ranked(10.0, Found(coverage=3.0, closeness=1.0))
    evidence = evidence_of(question(None), [first, ranked(6.0), ranked(1.0)], {"oil": 1.0, "army": 3.0}, 8.0)
    assert evidence == Evidence(covered=0.75, rarity=0.25, lead=0.4, kind_missing=0.0, closeness=0.25)


def test_a_passage_alone_is_ahead_by_its_whole_score() -> None:
    assert evidence_of(question(None), [ranked(10.0)], {"oil": 1.0}, 8.0).lead == 1.0
    assert evidence_of(question(None), [ranked(10.0), ranked(10.0)], {"oil": 1.0}, 8.0).lead == 0.0


def test_no_more_than_everything_is_covered() -> None:
    # A repaired word may be worth a little more in one sentence than in the question.
    assert evidence_of(question(None), [ranked(1.0, Found(coverage=5.0))], {"oil": 4.0}, 8.0).covered == 1.0


@pytest.mark.parametrize(
    ("wanted", "kinds", "missing"),
    [(None, set(), 0.0), ("date", {"date"}, 0.0), ("date", {"place"}, 1.0), ("date", set(), 1.0)],
    ids=["none is asked for", "found", "another", "none is found"],
)
def test_a_kind_is_missing_when_it_is_asked_for_and_not_found(
    wanted: AnswerType | None, kinds: set[AnswerType], missing: float
) -> None:
    evidence = evidence_of(question(wanted), [ranked(1.0, kinds=frozenset(kinds))], {"oil": 1.0}, 8.0)
    assert evidence.kind_missing == missing
