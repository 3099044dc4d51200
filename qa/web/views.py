"""What the page of an answer shows, in a person's words.

Holds no HTML; the templates hold no decisions.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from qa.analysis import terms
from qa.records import Answer, Citation, CitedPassage, QueryTerm
from qa.web.arithmetic import Arithmetic, arithmetic
from qa.web.marks import Piece, passage_pieces
from qa.wire import DEFAULT_TOP_K, MAX_TOP_K, AskRequest, citation_url

REASONS = {
    "no_terms": "The question holds no word to search for. Little words such as “the”, “is” or “what” stand "
    "everywhere; say whom or what it is about.",
    "no_match": "None of the words in the question stand in these documents.",
    "terms_absent": "The words that matter most in the question stand nowhere in these documents, "
    "so they are probably about something else.",
    "answer_type_missing": "The documents touch on this, but no sentence near gives the kind of thing asked for: "
    "a number, a date, a name.",
    "below_threshold": "Some passages touch on this, but none of them answers it clearly enough to stand behind.",
}

# Lower bounds of the confidence and the words for them: before "the answer" where one is given, and before "to be the
# answer" of what is only closest. What is given as an answer is not called unlikely in the same breath.
LIKELY = ((0.9, "very likely"), (0.75, "likely"), (0.5, "fairly likely"))
GIVEN = (*LIKELY, (0.0, "possibly"))
CLOSEST = (*LIKELY, (0.25, "unlikely"), (0.0, "very unlikely"))

NEXT_TOP_K = (10, MAX_TOP_K)


@dataclass(frozen=True, slots=True)
class PassageView:
    """A passage and its text in pieces, each with the names of its marks; `why` adds up to its score."""

    cited: CitedPassage
    pieces: tuple[Piece, ...]
    why: Arithmetic


@dataclass(frozen=True, slots=True)
class Correction:
    """A word as it was typed, the words that were searched for instead, and where it is searched for as typed."""

    typed: str
    searched: tuple[str, ...]
    exact_url: str


@dataclass(frozen=True, slots=True)
class AnswerView:
    """An answer as its page shows it; `first` is the passage it stands in, `kinds` the marks that need explaining.

    `query` is what a link to a source carries along, so that its page knows the answer it belongs to.
    """

    answer: Answer
    why_not: str | None
    likelihood: str
    percent: int
    measured: bool
    first: PassageView | None
    others: tuple[PassageView, ...]
    kinds: frozenset[str]
    corrections: tuple[Correction, ...]
    query: str
    more_url: str | None
    json_url: str


def answer_view(answer: Answer, request: AskRequest, calibration: str) -> AnswerView:
    """The view of `answer` to `request`."""
    views = tuple(_passage_view(answer, cited) for cited in answer.passages)
    sentence = answer.sentence
    first = next((view for view in views if sentence and view.cited.scored.passage.id == sentence.passage_id), None)
    return AnswerView(
        answer=answer,
        why_not=REASONS[answer.reason] if answer.reason else None,
        likelihood=next(words for bound, words in (GIVEN if sentence else CLOSEST) if answer.confidence >= bound),
        percent=round(answer.confidence * 100),
        measured=calibration == "measured",
        first=first,
        others=tuple(view for view in views if view is not first),
        kinds=frozenset(name for view in views for piece in view.pieces for name in piece.names)
        & {"synonym", "spelling"},
        corrections=tuple(_corrections(answer, request)),
        query=query_of(request),
        more_url=_more_url(request, len(answer.passages)),
        json_url=f"/ask?{query_of(request)}",
    )


def _passage_view(answer: Answer, cited: CitedPassage) -> PassageView:
    scored = cited.scored
    answers = answer.sentence is not None and scored.passage.id == answer.sentence.passage_id
    best = answer.sentence.span if answers and answer.sentence else scored.best_sentence
    return PassageView(cited, passage_pieces(scored, best), arithmetic(scored))


def _corrections(answer: Answer, request: AskRequest) -> Iterator[Correction]:
    """The words of the question that were also searched for in another spelling, in their order."""
    by_word: dict[str, list[str]] = {}
    for term in answer.query:
        if term.kind == "spelling":
            by_word.setdefault(term.source, []).append(_as_written(term, answer))
    for typed, searched in by_word.items():
        # A word in quotation marks is searched for as it is typed.
        question = re.sub(rf"(?<!\w){re.escape(typed)}(?!\w)", f'"{typed}"'.replace("\\", r"\\"), request.question)
        url = f"/?{query_of(replace(request, question=question))}"
        yield Correction(typed, tuple(dict.fromkeys(searched)), url)


def _as_written(term: QueryTerm, answer: Answer) -> str:
    """A word of the passages whose indexed form is `term`, the form itself where none shows it."""
    for cited in answer.passages:
        for highlight in cited.scored.highlights:
            word = highlight.span.cut(cited.scored.passage.text)
            if highlight.kind == "spelling" and any(found.text == term.term for found in terms(word)):
                return word
    return term.term


def _more_url(request: AskRequest, n_shown: int) -> str | None:
    """Where more passages are; None when there are no more, or no more may be asked for."""
    if n_shown < request.top_k:
        return None
    top_k = next((step for step in NEXT_TOP_K if step > request.top_k), None)
    return f"/?{query_of(replace(request, top_k=top_k))}#passages" if top_k else None


def query_of(request: AskRequest) -> str:
    """The request as the query of a URL, without what is as it is by default."""
    fields = [("question", request.question), *(("documents", name) for name in request.documents)]
    if request.top_k != DEFAULT_TOP_K:
        fields.append(("top_k", str(request.top_k)))
    return urlencode(fields)


def url_in_answer(citation: Citation, query: str) -> str:
    """The path of the cited place, which leads on to the other citations of the answer to `query`."""
    path, anchor = citation_url(citation).split("#")
    return f"{path}&{query}#{anchor}" if query else f"{path}#{anchor}"


def citations_of(answer: Answer) -> tuple[Citation, ...]:
    """The citations of an answer in the order in which its page shows them."""
    sentence = (answer.sentence.citation,) if answer.sentence else ()
    disagreeing = (citation for disagreement in answer.disagreements for citation in disagreement.citations)
    return tuple(dict.fromkeys([*sentence, *disagreeing, *(cited.citation for cited in answer.passages)]))
