"""Which source does a question ask for? Documents become Sources, which find their names in a question.

In: the documents. Out, for a question: the ids of the documents it names, and which of its terms do the naming. The
names of a document are its publisher, author and title, and the names its text attributes to ("The Times reports").
"""

import re
from collections.abc import Iterable

from qa import analysis
from qa.records import Document, Question

# A source is only asked for by a question that speaks of saying or of a text: "Was Reuters sold?" is about Reuters.
_CUE = re.compile(
    r"\b(?:according to|as per|says?|said|tells?|told|writes?|wrote|reports?|reported|describes?|mentions?|quotes?"
    r"|quoted|cites?|cited|claims?|characteri[sz]es?|articles?|piece|page|website|story|statement|document|paper"
    r"|account|publication|coverage|news)\b",
    re.IGNORECASE,
)
# Capitalised words in a row, at most so many that a text in capitals is read in linear time.
_NAME = r"[A-Z]\w+(?: [A-Z]\w+){0,5}"
_ATTRIBUTION = re.compile(rf"\b((?:The )?{_NAME}) reports?\b|\b[Aa]ccording to (?:the )?({_NAME})")
# What a name carries beside the name: legal forms, and the country in front of an office.
_UNNAMING = frozenset({"lp", "inc", "ltd", "llc", "plc", "co", "corp", "gmbh", "us", "uk"})
# Share of a name's terms that has to be said, and words that may stand between them: "State Department" for "U.S.
# Department of State".
_MIN_SHARE = 0.6
_MAX_GAP = 1


class Sources:
    """The names of the documents' sources; immutable."""

    def __init__(self, documents: Iterable[Document]) -> None:
        self._names = [
            (document.id, terms)
            for document in documents
            for name in _names(document)
            if (terms := frozenset(term.text for term in analysis.terms(name)) - _UNNAMING)
        ]

    def asked_for(self, question: Question) -> tuple[frozenset[str], frozenset[str]]:
        """The ids of the documents `question` names as its source, and the terms that name them; empty for none."""
        if not _CUE.search(question.text):
            return frozenset(), frozenset()
        terms = [word.term for word in question.words]
        document_ids: set[str] = set()
        naming: set[str] = set()
        for document_id, name in self._names:
            places = [place for place, term in enumerate(terms) if term in name]
            if len(places) >= _MIN_SHARE * len(name) and places[-1] - places[0] < len(places) + _MAX_GAP:
                document_ids.add(document_id)
                naming.update(terms[place] for place in places)
        return frozenset(document_ids), frozenset(naming)


def _names(document: Document) -> list[str]:
    attributed = [first or second for first, second in _ATTRIBUTION.findall(document.text)]
    names = (document.publisher, document.author, document.title, *attributed)
    return list(dict.fromkeys(name for name in names if name))
