"""What kind of answer a question asks for, and which kinds a text holds: rules over the text, nothing learnt.

In: a question, or a sentence of a document. Out: an answer type, or the set of them. The classes are the coarse ones
of question classification (Li & Roth 2002) as far as a surface rule can see them. A kind that is found is evidence
and no proof.
"""

import re
from collections.abc import Sequence
from decimal import Decimal

from qa import data
from qa.analysis import STOP_WORDS, fold
from qa.records import AnswerType

_COUNT = (
    r"(?:one(?! of\b)|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|forty|fifty|sixty"
    r"|seventy|eighty|ninety|hundreds?|thousands?|millions?|billions?|trillions?|dozens?|once|twice|half|third|quarter)"
)
_YEAR = r"(?<![A-Z]-)\b(?:1[0-9]{3}|20[0-9]{2})s?\b"
_MONTH = (
    r"\b(?:Jan(?:uary)?|Feb(?:ruary)?|March|April|May [0-9]|(?:[0-9]|[0-9](?:st|nd|rd|th)|in|since|until|by|of) May"
    r"|June|July|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\b"
)
_WEEKDAY = r"\b(?:(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)days?|Mon|Tues?|Wed|Thu(?:rs?)?|Fri|Sat|Sun)\b"
_CLOCK = r"\b[0-9]{1,2}[:.][0-9]{2}\b|\b[0-9]{1,2} ?(?:[ap]m\b|[ap]\.m\.)|\b(?:noon|midnight)\b|\bo[’']clock\b"
# A fixed day of each month, and a time that is counted from another.
_TERM = (
    r"\b[0-9]{1,2}(?:st|nd|rd|th)\b|\b(?:within|after|before|every|for|in|than|least|most|until) (?:[a-z]+|[0-9]+) "
    r"(?:minutes?|hours?|days?|weeks?|months?|years?)\b"
)
_OFFICE = (
    r"\b(?:president|minister|secretary|general|spokesman|spokeswoman|officials?|lawmakers|government|parliament"
    r"|ambassador|chairman|chairwoman|director|king|queen|emperor|leaders?)\b"
)

_ROOM = (
    r"(?:(?:the|a|an|our|your|each|every|my|its|their|his|her) )?(?:[a-z-]+ ){0,2}(?:attic|basement|bathroom|bin|board"
    r"|box|building|cabinet|cellar|corner|corridor|counter|cupboard|desk|door|drawer|entrance|fence|floor|folder|fridge"
    r"|garage|garden|gate|hall|hallway|harbour|harbor|home|house|kitchen|lobby|menu|office|park|pier|platform|reception"
    r"|roof|room|school|shed|shelf|shop|stairs|station|store|street|tab|table|town|village|wall|window|yard)s?\b"
)

# The first rule that matches earliest in the question decides; "how much did it cost" is money before it is a number.
_RULES: dict[AnswerType, str] = {
    "money": (
        r"\bhow much\b.*\b(?:costs?|money|pay|paid|spend|spent|worth|price|given|give|gave|provided?|contributed?)\b"
        r"|\bhow (?:expensive|costly)\b|\bwhat (?:do|does|did|will|would) .{1,60}\bcost\b"
        r"|\b(?:what|which|the) (?:price|costs?|sum|budget|dollar amount)\b"
        r"|\bhow many (?:dollars|euros|pounds|millions|billions)\b|\b(?:cost|price)$"
        r"|\b(?:what|how much)(?:['’]s| is| are| was| were) (?:the |my |our |a )?(?:\w+ )?"
        r"(?:fare|fees?|rent|salary|deposit|wages?)\b"
    ),
    "number": (
        r"\bhow (?:many|much|large|big|tall|long|far|old|often|few|high|deep|heavy|fast|wide|thick|hot|cold|warm"
        r"|loud)\b|\bnumber of\b"
        r"|\bwhat (?:number|percentage|percent|share|figure|amount|proportion)\b"
    ),
    "date": (
        r"\bwhen\b|\b(?:what|which) (?:year|month|date|day|decade|century|time|weekday)\b|\b(?:since|until) when\b"
        r"|\bdate of\b|\bopening (?:hours|times)\b|\bdeadline\b|\bhow soon\b"
    ),
    "phone": r"\b(?:tele)?phone number\b|\b(?:number|phone) (?:do|can|should|must) (?:i|we|you) (?:call|ring|dial)\b",
    "email": r"\be-?mail(?: address)? (?:of|for)\b|\b(?:what|which)\b.*\be-?mail(?: address)?$|\be-?mail address\b",
    "person": (
        r"\bwho(?:se|m)?\b|['’]s name$|\b(?:what|which) (?:official|president|leader|person|politician|minister|general"
        r"|man|woman|author|artist|king|queen|journalist)\b"
    ),
    "place": r"\bwhere\b|\b(?:what|which) (?:country|city|place|town|location|region|state|nation|continent|island)\b",
    "reason": (
        r"\bwhy\b|\bhow come\b|\bwhat (?:made|led|caused|prompted|drove|motivated)\b|\breasons? (?:for|why|behind)\b"
    ),
}
_WANTED = tuple((kind, re.compile(pattern, re.IGNORECASE)) for kind, pattern in _RULES.items())

_FOUND: dict[AnswerType, re.Pattern[str]] = {
    "money": re.compile(
        rf"[$€£¥]\s?[0-9]|\b[0-9][0-9.,]{{0,30}}\s*(?:{_COUNT}\s+)?(?:dollars|euros|pounds)\b"
        rf"|\b{_COUNT} of (?:dollars|euros|pounds)\b|[0-9]\s?[€£]|\b(?:EUR|USD|GBP|CHF)\b"
        r"|\b(?:is|are|was|were) free\b|\bfree of charge\b|\bno (?:charge|fee)\b",
        re.IGNORECASE,
    ),
    "number": re.compile(rf"[0-9]|\b{_COUNT}\b", re.IGNORECASE),
    "date": re.compile(
        rf"{_YEAR}|{_MONTH}|{_WEEKDAY}|{_CLOCK}|{_TERM}|\b(?:same|following|next|previous|last) year\b|\byesterday\b"
        r"|\b[0-9]{1,2}[./][0-9]{1,2}[./][0-9]{2,4}\b|\b(?:daily|weekly|monthly|yearly|annually)\b"
    ),
    "phone": re.compile(r"\+?\(?[0-9][0-9 ()/-]{4,20}[0-9]\b"),
    "email": re.compile(r"[\w.+-]@[\w-]+\.\w"),
    # Two capitalised words in a row that do not open the sentence, or an office or a body by its common name; a name
    # that stands alone is looked at word by word.
    "person": re.compile(rf"(?<=[a-z,;:] )[A-Z][\w’'.-]+ (?:[A-Z][\w’'.-]+)|{_OFFICE}"),
    "place": re.compile(
        r"\b(?:in|at|near|from|to|of|into|across|around)\s+(?:the\s+)?(?:[a-z-]+\s)?[A-Z][\w’'-]+"
        rf"|\b(?:north|south|east|west|central)\w*\b|\b(?:in|on|at|to|from|by|near|behind|under|below|above|beside|inside"
        rf"|outside|into|opposite) {_ROOM}|(?i:\b(?:room|floor|building|hall|gate|platform|shelf) [0-9])"
    ),
    "reason": re.compile(
        r"\b(?:because|due to|owing to|as a result|result(?:ing|ed)? (?:from|in)|out of (?:concern|fear)|in response to"
        r"|in order to|so that|led to|prompted|caused|following|after|since|thanks to"
        r"|to (?:prevent|stop|help|protect|avoid|ensure|counter\w*|make|keep|defend|promote|support)"
        r"|aim(?:s|ed)? to|worr(?:y|ies|ied)|fear\w*|concern\w*|goal|purpose|therefore|hence|serves? to)\b",
        re.IGNORECASE,
    ),
}

# The label of a line that names a place, with capitals as a person has them.
_PLACE_LABEL = re.compile(r"[*_> -]{0,9}(?:where|address|location|place|room|venue)[*_]{0,3}:", re.IGNORECASE)
# The list of words begins with those of four letters.
_LONG_WORD = re.compile(r"\b[^\W\d_][\w’']{3,}")
# Letters of a name that is written in capitals (UNESCO); longer ones stand in titles.
_MAX_CAPITALS = 6
_POSSESSIVE = re.compile(r"(?:['’]s|['’])$")
_DAY_OR_MONTH = re.compile(rf"{_WEEKDAY}|{_MONTH}")

_AMOUNT = r"(?P<amount>[0-9][0-9.,]*[0-9]|[0-9])"
_SCALE = rf"[\s-]+{_COUNT}\b"
# What is short for a scale in sums of money; behind other numbers an m is as often a metre.
_SHORT_SCALE = r"\s?(?:[kmb]|mn|bn|tn)\b"
_FIGURES: dict[AnswerType, re.Pattern[str]] = {
    "money": re.compile(rf"(?P<unit>[$€£¥])\s?{_AMOUNT}(?P<scale>{_SCALE}|{_SHORT_SCALE})?", re.IGNORECASE),
    "number": re.compile(rf"(?<![$€£¥0-9.,])(?P<unit>){_AMOUNT}(?P<scale>{_SCALE})?", re.IGNORECASE),
    "date": re.compile(r"(?P<unit>)\b(?P<amount>1[0-9]{3}|20[0-9]{2})(?P<scale>)\b"),
}
_SCALES = {"hundred": 10**2, "thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}
_SCALES |= {"k": 10**3, "m": 10**6, "mn": 10**6, "b": 10**9, "bn": 10**9, "tn": 10**12}
# Number words as the analyzer stems them, where that is not how they are written.
_STEMMED_COUNT = r"(?:twelv|twenti|thirti|forti|fifti|sixti|seventi|eighti|nineti|hundr)"
_NUMBER_TERM = re.compile(rf"[0-9][0-9.,]*|{_COUNT}|{_STEMMED_COUNT}")
_MAX_NUMBER_GAP = 2


def wanted(question: str) -> AnswerType | None:
    """The kind of answer `question` asks for, None when no rule sees one."""
    places = [
        (match.start(), order, kind)
        for order, (kind, pattern) in enumerate(_WANTED)
        if (match := pattern.search(question.rstrip(" ?!.")))
    ]
    return min(places)[2] if places else None


def found(text: str) -> frozenset[AnswerType]:
    """The kinds of answer that `text`, a sentence, holds; empty for none."""
    kinds = {kind for kind, pattern in _FOUND.items() if pattern.search(text)}
    if _PLACE_LABEL.match(text):
        return frozenset({*kinds, "place"} - {"person"})
    if "person" not in kinds and any(map(_is_name, _LONG_WORD.findall(_FOUND["place"].sub("", text)))):
        kinds.add("person")
    return frozenset(kinds)


def figures(text: str, kind: AnswerType) -> frozenset[tuple[str, Decimal]]:
    """The amounts with their currency, the numbers or the years that `text` gives; empty for a kind that has none.

    "$1,700 million", "$1.7 billion" and "$1.7bn" are the same figure, "€2" and "$2" are not.
    """
    pattern = _FIGURES.get(kind)
    found = pattern.finditer(text) if pattern else ()
    return frozenset((match["unit"] or "", _amount(match["amount"], match["scale"] or "")) for match in found)


def _amount(digits: str, scale: str) -> Decimal:
    """The number; a comma before three digits separates thousands, and of several dots only the first counts."""
    whole, _, decimals = re.sub(r",(?=[0-9]{3}(?![0-9]))", "", digits).replace(",", ".").partition(".")
    name = scale.strip().removeprefix("-").lower().removesuffix("s")
    return Decimal(f"{whole}.{decimals.replace('.', '') or 0}") * _SCALES.get(name, 1)


def _is_name(word: str) -> bool:
    """Whether a word has a capital and is none of the language, and so the name of a person or a body."""
    if not word[0].isupper() or fold(word) in STOP_WORDS or (word.isupper() and len(word) > _MAX_CAPITALS):
        return False
    base = _POSSESSIVE.sub("", word)
    return fold(base) not in data.english_words() and not _DAY_OR_MONTH.fullmatch(base)


def numbered(terms: Sequence[str]) -> frozenset[str]:
    """The terms of a sentence that stand at most two places behind a number, and so may be what it counts."""
    counted = set()
    for place, term in enumerate(terms):
        if any(_NUMBER_TERM.fullmatch(before) for before in terms[max(0, place - _MAX_NUMBER_GAP) : place]):
            counted.add(term)
    return frozenset(counted)
