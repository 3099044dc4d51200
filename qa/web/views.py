"""What the page of an answer shows: which passages, in which pieces, and where its links lead.

Holds no HTML; the templates hold no decisions. The sentences are those of `qa.wording`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from qa.arithmetic import Arithmetic, arithmetic
from qa.records import Answer, Citation, CitedPassage
from qa.web.marks import Piece, passage_pieces
from qa.wire import DEFAULT_TOP_K, MAX_TOP_K, AskRequest, citation_url
from qa.wording import Refusal, corrected, likelihood, meaning, missing, refusal

# What is only closest is shown in small number first, as it may be of no use at all.
MAX_CLOSEST = 3
NEXT_TOP_K = (10, MAX_TOP_K)
# Every kind of mark, in the order in which they are explained.
KINDS = ("best", "term", "synonym", "spelling")


@dataclass(frozen=True, slots=True)
class Twin:
    """A passage further up with the very same words; `is_here` when it stands in the same document."""

    rank: int
    is_here: bool


@dataclass(frozen=True, slots=True)
class PassageView:
    """A passage and its text in pieces, each with the names of its marks; `why` adds up to its score."""

    cited: CitedPassage
    pieces: tuple[Piece, ...]
    why: Arithmetic
    twin: Twin | None


@dataclass(frozen=True, slots=True)
class Correction:
    """A word as it was typed, the words that were searched for instead, and where it is searched for as typed."""

    typed: str
    searched: tuple[str, ...]
    exact_url: str


@dataclass(frozen=True, slots=True)
class AnswerView:
    """An answer as its page shows it; `first` is the passage it stands in, `kinds` the marks on the page, to explain.

    `query` is what a link to a source carries along, so that its page knows the answer it belongs to. `all_url` asks
    all documents where only some were searched. `missing` are words of the question that stand nowhere.
    """

    answer: Answer
    refusal: Refusal | None
    missing: tuple[str, ...]
    n_more_missing: int
    likelihood: str
    meaning: str
    first: PassageView | None
    others: tuple[PassageView, ...]
    kinds: tuple[str, ...]
    corrections: tuple[Correction, ...]
    query: str
    more_url: str | None
    all_url: str | None
    json_url: str


def answer_view(answer: Answer, request: AskRequest, calibration: str) -> AnswerView:
    """The view of `answer` to `request`."""
    passages = shown_passages(answer, request)
    views = tuple(_passage_view(answer, cited, passages[:place]) for place, cited in enumerate(passages))
    sentence = answer.sentence
    first = next((view for view in views if sentence and view.cited.scored.passage.id == sentence.passage_id), None)
    marks = {name for view in views for piece in view.pieces for name in piece.names}
    words, n_more = missing(answer)
    return AnswerView(
        answer=answer,
        refusal=refusal(answer, in_chosen=bool(request.documents)),
        missing=words,
        n_more_missing=n_more,
        likelihood=likelihood(answer, calibration),
        meaning=meaning(calibration),
        first=first,
        others=tuple(view for view in views if view is not first),
        kinds=tuple(kind for kind in KINDS if kind in marks),
        corrections=tuple(_corrections(answer, request)),
        query=query_of(request),
        more_url=_more_url(request, len(passages), len(answer.passages)),
        all_url=f"/?{query_of(replace(request, documents=()))}" if request.documents else None,
        json_url=f"/ask?{query_of(request)}",
    )


def shown_passages(answer: Answer, request: AskRequest) -> tuple[CitedPassage, ...]:
    """The passages that the page shows: all, but of an abstention only the closest unless more were asked for."""
    if answer.sentence is None and request.top_k == DEFAULT_TOP_K:
        return answer.passages[:MAX_CLOSEST]
    return answer.passages


def _passage_view(answer: Answer, cited: CitedPassage, above: tuple[CitedPassage, ...]) -> PassageView:
    scored = cited.scored
    answers = answer.sentence is not None and scored.passage.id == answer.sentence.passage_id
    best = answer.sentence.span if answers and answer.sentence else scored.best_sentence
    return PassageView(cited, passage_pieces(scored, best), arithmetic(scored), _twin(cited, above))


def _twin(cited: CitedPassage, above: tuple[CitedPassage, ...]) -> Twin | None:
    words = cited.citation.quote.split()
    for other in above:
        if other.citation.quote.split() == words:
            return Twin(other.rank, other.citation.document_id == cited.citation.document_id)
    return None


def _corrections(answer: Answer, request: AskRequest) -> Iterator[Correction]:
    for typed, searched in corrected(answer):
        # A word in quotation marks is searched for as it is typed.
        question = re.sub(rf"(?<!\w){re.escape(typed)}(?!\w)", f'"{typed}"'.replace("\\", r"\\"), request.question)
        yield Correction(typed, searched, f"/?{query_of(replace(request, question=question))}")


def _more_url(request: AskRequest, n_shown: int, n_found: int) -> str | None:
    """Where more passages are; None when there are no more, or no more may be asked for."""
    if n_shown == n_found < request.top_k:
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


def citations_of(answer: Answer, request: AskRequest) -> tuple[Citation, ...]:
    """The citations of an answer in the order in which its page shows them."""
    sentence = (answer.sentence.citation,) if answer.sentence else ()
    disagreeing = (citation for disagreement in answer.disagreements for citation in disagreement.citations)
    passages = (cited.citation for cited in shown_passages(answer, request))
    return tuple(dict.fromkeys([*sentence, *disagreeing, *passages]))
