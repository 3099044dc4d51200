"""Asks the application many questions in this process and prints how far its memory grew, as JSON.

`python -m tests.soak.memory QUESTIONS` is a process of its own, so that nothing that watches a test run is counted.
"""

import gc
import io
import itertools
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote_plus

import server
from tests.soak.questions import questions

CORPUS = Path(__file__).resolve().parents[2] / "corpus"
# Until every cache with a bound is full, every template compiled and every arena of the allocator has its size.
WARM_UP = 100_000
N_UNKNOWN_PATHS = 10_000


def main() -> None:
    """Prints one JSON object: megabytes after warming up, after each tenth of the questions, and after the paths."""
    n_questions = int(sys.argv[1])
    app = server.create_app(CORPUS).wsgi_app
    asked = questions(CORPUS)
    ask_many(app, itertools.islice(asked, WARM_UP))
    grown, began = [resident_mb()], time.monotonic()
    for _ in range(10):
        ask_many(app, itertools.islice(asked, n_questions // 10))
        grown.append(resident_mb())
        print(f"{grown[-1]:.2f} MB", file=sys.stderr, flush=True)
    seconds = time.monotonic() - began
    for path in ("/nowhere", "/metrics"):
        call(app, path)  # each route has its series from its first answer on
    series = n_series(app)
    for number in range(N_UNKNOWN_PATHS):
        call(app, f"/nowhere/{number}")
    print(
        json.dumps(
            {
                "questions": n_questions // 10 * 10,
                "warm_up": WARM_UP,
                "paths": N_UNKNOWN_PATHS,
                "seconds": seconds,
                "megabytes": grown,
                "megabytes_after_paths": resident_mb(),
                "series": [series, n_series(app)],
            }
        )
    )


def ask_many(app: Callable[..., object], asked: itertools.islice) -> None:
    """Asks each question and expects an answer."""
    for question in asked:
        status, _ = call(app, "/ask", f"question={quote_plus(question)}")
        if status != "200 OK":
            raise SystemExit(f"{question!r}: {status}")


def call(app: Callable[..., object], path: str, query: str = "") -> tuple[str, bytes]:
    """Status and body of one GET."""
    status: list[str] = []
    environ = {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "localhost",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    parts = app(environ, lambda line, headers, error=None: status.append(line))
    try:
        return status[0], b"".join(parts)
    finally:
        parts.close()


def n_series(app: Callable[..., object]) -> int:
    """How many lines of figures /metrics has."""
    _, body = call(app, "/metrics")
    return sum(not line.startswith(b"#") for line in body.splitlines())


def resident_mb() -> float:
    """Megabytes of memory of this process that are in use."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


if __name__ == "__main__":
    main()
