"""How a document is cut: by example, and the laws of a cut on every document and on generated text."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nltk import redos

from qa import CorpusError, Document, Engine, Section, Settings, split_sentences
from qa.blocks import title
from qa.passages import cut


def document(text: str) -> Document:
    return Document("guide", "guide.txt", text, "0" * 64, "Guide")


def sections(text: str) -> list[tuple[str | None, list[str]]]:
    """The heading and the sentences of every section."""
    return [
        (
            section.heading and section.heading.cut(text),
            [sentence.cut(passage.text) for passage in section.passages for sentence in passage.sentences],
        )
        for section in cut(document(text), Settings())
    ]


def sentences(text: str) -> list[str]:
    """The sentences of a text without a heading."""
    ((heading, found),) = sections(text)
    assert heading is None
    return found


def headings(text: str) -> list[str]:
    return [heading for heading, _ in sections(text) if heading]


@pytest.mark.parametrize(
    "expected",
    [
        ["The U.S. has 5,000 troops.", "They stay."],
        ["In the U.S. Embassy there is room.", "It cost $5.8 billion."],
        ["It sold oil to the U.S.", "The price rose."],
        ["He left at 5 p.m.", "She stayed."],
        ["On Sept. 11 it rained.", "On Jan. 2 it snowed."],
        ["Bloomberg L.P. owns it.", "George H.W. Bush led a coalition.", "He won."],
        ["Mr. Smith met Gen. Mark Milley.", "It was late."],
        ["It grew by 5.8 percent.", "Then it fell."],
        ["“We’re not leaving unless they pay us back for it.” Trump said.", "He left."],
        ["“Stay!” the Iraqi prime minister told them.", "They stayed."],
        ['"Why?" she asked.', "Nobody knew."],
        ["“It cost billions.”", "The airbase was built long before his time and nobody had ever said what it cost."],
        ["Was it yahoo! that said so?", "Yes."],
        ["He said ... nothing.", "She left."],
        ["The answer is no.", "Paris was wet."],
        ["It is a work of art.", "Everybody looks at it."],
        ["See No. 5 and Vol. II on pp. 4 and Fig. 3.", "The rest is in Eq. (7)."],
        ["It is insured, policy no. HP-77.", "Call Tel. 040 555."],
    ],
    ids=lambda expected: expected[0],
)
def test_sentences_end_where_a_reader_ends_them(expected: list[str]) -> None:
    assert sentences(" ".join(expected)) == expected


def test_a_sentence_may_run_over_a_line_break_but_not_over_a_blank_line() -> None:
    assert sentences("the price of oil rose\nand fell.\n\nthe price of gas did not\n\nat all") == [
        "the price of oil rose\nand fell.",
        "the price of gas did not",
        "at all",
    ]


def test_numbered_questions_are_headings() -> None:
    text = "1. When did they return?\n\nThey returned in 2014.\n\n2. Why?\n\nThey were asked to."
    assert sections(text) == [
        ("1. When did they return?", ["They returned in 2014."]),
        ("2. Why?", ["They were asked to."]),
    ]


def test_markdown_headings_need_no_blank_line_around_them() -> None:
    text = "# Oil\nOil is sold.\n### Gas in the north of the country, which is not sold. ##\nGas is not."
    assert sections(text) == [
        ("# Oil", ["Oil is sold."]),
        ("### Gas in the north of the country, which is not sold. ##", ["Gas is not."]),
    ]


@pytest.mark.parametrize(
    ("line", "label"),
    [
        ("# Oil", "Oil"),
        ("## Oil ##", "Oil"),
        ("###### Oil and   gas #1 #", "Oil and   gas #1"),
        ("# C#", "C#"),
        ("# # #", "#"),
        ("#\tOil", "Oil"),
    ],
)
def test_the_section_of_a_passage_is_its_heading_without_the_marks(line: str, label: str) -> None:
    ((passage,),) = (section.passages for section in cut(document(f"{line}\nOil is sold."), Settings()))
    assert passage.section == label


@pytest.mark.parametrize("line", ["#Oil is a hashtag here.", "####### Oil has seven of them.", "#"])
def test_a_line_that_only_begins_like_a_markdown_heading_is_none(line: str) -> None:
    assert headings(f"{line}\n\nOil is sold.") == []


def test_underlined_lines_are_headings_together_with_their_line() -> None:
    text = "Oil\n=====\nOil is sold.\n\nGas\n---\nGas is not."
    assert sections(text) == [("Oil\n=====", ["Oil is sold."]), ("Gas\n---", ["Gas is not."])]


def test_a_rule_below_a_paragraph_of_two_lines_makes_no_heading() -> None:
    assert headings("Oil is sold,\ngas is not.\n---\nThat is all.") == []


@pytest.mark.parametrize(
    "line",
    [
        "Bilateral Economic Relations",
        "Why oil?",
        "BREAKING: Iraq Scales Down Threats to Expel U.S. Troops After Trump Warning",
        "A. Oil",
        "Chapter 1: Oil",
        "IV. Oil",
        "3) What’s the current relationship of the two countries based on",
    ],
)
def test_a_short_line_that_stands_alone_is_a_heading(line: str) -> None:
    assert headings(f"{line}\n\nOil is sold.") == [line]


@pytest.mark.parametrize(
    "line",
    [
        "Oil is sold.",
        "Oil, gas,",
        "“Oil is sold”",
        "oil",
        "***",
        "- Oil",
        "• Oil",
        "> Oil",
        "By Ada Lind, Oil News",
        "Season: 10 May to 2 June",
        "Serves 4 · 35 minutes",
        "Oil is sold to many countries and gas is not sold to any of them",
    ],
)
def test_a_line_that_does_not_read_like_a_title_is_no_heading(line: str) -> None:
    assert headings(f"{line}\n\nOil is sold.") == []


def test_a_title_touching_its_paragraph_is_no_heading() -> None:
    assert headings("Oil\nOil is sold.") == []


def test_two_titles_in_a_row_are_two_headings_and_the_second_names_the_passages() -> None:
    first, second = cut(document("Markets\n\nOil\n\nOil is sold."), Settings())
    assert first.passages == ()
    assert [passage.section for passage in second.passages] == ["Oil"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Text.", [()]),
        ("# Baghdad Embassy\n\n## Cost\n\nText.", [("Baghdad Embassy", "Cost")]),
        ("# A\n\nText.\n\n## B\n\nText.\n\n## C\n\nText.", [("A",), ("A", "B"), ("A", "C")]),
        ("# A\n\n### B\n\nText.\n\n## C\n\nText.\n\n# D\n\nText.", [("A", "B"), ("A", "C"), ("D",)]),
        ("Chapter\n===\n\nOil\n===\n\nText.\n\nGas\n===\n\nText.", [("Chapter", "Oil"), ("Gas",)]),
        ("# A\n\nText.\n\n### B\n\n## C\n\nText.\n\n## D\n\nText.", [("A",), ("A", "B", "C"), ("A", "D")]),
        ("Markets\n\nOil\n\nText.\n\nGas\n\nText.", [("Markets", "Oil"), ("Markets", "Gas")]),
        ("# A\n\nMarkets\n\nText.\n\n# B\n\nText.", [("A", "Markets"), ("B",)]),
        ("".join(f"# {letter}\n" for letter in "ABCDEFGHIJ") + "Text.", [(), tuple("EFGHIJ")]),
    ],
    ids=["none", "empty above", "siblings", "levels", "same level", "left", "titles", "mixed", "many"],
)
def test_a_passage_knows_all_headings_it_stands_under(text: str, expected: list[tuple[str, ...]]) -> None:
    passages = [passage for section in cut(document(text), Settings()) for passage in section.passages]
    assert [passage.headings for passage in passages] == expected
    assert [passage.section for passage in passages] == [(None, *headings)[-1] for headings in expected]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("# Notes\n\nIt rains.\n\n## Call Bob", [("# Notes", ["It rains.", "## Call Bob"])]),
        ("# Notes\n\nIt rains.\n\n## Call\n\n## Bob", [("# Notes", ["It rains.", "## Call", "## Bob"])]),
        ("# Notes", [("# Notes", [])]),
        ("# Notes\n\nIt rains.\n\n    # no heading", [("# Notes", ["It rains.", "# no heading"])]),
        ("# Notes\n\n- It rains\n---\n\nText.", [("# Notes", ["- It rains", "---", "Text."])]),
    ],
    ids=["last", "last two", "nothing else", "moved in", "a rule below an item"],
)
def test_what_looks_like_a_heading_and_leads_to_no_text_is_text(
    text: str, expected: list[tuple[str | None, list[str]]]
) -> None:
    assert sections(text) == expected


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (
            "# Changes\n\n## 2.1\n\n### Fixed\n\nText.\n\n## 2.0\n\nText.\n\n### Fixed\n\nText.",
            ["2.1 › Fixed", "2.0", "2.0 › Fixed"],
        ),
        ("# One\n\n## A\n\nText.\n\n# Two\n\n## A\n\nText.", ["A", "Two › A"]),
        ("Report\n\nMarkets\n\nText.", ["Markets"]),
        ("# Report\n\n## Oil\n\nMarkets\n\nText.", ["Oil › Markets"]),
        ("# Report\n\nText.", ["Report"]),
    ],
    ids=["nested", "parts", "kicker", "title below marks", "title"],
)
def test_a_section_is_named_with_the_marked_headings_above_it_but_the_first_of_the_document(
    text: str, names: list[str]
) -> None:
    passages = [passage for section in cut(document(text), Settings()) for passage in section.passages]
    assert [passage.section for passage in passages] == names


def test_three_title_like_lines_in_a_row_are_a_list() -> None:
    assert sentences("Oil\n\nGas\n\nCoal\n\nThey are sold.") == ["Oil", "Gas", "Coal", "They are sold."]


def test_a_title_with_nothing_below_is_text() -> None:
    assert sections("Oil is sold.\n\nThe End") == [(None, ["Oil is sold.", "The End"])]


@pytest.mark.parametrize("gap", ["\n", "\n\n"], ids=["tight", "loose"])
@pytest.mark.parametrize("mark", ["1. 2. 3.", "- - -", "* * *", "a) b) c)", "A. B. C.", "• • •"])
def test_items_of_a_list_are_no_headings_and_sentences_of_their_own(mark: str, gap: str) -> None:
    items = [f"{number} {word}" for number, word in zip(mark.split(), ["Oil", "Gas", "Coal"], strict=True)]
    if mark.startswith("a)") and gap == "\n":  # a small letter may also be the middle of a wrapped line
        items = ["\n".join(items)]
    assert sentences(gap.join(items) + "\n\nThey are sold.") == [*items, "They are sold."]


def test_a_file_of_one_line_a_paragraph_keeps_each_line_apart() -> None:
    assert sentences("Oil is sold.\nGas is not.\n") == ["Oil is sold.", "Gas is not."]
    long_lines = [f"{word} " * 60 + "END" for word in ("oil", "gas", "coal")]
    assert sentences("\n".join(long_lines)) == long_lines


def test_headings_are_found_between_lines_that_are_paragraphs() -> None:
    line = "Oil is sold to many countries. " * 10
    assert headings(f"{line}\nGas\n{line}\nCoal\n{line}") == ["Gas", "Coal"]


def test_passages_are_as_long_as_wanted_where_the_text_allows_it() -> None:
    text = "Oil was sold to ten countries that year. " * 60
    lengths = [len(passage.text.split()) for section in cut(document(text), Settings()) for passage in section.passages]
    assert sum(lengths) == 480
    assert all(40 <= length <= 90 for length in lengths)


def test_a_passage_rather_begins_with_a_paragraph() -> None:
    # 56 and 72 words: two passages of 64 words each would be nearer to the middle of 40 and 90.
    oil = "Oil was sold to ten countries that year. " * 7
    gas = "Gas was sold to two countries that year. " * 9
    ((one, two),) = (section.passages for section in cut(document(f"{oil}\n\n{gas}"), Settings()))
    assert (one.text.split()[0], two.text.split()[0]) == ("Oil", "Gas")
    assert two.text == gas.strip()


def test_a_passage_never_crosses_a_heading() -> None:
    found = cut(document("1. Oil?\n\nYes.\n\n2. Gas?\n\nNo."), Settings())
    assert [[passage.text for passage in section.passages] for section in found] == [["Yes."], ["No."]]


def test_a_text_that_is_cut_elsewhere_gets_the_same_sentences() -> None:
    text = " \nOil is sold to the U.S. The price rose. “Ask them.” he said. "
    assert [span.cut(text) for span in split_sentences(text)] == sentences(text)
    assert split_sentences(" \n\u00a0") == ()


def assert_is_a_cut(document: Document, found: tuple[Section, ...], settings: Settings) -> None:
    """Whether the sections keep every law of a cut."""
    text = document.text
    covered = [False] * len(text)
    end = 0
    for number, section in enumerate(found):
        if section.heading:
            assert section.heading.start >= end, "headings and passages stand in reading order and do not overlap"
            end = section.heading.end
            covered[section.heading.start : end] = [True] * (end - section.heading.start)
        else:
            assert number == 0, "only what stands before the first heading has none"
        for passage in section.passages:
            assert passage.document_id == document.id
            assert passage.span.start >= end, "passages stand in reading order and do not overlap"
            end = passage.span.end
            assert passage.text == passage.span.cut(text), "a passage is a slice"
            assert len(passage.text.split()) <= settings.limit_words
            assert len(passage.text) <= settings.limit_chars
            assert (passage.section is None) == (section.heading is None)
            assert passage.section == (None, *passage.headings)[-1], "the section is the innermost heading"
            sentence_end = 0
            for sentence in passage.sentences:
                assert sentence_end <= sentence.start < sentence.end <= len(passage.text)
                assert not passage.text[sentence_end : sentence.start].strip(), "between sentences stand only blanks"
                sentence_end = sentence.end
                quote = text[passage.span.start + sentence.start : passage.span.start + sentence.end]
                assert quote == sentence.cut(passage.text) == quote.strip(), "a sentence is a slice without blanks"
            assert sentence_end == len(passage.text), "the last sentence ends the passage"
            assert passage.sentences[0].start == 0, "the first sentence begins it"
            covered[passage.span.start : end] = [True] * (end - passage.span.start)
    lost = [char for char, is_covered in zip(text, covered, strict=True) if not is_covered]
    assert not "".join(lost).strip(), "every non-blank character stands in a passage or a heading"


def test_every_document_of_the_corpus_is_cut_without_loss(engine: Engine) -> None:
    assert len(engine.corpus.documents) == 3
    for each in engine.corpus.documents:
        assert_is_a_cut(each, engine.sections(each.id), Settings())


STORY = "# Oil\n\nOil is sold to the U.S. The price rose.\n\n1. Why?\n\n“Ask them.” he said.\nNobody did."
TEXTS = {
    "one character": "Ä",
    "one blank around one character": "\u00a0x\u00a0",
    "blanks only between": "\n\n \t x \n \n\n y\n\n",
    "CRLF": STORY.replace("\n", "\r\n"),
    "lone CR": STORY.replace("\n", "\r"),
    "U+2028": STORY.replace("\n", "\u2028"),
    "form feeds": STORY.replace("\n", "\f"),
    "no final newline": STORY,
    "final newlines": STORY + "\n\n\n",
    "one line": STORY.replace("\n", " "),
    "no-break spaces": STORY.replace(" ", "\u00a0"),
    "emoji": "👩‍👩‍👧 🇮🇶 is 😀. 👍🏽\n\n😀\n\nText.",
    "combining marks": "A\u0308ra. e\u0301\u0323" * 40,
    "20,000 words in one line": "oil " * 20_000,
    "20,000 words in sentences": "Oil is sold. " * 7_000,
    "a token of 10,000 characters": "x" * 10_000,
    "a token of 10,000 characters in a sentence": f"Oil {'x' * 10_000} gas. Coal.",
    "10,000 ideographs": "石油。" * 3_333,
    "a sentence of 121 words": "oil " * 120 + "end. Gas.",
    "a sentence of 120 words": "oil " * 119 + "end. Gas.",
    "a sentence of 120 words that fill 2,001 characters": "o" * 140 + " " + "petroleum-oil-x " * 116 + "end. Gas.",
    "a heading of 3,000 characters": "# " + "oil " * 750 + "\n\nText.",
    "only a heading": "# Oil",
    "headings only": "# Oil\n\n## Gas\n\n### Coal",
    "a fence that never closes": "```\n# x\n\ny",
    "rules": "---\n\n===\n\n***\n",
    "an underline first": "===\nOil\n===\n---\n",
    "blanks that only Python knows": "Oil.\x1c\x1d Gas. \x1e\x1f\n\n\x1fCoal.\x1c Tin.",
    "tilde fences": "~~~ x\n# y\n\n~~\n\nz\n~~~~",
    "a sentence of 50,000 words": "Oil. " + "gas " * 50_000 + "end. Coal.",
    "control characters": "a\x01b\x1cc\x1dd\x85e. F\u200bg.",
    "a lone surrogate": "Oil \ud800. Gas.",
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_c12_c21_c22_a_cut_loses_no_text(text: str) -> None:
    each = document(text)
    assert_is_a_cut(each, cut(each, Settings()), Settings())


PIECES = st.sampled_from(
    [
        *("# ", "## ", "\n", "\n\n", "\r\n", "\r", "\u2028", "\f", " ", "\u00a0", "\t", "\u200b", "x\x85"),
        *("\x1c", "\x1d", "\x1e", "\x1f", "> ", ">", "~~~", "````", "no. ", "5"),
        *("the ", "Oil", "oil is sold ", "the price of oil and gas ", "Why?", "U.S. ", "Sept. 11", "L.P. ", "Mr. "),
        *(". ", ".", "? ", "! ", "“", "”", " said", "1. ", "A. ", "- ", "|", "===", "---", "```"),
        *("Ä", "a\u0308", "😀", "👩\u200d👩\u200d👧", "日本。"),
    ]
)


@given(st.lists(PIECES, max_size=60).map("".join) | st.text(max_size=200))
def test_a_cut_of_generated_text_loses_nothing(text: str) -> None:
    each = document(text)
    assert_is_a_cut(each, cut(each, Settings()), Settings())


@given(
    st.lists(PIECES, max_size=60).map("".join),
    st.integers(1, 6),
    st.integers(0, 6),
    st.integers(0, 6),
    st.integers(1, 30),
)
def test_a_cut_keeps_whatever_limits_are_set(text: str, least: int, more: int, most: int, chars: int) -> None:
    settings = Settings(min_words=least, max_words=least + more, limit_words=least + more + most, limit_chars=chars)
    each = document(text)
    assert_is_a_cut(each, cut(each, settings), settings)


@given(st.lists(PIECES, max_size=60).map("".join))
def test_a_text_is_always_cut_the_same_way(text: str) -> None:
    assert cut(document(text), Settings()) == cut(document(text), Settings())


HOSTILE = {
    "blanks after a heading": "# x" + " " * 100_000 + "y",
    "marks after a heading": "# x" + " #" * 50_000 + "y",
    "underline": "x\n" + "=" * 100_000 + "x",
    "dots": "." * 100_000,
    "questions in small letters": "a? " * 33_000,
    "quotations": ".” x" * 25_000,
    "quotation marks": '"' * 100_000,
    "dotted letters": "a." * 50_000,
    "newlines": "\n" * 100_000,
    "lines": "x\n" * 50_000,
    "fences": "```\n" * 25_000,
    "brackets": "[" * 100_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_c18_100_kb_of_anything_are_cut_in_seconds_at_most(text: str) -> None:
    started = time.process_time()
    cut(document(text), Settings())
    assert time.process_time() - started < 5


PROSE = "Oil is sold to the U.S. and to many other countries, at 5.8 dollars a barrel. The price rose. "
REPEATED = {
    "one paragraph of 2 MB": (PROSE, 5_000),
    "paragraphs": (PROSE + "\n\n", 500),
    "one-word paragraphs": ("Ab.\n\n", 2_000),
    "nothing but stops": (". ", 100_000),
    "numbers": ("no. 5 ", 4_000),
    "one sentence": ("oil ", 50_000),
    "open fences": ("```x\n", 4_000),
    "shrinking fences": ("````x\n```x\n~~~x\n", 1_000),
    "headings": ("# a\n", 4_000),
    "headings and text": ("## a\n### b\nx\n", 1_000),
    "quoted lines": ("> oil\n", 5_000),
    "items": ("1. Oil\n", 2_000),
    "quotations": ("“Oil!” he said. ", 2_000),
    # From 12 KB to 50 KB, or from 25 KB to 100 KB of what is cut fast.
    **{unit: (unit, 12_500 // len(unit)) for unit in ("A. B. ", "1. ", "- a\n", "A a. ", "Dr. ", "a\n", "| a |\n")},
    **{
        unit: (unit, 25_000 // len(unit))
        for unit in (
            *("a", "a-", "a ", "> ", "# ", "\n", "\r", "\x0b", "\u2028", "\u0301a", "...", "?!", "``", "===\na\n"),
            *("(a ", '"a ', "'a ", "*a ", "_a_", "    a\n", "<a>", "[a](", "1.1 "),
        )
    },
}


@pytest.mark.parametrize(("piece", "n_pieces"), REPEATED.values(), ids=REPEATED.keys())
def test_c22_four_times_the_text_takes_about_four_times_as_long(piece: str, n_pieces: int) -> None:
    def seconds(times: int) -> float:
        text = piece * n_pieces * times + "end."
        started = time.process_time()
        title(text)
        cut(document(text), Settings())
        return time.process_time() - started

    # 16 times where it grows with the square; noise can only make it slower, so that one good run is enough.
    bound = 8 * max(seconds(1), 0.02)
    assert any(seconds(4) < bound for _ in range(3))


def test_c22_a_long_paragraph_is_cut_where_a_short_one_is() -> None:
    one = sentences(PROSE)
    assert sentences(PROSE * 2_000) == one * 2_000


def test_c22_a_text_that_takes_too_long_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redos, "DEFAULT_TIMEOUT", 1e-9)
    with pytest.raises(CorpusError) as caught:
        cut(document(PROSE * 100), Settings())
    assert str(caught.value) == "guide.txt: takes too long to cut into sentences; take it out or split it"


@pytest.mark.parametrize(
    "text",
    ["**Are you late?** It is 20p.", "*Take it.* It is free.", "Late. * is a star."],
    ids=["strong", "emphasis", "a blank before"],
)
def test_the_end_of_an_emphasis_stays_with_its_sentence(text: str) -> None:
    first, second = sentences(text)
    assert (f"{first} {second}", second[0] in "I*") == (text, True)
    assert second.startswith("*") is (text == "Late. * is a star.")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("“They will pay for it.”\nTrump said.", ["“They will pay for it.”\nTrump said."]),
        ("1.\nWash the hands\n2.\nDry them", ["1.\nWash the hands", "2.\nDry them"]),
        ("See no.\n5 of the list", ["See no.\n5 of the list"]),
    ],
    ids=["an attribution", "the number of an item", "a reference"],
)
def test_what_a_sentence_is_incomplete_without_may_stand_on_a_line_of_its_own(text: str, expected: list[str]) -> None:
    assert sentences(text) == expected
