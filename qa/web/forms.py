"""What stands in the question form: the text as it was typed and the documents to search in."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import parse_qs

from flask import request

from qa.records import Document
from qa.web.service import snapshot

# A longer list is no help to choose from; the page of each document has a form of its own.
MAX_CHOICES = 100


@dataclass(frozen=True, slots=True)
class Form:
    """The form of a page; `chosen` are the ids to search in, all documents when there are none."""

    question: str
    choices: tuple[Document, ...]
    chosen: Collection[str]


def form(question: str = "", chosen: Collection[str] = ()) -> Form:
    """The form with `question` in its box and the `chosen` documents ticked."""
    documents = snapshot().engine.corpus.documents
    choices = (
        documents
        if len(documents) <= MAX_CHOICES
        else tuple(document for document in documents if document.id in chosen)
    )
    known = [document.id for document in documents if document.id in chosen]
    # An input field has one line, and a browser would glue the lines of a question together.
    return Form(re.sub(r"[\r\n]", " ", question), choices, known)


def typed_form() -> Form:
    """The form as it was sent, however broken, so that an error costs nobody their words."""
    typed = parse_qs(request.query_string.decode("utf-8", "replace"))
    return form(" ".join(typed.get("question", [])[:1]), typed.get("documents", []))
