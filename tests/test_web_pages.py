"""The pages, taken apart as a browser would."""

from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import html5lib
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa.records import Highlight, SkippedFile, Span
from qa.web.views import REASONS
from tests.web_support import (
    FIRST,
    HEADING,
    SECOND,
    TEXT,
    FakeEngine,
    abstained,
    answered,
    cited,
    client_of,
    disagreement,
    document,
)


def tree_of(response):
    return html5lib.parse(response.get_data(as_text=True), treebuilder="etree", namespaceHTMLElements=False)


def text_of(element):
    return "".join(element.itertext())


def words_of(element):
    return " ".join(text_of(element).split())


def get(engine, path):
    response = client_of(engine).get(path, headers={"Accept": "text/html"})
    assert response.status_code == 200
    return tree_of(response)


def test_the_empty_page_offers_the_examples_as_links():
    engine = FakeEngine(title="Ships & shores", examples=("When did the Vasa sink?", "Who & why?"))
    tree = get(engine, "/")
    assert tree.find(".//h1").text == "Ships & shores"
    links = tree.findall(".//section[@class='examples']//a")
    assert [(link.get("href"), text_of(link)) for link in links] == [
        ("/?question=When%20did%20the%20Vasa%20sink%3F", "When did the Vasa sink?"),
        ("/?question=Who%20%26%20why%3F", "Who & why?"),
    ]
    assert engine.asked == []


def test_an_answer_stands_above_its_passage_with_its_source():
    vasa = document(publisher="Museum", author="A. Fox", published="1990")
    tree = get(FakeEngine(vasa), "/?question=When+did+the+Vasa+sink%3F")
    assert tree.find(".//input[@name='question']").get("value") == "When did the Vasa sink?"
    assert text_of(tree.find(".//blockquote[@class='sentence']")) == FIRST
    source = tree.find(".//article/p[@class='source']")
    assert words_of(source) == "The Vasa, A. Fox, Museum, 1990, section “The ship”"
    assert source.find("a").get("href") == f"/documents/vasa?start=10&end=32&sha256={vasa.sha256[:16]}#cited"
    assert words_of(tree.find(".//p[@class='confidence']")) == "Very likely the answer (93 %)."
    assert text_of(tree.find(".//blockquote[@class='passage']")) == f"{FIRST} {SECOND}"


def test_a_section_named_like_its_document_is_not_named_twice():
    tree = get(FakeEngine(document(title=HEADING)), "/?question=a")
    assert words_of(tree.find(".//article/p[@class='source']")) == HEADING


def test_the_best_sentence_and_each_kind_of_match_are_marked_apart():
    tree = get(FakeEngine(), "/?question=a")
    marks = tree.findall(".//blockquote[@class='passage']/mark")
    assert [(mark.get("class"), text_of(mark)) for mark in marks] == [
        ("best", "The "),
        ("best term", "Vasa"),
        ("best", " "),
        ("best synonym", "sank"),
        ("best", " in 1628."),
    ]


@pytest.mark.parametrize(
    ("kind", "legend"),
    [
        ("term", None),
        ("synonym", "Underlined: words of the question, words of the same meaning."),
        ("spelling", "Underlined: words of the question, words spelt alike."),
    ],
)
def test_the_legend_is_there_only_when_needed(kind, legend):
    engine = FakeEngine()
    found = engine.corpus.documents[0]
    engine.answer = replace(answered(found), passages=(cited(found, (Highlight(Span(4, 8), kind),)),))
    element = get(engine, "/?question=a").find(".//p[@class='legend']")
    assert (element if element is None else words_of(element)) == legend


@pytest.mark.parametrize("reason", REASONS)
def test_an_abstention_says_why_in_words_and_shows_the_closest_passages(reason):
    engine = FakeEngine()
    engine.answer = abstained(engine.corpus.documents[0], reason)
    tree = get(engine, "/?question=a")
    assert [words_of(element) for element in tree.findall(".//section[@class='none']/*")] == [
        "No answer found in these documents",
        REASONS[reason],
    ]
    assert words_of(tree.find(".//section[@id='passages']/h2")) == "Closest passages"
    assert tree.find(".//blockquote[@class='sentence']") is None


def test_an_abstention_without_passages_shows_none():
    engine = FakeEngine()
    engine.answer = abstained(engine.corpus.documents[0], "no_match", n_passages=0)
    assert get(engine, "/?question=a").find(".//section[@id='passages']") is None


@pytest.mark.parametrize(
    ("confidence", "words"),
    [
        (1.0, "Very likely the answer (100 %)."),
        (0.75, "Likely the answer (75 %)."),
        (0.5, "Fairly likely the answer (50 %)."),
    ],
)
def test_confidence_is_said_in_words_with_its_number(confidence, words):
    engine = FakeEngine()
    engine.answer = answered(engine.corpus.documents[0], confidence=confidence)
    assert words_of(get(engine, "/?question=a").find(".//p[@class='confidence']")) == words


def test_confidence_from_another_corpus_says_so():
    engine = FakeEngine()
    engine.calibration = "transferred"
    engine.answer = abstained(engine.corpus.documents[0], "below_threshold", confidence=0.3)
    assert words_of(get(engine, "/?question=a").find(".//p[@class='confidence']")) == (
        "The first passage below is unlikely to be the answer (30 %; the measure was taken on other documents)."
    )


def test_disagreements_show_each_sentence_with_its_source():
    engine = FakeEngine()
    found = engine.corpus.documents[0]
    engine.answer = replace(answered(found), disagreements=(disagreement(found),))
    section = get(engine, "/?question=a").find(".//section[@class='disagreements']")
    assert text_of(section.find("h3")) == "the year"
    assert [text_of(quote) for quote in section.findall(".//q")] == [FIRST, SECOND]


def test_the_form_filters_by_document_and_keeps_the_choice():
    engine = FakeEngine(document("a", title="First"), document("b/c", title="Second"))
    tree = get(engine, "/?question=x&documents=b/c")
    boxes = [(box.get("value"), box.get("checked") is not None) for box in tree.findall(".//input[@type='checkbox']")]
    assert boxes == [("a", False), ("b/c", True)]
    assert engine.asked == [("x", 5, ("b/c",))]
    assert words_of(tree.find(".//summary")) == "Searching in 1 chosen document"


def test_a_single_document_needs_no_filter():
    assert get(FakeEngine(), "/").find(".//details") is None


@pytest.mark.parametrize(("top_k", "more"), [(5, "10"), (10, "20"), (15, "20"), (20, None)])
def test_more_passages_are_asked_for_in_steps_up_to_20(top_k, more):
    engine = FakeEngine()
    engine.answer = abstained(engine.corpus.documents[0], "below_threshold", n_passages=top_k)
    links = get(engine, f"/?question=a+b&documents=vasa&top_k={top_k}").findall(".//p[@class='further']/a")
    found = [parse_qs(urlsplit(link.get("href")).query) for link in links if text_of(link) == "More passages"]
    assert found == ([{"question": ["a b"], "documents": ["vasa"], "top_k": [more]}] if more else [])


def test_no_more_passages_are_offered_than_there_are():
    links = get(FakeEngine(), "/?question=a").findall(".//p[@class='further']/a")
    assert [text_of(link) for link in links] == ["This answer as JSON"]


def test_the_form_page_ignores_unknown_parameters():
    engine = FakeEngine()
    get(engine, "/?question=a&utm_source=x&utm_source=y")
    assert engine.asked == [("a", 5, ())]


HOSTILE = "</mark><script>alert(1)</script>\"'><img src=x onerror=alert(1)>{{7*7}}${x}%s"


@pytest.mark.parametrize(
    "path", ["/?question={}", "/?question={}&top_k=x", "/?documents={}", "/?question=a&documents={}"]
)
def test_q13_a_hostile_question_stays_text(path):
    url = path.format(HOSTILE.replace("%", "%25").replace("&", "%26"))
    response = client_of(FakeEngine()).get(url, headers={"X-Request-ID": "id"})
    tree = tree_of(response)
    assert tree.findall(".//script") == tree.findall(".//img") == []
    assert "49" not in words_of(tree.find(".//main"))


def test_d7_d8_hostile_documents_stay_text():
    hostile = document("x", HOSTILE + TEXT, title=HOSTILE, publisher=HOSTILE, source_url="javascript:alert(1)")
    engine = FakeEngine(hostile, skipped=(SkippedFile("<img onerror>\udcff\n.txt", HOSTILE),), title=HOSTILE)
    for path in ("/", "/?question=a", "/documents", "/documents/x", "/documents/x?start=0&end=9"):
        tree = get(engine, path)
        assert tree.findall(".//script") == tree.findall(".//img") == []
        assert [a for a in tree.findall(".//a") if not (a.get("href") or "").startswith(("/", "#"))] == []


def test_every_page_has_a_language_a_title_one_heading_and_a_skip_link():
    engine = FakeEngine(title="Ships")
    for path in ("/", "/?question=a", "/documents", "/documents/vasa", "/problems/not_found"):
        tree = get(engine, path)
        assert tree.get("lang") == "en"
        assert tree.find(".//title").text
        assert len(tree.findall(".//h1")) == 1
        assert tree.find(".//a[@class='skip']").get("href") == "#main"
        assert tree.find(".//main[@id='main']") is not None
        for box in tree.findall(".//input[@type='search']"):
            assert tree.find(f".//label[@for='{box.get('id')}']") is not None


# The text of a document


@pytest.mark.parametrize(
    "text",
    ["\nfirst", "\n\nfirst", "\r\nfirst\r\n", "a\rb", " \t a ", "<b>&lt;</b>", "\f\u2028\u202e\x85", "é😀\ufeff"],
)
def test_d9_the_text_of_the_page_is_the_canonical_text(text):
    tree = get(FakeEngine(document(text=text)), "/documents/vasa")
    assert text_of(tree.find(".//*[@id='text']")) == text


# What may stand in a document: anything but NUL and lone surrogates.
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=40)


@given(texts, st.integers(0, 50), st.integers(1, 50))
@settings(max_examples=60, deadline=None)
def test_the_mark_holds_the_cited_text_and_the_page_all_of_it(text, start, length):
    text = f"{HEADING}{text}\n\nThe end\n"
    end = min(start + length, len(text))
    start = min(start, end - 1)
    tree = get(FakeEngine(document(text=text)), f"/documents/vasa?start={start}&end={end}")
    assert text_of(tree.find(".//*[@id='text']")) == text
    assert [text_of(mark) for mark in tree.findall(".//mark[@id='cited']")] == [text[start:end]]
    assert len(tree.findall(".//*[@id='s1']")) == 1


def test_headings_are_headings_on_the_page():
    tree = get(FakeEngine(), "/documents/vasa")
    assert [(text_of(h), h.get("id")) for h in tree.findall(".//*[@id='text']//h2")] == [(HEADING, "s1")]


@pytest.mark.parametrize("sha256", ["", document().sha256[:16], document().sha256, document().sha256[:16].upper()])
def test_the_cited_place_is_marked_and_its_line_named(sha256):
    tree = get(FakeEngine(), f"/documents/vasa?start=10&end=32&sha256={sha256}")
    assert text_of(tree.find(".//mark[@id='cited']")) == FIRST
    assert words_of(tree.find(".//p[@class='notice']")) == "The cited place is marked: line 3."


@pytest.mark.parametrize(
    ("query", "notice"),
    [
        pytest.param(
            "start=10&end=32&sha256=" + "0" * 16,
            "This document has changed since it was cited, so no place is marked.",
            id="d5_changed",
        ),
        pytest.param(
            "start=10&end=32&sha256=xyz",
            "The link gives a fingerprint that cannot be read, so no place is marked.",
            id="bad_fingerprint",
        ),
        *(
            pytest.param(query, "The link gives a place that cannot be read, so none is marked.", id=f"d4_{query[:20]}")
            for query in [
                "start=-1&end=5",
                "start=1_0&end=20",
                "start=%EF%BC%99&end=20",
                "start=1",
                "end=1",
                "start=&end=",
                "start=0&end=1" + "0" * 30,
            ]
        ),
        *(
            pytest.param(
                query,
                "The link gives a place outside of this document of 56 characters, so none is marked.",
                id=f"d4_{query}",
            )
            for query in ["start=0&end=57", "start=5&end=5", "start=6&end=5", "start=900&end=901"]
        ),
    ],
)
def test_a_place_that_is_not_there_is_said_and_nothing_marked(query, notice):
    tree = get(FakeEngine(), f"/documents/vasa?{query}")
    assert words_of(tree.find(".//p[@class='notice']")) == notice
    assert tree.find(".//mark") is None
    assert text_of(tree.find(".//*[@id='text']")) == TEXT


def test_a_page_without_a_place_says_nothing_about_one():
    assert get(FakeEngine(), "/documents/vasa").find(".//p[@class='notice']") is None


def test_a_document_page_asks_within_the_document():
    tree = get(FakeEngine(document("a/b")), "/documents/a/b")
    assert tree.find(".//input[@name='documents']").get("value") == "a/b"


def test_the_list_shows_documents_and_skipped_files():
    skipped = (SkippedFile("bad\udcff.txt", "byte 0xff at offset 3 is not UTF-8"),)
    tree = get(FakeEngine(document("a/b", publisher="Museum"), skipped=skipped), "/documents")
    assert tree.find(".//ul[@class='documents']//a").get("href") == "/documents/a/b"
    assert words_of(tree.find(".//ul[@class='documents']//p")) == "Museum · 56 characters · a/b.txt"
    assert words_of(tree.find(".//ul[@class='skipped']")) == "bad?.txt: byte 0xff at offset 3 is not UTF-8"
