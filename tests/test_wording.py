"""The sentences beside the quotations: true for what they are made from, and the same wherever they are printed."""

import doctest
from dataclasses import replace
from typing import get_args

import pytest

from qa import wording
from qa.records import Answer, AnswerType, Reason
from qa.wording import counted, likelihood, lines, meaning, missing, refusal
from tests.web_support import abstained, answered, citation, document

VASA = document()


def refused(question: str, reason: Reason = "no_terms") -> Answer:
    return replace(abstained(VASA, reason, n_passages=0), question=question)


def test_the_examples_are_right() -> None:
    assert doctest.testmod(wording) == doctest.TestResults(0, 3)


def test_an_answer_is_no_refusal() -> None:
    assert refusal(answered(VASA)) is None


@pytest.mark.parametrize("reason", get_args(Reason))
def test_every_reason_has_a_sentence_and_something_to_do(reason: Reason) -> None:
    said = refusal(refused("Who?", reason))
    assert said
    assert said.why.endswith(".")
    assert said.advice.endswith(".")
    assert "{" not in said.why


@pytest.mark.parametrize(
    ("question", "why"),
    [
        ("What is the?", "The question holds no word to search for. Little words such as “the”, “is” or “what” stand"),
        ("?!", "The question holds no word to search for."),
        ("What is " + "x" * 65, "A word of more than 64 characters is not searched for, and there is no other."),
    ],
    ids=["little words", "signs", "a word too long"],
)
def test_a_question_without_a_word_to_search_for_is_told_the_true_reason(question: str, why: str) -> None:
    said = refusal(refused(question))
    assert said
    assert said.why.startswith(why)


@pytest.mark.parametrize(
    ("wanted", "kind"),
    [("date", "a date"), ("person", "a person"), ("number", "a number"), ("email", "an e-mail address")],
)
def test_the_kind_of_answer_that_is_missing_is_named(wanted: AnswerType, kind: str) -> None:
    said = refusal(replace(refused("?", "answer_type_missing"), wanted=wanted))
    assert said
    assert said.why == f"The question asks for {kind}, and the closest sentence seems to give none."


def test_at_most_eight_absent_words_are_named_and_the_others_counted() -> None:
    assert missing(replace(refused("?", "terms_absent"), absent=tuple("abcdefghij"))) == (tuple("abcdefgh"), 2)
    assert missing(refused("?", "below_threshold")) == ((), 0)


@pytest.mark.parametrize(
    ("confidence", "words"),
    [
        (0.999, "Very likely the answer (99 %)"),
        (0.9, "Very likely the answer (90 %)"),
        (0.7499, "Likely the answer (75 %)"),
        (0.25, "Possibly the answer (25 %)"),
        (0.001, "Perhaps the answer, but doubtful (1 %)"),
    ],
)
def test_likelihood_is_neither_certain_nor_impossible(confidence: float, words: str) -> None:
    assert likelihood(answered(VASA, confidence=confidence), "measured") == words


@pytest.mark.parametrize(
    ("confidence", "words"),
    [(0.6, "fairly likely"), (0.3, "unlikely"), (0.1, "very unlikely")],
)
def test_of_an_abstention_the_first_passage_is_judged(confidence: float, words: str) -> None:
    said = likelihood(abstained(VASA, "below_threshold", confidence), "transferred")
    percent = round(confidence * 100)
    assert said == f"The first passage below is {words} to be the answer ({percent} %, estimated from other documents)"


def test_where_nothing_was_found_nothing_is_likely() -> None:
    assert likelihood(abstained(VASA, "no_match"), "measured") == ""


def test_the_meaning_says_where_the_estimate_was_checked() -> None:
    assert "about these documents" in meaning("measured")
    assert "about other documents" in meaning("transferred")


@pytest.mark.parametrize(
    ("text", "words"), [("a\nb c", "line 2"), ("a\nb\nc", "lines 2–3"), ("a\nb\r\n\nc", "lines 2–4")]
)
def test_the_lines_of_a_quote_are_those_it_stands_on(text: str, words: str) -> None:
    assert lines(citation(document(text=text), 2, len(text))) == words


def test_one_thing_is_in_the_singular() -> None:
    assert [counted(number, "word") for number in (0, 1, 2, 1_000)] == ["0 words", "1 word", "2 words", "1,000 words"]
