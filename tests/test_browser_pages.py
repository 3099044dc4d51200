"""The pages in a real browser: asked, followed, copied, printed, by keyboard, without a script, narrow and dark.

Skipped where there is no Chromium, unless QA_REQUIRE_BROWSER is 1. Every page opened here fails its test with any
message of the console, which is where a breach of the Content-Security-Policy is told.
"""

import json
import os
import re
from dataclasses import replace
from urllib.parse import urlencode

import pytest
from axe_playwright_python.sync_playwright import Axe

from qa.formats import FORMATS
from qa.records import Factor, Highlight, QueryTerm, SkippedFile, Span, TermScore
from tests.browser_support import CHROMIUM, chromium, served
from tests.web_support import FakeEngine, answered, cited, disagreement, document

if CHROMIUM is None and os.environ.get("QA_REQUIRE_BROWSER") != "1":
    pytest.skip("no Chromium; `apt-get install chromium` gets it", allow_module_level=True)

QUESTION = "When did U.S. forces return to Iraq?"
ANSWERED = "/?question=When+did+U.S.+forces+return+to+Iraq%3F"
# What the browser says of a page that is an error, by its status.
ERROR_PAGE = "Failed to load resource: the server responded with a status of 40"
NARROW, WIDE = {"width": 320, "height": 640}, {"width": 1280, "height": 900}


def rich_engine():
    """An engine whose one answer has everything a page can show."""
    engine = FakeEngine(
        document(publisher="Museum", published="1990", source_url="https://x.org/vasa"),
        document("b", "The Vasa sank in 1629.\n"),
        skipped=(SkippedFile("bad.txt", "is empty"),),
        title="Ships",
        examples=("When did the Vasa sink?",),
    )
    found = engine.corpus.documents[0]
    marks = [Highlight(Span(4, 8), "spelling"), Highlight(Span(9, 13), "synonym"), Highlight(Span(17, 21), "term")]
    first, second = cited(found, tuple(marks)), cited(found, (), rank=2)
    terms = (TermScore(QueryTerm("vasa", 1.0, "spelling", "Vassa"), 1, 2.0, 1.0, 2.0),)
    factors = (Factor("near", 0.5, 1.0, 0.5),)
    engine.answer = replace(
        answered(found),
        passages=(replace(first, scored=replace(first.scored, terms=terms, factors=factors)), second),
        query=(QueryTerm("vasa", 1.0, "spelling", "Vassa"),),
        disagreements=(disagreement(found),),
    )
    return engine


@pytest.fixture(scope="module")
def browser():
    with chromium() as opened:
        yield opened


@pytest.fixture(scope="module")
def corpus_url(engine):
    with served(engine) as url:
        yield url


@pytest.fixture(scope="module")
def rich_url():
    with served(rich_engine()) as url:
        yield url


def left(request):
    """Whether the browser broke it off itself, as it does with the icon of a page that is left at once."""
    return request.failure == "net::ERR_ABORTED"


@pytest.fixture
def opened(browser):
    """Opens an address in a new window; the options are those of Playwright's contexts."""
    contexts, troubles = [], []

    def open_page(url, **options):
        context = browser.new_context(**{"viewport": WIDE, **options})
        context.set_default_timeout(10_000)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: None if ERROR_PAGE in message.text else troubles.append(message.text))
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("requestfailed", lambda request: None if left(request) else troubles.append(f"{request.url} failed"))
        page.goto(url)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert troubles == []


def follow(page, selector):
    """Clicks a link and returns when the page behind it is there; a click alone may leave the old one to be read."""
    with page.expect_navigation():
        page.click(selector)


def submit(page):
    """Asks what stands in the box and returns when the answer is there."""
    with page.expect_navigation():
        page.press("#question", "Enter")


def is_in_view(page, selector):
    box = page.locator(selector).bounding_box()
    return box["y"] >= 0 and box["y"] + box["height"] <= page.viewport_size["height"]


@pytest.mark.parametrize("script", [True, False], ids=["script", "no_script"])
def test_a_question_is_answered_and_its_citation_leads_to_the_marked_quote(opened, corpus_url, script):
    page = opened(corpus_url, java_script_enabled=script)
    page.fill("#question", QUESTION)
    submit(page)
    assert page.input_value("#question") == QUESTION
    quote = page.inner_text(".sentence")
    follow(page, ".answer .source a >> nth=0")
    assert page.text_content("#cited") == quote
    assert is_in_view(page, "#cited")
    follow(page, "text=Next")
    assert quote in page.text_content("#cited")
    follow(page, "text=Back to the answer")
    assert page.input_value("#question") == QUESTION


def test_without_a_script_a_format_is_a_link_that_opens_it(opened, corpus_url):
    page = opened(corpus_url + ANSWERED, java_script_enabled=False)
    quote = page.inner_text(".sentence")
    assert page.locator("#habits").is_hidden()
    follow(page, ".copy a >> nth=0")
    assert f"“{quote}”" in page.inner_text("body")


def test_without_a_script_the_arithmetic_opens_and_the_filter_works(opened, corpus_url):
    page = opened(corpus_url + ANSWERED, java_script_enabled=False)
    page.click(".stands .why summary")
    assert page.locator(".stands .why table").is_visible()
    page.click(".ask summary")
    page.check(".ask input[type=checkbox] >> nth=0")
    follow(page, ".ask button")
    assert page.inner_text(".ask summary").endswith("Searching in 1 chosen document")


def test_buttons_copy_the_citation_in_each_format(opened, corpus_url):
    page = opened(corpus_url + ANSWERED, permissions=["clipboard-read", "clipboard-write"])
    quote = page.inner_text(".sentence")
    for form in FORMATS.values():
        page.click(f".answer .copy >> text={form.label}")
        page.wait_for_selector(f"#said:has-text('Copied as {form.label}')", state="attached")
        copied = page.evaluate("navigator.clipboard.readText()")
        assert quote in copied.replace("\\", "")
        assert not form.is_json or json.loads(copied)
    assert page.url == corpus_url + ANSWERED


def focused(page):
    return page.evaluate(
        "(document.activeElement.getAttribute('aria-label') || document.activeElement.textContent).trim()"
    )


def test_everything_is_reached_in_order_by_tab(opened, corpus_url):
    page = opened(corpus_url + ANSWERED + "&top_k=2")
    reached = []
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement === document.body"):
            break
        reached.append(focused(page))
    formats = [f"Copy as {name}" for name in ("Text", "Markdown", "BibTeX", "CSL-JSON", "Web Annotation")]
    title = page.inner_text(".answer .source a >> nth=0")
    likely = page.inner_text(".answer .confidence summary").removeprefix("▸ ")
    assert reached == [
        "Skip to the content",
        *("U.S.–Iraq relations", "Ask", "Documents"),
        "",  # the box
        *("Ask", "Search in some documents only"),
        *(title, likely, *formats, "Read on in the document", "Why this passage?"),
        *(page.inner_text(".others .source a"), *formats, "Why this passage?"),
        *("More passages", "This answer as JSON", "Settings"),
    ]


def test_by_keyboard_alone_a_question_leads_to_its_source(opened, corpus_url):
    page = opened(corpus_url)
    page.keyboard.type(QUESTION)  # the box of the empty page has the focus
    page.keyboard.press("Enter")
    page.wait_for_selector(".answer")
    quote = page.inner_text(".sentence")
    for _ in range(8):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector("#cited")
    assert page.text_content("#cited") == quote
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")


def test_the_skip_link_is_seen_when_it_has_the_focus(opened, corpus_url):
    page = opened(corpus_url + ANSWERED)
    page.keyboard.press("Tab")
    assert is_in_view(page, ".skip")
    assert page.locator(".skip").bounding_box()["x"] >= 0


def test_the_slash_leads_to_the_box_unless_it_is_typed_or_switched_off(opened, corpus_url):
    page = opened(corpus_url + ANSWERED)
    box = page.locator("#question")
    page.keyboard.press("/")
    assert box.evaluate("box => box === document.activeElement && box.selectionEnd") == len(QUESTION)
    page.keyboard.type("1/2")
    assert box.input_value() == "1/2"
    page.click("#habits summary")
    page.uncheck("#slash")
    page.reload()
    page.keyboard.press("/")
    assert box.evaluate("box => box !== document.activeElement")


def test_recent_questions_stay_in_the_browser_and_can_be_forgotten(opened, corpus_url):
    page = opened(corpus_url)
    assert page.locator("#recent").is_hidden()
    for question in ("oil", "gas <b>", "oil"):
        page.goto(corpus_url)
        page.fill("#question", question)
        submit(page)
        page.wait_for_selector(".answer, .none")
    page.goto(corpus_url)
    assert page.locator("#recent li").all_inner_texts() == ["oil", "gas <b>"]
    assert page.context.cookies() == []
    follow(page, "#recent a >> nth=0")
    assert page.input_value("#question") == "oil"
    page.click("#habits summary")
    page.click("#forget")
    page.goto(corpus_url)
    assert page.locator("#recent").is_hidden()


def test_switched_off_nothing_is_remembered(opened, corpus_url):
    page = opened(corpus_url)
    page.click("#habits summary")
    page.uncheck("#remember")
    page.goto(corpus_url + ANSWERED)
    page.goto(corpus_url)
    assert page.locator("#recent").is_hidden()
    assert page.evaluate("localStorage.getItem('recent')") == "[]"


def test_print_has_question_answer_and_full_citations_and_no_controls(opened, corpus_url):
    page = opened(corpus_url + ANSWERED)
    page.emulate_media(media="print")
    printed = page.inner_text("main")
    assert QUESTION in printed
    assert page.inner_text(".sentence") in printed
    assert len(re.findall(r"line \d+, characters \d+–\d+, SHA-256 [0-9a-f]{64}", printed)) == 6
    for control in (".ask", ".copy", ".why", ".further", "nav", "#habits"):
        assert not any(element.is_visible() for element in page.locator(control).all()), control
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"


def test_line_numbers_and_passages_are_shown_on_demand(opened, corpus_url):
    page = opened(f"{corpus_url}/documents/us-iraq-explainer?start=4741&end=4862#cited")
    follow(page, "text=Line numbers: show")
    assert page.evaluate("getComputedStyle(document.getElementById('L25'), '::before').content") == '"25"'
    follow(page, "text=How this document was cut: show")
    page.click("#cut-2")
    assert page.locator("#passage-2 .terms").is_visible()
    assert page.locator("#passage-3 .terms").is_hidden()
    page.click("#passage-2 a")
    assert is_in_view(page, "#cut-2")


def test_the_whole_question_is_seen_at_any_width_and_keeps_its_lines_apart(opened, corpus_url):
    question = "When did the forces of the United States,\nwhich had left in 2011, return to Iraq? " + "Why? " * 40
    for size in (WIDE, NARROW):
        page = opened(f"{corpus_url}/?{urlencode({'question': question})}", viewport=size)
        heading = page.locator("h1")
        assert heading.inner_text().split() == question.split()
        assert heading.evaluate("heading => heading.scrollWidth <= heading.clientWidth")
        assert page.input_value("#question") == question.strip().replace("\n", " ")


def test_what_the_confidence_means_opens_without_a_script(opened, corpus_url):
    page = opened(corpus_url + ANSWERED, java_script_enabled=False)
    assert page.locator(".confidence p").is_hidden()
    page.click(".confidence summary")
    assert "an estimate" in page.inner_text(".confidence p")


def test_a_long_document_is_read_in_parts(opened):
    text = "".join(f"This is line {number} of a long document.\n" for number in range(1, 12_001))
    start = text.index("This is line 9000 ")
    with served(FakeEngine(document(text=text))) as url:
        page = opened(f"{url}/documents/vasa?start={start}&end={start + 17}#cited")
        assert page.inner_text("#cited") == "This is line 9000"
        assert is_in_view(page, "#cited")
        follow(page, "text=Line numbers: show")
        assert page.evaluate("getComputedStyle(document.getElementById('L9000'), '::before').content") == '"9000"'
        follow(page, "text=Earlier text >> nth=0")
        assert page.locator("#cited").count() == 0
        follow(page, ".notice a")
        assert page.inner_text("#cited") == "This is line 9000"
        follow(page, "text=Later text >> nth=0")
        assert "This is line 12000 " in page.inner_text("#text")


def test_differing_documents_stand_side_by_side_where_there_is_room(opened, rich_url):
    boxes = [
        [
            item.bounding_box()
            for item in opened(f"{rich_url}/?question=a", viewport=size).locator(".disagreements li").all()
        ]
        for size in (WIDE, NARROW)
    ]
    (left, right), (above, below) = boxes
    assert left["y"] == right["y"]
    assert left["x"] + left["width"] < right["x"]
    assert above["y"] + above["height"] <= below["y"]


def test_each_kind_of_match_has_a_line_of_its_own(opened, rich_url):
    page = opened(f"{rich_url}/?question=a")
    styles = [
        page.eval_on_selector(f".passage mark.{kind}", "mark => getComputedStyle(mark).textDecorationStyle")
        for kind in ("term", "synonym", "spelling")
    ]
    assert styles == ["solid", "dotted", "wavy"]


PAGES = [
    "/",
    "/?question=a",
    "/?question=a&top_k=x",
    "/documents/nope",
    "/documents",
    "/documents/vasa?start=10&end=32&question=a#cited",
    "/documents/vasa?start=10&end=32&sha256=0000000000000000",
    "/documents/vasa?lines=on&cut=on#passage-1",
    "/problems/not_found",
]


def open_all_details(page):
    page.evaluate("document.querySelectorAll('details').forEach(details => { details.open = true; })")


@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_no_violation_in_light_and_dark_and_nothing_is_wider_than_a_narrow_window(opened, rich_url, path):
    page = opened(rich_url + path)
    open_all_details(page)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        results = Axe().run(page)
        assert results.violations_count == 0, results.generate_report()
    page.set_viewport_size(NARROW)
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]


def test_at_200_percent_zoom_nothing_is_cut_off(opened, rich_url):
    # A browser zooms by giving the page half of the room and twice the pixels.
    page = opened(f"{rich_url}/?question=a", viewport={"width": 640, "height": 450}, device_scale_factor=2)
    open_all_details(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 640


def test_an_error_page_keeps_the_question(opened, rich_url):
    assert opened(f"{rich_url}/?question=Who+knows%3F&top_k=x").input_value("#question") == "Who knows?"
