"""Is this quote really there: only equality is a match, and the work is bounded."""

import time

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from qa import Document, Span
from qa.verify import MAX_ALTERED_CHARS, MAX_PLACES, Claim, Difference, Verification, verify

SHA256 = "ab" * 32
TEXT = "Prices will rise by 12 percent in 2021. Wages will not. Prices will rise again, the bank said on Monday.\n"


def document(text: str = TEXT) -> Document:
    return Document("prices", "prices.txt", text, SHA256, "Prices")


def claim(quote: str, start: int = 0, text: str = TEXT, **more: str) -> Claim:
    return Claim("prices", Span(start, start + len(quote)), quote, **more)


def verified(asked: Claim, text: str = TEXT) -> Verification:
    (found,) = verify([asked], {"prices": document(text)})
    return found


def test_the_words_at_their_place_are_verified() -> None:
    assert verified(claim("Prices will rise")) == Verification("verified", None, (Span(0, 16),))


@pytest.mark.parametrize(
    ("given_hash", "changed"), [(SHA256, False), (SHA256[:16], False), ("cd" * 32, True), (None, None)]
)
def test_another_hash_says_that_the_document_changed_even_where_the_words_stayed(
    given_hash: str | None, changed: bool | None
) -> None:
    found = verified(Claim("prices", Span(0, 6), "Prices", sha256=given_hash))
    assert (found.status, found.document_changed) == ("verified", changed)


def test_words_elsewhere_have_moved_and_the_nearest_place_comes_first() -> None:
    assert verified(claim("Prices will rise", 50)).places == (Span(56, 72), Span(0, 16))


def test_the_context_of_a_quote_counts_for_more_than_its_distance() -> None:
    found = verified(claim("Prices will rise", 1, suffix=" again"))
    assert (found.status, found.places) == ("moved", (Span(56, 72), Span(0, 16)))
    assert verified(claim("will", 60, prefix="Wages ")).places[0] == Span(46, 50)


def test_altered_words_are_shown_with_the_difference_and_never_called_a_match() -> None:
    found = verified(claim("Prices will fall by 12 percent in 2021."))
    assert (found.status, found.places) == ("changed", (Span(0, 39),))
    # 39 characters each; the longest common subsequence leaves out "fa" and all but one letter of "ll", or of "rise".
    assert found.similarity == pytest.approx(35 / 39)
    assert [(step.kind, step.quote, step.text) for step in found.differences if step.kind != "equal"] == [
        ("replace", "fall", "rise")
    ]


def test_a_difference_says_what_has_to_be_done_to_the_quote() -> None:
    steps = [Difference("a", "a"), Difference("", "a"), Difference("a", ""), Difference("a", "b")]
    assert [step.kind for step in steps] == ["equal", "insert", "delete", "replace"]


def test_words_that_are_nowhere_are_missing() -> None:
    assert verified(claim("Taxes were abolished by the parliament")) == Verification("missing")


def test_an_unknown_document_is_said() -> None:
    assert verify([Claim("other", Span(0, 1), "P", sha256=SHA256)], {}) == (Verification("unknown_document"),)


def test_no_claims_have_no_verifications() -> None:
    assert verify([], {}) == ()


def test_overlapping_places_are_all_found() -> None:
    assert verified(claim("aa", 1), "baaa").status == "verified"
    assert verified(claim("aa", 0), "baaa").places == (Span(1, 3), Span(2, 4))


def test_a_quote_that_stands_everywhere_is_listed_up_to_the_limit() -> None:
    found = verified(claim("a", 0), "b" + "a" * 1_000)
    assert (len(found.places), found.is_limited) == (MAX_PLACES, True)


def test_a_very_long_quote_is_not_searched_for_in_altered_form_and_this_is_said() -> None:
    assert verified(claim("x" * (MAX_ALTERED_CHARS + 1))) == Verification("missing", is_limited=True)


# What may stand in a document; the samples make repetitions, emoji and combining marks frequent.
texts = st.text(
    st.one_of(
        st.sampled_from("ab .\n😀é\u0301\u200d👩\r"),
        st.characters(exclude_categories=["Cs"], exclude_characters="\0"),
    ),
    min_size=1,
    max_size=60,
)


@st.composite
def slices(draw: st.DrawFn) -> tuple[str, Span]:
    text = draw(texts)
    start = draw(st.integers(0, len(text) - 1))
    return text, Span(start, draw(st.integers(start + 1, len(text))))


@given(slices())
def test_any_slice_verifies(cut: tuple[str, Span]) -> None:
    text, span = cut
    assert verified(Claim("prices", span, span.cut(text)), text) == Verification("verified", None, (span,))


@given(slices(), st.data())
def test_any_slice_with_one_character_changed_never_does(cut: tuple[str, Span], data: st.DataObject) -> None:
    text, span = cut
    quote = span.cut(text)
    place = data.draw(st.integers(0, len(quote) - 1))
    other = data.draw(st.characters(exclude_categories=["Cs"], exclude_characters=f"\0{quote[place]}"))
    altered = quote[:place] + other + quote[place + 1 :]
    found = verified(Claim("prices", span, altered), text)
    assert found.status != "verified"
    if found.status == "moved":
        assert {place.cut(text) for place in found.places} == {altered}
    else:
        assert altered not in text
    if found.status == "changed":
        assert "".join(step.quote for step in found.differences) == altered
        assert "".join(step.text for step in found.differences) == found.places[0].cut(text)
        assert 0.6 <= (found.similarity or 0) < 1


@given(slices(), texts)
def test_text_inserted_before_it_moves_a_slice_by_its_length(cut: tuple[str, Span], inserted: str) -> None:
    text, span = cut
    quote = span.cut(text)
    prefix, suffix = text[: span.start], text[span.end :]
    longer = inserted + text
    assume(span.cut(longer) != quote)
    found = verified(Claim("prices", span, quote, prefix, suffix), longer)
    assert found.status == "moved"
    assert span.moved(len(inserted)) in found.places
    assert all(place.cut(longer) == quote for place in found.places)


# The figures of a slow machine under load; unbounded, the first alone takes two seconds and the second minutes.
LONG = "The quick brown fox jumps over the lazy dog. " * 350_000


@pytest.mark.parametrize(
    ("text", "quote", "n_claims"),
    [
        pytest.param(LONG, "quick brown cats jump over lazy dogs again " * 100, 1, id="altered"),
        pytest.param(LONG, "z" * 5_000, 200, id="absent"),
        pytest.param("a" * 16_000_000, "a" * 2_500 + "b" + "a" * 2_499, 200, id="repetitive"),
        pytest.param("a" * 16_000_000, "a" * 1_000_000, 1, id="long"),
    ],
)
def test_hostile_lengths_stay_fast_and_the_bound_is_said(text: str, quote: str, n_claims: int) -> None:
    claims = [Claim("prices", Span(7, 7 + len(quote) + 1), quote)] * n_claims
    started = time.perf_counter()
    found = verify(claims, {"prices": document(text)})
    assert time.perf_counter() - started < 5
    assert all(verification.is_limited for verification in found)


def test_what_one_claim_leaves_of_the_work_is_for_the_others() -> None:
    claims = [claim("The quick", 45 * number, LONG) for number in range(199)]
    found = verify([*claims, claim("The quick brown fox", 10, LONG)], {"prices": document(LONG)})
    assert {verification.status for verification in found[:-1]} == {"verified"}
    assert (found[-1].status, found[-1].places[0]) == ("moved", Span(0, 19))
