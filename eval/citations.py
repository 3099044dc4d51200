"""Is every quote in the replies really there? Checked against the files, decoded without qa."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from eval.services import Reply


@dataclass(frozen=True, slots=True)
class CitationCheck:
    """How many places in how many replies were compared, and a sentence for each that does not hold."""

    n_replies: int
    n_places: int
    faults: tuple[str, ...]


def check_citations(replies: Iterable[Reply], texts: Mapping[str, str]) -> CitationCheck:
    """The check of every passage, answer sentence, citation, context of a citation and highlight in `replies`."""
    n_replies = n_places = 0
    faults: list[str] = []
    for reply in replies:
        n_replies += 1
        for quoted in reply.quotes:
            n_places += 1
            text = texts.get(quoted.document_id, "")
            inside = 0 <= quoted.start <= quoted.end <= len(text)
            if not inside or text[quoted.start : quoted.end] != quoted.text:
                faults.append(f"{quoted.id} is not {quoted.text[:60]!r}")
        if reply.stray_marks:
            faults.append(f"{reply.stray_marks} highlights lie outside of their passage")
    return CitationCheck(n_replies, n_places, tuple(faults))
