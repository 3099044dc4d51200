"""A Citation in the forms other programs read: text, Markdown, BibTeX, CSL-JSON, and a W3C Web Annotation.

In: a Citation and its Document. Out: the text of one citation, escaped by the rules of its format. A field that is not
known is left out, and none is made up: no date of access, no guess which part of an author's name is the family name.
"""

import base64
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from qa.records import Citation, Document, Span


@dataclass(frozen=True, slots=True)
class Format:
    """A way to write a citation: its name for a person, its media type, and the ending of its files."""

    label: str
    media_type: str
    suffix: str
    write: Callable[[Citation, Document, str | None], str]

    @property
    def is_json(self) -> bool:
        """Whether it is written in JSON."""
        return self.media_type.endswith("+json")


def formatted(name: str, citation: Citation, document: Document, page_url: str | None = None) -> str:
    """The citation in the format `name`, a key of FORMATS, ending with a newline.

    `page_url` is the absolute address of the page that marks the quote, None where no service is known.
    """
    return FORMATS[name].write(citation, document, page_url) + "\n"


# Text fragments (WICG, scroll-to-text-fragment, section 3): a longer text is given by its first and last words.
MAX_EXACT_CHARS = 300
FRAGMENT_WORDS = (4, 8, 16)


def source_link(citation: Citation, document: Document) -> str | None:
    """The publisher's address of the document, made to mark the quote there; None when there is no web address.

    Words are added until the text found first in the document is the quote; where even that does not tell it apart,
    the words before and after it are given as well.
    """
    url = citation.source_url
    if url is None or not url.lower().startswith(("https://", "http://")):
        return None
    return f"{_without_spaces(url)}{'' if '#' in url else '#'}:~:{_directive(citation.span, document.text)}"


def _directive(span: Span, text: str) -> str:
    quoted = span.cut(text).strip()
    start = text.find(quoted, span.start)
    # A match stays inside one block of the page, so that words from two lines are never one piece of it.
    if len(quoted) <= MAX_EXACT_CHARS and "\n" not in quoted:
        pieces, found = [quoted], text.find(quoted) == start
    else:
        pieces, found = _ends(quoted, start, text)
    encoded = ",".join(_fragment(piece) for piece in pieces)
    if found:
        return f"text={encoded}"
    before = " ".join(text[max(0, span.start - 200) : span.start].rpartition("\n")[2].split()[-4:])
    after = " ".join(text[span.end : span.end + 200].partition("\n")[0].split()[:4])
    prefix = f"{_fragment(before)}-," if before else ""
    suffix = f",-{_fragment(after)}" if after else ""
    return f"text={prefix}{encoded}{suffix}"


def _ends(quoted: str, start: int, text: str) -> tuple[list[str], bool]:
    """The first and the last words of `quoted`, which stands at `start`, and whether they find it and nothing else."""
    end = start + len(quoted)
    lines = quoted.split("\n")
    pieces = [quoted]
    for n_words in FRAGMENT_WORDS:
        first, last = " ".join(lines[0].split()[:n_words]), " ".join(lines[-1].split()[-n_words:])
        if len(first) + len(last) > len(quoted):
            break
        pieces = [first, last]
        after = start + len(first)
        if text.find(first, 0, after) == start and text.find(last, after, end) == end - len(last):
            return pieces, True
    return pieces, False


def _fragment(text: str) -> str:
    """`text` percent-encoded for a directive, where `-`, `,` and `&` have a meaning of their own."""
    return quote(" ".join(text.split()), safe="").replace("-", "%2D")


def _without_spaces(url: str) -> str:
    return re.sub(r"[\s<>\"{}|\\^`]", lambda match: quote(match[0], safe=""), url)


def _place(citation: Citation) -> str:
    """Where the quote stands, in words."""
    return f"{citation.document_id}, line {citation.line}, characters {citation.span.start}–{citation.span.end}"


def _section(citation: Citation) -> str | None:
    return None if citation.section in (None, citation.title) else f"section “{citation.section}”"


def _address(citation: Citation, document: Document, page_url: str | None) -> str | None:
    return source_link(citation, document) or page_url


def _text(citation: Citation, document: Document, page_url: str | None) -> str:
    source = [citation.author, citation.title, citation.publisher, citation.published, _section(citation)]
    lines = [
        f"“{citation.quote}”",
        "",
        ", ".join(part for part in source if part),
        _place(citation),
        f"SHA-256 {citation.sha256}",
        _address(citation, document, page_url),
    ]
    return "\n".join(line for line in lines if line is not None)


# What Markdown would read as a mark anywhere in a line, and at its start only (CommonMark 0.31, sections 2.4, 4 and 5).
_MARKDOWN_ANYWHERE = re.compile(r"[\\`*_\[\]<>&~|$!]")
_MARKDOWN_START = re.compile(r"[#+=:-]|[0-9]{1,9}(?=[.)])")


def _markdown(citation: Citation, document: Document, page_url: str | None) -> str:
    address = _address(citation, document, page_url)
    title = f"*{_escape_markdown(_one_line(citation.title))}*"
    if address:
        title = f"[{title}](<{_without_spaces(address)}>)"
    source = [citation.author, citation.publisher, citation.published, _section(citation), _place(citation)]
    rest = ", ".join(_escape_markdown(_one_line(part)) for part in source if part)
    lines = re.split(r"\r\n|\r|\n", citation.quote)
    quoted = "\n".join(f"> {_escape_markdown(line)}".rstrip(" ") for line in lines)
    return f"{quoted}\n>\n> — {title}, {rest}"


def _escape_markdown(line: str) -> str:
    """One line of text as Markdown that shows it and nothing else; blanks at its ends, which Markdown drops, go."""
    line = _MARKDOWN_ANYWHERE.sub(r"\\\g<0>", line.strip())
    start = _MARKDOWN_START.match(line)
    if start is None:
        return line
    return f"{start[0]}\\{line[start.end() :]}" if start[0].isdigit() else f"\\{line}"


def _one_line(text: str) -> str:
    return " ".join(text.split())


# Braces are written by name, because BibTeX counts even an escaped one.
_BIBTEX = {
    "\\": r"\textbackslash{}",
    "{": r"\textbraceleft{}",
    "}": r"\textbraceright{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{char: f"\\{char}" for char in "#$%&_"},
}
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DATE = re.compile(r"(?P<year>[0-9]{4})(?:-(?P<month>0[1-9]|1[0-2])(?:-(?P<day>[0-9]{2}))?)?")


def _bibtex(citation: Citation, document: Document, page_url: str | None) -> str:
    date = _DATE.fullmatch(citation.published or "")
    where = [_section(citation), _place(citation), f"SHA-256 {citation.sha256}"]
    link = source_link(citation, document)
    fields = {
        # Double braces: a title keeps its capitals, and an author's name is not taken apart.
        "title": f"{{{{{_escape_bibtex(citation.title)}}}}}",
        "author": citation.author and f"{{{{{_escape_bibtex(citation.author)}}}}}",
        "howpublished": citation.publisher and f"{{{_escape_bibtex(citation.publisher)}}}",
        "year": citation.published and f"{{{_escape_bibtex(date['year'] if date else citation.published)}}}",
        "month": date and date["month"] and _MONTHS[int(date["month"]) - 1],
        "day": date and date["day"] and f"{{{int(date['day'])}}}",
        "url": link and f"{{{link}}}",
        "note": f"{{{_escape_bibtex(', '.join(part for part in where if part))}}}",
        "annote": f"{{{_escape_bibtex(citation.quote)}}}",
    }
    lines = "".join(f"  {name} = {value},\n" for name, value in fields.items() if value)
    return f"@misc{{{_key(citation)},\n{lines}}}"


def _key(citation: Citation) -> str:
    name = re.sub(r"[^A-Za-z0-9.-]+", "-", citation.document_id)
    return f"{name}-{citation.span.start}-{citation.span.end}"


def _escape_bibtex(text: str) -> str:
    return "".join(_BIBTEX.get(char, char) for char in text)


def _csl(citation: Citation, document: Document, page_url: str | None) -> str:
    link = source_link(citation, document)
    where = [_place(citation), f"SHA-256 {citation.sha256}"]
    fields = {
        "id": _key(citation),
        "type": "webpage" if link else "document",
        "title": citation.title,
        "author": citation.author and [{"literal": citation.author}],
        "publisher": citation.publisher,
        "issued": _issued(citation.published),
        "section": None if citation.section == citation.title else citation.section,
        "URL": link,
        "note": ", ".join(where),
        "annote": citation.quote,
    }
    return _json([{name: value for name, value in fields.items() if value}])


def _issued(published: str | None) -> dict[str, Any] | None:
    if published is None:
        return None
    date = _DATE.fullmatch(published)
    if date is None:
        return {"literal": published}
    return {"date-parts": [[int(part) for part in date.groups() if part]]}


def _annotation(citation: Citation, document: Document, page_url: str | None) -> str:
    """The Web Annotation (W3C Recommendation of 2017), whose offsets count in the file that the hash names."""
    digest = base64.urlsafe_b64encode(bytes.fromhex(citation.sha256)).decode().rstrip("=")
    file = f"ni:///sha-256;{digest}"  # RFC 6920: a name that only these bytes have
    annotation = {
        "@context": "http://www.w3.org/ns/anno.jsonld",
        "type": "Annotation",
        "motivation": "highlighting",
        "target": {
            "type": "SpecificResource",
            "source": page_url.partition("?")[0] if page_url else file,
            "selector": [
                {"type": "TextPositionSelector", "start": citation.span.start, "end": citation.span.end},
                {
                    "type": "TextQuoteSelector",
                    "exact": citation.quote,
                    "prefix": citation.prefix,
                    "suffix": citation.suffix,
                },
            ],
            "state": {"type": "TimeState", "cached": file},
        },
    }
    return _json(annotation)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)


FORMATS = {
    "text": Format("Text", "text/plain", "txt", _text),
    "markdown": Format("Markdown", "text/markdown", "md", _markdown),
    "bibtex": Format("BibTeX", "application/x-bibtex", "bib", _bibtex),
    "csl": Format("CSL-JSON", "application/vnd.citationstyles.csl+json", "json", _csl),
    "annotation": Format("Web Annotation", "application/ld+json", "jsonld", _annotation),
}
