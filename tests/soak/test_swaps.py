"""The folder changes again and again while questions are asked: no error, and every quote stands where it says."""

import hashlib
import itertools
import json
import shutil
import subprocess
import threading
import time
from urllib.parse import quote_plus

from tests.server_support import get, running
from tests.soak.loads import at_once, connected, fetch, resident_mb
from tests.soak.questions import questions

N_QUESTIONS, N_SWAPS, N_CLIENTS = 100_000, 100, 4
# Until two indexes have stood beside each other often enough for the allocator.
N_SWAPS_BEFORE = 10
CHANGED = "us-iraq-explainer.txt"


class Versions:
    """Every text a document ever had, by its SHA-256."""

    def __init__(self, folder):
        self.folder = folder
        self.texts = {}
        for path in folder.glob("*.txt"):
            self.add(path.read_bytes())
        self.first = (folder / CHANGED).read_text("utf-8")

    def add(self, content):
        self.texts[hashlib.sha256(content).hexdigest()] = content.decode("utf-8-sig")

    def swap(self, number):
        """Puts another version of one document into the folder, every other time with all places moved."""
        text = self.first.replace("2014", str(2014 + number)).replace(" in ", " in  ", number % 7)
        content = ("" if number % 2 else f"Edition {number}\n\n").encode() + text.encode()
        self.add(content)
        partial = self.folder / ".next"
        partial.write_bytes(content)
        partial.rename(self.folder / CHANGED)


def test_p10_100_swaps_during_100_000_questions_cost_no_answer(tmp_path, corpus_folder, scaled, record):
    folder = tmp_path / "corpus"
    shutil.copytree(corpus_folder, folder)
    versions = Versions(folder)
    n_questions, n_swaps = scaled(N_QUESTIONS), scaled(N_SWAPS)
    asked, faults, seen = itertools.count(1), [], set()
    n_asked = [0]
    with running("--port", "0", "--corpus", str(folder), stderr=subprocess.DEVNULL, QA_WATCH_SECONDS="0.05") as (
        _,
        port,
    ):
        done = threading.Event()

        def ask(number):
            with connected(port) as connection:
                for question in questions(corpus_folder, seed=number):
                    n_asked[0] = next(asked)
                    if n_asked[0] > n_questions:
                        return
                    response, body = fetch(connection, f"/ask?question={quote_plus(question)}")
                    if response.status != 200:
                        faults.append(f"{response.status} for {question}")
                        continue
                    answer = json.loads(body)
                    seen.add(answer["corpus"]["version"])
                    faults.extend(wrong_quotes(answer, versions.texts))

        def swap():
            for number in range(1, n_swaps + 1):
                while n_asked[0] < number * n_questions // (n_swaps + 1) and not done.is_set():
                    time.sleep(0.01)
                versions.swap(number)
                while version(port) <= number and not done.is_set():
                    time.sleep(0.02)

        swapper = threading.Thread(target=swap)
        swapper.start()
        began = time.monotonic()
        try:
            at_once(N_CLIENTS, ask)
        finally:
            done.set()
            swapper.join()
        seconds, last = time.monotonic() - began, version(port)
    record(
        "swaps",
        done=f"{n_questions:,} questions over HTTP by {N_CLIENTS} clients while a document changed {n_swaps} times",
        aim="no error, no quote that is not in the version it names",
        measured=f"{len(faults)} faults, {last - 1} swaps, answers from {len(seen)} versions, "
        f"{n_questions / seconds:.0f} questions a second",
        reached=not faults and last == n_swaps + 1,
    )
    assert faults == []
    assert last == n_swaps + 1


def test_p10_100_swaps_leave_the_memory_as_it_was(tmp_path, corpus_folder, scaled, record):
    folder = tmp_path / "corpus"
    shutil.copytree(corpus_folder, folder)
    versions, n_swaps, megabytes = Versions(folder), scaled(N_SWAPS), []
    with running("--port", "0", "--corpus", str(folder), stderr=subprocess.DEVNULL, QA_WATCH_SECONDS="0.05") as (
        process,
        port,
    ):
        for number in range(1, N_SWAPS_BEFORE + n_swaps + 1):
            versions.swap(number)
            while version(port) <= number:
                time.sleep(0.02)
            assert get(port, "/ask?question=When+did+U.S.+forces+return+to+Iraq%3F")[0].status == 200
            megabytes.append(resident_mb(process.pid))
    before, after = megabytes[N_SWAPS_BEFORE - 1], megabytes[-1]
    record(
        "memory over swaps",
        done=f"{n_swaps} swaps after {N_SWAPS_BEFORE} others, one question after each",
        aim="growth ≤ 5 MB",
        measured=f"{after - before:+.1f} MB of {before:.0f} MB",
        reached=after - before <= 5,
    )


def version(port):
    return json.loads(get(port, "/readyz")[1])["corpus"]["version"]


def wrong_quotes(answer, texts):
    """What is wrong with the citations of one answer; nothing when each quote stands where it says."""
    cited = [passage["citation"] for passage in answer["passages"]]
    cited += [citation for each in answer["disagreements"] for citation in each["citations"]]
    cited += [answer["answer"]["citation"]] if answer["answer"] else []
    for citation in cited:
        text = texts[citation["sha256"]]
        if text[citation["start"] : citation["end"]] != citation["quote"]:
            yield f"{citation['url']} is not {citation['quote']!r}"
