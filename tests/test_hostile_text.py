"""Hostile text before it is a question, in the pages that show it, and in documents as large as they may be."""

import re
import time
from pathlib import Path

import html5lib
import pytest
from flask.testing import FlaskClient

from qa.settings import Settings
from server import create_app
from tests.web_support import FakeEngine, client_of, document

TEMPLATES = sorted((Path(__file__).parent.parent / "qa" / "web" / "templates").glob("*.html"))


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    """A client of the service of the three documents."""
    return create_app().test_client()


@pytest.mark.parametrize(
    "question",
    [
        pytest.param("a\u0316\u0301" * 10_000, id="q6_marks_in_turn"),
        pytest.param("\ufdfa" * 20_000, id="q7_signs_for_phrases"),
        pytest.param("\u0301" * 1_001, id="q6_marks_alone"),
        pytest.param("a" * 60_000, id="q5_one_token"),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_q5_q6_q7_a_question_is_measured_before_it_is_normalised(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, method: str, question: str
) -> None:
    normalised: list[str] = []
    with monkeypatch.context() as patch:
        patch.setattr("unicodedata.normalize", lambda form, text: normalised.append(text))
        if method == "GET":
            response = client.get("/ask", query_string={"question": question[:1_100]})
        else:
            response = client.post("/ask", json={"question": question})
    assert response.status_code in (400, 413)
    assert normalised == []


def test_q7_a_question_grows_by_no_more_than_a_question_when_it_is_normalised(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = []
    monkeypatch.setattr("qa.analysis.terms", lambda text: read.append(len(text)) or ())
    response = client.post("/ask", json={"question": "\ufdfa" * 1_000})
    assert (response.status_code, response.get_json()["reason"]) == (200, "no_terms")
    assert max(read) == 2_000


def test_q3_a_thousand_different_words_are_answered(client: FlaskClient) -> None:
    words = " ".join(f"{chr(97 + n % 26)}{n}" for n in range(230))
    response = client.post("/ask", json={"question": words[:1_000], "explain": True})
    terms = {term["term"] for each in response.get_json()["passages"] for term in each["explanation"]["terms"]}
    assert response.status_code == 200
    assert len(terms) <= Settings().max_terms


@pytest.mark.parametrize(
    ("plain", "written"),
    [
        pytest.param("file", "\ufb01le", id="q8_ligature"),
        pytest.param("ISIS", "ＩＳＩＳ", id="q8_full_width"),
        pytest.param("Iraq’s", "Iraq's", id="q8_apostrophe"),
        pytest.param("embassy", "em\u200bbas\u00adsy", id="q9_invisible"),
        pytest.param("CAFÉ", "cafe\u0301", id="q8_decomposed"),
    ],
)
def test_q8_q9_a_form_of_a_word_finds_what_the_word_finds(client: FlaskClient, plain: str, written: str) -> None:
    found = [
        [passage["id"] for passage in client.post("/ask", json={"question": f"{word} oil"}).get_json()["passages"]]
        for word in (plain, written)
    ]
    assert found[0] == found[1] != []


# Pages


def markup(template: Path) -> str:
    """The tags of a template, what Jinja computes as {}."""
    text = re.sub(r"\{#.*?#\}|\{%.*?%\}", "", template.read_text(encoding="utf-8"), flags=re.DOTALL)
    return re.sub(r"\{\{.*?\}\}", "{}", text, flags=re.DOTALL)


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template.name)
def test_q14_every_attribute_stands_in_quotation_marks(template: Path) -> None:
    for tag in re.findall(r"<[a-zA-Z{][^<>]*>", markup(template)):
        bare = re.sub(r'"[^"]*"', '""', tag)
        assert re.findall(r"=(?!\")", bare) == [], tag
        assert "{}" not in bare.removeprefix("<{}").replace(" {}", "") or bare.startswith("<{}"), tag


# Where an address may come from: a path of ours, or what makes one.
PATHS = r"part\.\w+ |view\.neighbours\.\w+ |problem\.type "
FILTERS = "citation_url|document_url|format_url|publisher_url|url_in_answer"
ADDRESS = re.compile(rf"[#/](?!/)|\{{\{{ (?:[\w.]+(?:_url|\.url)\b|asset_url\[|{PATHS}|[\w.()]+\|(?:{FILTERS})\b)")
# The one address of others, whose scheme is looked at first.
CHECKED = {"{{ document.source_url }}"}


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template.name)
def test_q14_an_address_is_made_by_us(template: Path) -> None:
    text = template.read_text(encoding="utf-8")
    for address in re.findall(r'\b(?:href|src|action|cite|formaction)="((?:\{\{.*?\}\}|[^"])*)"', text):
        assert ADDRESS.match(address) or address in CHECKED, address


@pytest.mark.parametrize("url", ["javascript:alert(1)", "JaVaScRiPt:alert(1)", " javascript:x", "data:text/html,x"])
def test_q14_an_address_of_another_scheme_is_text(url: str) -> None:
    client = client_of(FakeEngine(document(source_url=url)))
    for path in ("/?question=a", "/documents", "/documents/vasa", "/documents/vasa?start=10&end=32"):
        tree = html5lib.parse(client.get(path).text, treebuilder="etree", namespaceHTMLElements=False)
        for element in tree.iter():
            for name in ("href", "src", "action"):
                assert (element.get(name) or "#").startswith(("/", "#")), (path, element.get(name))


def test_q10_the_title_of_a_page_turns_no_letters() -> None:
    client = client_of(FakeEngine(document(title="a\u202eb")))
    for path in ("/?question=a%E2%80%AEb", "/documents/vasa"):
        assert "\u202e" not in client.get(path).text.split("</title>")[0]


# Documents


@pytest.mark.parametrize("unit", ["a", "word ", "line\n", "<b>", "\U0001f600"], ids=ascii)
def test_d6_the_page_of_the_largest_document_is_small(unit: str) -> None:
    text = unit * (Settings().max_file_bytes // len(unit.encode()))
    client = client_of(FakeEngine(document(text=text)))
    for query in ("", f"?start={len(text) - 5}&end={len(text) - 1}", "?lines=on&from=5000000"):
        began = time.process_time()
        response = client.get(f"/documents/vasa{query}", headers={"Accept": "text/html"})
        assert response.status_code == 200
        assert len(response.data) < 10_000_000
        assert time.process_time() - began < 10
