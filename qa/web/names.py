"""Titles that several documents share, which therefore tell no document apart."""

from collections import Counter

from flask import g

from qa.records import Document
from qa.web.service import snapshot


def path_beside_title(document_id: str) -> str | None:
    """The path of a document whose title another one has too, to be shown beside it; None for any other."""
    document = snapshot().engine.document(document_id)
    return document.path if _key(document) in _shared() else None


def _key(document: Document) -> str:
    """A title as a reader sees it: the difference of case or blanks is none."""
    return " ".join(document.title.split()).casefold()


def _shared() -> frozenset[str]:
    """The titles that stand more than once in the corpus; counted once for each request."""
    if "shared_titles" not in g:
        counts = Counter(map(_key, snapshot().engine.corpus.documents))
        g.shared_titles = frozenset(title for title, count in counts.items() if count > 1)
    shared: frozenset[str] = g.shared_titles
    return shared
