import dataclasses
from typing import Any

import pytest

from qa.errors import SettingError
from qa.settings import Settings


def test_the_defaults_keep_their_own_rules() -> None:
    settings = Settings()
    assert (settings.k1, settings.b) == (1.2, 0.75)
    assert (settings.limit_words, settings.limit_chars) == (120, 2_000)
    assert settings.max_file_bytes == 16 * 1024 * 1024


@pytest.mark.parametrize("name", [field.name for field in dataclasses.fields(Settings)])
@pytest.mark.parametrize("value", [-1, float("nan")], ids=["negative", "nan"])
def test_no_setting_may_be_negative_or_no_number(name: str, value: float) -> None:
    with pytest.raises(SettingError) as caught:
        Settings(**{name: value})
    assert (caught.value.name, caught.value.rule) == (name, "0 or more")


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"min_words": 0}, "min_words"),
        ({"min_words": 91}, "min_words"),
        ({"max_words": 121}, "min_words"),
        ({"limit_words": 89}, "min_words"),
        ({"limit_chars": 0}, "limit_chars"),
        ({"b": 1.01}, "b"),
        ({"weak_word_weight": 0}, "weak_word_weight"),
        ({"aside_weight": 1.01}, "aside_weight"),
        ({"naming_weight": 0}, "naming_weight"),
        ({"synonym_weight": 1.01}, "synonym_weight"),
        ({"one_way_weight": 2}, "one_way_weight"),
        ({"name_weight": 1.01}, "name_weight"),
        ({"spelling_weight": 1.01}, "spelling_weight"),
    ],
    ids=str,
)
def test_a_setting_outside_its_range_is_named(values: dict[str, Any], name: str) -> None:
    with pytest.raises(SettingError) as caught:
        Settings(**values)
    assert caught.value.name == name


def test_the_ends_of_the_ranges_are_allowed() -> None:
    settings = Settings(
        min_words=1, max_words=1, limit_words=1, limit_chars=1, k1=0, b=1, aside_weight=1, name_weight=0
    )
    assert (settings.limit_words, settings.b) == (1, 1)
