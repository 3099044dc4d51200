"""The page of a document in each of its views: what is shown beside the text never changes the text."""

from urllib.parse import parse_qs, urlsplit

import html5lib
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa.records import Section, Span
from qa.web import source
from tests.web_support import FIRST, HEADING, SECOND, FakeEngine, client_of, document, passage

VIEWS = ["", "lines=on", "cut=on", "lines=on&cut=on"]
QUESTION = "question=When%3F"


def get(engine, path):
    response = client_of(engine).get(path, headers={"Accept": "text/html"})
    assert response.status_code == 200
    return html5lib.parse(response.get_data(as_text=True), treebuilder="etree", namespaceHTMLElements=False)


def text_of(element):
    return "".join(element.itertext())


def words_of(element):
    return " ".join(text_of(element).split())


# What may stand in a document; line ends and blanks are frequent.
texts = st.text(
    st.one_of(
        st.sampled_from("a \n\r\t<&😀é\u0301"),
        st.characters(exclude_categories=["Cs"], exclude_characters="\0"),
    ),
    min_size=1,
    max_size=40,
)


@given(texts, st.sampled_from(VIEWS), st.integers(0, 60), st.integers(1, 60))
@settings(max_examples=80)
def test_the_text_is_whole_in_every_view(text, view, start, length):
    text = f"{HEADING}\n\n{text}x\n"
    end = min(start + length, len(text))
    start = min(start, end - 1)
    tree = get(FakeEngine(document(text=text)), f"/documents/vasa?start={start}&end={end}&{view}")
    assert text_of(tree.find(".//*[@id='text']")) == text
    assert [text_of(mark) for mark in tree.findall(".//mark[@id='cited']")] == [text[start:end]]
    ids = [element.get("id") for element in tree.iter() if element.get("id")]
    assert len(ids) == len(set(ids))
    assert "s1" in ids


def test_every_line_has_its_number_and_the_text_none():
    tree = get(FakeEngine(), "/documents/vasa?lines=on")
    numbers = tree.findall(".//*[@id='text']//span[@class='number']")
    assert [(number.get("id"), number.get("data-number")) for number in numbers] == [
        ("L1", "1"),
        ("L2", "2"),
        ("L3", "3"),
    ]
    assert [text_of(number) for number in numbers] == ["", "", ""]


def test_passages_are_bands_that_lead_to_their_terms():
    class Cut(FakeEngine):
        def sections(self, id):
            found = self.document(id)
            return (Section(Span(0, 8), (passage(found, 10, 32), passage(found, 33, 55))),)

    tree = get(Cut(), "/documents/vasa?cut=on")
    bands = [(span.get("class"), text_of(span)) for span in tree.findall(".//*[@id='text']/span")]
    assert bands == [("odd", FIRST), ("even", SECOND)]
    links = [(link.get("href"), link.get("aria-label")) for link in tree.findall(".//*[@id='text']/a[@class='cut']")]
    assert links == [("#passage-1", "Passage 1"), ("#passage-2", "Passage 2")]
    first = tree.find(".//li[@id='passage-1']")
    assert words_of(first.find(".//details/p")) == "Characters 10–32, 5 words, 1 sentence. In the text"
    assert [text_of(term) for term in first.findall(".//code")] == ["vasa", "sank", "1628"]


def test_the_views_are_switched_by_links_that_keep_the_place():
    tree = get(FakeEngine(), "/documents/vasa?start=10&end=32&lines=on")
    lines, cut = tree.findall(".//p[@class='switches']/a")
    assert [words_of(link) for link in (lines, cut)] == ["Line numbers: hide", "How this document was cut: show"]
    assert parse_qs(urlsplit(lines.get("href")).query) == {"start": ["10"], "end": ["32"]}
    assert parse_qs(urlsplit(cut.get("href")).query) == {
        "start": ["10"],
        "end": ["32"],
        "lines": ["on"],
        "cut": ["on"],
    }


@pytest.mark.parametrize("view", ["lines=off", "lines=on&cut=on"])
def test_the_links_of_a_page_keep_all_chosen_documents(view):
    engine = FakeEngine(document(), document("wasa"))
    chosen = "question=When%3F&documents=vasa&documents=wasa"
    tree = get(engine, f"/documents/vasa?start=10&end=32&{view}&{chosen}")
    switches = [link.get("href") for link in tree.findall(".//p[@class='switches']/a")]
    assert [parse_qs(urlsplit(url).query)["documents"] for url in switches] == [["vasa", "wasa"]] * 2
    for url in switches:
        back, _, following = get(engine, url).find(".//nav[@class='neighbours']")
        assert back.get("href") == f"/?{chosen}"
        assert parse_qs(urlsplit(following.get("href")).query)["documents"] == ["vasa", "wasa"]


# Documents too long for one page: small windows here, as 200,000 characters take long to parse.


@pytest.fixture
def small_windows(monkeypatch):
    monkeypatch.setattr(source, "WINDOW_CHARS", 40)
    monkeypatch.setattr(source, "SLACK_CHARS", 18)


LONG = "".join(f"This is line {number}.\n" for number in range(1, 41))
LINE_20 = LONG.index("This is line 20.")


def shown_of(tree):
    return text_of(tree.find(".//*[@id='text']"))


def links_of(tree):
    return {text_of(link): link.get("href") for link in tree.find(".//nav[@class='parts']").findall("a")}


def test_of_a_long_document_the_part_around_the_cited_place_is_shown(small_windows):
    path = f"/documents/long?start={LINE_20}&end={LINE_20 + 16}"
    tree = get(FakeEngine(document("long", LONG)), path + "&lines=on")
    assert [text_of(mark) for mark in tree.findall(".//mark")] == ["This is line 20."]
    assert shown_of(tree) == "This is line 19.\nThis is line 20.\n"
    # The numbers are those of the whole document.
    assert [line.get("id") for line in tree.findall(".//span[@class='number']")] == ["L19", "L20"]
    assert words_of(tree.find(".//p[@class='notice']")) == "The cited place is marked: line 20."
    assert words_of(tree.find(".//p[@class='part']")) == "This long document is shown in parts: lines 19–20 of 40."
    later = links_of(tree)["Later text"]
    assert parse_qs(urlsplit(later).query) == {
        "start": [str(LINE_20)],
        "end": [str(LINE_20 + 16)],
        "lines": ["on"],
        "from": [str(LINE_20 + 17)],
    }


def test_from_another_part_a_link_leads_back_to_the_cited_place(small_windows):
    tree = get(FakeEngine(document("long", LONG)), f"/documents/long?start={LINE_20}&end={LINE_20 + 16}&from=0")
    assert shown_of(tree) == "This is line 1.\nThis is line 2.\n"
    assert tree.find(".//mark") is None
    back = tree.find(".//p[@class='notice']/a").get("href")
    assert back == f"/documents/long?start={LINE_20}&end={LINE_20 + 16}#cited"


def test_the_links_between_parts_keep_all_chosen_documents(small_windows):
    tree = get(FakeEngine(document("long", LONG)), "/documents/long?start=1&end=2&from=300&documents=a&documents=b")
    links = [*links_of(tree).values(), tree.find(".//p[@class='notice']/a").get("href")]
    assert [parse_qs(urlsplit(url).query)["documents"] for url in links] == [["a", "b"]] * 3


@pytest.mark.parametrize("start", ["x", "-1", "", "9" * 30])
def test_a_part_that_cannot_be_read_is_the_first(small_windows, start):
    tree = get(FakeEngine(document("long", LONG)), f"/documents/long?from={start}")
    assert shown_of(tree) == "This is line 1.\nThis is line 2.\n"


def test_a_part_behind_the_end_is_the_last_of_it(small_windows):
    assert shown_of(get(FakeEngine(document("long", LONG)), "/documents/long?from=99999")) == "\n"


def test_the_text_of_a_long_document_stays_whole_as_plain_text(small_windows):
    client = client_of(FakeEngine(document("long", LONG)))
    assert client.get("/documents/long", headers={"Accept": "text/plain"}).text == LONG


long_texts = st.text(st.sampled_from("ab \n\r<&😀"), min_size=31, max_size=200)


@given(long_texts, st.sampled_from(VIEWS))
@settings(max_examples=40)
def test_the_parts_of_a_long_document_are_all_of_it_in_both_directions(text, view):
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(source, "WINDOW_CHARS", 30)
        patched.setattr(source, "SLACK_CHARS", 8)
        engine = FakeEngine(document(text=text))
        path, end = f"/documents/vasa?{view}", 0
        while path:
            tree = get(engine, path)
            shown = shown_of(tree)
            assert text[end : end + len(shown)] == shown
            assert 0 < len(shown) <= 30
            start, end = end, end + len(shown)
            path = links_of(tree).get("Later text")
        assert end == len(text)
        path = links_of(tree).get("Earlier text")
        while path:
            tree = get(engine, path)
            begin = int(parse_qs(urlsplit(path).query)["from"][0])
            shown = shown_of(tree)
            assert text[begin : begin + len(shown)] == shown
            assert begin < start <= begin + len(shown)
            start, path = begin, links_of(tree).get("Earlier text")
        assert start == 0


def test_what_begins_above_the_part_is_marked_in_it(small_windows):
    class Cut(FakeEngine):
        def sections(self, id):
            found = self.document(id)
            return (Section(Span(0, 40), (passage(found, 40, 120), passage(found, 120, 160))),)

    tree = get(Cut(document("long", "x" * 200)), "/documents/long?from=35&cut=on&start=10&end=38")
    text = tree.find(".//*[@id='text']")
    assert shown_of(tree) == "x" * 40
    assert [(mark.get("id"), text_of(mark)) for mark in text.findall("mark")] == [("cited", "xxx")]
    assert [heading.get("id") for heading in text.findall(".//span[@class='heading']")] == ["s1", None]
    assert [text_of(span) for span in text.findall("span[@class='odd']")] == ["x" * 35]
    assert words_of(tree.find(".//section[@class='cuts']/p")).startswith("The text was cut into 2 passages, each ")
    assert [item.get("id") for item in tree.findall(".//section[@class='cuts']//li")] == ["passage-1"]


def test_a_heading_has_an_anchor():
    tree = get(FakeEngine(), "/documents/vasa")
    anchor = tree.find(".//*[@id='text']/a[@class='anchor']")
    assert (anchor.get("href"), anchor.get("aria-label"), text_of(anchor)) == ("#s1", "Link to this section", "")


def test_the_whole_hash_is_shown():
    facts = {
        words_of(fact.find("dt")): words_of(fact.find("dd"))
        for fact in get(FakeEngine(), "/documents/vasa").findall(".//dl/div")
    }
    assert facts == {"File": "vasa.txt, 56 characters", "SHA-256": document().sha256}


def neighbours_of(path):
    nav = get(FakeEngine(), path).find(".//nav[@class='neighbours']")
    return nav if nav is None else [(words_of(part), part.get("href")) for part in nav]


def test_a_citation_leads_to_the_ones_beside_it_in_its_answer():
    place = f"sha256={document().sha256[:16]}&{QUESTION}#cited"
    back = ("Back to the answer", f"/?{QUESTION}")
    # The answer cites its sentence, then the passage around it.
    assert neighbours_of(f"/documents/vasa?start=10&end=32&{QUESTION}") == [
        back,
        ("Citation 1 of 2", None),
        ("Next", f"/documents/vasa?start=10&end=55&{place}"),
    ]
    assert neighbours_of(f"/documents/vasa?start=10&end=55&{QUESTION}") == [
        back,
        ("Citation 2 of 2", None),
        ("Previous", f"/documents/vasa?start=10&end=32&{place}"),
    ]
    assert neighbours_of(f"/documents/vasa?start=1&end=2&{QUESTION}") == [back]


@pytest.mark.parametrize(
    "query",
    ["", "question=", "question=a&top_k=99", "question=a&documents=nope", "question=a&question=b", "question=%ff"],
)
def test_without_a_question_that_can_be_asked_there_are_none(query):
    assert neighbours_of(f"/documents/vasa?start=10&end=32&{query}") is None
