"""Stopped by SIGTERM it loses nothing it has accepted; killed at any moment it starts again as if nothing had been."""

import contextlib
import json
import random
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from urllib.parse import quote_plus

import numpy as np

from qa.vectors import vectors_of
from tests.server_support import READY, ROOT, environment, get, read_all, running, slow
from tests.soak.loads import at_once, quantile
from tests.test_vectors import Letters, silent

N_ROUNDS, N_REQUESTS, N_CLIENTS = 20, 200, 16
N_KILLS = 200
SECONDS_OF_A_START = 1.2


def test_p1_p2_sigterm_loses_no_accepted_request(scaled, record):
    outcomes, exits, seconds = Counter(), Counter(), []
    for _ in range(scaled(N_ROUNDS)):
        with slow(0.002, stderr=subprocess.DEVNULL) as (process, port):
            stopper = threading.Thread(target=stop_after, args=(process, outcomes, outcomes.total() + N_REQUESTS))
            stopper.start()
            at_once(N_CLIENTS, lambda _, port=port: ask_until_refused(port, outcomes))
            began = time.monotonic()
            stopper.join()
            exits[process.wait(15)] += 1
            seconds.append(time.monotonic() - began)
    n_lost = sum(count for outcome, count in outcomes.items() if outcome not in ("200", "503"))
    answered = ", ".join(f"{count:,} x {outcome}" for outcome, count in sorted(outcomes.items()))
    record(
        "SIGTERM",
        done=f"{exits.total()} rounds of at least {N_REQUESTS} requests by {N_CLIENTS} clients, stopped under load",
        aim="none of the accepted lost, exit 0",
        measured=f"{n_lost} lost of {outcomes.total():,} ({answered}); exit codes {sorted(exits)}",
        reached=not n_lost and set(exits) == {0},
    )
    assert n_lost == 0
    assert set(exits) == {0}


def stop_after(process, outcomes, n_requests):
    while outcomes.total() < n_requests:
        time.sleep(0.005)
    process.terminate()


def ask_until_refused(port, outcomes):
    """Asks on a connection of its own each time, until the port is closed; a connection that came about counts."""
    while True:
        try:
            connection = socket.create_connection(("127.0.0.1", port), 20)
        except (ConnectionRefusedError, TimeoutError):
            return
        with connection:
            request = b"GET /ask?question=iraq HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
            try:
                connection.sendall(request)
                outcomes[outcome_of(read_all(connection))] += 1
            except OSError as error:
                outcomes[type(error).__name__] += 1


def outcome_of(answer):
    """The status of an answer that came whole, or what became of it."""
    head, _, body = answer.partition(b"\r\n\r\n")
    if not head:
        return "nothing"
    if b"Content-Length: %d\r\n" % len(body) not in head + b"\r\n":
        return "cut"
    return head.split(b" ", 2)[1].decode()


def test_p4_killed_at_any_moment_the_next_start_is_right(tmp_path, corpus_folder, scaled, record):
    chance = random.Random(4)  # noqa: S311 - the same moments in every run
    folder = tmp_path / "corpus"
    shutil.copytree(corpus_folder, folder)
    seconds, n_wrong, n_in_start = [], 0, 0
    for number in range(scaled(N_KILLS)):
        n_in_start += kill_at_some_moment(folder, number, chance)
        began = time.monotonic()
        with running("--port", "0", "--corpus", str(folder), stderr=subprocess.DEVNULL) as (_, port):
            seconds.append(time.monotonic() - began)
            n_wrong += not right(port, folder)
    record(
        "SIGKILL",
        done=f"{len(seconds)} kills, {n_in_start} while it started and the others while it read a changed folder",
        aim="the next start is right within 2 s",
        measured=f"{n_wrong} wrong; ready within {max(seconds):.2f} s, median {quantile(seconds, 0.5):.2f} s",
        reached=not n_wrong and max(seconds) <= 2,
    )
    assert n_wrong == 0


def kill_at_some_moment(folder, number, chance):
    """Starts a server and kills it, every other time after the folder has changed; whether it was still starting."""
    process = subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "server.py", "--port", "0", "--corpus", str(folder)],
        cwd=ROOT,
        env=environment(QA_WATCH_SECONDS="0.02"),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    with process:
        if number % 2:
            assert READY.fullmatch(process.stdout.readline())
            change(folder, number)
            time.sleep(chance.uniform(0, 0.3))
        else:
            time.sleep(chance.uniform(0, SECONDS_OF_A_START))
        process.kill()
        said = process.stdout.read()
    return not number % 2 and not said


def change(folder, number):
    """Writes a document anew that says which change it was."""
    partial = folder / ".notes"
    partial.write_text(f"The lighthouse keeper counted {number} herons on the pier.\n", "utf-8")
    partial.rename(folder / "notes.txt")


def right(port, folder):
    """Whether the answers are those of the folder as it is now."""
    notes = folder / "notes.txt"
    if not notes.exists():
        return ask(port, "When did U.S. forces return to Iraq?")["status"] == "answered"
    best = ask(port, "How many herons did the lighthouse keeper count?")["passages"][0]
    return best["text"] == notes.read_text("utf-8").strip()


def ask(port, question):
    return json.loads(get(port, f"/ask?question={quote_plus(question)}")[1])


# Writes the cache again and again, each time with other texts, until it is killed.
WRITING = """
import sys
from itertools import count
from pathlib import Path
from qa.vectors import vectors_of
from tests.test_vectors import Letters, silent
print("begins", flush=True)
for number in count():
    vectors_of([f"a{number}{'b' * n}" for n in range(2_000)], Letters(), Path(sys.argv[1]), silent)
"""


def test_p4_p7_a_cache_whose_writer_was_killed_is_never_read_wrong(tmp_path, scaled, record):
    chance = random.Random(7)  # noqa: S311 - the same moments in every run
    texts = ["a", "ab", *(f"a{number}b" for number in range(50))]
    expected = vectors_of(texts, Letters(), tmp_path / "whole", silent)
    n_kills, n_wrong = scaled(N_KILLS), 0
    for _ in range(n_kills):
        process = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-c", WRITING, str(tmp_path / "cache")],
            env=environment(),
            stdout=subprocess.PIPE,
            text=True,
        )
        with process:
            assert process.stdout.readline() == "begins\n"
            time.sleep(chance.uniform(0, 0.1))
            process.kill()
        with contextlib.suppress(ValueError):
            n_wrong += not np.array_equal(vectors_of(texts, Letters(), tmp_path / "cache", silent), expected)
            continue
        n_wrong += 1
    record(
        "SIGKILL while a cache is written",
        done=f"{n_kills} kills of a process that writes the vectors of the semantic mode again and again",
        aim="no wrong vector",
        measured=f"{n_wrong} wrong",
        reached=not n_wrong,
    )
    assert n_wrong == 0
