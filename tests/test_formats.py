"""Citations in the forms of other programs, read back by parsers of theirs."""

import json
import warnings
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

import bibtexparser
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from pylatexenc.latex2text import LatexNodes2Text
from pyld import jsonld

from qa import Citation, Document, Span
from qa.formats import FORMATS, formatted, source_link

with warnings.catch_warnings():  # it imports a name of the standard library that is on its way out
    warnings.simplefilter("ignore")
    from citeproc import Citation as Citing
    from citeproc import CitationItem, CitationStylesBibliography, CitationStylesStyle, formatter
    from citeproc.source.json import CiteProcJSON

SHA256 = "59b8943b7b4db4ed3c686560cfed3030b8e7281a30fa2a712dd7e0e7a80ebc96"
TEXT = "Kopf\n\nÖl & Gas: 5 % – “why”? {x}_y #1 $2 ~3 ^4 \\5.\nMore 😀.\n"


def document(text: str = TEXT, **metadata: Any) -> Document:
    return Document("a/öl", "a/Öl.txt", text, SHA256, "Öl & {Gas}: 100 % \\ #1", **metadata)


def citation(source: Document, start: int, end: int, section: str | None = None) -> Citation:
    text = source.text
    return Citation(
        source.id,
        source.title,
        source.publisher,
        source.author,
        source.published,
        source.source_url,
        section,
        Span(start, end),
        1 + text.count("\n", 0, start),
        text[start:end],
        text[max(0, start - 32) : start],
        text[end : end + 32],
        SHA256,
    )


FULL = document(publisher="P_1 & Co", author="A. {Fox} and B", published="2020-01-07", source_url="https://x.org/a?b=1")
BARE = document()
SENTENCE = citation(FULL, 6, 50, "Das $ [1]")


def test_the_text_has_all_that_is_known() -> None:
    assert formatted("text", SENTENCE, FULL).splitlines() == [
        f"“{SENTENCE.quote}”",
        "",
        "A. {Fox} and B, Öl & {Gas}: 100 % \\ #1, P_1 & Co, 2020-01-07, section “Das $ [1]”",
        "a/öl, line 3, characters 6–50",
        f"SHA-256 {SHA256}",
        source_link(SENTENCE, FULL),
    ]


@pytest.mark.parametrize("name", FORMATS)
def test_what_is_not_known_is_left_out_and_nothing_made_up(name: str) -> None:
    written = formatted(name, citation(BARE, 6, 50), BARE)
    for word in ("None", "null", "author", "publisher", "section", "access", "urldate", "http://x", "20"):
        assert word not in written.replace(SHA256, "")
    assert formatted(name, citation(BARE, 6, 50), BARE) == written


# Text with everything that means something to one of the formats.
hostile = st.text(
    st.one_of(
        st.sampled_from("\\{}#$%&_~^@=,\"'`*[]<>()!|+-.:;0123456789 \t\nab é😀"),
        st.characters(exclude_categories=["Cs", "Cc"]),
    ),
    min_size=1,
    max_size=40,
)


def quoting(text: str, title: str = "T") -> tuple[Citation, Document]:
    source = replace(document(text), title=title)
    return citation(source, 0, len(text)), source


def words(text: str) -> list[str]:
    return text.split()


def entry_of(bibtex: str) -> dict[str, Any]:
    library = bibtexparser.parse_string(bibtex)
    assert library.failed_blocks == []
    (entry,) = library.entries
    return {"ID": entry.key, "type": entry.entry_type} | {field.key: field.value for field in entry.fields}


def test_bibtex_is_read_back_by_a_bibtex_parser() -> None:
    entry = entry_of(formatted("bibtex", SENTENCE, FULL))
    assert list(entry) == [
        *("ID", "type", "title", "author", "howpublished", "year", "month", "day", "url", "note", "annote")
    ]
    assert (entry["ID"], entry["type"]) == ("a-l-6-50", "misc")
    assert (entry["year"], entry["month"], entry["day"]) == ("2020", "jan", "7")

    def latex(value: str) -> str:
        """The text that LaTeX would print; this reader knows braces only in their short form."""
        short = value.replace(r"\textbraceleft{}", r"\{").replace(r"\textbraceright{}", r"\}")
        return str(LatexNodes2Text(keep_braced_groups=False).latex_to_text(short)).replace("ˆ", "^")

    assert latex(entry["title"]) == FULL.title
    assert latex(entry["author"]) == FULL.author
    assert latex(entry["howpublished"]) == FULL.publisher
    assert latex(entry["annote"]) == SENTENCE.quote
    assert entry["url"] == source_link(SENTENCE, FULL)


@given(hostile)
def test_bibtex_keeps_any_text_balanced_and_whole(text: str) -> None:
    written = formatted("bibtex", *quoting(text))
    entry = entry_of(written)
    assert written.count("{") == written.count("}")
    value = entry["annote"]
    for name, char in {"backslash": "\\", "braceleft": "{", "braceright": "}"}.items():
        value = value.replace(f"\\text{name}{{}}", f"\0{ord(char)}\0")
    value = value.replace(r"\textasciitilde{}", "~").replace(r"\textasciicircum{}", "^")
    for char in "#$%&_":
        value = value.replace(f"\\{char}", char)
    for char in "\\{}":
        value = value.replace(f"\0{ord(char)}\0", char)
    assert words(value) == words(text)


@pytest.mark.parametrize(
    ("published", "fields"),
    [
        ("2020", {"year": "2020"}),
        ("2020-12", {"year": "2020", "month": "dec"}),
        ("spring 2020", {"year": "spring 2020"}),
        ("2020-13", {"year": "2020-13"}),
    ],
)
def test_a_date_is_as_exact_as_it_is_known(published: str, fields: dict[str, str]) -> None:
    source = document(published=published)
    entry = entry_of(formatted("bibtex", citation(source, 6, 50), source))
    assert {name: entry[name] for name in ("year", "month", "day") if name in entry} == fields


def test_csl_json_makes_a_bibliography_with_a_csl_processor() -> None:
    items = json.loads(formatted("csl", SENTENCE, FULL))
    assert items == [
        {
            "id": "a-l-6-50",
            "type": "webpage",
            "title": FULL.title,
            "author": [{"literal": FULL.author}],
            "publisher": FULL.publisher,
            "issued": {"date-parts": [[2020, 1, 7]]},
            "section": "Das $ [1]",
            "URL": source_link(SENTENCE, FULL),
            "note": f"a/öl, line 3, characters 6–50, SHA-256 {SHA256}",
            "annote": SENTENCE.quote,
        }
    ]
    # The processor knows no literal names, so that only what it prints of the rest is looked at.
    style = CitationStylesStyle("harvard-cite-them-right", validate=False)
    bibliography = CitationStylesBibliography(
        style, CiteProcJSON([{**item, "author": [{"family": "Fox"}]} for item in items]), formatter.plain
    )
    bibliography.register(Citing([CitationItem("a-l-6-50")]))
    (printed,) = map(str, bibliography.bibliography())
    assert "Fox" in printed
    assert "2020" in printed
    assert FULL.title in printed


def test_csl_json_of_a_document_without_metadata_is_a_document() -> None:
    (item,) = json.loads(formatted("csl", citation(BARE, 6, 50), BARE))
    assert list(item) == ["id", "type", "title", "note", "annote"]
    assert item["type"] == "document"


def test_csl_json_keeps_a_date_it_cannot_read_as_words() -> None:
    source = document(published="spring 2020")
    (item,) = json.loads(formatted("csl", citation(source, 6, 50), source))
    assert item["issued"] == {"literal": "spring 2020"}


OA = "http://www.w3.org/ns/oa#"
# The part of the annotation context (W3C, anno.jsonld) that the annotation uses.
CONTEXT = {
    "oa": OA,
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "id": "@id",
    "type": "@type",
    **{
        name: f"oa:{name}"
        for name in [
            *("Annotation", "SpecificResource", "TextPositionSelector", "TextQuoteSelector", "TimeState"),
            *("highlighting", "exact", "prefix", "suffix"),
        ]
    },
    "motivation": {"@id": "oa:motivatedBy", "@type": "@vocab"},
    "target": {"@id": "oa:hasTarget", "@type": "@id"},
    "source": {"@id": "oa:hasSource", "@type": "@id"},
    "selector": {"@id": "oa:hasSelector", "@type": "@id"},
    "state": {"@id": "oa:hasState", "@type": "@id"},
    "cached": {"@id": "oa:cachedSource", "@type": "@id"},
    "start": {"@id": "oa:start", "@type": "xsd:nonNegativeInteger"},
    "end": {"@id": "oa:end", "@type": "xsd:nonNegativeInteger"},
}


def loader(url: str, options: object) -> dict[str, Any]:
    assert url == "http://www.w3.org/ns/anno.jsonld"
    return {
        "contextUrl": None,
        "documentUrl": url,
        "document": {"@context": CONTEXT},
        "contentType": "application/json",
    }


def expanded(annotation: str) -> dict[str, Any]:
    (found,) = jsonld.expand(json.loads(annotation), {"documentLoader": loader})
    (target,) = found[f"{OA}hasTarget"]
    assert found["@type"] == [f"{OA}Annotation"]
    assert found[f"{OA}motivatedBy"] == [{"@id": f"{OA}highlighting"}]
    return dict(target)


def test_the_annotation_is_linked_data_that_selects_the_quote_by_place_and_by_words() -> None:
    target = expanded(
        formatted("annotation", SENTENCE, FULL, "http://127.0.0.1:8000/documents/a/%C3%B6l?start=6#cited")
    )
    assert target[f"{OA}hasSource"] == [{"@id": "http://127.0.0.1:8000/documents/a/%C3%B6l"}]
    # The hash in base64url without padding (RFC 6920).
    assert target[f"{OA}hasState"] == [
        {
            "@type": [f"{OA}TimeState"],
            f"{OA}cachedSource": [{"@id": "ni:///sha-256;WbiUO3tNtO08aGVgz-0wMLjnKBow-ipxLdfg56gOvJY"}],
        }
    ]
    place, text = target[f"{OA}hasSelector"]
    assert place["@type"] == [f"{OA}TextPositionSelector"]
    assert FULL.text[place[f"{OA}start"][0]["@value"] : place[f"{OA}end"][0]["@value"]] == SENTENCE.quote
    assert [text[f"{OA}{name}"][0]["@value"] for name in ("prefix", "exact", "suffix")] == [
        SENTENCE.prefix,
        SENTENCE.quote,
        SENTENCE.suffix,
    ]


def test_without_a_service_the_source_of_an_annotation_is_the_file_itself() -> None:
    target = expanded(formatted("annotation", SENTENCE, FULL))
    assert target[f"{OA}hasSource"] == [{"@id": "ni:///sha-256;WbiUO3tNtO08aGVgz-0wMLjnKBow-ipxLdfg56gOvJY"}]


def markdown(written: str) -> tuple[str, str, list[str]]:
    """The text of the quote, the text of the source line, and the addresses of its links."""
    tokens = MarkdownIt("commonmark").parse(written)
    assert {token.type for token in tokens} <= {
        *("blockquote_open", "paragraph_open", "inline", "paragraph_close", "blockquote_close")
    }
    inlines = [token.children or [] for token in tokens if token.type == "inline"]
    links = [str(child.attrs["href"]) for children in inlines for child in children if child.type == "link_open"]
    texts = [
        "".join("\n" if child.type == "softbreak" else child.content for child in children) for children in inlines
    ]
    assert {child.type for children in inlines[:-1] for child in children} <= {"text", "text_special", "softbreak"}
    return "\n".join(texts[:-1]), texts[-1], links


def test_markdown_is_a_quotation_with_its_source_and_a_link() -> None:
    quote, source, links = markdown(formatted("markdown", SENTENCE, FULL))
    assert quote == SENTENCE.quote
    assert source == (
        f"— {FULL.title}, A. {{Fox}} and B, P_1 & Co, 2020-01-07, section “Das $ [1]”, a/öl, line 3, characters 6–50"
    )
    assert [unquote(link) for link in links] == [unquote(str(source_link(SENTENCE, FULL)))]


def test_markdown_links_to_the_page_where_the_publisher_has_none() -> None:
    url = "http://127.0.0.1:8000/documents/a/%C3%B6l?start=6&end=50#cited"
    _, _, links = markdown(formatted("markdown", citation(BARE, 6, 50), BARE, url))
    assert links == [url]


@given(hostile, hostile)
def test_markdown_shows_any_text_and_nothing_else(text: str, title: str) -> None:
    quote, source, links = markdown(formatted("markdown", *quoting(f"a {text} b", title)))
    assert words(quote) == words(f"a {text} b")
    place = f"a/öl, line 1, characters 0–{len(text) + 4}"
    assert words(source) == words(f"— {' '.join(words(title))}, {place}") or not title.strip()
    assert links == []


@given(hostile, st.sampled_from(sorted(FORMATS)), st.data())
def test_any_slice_can_be_written_in_any_format(text: str, name: str, data: st.DataObject) -> None:
    source = document(text, source_url="https://x.org/a", published=text, author=text, publisher=text)
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    written = formatted(name, citation(source, start, end, text), source)
    assert written.endswith("\n")
    assert not FORMATS[name].is_json or json.loads(written)


# Text fragments


def link(text: str, quote: str, url: str = "https://x.org/a", after: str = "") -> str:
    source = document(text, source_url=url)
    start = text.index(quote, text.index(after) if after else 0)
    found = source_link(citation(source, start, start + len(quote)), source)
    return str(found).removeprefix(url)


def test_a_short_quote_is_the_whole_fragment_and_escaped() -> None:
    assert link("So: a-b, c & d? Yes.", "a-b, c & d?") == "#:~:text=a%2Db%2C%20c%20%26%20d%3F"


def test_a_long_quote_is_given_by_its_ends() -> None:
    long = "The first words of it " + "and more " * 40 + "up to its last words"
    assert link(f"Before. {long}. After.", long) == "#:~:text=The%20first%20words%20of,to%20its%20last%20words"


def test_a_quote_of_several_lines_is_given_by_its_ends() -> None:
    assert link("Head\n\nOne line.\nAnother.\n", "One line.\nAnother.") == "#:~:text=One%20line.,Another."


def test_more_words_are_taken_until_the_first_place_is_the_right_one() -> None:
    text = "a b c d wrong.\n" + "a b c d right e f g\nlast w x y z.\n"
    assert (
        link(text, "a b c d right e f g\nlast w x y z.")
        == "#:~:text=a%20b%20c%20d%20right%20e%20f%20g,last%20w%20x%20y%20z."
    )


def test_a_quote_that_stands_twice_is_told_apart_by_the_words_around_it() -> None:
    text = "First it rose. Then, much later, it rose again."
    assert link(text, "it rose", after="later") == "#:~:text=rose.%20Then%2C%20much%20later%2C-,it%20rose,-again."


def test_a_fragment_the_address_has_is_kept() -> None:
    assert link("Oil.", "Oil.", "https://x.org/a#b") == ":~:text=Oil."


@pytest.mark.parametrize("url", [None, "javascript:alert(1)", "ftp://x.org", "x.org"])
def test_without_a_web_address_there_is_no_link(url: str | None) -> None:
    source = document(source_url=url)
    assert source_link(citation(source, 6, 50), source) is None


@given(hostile)
def test_a_fragment_is_ascii_and_has_no_mark_of_the_text(text: str) -> None:
    source = document(f"x {text} y", source_url="https://x.org/")
    written = str(source_link(citation(source, 0, len(source.text)), source))
    assert written.isascii()
    directive = written.removeprefix("https://x.org/#:~:text=")
    assert not set(directive) & set('&-#"<> ')
    assert words(unquote(directive.replace(",", " "))) == words(source.text) or "," in directive
