"""The JSON of the contract: what a request may say, and what an answer looks like."""

import inspect
import json
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from qa import (
    Answer,
    Citation,
    CitedPassage,
    Corpus,
    Disagreement,
    Document,
    Engine,
    FieldError,
    Passage,
    ScoredPassage,
    Section,
    SkippedFile,
    Span,
)
from qa.wire import (
    DEFAULT_TOP_K,
    AskRequest,
    answer_json,
    ask_request,
    citation_url,
    corpus_json,
    cut_document_json,
    document_url,
    documents_json,
    format_url,
    shown,
)

WriteCorpus = Callable[[Mapping[str, str | bytes]], Path]


def test_absent_fields_have_their_defaults() -> None:
    assert ask_request({"question": " Oil?\n"}) == AskRequest("Oil?", 5, (), False)


def test_the_library_gives_as_many_passages_as_the_contract() -> None:
    assert inspect.signature(Engine.ask).parameters["top_k"].default == DEFAULT_TOP_K


def test_every_field_is_taken() -> None:
    fields = {"question": "Oil?", "top_k": 20, "documents": ["b", "a", "b"], "explain": True}
    assert ask_request(fields) == AskRequest("Oil?", 20, ("b", "a", "b"), True)


def test_empty_documents_mean_all() -> None:
    assert ask_request({"question": "Oil?", "documents": []}).documents == ()


@pytest.mark.parametrize("top_k", [1, 20, 1.0, 5.0], ids=repr)
def test_j9_a_whole_number_in_its_range_is_a_top_k(top_k: float) -> None:
    request = ask_request({"question": "Oil?", "top_k": top_k})
    assert (request.top_k, type(request.top_k)) == (int(top_k), int)


@pytest.mark.parametrize(
    ("value", "repeated"),
    [
        (0, "0"),
        (21, "21"),
        (-1, "-1"),
        (1.5, "1.5"),
        (True, "true"),
        (False, "false"),
        (None, "null"),
        ("5", '"5"'),
        ([], "a list"),
        ({}, "an object"),
        (float("nan"), "nan"),
        (float("inf"), "inf"),
        (10**4_299, "a number of more than 20 digits"),
        (10**5_000, "a number of more than 20 digits"),
    ],
    ids=lambda value: str(value)[:20] if not isinstance(value, int) else f"{value:.0e}" if value < 10**300 else "huge",
)
def test_j8_j9_any_other_top_k_is_refused_and_a_huge_one_not_repeated(value: object, repeated: str) -> None:
    with pytest.raises(FieldError) as caught:
        ask_request({"question": "Oil?", "top_k": value})
    assert caught.value.field == "top_k"
    assert caught.value.detail == f"top_k must be a whole number from 1 to 20, not {repeated}"


@pytest.mark.parametrize(
    ("fields", "field", "detail"),
    [
        ({}, "question", "question is missing; send what you want to know"),
        ({"question": None}, "question", "question must be a string, not null"),
        ({"question": 1}, "question", "question must be a string, not 1"),
        ({"question": ["Oil?"]}, "question", "question must be a string, not a list"),
        ({"question": ""}, "question", "question is empty; ask something in plain words"),
        ({"question": " \n\u00a0\u2028"}, "question", "question is empty; ask something in plain words"),
        (
            {"question": "o" * 1_001},
            "question",
            "question is 1001 characters long, the limit is 1000; shorten it",
        ),
        (
            {"question": " " * 998 + "oil"},
            "question",
            "question is 1001 characters long, the limit is 1000; shorten it",
        ),
        (
            {"question": "oil \ud800"},
            "question",
            "question is not valid Unicode at character 4 (a lone surrogate); send whole characters",
        ),
        ({"question": "oil\0"}, "question", "question holds a NUL at character 3; leave it out"),
        (
            {"question": "Oil?", "topk": 5},
            "topk",
            "unknown field 'topk'; known are question, top_k, documents and explain",
        ),
        ({"question": "Oil?", "explain": "true"}, "explain", 'explain must be true or false, not "true"'),
        ({"question": "Oil?", "explain": 1}, "explain", "explain must be true or false, not 1"),
        ({"question": "Oil?", "documents": "a"}, "documents", 'documents must be a list of document ids, not "a"'),
        ({"question": "Oil?", "documents": [1]}, "documents", "documents must be a list of document ids, not a list"),
        ({"question": "Oil?", "documents": None}, "documents", "documents must be a list of document ids, not null"),
    ],
)
def test_j6_j7_j12_j13_a_field_that_breaks_its_rule_is_named(
    fields: dict[str, object], field: str, detail: str
) -> None:
    with pytest.raises(FieldError) as caught:
        ask_request(fields)
    assert (caught.value.field, caught.value.detail) == (field, detail)


def test_a_question_of_exactly_1000_characters_is_taken() -> None:
    assert ask_request({"question": "😀" * 1_000}).question == "😀" * 1_000


@pytest.mark.parametrize(
    ("value", "expected"),
    [("oil", "oil"), ("\x1b[31m\r\nx", "�[31m��x"), ("\u202e", "�"), ("o" * 40, "o" * 40), ("o" * 41, "o" * 39 + "…")],
)
def test_a_value_is_repeated_short_and_without_control_characters(value: str, expected: str) -> None:
    assert shown(value) == expected


def test_a_url_leads_to_the_quote_whatever_the_id() -> None:
    assert document_url("a/Öl <b>?#.x") == "/documents/a/%C3%96l%20%3Cb%3E%3F%23.x"
    citation = Citation(
        "a/öl", "Öl", None, None, None, None, None, Span(3, 6), 1, "oil", "", "", "0123456789abcdef" * 4
    )
    assert citation_url(citation) == "/documents/a/%C3%B6l?start=3&end=6&sha256=0123456789abcdef#cited"
    assert format_url(citation, "text") == "/citations/a/%C3%B6l?start=3&end=6&sha256=0123456789abcdef&format=text"


GUIDE = Document("guide", "guide.md", "# Öl 😀\nOil is sold.", "ab" * 32, "Öl 😀", publisher="P")
PASSAGE = Passage("guide", Span(7, 19), "Oil is sold.", (Span(0, 12),), "Öl 😀")
GUIDE_JSON = {
    "id": "guide",
    "path": "guide.md",
    "title": "Öl 😀",
    "publisher": "P",
    "author": None,
    "published": None,
    "source_url": None,
    "rights": None,
    "source": None,
    "sha256": "ab" * 32,
    "characters": 19,
    "url": "/documents/guide",
}


def test_the_documents_are_listed_with_what_was_skipped() -> None:
    corpus = Corpus((GUIDE,), (SkippedFile("bad.txt", "is empty"),), "cd" * 32, "Fuels")
    assert documents_json(corpus) == {
        "title": "Fuels",
        "fingerprint": "cd" * 32,
        "documents": [GUIDE_JSON],
        "skipped": [{"path": "bad.txt", "reason": "is empty"}],
    }


def test_a_document_is_shown_as_it_was_cut() -> None:
    heading = Section(Span(0, 6), (PASSAGE,))
    assert cut_document_json(GUIDE, (Section(None, ()), heading)) == {
        **GUIDE_JSON,
        "sections": [
            {"heading": None, "passages": []},
            {
                "heading": {"text": "# Öl 😀", "start": 0, "end": 6},
                "passages": [{"id": "guide:7-19", "start": 7, "end": 19, "sentences": [{"start": 0, "end": 12}]}],
            },
        ],
    }


def test_a_score_is_explained_only_when_asked_for() -> None:
    scored = ScoredPassage(PASSAGE, 0.0, (), (), (), Span(0, 12))
    citation = Citation("guide", "Öl", None, None, None, None, None, Span(7, 10), 2, "Oil", "", " is", "ab" * 32)
    answer = Answer("Oil?", "abstained", "no_match", 0, None, (CitedPassage(1, scored, citation),), ())
    plain, explained = (answer_json(answer, {}, 0.5, explain)["passages"][0] for explain in (False, True))
    assert (plain["explanation"], explained["explanation"]) == (None, {"terms": [], "factors": []})


def test_an_abstention_has_every_key_and_shows_the_disagreements() -> None:
    citation = Citation("guide", "Öl", None, None, None, None, None, Span(7, 10), 2, "Oil", "", " is", "ab" * 32)
    scored = ScoredPassage(PASSAGE, 0.25, (), (), (), Span(0, 12))
    answer = Answer(
        "Oil?",
        "abstained",
        "terms_absent",
        0.125,
        None,
        (CitedPassage(1, scored, citation),),
        (),
        disagreements=(Disagreement("oil", (citation,)),),
    )
    body = answer_json(answer, {"version": 1}, 0.5, explain=True)
    assert list(body) == [
        *("question", "status", "reason", "confidence", "answer", "passages"),
        *("disagreements", "corpus", "took_ms"),
    ]
    assert (body["status"], body["reason"], body["confidence"], body["answer"]) == (
        "abstained",
        "terms_absent",
        0.125,
        None,
    )
    assert body["passages"][0]["explanation"] == {"terms": [], "factors": []}
    assert body["disagreements"] == [{"about": "oil", "citations": [body["passages"][0]["citation"]]}]
    assert (body["corpus"], body["took_ms"]) == ({"version": 1}, 0.5)


FOLDER = {
    "oil.md": "# Who buys oil?\n\nTurkey “buys” it 😀 for $5.8 billion. The U.S. does not.\n",
    "b/gas.txt": "Gas is sold to the United States.",
    "corpus.toml": '[documents."b/gas.txt"]\ntitle = "Gas"\nauthor = "A"\npublished = "2020-01"\nrights = "R"\n',
}


def pinned(text: str) -> object:
    """JSON with the order of its keys; numbers to nine places, as the last bit of a logarithm is the machine's."""
    return json.loads(text, object_pairs_hook=list, parse_float=lambda number: round(float(number), 9))


def test_a_complete_body_is_as_pinned(write_corpus: WriteCorpus, root: Path) -> None:
    """A changed key is a breaking change; a changed number is a tuned ranking, and the file is written anew."""
    engine = Engine.from_folder(write_corpus(FOLDER))
    block = corpus_json(engine.corpus, len(engine.passages), 1, "2026-11-22T10:00:00Z", engine.calibration)
    body = answer_json(engine.ask("Does the US buy oil from Turkey?"), block, 0.8, explain=True)
    expected = (root / "tests" / "data" / "ask_body.json").read_text(encoding="utf-8")
    assert pinned(json.dumps(body, allow_nan=False)) == pinned(expected)
