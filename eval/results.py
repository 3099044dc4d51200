"""An Evaluation becomes files that other programs read, and a results file is read again to be compared.

The same evaluation gives the same bytes: no clock, no durations, no machine. Numbers are rounded to four decimals.
"""

import json
import math
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.bootstrap import Figure
from eval.citations import CitationCheck
from eval.errors import EvaluationError
from eval.evaluation import OURS, Evaluation, Outcome, System
from eval.files import write_whole
from eval.summary import ALL, summaries
from eval.trec import qrels_lines, run_lines

RESULTS_FILE = "results.json"

Json = dict[str, Any]


def write_results(folder: Path, evaluation: Evaluation, about: Mapping[str, str]) -> None:
    """Writes the figures, a row for each question, the qrels and the run; `about` says what was evaluated."""
    folder.mkdir(parents=True, exist_ok=True)
    results = {
        **about,
        "fingerprint": evaluation.fingerprint,
        "documents": evaluation.n_documents,
        "passages": evaluation.n_passages,
        "citations": citations_json(evaluation.citations),
        "splitting_faults": [f"{question_id}: {place.id}" for question_id, place in evaluation.uncovered],
        "systems": {
            system.name: system_json(system, with_kinds=system is evaluation.ours) for system in evaluation.systems
        },
    }
    write_whole(folder / RESULTS_FILE, dumped(results))
    rows = (json.dumps(row(outcome), ensure_ascii=False, allow_nan=False) for outcome in evaluation.ours.outcomes)
    write_whole(folder / "questions.jsonl", "".join(f"{line}\n" for line in rows))
    write_whole(folder / "graded.qrels", qrels_lines(evaluation.graded))
    write_whole(folder / "answer.qrels", qrels_lines(evaluation.answering))
    write_whole(folder / f"{OURS}.run", run_lines(evaluation.ours.run, OURS))


def system_json(system: System, *, with_kinds: bool) -> Json:
    """The figures of a system for each split, maybe for each kind, and its ranks question by question, to compare."""
    outcomes = system.outcomes
    has_replies = all(outcome.reply for outcome in outcomes)
    return {
        "figures": {
            split: {
                kind: {name: figure_json(figure) for name, figure in figures.items() if figure.n}
                for kind, figures in kinds.items()
                if with_kinds or kind == ALL
            }
            for split, kinds in summaries(system).items()
        },
        "ranks": {outcome.judged.question.id: outcome.rank for outcome in outcomes if outcome.judged.places},
        "right": {outcome.judged.question.id: outcome.is_right for outcome in outcomes} if has_replies else {},
    }


def citations_json(check: CitationCheck) -> Json:
    """How many quotes were compared, and those that do not hold."""
    return {"replies": check.n_replies, "places": check.n_places, "faults": list(check.faults)}


def row(outcome: Outcome) -> Json:
    """One question with what the service said; `rank` is that of the first passage that answers."""
    question, reply = outcome.judged.question, outcome.reply
    if reply is None:
        raise ValueError(f"{question.id}: a system that only ranks has no rows")
    return {
        "id": question.id,
        "kind": question.kind,
        "split": question.split,
        "question": question.question,
        "rank": outcome.rank,
        "status": reply.status,
        "reason": reply.reason,
        "confidence": round(reply.confidence, 4),
        "right": outcome.is_right,
        "answer": reply.sentence.text if reply.sentence else None,
    }


def figure_json(figure: Figure) -> Json:
    """A value with its n and interval, null for no value."""
    return {
        "value": _rounded(figure.value),
        "n": figure.n,
        "low": _rounded(figure.low),
        "high": _rounded(figure.high),
    }


def _rounded(value: float) -> float | None:
    return None if math.isnan(value) else round(value, 4)


def dumped(results: Json) -> str:
    """JSON with one line for each figure and for the ranks of each system, which is what a diff should show."""
    text = json.dumps(results, ensure_ascii=False, indent=1, allow_nan=False)
    return (
        re.sub(r'(?:\{\n\s*"value"|"(?:ranks|right)": \{)[^}]*\}', lambda match: " ".join(match.group().split()), text)
        + "\n"
    )


@dataclass(frozen=True, slots=True)
class Ranks:
    """What one system of a results file made of each question, keyed by question id.

    `ranks` has that of the first passage that answers, for the questions that have an answer; `right` says of every
    question whether it was answered rightly, or rightly refused, and is empty for a system that only ranks.
    """

    name: str
    ranks: Mapping[str, int | None]
    right: Mapping[str, bool]


def read_ranks(name: str, folder: Path) -> Ranks:
    """The ranks of `name`: a results file, of which ours is meant, or a system in the results file of `folder`."""
    path, system = (Path(name), OURS) if Path(name).is_file() else (folder / RESULTS_FILE, name)
    try:
        systems = json.loads(path.read_text(encoding="utf-8"))["systems"]
        if system not in systems:
            raise EvaluationError(f"{path}: there is no system {system!r}; it holds {', '.join(map(repr, systems))}")
        return Ranks(name, systems[system]["ranks"], systems[system]["right"])
    except (OSError, json.JSONDecodeError, KeyError, TypeError) as error:
        raise EvaluationError(f"{path}: is no results file ({error}); make one with `make eval`") from error


def commit_of(folder: Path) -> str:
    """The commit that `folder` is at, `+` behind it when files differ from it; `unknown` outside of a repository."""
    commit = _git(folder, "rev-parse", "--short=12", "HEAD")
    if not commit:
        return "unknown"
    return commit + ("+" if _git(folder, "status", "--porcelain", "--untracked-files=no", "--", "qa", "corpus") else "")


def _git(folder: Path, *arguments: str) -> str:
    try:
        done = subprocess.run(  # noqa: S603 # the arguments are ours
            ["git", "-C", str(folder), *arguments],  # noqa: S607 # the git that the person uses
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return ""
    return done.stdout.strip()
