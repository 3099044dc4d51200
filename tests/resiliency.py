"""The table of known ways to fail, from the rows of resiliency.toml and the tests that bear their ids in their names.

`make resiliency` runs pytest with this plugin, which writes RESILIENCY.md from what became of the tests. Rows and tests
are found in the sources, without running anything, so that a test can tell whether the page is up to date.
"""

import ast
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

HERE = Path(__file__).parent
PAGE = HERE / "RESILIENCY.md"
IDS = re.compile(r"(?:[hjqdcep][1-9][0-9]?(?:_|$))+")
LONG_RUN = "long run"


@dataclass(frozen=True, slots=True)
class Row:
    """One way to fail: what happens, what is expected then, and why it has no test yet, if it has none."""

    id: str
    fault: str
    expected: str
    waits: str | None


@dataclass(frozen=True, slots=True)
class Named:
    """A test that bears the ids of rows; `case` is that of the parametrised test that bears them, empty for all."""

    file: str
    test: str
    case: str

    def covers(self, node_id: str) -> bool:
        """Whether pytest's name of a test is this one, or one case of it."""
        path, _, name = node_id.partition("::")
        test, _, case = name.partition("[")
        return (path.removeprefix("tests/"), test) == (self.file, self.test) and self.case in case


def rows() -> dict[str, tuple[Row, ...]]:
    """All rows by the heading they stand under, in their order."""
    read = tomllib.loads((HERE / "resiliency.toml").read_text("utf-8"))
    return {
        heading: tuple(Row(row_id, *texts, *[None] * (3 - len(texts))) for row_id, texts in table.items())
        for heading, table in read.items()
    }


def named_tests() -> dict[str, tuple[Named, ...]]:
    """The tests that bear the id of a row, by id."""
    found: dict[str, list[Named]] = {}
    for path in sorted(HERE.rglob("test_*.py")):
        for named, ids in _named_in(path):
            for row_id in ids:
                found.setdefault(row_id, []).append(named)
    return {row_id: tuple(dict.fromkeys(tests)) for row_id, tests in found.items()}


def _named_in(path: Path) -> Iterator[tuple[Named, list[str]]]:
    tree = ast.parse(path.read_text("utf-8"))
    file = str(path.relative_to(HERE))
    constants = {
        target.id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in tree.body:
        if not (isinstance(node, ast.FunctionDef) and node.name.startswith("test_")):
            continue
        yield Named(file, node.name, ""), _ids(node.name.removeprefix("test_"))
        for case in dict.fromkeys(_cases(node, constants)):
            yield Named(file, node.name, case), _ids(case)


def _cases(function: ast.FunctionDef, constants: dict[str, ast.expr]) -> Iterator[str]:
    """The names given to the cases of a test, also where they stand in a constant of the module."""
    for decorator in function.decorator_list:
        parts = [decorator]
        while parts:
            part = parts.pop()
            for node in ast.walk(part):
                if isinstance(node, ast.keyword) and node.arg in ("id", "ids"):
                    yield from (
                        each.value
                        for each in ast.walk(node.value)
                        if isinstance(each, ast.Constant) and isinstance(each.value, str) and _ids(each.value)
                    )
                elif isinstance(node, ast.Name) and node.id in constants:
                    parts.append(constants[node.id])


def _ids(name: str) -> list[str]:
    match = IDS.match(name)
    return match[0].strip("_").split("_") if match else []


def page(results: dict[str, str]) -> str:
    """The table as Markdown; `results` says what became of each test, by pytest's name of it."""
    lines = [
        "# Known ways to fail",
        "",
        "What happens, what the service then does, and the tests that make it happen, with their result.",
        "Written by `make resiliency`; long runs are those of `make soak`, with [figures](soak/README.md).",
    ]
    tests = named_tests()
    for heading, table in rows().items():
        lines += [
            "",
            f"## {heading}",
            "",
            "| id | what happens | what is expected | tests | result |",
            "|---|---|---|---|---|",
        ]
        for row in table:
            named = tests.get(row.id, ())
            shown = "<br>".join(f"{each.file}: {each.test}{f' [{each.case}]' if each.case else ''}" for each in named)
            result = _result(named, results) if named else (row.waits or "no test")
            lines.append(
                f"| {row.id.upper()} | {_cell(row.fault)} | {_cell(row.expected)} | {_cell(shown)} | {result} |"
            )
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return text.replace("\\", "\\\\").replace("|", "\\|")


def _result(named: tuple[Named, ...], results: dict[str, str]) -> str:
    outcomes = {outcome for each in named for node_id, outcome in results.items() if each.covers(node_id)}
    if not outcomes:
        return LONG_RUN
    return next(outcome for outcome in ("failed", "passed", "skipped") if outcome in outcomes)


class Results:
    """What became of each test of this run."""

    def __init__(self) -> None:
        self.outcomes: dict[str, str] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keeps the worst of what setting up, running and clearing away gave."""
        tells = report.when == "call" or report.outcome != "passed"
        if tells and self.outcomes.get(report.nodeid) != "failed":
            self.outcomes[report.nodeid] = report.outcome

    def pytest_sessionfinish(self) -> None:
        """Writes the page."""
        PAGE.write_text(page(self.outcomes), "utf-8")


def pytest_configure(config: pytest.Config) -> None:
    """Listens in the process that hears of all tests, which is not one that runs a share of them."""
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Results())
