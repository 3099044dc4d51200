"""Keeps the figures of long runs in results.json and lays them out in README.md, one row a figure.

A run of one module renews its own rows only, and every row has the date and the commit it was measured at.
QA_SOAK_SCALE=0.01 runs everything at a hundredth of its size, to see whether it works; such figures are not kept.
"""

import json
import os
import platform
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import pytest

HERE = Path(__file__).parent
RESULTS, PAGE = HERE / "results.json", HERE / "README.md"
SCALE = float(os.environ.get("QA_SOAK_SCALE", "1"))

# The rows of the table in their order; a figure of any other name is refused.
FIGURES = (
    "fuzz",
    "slow headers",
    "slow bodies",
    "slow headers and bodies",
    "SIGTERM",
    "SIGKILL",
    "SIGKILL while a cache is written",
    "damaged caches",
    "swaps",
    "memory over swaps",
    "memory over questions",
    "unknown paths",
    "overload",
    "memory over overload",
    "requests per second",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder is a long run."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.soak)


@pytest.fixture(scope="session")
def scaled() -> Callable[[int], int]:
    """Gives the size of a run, which is smaller when this one only has to show that it works."""
    return lambda number: max(1, round(number * SCALE))


@pytest.fixture
def record(capsys: pytest.CaptureFixture[str]) -> Callable[..., None]:
    """Writes one figure down: what was done, what is aimed at, what was measured and whether that reaches it."""

    def write(figure: str, *, done: str, aim: str, measured: str, reached: bool) -> None:
        row = {"done": done, "aim": aim, "measured": measured, "reached": reached, **_when()}
        with capsys.disabled():
            print(f"\n{figure}: {done}; {measured} (aim: {aim})")
        if SCALE != 1:
            return
        rows = json.loads(RESULTS.read_text("utf-8"))["figures"] if RESULTS.exists() else {}
        rows[figure] = row
        kept = {"machine": _machine(), "figures": {name: rows[name] for name in FIGURES if name in rows}}
        RESULTS.write_text(json.dumps(kept, indent=2, ensure_ascii=False) + "\n", "utf-8")
        PAGE.write_text(page_of(kept), "utf-8")

    return write


def page_of(kept: dict) -> str:
    """The table as Markdown."""
    lines = [
        "# Long runs",
        "",
        "`make soak` measures these figures and writes this page; it takes about an hour on two cores.",
        "What is lost, wrong or an error fails the run; what is slow does not, it is only written down.",
        f"Machine of the last run: {kept['machine']}.",
        "",
        "| figure | what was done | aim | measured | reached | when, commit |",
        "|---|---|---|---|---|---|",
    ]
    for name, row in kept["figures"].items():
        cells = (name, row["done"], row["aim"], row["measured"], "yes" if row["reached"] else "**no**")
        lines.append(f"| {' | '.join(cells)} | {row['date']}, {row['commit']} |")
    return "\n".join(lines) + "\n"


def _when() -> dict[str, str]:
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"],  # noqa: S607
        cwd=HERE,
        capture_output=True,
        text=True,
        check=False,
    ).stdout.strip()
    return {"date": datetime.now(UTC).strftime("%Y-%m-%d"), "commit": commit or "unknown"}


def _machine() -> str:
    libraries = ", ".join(f"{name} {version(name)}" for name in ("flask", "waitress", "numpy", "nltk"))
    return (
        f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, "
        f"{libraries}"
    )
