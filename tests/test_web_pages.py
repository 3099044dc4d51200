"""The pages, taken apart as a browser would."""

from dataclasses import replace
from decimal import Decimal
from math import prod
from urllib.parse import parse_qs, quote, urlsplit

import html5lib
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa.records import Factor, Highlight, QueryTerm, SkippedFile, Span, TermScore
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


def scripts_of(tree):
    """Every script but the one of the service, which stands in the head and is a file."""
    (own,) = tree.findall("head/script")
    assert own.get("src").startswith("/static/app.js?v=")
    assert not own.text
    return [script for script in tree.findall(".//script") if script is not own]


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
    assert words_of(source) == "The Vasa, A. Fox, Museum, 1990, section “The ship”, line 3"
    assert source.find("a").get("href") == (
        f"/documents/vasa?start=10&end=32&sha256={vasa.sha256[:16]}&question=When+did+the+Vasa+sink%3F#cited"
    )
    assert words_of(tree.find(".//details[@class='confidence']/summary")) == "Very likely the answer (93 %)"
    assert text_of(tree.find(".//blockquote[@class='passage']")) == f"{FIRST} {SECOND}"
    stands = tree.find(".//section[@class='stands']/p[@class='source']")
    assert words_of(stands) == "Read on in the document; this passage stands in line 3"


def test_a_quotation_of_several_lines_names_the_first_and_the_last():
    tree = get(FakeEngine(document(text=TEXT.replace(f"{FIRST} ", f"{FIRST}\n"))), "/?question=a")
    assert words_of(tree.find(".//article/p[@class='source']")).endswith(", line 3")
    assert words_of(tree.find(".//section[@class='stands']/p[@class='source']")).endswith(" stands in lines 3–4")


@pytest.mark.parametrize(
    ("typed", "boxed"),
    [("W" * 1_000, "W" * 1_000), ("When\nand\r\nwhy?", "When and  why?"), ("😀" * 1_000, "😀" * 1_000)],
    ids=["long", "lines", "emoji"],
)
def test_the_question_is_the_heading_and_stands_whole_in_the_box(typed, boxed):
    engine = FakeEngine()
    engine.answer = answered(engine.corpus.documents[0], typed)
    tree = get(engine, f"/?question={quote(typed)}")
    box = tree.find(".//input[@name='question']")
    assert (text_of(tree.find(".//h1")), box.get("value")) == (typed, boxed)
    assert int(box.get("maxlength")) >= len(typed.encode("utf-16-le")) // 2
    assert engine.asked == [(typed, 5, ())]


def test_a_section_named_like_its_document_is_not_named_twice():
    tree = get(FakeEngine(document(title=HEADING)), "/?question=a")
    assert words_of(tree.find(".//article/p[@class='source']")) == f"{HEADING}, line 3"


def test_equal_titles_are_told_apart_by_their_paths():
    engine = FakeEngine(document("a"), document("b/c", title="the  VASA"), document("d", title="Another"))
    tree = get(engine, "/?question=a")
    assert words_of(tree.find(".//article/p[@class='source']")) == "The Vasa (a.txt), section “The ship”, line 3"
    labels = [words_of(label) for label in tree.findall(".//label[@class='choice']")]
    assert labels == ["The Vasa (a.txt)", "the VASA (b/c.txt)", "Another"]
    titles = [words_of(get(engine, f"/documents/{name}").find(".//title")) for name in ("a", "d")]
    assert [title.split(" – ")[0] for title in titles] == ["The Vasa (a.txt)", "Another"]
    meta = [words_of(line) for line in get(engine, "/documents").findall(".//ul[@class='documents']//p")]
    assert [line.split(" · ")[-1] for line in meta] == ["a.txt", "b/c.txt", "d.txt"]


def test_a_passage_with_the_words_of_one_above_says_so():
    engine = FakeEngine(document("a"), document("b"))
    places = [cited(found, (), rank) for rank, found in enumerate(engine.corpus.documents, 1)]
    again = replace(places[0], rank=3)
    engine.answer = replace(answered(engine.corpus.documents[0]), passages=(*places, again))
    items = get(engine, "/?question=a").findall(".//section[@id='passages']//li")
    assert [words_of(item.find("details/summary")) for item in items] == [
        "The same words as in a passage above, in another document",
        "The same words as in a passage above, at another place of the same document",
    ]
    assert [text_of(item.find("details/blockquote")) for item in items] == [f"{FIRST} {SECOND}"] * 2


def test_a_passage_found_by_its_meaning_says_so():
    engine = FakeEngine()
    found = engine.corpus.documents[0]
    place = cited(found, ())
    engine.answer = replace(
        answered(found), passages=(replace(place, scored=replace(place.scored, matched="meaning")),)
    )
    note = get(engine, "/?question=a").find(".//section[@class='stands']/p[@class='by-meaning']")
    assert words_of(note) == "Found by its meaning: it shares no word with the question."


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
        ("term", "Marked: the sentence that fits best, a word of the question"),
        ("synonym", "Marked: the sentence that fits best, another name for one"),
        ("spelling", "Marked: the sentence that fits best, a repaired spelling"),
    ],
)
@pytest.mark.parametrize("status", ["answered", "abstained"])
def test_the_legend_stands_above_the_first_passage_and_explains_the_marks_that_occur(kind, legend, status):
    engine = FakeEngine()
    found = engine.corpus.documents[0]
    answer = answered(found) if status == "answered" else abstained(found, "below_threshold")
    engine.answer = replace(answer, passages=(cited(found, (Highlight(Span(4, 8), kind),)),))
    main = get(engine, "/?question=a").find(".//main")
    (element,) = main.findall(".//p[@class='legend']")
    assert words_of(element) == legend
    quotations = [part for part in main.iter() if part is element or part.get("class") == "passage"]
    assert quotations[0] is element


def test_without_a_passage_there_is_no_legend():
    engine = FakeEngine()
    engine.answer = abstained(engine.corpus.documents[0], "no_match", n_passages=0)
    assert get(engine, "/?question=a").find(".//p[@class='legend']") is None


WHY = {
    "no_terms": "The question holds no word to search for.",
    "no_match": "None of the words that matter in the question stand in the documents.",
    "terms_absent": "What matters most in the question stands nowhere in the documents,",
    "answer_type_missing": "The question asks for a person, and the closest sentence seems to give none.",
    "below_threshold": "Some passages touch on this, but none of them answers it clearly enough",
}


@pytest.mark.parametrize("reason", WHY)
def test_an_abstention_says_why_in_words_what_to_do_and_shows_the_closest_passages(reason):
    engine = FakeEngine()
    engine.answer = replace(abstained(engine.corpus.documents[0], reason), wanted="person")
    tree = get(engine, "/?question=a")
    heading, why, advice = tree.findall(".//section[@class='none']/*")
    assert words_of(heading) == "No answer found in these documents"
    assert words_of(why).startswith(WHY[reason])
    assert words_of(advice)
    assert words_of(tree.find(".//section[@id='passages']/h2")) == "Closest passages"
    assert tree.find(".//blockquote[@class='sentence']") is None


def refusal_of(answer, path="/?question=a"):
    engine = FakeEngine()
    engine.answer = answer
    section = get(engine, path).find(".//section[@class='none']")
    return [words_of(said) for said in section.findall("p")], [link.get("href") for link in section.findall(".//a")]


def test_an_abstention_names_the_words_that_stand_nowhere():
    answer = replace(abstained(document(), "terms_absent"), absent=("bake", "<b>"))
    assert refusal_of(answer)[0][1] == "Nowhere in the documents: bake, <b>."
    many = replace(answer, absent=tuple("abcdefghijk"))
    assert refusal_of(many)[0][1] == "Nowhere in the documents: a, b, c, d, e, f, g, h and 3 more words."


def test_an_abstention_leads_on():
    none = abstained(document(), "no_match", n_passages=0)
    assert refusal_of(none)[1] == ["/documents"]
    said, links = refusal_of(none, "/?question=a&documents=vasa")
    assert said[0] == "None of the words that matter in the question stand in the chosen documents."
    assert links == ["/?question=a"]


def test_an_abstention_without_passages_shows_none():
    engine = FakeEngine()
    engine.answer = abstained(engine.corpus.documents[0], "no_match", n_passages=0)
    assert get(engine, "/?question=a").find(".//section[@id='passages']") is None


@pytest.mark.parametrize(
    ("confidence", "words"),
    [
        (1.0, "Very likely the answer (99 %)"),
        (0.75, "Likely the answer (75 %)"),
        (0.5, "Fairly likely the answer (50 %)"),
        (0.3, "Possibly the answer (30 %)"),
    ],
)
def test_confidence_is_said_in_words_with_its_number_and_what_it_means(confidence, words):
    engine = FakeEngine()
    engine.answer = answered(engine.corpus.documents[0], confidence=confidence)
    said = get(engine, "/?question=a").find(".//details[@class='confidence']")
    assert words_of(said.find("summary")) == words
    assert "checked with questions about these documents" in words_of(said.find("p"))


def test_confidence_from_another_corpus_says_so():
    engine = FakeEngine()
    engine.calibration = "transferred"
    engine.answer = abstained(engine.corpus.documents[0], "below_threshold", confidence=0.3)
    said = get(engine, "/?question=a").find(".//details[@class='confidence']")
    assert words_of(said.find("summary")) == (
        "The first passage below is unlikely to be the answer (30 %, estimated from other documents)"
    )
    assert "checked with questions about other documents" in words_of(said.find("p"))


def test_disagreements_show_each_sentence_with_its_source():
    engine = FakeEngine()
    found = engine.corpus.documents[0]
    engine.answer = replace(answered(found), disagreements=(disagreement(found),))
    section = get(engine, "/?question=a").find(".//section[@class='disagreements']")
    assert text_of(section.find("h3")) == "the year"
    assert [text_of(quote) for quote in section.findall(".//li/blockquote")] == [FIRST, SECOND]
    assert [words_of(source) for source in section.findall(".//li/p[@class='source']")] == [
        "The Vasa, section “The ship”, line 3"
    ] * 2


def test_the_form_filters_by_document_and_keeps_the_choice():
    engine = FakeEngine(document("a", title="First"), document("b/c", title="Second"))
    tree = get(engine, "/?question=x&documents=b/c")
    boxes = [
        (box.get("value"), box.get("checked") is not None) for box in tree.findall(".//form//input[@type='checkbox']")
    ]
    assert boxes == [("a", False), ("b/c", True)]
    assert engine.asked == [("x", 5, ("b/c",))]
    assert words_of(tree.find(".//form//summary")) == "Searching in 1 chosen document"


def test_a_single_document_needs_no_filter():
    assert get(FakeEngine(), "/").find(".//form//details") is None


def more_of(tree):
    links = tree.findall(".//p[@class='further']/a")
    return [parse_qs(urlsplit(link.get("href")).query) for link in links if text_of(link) == "More passages"]


@pytest.mark.parametrize(("top_k", "more"), [(5, "10"), (10, "20"), (15, "20"), (20, None)])
def test_more_passages_are_asked_for_in_steps_up_to_20(top_k, more):
    engine = FakeEngine()
    found = engine.corpus.documents[0]
    places = abstained(found, "below_threshold", n_passages=top_k).passages
    engine.answer = replace(answered(found), passages=places)
    tree = get(engine, f"/?question=a+b&documents=vasa&top_k={top_k}")
    assert more_of(tree) == ([{"question": ["a b"], "documents": ["vasa"], "top_k": [more]}] if more else [])


@pytest.mark.parametrize(
    ("n_passages", "top_k", "n_shown", "more"),
    [(3, 5, 3, False), (4, 5, 3, True), (5, 5, 3, True), (4, 10, 4, False), (10, 10, 10, True)],
)
def test_of_an_abstention_three_passages_are_shown_until_more_are_asked_for(n_passages, top_k, n_shown, more):
    engine = FakeEngine()
    engine.answer = abstained(engine.corpus.documents[0], "below_threshold", n_passages=n_passages)
    tree = get(engine, f"/?question=a&top_k={top_k}")
    assert len(tree.findall(".//section[@id='passages']//li")) == n_shown
    assert bool(more_of(tree)) is more


def test_no_more_passages_are_offered_than_there_are():
    links = get(FakeEngine(), "/?question=a").findall(".//p[@class='further']/a")
    assert [text_of(link) for link in links] == ["This answer as JSON"]


@pytest.mark.parametrize(
    ("documents", "quoted_from"),
    [((document("a"),), "the document"), ((document("a"), document("b")), "one of the 2 documents")],
    ids=["one", "two"],
)
def test_the_start_page_promises_no_more_than_is_kept(documents, quoted_from):
    assert words_of(get(FakeEngine(*documents), "/").find(".//p[@class='lead']")) == (
        f"Ask in plain words. The answer is a sentence quoted from {quoted_from}, with the passage around it and its "
        "exact place. When this page finds no answer, it says so. It does not always notice that there is none, so "
        "please go by what the quoted sentence itself says."
    )


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
    assert scripts_of(tree) == tree.findall(".//img") == []
    assert "49" not in words_of(tree.find(".//main")).replace(document().sha256, "")


def test_d7_d8_hostile_documents_stay_text():
    hostile = document("x", HOSTILE + TEXT, title=HOSTILE, publisher=HOSTILE, source_url="javascript:alert(1)")
    engine = FakeEngine(hostile, skipped=(SkippedFile("<img onerror>\udcff\n.txt", HOSTILE),), title=HOSTILE)
    for path in ("/", "/?question=a", "/documents", "/documents/x", "/documents/x?start=0&end=9"):
        tree = get(engine, path)
        assert scripts_of(tree) == tree.findall(".//img") == []
        assert [a for a in tree.findall(".//a") if not (a.get("href") or "").startswith(("/", "#"))] == []


def test_d7_a_hostile_answer_stays_text():
    engine = FakeEngine(document("x", HOSTILE + TEXT))
    found = engine.corpus.documents[0]
    place = cited(found, ())
    terms = (TermScore(QueryTerm(HOSTILE, 1.0, "synonym", HOSTILE), 1, 1.0, 1.0, 1.0),)
    scored = replace(place.scored, terms=terms, factors=(Factor(HOSTILE, 1.0, 1.5, 1.5),))
    engine.answer = replace(
        answered(found),
        passages=(replace(place, scored=scored),),
        query=(QueryTerm(HOSTILE, 1.0, "spelling", HOSTILE),),
        disagreements=(replace(disagreement(found), about=HOSTILE),),
    )
    tree = get(engine, "/?question=a")
    assert scripts_of(tree) == tree.findall(".//img") == []
    assert text_of(tree.find(".//section[@class='disagreements']/h3")) == HOSTILE
    assert text_of(tree.find(".//p[@class='correction']/strong")) == HOSTILE


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


def with_query(*query):
    engine = FakeEngine()
    found = engine.corpus.documents[0]
    engine.answer = replace(
        answered(found), passages=(cited(found, (Highlight(Span(4, 8), "spelling"),)),), query=query
    )
    return engine


def test_a_corrected_spelling_is_told_with_a_way_back():
    engine = with_query(
        QueryTerm("vasa", 0.8, "spelling", "Vassa"),
        QueryTerm("vase", 0.5, "spelling", "Vassa"),
        QueryTerm("sink", 1.0, "term", "sink"),
    )
    tree = get(engine, "/?question=Did+the+Vassa+or+Vassas+sink%3F&top_k=10")
    (correction,) = tree.findall(".//p[@class='correction']")
    assert words_of(correction) == "Searched for Vasa and vase instead of Vassa. Search for “Vassa” as typed"
    assert parse_qs(urlsplit(correction.find("a").get("href")).query) == {
        "question": ['Did the "Vassa" or Vassas sink?'],
        "top_k": ["10"],
    }


def test_a_hostile_misspelling_is_no_pattern():
    engine = with_query(QueryTerm("vasa", 1.0, "spelling", "(V\\1+"))
    (correction,) = get(engine, "/?question=a+(V%5C1%2B+b").findall(".//p[@class='correction']")
    assert parse_qs(urlsplit(correction.find("a").get("href")).query) == {"question": ['a "(V\\1+" b']}


# 0.1 + 0.2 + 0.35 words and 0.0004 + 0.0004 other factors; each alone would be shown as 0.000, both make 0.001.
SCORED = (
    (
        TermScore(QueryTerm("vasa", 1.0, "term", "Vasa"), 1, 0.1, 1.0, 0.1),
        TermScore(QueryTerm("ship", 0.5, "synonym", "boat"), 2, 0.2, 2.0, 0.2),
        TermScore(QueryTerm("sank", 0.7, "spelling", "sakn"), 1, 0.5, 1.0, 0.35),
    ),
    (
        Factor("kind of answer", 0.2, 0.002, 0.0004),
        Factor("near", 0.4, 0.001, 0.0004),
        Factor("nothing", 0.0, 2.0, 0.0),
    ),
)


def test_why_a_passage_is_told_by_a_sum_that_adds_up_on_the_page():
    engine = FakeEngine()
    found = engine.corpus.documents[0]
    place = cited(found, ())
    scored = replace(place.scored, terms=SCORED[0], factors=SCORED[1], score=0.6508)
    engine.answer = replace(answered(found), passages=(replace(place, scored=scored),))
    table = get(engine, "/?question=a").find(".//details[@class='why']//table")
    rows = [[words_of(cell) for cell in row] for row in table.findall("tbody/tr")]
    assert rows == [
        ["Vasa", "1.000", "0.100", "1.000", "0.100"],
        ["boat as ship, another name", "0.500", "0.200", "2.000", "0.200"],
        ["sakn as sank, spelling repaired", "0.700", "0.500", "1.000", "0.350"],
        ["kind of answer", "0.002", "0.200", "0.001"],
        ["near", "0.001", "0.400", "0.000"],
    ]
    assert [words_of(cell) for cell in table.find("tfoot/tr")] == ["Score", "0.651"]
    assert sum(Decimal(row[-1]) for row in rows) == Decimal("0.651")


def test_the_arithmetic_of_real_answers_adds_up_and_is_right(engine):
    for question in engine.corpus.examples:
        tree = get(engine, f"/?question={quote(question)}")
        tables = tree.findall(".//details[@class='why']//table")
        assert len(tables) == len(engine.ask(question).passages)
        for table in tables:
            rows = [[words_of(cell) for cell in row] for row in table.findall("tbody/tr")]
            assert sum(Decimal(row[-1]) for row in rows) == Decimal(words_of(table.find("tfoot/tr/td")))
            for _, *factors, contribution in rows:
                assert prod(map(float, factors)) == pytest.approx(float(contribution), abs=0.02)


def test_every_example_is_answered(engine):
    assert engine.corpus.examples
    for question in engine.corpus.examples:
        tree = get(engine, f"/?question={quote(question)}")
        assert tree.find(".//blockquote[@class='sentence']") is not None, question


def test_each_passage_is_offered_in_every_format():
    tree = get(FakeEngine(), "/?question=a")
    (group,) = tree.findall(".//p[@class='copy']")
    links = [(text_of(link), link.get("href")) for link in group.findall("a")]
    url = f"/citations/vasa?start=10&end=32&sha256={document().sha256[:16]}&format="
    assert links == [
        ("Text", f"{url}text"),
        ("Markdown", f"{url}markdown"),
        ("BibTeX", f"{url}bibtex"),
        ("CSL-JSON", f"{url}csl"),
        ("Web Annotation", f"{url}annotation"),
    ]


def test_a_source_with_an_address_is_marked_there_too():
    tree = get(FakeEngine(document(source_url="https://x.org/vasa")), "/?question=a")
    link = tree.find(".//a[@class='publisher']")
    assert link.get("href") == "https://x.org/vasa#:~:text=The%20Vasa%20sank%20in%201628."
    assert link.get("rel") == "noreferrer noopener external"


def test_the_whole_place_of_each_quotation_is_there_to_be_printed():
    found = document()
    places = [words_of(place) for place in get(FakeEngine(found), "/?question=a").findall(".//p[@class='full']")]
    assert places == [
        f"vasa, line 3, characters 10–32, SHA-256 {found.sha256}",
        f"vasa, line 3, characters 10–55, SHA-256 {found.sha256}",
    ]


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
            for query in ["start=0&end=57", "start=900&end=901"]
        ),
        pytest.param(
            "start=5&end=5", "The link gives a place without any text in it, so none is marked.", id="d4_empty"
        ),
        pytest.param(
            "start=10&end=5",
            "The link gives a place the wrong way round, from 10 to 5, so none is marked.",
            id="d4_reversed",
        ),
        pytest.param(
            "start=10&end=32&sha256=" + document().sha256[:4],
            "The link gives a fingerprint of 4 digits, which is too short (sha256 needs at least 16), "
            "so no place is marked.",
            id="short_fingerprint",
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
