"""Do documents give different figures for the same thing? The best passages go in, those against the first come out.

Only looked for where a question asks for a figure: an amount of money, a number of something, or a date. Two
sentences are taken to speak of the same thing when they hold the same words of the question, and they disagree when
they share no figure of the kind that is asked for. A false alarm is worse than silence, so whatever is unclear is no
disagreement.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import lru_cache

from qa import analysis, answer_types
from qa.records import QueryTerm, Question, ScoredPassage

# Share of what the first sentence holds of the question, by worth, that another must hold too, the rarest word
# included.
_MIN_SHARED = 0.7
# Words of the question that both must hold, where it has so many: things that have nothing else in common have a cost.
_MIN_WORDS = 2


def disagreeing(
    question: Question, query: Sequence[QueryTerm], worth: Mapping[str, float], ranking: Sequence[ScoredPassage]
) -> tuple[str, tuple[ScoredPassage, ...]]:
    """What the sentences speak of, in words of the question, and the passages, the first of `ranking` first.

    Of each document only its best passage is looked at. ("", ()) when nothing disagrees with the first.
    """
    if question.wanted not in ("money", "number", "date") or not ranking:
        return "", ()
    asked = _Asked(question, {term.term: term.source for term in query}, worth)
    first = ranking[0]
    others: dict[str, ScoredPassage] = {}
    for scored in ranking[1:]:
        others.setdefault(scored.passage.document_id, scored)
    others.pop(first.passage.document_id, None)
    against = [other for other in others.values() if asked.disagree(first, other)]
    if not against:
        return "", ()
    return asked.about(first, against), (first, *against)


class _Asked:
    """What one question asks, to compare sentences by."""

    def __init__(self, question: Question, word_of: Mapping[str, str], worth: Mapping[str, float]) -> None:
        self._question = question
        self._word_of = word_of
        self._worth = worth
        # A year or a light word may stand in any sentence and says nothing of what it is about.
        self._content = {word.text for word in question.words if word.weight == 1 and not word.term[0].isdigit()}
        self._counted = {word.text for word in question.words if word.term in question.counted}

    def words_in(self, scored: ScoredPassage) -> frozenset[str]:
        """The words of the question that the best sentence holds, under whatever term."""
        return frozenset(self._word_of[term] for term in _terms(scored) if term in self._word_of)

    def about(self, first: ScoredPassage, against: Sequence[ScoredPassage]) -> str:
        """The words of the question that all sentences hold, as the first one writes them."""
        shared = frozenset.intersection(*(self.words_in(scored) for scored in (first, *against)))
        sentence = first.best_sentence.cut(first.passage.text)
        written = {
            self._word_of[term.text]: term.span.cut(sentence)
            for term in analysis.terms(sentence)
            if self._word_of.get(term.text) in shared
        }
        return ", ".join(written.values())

    def disagree(self, first: ScoredPassage, other: ScoredPassage) -> bool:
        """Whether both speak of the same thing and share no figure that is asked for."""
        held = self.words_in(first) & self._content
        shared = held & self.words_in(other)
        rarest = max(held, key=lambda word: (self._worth[word], word), default="")
        if rarest not in shared or self._mass(shared) < _MIN_SHARED * self._mass(held):
            return False
        if len(shared) < min(_MIN_WORDS, len(self._content)):
            return False
        years, other_years = _years(first), _years(other)
        if years and other_years and years.isdisjoint(other_years) and self._question.wanted != "date":
            return False  # what was so in one year may be otherwise in another
        figures, other_figures = self._figures(first), self._figures(other)
        return bool(figures and other_figures) and figures.isdisjoint(other_figures)

    def _mass(self, words: frozenset[str]) -> float:
        return sum(self._worth[word] for word in words)

    def _figures(self, scored: ScoredPassage) -> frozenset[tuple[str, Decimal]]:
        """The figures asked for in the best sentence that the question does not name; none where nothing is counted."""
        wanted = self._question.wanted
        if wanted is None:
            return frozenset()
        numbered = answer_types.numbered(_terms(scored))
        if wanted == "number" and not any(self._word_of.get(term) in self._counted for term in numbered):
            return frozenset()
        sentence = scored.best_sentence.cut(scored.passage.text)
        years = _years(scored) if wanted == "number" else frozenset()
        return answer_types.figures(sentence, wanted) - answer_types.figures(self._question.text, wanted) - years


def _years(scored: ScoredPassage) -> frozenset[tuple[str, Decimal]]:
    return answer_types.figures(scored.best_sentence.cut(scored.passage.text), "date")


def _terms(scored: ScoredPassage) -> tuple[str, ...]:
    return _terms_of(scored.best_sentence.cut(scored.passage.text))


@lru_cache(maxsize=1024)  # the sentences that answer best are the same ones again and again
def _terms_of(sentence: str) -> tuple[str, ...]:
    return tuple(term.text for term in analysis.terms(sentence))
