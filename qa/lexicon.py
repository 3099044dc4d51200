"""What the words of a question may be called in the corpus: synonyms, names, numbers, and repaired spelling.

In: the words of a question. Out: weighted query terms, each with its kind and the word it stands for, so that every
match can be explained. The lexicon is general English; whatever belongs to one folder comes from its own
synonyms.txt.

    general list, names of countries, numbers, the folder's list  -> synonym
    a word that stands nowhere in the corpus, repaired             -> spelling
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise

from countryinfo import all_countries
from rapidfuzz import process
from rapidfuzz.distance import OSA

from qa import analysis, data
from qa.errors import CorpusError
from qa.index import Index, Tick, unhurried
from qa.records import MatchKind, QueryTerm, Word

# Longest phrase, in words, that a list may map.
_MAX_PHRASE = 3
_MONTHS = "january february march april may june july august september october november december".split()
_DAYS = (
    ("monday",),
    ("tuesday", "tues"),
    ("wednesday",),
    ("thursday", "thur", "thurs"),
    ("friday",),
    ("saturday",),
    ("sunday",),
)
_COUNTS = ("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
# Share of a name's weight for a country searched when its capital is named, and the other way round.
_CAPITAL = 0.7
_CAPITAL_OF = 0.4
_VOWELS = re.compile(r"[aeiouy]")
_DOUBLED = re.compile(r"(.)\1")
# Spelling: letters a word needs for one error and for two, candidates looked at, and the share of the weight that is
# left after two errors (Damerau 1964: four of five misspellings are one error away).
_MIN_LETTERS = 4
_MIN_LETTERS_TWO_ERRORS = 8
_MAX_REPAIRS = 3
_SECOND_ERROR = 0.8
# Letters of each part of a word that was written together.
_MIN_PART = 3
# Letters of a name that may be written in two ways, and the errors between them (Soleimani, Suleimani).
_MIN_NAME = 6
_MAX_NAME_ERRORS = 2
# Names whose consonants are alike; each is compared with each, and so many are no spellings of one name.
_MAX_ALIKE = 50
# Inside a word the mark is part of it, as of C#.
_COMMENT = re.compile(r"(?:^|\s)#.*")


@dataclass(frozen=True, slots=True)
class Weights:
    """What an added term weighs against the word itself, by where it came from; 0 leaves that source out."""

    synonym: float
    one_way: float
    name: float
    spelling: float


@dataclass(frozen=True, slots=True)
class Surface:
    """A word as the corpus writes it, folded: its term, how often it stands there, and if always with a capital."""

    term: str
    count: int
    is_name: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """A phrase people type, a phrase texts use for it, and whether only that way round."""

    typed: str
    searched: str
    is_one_way: bool


def parse(text: str, path: str) -> list[Entry]:
    """The entries of a list in the Solr format: `a, b` (equivalent) or `a => b, c` (one way).

    A comment goes from `#` to the end of its line, where the mark stands at its beginning or behind a blank.

    Raises CorpusError for a line with an empty member or more than one arrow.
    """
    entries = []
    for number, line in enumerate(text.splitlines(), start=1):
        content = _COMMENT.sub("", line).strip()
        if not content:
            continue
        sides = [[member.strip() for member in side.split(",")] for side in content.split("=>")]
        if len(sides) > 2 or not all(all(side) for side in sides):
            raise CorpusError(path, f"line {number} is neither `a, b` nor `a => b`: {content[:200]!r}")
        typed, searched = sides[0], sides[-1]
        entries += [Entry(a, b, len(sides) == 2) for a in typed for b in searched if a != b]
    return entries


class Lexicon:
    """The lists as far as they concern one corpus; immutable.

    `own` is the text of the folder's synonyms.txt. Of one question at most `max_repaired` words are repaired, the first
    ones: each is compared with every word of the corpus.
    """

    def __init__(
        self, index: Index, surfaces: Mapping[str, Surface], own: str, weights: Weights, max_repaired: int
    ) -> None:
        self._max_repaired = max_repaired
        self._index = index
        self._surfaces = surfaces
        self._spelling_weight = weights.spelling
        self._added: defaultdict[tuple[str, ...], dict[str, float]] = defaultdict(dict)
        for entry in parse(own, "synonyms.txt") + _packaged("names.txt") + _numbers() + _transliterations(surfaces):
            self._add(entry, weights.name)
        for entry, share in _countries():
            self._add(entry, weights.name * share)
        for entry in _packaged("synonyms.txt"):
            self._add(entry, weights.one_way if entry.is_one_way else weights.synonym)
        self._shorthand = {
            entry.typed: [term.text for term in analysis.terms(entry.searched)] for entry in _packaged("shorthand.txt")
        }

    def expand(self, words: Sequence[Word], tick: Tick = unhurried) -> tuple[QueryTerm, ...]:
        """The terms to search for: each word's own, then what was added for it, at most once each; empty for no words.

        A term that is a word of the question is never added for another word, and one that is added for two words
        stands for the one that gives it more weight. `tick` is called before each word.
        """
        query = {word.term: QueryTerm(word.term, word.weight, "term", word.text) for word in words}
        for word, kind, term, share in self._additions(words, tick):
            weight = word.weight * share
            known = query.get(term)
            if weight > 0 and (known is None or (known.kind != "term" and known.weight < weight)):
                query[term] = QueryTerm(term, weight, kind, word.text)
        return tuple(query.values())

    def _additions(self, words: Sequence[Word], tick: Tick) -> Iterator[tuple[Word, MatchKind, str, float]]:
        unknown = [word for word in words if not (word.is_literal or self._index.df(word.term))]
        mistyped = [word for word in unknown if _may_be_mistyped(word)][: self._max_repaired]
        for place, word in enumerate(words):
            tick()
            if word.is_literal:
                continue
            for length in range(1, _MAX_PHRASE + 1):
                if any(following.is_literal for following in words[place : place + length]):
                    break
                phrase = tuple(following.term for following in words[place : place + length])
                for term, share in self._added.get(phrase, {}).items() if len(phrase) == length else ():
                    yield word, "synonym", term, share
            if word in unknown:
                for term, share in self._repairs(word, word in mistyped):
                    yield word, "spelling", term, share * self._spelling_weight
        for word, following in pairwise(words):
            together = analysis.fold(word.text + following.text)
            joined = self._surfaces.get(together) if together.isalpha() else None
            are_apart = following.start > word.start + len(word.text) + 1  # a word that was left out stands between
            if joined and not (are_apart or word.is_literal or following.is_literal):
                # "air base" is no error where "air" is known, and "airbase" only another way to write it.
                kind: MatchKind = "spelling" if word in unknown else "synonym"
                yield word, kind, joined.term, self._spelling_weight

    def _add(self, entry: Entry, weight: float) -> None:
        typed, searched = _phrase(entry.typed), _phrase(entry.searched)
        if typed and searched and typed != searched and all(self._index.df(term) for term in searched):
            # Of a phrase the rarest term is searched: where it stands, the others mostly do.
            term = max(searched, key=lambda term: (self._index.idf(term), term))
            self._added[typed][term] = max(weight, self._added[typed].get(term, 0.0))

    def _repairs(self, word: Word, is_mistyped: bool) -> list[tuple[str, float]]:
        """What a word that stands nowhere in the corpus may have been meant to be, with its share of the weight.

        Shorthand is looked up; a word that may be mistyped and was written together is parted; else these are the
        corpus words with the fewest errors, the frequent ones first.
        """
        folded = _base(word)
        if folded in self._shorthand:
            return [(term, 1.0) for term in self._shorthand[folded] if self._index.df(term)]
        return (self._parts(folded) or self._closest(folded)) if is_mistyped else []

    def _parts(self, folded: str) -> list[tuple[str, float]]:
        for end in range(_MIN_PART, len(folded) - _MIN_PART + 1):
            parts = self._surfaces.get(folded[:end]), self._surfaces.get(folded[end:])
            if parts[0] and parts[1]:
                return [(parts[0].term, 1.0), (parts[1].term, 1.0)]
        return []

    def _closest(self, folded: str) -> list[tuple[str, float]]:
        if len(folded) < _MIN_LETTERS:
            return []
        most = 2 if len(folded) >= _MIN_LETTERS_TWO_ERRORS else 1
        found = process.extract(folded, self._surfaces.keys(), scorer=OSA.distance, score_cutoff=most, limit=None)
        near = [(errors, -self._surfaces[surface].count, surface) for surface, errors, _ in found if surface.isalpha()]
        near = [candidate for candidate in near if len(candidate[2]) >= _MIN_LETTERS]
        fewest = min(near)[0] if near else 0
        closest = sorted(candidate for candidate in near if candidate[0] == fewest)[:_MAX_REPAIRS]
        return [(self._surfaces[surface].term, _SECOND_ERROR ** (fewest - 1)) for _, _, surface in closest]


def _base(word: Word) -> str:
    return analysis.fold(word.text).removesuffix("'s")


def _may_be_mistyped(word: Word) -> bool:
    """Whether a word may be an error: it is none of English, no country, or Gambia would be Zambia, and no number."""
    folded = _base(word)
    return folded.isalpha() and folded not in data.english_words() and folded not in _country_words()


@lru_cache(maxsize=1 << 14)  # the general lists are the same for every index
def _phrase(text: str) -> tuple[str, ...]:
    """The terms of a list's phrase; empty when it is too long, or when it holds a stop word, which a question loses."""
    if any(word in analysis.STOP_WORDS for word in text.casefold().split()):
        return ()
    terms = tuple(term.text for term in analysis.terms(text))
    return terms if len(terms) <= _MAX_PHRASE else ()


@cache
def _packaged(name: str) -> list[Entry]:
    """The entries of a list that comes with the library."""
    return parse(data.read(name), name)


@cache
def _country_words() -> frozenset[str]:
    """The words, folded, of the names of countries, their people and their capitals."""
    phrases = {phrase for entry, _ in _countries() for phrase in (entry.typed, entry.searched)}
    return frozenset(analysis.fold(word) for phrase in phrases for word in phrase.split())


def _numbers() -> list[Entry]:
    """Number words with their digits and months with their short forms, both ways; days of the week with theirs."""
    pairs = [(word, str(number)) for number, word in enumerate(_COUNTS, start=2)]
    pairs += [("twice", "two"), ("sept", "september"), ("bn", "billion")]
    pairs += [(month, month[:3]) for month in _MONTHS]
    both_ways = [Entry(a, b, False) for pair in pairs for a, b in (pair, pair[::-1]) if a != b]
    # Only this way: "sun" and "sat" are words of their own.
    return both_ways + [Entry(day, short, True) for day, *others in _DAYS for short in (day[:3], *others)]


@cache
def _countries() -> list[tuple[Entry, float]]:
    """Each country with its people and its capital, and the share of a name's weight that counts."""
    entries = []
    for country in all_countries():
        name, people, capital = country.name(), country.demonym(), country.capital()
        if isinstance(capital, str) and capital:
            capital = capital.removesuffix(" D.C.")
            entries += [(Entry(capital, name, True), _CAPITAL), (Entry(name, capital, True), _CAPITAL_OF)]
            if people:
                entries += [(Entry(capital, people, True), _CAPITAL), (Entry(people, capital, True), _CAPITAL_OF)]
        if people:
            entries += [(Entry(name, people, False), 1.0), (Entry(people, name, False), 1.0)]
    return entries


def _transliterations(surfaces: Mapping[str, Surface]) -> list[Entry]:
    """Names of the corpus that are spelt alike but for vowels and doubled letters (Soleimani, Suleimani)."""
    alike: defaultdict[str, list[str]] = defaultdict(list)
    for surface, word in surfaces.items():
        if word.is_name and len(surface) >= _MIN_NAME:
            skeleton = surface[0] + _VOWELS.sub("", surface[1:])
            alike[_DOUBLED.sub(r"\1", skeleton)].append(surface)
    return [
        Entry(a, b, False)
        for names in alike.values()
        if len(names) <= _MAX_ALIKE
        for a in names
        for b in names
        if a != b and OSA.distance(a, b, score_cutoff=_MAX_NAME_ERRORS) <= _MAX_NAME_ERRORS
    ]
