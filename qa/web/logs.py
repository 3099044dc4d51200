"""The log: one line a record on the standard error, as JSON or for people, written where it can hold nobody up.

A line is handed to a thread that writes it. Who reads slowly or not at all, a full disk or a closed pipe costs lines of
the log and never an answer. No line holds a key, a path or a query, and the text of a question only where that was
asked for.
"""

import contextlib
import json
import logging
import os
import re
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Literal

from flask import request

from qa.web.accounts import Account
from qa.web.config import Config
from qa.web.problems import request_id

Style = Literal["json", "text"]

logger = logging.getLogger(__name__)

# Lines that wait to be written: some seconds of a busy server. What comes on top is lost.
MAX_WAITING = 10_000
# How long lines are gathered, and how many are written at a time.
GATHER_SECONDS, MAX_AT_ONCE = 0.01, 100
# How long the end of the process waits for the last lines.
FLUSH_SECONDS = 1.0

_FACTS = "facts"
# What could move the cursor, forge a line or turn the direction of the text.
_UNSAFE = re.compile(r"[^\x20-\x7e]")


def teller(config: Config) -> Callable[[Account], None]:
    """What logs a request that is over."""

    def tell(account: Account) -> None:
        more = {"question": account.question} if config.log_questions else {}
        log_request(account, request_id(), request.remote_addr, **more)

    return tell


def log_request(account: Account, request_id: str, client: str | None, **more: object) -> None:
    """Logs a request that is over; `more` comes last in its line."""
    facts: dict[str, object] = {
        "request_id": request_id,
        "method": account.method,
        "route": account.route,
        "status": account.status,
        "ms": round(account.seconds * 1000, 3),
        "client": client,
        "question_chars": None if account.question is None else len(account.question),
        "answer": account.answer and account.answer.status,
        "reason": account.answer and account.answer.reason,
        "problem": account.problem,
        **more,
    }
    logger.info("request", extra={_FACTS: facts})


def set_up(style: Style) -> None:
    """Has all records from INFO on written to the standard error, unless somebody else has set up the logging."""
    root = logging.getLogger()
    if root.handlers or sys.stderr is None:  # closed, and its number may soon be that of a connection
        return
    logging.raiseExceptions = False
    handler = _handler()
    handler.setFormatter(JsonFormatter() if style == "json" else TextFormatter())
    root.addHandler(handler)
    root.setLevel(logging.INFO)


class JsonFormatter(logging.Formatter):
    """A record as one line of JSON in ASCII."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        line: dict[str, object] = {
            "time": _time(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(record, _FACTS, {}),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)


class TextFormatter(logging.Formatter):
    """A record for people: a line, and below it, moved in, the way to an error."""

    def format(self, record: logging.LogRecord) -> str:
        """The line or lines."""
        facts: dict[str, object] = getattr(record, _FACTS, {})
        told = [f"{name}={value}" for name, value in facts.items() if value is not None]
        text = " ".join([_time(record), record.levelname, record.name, record.getMessage(), *told])
        lines = [text, *(self.formatException(record.exc_info).splitlines() if record.exc_info else [])]
        return "\n    ".join(_UNSAFE.sub(_visible, line) for line in lines)


class LineHandler(logging.Handler):
    """Writes each record to the file with the number `fd`, in a thread of its own, some at a time.

    A thread that is woken for every line takes the interpreter from those that answer: with one line at a time a
    request took twice as long.
    """

    def __init__(self, fd: int) -> None:
        super().__init__()
        self._fd = fd
        self._pid = 0
        self._begin()

    def emit(self, record: logging.LogRecord) -> None:
        """Hands the record on; when too many wait, or it cannot be told, it is lost."""
        try:
            self._hand_on(record)
        except Exception:  # as every handler does: a line must not become the client's error
            self.handleError(record)

    def flush(self) -> None:
        """Waits a moment until all lines are written."""
        end = time.monotonic() + FLUSH_SECONDS
        while (self._lines or self._is_writing) and time.monotonic() < end:
            time.sleep(GATHER_SECONDS / 10)

    def _hand_on(self, record: logging.LogRecord) -> None:
        if self._pid != os.getpid():  # a fork leaves the thread behind
            self._begin()
            threading.Thread(target=self._write, name="log", daemon=True).start()
            self._pid = os.getpid()  # after the thread is there: else no line would ever be written
        if len(self._lines) < MAX_WAITING:
            self._lines.append(f"{self.format(record)}\n".encode("utf-8", "backslashreplace"))
            if not self._has_lines.is_set():
                self._has_lines.set()

    def _begin(self) -> None:
        self._lines: deque[bytes] = deque()
        self._has_lines = threading.Event()
        self._is_writing = False

    def _write(self) -> None:
        while True:
            self._has_lines.wait()
            time.sleep(GATHER_SECONDS)
            self._has_lines.clear()
            self._is_writing = True
            while self._lines:
                lines = b"".join(self._lines.popleft() for _ in range(min(len(self._lines), MAX_AT_ONCE)))
                # The disk may be full, or nobody reads; the next lines may be luckier.
                with contextlib.suppress(OSError):
                    while lines:
                        lines = lines[os.write(self._fd, lines) :]
            self._is_writing = False


def _handler() -> logging.Handler:
    try:
        return LineHandler(os.dup(sys.stderr.fileno()))
    except (AttributeError, OSError, ValueError):  # another server may have put something without a number there
        return logging.StreamHandler()


def _time(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _visible(match: re.Match[str]) -> str:
    return match[0].encode("unicode_escape").decode()
