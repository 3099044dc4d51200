"""Writes docs/limits.md from the code: every setting and limit, its default, and the comment above it as the reason.

`python -m tests.limits_page` writes the page; a test says when that has to be done.
"""

import re
from collections.abc import Iterator
from dataclasses import MISSING, dataclass, fields
from inspect import getsource
from pathlib import Path
from types import ModuleType

from qa import analysis, claims, verify, wire
from qa.settings import Settings
from qa.web import Config, forms, logs, service, serving, source, watching

PAGE = Path(__file__).resolve().parent.parent / "docs" / "limits.md"

INTRODUCTION = """\
# Limits

Every setting and limit with its default and the reason for it.
This page is written from the code by `.venv-dev/bin/python -m tests.limits_page`, and a test compares the two.
The README says which of them a flag or a variable sets; the others are changed where they stand.
Sizes are in the unit that the name ends with, else in the one that the reason begins with.
"""

FIXED = {
    wire: ("MAX_QUESTION_CHARS", "MAX_TOP_K"),
    claims: ("MAX_CITATIONS", "MAX_OFFSET"),
    analysis: ("MAX_TOKEN_CHARS",),
    verify: ("MAX_WORK", "MAX_PLACES", "MAX_ALTERED_CHARS"),
    source: ("WINDOW_CHARS",),
    forms: ("MAX_CHOICES",),
    watching: ("PATIENCE_SECONDS", "RETRY_SECONDS"),
    service: ("STOP_SECONDS",),
    serving: (
        "BACKLOG",
        "GRACE_SECONDS",
        "HANDSHAKE_SECONDS",
        "QUIET_SECONDS",
        "OWN_DESCRIPTORS",
        "DESCRIPTORS_EACH",
        "ACCEPTS_AT_ONCE",
        "PAUSE_SECONDS",
    ),
    logs: ("MAX_WAITING", "FLUSH_SECONDS"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """Names that share a reason, each with its default."""

    defaults: tuple[tuple[str, object], ...]
    reason: str


def page() -> str:
    """The text of the page."""
    fixed = [row for module, names in FIXED.items() for row in rows_of_module(module, names)]
    tables = [
        ("Answering", "Settings of the library, in `qa/settings.py`.", rows_of_class(Settings)),
        ("Serving", "Settings of the web edge, in `qa/web/config.py`.", rows_of_class(Config)),
        ("Fixed", "Limits of the contract, and of what can be seen of the service only when it is in trouble.", fixed),
    ]
    return INTRODUCTION + "".join(_table(*table) for table in tables)


def rows_of_class(settings: type[Settings] | type[Config]) -> list[Row]:
    """The rows of a dataclass of settings, in their order."""
    defaults = {field.name: field.default for field in fields(settings) if field.default is not MISSING}
    return list(_rows(getsource(settings), defaults, indent="    "))


def rows_of_module(module: ModuleType, names: tuple[str, ...]) -> list[Row]:
    """The rows of the constants `names` of a module, in the order in which they stand there."""
    return list(_rows(getsource(module), {name: getattr(module, name) for name in names}, indent=""))


def _rows(code: str, defaults: dict[str, object], indent: str) -> Iterator[Row]:
    """A row for every comment and the names right below it."""
    comment: list[str] = []
    found: list[tuple[str, object]] = []
    for line in code.splitlines():
        if match := re.fullmatch(rf"{indent}# (.*)", line):
            if found:
                yield Row(tuple(found), " ".join(comment))
                comment, found = [], []
            comment.append(match[1])
        elif (match := re.match(rf"{indent}(\w+)(?:: [^=]+)? = ", line)) and match[1] in defaults:
            found.append((match[1], defaults[match[1]]))
        elif not found or line.strip():
            if found:
                yield Row(tuple(found), " ".join(comment))
                found = []
            comment = []
    if found:
        yield Row(tuple(found), " ".join(comment))


def _table(title: str, sentence: str, rows: list[Row]) -> str:
    lines = [f"\n## {title}\n\n{sentence}\n", "| name | default | reason |", "|---|---|---|"]
    for row in rows:
        names = ", ".join(f"`{name}`" for name, _ in row.defaults)
        lines.append(f"| {names} | {' · '.join(shown(value) for _, value in row.defaults)} | {row.reason} |")
    return "\n".join(lines) + "\n"


def shown(value: object) -> str:
    """A default as the page shows it."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, int | float):
        return f"{value:,}"
    return "none" if not value else str(value)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
