"""Questions go to a service and Replies come back: through qa's public interface, or over HTTP as a client would.

Both kinds give the same records, so that every measure is taken in one way. Nothing here judges.
"""

import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from urllib.error import HTTPError, URLError
from urllib.parse import quote
from urllib.request import Request, urlopen

from eval.errors import EvaluationError
from eval.judging import Slice
from qa import Answer, Citation, Engine

# The most passages that /ask gives for one question.
TOP_K = 20
_TIMEOUT_S = 30


@dataclass(frozen=True, slots=True)
class Reply:
    """What a service said to one question: `passages` best first, `sentence` only when it answered.

    `quotes` is all verbatim text in the reply with the place it claims to stand at. `stray_marks` is the number of
    highlights that lie outside of their passage.
    """

    status: str
    reason: str | None
    confidence: float
    passages: tuple[Slice, ...]
    sentence: Slice | None
    quotes: tuple[Slice, ...]
    stray_marks: int
    took_ms: float


class Service(Protocol):
    """A corpus that can be asked."""

    @property
    def fingerprint(self) -> str:
        """What tells this corpus from every other one."""

    @property
    def paths(self) -> Mapping[str, str]:
        """The path of each document inside of the folder, keyed by document id."""

    @property
    def passages(self) -> tuple[Slice, ...]:
        """All passages, in the order of document id and start."""

    def ask(self, question: str) -> Reply:
        """The reply to one question, with at most TOP_K passages."""


def read_texts(folder: Path, paths: Mapping[str, str]) -> dict[str, str]:
    """The canonical text of each document, decoded from its file here and not by qa, keyed by document id."""
    texts = {}
    for document_id, path in paths.items():
        try:
            texts[document_id] = (folder / path).read_bytes().decode("utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise EvaluationError(
                f"{folder / path}: cannot be read ({error}); name the folder that is served"
            ) from error
    return texts


class LocalService:
    """An engine in this process."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.fingerprint = engine.corpus.fingerprint
        self.paths = {document.id: document.path for document in engine.corpus.documents}
        self.passages = tuple(
            Slice(passage.document_id, passage.span.start, passage.span.end, passage.text)
            for passage in engine.passages
        )

    def ask(self, question: str) -> Reply:
        """The engine's answer as a reply."""
        started = time.perf_counter()
        answer = self.engine.ask(question, TOP_K)
        return _reply(answer, 1_000 * (time.perf_counter() - started))


def _reply(answer: Answer, took_ms: float) -> Reply:
    passages = tuple(
        Slice(cited.citation.document_id, cited.citation.span.start, cited.citation.span.end, cited.scored.passage.text)
        for cited in answer.passages
    )
    citations = [cited.citation for cited in answer.passages]
    citations += [citation for disagreement in answer.disagreements for citation in disagreement.citations]
    quotes = list(passages)
    sentence = None
    if answer.sentence:
        citation = answer.sentence.citation
        sentence = Slice(citation.document_id, citation.span.start, citation.span.end, citation.quote)
        citations.append(citation)
        # The span in the passage must lead to the same text as the citation of the sentence.
        start = _start_of(answer.sentence.passage_id)
        span = answer.sentence.span
        quotes.append(Slice(citation.document_id, start + span.start, start + span.end, citation.quote))
    quotes += [quoted for citation in citations for quoted in _cited(citation)]
    stray = sum(
        highlight.span.end > len(cited.scored.passage.text)
        for cited in answer.passages
        for highlight in cited.scored.highlights
    )
    return Reply(answer.status, answer.reason, answer.confidence, passages, sentence, tuple(quotes), stray, took_ms)


def _start_of(passage_id: str) -> int:
    """Where a passage begins, read from its id `DOCUMENT_ID:START-END`."""
    return int(passage_id.rpartition(":")[2].partition("-")[0])


def _cited(citation: Citation) -> Iterator[Slice]:
    return _around(
        citation.document_id, citation.span.start, citation.span.end, citation.quote, citation.prefix, citation.suffix
    )


def _around(document_id: str, start: int, end: int, quoted: str, prefix: str, suffix: str) -> Iterator[Slice]:
    """The quote of a citation and the text before and after it, if any, each at the place it must stand at."""
    yield Slice(document_id, start, end, quoted)
    if prefix:
        yield Slice(document_id, start - len(prefix), start, prefix)
    if suffix:
        yield Slice(document_id, end, end + len(suffix), suffix)


class HttpService:
    """A service that runs at `url`."""

    def __init__(self, url: str) -> None:
        if not url.startswith(("http://", "https://")):
            raise EvaluationError(f"{url}: is no address of a service; write http://HOST:PORT")
        self._url = url.rstrip("/")
        listed = self._get("/documents")
        self.fingerprint: str = listed["fingerprint"]
        self.paths: dict[str, str] = {document["id"]: document["path"] for document in listed["documents"]}
        self.passages = tuple(each for document_id in self.paths for each in self._passages(document_id))

    def ask(self, question: str) -> Reply:
        """The body of `/ask` as a reply; the time is that of the whole round trip."""
        started = time.perf_counter()
        body = self._get("/ask", {"question": question, "top_k": TOP_K})
        return _reply_of(body, 1_000 * (time.perf_counter() - started))

    def _passages(self, document_id: str) -> Iterator[Slice]:
        """The passages of one document; the listing gives spans only, so their text is cut from the document's."""
        path = f"/documents/{quote(document_id, safe='/')}"
        text = self._fetch(path, "text/plain").decode("utf-8")
        for section in self._get(path)["sections"]:
            for passage in section["passages"]:
                start, end = passage["start"], passage["end"]
                yield Slice(document_id, start, end, text[start:end])

    def _get(self, path: str, body: Mapping[str, object] | None = None) -> Any:
        content = self._fetch(path, "application/json", body)
        try:
            return json.loads(content)
        except json.JSONDecodeError as error:
            raise EvaluationError(f"{self._url}{path}: the reply is not JSON ({error}); is it this service?") from error

    def _fetch(self, path: str, accept: str, body: Mapping[str, object] | None = None) -> bytes:
        data = None if body is None else json.dumps(body).encode()
        headers = {"Accept": accept} | ({"Content-Type": "application/json"} if data else {})
        request = Request(self._url + path, data, headers)  # noqa: S310 # the scheme was checked at the start
        try:
            with urlopen(request, timeout=_TIMEOUT_S) as response:  # noqa: S310 # as above
                content: bytes = response.read()
        except HTTPError as error:
            detail = error.read().decode("utf-8", "replace")[:300]
            raise EvaluationError(f"{self._url}{path}: status {error.code}; {detail}") from error
        except (URLError, OSError) as error:
            raise EvaluationError(f"{self._url}{path}: cannot be reached ({error}); is the service running?") from error
        return content


def _reply_of(body: Mapping[str, Any], took_ms: float) -> Reply:
    """The reply that the JSON of `/ask` describes; the same as `_reply` gives for the answer it was made from."""
    passages = tuple(_slice(passage["citation"], passage["text"]) for passage in body["passages"])
    citations = [passage["citation"] for passage in body["passages"]]
    citations += [citation for disagreement in body["disagreements"] for citation in disagreement["citations"]]
    quotes = list(passages)
    sentence = None
    if body["answer"]:
        answer = body["answer"]
        citation = answer["citation"]
        sentence = _slice(citation, citation["quote"])
        citations.append(citation)
        start = _start_of(answer["passage_id"])
        quotes.append(Slice(citation["document_id"], start + answer["start"], start + answer["end"], answer["text"]))
    quotes += [
        quoted
        for citation in citations
        for quoted in _around(
            citation["document_id"],
            citation["start"],
            citation["end"],
            citation["quote"],
            citation["prefix"],
            citation["suffix"],
        )
    ]
    stray = sum(
        not 0 <= highlight["start"] < highlight["end"] <= len(passage["text"])
        for passage in body["passages"]
        for highlight in passage["highlights"]
    )
    return Reply(body["status"], body["reason"], body["confidence"], passages, sentence, tuple(quotes), stray, took_ms)


def _slice(citation: Mapping[str, Any], text: str) -> Slice:
    return Slice(citation["document_id"], citation["start"], citation["end"], text)
