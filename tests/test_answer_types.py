"""Which kind of answer is asked for, and which kinds a sentence holds: the rules, one example of each side."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.analysis import terms
from qa.answer_types import found, numbered, wanted

KINDS = {"money", "number", "date", "person", "place", "reason", "phone", "email"}


def shown(value: object) -> str:
    """A value as it stands in the name of a test, the same in every process."""
    return str(sorted(value)) if isinstance(value, set) else repr(value)


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("How much did the bridge cost?", "money"),
        ("how much money was given", "money"),
        ("What price was paid?", "money"),
        ("the bridge cost?", "money"),
        ("How much rain fell?", "number"),
        ("how MANY troops", "number"),
        ("What percentage of voters left?", "number"),
        ("When was it built?", "date"),
        ("In which year was it built?", "date"),
        ("Who built it?", "person"),
        ("Whose bridge is it?", "person"),
        ("Which minister resigned?", "person"),
        ("Where is it?", "place"),
        ("In what city is it?", "place"),
        ("What time is dinner?", "date"),
        ("What are the opening hours?", "date"),
        ("What is the monthly rent?", "money"),
        ("How much is the deposit?", "money"),
        ("What is the number of troops?", "number"),
        ("What is the phone number of the clinic?", "phone"),
        ("Which number do I call at night?", "phone"),
        ("What is Jana's e-mail?", "email"),
        ("What is the email address of the board?", "email"),
        ("Was the letter sent by e-mail?", None),
        ("How wide is the bridge?", "number"),
        ("What does it cost to get in?", "money"),
        ("What is the deadline for entries?", "date"),
        ("What is the landlord's name?", "person"),
        ("Why was it built?", "reason"),
        ("What led to the fire?", "reason"),
        # The earliest one decides.
        ("When did they say how many troops left?", "date"),
        ("How many troops left when the war ended?", "number"),
        ("Is the bridge open?", None),
        ("whole whereabouts whenever", None),
        ("", None),
        ("?!. ", None),
    ],
    ids=repr,
)
def test_the_kind_of_answer_a_question_asks_for(question: str, kind: str | None) -> None:
    assert wanted(question) == kind


@pytest.mark.parametrize(
    ("sentence", "kinds"),
    [
        ("It rained.", set()),
        ("", set()),
        ("It cost $ 5.", {"money", "number"}),
        ("It cost 5.8 billion dollars.", {"money", "number"}),
        ("It cost millions of euros.", {"money", "number"}),
        ("A dozen left.", {"number"}),
        ("It fell 3 times.", {"number"}),
        ("It opened in 1987.", {"number", "date"}),
        ("It opens on Monday.", {"date"}),
        ("It costs 5 €, or 6 EUR.", {"money", "number"}),
        ("Entry is free of charge.", {"money"}),
        ("It opens at 9 am.", {"number", "date"}),
        ("It opens at noon.", {"date"}),
        ("They met at half past ten o’clock.", {"number", "date"}),
        ("It is due on the 5th.", {"number", "date"}),
        ("Send it within two weeks.", {"number", "date"}),
        ("Sent on 12.03.24.", {"number", "date"}),
        ("It opened on 3 May.", {"number", "date"}),
        ("It opens in May.", {"date", "place"}),
        ("Ring 040 123 45-67.", {"number", "phone"}),
        ("Ring +49 (40) 1234567 at night.", {"number", "phone"}),
        ("Ring 112.", {"number"}),
        ("Write to jana@example.org.", {"email"}),
        ("It may march.", set()),
        ("It opened on May 5.", {"number", "date"}),
        ("They met Anna Lind.", {"person"}),
        ("Anna Lind sang.", {"person"}),
        ("Rose Miller sang.", set()),
        ("The king sang.", {"person"}),
        ("Paul voted against.", {"person"}),
        ("The hose was bought by Joan.", {"person"}),
        ("NATO’s plan failed.", {"person"}),
        ("Voters stayed at home.", {"place"}),
        ("It's raining.", set()),
        ("The plan of Émile’s was Zoë's.", {"person"}),
        ("Émile voted against.", {"person"}),
        ("Teachers' plans failed, and Monday’s vote.", {"date"}),
        ("Mondays were dry, and July's end.", {"date"}),
        ("Friday was dry.", {"date"}),
        ("Mon closed", {"date"}),
        ("It is grant HT-2018-077.", {"number", "phone"}),
        ("Since mid-2017 it rains.", {"number", "date", "reason"}),
        ("One of its piers fell.", set()),
        ("HALLBURY rejoiced.", set()),
        ("UNESCO rejoiced.", {"person"}),
        ("Last July was dry.", {"date"}),
        ("It lies in Norway.", {"place"}),
        ("It lies in northern hills.", {"place"}),
        ("It is kept in the small kitchen cupboard.", {"place"}),
        ("They met in room 204.", {"number", "place"}),
        ("**Where:** behind us", {"place"}),
        ("Where: the Great Hall", {"place"}),
        ("It is kept in the best of moods.", set()),
        ("It fell because of rain.", {"reason"}),
        ("They ran to help him.", {"reason"}),
    ],
    ids=shown,
)
def test_the_kinds_of_answer_a_sentence_holds(sentence: str, kinds: set[str]) -> None:
    assert found(sentence) == kinds


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("5,000 soldiers", {"soldier"}),
        ("two old wooden houses", {"old", "wooden"}),
        ("twenty tanks", {"tank"}),
        ("hundreds of miles", {"mile"}),
        ("twelve hundred men", {"hundr", "men"}),
        ("104-acre compound", {"acr", "compound"}),
        ("soldiers 5,000", set()),
        ("soldiers and houses", set()),
        ("", set()),
    ],
    ids=shown,
)
def test_what_a_number_counts_stands_at_most_two_terms_behind_it(text: str, expected: set[str]) -> None:
    assert numbered([term.text for term in terms(text)]) == expected


@given(st.text(max_size=200))
def test_any_text_has_known_kinds_only(text: str) -> None:
    assert wanted(text) in {*KINDS, None}
    assert found(text) <= KINDS


# What a pattern with a repetition in a repetition would look at again and again.
HOSTILE = [
    *(
        "how much ",
        "the cost ",
        "how many",
        " ?",
        "in the ",
        "in a-",
        "0.,",
        "0 ",
        "$ ",
        "Aa ",
        "A",
        "A.-",
        "x Aa",
        "in the a-",
        "in a a ",
        "(0 ",
        "a@",
        "a.",
        "within a ",
        "what is a ",
        "0 May ",
    ),
    *("one of ", "million ", "to ", "result ", "fear", "north", "may ", "19", " ", "\n", '"', "谁", "a\u0301"),
]


@pytest.mark.parametrize("piece", HOSTILE, ids=repr)
def test_a_hostile_text_takes_time_in_proportion_to_its_length(piece: str) -> None:
    text = (piece * 100_000)[:100_000]
    started = time.process_time()
    assert found(text) <= KINDS
    assert wanted(text[:1_000]) in {*KINDS, None}
    assert time.process_time() - started < 5, "a quadratic pattern takes a minute and more"
