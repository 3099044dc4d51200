"""What an answer says to a person beside its quotations, in the words that the page and the command line share.

Records in, sentences out. No sentence here says more than the record it was made from; holds no HTML.
"""

from dataclasses import dataclass

from qa import analysis
from qa.records import Answer, AnswerType, Citation, QueryTerm, Reason

# Lower bounds of the confidence, in percent, and the words for it where an answer is given, and before "to be the
# answer" of what is only closest. The lowest threshold of a calibration may be far below one half.
_GIVEN = (
    (90, "Very likely the answer"),
    (75, "Likely the answer"),
    (50, "Fairly likely the answer"),
    (25, "Possibly the answer"),
    (0, "Perhaps the answer, but doubtful"),
)
_CLOSEST = ((90, "very likely"), (75, "likely"), (50, "fairly likely"), (25, "unlikely"), (0, "very unlikely"))

_ESTIMATE = (
    "The number is an estimate of how often a passage that fits its question as well as this one really answers it. "
)
_MEASURED = "It was checked with questions about these documents."
_TRANSFERRED = "It was checked with questions about other documents, so here it is a rough guide only."
_NOT_TRUTH = " It does not say whether what the document states is true."

_KINDS: dict[AnswerType, str] = {
    "money": "a sum of money",
    "number": "a number",
    "date": "a date",
    "person": "a person",
    "place": "a place",
    "reason": "a reason",
    "phone": "a phone number",
    "email": "an e-mail address",
}

_WHY: dict[Reason, str] = {
    "no_terms": "The question holds no word to search for. Little words such as “the”, “is” or “what” stand "
    "everywhere.",
    "no_match": "None of the words that matter in the question stand in {where}.",
    "terms_absent": "What matters most in the question stands nowhere in the documents, "
    "so they are probably about something else.",
    "answer_type_missing": "The question asks for {kind}, and the closest sentence seems to give none.",
    "below_threshold": "Some passages touch on this, but none of them answers it clearly enough to stand behind.",
}
_ADVICE: dict[Reason, str] = {
    "no_terms": "Say whom or what it is about.",
    "no_match": "Check the spelling, or try other words for the same thing.",
    "terms_absent": "Check the spelling, or try other words for the same thing.",
    "answer_type_missing": "See whether the closest passages help, or ask in other words.",
    "below_threshold": "See whether the closest passages help, or ask in other words.",
}

# More words than these are counted and not named.
MAX_ABSENT = 8


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a question is not answered, and what to do."""

    why: str
    advice: str


def missing(answer: Answer) -> tuple[tuple[str, ...], int]:
    """The words of the question that stand nowhere, as many as are named, and how many more there are."""
    return answer.absent[:MAX_ABSENT], max(0, len(answer.absent) - MAX_ABSENT)


def corrected(answer: Answer) -> list[tuple[str, tuple[str, ...]]]:
    """The words of the question that were also searched for in another spelling, in their order, each with those."""
    by_word: dict[str, list[str]] = {}
    for term in answer.query:
        if term.kind == "spelling":
            by_word.setdefault(term.source, []).append(_as_written(term, answer))
    return [(typed, tuple(dict.fromkeys(searched))) for typed, searched in by_word.items()]


def _as_written(term: QueryTerm, answer: Answer) -> str:
    """A word of the passages whose indexed form is `term`, the form itself where none shows it."""
    for cited in answer.passages:
        for highlight in cited.scored.highlights:
            word = highlight.span.cut(cited.scored.passage.text)
            if highlight.kind == "spelling" and any(found.text == term.term for found in analysis.terms(word)):
                return word
    return term.term


def refusal(answer: Answer, in_chosen: bool = False) -> Refusal | None:
    """What to say instead of an answer, None when there is one; `in_chosen` when not all documents were searched."""
    if answer.reason is None:
        return None
    if answer.reason == "no_terms" and any(len(word) > analysis.MAX_TOKEN_CHARS for word in answer.question.split()):
        why = f"A word of more than {analysis.MAX_TOKEN_CHARS} characters is not searched for, and there is no other."
        advice = "Ask in plain words, with blanks between them."
    else:
        kind = _KINDS[answer.wanted] if answer.wanted else ""
        where = "the chosen documents" if in_chosen else "the documents"
        why = _WHY[answer.reason].format(kind=kind, where=where)
        advice = _ADVICE[answer.reason]
    return Refusal(why, advice)


def likelihood(answer: Answer, calibration: str) -> str:
    """How likely the answer is one, or the first passage of an abstention, with the number; empty when it is 0.

    The number is never 0 or 100 %, which an estimate cannot be.
    """
    if answer.confidence == 0:
        return ""
    percent = min(99, max(1, round(answer.confidence * 100)))
    words = next(words for bound, words in (_GIVEN if answer.sentence else _CLOSEST) if percent >= bound)
    number = f"{percent} %" + ("" if calibration == "measured" else ", estimated from other documents")
    return (
        f"{words} ({number})" if answer.sentence else f"The first passage below is {words} to be the answer ({number})"
    )


def meaning(calibration: str) -> str:
    """What the number of `likelihood` means."""
    return _ESTIMATE + (_MEASURED if calibration == "measured" else _TRANSFERRED) + _NOT_TRUTH


def lines(citation: Citation) -> str:
    r"""The lines of the document on which the quote stands.

    >>> from qa.records import Span
    >>> lines(Citation("a", "A", None, None, None, None, None, Span(0, 3), 4, "x\ny", "", "", ""))
    'lines 4–5'
    """
    last = citation.line + citation.quote.count("\n")
    return f"line {citation.line}" if last == citation.line else f"lines {citation.line}–{last}"


def counted(number: int, noun: str) -> str:
    """A number of things, the noun in the plural where there is not one of them.

    >>> counted(1, "passage"), counted(1200, "passage")
    ('1 passage', '1,200 passages')
    """
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
