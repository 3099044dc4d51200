"""Which engine answers: a Snapshot is taken when a request comes in and serves it to its end."""

from dataclasses import dataclass

from flask import Flask, g

from qa.engine import Engine


@dataclass(frozen=True, slots=True)
class Snapshot:
    """An engine, how many there were before it plus one, and when it was built (UTC, ISO 8601)."""

    engine: Engine
    version: int
    indexed_at: str


class Service:
    """Holds the snapshot that new requests get; `draining` is set once, when the process is asked to stop."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self.draining = False

    def current(self) -> Snapshot:
        """The snapshot for a request that begins now."""
        return self._snapshot

    def register(self, app: Flask) -> None:
        """Makes every request of `app` take the state of the service once, at its beginning."""

        @app.before_request
        def take_state() -> None:
            g.snapshot = self.current()
            g.draining = self.draining


def snapshot() -> Snapshot:
    """The snapshot of the request being answered."""
    taken: Snapshot = g.snapshot
    return taken


def draining() -> bool:
    """Whether the process was stopping when the request being answered came in."""
    stopping: bool = g.draining
    return stopping
