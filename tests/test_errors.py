import pytest

from qa.errors import CorpusError, FieldError, QAError, SettingError, UnknownDocument

ERRORS = [
    CorpusError("corpus/guide.txt", "is empty"),
    SettingError("b", 2, "in [0, 1]"),
    UnknownDocument("guide"),
    FieldError("top_k", "top_k must be a whole number from 1 to 20, not 0"),
]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_every_error_is_caught_by_its_root_and_ends_without_a_full_stop(error: QAError) -> None:
    assert isinstance(error, QAError)
    assert not str(error).endswith(".")


def test_errors_carry_their_facts() -> None:
    corpus, setting, document, field = ERRORS
    assert (corpus.path, corpus.reason) == ("corpus/guide.txt", "is empty")
    assert (setting.name, setting.value, setting.rule) == ("b", 2, "in [0, 1]")
    assert document.document_id == "guide"
    assert (field.field, field.detail) == ("top_k", "top_k must be a whole number from 1 to 20, not 0")


def test_errors_say_what_is_wrong_the_value_and_the_way_out() -> None:
    assert [str(error) for error in ERRORS] == [
        "corpus/guide.txt: is empty",
        "b must be in [0, 1], not 2",
        "there is no document 'guide'; /documents lists the ids",
        "top_k must be a whole number from 1 to 20, not 0",
    ]
