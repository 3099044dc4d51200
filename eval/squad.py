"""A file in the format of SQuAD 2.0 becomes documents, their passages and judged questions.

In: the JSON of Rajpurkar, Jia & Liang 2018. An article is a document, each of its paragraphs a passage however long, an
answer a place of grade 2; `is_impossible` means that nothing answers. Out: an engine, and what to ask it.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.errors import EvaluationError
from eval.judging import Judged, Place
from eval.questions import Evidence, Question
from qa import Document, Engine, Passage, Span, split_sentences
from qa.engine import Encode

_BETWEEN = "\n\n"


@dataclass(frozen=True, slots=True)
class SquadSet:
    """A SQuAD file as this evaluation asks it."""

    engine: Engine
    judged: tuple[Judged, ...]
    texts: Mapping[str, str]


def read_squad(path: Path, encode: Encode | None = None) -> SquadSet:
    """The set in the file; EvaluationError when it cannot be read, or is not in the format.

    With `encode`, which makes the Meaning of passages and sentences, its engine answers in semantic mode.
    """
    try:
        articles = json.loads(path.read_text(encoding="utf-8"))["data"]
        documents, passages, judged = _parts(articles)
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise EvaluationError(
            f"{path}: cannot be read ({error}); name a JSON file in the format of SQuAD 2.0"
        ) from error
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        reason = f"{type(error).__name__}: {error}"
        raise EvaluationError(f"{path}: is not in the format of SQuAD 2.0 ({reason})") from error
    engine = Engine.from_passages(documents, passages, encode=encode)
    return SquadSet(engine, tuple(judged), {document.id: document.text for document in documents})


def _parts(articles: list[dict[str, Any]]) -> tuple[list[Document], list[Passage], list[Judged]]:
    """The documents, their passages, and what is asked about them."""
    documents: list[Document] = []
    passages: list[Passage] = []
    judged: list[Judged] = []
    for number, article in enumerate(articles):
        paragraphs = [paragraph for paragraph in article["paragraphs"] if paragraph["context"].strip()]
        document = _document(number, article["title"], _BETWEEN.join(each["context"] for each in paragraphs))
        documents.append(document)
        start = 0
        for paragraph in paragraphs:
            context = paragraph["context"]
            span = Span(start, start + len(context))
            passages.append(Passage(document.id, span, context, split_sentences(context)))
            judged += [_judged(document, start, context, qa) for qa in paragraph["qas"]]
            start = span.end + len(_BETWEEN)
    return documents, passages, judged


def _document(number: int, title: str, text: str) -> Document:
    """An article; its number keeps ids apart where titles differ in signs only."""
    slug = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")
    document_id = f"{number:03}-{slug}"
    return Document(document_id, document_id, text, hashlib.sha256(text.encode()).hexdigest(), title.replace("_", " "))


def _judged(document: Document, start: int, context: str, qa: Mapping[str, Any]) -> Judged:
    """A question of the paragraph that begins at `start`; annotators who gave the same answer count once."""
    is_impossible = qa.get("is_impossible", False)
    answers = {} if is_impossible else {(answer["answer_start"], answer["text"]): None for answer in qa["answers"]}
    for offset, text in answers:
        if not text or context[offset : offset + len(text)] != text:
            raise ValueError(f"question {qa['id']}: {text!r} does not stand at {offset} of its paragraph")
    if not answers and not is_impossible:
        raise ValueError(f"question {qa['id']}: has no answer and is not said to be impossible")
    places = tuple(Place(document.id, start + offset, start + offset + len(text), 2) for offset, text in answers)
    question = Question(
        id=str(qa["id"]),
        kind="unanswerable" if is_impossible else "answerable",
        split="test",
        question=qa["question"],
        evidence=tuple(Evidence(document.id, text, 2) for _, text in answers),
        line=0,
    )
    return Judged(question, places)
