"""Which documents a question names as its source, and by which of its words."""

import time

import pytest

from qa import Document, questions
from qa.sources import Sources


def document(document_id: str, text: str = "Oil.", title: str = "Oil", **metadata: str) -> Document:
    return Document(document_id, f"{document_id}.txt", text, "0" * 64, title, **metadata)


DOCUMENTS = (
    document("courier", publisher="Courier Inc.", title="Rain in Spring", author="Ada Byron"),
    document("ministry", publisher="U.S. Department of Agriculture", title="Wheat"),
    document("blog", "The Herald reports that it rains. According to the Weather Office it is dry.", title="Clouds"),
)


def asked_for(question: str, *documents: Document) -> tuple[set[str], set[str]]:
    ids, naming = Sources(documents or DOCUMENTS).asked_for(questions.read(question, 64, 0.4, 0.5))
    return set(ids), set(naming)


@pytest.mark.parametrize(
    ("question", "ids", "naming"),
    [
        ("What does the Courier say of rain?", {"courier"}, {"courier"}),
        ("According to Ada Byron, does it rain?", {"courier"}, {"ada", "byron"}),
        ("WHAT DID THE AGRICULTURE DEPARTMENT REPORT?", {"ministry"}, {"agricultur", "depart"}),
        ("what did the department say", set(), set()),
        ("What did the Herald write?", {"blog"}, {"herald"}),
        ("According to the Weather Office, is it dry?", {"blog"}, {"weather", "offic"}),
        ("Did the Herald and the Courier report it?", {"blog", "courier"}, {"herald", "courier"}),
        # Without a word of saying or of a text a name is only a name.
        ("Was the Courier sold?", set(), set()),
        ("What did the Times say?", set(), set()),
        ("", set(), set()),
    ],
    ids=[
        *("publisher", "author", "an office without its country", "half of a name", "a name the text attributes to"),
        *("according to", "two", "no cue", "an unknown source", "nothing"),
    ],
)
def test_a_question_names_its_source(question: str, ids: set[str], naming: set[str]) -> None:
    assert asked_for(question) == (ids, naming)


def test_of_a_name_three_fifths_have_to_be_said_nearly_in_a_row() -> None:
    # The title has four terms: 0.6 * 4 = 2.4, so three of them; one other word may stand between them.
    title = document("a", title="Wheat Rye Oats Barley")
    assert asked_for("the article on wheat and rye", title)[0] == set()
    assert asked_for("the article on wheat, rye and oats", title)[0] == {"a"}
    assert asked_for("the article on wheat, rye, corn and oats", title)[0] == {"a"}
    assert asked_for("the article on wheat, rye, corn, rice and oats", title)[0] == set()


def test_a_legal_form_names_nobody() -> None:
    assert asked_for("What does Inc. report?") == (set(), set())
    assert asked_for("What does the U.S. report?", document("a", publisher="U.S.", title="Wheat")) == (set(), set())


def test_a_long_run_of_capitalised_words_is_read_in_linear_time() -> None:
    started = time.process_time()
    hostile = document("a", "Aa " * 100_000, title="Wheat")
    assert asked_for("What does Aa report?", hostile) == (set(), set())
    assert time.process_time() - started < 5, "a quadratic pattern takes minutes"
