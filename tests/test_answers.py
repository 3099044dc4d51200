import pytest

from qa import Answer, Document, Passage, QueryTerm, ScoredPassage, Span
from qa.answers import cite, compose
from qa.index import Index

TEXT = "Äpfel\n\nOil 😀 is sold.\nGas is not."
SOLD = Span(7, 21)
GUIDE = Document("guide", "guide.txt", TEXT, "ab" * 32, "Guide", "P", "A", "2020", "https://example.org")
PASSAGE = Passage("guide", Span(7, 33), "Oil 😀 is sold.\nGas is not.", (Span(0, 14), Span(15, 26)), "Äpfel")


def test_d9_a_citation_says_where_a_quote_stands() -> None:
    citation = cite(GUIDE, PASSAGE, SOLD, 4)
    assert citation.quote == TEXT[7:21] == "Oil 😀 is sold."
    assert (citation.line, citation.prefix, citation.suffix) == (3, "el\n\n", "\nGas")
    assert (citation.document_id, citation.title, citation.section) == ("guide", "Guide", "Äpfel")
    assert (citation.publisher, citation.author, citation.published) == ("P", "A", "2020")
    assert (citation.source_url, citation.sha256) == ("https://example.org", "ab" * 32)


def test_d9_a_line_ends_at_a_newline_only() -> None:
    document = Document("d", "d.txt", "a\r\nb\rc\u2028d\fe\x85f\ng", "0" * 64, "t")
    passage = Passage("d", Span(0, 14), document.text, (Span(0, 14),))
    lines = [cite(document, passage, Span(start, start + 1), 0).line for start in range(14)]
    # The first \n is character 2 and ends line 1, the second is character 12 and ends line 2.
    assert lines == [1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3]


def test_the_context_of_a_quote_ends_where_the_document_does() -> None:
    citation = cite(GUIDE, PASSAGE, Span(0, len(TEXT)), 32)
    assert (citation.prefix, citation.suffix) == ("", "")
    citation = cite(GUIDE, PASSAGE, SOLD, 32)
    assert (citation.prefix, citation.suffix) == ("Äpfel\n\n", "\nGas is not.")


def query(*words: str) -> list[QueryTerm]:
    return [QueryTerm(word, 1.0, "term", word) for word in words]


INDEX = Index([["oil", "sold", "gas"], ["coal"], ["gas"]], 1.2, 0.75)


def composed(terms: list[QueryTerm], ranking: list[ScoredPassage]) -> Answer:
    return compose("?", terms, INDEX, ranking, {"guide": GUIDE}, min_known_share=0.5, context_chars=4)


def ranking(terms: list[QueryTerm]) -> list[ScoredPassage]:
    explained = INDEX.explain(terms, 0)
    return [ScoredPassage(PASSAGE, 1.0, explained, (), (), Span(15, 26))]


def test_an_answer_is_the_best_sentence_of_the_first_passage_with_its_own_citation() -> None:
    answer = composed(query("gas"), ranking(query("gas")))
    assert (answer.status, answer.reason) == ("answered", None)
    assert answer.sentence is not None
    assert (answer.sentence.passage_id, answer.sentence.span) == ("guide:7-33", Span(15, 26))
    assert answer.sentence.citation.span == Span(22, 33)
    assert answer.sentence.citation.quote == "Gas is not."
    (first,) = answer.passages
    assert (first.rank, first.citation.span, first.citation.quote) == (1, Span(7, 33), PASSAGE.text)


def test_q1_a_question_without_terms_is_not_answered() -> None:
    answer = composed([], [])
    assert (answer.status, answer.reason, answer.confidence) == ("abstained", "no_terms", 0)
    assert (answer.sentence, answer.passages) == (None, ())


def test_q2_a_question_that_no_passage_shares_a_term_with_is_not_answered() -> None:
    answer = composed(query("pizza"), [])
    assert (answer.status, answer.reason, answer.confidence) == ("abstained", "no_match", 0)


@pytest.mark.parametrize(
    ("words", "reason"),
    [(["gas"], None), (["gas", "oil", "pizza"], None), (["gas", "pizza", "basil"], "terms_absent")],
    ids=str,
)
def test_a_question_whose_words_are_mostly_absent_is_not_answered(words: list[str], reason: str | None) -> None:
    # N = 3: idf(pizza) = idf(basil) = ln(8) = 2.08, idf(oil) = ln(8/3) = 0.98, idf(gas) = ln(1.6) = 0.47.
    # Known shares: 1, 1.45 / 3.53 = 0.41 and 0.47 / 4.63 = 0.10; the setting in this test is 0.4.
    terms = query(*words)
    answer = compose("?", terms, INDEX, ranking(terms), {"guide": GUIDE}, min_known_share=0.4, context_chars=4)
    assert answer.reason == reason
    assert (answer.sentence is None) == (reason is not None)
    assert [cited.rank for cited in answer.passages] == [1], "the closest passage is shown all the same"


def test_confidence_stays_in_its_range() -> None:
    for words in (["gas"], ["gas", "oil", "sold"], ["gas", "pizza"], ["gas", "coal"]):
        assert 0 < composed(query(*words), ranking(query(*words))).confidence <= 1
