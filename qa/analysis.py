"""Text becomes terms with offsets: the only place that folds case, stems and drops stop words.

In: any text, a question or a passage; both go through the same analyzer. Out: terms, each with the slice it was read
from. A term is for matching and is never shown. The text is never normalised as a whole, because that would shift
every offset behind the first change: a word is cut out first and folded after.
"""

import unicodedata
from functools import lru_cache

import regex
from nltk.stem.snowball import SnowballStemmer

from qa.records import Span, Term

# A token longer than this is no word of a language and is dropped.
MAX_TOKEN_CHARS = 64

# The English stop list of the Snowball project (snowballstem.org, algorithms/english/stop.txt; BSD licence), question
# words included, with its contractions, which are compared after the apostrophe is made straight, and those that are
# typed without one. Like the list itself it leaves out "us", which stands for the United States when it is written in
# capitals.
STOP_WORDS = frozenset(
    """
    i me my myself we our ours ourselves you your yours yourself yourselves he him his himself she her hers herself it
    its itself they them their theirs themselves what which who whom whose this that these those am is are was were be
    been being have has had having do does did doing would should could ought will shall can cannot may might must i'm
    you're he's she's it's we're they're i've you've we've they've i'd you'd he'd she'd we'd they'd i'll you'll he'll
    she'll we'll they'll isn't aren't wasn't weren't hasn't haven't hadn't doesn't don't didn't won't wouldn't shan't
    shouldn't can't couldn't mustn't let's that's who's what's here's there's when's where's why's how's a an the and
    but if or because as until while of at by for with about against between into through during before after above
    below to from up down in out on off over under again further then once here there when where why how all any both
    each few more most other some such no nor not only own same so than too very im ive youre youve theyre theyve weve
    dont doesnt didnt isnt arent wasnt werent hasnt havent hadnt wouldnt couldnt shouldnt cant wont thats whats whos
    whys hows wheres whens theres heres
    """.split()
)

# Words that deny, and verbs that do.
_NEGATION = regex.compile(
    r"\b(?:no|not|never|none|nobody|nothing|neither|nor|without|cannot|fail\w*|refus\w*|unable|den(?:y|ies|ied))\b"
    r"|n['’]t\b",
    regex.IGNORECASE,
)

# Names that share a term with their abbreviation.
_NAMES = {
    "united states of america": "us",
    "united states": "us",
    "usa": "us",
    "united kingdom": "uk",
    "united nations": "un",
    "european union": "eu",
}

# A sign that is read as a word, so that "$5.8 billion" and "5.8 billion dollars" share all their terms.
_SIGNS = {"$": "dollar", "€": "euro", "£": "pound", "¥": "yen", "%": "percent"}

# Alternatives in order: a name of several words; letters with dots (U.S., H.W., U.S); a number with its separators; one
# ideograph or kana, which stand without blanks; a word with inner apostrophes; a sign. Letters may carry combining
# marks and invisible format characters (soft hyphen, zero-width space), which are dropped when the word is folded.
_NAME = "|".join(name.replace(" ", r"\s+") for name in _NAMES)
_APOSTROPHE = "['’ʼ＇]"
_POSSESSIVE = rf"(?:{_APOSTROPHE}s\b)?"
_LETTERS = r"[\p{L}\p{N}][\p{L}\p{N}\p{M}\p{Cf}]*"
_TOKEN = regex.compile(
    rf"""
      (?P<name>\b(?:{_NAME})\b{_POSSESSIVE})
    | (?P<dotted>\b(?:\p{{L}}\.)+\p{{L}}\b\.?{_POSSESSIVE})
    | (?P<number>\p{{Nd}}+(?:[.,]\p{{Nd}}+)*(?:(?:{_APOSTROPHE}?s|st|nd|rd|th)\b)?)
    | (?P<ideograph>[\p{{Han}}\p{{Hiragana}}\p{{Katakana}}])
    | (?P<word>{_LETTERS}(?:{_APOSTROPHE}{_LETTERS})*)
    | (?P<sign>[{"".join(_SIGNS)}])
    """,
    regex.VERBOSE | regex.IGNORECASE | regex.VERSION1,
)
# A comma between digits separates thousands when three digits follow, and decimals otherwise.
_THOUSANDS = regex.compile(r",(?=[0-9]{3}(?![0-9]))")

# The plural of initials (DVDs, MPs), which the stemmer keeps because it sees no vowel.
_INITIALS = regex.compile(r"[^\W\d_aeiouy]{2,}s")

# What may stand behind the question mark: blanks, quotation marks, brackets, and the marks of Markdown.
_CLOSING = " \t\r\n\"'”’»)]*_#"
# What the line of a title begins with (YAML, and many notes), and the mark of an item.
_TITLE_LABEL = ("title:", "Title:", "TITLE:")
_ITEM = regex.compile(r"\s*(?:[-*+•–]|[0-9]{1,3}[.)])\s")
_BOLD = regex.compile(r"(\*\*|__)[^*_.!]+\1")
_CAPITALS = regex.compile(r"\p{Lu}{2,}(?:[ ,'’&-]+\p{Lu}+)+")
# What the rule below the head of a table is made of.
_TABLE_RULE = frozenset("|-: \t")

_stemmer = SnowballStemmer("english")


def terms(text: str) -> tuple[Term, ...]:
    """The terms of `text` in reading order, stop words left out; empty when nothing is searchable.

    Case is folded, accents and compatibility forms too, typographic apostrophes are made straight, a possessive is
    cut off, and words are stemmed (Snowball English, Porter 2001). Parts of a hyphenated word are terms of their own;
    a number keeps its decimals, and loses its thousands separators and the ending of an ordinal or plural (3rd, 1980s).
    """
    # "us" is the pronoun and "US" the country; a text without a capital tells nothing about that and gets the country.
    has_capitals = not text.islower()
    found = []
    # With concurrent it would offer the interpreter to other threads at every word, and busy ones take it.
    for match in _TOKEN.finditer(text, concurrent=False):
        kind, word = match.lastgroup, match.group()
        if len(word) > MAX_TOKEN_CHARS:
            continue
        if kind == "word" and word == "us" and has_capitals:
            continue
        term = _term(str(kind), word)
        if term:
            found.append(Term(term, Span(match.start(), match.end())))
    return tuple(found)


@lru_cache(maxsize=8_192)  # the words of a language that are met again and again; a million questions hold many others
def _term(kind: str, token: str) -> str:
    """The indexed form of one token, empty for a stop word."""
    if kind == "sign":
        return _SIGNS[token]
    word = fold(token)
    if kind == "number":
        return _THOUSANDS.sub("", word.rstrip("'stndrh"))
    base = word.removesuffix("'s")
    if kind == "dotted":
        letters = base.replace(".", "")
        return _NAMES.get(letters, letters)
    name = " ".join(base.split())
    if name in _NAMES:
        return _NAMES[name]
    if word in STOP_WORDS or base in STOP_WORDS:
        return ""
    stem: str = base[:-1] if _INITIALS.fullmatch(base) else _stemmer.stem(base)
    return stem


def negates(text: str) -> bool:
    """Whether `text` denies something."""
    return _NEGATION.search(text, concurrent=False) is not None


def asks(text: str) -> bool:
    """Whether `text`, a sentence or a heading, is a question."""
    return text.rstrip(_CLOSING).endswith("?")


def leads_in(text: str) -> bool:
    """Whether `text` only says what the next is about.

    It ends in a colon, is the line that gives a title, or is one itself: words in bold type or in capitals and no more.
    """
    if text.rstrip(_CLOSING).endswith(":") or text.startswith(_TITLE_LABEL):
        return True
    return _BOLD.fullmatch(text) is not None or _CAPITALS.fullmatch(text) is not None


def is_fence(text: str) -> bool:
    """Whether `text` is the line above or below a block of code (Markdown)."""
    return text.lstrip().startswith(("```", "~~~"))


def is_entry(text: str) -> bool:
    """Whether `text` is a row of a table or an item of a list, with more of them likely behind it."""
    return is_table_row(text) or _ITEM.match(text) is not None


def is_table_row(text: str) -> bool:
    """Whether `text` is a row of a table (Markdown)."""
    return text.lstrip().startswith("|")


def heads_table(text: str, following: str) -> bool:
    """Whether `text`, with `following` behind it, is the head of a table, or the rule below it."""
    return is_table_row(text) and (_is_rule(text) or _is_rule(following))


def _is_rule(text: str) -> bool:
    return "--" in text and set(text) <= _TABLE_RULE


def fold(word: str) -> str:
    """`word` without case, accents, compatibility forms, invisible characters and typographic apostrophes."""
    if word.isascii():  # nothing but case to fold, and most words are
        return word.lower()
    decomposed = unicodedata.normalize("NFKD", word)
    kept = [char for char in decomposed if unicodedata.category(char) != "Cf" and not "\u0300" <= char <= "\u036f"]
    folded = unicodedata.normalize("NFKC", "".join(kept)).casefold()
    return folded.replace("’", "'").replace("ʼ", "'")
