"""The service calls nobody: a whole life of a server, with everything it does to the network written down.

pytest-socket guards what runs inside the tests; this guards the server as it is started by a person, in both modes.
Where the system allows it, the process has a network of its own with nothing in it but the loopback.
"""

import json
import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from tests.server_support import ROOT, environment, free_port

MODEL = os.environ.get("QA_TEST_MODEL")

# Starts the server in this process, asks it in another thread, stops it, and prints every address that was looked up,
# connected to or sent to. A network of its own begins with the loopback switched off.
LIFE = """
import fcntl, json, os, signal, socket, struct, sys, threading

seen = []
def note(event, arguments):
    if event in ("socket.getaddrinfo", "socket.gethostbyname"):
        seen.append([event, str(arguments[0])])
    elif event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        seen.append([event, str(arguments[1])])
sys.addaudithook(note)

with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
    try:
        fcntl.ioctl(control, 0x8914, struct.pack("16sh", b"lo", 1 | 64))  # SIOCSIFFLAGS: up, running
    except PermissionError:
        pass  # the network of the machine, where it is up

import http.client
import server
from qa.web.serving import Server

def live(port):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    asked = json.dumps({"question": "When did U.S. forces return to Iraq?"})
    statuses = []
    for method, path, body in (
        ("GET", "/", None), ("POST", "/ask", asked), ("GET", "/?question=Who+is+Trump%3F", None),
        ("GET", "/documents", None), ("GET", "/documents/us-iraq-explainer", None), ("GET", "/readyz", None),
        ("GET", "/metrics", None), ("GET", "/openapi.json", None), ("GET", "/nowhere", None),
    ):
        connection.request(method, path, body, {"Content-Type": "application/json"} if body else {})
        response = connection.getresponse()
        response.read()
        statuses.append(response.status)
    connection.close()
    print(json.dumps({"statuses": statuses, "seen": seen}), flush=True)
    os.kill(os.getpid(), signal.SIGTERM)

run = Server.run
def run_and_live(self):
    threading.Thread(target=live, args=(int(sys.argv[2]),)).start()
    run(self)
Server.run = run_and_live
server.main()
"""


# waitress looks up the address it would listen on if it were told none, which asks nobody.
OWN = ("127.0.0.1", "0.0.0.0")  # noqa: S104 - not bound


@cache
def alone() -> list[str]:
    """What gives a command a network of its own; nothing where the system does not allow that."""
    command = ["unshare", "--map-root-user", "--net"]
    if not shutil.which("unshare"):
        return []
    done = subprocess.run([*command, "true"], capture_output=True, check=False)  # noqa: S603 - util-linux
    return command if done.returncode == 0 else []


def test_p19_a_whole_life_in_lexical_mode_calls_nobody(tmp_path):
    assert addresses_of_a_life(tmp_path) == set()


@pytest.mark.skipif(MODEL is None, reason="QA_TEST_MODEL names no folder with a sentence encoder")
def test_p19_a_whole_life_in_semantic_mode_calls_nobody(tmp_path):
    assert addresses_of_a_life(tmp_path, "--semantic", str(MODEL)) == set()


def test_an_address_that_is_called_is_noticed(tmp_path):
    calling = LIFE.replace("    statuses = []\n", "    statuses = []\n    socket.getaddrinfo('192.0.2.1', 80)\n")
    assert addresses_of_a_life(tmp_path, script=calling) == {("socket.getaddrinfo", "192.0.2.1")}


def addresses_of_a_life(folder: Path, *options: str, script: str = LIFE) -> set[tuple[str, str]]:
    """The addresses beside the loopback that a server and its libraries used, from its start to its end."""
    done = subprocess.run(  # noqa: S603 - our own program
        [*alone(), sys.executable, "-c", script, "--port", str(free_port()), *options],
        cwd=ROOT,
        env=environment(HOME=str(folder), QA_CACHE=str(folder / "cache"), QA_WATCH_SECONDS="0.1"),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    life = json.loads(done.stdout.splitlines()[-1])
    assert life["statuses"][:-1] == [200] * 8, life["statuses"]
    assert life["statuses"][-1] == 404
    return {(event, address) for event, address in life["seen"] if not any(own in address for own in OWN)}
