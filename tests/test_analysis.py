import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.analysis import MAX_TOKEN_CHARS, STOP_WORDS, asks, fold, heads_table, leads_in, negates, terms


def words(text: str) -> list[str]:
    return [term.text for term in terms(text)]


@pytest.mark.parametrize(
    "text",
    [
        *("U.S.", "US", "u.s.", "U.S", "USA", "U.S.A.", "U.S.A", "United States", "UNITED STATES", "united  states"),
        *("United\nStates", "the United States of America", "the US", "US’s", "U.S.’s", "U.S.'s", "United States’s"),
    ],
)
def test_the_names_of_the_united_states_are_one_term(text: str) -> None:
    assert words(text) == ["us"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("They pay us.", ["pay"]),
        ("Tell us about the US", ["tell", "us"]),
        ("The US pays us", ["us", "pay"]),
        ("us troops", ["us", "troop"]),
        ("tell us", ["tell", "us"]),
    ],
)
def test_us_is_a_pronoun_only_in_a_text_that_uses_capitals(text: str, expected: list[str]) -> None:
    assert words(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$5.8 billion", ["dollar", "5.8", "billion"]),
        ("5.8 billion dollars", ["5.8", "billion", "dollar"]),
        ("16,000 people", ["16000", "peopl"]),
        ("1,234,567.50", ["1234567.50"]),
        ("5,00", ["5,00"]),
        ("10%", ["10", "percent"]),
        ("104-acre", ["104", "acr"]),
        ("1980-1988", ["1980", "1988"]),
        ("mid-2017", ["mid", "2017"]),
        ("in 2014.", ["2014"]),
        ("Sept. 11, 2001", ["sept", "11", "2001"]),
        ("1.", ["1"]),
        ("１２３", ["123"]),
        ("the 1980s and 1990's", ["1980", "1990"]),
        ("3rd, 21ST, 4th", ["3", "21", "4"]),
        ("5km 10st. 4x4", ["5", "km", "10", "4", "x4"]),
        ("F-16s", ["f", "16"]),
    ],
)
def test_numbers_keep_their_value(text: str, expected: list[str]) -> None:
    assert words(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Iraq’s", ["iraq"]),
        ("Iraq's", ["iraq"]),
        ("Iraqʼs", ["iraq"]),
        ("Iraq＇s", ["iraq"]),
        ("Iraqis’", ["iraqi"]),
        ("O’Brien", ["o'brien"]),
        ("didn’t", []),
        ("didn't", []),
        ("who’s", []),
    ],
)
def test_apostrophes_and_possessives_do_not_matter(text: str, expected: list[str]) -> None:
    assert words(text) == expected


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("TROOPS", "troops"),
        ("Straße", "STRASSE"),
        ("İstanbul", "istanbul"),
        ("ΐ", "Ϊ́"),
        ("ΣΊΣΥΦΟΣ", "σίσυφος"),
        ("café", "cafe"),
        ("cafe\u0301", "CAFÉ"),
        ("Ä", "a\u0308".upper()),
        ("ﬁle", "file"),
        ("ａｉｒｂａｓｅ", "airbase"),
        ("Ⅷ", "viii"),
        ("in\u200bvade", "invade"),
        ("in\u00advade", "invade"),
        ("\ufb03", "ffi"),
        ("returned", "returning"),
        ("invasions", "invasion"),
    ],
)
def test_q8_q9_q11_forms_of_one_word_are_one_term(left: str, right: str) -> None:
    assert words(left) == words(right)


@pytest.mark.parametrize("text", ["Straße", "İstanbul", "ﬁle", "cafe\u0301", "in\u00advade", "ΐota", "ŉoo"])
def test_q11_offsets_point_into_the_text_as_it_was_written(text: str) -> None:
    (term,) = terms(f"😀 {text}, etc")[:1]
    assert (term.span.start, term.span.end) == (2, 2 + len(text))


def test_terms_carry_the_slice_they_were_read_from() -> None:
    text = "The U.S. paid $5.8 billion for Iraq’s troops."
    assert [term.span.cut(text) for term in terms(text)] == [
        "U.S.",
        "paid",
        "$",
        "5.8",
        "billion",
        "Iraq’s",
        "troops",
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("George H.W. Bush", ["georg", "hw", "bush"]),
        ("Bloomberg L.P.", ["bloomberg", "lp"]),
        ("U.S.-led", ["us", "led"]),
        ("a.m. p.m", ["am", "pm"]),
        ("us_iraq", ["us", "iraq"]),
        ("oil/gas", ["oil", "gas"]),
        ("日本語 カナ", ["日", "本", "語", "カ", "ナ"]),
        ("中文2014年", ["中", "文", "2014", "年"]),
    ],
    ids=str,
)
def test_q12_other_kinds_of_words(text: str, expected: list[str]) -> None:
    assert words(text) == expected


@pytest.mark.parametrize("text", ["", " ", "?!", "😀 🇮🇶", "\u0301", "the of and", "What is it?", "\u200b", "\x00", "İ"])
def test_q1_a_text_without_a_searchable_word_has_no_terms(text: str) -> None:
    assert terms(text) == ()


def test_q5_a_token_over_the_limit_is_dropped_and_the_words_around_it_stay() -> None:
    assert words(f"oil {'x' * MAX_TOKEN_CHARS} gas") == ["oil", "x" * MAX_TOKEN_CHARS, "gas"]
    assert words(f"oil {'x' * (MAX_TOKEN_CHARS + 1)} gas") == ["oil", "gas"]


def test_a_lone_surrogate_is_no_word_and_no_error() -> None:
    assert words("oil \ud800 gas") == ["oil", "gas"]


def test_a_stop_word_is_no_term_however_it_is_written() -> None:
    assert len(STOP_WORDS) > 150
    for word in STOP_WORDS:
        for written in (word, word.title(), word.upper(), word.replace("'", "’")):
            assert words(written) == [], written


@pytest.mark.parametrize("unit", ["'", "’", "\u00ad", "\u0301"])
def test_fold_leaves_no_typographic_apostrophe_no_accent_and_no_invisible_character(unit: str) -> None:
    assert fold(f"O{unit}B") in ("o'b", "ob")


HOSTILE = {
    "letters": "a" * 100_000,
    "digits": "9" * 100_000,
    "digits and commas": "9," * 50_000,
    "dots": "." * 100_000,
    "dotted letters": "a." * 50_000,
    "apostrophes": "'" * 100_000,
    "inner apostrophes": "a'" * 50_000,
    "dashes": "-" * 100_000,
    "blanks inside a name": "united" + " " * 100_000,
    "half names": "united " * 15_000,
    "combining marks of two classes": "e" + "\u0301\u0323" * 50_000,
    "U+FDFA, which NFKC makes 18 characters": "\ufdfa" * 65_536,
    "zero-width spaces": "a\u200b" * 50_000,
    "ideographs": "日" * 100_000,
    "signs": "$" * 100_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_q5_q6_q7_100_kb_of_anything_take_seconds_at_most(text: str) -> None:
    started = time.perf_counter()
    found = terms(text)
    assert time.perf_counter() - started < 5
    assert all(term.span.end - term.span.start <= MAX_TOKEN_CHARS for term in found)


@given(st.text() | st.text("aAU.uSs5,$ '’\u0301\u00ad日-\n"))
def test_the_slice_of_a_term_analysed_alone_is_the_term(text: str) -> None:
    end = 0
    for term in terms(text):
        assert term.span.start >= end
        end = term.span.end
        assert words(term.span.cut(text)) == [term.text]


@given(st.text(st.characters(categories=["L", "N", "M", "Zs"]), max_size=12))
def test_q8_composed_and_decomposed_text_have_the_same_terms(text: str) -> None:
    assert words(unicodedata.normalize("NFC", text)) == words(unicodedata.normalize("NFD", text))


@given(st.lists(st.sampled_from(["Oil", "the", "U.S.", "$5.8", "Iraq’s", "mid-2017", "日本", "ﬁle", "😀"])))
def test_terms_of_separate_words_are_the_terms_of_each(parts: list[str]) -> None:
    assert words(" / ".join(parts)) == [word for part in parts for word in words(part)]


def test_the_plural_of_initials_is_the_term_of_one() -> None:
    assert [term.text for term in terms("DVDs DVD dvds MPs MP")] == ["dvd", "dvd", "dvd", "mp", "mp"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("They did not leave.", True),
        ("Who didn’t sign?", True),
        ("Nobody left without paying.", True),
        ("It failed to agree.", True),
        ("They left the knot in place.", False),
        ("Note the number.", False),
        ("", False),
    ],
)
def test_a_denial_is_told_by_its_words(text: str, expected: bool) -> None:
    assert negates(text) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Why was the lamp forgotten?", True),
        ("**When are you open?**", True),
        ("“Is it late?” ", True),
        ("## What then? ##", True),
        ("Is it late? Nobody knows.", False),
        ("?a", False),
        ("", False),
    ],
)
def test_a_question_ends_with_its_mark(text: str, expected: bool) -> None:
    assert asks(text) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("These are sold:", True),
        ("**How to install**", True),
        ("__Known problems__", True),
        ("HALLBURY ALLOTMENT SOCIETY", True),
        ("title: Oil", True),
        ("**Oil** is sold", False),
        ("**It is sold.**", False),
        ("NATO", False),
        ("USB 2.0", False),
        ("OIL is sold", False),
        ("", False),
    ],
)
def test_a_line_leads_in_that_only_says_what_the_next_is_about(text: str, expected: bool) -> None:
    assert leads_in(text) is expected


@pytest.mark.parametrize(
    ("text", "following", "expected"),
    [
        ("| Code | Meaning |", "|---|:--:|", True),
        ("|---|:--:|", "| E02 | The flame went out |", True),
        ("| E02 | The flame went out |", "| E04 | Too low |", False),
        ("Code and meaning", "|---|---|", False),
        ("|", "", False),
        ("", "--", False),
    ],
)
def test_the_head_of_a_table_stands_above_its_rule(text: str, following: str, expected: bool) -> None:
    assert heads_table(text, following) is expected
