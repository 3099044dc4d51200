"""Clients that send one byte a second hold connections, and keep nobody waiting."""

import subprocess
import sys
import time
from itertools import islice
from urllib.parse import quote_plus

import pytest

from tests.server_support import ROOT, environment, running
from tests.soak.loads import connected, fetch, quantile
from tests.soak.questions import questions

N_CLIENTS, N_QUESTIONS = 900, 5_000


# The real server, where a process has the usual number of descriptors unless it asks for more.
USUAL = """
import resource, server
_, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (1024, hard))
server.main()
"""


@pytest.mark.parametrize(
    "kinds",
    [["headers"], ["bodies"], ["headers", "bodies"]],
    ids=["h21_headers", "h22_bodies", "h21_h22_headers_and_bodies"],
)
def test_900_slow_clients_of_each_kind_keep_nobody_waiting(kinds, scaled, record):
    n_clients, times = scaled(N_CLIENTS), []
    with running("--port", "0", program=("-c", USUAL), stderr=subprocess.DEVNULL) as (_, port):
        dripping = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-m", "tests.soak.slow_clients", str(port), str(n_clients), *kinds],
            cwd=ROOT,
            env=environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        with dripping, connected(port) as connection:
            assert dripping.stdout.readline() == "begun\n"
            for question in islice(questions(ROOT / "corpus"), scaled(N_QUESTIONS)):
                began = time.perf_counter()
                response, _ = fetch(connection, f"/ask?question={quote_plus(question)}")
                times.append(1_000 * (time.perf_counter() - began))
                assert response.status == 200
            dripping.stdin.close()
            n_held = int(dripping.stdout.readline())
    p99, who = quantile(times, 0.99), " and ".join(f"{n_clients} clients that send {kind}" for kind in kinds)
    record(
        f"slow {' and '.join(kinds)}",
        done=f"{who} at a byte a second, while {len(times):,} questions are asked one by one",
        aim="p99 < 50 ms",
        measured=f"p50 {quantile(times, 0.5):.1f} ms, p99 {p99:.1f} ms, slowest {max(times):.0f} ms; "
        f"{n_held} slow clients still connected",
        reached=p99 < 50,
    )
    assert n_held == n_clients * len(kinds)
