"""More questions than can be answered are refused politely, and as many are answered as the server can carry."""

import multiprocessing
import statistics
import subprocess
import threading
import time
from collections import Counter

from eval import bench
from tests.server_support import get, slow
from tests.soak.loads import at_once, connected, fetch, quantile, resident_mb

N_CLIENTS, SECONDS, SLOW_SECONDS = 100, 30, 0.1
N_ASKERS, N_TURNS, N_INSIDE, SECONDS_A_TURN = 8, 10, 100, 3.0


def test_h34_100_patient_clients_get_200_or_503_and_leave_no_trace(scaled, record):
    statuses, waits, refusals = Counter(), [], []
    with slow(SLOW_SECONDS, stderr=subprocess.DEVNULL) as (process, port):
        get(port, "/ask?question=iraq")
        before = resident_mb(process.pid)
        ends = time.monotonic() + max(3, scaled(SECONDS))

        def ask(_):
            with connected(port) as connection:
                while time.monotonic() < ends:
                    began = time.monotonic()
                    response, _ = fetch(connection, "/ask?question=When+did+U.S.+forces+return+to+Iraq%3F")
                    statuses[response.status] += 1
                    (refusals if response.status == 503 else waits).append(time.monotonic() - began)
                    if response.status == 503:
                        time.sleep(int(response.getheader("Retry-After")))

        at_once(N_CLIENTS, ask)
        began = time.monotonic()
        while get(port, "/ask?question=iraq")[0].status != 200:
            time.sleep(0.02)
        normal_after = time.monotonic() - began
        grown = resident_mb(process.pid) - before
    told = ", ".join(f"{count:,} x {status}" for status, count in sorted(statuses.items()))
    record(
        "overload",
        done=f"{N_CLIENTS} clients that honour Retry-After, {1_000 * SLOW_SECONDS:.0f} ms of work a question, "
        f"{max(3, scaled(SECONDS))} s",
        aim="only 200 and 503, normal again within 2 s",
        measured=f"{told}; answered within {quantile(waits, 0.99):.2f} s (p99), refused within "
        f"{quantile(refusals or [0.0], 0.99):.2f} s (p99); normal after {normal_after:.2f} s",
        reached=set(statuses) <= {200, 503} and normal_after <= 2,
    )
    record(
        "memory over overload",
        done="the same",
        aim="growth < 50 MB",
        measured=f"{grown:+.1f} MB of {before:.0f} MB",
        reached=grown < 50,
    )
    assert set(statuses) <= {200, 503}


def test_eight_clients_are_answered_nearly_as_fast_as_the_parts_allow(engine, scaled, record):
    inside_seconds, rates = [], {bench.PORT: [], bench.BARE_PORT: []}
    server, _ = bench.start()
    try:
        with connected(bench.PORT) as connection:
            bodies = {question: bench.ask(connection, question) for question in bench.QUESTIONS}
        bare = multiprocessing.get_context("spawn").Process(
            target=bench.serve_bare, args=(bench.BARE_PORT, bodies), daemon=True
        )
        bare.start()
        bench.wait_until_open(bench.BARE_PORT)
        # In turns, because a shared machine is twice as fast in one second as in another.
        for _ in range(scaled(N_TURNS)):
            inside_seconds += [seconds_inside(engine) for _ in range(N_INSIDE)]
            for port, found in rates.items():
                found.append(rate(port))
        bare.terminate()
        bare.join()
    finally:
        bench.stop(server)
    inside = statistics.median(inside_seconds)
    ours, theirs = (statistics.median(found) for found in rates.values())
    aim = 0.8 / (inside + 1 / theirs)
    record(
        "requests per second",
        done=f"{N_ASKERS} clients, {scaled(N_TURNS)} turns of {SECONDS_A_TURN:.0f} s each of /ask, of a bare Flask "
        "route of the same server with the same bytes, and of questions inside the process",
        aim=f"0.8 / ({1_000 * inside:.2f} ms inside + {1_000 / theirs:.2f} ms bare) = {aim:.0f} a second",
        measured=f"/ask {ours:.0f} a second, bare route {theirs:.0f} a second",
        reached=ours >= aim,
    )
    assert ours > 0


def seconds_inside(engine):
    """Seconds of one question inside the process, the mean over the questions of the benchmark."""
    began = time.perf_counter()
    for question in bench.QUESTIONS:
        engine.ask(question)
    return (time.perf_counter() - began) / len(bench.QUESTIONS)


def rate(port):
    """Answers a second that eight clients get, each on a connection that is kept open."""
    counted, lock = Counter(), threading.Lock()
    ends = time.monotonic() + SECONDS_A_TURN

    def ask(_):
        n_answers = 0
        with connected(port) as connection:
            while time.monotonic() < ends:
                for question in bench.QUESTIONS:
                    body = bench.ask(connection, question)
                    assert b'"status": "a' in body, body
                    n_answers += 1
        with lock:
            counted[port] += n_answers

    began = time.monotonic()
    at_once(N_ASKERS, ask)
    return counted[port] / (time.monotonic() - began)
