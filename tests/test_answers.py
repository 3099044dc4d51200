import math
from collections.abc import Sequence
from dataclasses import fields, replace

import pytest

from qa import Answer, Document, Passage, QueryTerm, ScoredPassage, Span
from qa.answers import cite, compose
from qa.confidence import Calibration
from qa.records import Evidence, Question, Word

TEXT = "Äpfel\n\nOil 😀 is sold.\nGas is not."
SOLD = Span(7, 21)
GUIDE = Document("guide", "guide.txt", TEXT, "ab" * 32, "Guide", "P", "A", "2020", "https://example.org")
PASSAGE = Passage("guide", Span(7, 33), "Oil 😀 is sold.\nGas is not.", (Span(0, 14), Span(15, 26)), "Äpfel")


def test_d9_a_citation_says_where_a_quote_stands() -> None:
    citation = cite(GUIDE, PASSAGE.section, SOLD, 4)
    assert citation.quote == TEXT[7:21] == "Oil 😀 is sold."
    assert (citation.line, citation.prefix, citation.suffix) == (3, "el\n\n", "\nGas")
    assert (citation.document_id, citation.title, citation.section) == ("guide", "Guide", "Äpfel")
    assert (citation.publisher, citation.author, citation.published) == ("P", "A", "2020")
    assert (citation.source_url, citation.sha256) == ("https://example.org", "ab" * 32)


def test_d9_a_line_ends_at_a_newline_only() -> None:
    document = Document("d", "d.txt", "a\r\nb\rc\u2028d\fe\x85f\ng", "0" * 64, "t")
    lines = [cite(document, None, Span(start, start + 1), 0).line for start in range(14)]
    # The first \n is character 2 and ends line 1, the second is character 12 and ends line 2.
    assert lines == [1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3]


def test_the_context_of_a_quote_ends_where_the_document_does() -> None:
    citation = cite(GUIDE, PASSAGE.section, Span(0, len(TEXT)), 32)
    assert (citation.prefix, citation.suffix) == ("", "")
    citation = cite(GUIDE, PASSAGE.section, SOLD, 32)
    assert (citation.prefix, citation.suffix) == ("Äpfel\n\n", "\nGas is not.")


def query(*words: str) -> list[QueryTerm]:
    return [QueryTerm(word, 1.0, "term", word) for word in words]


# No lead makes 0.5 and the whole score 1 / (1 + e^-ln 3) = 0.75.
CALIBRATION = Calibration(
    1,
    "by hand",
    (),
    0.6,
    0.5,
    0.1,
    {"intercept": 0, **{field.name: 0 for field in fields(Evidence)}, "lead": math.log(3), "kind_missing": -1},
)
NOTHING = Evidence(rarity=0, lead=0, kind_missing=0)
ALL = replace(NOTHING, lead=1)
SCORED = ScoredPassage(PASSAGE, 1.0, (), (), (), Span(15, 26))


def composed(
    words: Sequence[str],
    ranking: Sequence[ScoredPassage] = (SCORED,),
    evidence: Evidence | None = ALL,
    absent: Sequence[str] = (),
    top_k: int = 5,
    document: Document = GUIDE,
) -> Answer:
    """The answer to a question of these words, each worth 1."""
    asked = Question("?", tuple(Word(word, word, 1.0) for word in words), None, frozenset())
    return compose(
        asked,
        query(*words),
        dict.fromkeys(words, 1.0),
        absent,
        evidence,
        ranking,
        {"guide": document},
        top_k=top_k,
        calibration=CALIBRATION,
        context_chars=4,
    )


def test_an_answer_is_the_best_sentence_of_the_first_passage_with_its_own_citation() -> None:
    answer = composed(["gas"])
    assert (answer.question, answer.status, answer.reason) == ("?", "answered", None)
    assert answer.sentence is not None
    assert (answer.sentence.passage_id, answer.sentence.span) == ("guide:7-33", Span(15, 26))
    assert answer.sentence.citation.span == Span(22, 33)
    assert answer.sentence.citation.quote == "Gas is not."
    (first,) = answer.passages
    assert (first.rank, first.citation.span, first.citation.quote) == (1, Span(7, 33), PASSAGE.text)
    assert (answer.query, answer.absent, answer.evidence) == (tuple(query("gas")), (), ALL)
    assert answer.confidence == pytest.approx(0.75)


def test_q1_a_question_without_terms_is_not_answered() -> None:
    answer = composed([], [], None)
    assert (answer.status, answer.reason, answer.confidence) == ("abstained", "no_terms", 0)
    assert (answer.sentence, answer.passages) == (None, ())


def test_q2_a_question_that_no_passage_shares_a_term_with_is_not_answered() -> None:
    answer = composed(["pizza"], [], None, ["pizza"])
    assert (answer.status, answer.reason, answer.confidence) == ("abstained", "no_match", 0)
    assert answer.absent == ("pizza",)


@pytest.mark.parametrize(
    ("absent", "reason"),
    [([], None), (["pizza"], None), (["pizza", "basil"], "terms_absent")],
    ids=["0 of 4", "1 of 4", "2 of 4"],
)
def test_a_question_of_which_half_stands_nowhere_is_not_answered(absent: list[str], reason: str | None) -> None:
    evidence = replace(ALL, absent=len(absent) / 4)
    answer = composed(["gas", "oil", "pizza", "basil"], evidence=evidence, absent=absent)
    assert (answer.reason, answer.absent) == (reason, tuple(absent))
    assert (answer.sentence is None) == (reason is not None)
    assert [cited.rank for cited in answer.passages] == [1], "the closest passage is shown all the same"


@pytest.mark.parametrize(
    ("evidence", "confidence", "reason"),
    [
        (ALL, 0.75, None),
        (NOTHING, 0.5, "below_threshold"),
        # ln 3 - 1 = 0.098612 -> 0.524633
        (replace(ALL, kind_missing=1), 0.524633, "answer_type_missing"),
    ],
    ids=["above the threshold", "below", "for want of the kind asked for"],
)
def test_below_the_threshold_the_reason_names_the_evidence(
    evidence: Evidence, confidence: float, reason: str | None
) -> None:
    answer = composed(["gas"], evidence=evidence)
    assert answer.confidence == pytest.approx(confidence, abs=1e-6)
    assert (answer.reason, answer.evidence) == (reason, evidence)


def test_only_as_many_passages_are_cited_as_were_asked_for() -> None:
    assert [cited.rank for cited in composed(["gas"], [SCORED] * 3, top_k=2).passages] == [1, 2]
    assert composed(["gas"], [SCORED] * 3, top_k=1).passages == composed(["gas"]).passages


@pytest.mark.parametrize(
    ("text", "best", "expected"),
    [
        ("Oil is sold.|Gas is not.", 1, "Gas is not."),
        ("Oil is sold.|It is black.", 1, "Oil is sold. It is black."),
        ("It is black.|Oil is sold.", 0, "It is black."),
        ("Items are sold.|Italy buys.", 1, "Italy buys."),
        (
            "He said: “Oil is sold.|Gas is not.|Coal is.” We know.",
            1,
            "He said: “Oil is sold. Gas is not. Coal is.” We know.",
        ),
        ("He said: “Oil is sold.|Gas is not.”|Coal is.", 0, "He said: “Oil is sold. Gas is not.”"),
        ("“Oil is sold.”|Gas is not.", 1, "Gas is not."),
        ("Oil is sold.|Gas is “not.|Coal is.", 2, "Coal is."),
        ("Oil is sold.|Gas is “not.|Coal is.", 1, "Gas is “not."),
        ("Oil is” sold.|Gas is not.", 0, "Oil is” sold."),
    ],
    ids=[
        *("as it is", "a pronoun", "a pronoun at the start", "no pronoun", "inside a quotation", "it opens one"),
        *("behind a quotation", "one that is never closed", "it opens one that is never closed", "it only closes one"),
    ],
)
def test_a_sentence_takes_along_what_it_cannot_be_read_without(text: str, best: int, expected: str) -> None:
    sentences = text.split("|")
    text = " ".join(sentences)
    spans = [Span(text.index(sentence), text.index(sentence) + len(sentence)) for sentence in sentences]
    passage = Passage("guide", Span(0, len(text)), text, tuple(spans))
    scored = ScoredPassage(passage, 1.0, (), (), (), spans[best])
    answer = composed(["oil"], [scored], document=replace(GUIDE, text=text))
    assert answer.sentence is not None
    assert answer.sentence.citation.quote == expected
