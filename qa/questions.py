"""A question as typed becomes a Question: its words, how much each matters, and what kind of answer is wanted.

In: text. Out: a Question. Says nothing of the corpus; what the words may be called there is the lexicon's business.
"""

import re
import unicodedata
from dataclasses import replace

from qa import analysis, answer_types
from qa.records import Question, Span, Word

# Words that say how a question is asked and little of what it is about. They are searched for, with less weight: in a
# small corpus a light verb may be as rare as a name. The list is our own.
_WEAK_WORDS = """
    get got gotten take took taken make made go goes went gone come came give gave given put set become became mean
    meant happen happened occur use used want wanted need needed try tried keep kept let seem seemed look looked
    like call called see saw seen know knew known think thought say said says tell told ask asked find found show
    shown work worked involve include still also already really actually just even much many lot lots one ones thing
    things way ways kind kinds sort sorts type types able around ever never always often now then today back away
    yet well exactly specifically currently please explain describe list name mention part number amount various
    certain several different another every anything something anybody somebody anyone someone everyone people
    person long far big good new old first last next article text document passage according since until along
    within upon across toward towards among despite via per without near nearly almost quite rather perhaps maybe
    whether though although ok okay hey hi hello please pls thanks thank
"""

# Words that share the stem of a weak one: what was founded is not what was found.
_NEVER_WEAK = frozenset({"founded", "founding"})

# A comma or a colon between digits parts no clauses ("5,000 troops"), nor a dash between letters ("U.S.–Iraq").
_CLAUSE = re.compile(r"(?:[^,;:—–()]|(?<=[0-9])[,:](?=[0-9])|(?<=\S)–(?=\S))+")
_ASKS = re.compile(r"\b(?:who(?:se|m)?|what|when|where|which|why|how)\b", re.IGNORECASE)
_OPENS = re.compile(r"\s*(?:did|does|do|is|are|was|were|has|have|had|can|could|will|would|name|list)\b", re.IGNORECASE)
_ASIDE = re.compile(r"\s*(?:(?:and|or|but)\s+)?(?:who|whose|whom|which|where|when|that|the)\b", re.IGNORECASE)
_COUNTS = re.compile(r"\bhow (?:many|much)\s+(?P<what>\w+(?:\s+\w+)?)", re.IGNORECASE)
# What names the kind of answer, which need not stand beside it: "in what year" is answered by "in 1932", and "how high"
# by a figure.
_KIND_NAMED = re.compile(
    r"\b(?:what|which|how many)\s+(years?|months?|dates?|days?|decade|century|times?|number|percentage|percent|share"
    r"|figure|amount|proportion|official|president|leader|person|politician|minister|man|woman|author|artist|country|countries"
    r"|city|cities|place|town|location|region|state|nation|continent|island|reasons?)\b"
    r"|\bhow (high|tall|large|wide|thick|deep|heavy|fast|hot|cold|late|early|expensive|costly|strong)\b",
    re.IGNORECASE,
)
_MIN_ASKING_WORDS = 3
# Characters by which a text may grow when its compatibility forms are written out: a few single signs stand for whole
# phrases (U+FDFA for 18 letters), and a question of a thousand of those would be the work of eighteen.
_MAX_GROWTH = 1_000
_QUOTED = re.compile(r"[\"“”][^\"“”]*[\"“”]")


def read(text: str, max_terms: int, weak_weight: float, aside_weight: float) -> Question:
    """The question that `text` asks, of at most `max_terms` distinct words; of none when nothing is searchable.

    A word weighs 1, a weak word `weak_weight`, and a word outside the clause that asks `aside_weight`; a word that is
    both weighs their product. A word that names the kind of answer is weak.
    """
    typed, text = text, unicodedata.normalize("NFKC", text)[: len(text) + _MAX_GROWTH]
    asking = _asking_clauses(text)
    quoted = [Span(*match.span()) for match in _QUOTED.finditer(text)]
    kinds = [Span(*match.span(match.lastindex or 0)) for match in _KIND_NAMED.finditer(text)]
    opening = len(text) - len(text.lstrip())
    shouts = text.isupper()  # and then a capital says nothing
    words: dict[str, Word] = {}
    for term in analysis.terms(text):
        is_weak = _inside(term.span, kinds) or (
            term.text in _WEAK_TERMS and analysis.fold(term.span.cut(text)) not in _NEVER_WEAK
        )
        weight = weak_weight if is_weak else 1.0
        if not _inside(term.span, asking):
            weight *= aside_weight
        known = words.get(term.text)
        is_literal = _inside(term.span, quoted)
        if known is None or known.weight < weight:
            word = term.span.cut(text)
            is_name = (word[0].isupper() and term.span.start > opening and not shouts) or word[0].isdigit()
            is_literal = is_literal or (known is not None and known.is_literal)
            words[term.text] = Word(term.text, word, weight, is_literal, is_name, is_weak, term.span.start)
        elif is_literal:
            words[term.text] = replace(known, is_literal=True)
    counts = _COUNTS.search(text)
    counted = frozenset(term.text for term in analysis.terms(counts["what"])) if counts else frozenset()
    return Question(
        typed, tuple(words.values())[:max_terms], answer_types.wanted(text), counted, analysis.negates(text)
    )


_WEAK_TERMS = frozenset(term.text for term in analysis.terms(_WEAK_WORDS))


def asking(text: str) -> str:
    """The part of `text` that asks, without what is said in passing; all of it when the part is very short."""
    part = " ".join(clause.cut(text).strip() for clause in _asking_clauses(text))
    return part if len(part.split()) >= _MIN_ASKING_WORDS else text


def _asking_clauses(text: str) -> list[Span]:
    """The clauses that hold the question itself; what is said about it in passing stands in the others.

    It is the first clause with a question word, else the first that opens like a yes-or-no question, and those behind
    an aside that take it up again ("the embassy, which was besieged, cost"). All clauses when none of that is found.
    """
    clauses = [Span(*match.span()) for match in _CLAUSE.finditer(text)]
    for pattern in (_ASKS.search, _OPENS.match):
        for place, clause in enumerate(clauses):
            if pattern(clause.cut(text)):
                resumed = [later for later in clauses[place + 2 :] if not _ASIDE.match(later.cut(text))]
                return [clause, *resumed]
    return clauses


def _inside(span: Span, spans: list[Span]) -> bool:
    return any(other.start <= span.start < other.end for other in spans)
