"""The README shows real output: what stands under a command is what the command prints today."""

import json
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.server_support import running

README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(
    r"^\$ \.venv/bin/python (-m qa .+)\n((?:(?!\$ |```).*\n)*)", README, flags=re.MULTILINE
)  # each command of the command line with the lines under it


def test_the_readme_shows_the_command_line() -> None:
    assert len(EXAMPLES) == 2


@pytest.mark.parametrize(("arguments", "shown"), EXAMPLES, ids=[arguments for arguments, _ in EXAMPLES])
def test_a_command_prints_what_the_readme_shows(root: Path, arguments: str, shown: str) -> None:
    process = subprocess.run(  # noqa: S603  # our own program
        [sys.executable, *shlex.split(arguments)], cwd=root, capture_output=True, encoding="utf-8", check=False
    )
    assert process.stdout == shown
    assert process.stderr == ""


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with running("--port", "0") as (_, port):
        yield port


def printed(command: Sequence[str], port: int) -> str:
    """What a client that the README shows prints when it talks to the server on `port`."""
    there = [part.replace("127.0.0.1:8000", f"127.0.0.1:{port}") for part in command]
    done = subprocess.run(there, capture_output=True, encoding="utf-8", check=True)  # noqa: S603 - our own example
    return done.stdout.replace(f"127.0.0.1:{port}", "127.0.0.1:8000")


CURL = re.findall(r"^\$ (curl .+/ask .+)$", README, flags=re.MULTILINE)


def test_the_readme_asks_with_curl_by_get_and_by_post() -> None:
    assert len(CURL) == 2


@pytest.mark.skipif(shutil.which("curl") is None, reason="no curl here; apt-get install curl")
@pytest.mark.parametrize("command", CURL, ids=lambda command: command[:30])
def test_curl_gets_the_answer_the_readme_shows(port: int, command: str) -> None:
    [shown] = re.findall(r"^```json\n(.*?)^```$", README, flags=re.MULTILINE | re.DOTALL)
    assert json.loads(printed(shlex.split(command), port))["answer"] == json.loads(shown)


def test_the_python_client_prints_what_the_readme_shows(port: int) -> None:
    [(program, shown)] = re.findall(
        r"^```python\n(.*?)^```\n\n```text\n(.*?)^```$", README, flags=re.MULTILINE | re.DOTALL
    )
    assert printed([sys.executable, "-c", program], port) == shown


def test_the_readme_has_one_sentence_a_line() -> None:
    prose = re.sub(r"```.*?```", "", README, flags=re.DOTALL)
    lines = [line for line in prose.splitlines() if not line.startswith(("|", "#", "- "))]
    assert [line for line in lines if re.search(r"[a-z`)]\. [A-Z]", line)] == []


def test_the_figures_are_those_of_the_last_evaluation(root: Path) -> None:
    results = json.loads((root / "eval" / "results" / "results.json").read_text(encoding="utf-8"))
    figures = results["systems"]["ours"]["figures"]["test"]["all"]
    [row] = re.findall(r"^\| this service \| (.+) \|$", README, flags=re.MULTILINE)
    measures = ("Success@1", "Success@3", "answered and right", "AUROC")
    assert row.split(" | ") == [
        f"{figure['value']:.2f} [{figure['low']:.2f}, {figure['high']:.2f}]"
        for figure in (figures[measure] for measure in measures)
    ]


def test_the_shares_that_are_refused_are_those_of_the_last_evaluation(root: Path) -> None:
    results = json.loads((root / "eval" / "results" / "results.json").read_text(encoding="utf-8"))
    figures = results["systems"]["ours"]["figures"]["test"]
    [line] = re.findall(r"^It refuses .*$", README, flags=re.MULTILINE)
    shares = [figures["all"]["refused"], figures["all"]["wrongly refused"]]
    shares += [figures[kind]["refused"] for kind in ("other-topic", "nonsense", "false-premise", "near-miss")]
    assert re.findall(r"(\d+) %", line) == [f"{100 * share['value']:.0f}" for share in shares]
    everyday = json.loads((root / "eval" / "results" / "everyday" / "results.json").read_text(encoding="utf-8"))
    for text, figure in (
        ("answerable questions that it answers", figures["all"]["sentence accuracy"]),
        ("everyday questions", everyday["refused"]["corpus"]["all"]),
    ):
        [share] = re.findall(rf"^Of .*{text}.* (\d+) %", README, flags=re.MULTILINE)
        assert share == f"{100 * figure['value']:.0f}", text


def test_the_figures_of_the_encoder_are_those_of_the_last_evaluation(root: Path) -> None:
    results = json.loads((root / "eval" / "results" / "semantic" / "results.json").read_text(encoding="utf-8"))
    figures = results["systems"]["semantic"]["figures"]["test"]["all"]
    [line] = re.findall(r"^With the optional sentence encoder.*$", README, flags=re.MULTILINE)
    assert f"of the test half is {figures['Success@1']['value']:.2f} " in line
    assert f"(AUROC {figures['AUROC']['value']:.2f}," in line


def test_the_long_runs_are_those_that_were_measured(root: Path) -> None:
    figures = json.loads((root / "tests" / "soak" / "results.json").read_text(encoding="utf-8"))["figures"]
    table = README.split("| long run | measured | aim |\n|---|---|---|\n")[1].split("\n\n")[0]
    rows = [row.strip("| ").split(" | ") for row in table.splitlines()]
    named = ("fuzz", "slow headers and bodies", "SIGTERM", "SIGKILL", "swaps", "memory over questions", "overload")
    for (_, measured, aim), name in zip(rows, (*named, "requests per second"), strict=True):
        assert all(part in figures[name]["measured"] for part in measured.split("; ")), name
        assert figures[name]["reached"] is ("not reached" not in aim), name
        assert name != "requests per second" or aim.split(",")[0] in figures[name]["aim"]
