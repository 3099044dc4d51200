"""Many clients that send one byte a second: `python -m tests.soak.slow_clients PORT N headers|bodies`.

Prints a line when all are connected and have begun, then goes on until its standard input ends, and prints how many
connections the server still holds.
"""

import contextlib
import resource
import selectors
import socket
import sys
import time

from tests.server_support import JSON_POST

BEGINNINGS = {
    "headers": b"GET /ask?question=a HTTP/1.1\r\nHost: localhost\r\nX-Slow: ",
    "bodies": JSON_POST + b"Content-Length: 60000\r\n\r\n",
}


def main() -> None:
    """Connects, drips, and counts who is left."""
    port, n_clients, kind = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, n_clients + 100), hard))
    clients = []
    for _ in range(n_clients):
        client = socket.create_connection(("127.0.0.1", port), 20)
        client.sendall(BEGINNINGS[kind])
        clients.append(client)
    print("begun", flush=True)
    told_to_stop = selectors.DefaultSelector()
    told_to_stop.register(sys.stdin, selectors.EVENT_READ)
    while not told_to_stop.select(1.0 - time.time() % 1.0):
        for client in clients:
            with contextlib.suppress(OSError):
                client.send(b"a")
    print(sum(map(is_open, clients)), flush=True)


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
