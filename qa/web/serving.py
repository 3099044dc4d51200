"""The HTTP server: waitress, made a little stricter, and with a stop that loses no request it has accepted.

Stopping goes in this order: /readyz answers 503; connections that wait to be accepted are accepted; the socket closes;
every request that has arrived is answered, the last of a connection with `Connection: close`; connections that stay
silent are closed.
This reaches into waitress (its channels, parser and task), which is why its version is pinned.
"""

import contextlib
import ctypes
import io
import ipaddress
import logging
import re
import resource
import select
import socket
import struct
import sys
import time
import uuid
from collections.abc import Iterator
from typing import Any

from flask import Flask
from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser, ParsingError
from waitress.server import TcpWSGIServer
from waitress.task import ErrorTask, ThreadedTaskDispatcher, WSGITask

from qa.web.accounts import METHODS, Account
from qa.web.config import Config, config_of
from qa.web.headers import REFUSALS
from qa.web.limits import body_limit
from qa.web.logs import log_request
from qa.web.metrics import metrics
from qa.web.service import Service

logger = logging.getLogger(__name__)

# Connections that the system keeps until they are taken, so that a burst is not turned away.
BACKLOG = 1024
# How long a stopping server works on what it has accepted, in seconds; with DISPATCHER_SECONDS the stop stays below 10.
GRACE_SECONDS = 8.0
# How long connections that have begun may take to come about before the socket closes.
HANDSHAKE_SECONDS = 0.1
# How long a connection without a request may stay silent before a stopping server closes it.
QUIET_SECONDS = 1.0
# Descriptors kept for what is no connection, as the folder's files and the log.
OWN_DESCRIPTORS = 32
# Descriptors of a connection: its socket, and a file for an answer so large that it is written to disk.
DESCRIPTORS_EACH = 2
# Connections that are accepted before those that are open get their turn.
ACCEPTS_AT_ONCE = 64
# How long nobody is accepted after accepting has failed: it fails again at once while no descriptor is free.
PAUSE_SECONDS = 0.2
# How long the threads get after the grace time, before their requests are cut.
DISPATCHER_SECONDS = 0.5

# A socket filter (Linux, classic BPF) that drops the segments with SYN and keeps all others: code, jump if true, if
# false, operand. A listening socket sees the TCP header first, with the flags in byte 13.
SO_ATTACH_FILTER = 26
NO_SYN = ((0x30, 0, 0, 13), (0x45, 0, 1, 0x02), (0x06, 0, 0, 0), (0x06, 0, 0, 0xFFFFFFFF))


def adjustments(config: Config) -> dict[str, Any]:
    """What waitress is told."""
    return {
        "threads": config.threads,
        "backlog": BACKLOG,
        "connection_limit": min(config.max_connections, _room_for(config.max_connections)),
        "asyncore_use_poll": True,  # select() ends at 1,024 file descriptors
        "channel_timeout": config.silence_seconds,
        "cleanup_interval": min(5, config.silence_seconds, config.max_request_seconds),
        "max_request_header_size": config.max_header_bytes,
        # Above the application's own limits, so that what is too long gets the error body.
        "max_request_body_size": 2 * max(config.max_body_bytes, config.max_verify_body_bytes),
        "clear_untrusted_proxy_headers": False,  # qa.web.proxies reads or drops them, under every server alike
        "ident": None,
        "log_socket_errors": False,  # a client that hangs up is no error of ours
    }


def _room_for(n_connections: int) -> int:
    """For how many connections there are descriptors, after as many as are needed were asked for."""
    needed = DESCRIPTORS_EACH * n_connections + OWN_DESCRIPTORS
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < needed:
        soft = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    if soft == resource.RLIM_INFINITY:
        return n_connections
    return max(1, (soft - OWN_DESCRIPTORS) // DESCRIPTORS_EACH)


def bound_socket(host: str, port: int) -> socket.socket:
    """A socket bound to the first address of `host`, not listening yet. Raises OSError when it cannot be had."""
    family, kind, protocol, _, address = socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    bound = socket.socket(family, kind, protocol)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
    except OSError:
        bound.close()
        raise
    return bound


def url_of(bound: socket.socket) -> str:
    """The address to open in a browser on this machine."""
    host, port = bound.getsockname()[:2]
    if ipaddress.ip_address(host).is_unspecified:
        host = "127.0.0.1"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


class Server:
    """Serves one application on one bound socket until told to stop."""

    def __init__(self, app: Flask, service: Service, bound: socket.socket) -> None:
        self._service = service
        self._sockets: dict[int, Any] = {}
        self._server = _Listener(app, bound, self._sockets, Adjustments(sockets=[bound], **adjustments(config_of(app))))
        self._server.service = service
        # Its warnings count every request that waits for a thread, which is what the queue is for.
        self._server.task_dispatcher.queue_logger.setLevel(logging.ERROR)
        # Below, it tells of every client that hangs up.
        self._server.logger.setLevel(logging.WARNING)
        self._server.logger.addFilter(_leave_out_path)

    def run(self) -> None:
        """Serves until `stop`, then finishes what has been accepted, for less than 10 seconds."""
        while not self._service.draining:
            self._turn(1.0)
        self._close_door()
        self._finish(time.monotonic() + GRACE_SECONDS)
        self._server.task_dispatcher.shutdown(timeout=DISPATCHER_SECONDS)
        wasyncore.close_all(self._sockets)

    def stop(self) -> None:
        """Makes `run` finish. Safe in a signal handler and in any thread."""
        self._service.draining = True
        self._server.pull_trigger()

    def _turn(self, timeout: float) -> None:
        wasyncore.loop(timeout=timeout, use_poll=True, map=self._sockets, count=1)

    def _close_door(self) -> None:
        """Accepts whoever has come, then closes the socket: closing it first would reset their connections."""
        door = self._server.socket
        _turn_newcomers_away(door)
        closing = time.monotonic() + HANDSHAKE_SECONDS
        while time.monotonic() < closing:
            self._turn(0.02)
        for _ in range(BACKLOG):
            if not select.select([door], [], [], 0)[0]:
                break
            self._server.handle_accept()
        wasyncore.dispatcher.close(self._server)  # its own close() would take the trigger from the threads too

    def _finish(self, deadline: float) -> None:
        """Answers what has arrived until nobody is left or the time is up."""
        began = time.time()
        while self._server.active_channels and time.monotonic() < deadline:
            self._turn(0.05)
            silent_since = time.time() - QUIET_SECONDS
            for channel in tuple(self._server.active_channels.values()):
                silent = max(channel.last_activity, began) < silent_since
                if silent and not (channel.requests or channel.request or channel.total_outbufs_len):
                    channel.will_close = True
        if self._server.active_channels:
            logger.warning(
                "stopped with %d connections unfinished after %g s", len(self._server.active_channels), GRACE_SECONDS
            )


def _turn_newcomers_away(door: socket.socket) -> None:
    """Makes the kernel ignore new connections on `door`, where it can (Linux).

    Else some come in between the last accept and the closing of the socket, and are reset; with busy threads that
    takes milliseconds, because each call waits for its turn. Those turned away try again and find the port closed.
    """
    if sys.platform != "linux":
        return
    program = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in NO_SYN))
    with contextlib.suppress(OSError):
        door.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, struct.pack("HP", len(NO_SYN), ctypes.addressof(program)))


def _leave_out_path(record: logging.LogRecord) -> bool:
    """Takes the path out of what waitress says of a request, since a path may hold anything."""
    record.msg = re.sub(r"(while serving) .*", r"\1 a request", str(record.msg), flags=re.DOTALL)
    return True


class _Listener(TcpWSGIServer):  # type: ignore[misc] # waitress has no types
    """Takes connections, and outlives a connection that cannot be taken."""

    def __init__(self, app: Flask, bound: socket.socket, sockets: dict[int, Any], adj: Adjustments) -> None:
        dispatcher = ThreadedTaskDispatcher()
        dispatcher.set_thread_count(adj.threads)
        self._paused_until = 0.0
        self.config = config_of(app)
        address = (bound.family, bound.type, bound.proto, bound.getsockname())
        super().__init__(app, sockets, _sock=bound, dispatcher=dispatcher, adj=adj, sockinfo=address, bind_socket=False)
        self.channel_class = _Channel

    def readable(self) -> bool:
        is_open: bool = super().readable()
        return is_open and time.monotonic() >= self._paused_until

    def handle_accept(self) -> None:
        """Takes several at a time: before each turn all connections are looked at, which of thousands takes a while."""
        for _ in range(ACCEPTS_AT_ONCE):
            n_before = len(self._map)
            super().handle_accept()
            if len(self._map) in (n_before, self.adj.connection_limit):
                break

    def accept(self) -> Any:
        try:
            return super().accept()
        except OSError as error:
            self._paused_until = time.monotonic() + PAUSE_SECONDS
            logger.warning("a connection could not be accepted: %s", error.strerror)
            raise

    def maintenance(self, now: float) -> None:
        super().maintenance(now)
        for channel in self.active_channels.values():
            channel.end_if_slow(now)

    def handle_error(self) -> None:
        # Waitress would close the listening socket, and the process would live on without anybody hearing of it.
        self._paused_until = time.monotonic() + PAUSE_SECONDS
        logger.exception("a connection could not be taken")


class _Body:
    """A body in memory, of which nothing is kept once it is longer than `limit`.

    Waitress would write a large one to disk, and every client could take a descriptor and the space that way, before it
    has brought a key. The application refuses a body that is too long by its length and never reads it.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._length = 0
        self._file = io.BytesIO()

    def __len__(self) -> int:
        return self._length

    def append(self, data: bytes) -> None:
        """Takes what has come."""
        self._length += len(data)
        if self._length <= self._limit:
            self._file.write(data)
        else:
            self.close()

    def getfile(self) -> io.BytesIO:
        """What was kept, from its beginning."""
        self._file.seek(0)
        return self._file

    def close(self) -> None:
        """Forgets what was kept."""
        self._file = io.BytesIO()


class _Parser(HTTPRequestParser):  # type: ignore[misc] # as above
    """Refuses what waitress would let pass: lengths that contradict each other, folded headers, unknown versions."""

    def __init__(self, adj: Adjustments, config: Config) -> None:
        super().__init__(adj)
        self._config = config
        self.began = time.time()

    def received(self, data: bytes) -> int:
        consumed: int = super().received(data)
        if self.error:
            self.expect_continue = False  # else waitress asks for the body it has just refused
        return consumed

    def parse_header(self, header_plus: bytes) -> None:
        super().parse_header(header_plus)
        if self.version not in ("1.0", "1.1"):
            raise ParsingError("HTTP version is not supported")
        if b"\r\n " in header_plus or b"\r\n\t" in header_plus:
            raise ParsingError("Folded header lines are not accepted")
        # Of a 1.1 request the parser has taken Transfer-Encoding out; in 1.0 it has no meaning and hides a second body.
        if "TRANSFER_ENCODING" in self.headers or (self.chunked and "CONTENT_LENGTH" in self.headers):
            raise ParsingError("Content-Length and Transfer-Encoding contradict each other")
        if self.body_rcv is not None:
            path = "/" + self.path.lstrip("/")  # as the application is given it
            self.body_rcv.buf = _Body(body_limit(self._config, path))


class _Task(WSGITask):  # type: ignore[misc] # as above
    """Tells the client to close when the server is stopping; an application may not set that header itself."""

    def build_response_header(self) -> bytes:
        if self.channel.server.service.draining and not self.channel.has_more():
            self.set_close_on_finish()
        header: bytes = super().build_response_header()
        return header

    def write(self, data: bytes) -> None:
        """Sends the header in one piece with the first part of the body, and not each by itself."""
        if self.wrote_header:
            super().write(data)
            return
        with self.channel.one_piece():
            super().write(data)


class _Refusal(ErrorTask):  # type: ignore[misc] # as above
    """Says in plain text what no application can be asked, and tells of it as of every request."""

    def execute(self) -> None:
        request_id = uuid.uuid4().hex
        method = getattr(self.request, "command", "")
        account = Account(
            route="refused",
            method=method if method in METHODS else "other",
            status=self.request.error.code,
            seconds=time.time() - self.request.began,
            problem=None,
            question=None,
            answer=None,
        )
        with self.channel.server.application.app_context():
            metrics().count(account)
        log_request(account, request_id, self.channel.addr[0])
        self.response_headers += [*REFUSALS.items(), ("X-Request-ID", request_id)]
        super().execute()


class _Channel(HTTPChannel):  # type: ignore[misc] # as above
    """A connection that holds no thread longer than an answer takes, whatever its client or the application does."""

    task_class = _Task
    error_task_class = _Refusal

    def __init__(self, server: _Listener, sock: socket.socket, addr: Any, adj: Adjustments, map: Any = None) -> None:
        self._is_writing = False
        self._pieces: list[bytes] | None = None
        try:
            super().__init__(server, sock, addr, adj, map)
        except BaseException:
            sock.close()
            raise

    def parser_class(self, adj: Adjustments) -> _Parser:
        """A parser for the next request."""
        return _Parser(adj, self.server.config)

    def writable(self) -> bool:
        """Whether the thread that owns the connection has something to send, or to close.

        While another thread sends an answer there is not; waitress would look again and again, and in vain, and keep
        the interpreter from those that answer.
        """
        return bool(self.will_close or self.close_when_flushed or (self.total_outbufs_len and not self._is_writing))

    @contextlib.contextmanager
    def one_piece(self) -> Iterator[None]:
        """Sends what is written within it at its end, in one piece; nothing of it when that fails."""
        self._pieces = []
        try:
            yield
            pieces = self._pieces
        finally:
            self._pieces = None
        self.write_soon(b"".join(pieces))

    def write_soon(self, data: Any) -> int:
        """Sends as much of `data` as the client takes, and leaves the rest to the thread that owns the connection."""
        if self._pieces is not None:
            self._pieces.append(data)
            return len(data)
        self._is_writing = True
        try:
            n_bytes: int = super().write_soon(data)
        finally:
            self._is_writing = False
        if self.total_outbufs_len:
            self.server.pull_trigger()
        return n_bytes

    def has_more(self) -> bool:
        """Whether more has arrived behind the request that is being answered."""
        if len(self.requests) > 1:
            return True
        connection = self.socket  # None once the other thread has closed it
        try:
            return connection is not None and bool(connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT))
        except OSError:  # nothing has come, or it is closed
            return False

    def end_if_slow(self, now: float) -> None:
        """Closes the connection when its client takes too long to send a request."""
        request = self.request
        if request is None:
            return
        if self.requests or self.total_outbufs_len:
            request.began = now  # nothing more is read of it until those before it are answered
        elif request.began < now - self.server.config.max_request_seconds:
            self.will_close = True

    def service(self) -> None:
        try:
            super().service()
        except BaseException:
            # What is no Exception, as a library that calls sys.exit(), would leave the client waiting for ever.
            self._end()
            raise

    def _flush_outbufs_below_high_watermark(self) -> None:
        """Ends the connection of a client that asks on and on and does not read; waitress would have a thread wait."""
        if self.total_outbufs_len > self.adj.outbuf_high_watermark:
            with self.outbuf_lock:
                self._flush_exception(self._flush_some, do_close=False)
            if self.total_outbufs_len > self.adj.outbuf_high_watermark:
                self._end()

    def _end(self) -> None:
        """Has the connection closed by the thread that owns it."""
        with self.requests_lock:
            self.requests: list[HTTPRequestParser] = []
            self.will_close = True
            self.connected = False
        self.server.pull_trigger()
