"""Is this quote really there? Documents and what citations claim go in, a Verification of each claim comes out.

Only equality is ever called a match: at the cited place (`verified`) or elsewhere (`moved`). Where the words were
altered, the closest text is shown with the difference (`changed`), and it is never called a match, because a near
miss can say the opposite ("rise by 12 percent", "fall by 3 percent"). The work of one call is bounded, whatever the
lengths, and `is_limited` says when the bound was reached.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, islice
from typing import Literal

from rapidfuzz.distance import Indel, Levenshtein

from qa.records import Document, Span

MIN_SIMILARITY = 0.6
# What one call may cost, in code points that are searched through; at 0.3 to 5 ns each that is 0.1 to 1 s.
MAX_WORK = 200_000_000
# Places listed of a quote that stands everywhere, and code points of a quote that is searched for in altered form.
MAX_PLACES = 100
MAX_ALTERED_CHARS = 5_000

# Pieces of a quote that are looked up to find its altered form: their lengths, how many of one length (fewer where the
# text is long, never fewer than the minimum), and how many places of each.
_SEED_LENGTHS = (16, 8, 4)
_MIN_SEEDS, _MAX_SEEDS = 6, 64
_MAX_SEED_PLACES = 50
# Stretches of text that are compared with the quote in full, and pairs of characters compared at the price of one
# searched code point (they are compared 64 at a time).
_MAX_COMPARED = 5
_PAIRS_PER_CODE_POINT = 8
# Code points of a prefix, and of a suffix, that help to choose among several places: those next to the quote.
_MAX_CONTEXT_CHARS = 200

Outcome = Literal["verified", "moved", "changed", "missing", "unknown_document"]
DifferenceKind = Literal["equal", "replace", "delete", "insert"]


@dataclass(frozen=True, slots=True)
class Claim:
    """What a citation says: `quote`, not empty, stands at `span` of a document, between `prefix` and `suffix`.

    `sha256` is the hash of the document's file, or its first digits, None when the citation names none.
    """

    document_id: str
    span: Span
    quote: str
    prefix: str = ""
    suffix: str = ""
    sha256: str | None = None


@dataclass(frozen=True, slots=True)
class Difference:
    """One step from the quote to the text: what the quote has, and what stands in the text there; one may be empty."""

    quote: str
    text: str

    @property
    def kind(self) -> DifferenceKind:
        """What has to be done to the quote to make it the text."""
        if self.quote == self.text:
            return "equal"
        if not self.quote:
            return "insert"
        return "replace" if self.text else "delete"


@dataclass(frozen=True, slots=True)
class Verification:
    """What became of a claim.

    `places` are where the very words stand, for `changed` the one closest stretch of text, with its `similarity` in
    [0, 1] (twice the length of the longest common subsequence over both lengths) and the `differences` that lead to
    it. `document_changed` is None when the claim names no hash or the document is unknown. When `is_limited`, the
    search stopped at a bound: there may be more places, a closer text, or any at all, farther from the cited place.
    """

    status: Outcome
    document_changed: bool | None = None
    places: tuple[Span, ...] = ()
    similarity: float | None = None
    differences: tuple[Difference, ...] = ()
    is_limited: bool = False


def verify(claims: Sequence[Claim], documents: Mapping[str, Document]) -> tuple[Verification, ...]:
    """What became of each of `claims`, in their order; `documents` by their id.

    The places of a moved quote are ordered by how much of prefix and suffix still surrounds them, then by their
    distance from the cited start. Of a quote that stands in MAX_PLACES places or more (a long one in fewer) only the
    first are considered, and a quote over MAX_ALTERED_CHARS is not searched for in altered form. What one claim leaves
    of its share of MAX_WORK is for those after it.
    """
    left = MAX_WORK
    verifications = []
    for number, claim in enumerate(claims):
        share = left // (len(claims) - number)
        work = _Work(share)
        verifications.append(_verify(claim, documents.get(claim.document_id), work))
        left -= share - work.left
    return tuple(verifications)


class _Work:
    """How much may still be searched through, in code points; `is_limited` once something had to be left out."""

    def __init__(self, left: int) -> None:
        self.left = left
        self.is_limited = False

    def spend(self, cost: int) -> None:
        self.left = max(0, self.left - cost)

    def window(self, claim: Claim, n_chars: int, size: int) -> tuple[int, int]:
        """The bounds of at most `size` code points of a text of `n_chars`, as near around the cited start as can be."""
        if size < n_chars:
            self.is_limited = True
        size = min(size, n_chars)
        low = max(0, min(claim.span.start - size // 2, n_chars - size))
        return low, low + size


def _verify(claim: Claim, document: Document | None, work: _Work) -> Verification:
    if document is None:
        return Verification("unknown_document")
    text = document.text
    changed = None if claim.sha256 is None else not document.sha256.startswith(claim.sha256)
    if claim.span.cut(text) == claim.quote:
        return Verification("verified", changed, (claim.span,))
    # Half of the work at most goes into the very words, so that the altered ones can be looked for at all.
    low, high = work.window(claim, len(text), work.left // 2)
    n_places = max(1, min(MAX_PLACES, (work.left // 16) // len(claim.quote)))
    places = tuple(islice(_places(text, claim.quote, low, high), n_places))
    work.spend(high - low + len(places) * len(claim.quote))
    if places:
        ordered = sorted(places, key=lambda place: (-_context(text, place, claim), abs(place.start - claim.span.start)))
        return Verification("moved", changed, tuple(ordered), is_limited=work.is_limited or len(places) == n_places)
    if len(claim.quote) > MAX_ALTERED_CHARS:
        return Verification("missing", changed, is_limited=True)
    closest = _closest(text, claim, work)
    if closest is None:
        return Verification("missing", changed, is_limited=work.is_limited)
    found = closest.cut(text)
    similarity = Indel.normalized_similarity(claim.quote, found)
    return Verification("changed", changed, (closest,), similarity, _differences(claim.quote, found), work.is_limited)


def _places(text: str, quote: str, low: int, high: int) -> Iterator[Span]:
    """The places of `quote` in `text[low:high]`, overlapping ones too, in reading order."""
    start = text.find(quote, low, high)
    while start >= 0:
        yield Span(start, start + len(quote))
        start = text.find(quote, start + 1, high)


def _context(text: str, place: Span, claim: Claim) -> int:
    """How many code points of the claim's prefix and suffix still stand around `place`, counted outwards from it."""
    prefix, suffix = claim.prefix[-_MAX_CONTEXT_CHARS:], claim.suffix[:_MAX_CONTEXT_CHARS]
    before = text[max(0, place.start - len(prefix)) : place.start]
    after = text[place.end : place.end + len(suffix)]
    return _common(before[::-1], prefix[::-1]) + _common(after, suffix)


def _common(a: str, b: str) -> int:
    """The length of the longest common beginning."""
    length = 0
    for left, right in zip(a, b, strict=False):
        if left != right:
            break
        length += 1
    return length


def _likely_starts(text: str, claim: Claim, work: _Work) -> list[int]:
    """Where in `text` the quote may begin, most votes first, then nearest to the cited start.

    Short pieces of the quote, its seeds, are looked up in the text, and each place a seed stands at votes for where
    the quote would begin, with the more weight the fewer places the seed has; longer seeds are tried first. The cited
    start itself comes last, without a vote.
    """
    quote = claim.quote
    bucket = max(8, len(quote) // 4)
    for length in _SEED_LENGTHS:
        votes: defaultdict[int, float] = defaultdict(float)
        earliest: dict[int, int] = {}
        share = work.left // 2  # the rest is for shorter seeds and for comparing
        n_seeds = max(_MIN_SEEDS, min(_MAX_SEEDS, share // len(text)))
        low, high = work.window(claim, len(text), share // n_seeds)
        for offset, seed in _seeds(quote, length, n_seeds):
            work.spend(high - low)
            places = tuple(islice(_places(text, seed, low, high), _MAX_SEED_PLACES))
            if len(places) == _MAX_SEED_PLACES:
                work.is_limited = True
            for place in places:
                begin = max(0, place.start - offset)
                votes[begin // bucket] += 1 / len(places)
                earliest[begin // bucket] = min(begin, earliest.get(begin // bucket, begin))
        if votes:
            ranked = sorted(votes, key=lambda b: (-votes[b], abs(b * bucket - claim.span.start)))
            return [*(earliest[b] for b in ranked[:_MAX_COMPARED]), claim.span.start]
    return [claim.span.start]


def _seeds(quote: str, length: int, n_seeds: int) -> Iterator[tuple[int, str]]:
    """Up to `n_seeds` pieces of `quote`, each with its offset, spread over all of it; none when it is shorter."""
    span = len(quote) - length
    if span < 0:
        return
    offsets = range(span + 1) if span < n_seeds else {span * n // (n_seeds - 1): None for n in range(n_seeds)}
    for offset in offsets:
        yield offset, quote[offset : offset + length]


def _closest(text: str, claim: Claim, work: _Work) -> Span | None:
    """The stretch of `text` most similar to the quote of those that begin where it may; None below MIN_SIMILARITY."""
    best: tuple[float, int, Span] | None = None
    for begin in _likely_starts(text, claim, work):
        pairs = len(claim.quote) * (len(claim.quote) + 2 * _slack(claim.quote))
        if work.left < pairs // _PAIRS_PER_CODE_POINT:
            work.is_limited = True
            break
        work.spend(pairs // _PAIRS_PER_CODE_POINT)
        stretch = _trimmed(text, claim.quote, begin)
        if stretch is None:
            continue
        similarity = Indel.normalized_similarity(claim.quote, stretch.cut(text))
        rank = (similarity, -abs(stretch.start - claim.span.start), stretch)
        if similarity >= MIN_SIMILARITY and (best is None or rank[:2] > best[:2]):
            best = rank
    return best[2] if best else None


def _slack(quote: str) -> int:
    """How many code points before and after its likely place the altered form of `quote` may reach."""
    return max(8, len(quote) // 4)


def _trimmed(text: str, quote: str, begin: int) -> Span | None:
    """The part of `text` around `begin` that the quote aligns with, unmatched ends left out; None if nothing does."""
    low = max(0, begin - _slack(quote))
    window = text[low : begin + len(quote) + _slack(quote)]
    equal = [block for block in Levenshtein.opcodes(quote, window) if block.tag == "equal"]
    # Single letters at the ends are matched by chance and would stretch the span over text that is not meant.
    solid = [block for block in equal if block.src_end - block.src_start >= min(3, len(quote))]
    if not solid:
        return None
    first, last = solid[0], solid[-1]
    start = max(0, low + first.dest_start - first.src_start)
    end = min(len(text), low + last.dest_end + len(quote) - last.src_end)
    return Span(start, end) if start < end else None


def _differences(quote: str, text: str) -> tuple[Difference, ...]:
    """The steps from `quote` to `text`, what is alike and what is not in turn."""
    differences = []
    for _, group in groupby(Levenshtein.opcodes(quote, text), key=lambda step: step.tag == "equal"):
        steps = list(group)
        first, last = steps[0], steps[-1]
        differences.append(Difference(quote[first.src_start : last.src_end], text[first.dest_start : last.dest_end]))
    return tuple(differences)
