"""The three documents as delivered, what is said about them, and the questions of the issue."""

import hashlib
import tomllib
from pathlib import Path

import pytest

from qa import Engine

HASHES = {
    "us-iraq-explainer.txt": "59b8943b7b4db4ed3c686560cfed3030b8e7281a30fa2a712dd7e0e7a80ebc96",
    "us-iraq-relations.txt": "00c626f9c28b65cf57a708a2590b6ea71def3a4cd256f58a155679c9a6abbc22",
    "iraq-scales-down-threats.txt": "edeb5e89640c90a5cd60be9e021d9db17f1795f43fa9c270a1f954122423df1c",
}


@pytest.mark.parametrize("name", HASHES)
def test_a_document_is_kept_byte_for_byte_as_delivered(corpus_folder: Path, name: str) -> None:
    assert hashlib.sha256((corpus_folder / name).read_bytes()).hexdigest() == HASHES[name]


def test_the_corpus_is_these_documents_and_nothing_is_skipped(engine: Engine) -> None:
    assert {document.path: document.sha256 for document in engine.corpus.documents} == HASHES
    assert engine.corpus.skipped == ()


# `source` names the file as delivered; the explainer has no title of its own, so that it got one.
NOT_FROM_THE_TEXT = {("us-iraq-explainer.txt", "title")}


def test_every_statement_about_a_document_stands_in_its_text(corpus_folder: Path) -> None:
    tables = tomllib.loads((corpus_folder / "corpus.toml").read_text(encoding="utf-8"))["documents"]
    assert tables.keys() == HASHES.keys()
    for name, fields in tables.items():
        text = (corpus_folder / name).read_text(encoding="utf-8")
        for key, value in fields.items():
            if key != "source" and (name, key) not in NOT_FROM_THE_TEXT:
                assert value in text, f"{name}: {key}"


def test_every_example_of_the_form_is_answered(engine: Engine) -> None:
    assert len(engine.corpus.examples) >= 3
    for example in engine.corpus.examples:
        assert engine.ask(example).status == "answered", example


QUESTIONS = [
    ("When did U.S. forces return to Iraq?", "us-iraq-explainer", "They returned in 2014"),
    ("How much did the U.S. Embassy in Baghdad cost?", "us-iraq-explainer", "It cost more than $700 million to build"),
    ("What did the Baghdad embassy cost?", "us-iraq-explainer", "It cost more than $700 million to build"),
    (
        "Who is Iraq's largest trading partner?",
        "us-iraq-relations",
        "Turkey is currently Iraq’s largest trading partner.",
    ),
    (
        "What did Trump say about the airbase?",
        "iraq-scales-down-threats",
        (
            "“We have a very extraordinarily expensive airbase that’s there. It cost billions of dollars to build. "
            "Long before my time. We’re not leaving unless they pay us back for it.” Trump said."
        ),
    ),
]


@pytest.mark.parametrize(("question", "document_id", "quote"), QUESTIONS, ids=[case[0] for case in QUESTIONS])
def test_the_first_passage_holds_the_answer(engine: Engine, question: str, document_id: str, quote: str) -> None:
    answer = engine.ask(question)
    assert answer.status == "answered"
    assert answer.sentence is not None
    first = answer.passages[0]
    assert first.citation.document_id == document_id
    assert quote in first.citation.quote
    assert answer.sentence.passage_id == first.scored.passage.id
    text = engine.document(document_id).text
    for citation in (first.citation, answer.sentence.citation):
        assert text[citation.span.start : citation.span.end] == citation.quote


@pytest.mark.parametrize(
    "question",
    [
        "How much humanitarian aid has the U.S. given since 2014?",
        "How much humanitarian aid did the United States provide to Iraq since 2014?",
        "humanitarian aid since 2014",
    ],
)
def test_both_figures_for_humanitarian_aid_are_found_each_under_its_source(engine: Engine, question: str) -> None:
    quotes = {
        cited.citation.document_id: cited.citation for cited in reversed(engine.ask(question).passages[:3])
    }  # the better of two passages of one document is kept
    assert "$2.5 billion in humanitarian aid" in quotes["us-iraq-explainer"].quote
    assert quotes["us-iraq-explainer"].publisher == "Bloomberg L.P."
    assert "$1.7 billion in humanitarian aid" in quotes["us-iraq-relations"].quote
    assert quotes["us-iraq-relations"].publisher == "U.S. Department of State"


@pytest.mark.parametrize(
    ("question", "reason"),
    [
        ("How to prepare pizza?", "no_match"),
        ("zyzzyva quux", "no_match"),
        ("What?", "no_terms"),
        ("?!", "no_terms"),
        ("😀", "no_terms"),
    ],
)
def test_q1_q2_what_the_documents_do_not_say_is_refused_with_the_reason(
    engine: Engine, question: str, reason: str
) -> None:
    answer = engine.ask(question)
    assert (answer.status, answer.reason, answer.confidence) == ("abstained", reason, 0)
    assert (answer.sentence, answer.passages) == (None, ())


def test_the_confidence_was_measured_on_this_corpus(engine: Engine) -> None:
    assert engine.calibration == "measured"
