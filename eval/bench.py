"""Measures speed: the time of one question inside the process, over HTTP, and of a bare route beside it.

The bare route runs on the same server with the same settings and returns the same bytes, so that the difference is
what the service adds. Requests to the three take turns, so that a noisy moment of the machine hits all of them.
Nothing here is a gate: the aims are printed beside the figures. With QA_SEMANTIC it measures that mode, whose first
start has no cache of vectors and whose others have.
"""

import argparse
import contextlib
import http.client
import json
import multiprocessing
import os
import platform
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path

from flask import Flask, Response, request
from waitress import serve

from qa import Engine
from qa.options import add_corpus_options, engine_from, models_folder
from qa.web import Config
from qa.web.serving import adjustments

ROOT = Path(__file__).resolve().parent.parent
QUESTIONS = (
    "When did U.S. forces return to Iraq?",
    "How much did the U.S. Embassy in Baghdad cost?",
    "Who is Iraq's largest trading partner?",
    "What did Trump say about the airbase?",
    "How much humanitarian aid has the U.S. given since 2014?",
    "Why did the U.S. first go to war with Iraq, and who was president of the United States at that time?",
    "How do I bake a pizza?",
)
WARM_UP_ROUNDS = 50
ROUNDS = 300
STARTS = 5
PORT = 18_473
BARE_PORT = PORT + 1
# Aims by mode: milliseconds of a question inside the process, seconds of a first and of a later start.
AIMS = {"lexical": (0.5, 1.0, 1.0), "semantic": (10.0, 3.0, 1.5)}


def main() -> None:
    """Prints the report."""
    with fresh_cache() as options:
        starts, memory_mb = zip(*(start_and_stop() for _ in range(1 + STARTS)), strict=True)
        engine = engine_from(options)
        times = measure_beside_bare(engine)
    inside_aim, first_aim, later_aim = AIMS[engine.mode]
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, ", end="")
    print(", ".join(f"{name} {version(name)}" for name in ("flask", "waitress", "rank-bm25", "nltk", "numpy")))
    print(f"{engine.mode} mode, {len(QUESTIONS)} questions, {ROUNDS} rounds after {WARM_UP_ROUNDS} to warm up\n")
    print(f"{'milliseconds':34}{'median':>8}{'p95':>8}{'slowest':>9}")
    for name, values in times.items():
        values = sorted(values)
        print(f"{name:34}{statistics.median(values):8.3f}{values[int(0.95 * len(values))]:8.3f}{values[-1]:9.3f}")
    inside, over_http, bare_route = (statistics.median(values) for values in times.values())
    http_aim = inside + 1.3 * bare_route
    print(f"\ninside the process: {inside:.3f} ms (aim: at most {inside_aim})")
    print(f"/ask over HTTP: {over_http:.3f} ms (aim: at most {http_aim:.3f}, inside plus 1.3 times bare)")
    print(f"first start to ready: {starts[0]:.2f} s (aim: at most {first_aim})")
    print(f"later: median {statistics.median(starts[1:]):.2f} s of {STARTS} starts (aim: at most {later_aim})")
    print(f"memory when ready: {max(memory_mb):.0f} MB resident" + ("" if engine.model else " (aim: at most 80)"))


@contextlib.contextmanager
def fresh_cache() -> Iterator[argparse.Namespace]:
    """The options of the environment with a cache that holds the models and no vectors, for servers too."""
    parser = argparse.ArgumentParser()
    add_corpus_options(parser, {**os.environ, "QA_CORPUS": str(ROOT / "corpus")})
    with tempfile.TemporaryDirectory() as cache:
        (Path(cache) / "models").symlink_to(models_folder(parser.parse_args([])))
        os.environ |= {"QA_CORPUS": str(ROOT / "corpus"), "QA_CACHE": cache}
        yield parser.parse_args(["--cache", cache])


def measure_beside_bare(engine: Engine) -> dict[str, list[float]]:
    """What `measure` gives, with the service and the bare route running."""
    server, _ = start()
    try:
        bodies = {question: ask(http.client.HTTPConnection("127.0.0.1", PORT), question) for question in QUESTIONS}
        bare = multiprocessing.get_context("spawn").Process(target=serve_bare, args=(BARE_PORT, bodies), daemon=True)
        bare.start()
        wait_until_open(BARE_PORT)
        times = measure(engine)
        bare.terminate()
    finally:
        stop(server)
    return times


def measure(engine: Engine) -> dict[str, list[float]]:
    """Milliseconds of each call, by what was called; the three take turns."""
    service = http.client.HTTPConnection("127.0.0.1", PORT)
    bare = http.client.HTTPConnection("127.0.0.1", BARE_PORT)
    calls: dict[str, Callable[[str], object]] = {
        "one question inside the process": engine.ask,
        "POST /ask over HTTP": lambda question: ask(service, question),
        "bare route, same server and bytes": lambda question: ask(bare, question),
    }
    times: dict[str, list[float]] = {name: [] for name in calls}
    for round_number in range(WARM_UP_ROUNDS + ROUNDS):
        for question in QUESTIONS:
            for name, call in calls.items():
                began = time.perf_counter()
                call(question)
                if round_number >= WARM_UP_ROUNDS:
                    times[name].append(1_000 * (time.perf_counter() - began))
    return times


def ask(connection: http.client.HTTPConnection, question: str) -> bytes:
    """The body of the answer, over a connection that is kept open."""
    connection.request("POST", "/ask", json.dumps({"question": question}), {"Content-Type": "application/json"})
    return connection.getresponse().read()


def serve_bare(port: int, bodies: dict[str, bytes]) -> None:
    """Serves a Flask route that returns the bytes the service returned for the same question."""
    app = Flask(__name__)

    @app.post("/ask")
    def bare() -> Response:
        return Response(bodies[request.get_json()["question"]], mimetype="application/json")

    serve(app, host="127.0.0.1", port=port, _quiet=True, **adjustments(Config()))


def start() -> tuple[subprocess.Popen[bytes], float]:
    """The running service and the seconds from its start until /readyz answered."""
    began = time.perf_counter()
    arguments = [sys.executable, "server.py", "--host", "127.0.0.1", "--port", str(PORT)]
    process = subprocess.Popen(arguments, cwd=ROOT, stdout=subprocess.DEVNULL)  # noqa: S603  # our own file
    wait_until_open(PORT)
    return process, time.perf_counter() - began


def start_and_stop() -> tuple[float, float]:
    """Seconds until ready, and megabytes of memory at that moment."""
    process, seconds = start()
    status = Path(f"/proc/{process.pid}/status").read_text(encoding="ascii")
    resident_kb = int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1])
    stop(process)
    return seconds, resident_kb / 1024


def stop(process: subprocess.Popen[bytes]) -> None:
    """Ends the service the way an operator does, and waits for it."""
    process.send_signal(signal.SIGTERM)
    process.wait(timeout=15)


def wait_until_open(port: int) -> None:
    """Returns when something answers HTTP on `port`; RuntimeError when nothing does within 10 seconds."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=1)) as connection:
                connection.request("GET", "/readyz")
                connection.getresponse().read()
        except OSError:
            time.sleep(0.01)
        else:
            return
    raise RuntimeError(f"nothing answers on port {port}; is it in use?")


if __name__ == "__main__":
    main()
