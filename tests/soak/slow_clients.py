"""Clients that send one byte a second, N of each kind: `python -m tests.soak.slow_clients PORT N headers|bodies...`.

Prints a line when all are connected and have begun, then goes on until its standard input ends, and prints how many
connections the server still holds. Who is sent away comes back at once.
"""

import contextlib
import resource
import selectors
import socket
import sys
import time
from collections.abc import Sequence

from tests.server_support import JSON_POST

BEGINNINGS = {
    "headers": b"GET /ask?question=a HTTP/1.1\r\nHost: localhost\r\nX-Slow: ",
    "bodies": JSON_POST + b"Content-Length: 60000\r\n\r\n",
}


def main() -> None:
    """Connects, drips, and counts who is left."""
    port, n_clients, kinds = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, n_clients * len(kinds) + 100), hard))
    clients = [begun(port, kind) for _ in range(n_clients) for kind in kinds]
    print("begun", flush=True)
    told_to_stop = selectors.DefaultSelector()
    told_to_stop.register(sys.stdin, selectors.EVENT_READ)
    while not told_to_stop.select(1.0 - time.time() % 1.0):
        come_back(clients, port, kinds)
        for client in clients:
            with contextlib.suppress(OSError):
                client.send(b"a")
    come_back(clients, port, kinds)
    print(sum(map(is_open, clients)), flush=True)


def come_back(clients: list[socket.socket], port: int, kinds: Sequence[str]) -> None:
    """Begins anew with whoever has been sent away."""
    for place, client in enumerate(clients):
        if not is_open(client):
            client.close()
            clients[place] = begun(port, kinds[place % len(kinds)])


def begun(port: int, kind: str) -> socket.socket:
    """A connection on which a request has begun."""
    client = socket.create_connection(("127.0.0.1", port), 20)
    client.sendall(BEGINNINGS[kind])
    return client


def is_open(client: socket.socket) -> bool:
    """Whether the server has neither answered nor closed."""
    client.setblocking(False)
    try:
        return client.recv(1, socket.MSG_PEEK) == b"never"
    except BlockingIOError:
        return True
    except OSError:
        return False


if __name__ == "__main__":
    main()
