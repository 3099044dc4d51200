"""Watches the folder: looks at it every few seconds and has the service reload when it has changed.

In: what the file system says of the folder, as a value that is equal as long as nothing has changed. Out: calls of
`Service.reload`, which reads the files and keeps the engine it has when they hold what they held. A folder that is
being written to is left until it rests. Whatever happens in a look, the next one follows, and what went wrong is on
the page. No clock is read, so none can jump: the looks are counted.

Threads do not survive a fork, and a thread may hold a lock at the moment of one. So a fork waits until no look is going
on, and the new process begins to watch by itself, before it has served anyone.
"""

import logging
import os
import threading
import time
from collections.abc import Callable

from qa.web.service import UNEXPECTED, Service

logger = logging.getLogger(__name__)

# How long a folder that does not come to rest is waited for: a file that grows for ever must not keep all others out.
PATIENCE_SECONDS = 30
# How long until a folder that could not be read is tried again although nothing in it has changed: what kept it from
# being read may have been the machine, out of memory or of file descriptors.
RETRY_SECONDS = 60


class Watcher:
    """Looks at one folder for one service; `look` may be slow and may raise."""

    def __init__(self, service: Service, look: Callable[[], object], seconds: float) -> None:
        """With 0 `seconds` between two looks it never looks."""
        self._service = service
        self._look = look
        self._seconds = seconds
        self._busy = threading.Lock()
        # What the last look saw, and the one that led to the last reload. At first there is none, so the folder is read
        # once more when it has come to rest: it may have been written to while it was read for the start.
        self._seen: object = None
        self._loaded: object = None
        self._n_waited = 0

    def start(self) -> None:
        """Watches from now on, in a thread of this process and of each that is forked from it."""
        if self._seconds:
            os.register_at_fork(
                before=self._busy.acquire, after_in_parent=self._busy.release, after_in_child=self._start_anew
            )
            self._start_thread()

    def turn(self) -> None:
        """One look, and a reload when it is time for one."""
        state = self._look()
        rests = state == self._seen
        self._seen = state
        changed = state != self._loaded
        if not changed and not self._service.stale_reason:
            self._n_waited = 0
            return
        self._n_waited += 1
        waited = self._n_waited * self._seconds
        if (changed and (rests or waited >= PATIENCE_SECONDS)) or waited >= RETRY_SECONDS:
            self._loaded = state
            self._n_waited = 0
            self._service.reload()

    def _start_thread(self) -> None:
        threading.Thread(target=self._run, name="watch", daemon=True).start()

    def _start_anew(self) -> None:
        self._busy.release()
        self._start_thread()

    def _run(self) -> None:
        while not self._service.draining:
            time.sleep(self._seconds)
            with self._busy:
                self._look_around()

    def _look_around(self) -> None:
        try:
            self.turn()
        except Exception:
            # Whatever it is, without another look nobody would ever learn of a change again.
            if self._service.mark_stale(UNEXPECTED):
                logger.exception("the folder could not be looked at")
