"""Records become the JSON of the contract, and the fields of a request become an AskRequest.

Used by the web edge and by the command line, so that both say the same; knows nothing of HTTP.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from qa.errors import FieldError
from qa.records import (
    Answer,
    Citation,
    CitedPassage,
    Corpus,
    Disagreement,
    Document,
    Mode,
    Passage,
    ScoredPassage,
    Section,
    Span,
)

# Code points of a question, and passages of an answer: what is longer is a text and no question, and nobody reads on.
MAX_QUESTION_CHARS = 1_000
MAX_TOP_K = 20
DEFAULT_TOP_K = 5
# Fewer digits of a hash could be those of another file.
MIN_HASH_DIGITS = 16
# Half of a character, which no UTF-8 can hold.
LONE_SURROGATE = re.compile(r"[\ud800-\udfff]")

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class AskRequest:
    """A question with its fields, checked: `question` is trimmed and not blank."""

    question: str
    top_k: int = DEFAULT_TOP_K
    documents: tuple[str, ...] = ()
    explain: bool = False


def ask_request(fields: Mapping[str, object]) -> AskRequest:
    """The request that decoded JSON describes; an absent field has its default.

    Raises FieldError for a missing question, an unknown field, or a value that breaks its rule.
    """
    for name in fields:
        if name not in ("question", "top_k", "documents", "explain"):
            raise FieldError(
                shown(name), f"unknown field {shown(name)!r}; known are question, top_k, documents and explain"
            )
    if "question" not in fields:
        raise FieldError("question", "question is missing; send what you want to know")
    explain = fields.get("explain", False)
    if not isinstance(explain, bool):
        raise FieldError("explain", f"explain must be true or false, not {told(explain)}")
    return AskRequest(
        _question(fields["question"]),
        whole_number(fields.get("top_k", DEFAULT_TOP_K), "top_k", "top_k", 1, MAX_TOP_K),
        _documents(fields.get("documents", [])),
        explain,
    )


def _question(value: object) -> str:
    if not isinstance(value, str):
        raise FieldError("question", f"question must be a string, not {told(value)}")
    if len(value) > MAX_QUESTION_CHARS:
        raise FieldError(
            "question", f"question is {len(value)} characters long, the limit is {MAX_QUESTION_CHARS}; shorten it"
        )
    if found := LONE_SURROGATE.search(value):
        raise FieldError(
            "question",
            f"question is not valid Unicode at character {found.start()} (a lone surrogate); send whole characters",
        )
    if (place := value.find("\0")) >= 0:
        raise FieldError("question", f"question holds a NUL at character {place}; leave it out")
    question = value.strip()
    if not question:
        raise FieldError("question", "question is empty; ask something in plain words")
    return question


def _documents(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise FieldError("documents", f"documents must be a list of document ids, not {told(value)}")
    return tuple(value)


def whole_number(value: object, name: str, field: str, least: int, most: int) -> int:
    """`value` when it is a whole number in this range, which JSON may write as 5 or as 5.0; FieldError when not."""
    if isinstance(value, int | float) and not isinstance(value, bool) and least <= value <= most and value % 1 == 0:
        return int(value)
    raise FieldError(field, f"{name} must be a whole number from {least} to {most}, not {told(value)}")


def told(value: object) -> str:
    """A value as an error names it in a sentence: as `shown`, a string in quotation marks."""
    return f'"{shown(value)}"' if isinstance(value, str) else shown(value)


def shown(value: object) -> str:
    """A value as an error may repeat it: in JSON's words, short, and never a container's or a huge number's content."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, int) and abs(value) >= 10**20:
        return "a number of more than 20 digits"
    text = "".join(char if char.isprintable() else "�" for char in str(value))
    return text if len(text) <= 40 else text[:39] + "…"


def hash_fault(given: str) -> str | None:
    """What is wrong with `given` as the first digits of a SHA-256, None when nothing is."""
    if not re.fullmatch(r"[0-9a-fA-F]*", given) or len(given) > 64:
        return f"sha256 must be {MIN_HASH_DIGITS} to 64 hexadecimal digits, not {told(given)}"
    if len(given) < MIN_HASH_DIGITS:
        return (
            f"sha256 is too short with {len(given)} of at least {MIN_HASH_DIGITS} hexadecimal digits; give more of it"
        )
    return None


def answer_json(answer: Answer, corpus_block: Json, took_ms: float, explain: bool) -> Json:
    """The body of `/ask`; `corpus_block` is what `corpus_json` returned."""
    return {
        "question": answer.question,
        "status": answer.status,
        "reason": answer.reason,
        "confidence": answer.confidence,
        "answer": _sentence_json(answer),
        "passages": [_passage_json(cited, explain) for cited in answer.passages],
        "disagreements": [_disagreement_json(disagreement) for disagreement in answer.disagreements],
        "corpus": corpus_block,
        "took_ms": took_ms,
    }


def corpus_json(
    corpus: Corpus,
    n_passages: int,
    version: int,
    indexed_at: str,
    calibration: str,
    mode: Mode = "lexical",
    model: str | None = None,
) -> Json:
    """The `corpus` block: which documents answered, and how they were searched; `model` in semantic mode only."""
    return {
        "fingerprint": corpus.fingerprint,
        "version": version,
        "documents": len(corpus.documents),
        "passages": n_passages,
        "indexed_at": indexed_at,
        "mode": mode,
        "model": model,
        "calibration": calibration,
    }


def citation_json(citation: Citation) -> Json:
    """Every field of a citation, with the URL that leads to the marked place."""
    return {
        "document_id": citation.document_id,
        "title": citation.title,
        "publisher": citation.publisher,
        "author": citation.author,
        "published": citation.published,
        "source_url": citation.source_url,
        "section": citation.section,
        "start": citation.span.start,
        "end": citation.span.end,
        "line": citation.line,
        "quote": citation.quote,
        "prefix": citation.prefix,
        "suffix": citation.suffix,
        "sha256": citation.sha256,
        "url": citation_url(citation),
    }


def citation_url(citation: Citation) -> str:
    """The path of the page that marks the quote and scrolls to it."""
    return place_url(citation.document_id, citation.span, citation.sha256)


def place_url(document_id: str, place: Span, sha256: str) -> str:
    """The path of the page that marks `place` of the document while its file has this hash."""
    return f"{document_url(document_id)}?{_place_query(place, sha256)}#cited"


def format_url(citation: Citation, name: str) -> str:
    """The path of the citation in another format."""
    path = quote(citation.document_id, safe="/")
    return f"/citations/{path}?{_place_query(citation.span, citation.sha256)}&format={name}"


def _place_query(place: Span, sha256: str) -> str:
    return f"start={place.start}&end={place.end}&sha256={sha256[:MIN_HASH_DIGITS]}"


@lru_cache(maxsize=10_000)
def document_url(document_id: str) -> str:
    """The path of a document's page."""
    return "/documents/" + quote(document_id, safe="/")


def document_json(document: Document) -> Json:
    """A document's metadata, without its text."""
    return {
        "id": document.id,
        "path": document.path,
        "title": document.title,
        "publisher": document.publisher,
        "author": document.author,
        "published": document.published,
        "source_url": document.source_url,
        "rights": document.rights,
        "source": document.source,
        "sha256": document.sha256,
        "characters": len(document.text),
        "url": document_url(document.id),
    }


def documents_json(corpus: Corpus) -> Json:
    """The body of `/documents`: what is served, and what was skipped and why."""
    return {
        "title": corpus.title,
        "fingerprint": corpus.fingerprint,
        "documents": [document_json(document) for document in corpus.documents],
        "skipped": [{"path": file.path, "reason": file.reason} for file in corpus.skipped],
    }


def cut_document_json(document: Document, sections: tuple[Section, ...]) -> Json:
    """The body of `/documents/ID`: metadata, and how the text was cut, with spans into the canonical text."""
    return {**document_json(document), "sections": [_section_json(document, section) for section in sections]}


def _section_json(document: Document, section: Section) -> Json:
    return {
        "heading": section.heading and {"text": section.heading.cut(document.text), **_span_json(section.heading)},
        "passages": [_cut_passage_json(passage) for passage in section.passages],
    }


def _cut_passage_json(passage: Passage) -> Json:
    """A passage as a slice of its document; its sentences count from its own start."""
    return {
        "id": passage.id,
        **_span_json(passage.span),
        "sentences": [_span_json(sentence) for sentence in passage.sentences],
    }


def _span_json(span: Span) -> Json:
    return {"start": span.start, "end": span.end}


def _sentence_json(answer: Answer) -> Json | None:
    sentence = answer.sentence
    if sentence is None:
        return None
    return {
        "text": sentence.citation.quote,
        "passage_id": sentence.passage_id,
        **_span_json(sentence.span),
        "citation": citation_json(sentence.citation),
    }


def _passage_json(cited: CitedPassage, explain: bool) -> Json:
    scored = cited.scored
    return {
        "id": scored.passage.id,
        "rank": cited.rank,
        "score": scored.score,
        "matched": scored.matched,
        "text": scored.passage.text,
        "highlights": [{**_span_json(highlight.span), "kind": highlight.kind} for highlight in scored.highlights],
        "citation": citation_json(cited.citation),
        "explanation": _explanation_json(scored) if explain else None,
    }


def _explanation_json(scored: ScoredPassage) -> Json:
    """The summands of the score: each term with its arithmetic, every other factor by name."""
    return {
        "terms": [
            {
                "term": score.query_term.term,
                "source": score.query_term.source,
                "kind": score.query_term.kind,
                "weight": score.query_term.weight,
                "tf": score.tf,
                "idf": score.idf,
                "length_factor": score.length_factor,
                "contribution": score.contribution,
            }
            for score in scored.terms
        ],
        "factors": [
            {"name": factor.name, "value": factor.value, "weight": factor.weight, "contribution": factor.contribution}
            for factor in scored.factors
        ],
    }


def _disagreement_json(disagreement: Disagreement) -> Json:
    return {"about": disagreement.about, "citations": [citation_json(citation) for citation in disagreement.citations]}
