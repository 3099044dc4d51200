"""100,000 hostile requests: no fault of the service, no hang, and nothing slow."""

from collections.abc import Callable
from pathlib import Path
from random import Random

from server import create_app
from tests.fuzzing import fuzz

N_REQUESTS, SEED = 100_000, 6


def test_100_000_hostile_requests_find_no_fault(
    engine, corpus_folder: Path, scaled: Callable[[int], int], record: Callable[..., None]
) -> None:
    report = fuzz(create_app(corpus_folder), engine, Random(SEED), scaled(N_REQUESTS))  # noqa: S311 - not secret
    n_failed = sum(count for status, count in report.by_status.items() if status >= 500)
    statuses = ", ".join(f"{count:,} x {status}" for status, count in sorted(report.by_status.items()))
    record(
        "fuzz",
        done=f"{sum(report.by_status.values()):,} hostile requests in process, seed {SEED}",
        aim="no 5xx, every body of its type, slowest accepted ≤ 250 ms",
        measured=f"{n_failed} x 5xx, {len(report.faults)} other faults, slowest accepted {report.slowest_ms:.0f} ms "
        f"({statuses})",
        reached=not n_failed and not report.faults and report.slowest_ms <= 250,
    )
    assert report.faults == []
    assert n_failed == 0
