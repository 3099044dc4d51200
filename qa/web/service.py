"""Which engine answers: a Snapshot is taken when a request comes in and serves it to its end.

In: an engine, and what loads the next one. Out: the snapshot for a request. A reload builds aside, in a thread of its
own, and puts the new snapshot in place by one assignment; when it fails the old engine stays, and the snapshot says
why. No request ever sees two engines, waits for a build it has not asked for, or is told more of a failure than a
sentence.
"""

import logging
import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from flask import Flask, g

from qa.engine import Engine
from qa.errors import CorpusError, QAError
from qa.wording import counted

logger = logging.getLogger(__name__)

# Gives the engine of what there is now: the one it is given when nothing has changed since that was made.
Load = Callable[[Engine], Engine]

# How often who waits for a load looks whether the process has been asked to stop, in seconds.
STOP_SECONDS = 0.1
UNEXPECTED = "something went wrong while it was read, and the log of the service tells more"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """An engine, how many there were before it plus one, and when it was built (UTC, ISO 8601).

    `stale_reason` says why the engine is older than the folder, None when it is not.
    """

    engine: Engine
    version: int
    indexed_at: str
    stale_reason: str | None = None


def first_snapshot(engine: Engine) -> Snapshot:
    """The snapshot of an engine that was built just now, before any other."""
    return Snapshot(engine, 1, _now())


def _unchanged(engine: Engine) -> Engine:
    return engine


class Service:
    """Holds the snapshot that new requests get; `draining` is set once, when the process is asked to stop.

    Without `load` it answers from the same engine for ever.
    """

    def __init__(self, snapshot: Snapshot, load: Load = _unchanged) -> None:
        self._snapshot = snapshot
        self._load = load
        self._ended = threading.Condition()  # guards the snapshot's replacement and the two numbers
        self._n_begun = self._n_ended = 0
        self.draining = False

    def current(self) -> Snapshot:
        """The snapshot for a request that begins now."""
        return self._snapshot

    @property
    def stale_reason(self) -> str | None:
        """Why the engine is older than the folder, None when it is not."""
        return self._snapshot.stale_reason

    def reload(self, seconds: float = math.inf) -> Snapshot | None:
        """Waits for a load that begins after this call, and gives the snapshot it left; None when the process stops.

        One load runs at a time, and all who ask meanwhile share the next one. Raises TimeoutError after `seconds`; the
        load goes on.
        """
        ends = time.monotonic() + seconds
        with self._ended:
            wanted = self._n_begun + 1
            while self._n_ended < wanted:
                if self.draining:
                    return None
                if time.monotonic() > ends:
                    raise TimeoutError(f"the folder was not read within {seconds} s")
                if self._n_begun == self._n_ended:
                    # A daemon, so that a stop never waits for it.
                    threading.Thread(target=self._load_aside, name="reload", daemon=True).start()
                    self._n_begun += 1
                self._ended.wait(STOP_SECONDS)
            return self._snapshot

    def mark_stale(self, reason: str) -> bool:
        """Says that the engine may be older than the folder; whether that is news."""
        with self._ended:
            return self._put(replace(self._snapshot, stale_reason=reason), 0.0)

    def register(self, app: Flask) -> None:
        """Makes every request of `app` take the state of the service once, at its beginning."""

        @app.before_request
        def take_state() -> None:
            g.snapshot = self.current()
            g.draining = self.draining

    def _load_aside(self) -> None:
        began = time.monotonic()
        engine = self._snapshot.engine
        reason: str | None = UNEXPECTED
        try:
            engine, reason = self._loaded(engine)
        finally:
            seconds = time.monotonic() - began
            with self._ended:
                old = self._snapshot
                if engine is old.engine:
                    self._put(replace(old, stale_reason=reason), seconds)
                else:
                    self._put(Snapshot(engine, old.version + 1, _now()), seconds)
                self._n_ended += 1
                self._ended.notify_all()

    def _loaded(self, engine: Engine) -> tuple[Engine, str | None]:
        """The engine to serve after `engine`, and why it is still the same although the folder has changed."""
        try:
            return self._load(engine), None
        except CorpusError as error:
            return engine, f"{_last_name(error.path)}: {error.reason}"
        except QAError as error:
            return engine, str(error)
        except Exception:
            logger.exception("the folder could not be read")
            return engine, UNEXPECTED

    def _put(self, new: Snapshot, seconds: float) -> bool:
        """Serves `new` from now on, and logs what has changed; whether anything has."""
        old, self._snapshot = self._snapshot, new
        if new.engine is not old.engine:
            corpus = new.engine.corpus
            logger.info(
                "version %d: %s, %s, indexed in %d ms",
                new.version,
                counted(len(corpus.documents), "document"),
                counted(len(new.engine.passages), "passage"),
                1_000 * seconds,
            )
            for file in corpus.skipped:
                if file not in old.engine.corpus.skipped:
                    logger.warning("skipped %r: %s", file.path, file.reason)
        elif new.stale_reason == old.stale_reason:
            return False
        elif new.stale_reason:
            logger.warning(
                "the folder cannot be served as it is now, so version %d is still served: %s",
                new.version,
                new.stale_reason,
            )
        else:
            logger.info("version %d is what the folder holds again", new.version)
        return True


def snapshot() -> Snapshot:
    """The snapshot of the request being answered."""
    taken: Snapshot = g.snapshot
    return taken


def draining() -> bool:
    """Whether the process was stopping when the request being answered came in."""
    stopping: bool = g.draining
    return stopping


def _last_name(path: str) -> str:
    """The last name of `path`, of `.` and `..` that of the folder they mean; the rest is this machine's business."""
    name = Path(path).name
    if name not in ("", ".."):
        return name
    try:
        return Path(path).resolve().name or "the folder"
    except OSError:  # the folder the process works in is gone
        return "the folder"


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
