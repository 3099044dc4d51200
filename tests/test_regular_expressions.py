"""Every regular expression of the service takes time that grows with the length of the text, and not with its square.

Whoever writes a question or a file of the folder chooses the text. Each pattern is tried, by the methods it is used
with, on long repeats of the characters and words it is made of.
"""

import ast
import importlib
import inspect
import pkgutil
import re
import time
from collections.abc import Iterator
from types import ModuleType

import pytest
import regex

import qa
import server

Pattern = re.Pattern[str] | regex.Pattern[str]

# An exponential one shows at 22 characters, a cubic one at 400, a quadratic one by needing 16 times as long for the
# last as for the one before.
LENGTHS = (22, 400, 2_000, 8_000)
MAX_GROWTH = 8
# Seconds of the processor that are too few to tell.
LITTLE = 0.03
# A busy machine makes one measurement slow, and not so many of the same; and it makes it slow, but not that slow.
N_MEASUREMENTS, CERTAIN = 6, 10
METHODS = {
    "search": lambda pattern, text: pattern.search(text),
    "match": lambda pattern, text: pattern.match(text),
    "fullmatch": lambda pattern, text: pattern.fullmatch(text),
    "finditer": lambda pattern, text: sum(1 for _ in pattern.finditer(text)),
    "sub": lambda pattern, text: pattern.sub("", text),
}
SAME_WORK = {"findall": "finditer", "split": "finditer", "subn": "sub"}
CHARACTERS = tuple("aZ0 .,'\"-*_#:;\n\t([)]{|>~`\\$é日\u0301U=+%\0")
PAIRS = (
    "a ", "a.", "a. ", "0,", "0.", "A.", "A a", "Aa ", "Aa Bb ", "' ", "a'", "* ", "*a", "_a_", "# ", "#a", "> ", "- ",
    "1. ", "I. ", "``a", "a\n", "\n\n", " \n", "a,b; ", '"a ', "“a”", "(a", "a)", "–a", "0 0", "the ", "\\\"",
)  # fmt: skip


def modules() -> Iterator[ModuleType]:
    for found in pkgutil.walk_packages(qa.__path__, "qa."):
        if found.name not in ("qa.__main__", "qa.encoder"):  # one is a program, the other needs the semantic extra
            yield importlib.import_module(found.name)
    yield server


def patterns_of(value: object) -> list[Pattern]:
    if isinstance(value, re.Pattern | regex.Pattern):
        return [value]
    if isinstance(value, dict):
        value = tuple(value.values())
    return [each for each in value if isinstance(each, re.Pattern | regex.Pattern)] if isinstance(value, tuple) else []


def methods_used(module: ModuleType) -> dict[str, set[str]]:
    """For each name in a module the methods of a pattern that are used on it there."""
    used: dict[str, set[str]] = {}
    for node in ast.walk(ast.parse(inspect.getsource(module))):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.attr in METHODS | SAME_WORK:
            used.setdefault(node.value.id, set()).add(SAME_WORK.get(node.attr, node.attr))
    return used


def found_patterns() -> Iterator[tuple[str, Pattern, tuple[str, ...]]]:
    seen = set()
    for module in modules():
        used = methods_used(module)
        for name, value in vars(module).items():
            for number, pattern in enumerate(patterns_of(value)):
                if id(pattern) not in seen:
                    seen.add(id(pattern))
                    # Those of a table are used by another name.
                    methods = tuple(sorted(used.get(name, {"search", "finditer"})))
                    yield f"{module.__name__}.{name}" + (f"[{number}]" if number else ""), pattern, methods


FOUND = list(found_patterns())


def units_of(pattern: Pattern) -> list[str]:
    words = dict.fromkeys(re.findall(r"(?<!\\)[A-Za-z]{2,12}", pattern.pattern))
    punctuation = {char for char in pattern.pattern if not char.isalnum()}
    return [*sorted({*CHARACTERS, *punctuation}), *PAIRS, *(f"{word} " for word in list(words)[:12])]


def seconds(method: str, pattern: Pattern, unit: str, length: int) -> float:
    text = (unit * (length // len(unit) + 1))[:length] + "\0"
    began = time.thread_time()
    METHODS[method](pattern, text)
    return time.thread_time() - began


def quickest(method: str, pattern: Pattern, unit: str, length: int, enough: float) -> float:
    """The least seconds of some measurements; there are no more once one tells, by `enough` or much more than that."""
    least = seconds(method, pattern, unit, length)
    for _ in range(N_MEASUREMENTS - 1):
        if least <= enough or least > CERTAIN * enough:
            break
        least = min(least, seconds(method, pattern, unit, length))
    return least


def slowness(pattern: Pattern, methods: tuple[str, ...]) -> tuple[str, str, int, float] | None:
    """A method, repeated unit and length for which `pattern` is too slow; None when there is none."""
    for unit in units_of(pattern):
        for method in methods:
            before = 0.0
            for length in LENGTHS:
                enough = max(LITTLE, MAX_GROWTH * before)
                took = quickest(method, pattern, unit, length, enough)
                if took > enough:
                    return method, unit, length, round(took, 3)
                before = took
    return None


@pytest.mark.parametrize(("pattern", "methods"), [each[1:] for each in FOUND], ids=[each[0] for each in FOUND])
def test_q5_a_pattern_takes_time_in_proportion_to_the_text(pattern: Pattern, methods: tuple[str, ...]) -> None:
    assert slowness(pattern, methods) is None


@pytest.mark.parametrize("bad", [r"(?:a+)+$", r"a*a*$", r"\s+$"], ids=str)
def test_a_pattern_that_does_not_would_be_seen(bad: str) -> None:
    assert slowness(re.compile(bad), ("search",)) is not None
