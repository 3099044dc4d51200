"""The README shows real output: what stands under a command is what the command prints today."""

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from server import create_app

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


def test_ask_gives_the_answer_the_readme_shows() -> None:
    [request] = re.findall(r"^\$ curl -s http://127\.0\.0\.1:8000/ask .* -d '(.+)'$", README, flags=re.MULTILINE)
    [shown] = re.findall(r"^```json\n(.*?)^```$", README, flags=re.MULTILINE | re.DOTALL)
    body = create_app().test_client().post("/ask", json=json.loads(request)).get_json()
    assert body["answer"] == json.loads(shown)


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
