"""Little memory: what does not fit is refused in one sentence, and no request makes the server large."""

import http.client
import json
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.server_support import ROOT, environment, running

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

# The program with room for so many megabytes beside what it needs to start at all.
TIGHT = """
import resource, sys
from pathlib import Path
import {module} as program
pages = int(Path("/proc/self/statm").read_text("ascii").split()[0])
limit = pages * resource.getpagesize() + {megabytes} * 2**20
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
sys.argv[0] = {name!r}
program.main()
"""


@pytest.mark.parametrize(
    ("module", "arguments", "name"),
    [("server", ("--port", "0"), "server.py"), ("qa.__main__", ("documents",), "qa")],
    ids=["server", "qa"],
)
def test_p15_a_folder_that_does_not_fit_is_refused_in_one_sentence(tmp_path, module, arguments, name):
    (tmp_path / "large.txt").write_text("The Vasa sank in 1628. " * 500_000, encoding="utf-8")
    done = subprocess.run(  # noqa: S603 - our own program
        [
            sys.executable,
            "-c",
            TIGHT.format(module=module, megabytes=16, name=name),
            "--corpus",
            str(tmp_path),
            *arguments,
        ],
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    why = f"{tmp_path}: needs more memory than there is; serve a smaller folder or allow more memory"
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"{name}: {why}\n")


def worst_requests():
    """The largest bodies that are read: a question of 1,000 characters, and a mebibyte of quotes to look for."""
    question = json.dumps({"question": "iraq troops " * 83, "top_k": 20, "explain": True})
    quotes = [{"document_id": "us-iraq-explainer", "start": 0, "end": 5_000, "quote": "troops in " * 500}] * 190
    return ("/ask", question), ("/verify", json.dumps({"citations": quotes}))


def test_p15_the_largest_requests_at_once_keep_the_server_below_256_mb():
    statuses = []

    def send(port, path, body):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        connection.request("POST", path, body, {"Content-Type": "application/json"})
        statuses.append(connection.getresponse().status)
        connection.close()

    with running("--port", "0") as (process, port):
        threads = [
            threading.Thread(target=send, args=(port, path, body)) for path, body in worst_requests() for _ in range(6)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        largest = peak_mb(process.pid)
    assert len(statuses) == 12
    assert set(statuses) <= {200, 503}
    assert largest < 256


def peak_mb(pid):
    """The most memory that a process has had in use, in megabytes."""
    lines = Path(f"/proc/{pid}/status").read_text("ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024
