"""Documents that give different figures for the same thing are shown, and nothing else: no alarm is a false one."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from qa import Engine

WriteCorpus = Callable[[Mapping[str, str | bytes]], Path]

FLOUR = "How many tons of flour did the mill at Tarn produce?"
BRIDGE = "When was the harbour bridge at Tarn opened?"
AID = "How much flour aid did the council at Tarn give?"


def disagreements(write_corpus: WriteCorpus, question: str, one: str, other: str) -> list[tuple[str, list[str]]]:
    answer = Engine.from_folder(write_corpus({"one.txt": one + "\n", "other.txt": other + "\n"})).ask(question)
    return [(each.about, [citation.quote for citation in each.citations]) for each in answer.disagreements]


@pytest.mark.parametrize(
    ("question", "one", "other", "about"),
    [
        pytest.param(
            FLOUR,
            "The mill at Tarn produced 120 tons of flour.",
            "The flour mill at Tarn produced 95 tons of flour.",
            "mill, Tarn, produced, tons, flour",
            id="numbers",
        ),
        pytest.param(
            AID,
            "The council at Tarn gave $1.7 billion in flour aid.",
            "The council at Tarn gave $2.5 billion in flour aid.",
            "council, Tarn, flour, aid",
            id="money",
        ),
        pytest.param(
            AID,
            "The council at Tarn gave $2 in flour aid.",
            "The council at Tarn gave €2 in flour aid.",
            "council, Tarn, flour, aid",
            id="currencies",
        ),
        pytest.param(
            FLOUR,
            "In 1934 the mill at Tarn produced 120 tons of flour.",
            "In 1934 the mill at Tarn produced 95 tons of flour.",
            "mill, Tarn, produced, tons, flour",
            id="numbers of one year",
        ),
        pytest.param(
            BRIDGE,
            "The harbour bridge at Tarn was opened in 1934.",
            "The harbour bridge at Tarn was opened in 1936.",
            "harbour, bridge, Tarn, opened",
            id="years",
        ),
    ],
)
def test_different_figures_are_shown(
    write_corpus: WriteCorpus, question: str, one: str, other: str, about: str
) -> None:
    [(said_about, quotes)] = disagreements(write_corpus, question, one, other)
    assert sorted(quotes) == sorted([one, other])
    assert sorted(set(about.split(", ")) - set(said_about.split(", "))) in ([], ["produced"])


@pytest.mark.parametrize(
    ("question", "one", "other"),
    [
        pytest.param(
            AID,
            "The council at Tarn gave $1.7 billion in flour aid.",
            "The council at Tarn gave $1,700 million in flour aid.",
            id="one amount in two notations",
        ),
        pytest.param(
            AID,
            "The council at Tarn gave $1.7 billion in flour aid.",
            "The council at Tarn gave $1.7bn in flour aid.",
            id="one amount in short",
        ),
        pytest.param(
            "How much did the lighthouse cost?",
            "A library card costs $3. The lighthouse is white.",
            "A train ticket costs $5. The lighthouse is old.",
            id="nothing in common but that it costs",
        ),
        pytest.param(
            "How many tons of flour did the mill at Tarn produce in 2019?",
            "The mill at Tarn produced 120 tons of flour in 2019.",
            "The mill at Tarn produced 95 tons of flour in 2011.",
            id="different years",
        ),
        pytest.param(
            FLOUR,
            "The mill at Tarn produced 120 tons of flour.",
            "The mill at Orb sold 95 tons of barley.",
            id="another thing",
        ),
        pytest.param(
            "Who owned the mill at Tarn?",
            "The mill at Tarn was owned by 3 brothers.",
            "The mill at Tarn was owned by 5 sisters.",
            id="no figure is asked for",
        ),
    ],
)
def test_what_is_no_contradiction_is_not_shown(write_corpus: WriteCorpus, question: str, one: str, other: str) -> None:
    assert disagreements(write_corpus, question, one, other) == []


def test_the_two_aid_figures_of_the_corpus_are_shown_each_under_its_source(engine: Engine) -> None:
    [disagreement] = engine.ask("How much humanitarian aid has the US given since 2014?").disagreements
    figures = {citation.document_id: citation.quote for citation in disagreement.citations}
    assert figures.keys() == {"us-iraq-relations", "us-iraq-explainer"}
    assert "$1.7 billion" in figures["us-iraq-relations"]
    assert "$2.5 billion" in figures["us-iraq-explainer"]
    assert "humanitarian" in disagreement.about
