"""A million questions and ten thousand unknown addresses leave the memory and the metrics as they were."""

import json
import os
import subprocess
import sys

from tests.server_support import ROOT, environment

N_QUESTIONS = int(os.environ.get("QA_SOAK_QUESTIONS", "1_000_000"))


def test_p20_h31_memory_and_metrics_do_not_grow(scaled, record):
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-m", "tests.soak.memory", str(scaled(N_QUESTIONS))],
        cwd=ROOT,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        check=True,
    )
    found = json.loads(done.stdout)
    first, *later = found["megabytes"]
    growth, path_growth = max(later) - first, found["megabytes_after_paths"] - later[-1]
    ms = 1_000 * found["seconds"] / found["questions"]
    before, after = found["series"]
    record(
        "memory over questions",
        done=f"{found['questions']:,} questions to the application in process, {found['warm_up']:,} before the count",
        aim="growth ≤ 5 MB",
        measured=f"{growth:+.1f} MB of {first:.0f} MB, {ms:.2f} ms a question",
        reached=growth <= 5,
    )
    record(
        "unknown paths",
        done=f"{found['paths']:,} distinct addresses that lead nowhere",
        aim="no new metric series",
        measured=f"{after - before} new of {before} series, {path_growth:+.1f} MB",
        reached=before == after,
    )
    assert before == after
    assert growth <= 5
