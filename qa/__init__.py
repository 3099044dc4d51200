"""Answers questions from a folder of documents with verbatim passages and citations that lead to the exact place.

engine = Engine.from_folder(Path("corpus"))
answer = engine.ask("When did U.S. forces return to Iraq?")
"""

from qa.analysis import terms
from qa.engine import Engine
from qa.errors import CorpusError, FieldError, QAError, SettingError, UnknownDocument
from qa.passages import split_sentences
from qa.records import (
    Answer,
    AnswerSentence,
    Citation,
    CitedPassage,
    Corpus,
    Disagreement,
    Document,
    Evidence,
    Factor,
    Highlight,
    Passage,
    QueryTerm,
    ScoredPassage,
    Section,
    SkippedFile,
    Span,
    Term,
    TermScore,
)
from qa.settings import Settings

__all__ = [
    "Answer",
    "AnswerSentence",
    "Citation",
    "CitedPassage",
    "Corpus",
    "CorpusError",
    "Disagreement",
    "Document",
    "Engine",
    "Evidence",
    "Factor",
    "FieldError",
    "Highlight",
    "Passage",
    "QAError",
    "QueryTerm",
    "ScoredPassage",
    "Section",
    "SettingError",
    "Settings",
    "SkippedFile",
    "Span",
    "Term",
    "TermScore",
    "UnknownDocument",
    "split_sentences",
    "terms",
]
