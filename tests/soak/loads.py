"""Clients and figures that several long runs share: many threads that ask, and what a list of times amounts to."""

import http.client
import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, closing
from pathlib import Path


def at_once(n_threads: int, work: Callable[[int], None]) -> None:
    """Runs `work` with the numbers from 0 in so many threads, and raises what any of them raised."""
    raised: list[BaseException] = []

    def run(number: int) -> None:
        try:
            work(number)
        except BaseException as error:  # the caller raises it
            raised.append(error)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(n_threads)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if raised:
        raise raised[0]


def connected(port: int) -> AbstractContextManager[http.client.HTTPConnection]:
    """A connection that is kept open from one request to the next, and closed at the end."""
    return closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30))


def fetch(connection: http.client.HTTPConnection, path: str) -> tuple[http.client.HTTPResponse, bytes]:
    """The answer to one GET on a connection that is kept open, and its body."""
    connection.request("GET", path)
    response = connection.getresponse()
    return response, response.read()


def quantile(values: Sequence[float], share: float) -> float:
    """The value that this share of them does not exceed."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def resident_mb(pid: int) -> float:
    """Megabytes of memory that a process has in use."""
    for line in Path(f"/proc/{pid}/status").read_text("ascii").splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    raise AssertionError(f"process {pid} is gone")
