"""What the words of a question may be called in a corpus: every added term, with its kind and its weight."""

from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa import QueryTerm, analysis, questions
from qa.errors import CorpusError
from qa.index import Index
from qa.lexicon import Entry, Lexicon, Surface, Weights, parse
from qa.records import Word

WEIGHTS = Weights(synonym=0.6, one_way=0.5, name=0.9, spelling=0.8)


@cache
def lexicon_of(text: str, own: str = "", weights: Weights = WEIGHTS) -> Lexicon:
    """The lexicon of a corpus whose passages are the lines of `text`."""
    units, surfaces = [], dict[str, Surface]()
    for line in text.splitlines():
        terms = analysis.terms(line)
        units.append([term.text for term in terms])
        for term in terms:
            written = term.span.cut(line)
            known = surfaces.get(analysis.fold(written), Surface(term.text, 0, is_name=True))
            is_name = known.is_name and written[0].isupper()
            surfaces[analysis.fold(written)] = Surface(term.text, known.count + 1, is_name)
    return Lexicon(Index(units, 1.2, 0.75), surfaces, own, weights, max_repaired=2)


def words(text: str) -> tuple[Word, ...]:
    return questions.read(text, 64, 0.4, 0.5).words


def added(lexicon: Lexicon, question: str) -> list[tuple[str, float, str, str]]:
    """The terms that are no word of the question: term, weight, kind and the word they stand for."""
    query = lexicon.expand(words(question))
    return [(term.term, round(term.weight, 9), term.kind, term.source) for term in query if term.kind != "term"]


def test_a_list_maps_both_ways_or_one_way() -> None:
    text = "# fuels\n\noil, petrol  # both\ncar => automobile, motor car\n  tank,truck => lorry\nc# => csharp"
    assert parse(text, "x.txt") == [
        Entry("oil", "petrol", is_one_way=False),
        Entry("petrol", "oil", is_one_way=False),
        Entry("car", "automobile", is_one_way=True),
        Entry("car", "motor car", is_one_way=True),
        Entry("tank", "lorry", is_one_way=True),
        Entry("truck", "lorry", is_one_way=True),
        Entry("c#", "csharp", is_one_way=True),
    ]
    assert parse("", "x.txt") == parse("# only\n\n", "x.txt") == parse("alone", "x.txt") == []


@pytest.mark.parametrize(
    "line", ["a, ,b", "a,", ",", "=> b", "a =>", "a => b => c", "a, b => c,"], ids=lambda line: line.replace(" ", "_")
)
def test_a_line_that_is_no_entry_is_named_with_its_number(line: str) -> None:
    with pytest.raises(CorpusError) as caught:
        parse(f"oil, petrol\n# a comment\n{line}\n", "some/synonyms.txt")
    assert caught.value.path == "some/synonyms.txt"
    assert caught.value.reason == f"line 3 is neither `a, b` nor `a => b`: {line.strip()!r}"


CORPUS = """
The premier of Norway met the envoy in Oslo.
A lorry with 12 tanks of petrol left in September.
Suleimanow and Sulimanow own the airbase.
The embassy wrote about its government.
The embassy has 1945 windows, 1945 doors and a big market.
The hothouse is a house and hot.
"""


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Who is the prime minister?", [("premier", 0.6, "synonym", "prime")]),
        ("a truck", [("lorri", 0.6, "synonym", "truck")]),
        ("a monarch", []),
        ("Norwegian hills", [("oslo", 0.36, "synonym", "Norwegian"), ("norway", 0.9, "synonym", "Norwegian")]),
        ("twelve tanks", [("12", 0.9, "synonym", "twelve")]),
        ("sept", [("septemb", 0.9, "synonym", "sept")]),
        ("govt", [("govern", 0.8, "spelling", "govt")]),
        ("embasy", [("embassi", 0.8, "spelling", "embasy")]),
        ("embaasyy", [("embassi", 0.64, "spelling", "embaasyy")]),
        ("embsayy", []),
        ("bigmarket", [("big", 0.8, "spelling", "bigmarket"), ("market", 0.8, "spelling", "bigmarket")]),
        ("the air base", [("airbas", 0.8, "spelling", "air")]),
        ("a hot-house", [("hothous", 0.8, "synonym", "hot")]),
        ("Suleimanow", [("sulimanow", 0.9, "synonym", "Suleimanow")]),
    ],
    ids=[
        *(
            "a phrase",
            "a word",
            "its synonyms stand nowhere",
            "people and capital",
            "a number word",
            "a month",
            "shorthand",
        ),
        *(
            "one error",
            "two errors in eight letters",
            "two errors in seven letters",
            "parted",
            "joined",
            "joined words that are known",
        ),
        "a name",
    ],
)
def test_a_word_is_searched_under_its_other_names(question: str, expected: list[tuple[str, float, str, str]]) -> None:
    # Weights by kind: two ways 0.6, names and numbers 0.9, a capital for its people 0.9 * 0.4 = 0.36, repaired 0.8,
    # and with a second error 0.8 * 0.8 = 0.64.
    assert added(lexicon_of(CORPUS), question) == expected


@pytest.mark.parametrize(
    ("question", "why"),
    [
        ("embassy", "it stands there"),
        ("abaut", "a stop word is no repair"),
        ("wrote embargo", "an English word is no error"),
        ("marker", "an English word is no error"),
        ("1944", "a number is never repaired"),
        ("19 45", "numbers are never joined"),
        ("b1g", "nor is a word with a digit"),
        ("bag", "too short"),
        ("Nauru", "a country is no error"),
        ("Malé", "nor is its capital"),
        ("qqqqqqqq", "nothing is near"),
        ("大使館", "nor in other scripts"),
        ("“embasy”", "a quoted word means only itself"),
        ('"Norwegian" hills', "and has no synonyms"),
        ('"prime minister"', "nor as a phrase"),
        ('"air" base', "nor is it joined"),
        ("air, base", "nor are words with more than a blank between them"),
        ("air for the base", "nor are those with a stop word between them"),
        ("", "nothing was asked"),
    ],
    ids=lambda value: value.replace(" ", "_") or "empty",
)
def test_a_word_that_may_be_right_is_left_alone(question: str, why: str) -> None:
    corpus = f"{CORPUS}\nNaura and Mala are names, about which a brief marked page is.\n"
    assert added(lexicon_of(corpus), question) == [], why


def test_the_name_of_a_country_is_never_repaired_into_another() -> None:
    assert added(lexicon_of("Zambia sells copper.\nNiger sells salt."), "Gambia") == []
    assert added(lexicon_of("Zambia sells copper.\nNiger sells salt."), "Zambai") == [
        ("zambia", 0.8, "spelling", "Zambai")
    ]


def test_a_word_that_stands_there_in_another_form_is_not_repaired() -> None:
    lexicon = lexicon_of("The gizmo hums.\nA gizmot hums.")
    assert added(lexicon, "gizmos") == []
    assert added(lexicon, "gizmoz") == [("gizmo", 0.8, "spelling", "gizmoz"), ("gizmot", 0.8, "spelling", "gizmoz")]


def test_of_several_repairs_the_frequent_ones_count() -> None:
    # Four are one error from "zord"; the three that stand there most often are taken, equal ones by the alphabet.
    lexicon = lexicon_of("lord lord lord\ncord cord\nford ford\nbord\nzorro zorro")
    assert added(lexicon, "zord") == [
        ("lord", 0.8, "spelling", "zord"),
        ("cord", 0.8, "spelling", "zord"),
        ("ford", 0.8, "spelling", "zord"),
    ]


def test_the_own_list_of_a_folder_works_both_ways_and_one_way() -> None:
    lexicon = lexicon_of(
        "The gizmo hums.\nThe widget squeaks.\nThe doohickey rolls.", "gizmo, widget\nrig => doohickey"
    )
    assert added(lexicon, "gizmo") == [("widget", 0.9, "synonym", "gizmo")]
    assert added(lexicon, "widget") == [("gizmo", 0.9, "synonym", "widget")]
    assert added(lexicon, "rig") == [("doohickey", 0.9, "synonym", "rig")]
    assert added(lexicon, "doohickey") == []


def test_of_a_phrase_the_rarest_word_is_searched_if_all_stand_there() -> None:
    own = "gizmo => big wheel\nrig => big sail"
    lexicon = lexicon_of("A big wheel.\nA big bell.\nA big oar.", own)
    assert added(lexicon, "gizmo") == [("wheel", 0.9, "synonym", "gizmo")]
    assert added(lexicon, "rig") == []


def test_a_word_of_the_question_is_never_added_for_another_and_stays_as_it_is() -> None:
    lexicon = lexicon_of("The gizmo hums.\nThe widget squeaks.", "gizmo, widget")
    assert lexicon.expand(words("gizmo widget")) == (
        QueryTerm("gizmo", 1.0, "term", "gizmo"),
        QueryTerm("widget", 1.0, "term", "widget"),
    )


def test_a_term_added_for_two_words_stands_for_the_one_that_gives_it_more() -> None:
    lexicon = lexicon_of("The gizmo hums.", "rig, gizmo\ngear, gizmo")
    # "rig" stands outside the clause that asks: 0.5 * 0.9 = 0.45, and "gear" inside it: 0.9.
    assert added(lexicon, "With a rig, who has a gear?") == [("gizmo", 0.9, "synonym", "gear")]
    assert added(lexicon, "Who has a rig or a gear?") == [("gizmo", 0.9, "synonym", "rig")]


@pytest.mark.parametrize(
    ("weights", "question"),
    [
        (Weights(0, 0.5, 0.9, 0.8), "prime minister"),
        (Weights(0.6, 0.5, 0, 0.8), "Norwegian twelve sept"),
        (Weights(0.6, 0.5, 0.9, 0), "embasy govt bigmarket air base"),
    ],
    ids=["synonyms", "names", "spelling"],
)
def test_a_source_of_no_weight_adds_nothing(weights: Weights, question: str) -> None:
    assert added(lexicon_of(CORPUS), question)
    assert added(lexicon_of(CORPUS, weights=weights), question) == []


LEXICON = lexicon_of(CORPUS, "gizmo, petrol\nembassy => big market")
PIECES = [
    *(
        "embassy",
        "embasy",
        "Norwegian",
        "norway",
        "Oslo",
        "prime",
        "minister",
        "premier",
        "gizmo",
        "twelve",
        "12",
        "1945",
    ),
    *(
        "1944",
        "19",
        "45",
        "airbase",
        "air",
        "base",
        "bigmarket",
        "govt",
        "Suleimanow",
        "things",
        ",",
        '"',
        "who",
        "“",
        "é",
    ),
]


@given(st.lists(st.sampled_from(PIECES), max_size=12).map(" ".join) | st.text(max_size=60))
def test_expanding_keeps_the_words_and_adds_terms_that_weigh_no_more(question: str) -> None:
    asked = words(question)
    query = LEXICON.expand(asked)
    assert query[: len(asked)] == tuple(QueryTerm(word.term, word.weight, "term", word.text) for word in asked)
    assert len({term.term for term in query}) == len(query)
    by_text = {word.text: word for word in asked}
    for term in query[len(asked) :]:
        word = by_text[term.source]
        assert term.kind in ("synonym", "spelling")
        assert 0 < term.weight <= word.weight <= 1
        assert not word.is_literal
        if term.kind == "spelling":
            assert not any(char.isdigit() for char in word.text + term.term), "no number is repaired"


def test_q3_only_the_first_misspelled_words_are_repaired() -> None:
    lexicon = lexicon_of("parliament embassy coalition")
    assert [source for _, _, _, source in added(lexicon, "parliamant embasy coalitoin")] == ["parliamant", "embasy"]
    assert [source for _, _, _, source in added(lexicon, "parliament embasy coalitoin")] == ["embasy", "coalitoin"]


def test_q18_every_word_may_end_the_work() -> None:
    looked_at = 0

    def tick() -> None:
        nonlocal looked_at
        looked_at += 1
        if looked_at == 2:
            raise TimeoutError

    with pytest.raises(TimeoutError):
        lexicon_of("oil").expand(words("gas oil coal"), tick)
    assert looked_at == 2


def test_a_word_in_quotation_marks_is_no_part_of_a_phrase() -> None:
    lexicon = lexicon_of("The prime minister spoke.\nThe premier spoke.")
    assert [term for term, *_ in added(lexicon, "prime minister")] == ["premier"]
    assert added(lexicon, 'prime "minister"') == []
