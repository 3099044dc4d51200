"""The folder changes while it is served: what is answered from, what is said of it, and when it is looked at."""

import gc
import hashlib
import logging
import os
import threading
import time
import weakref
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

import server
from qa.errors import CorpusError, ModelError
from qa.options import Source
from qa.web.service import Service, Snapshot, first_snapshot
from qa.web.watching import PATIENCE_SECONDS, RETRY_SECONDS, Watcher
from tests.waiting import until
from tests.web_support import INDEXED_AT, FakeEngine


def service_with(load, engine=None):
    return Service(Snapshot(engine or FakeEngine(), 1, INDEXED_AT), load)


def fails(error):
    def load(engine):
        raise error

    return load


# One service


def test_p10_a_reload_puts_the_new_engine_in_place_and_leaves_those_who_have_the_old_one_alone():
    new = FakeEngine()
    service = service_with(lambda engine: new)
    old = service.current()
    after = service.reload()
    assert (after.engine, after.version, after.stale_reason) == (new, 2, None)
    assert service.current() is after
    assert (old.engine is new, old.version) == (False, 1)


def test_p10_a_folder_that_holds_what_it_held_makes_no_new_version():
    service = service_with(lambda engine: engine)
    before = service.current()
    assert service.reload() == before


def test_p10_an_old_engine_is_forgotten_with_its_last_request():
    service = service_with(lambda engine: FakeEngine())
    old = weakref.ref(service.current().engine)
    taken = service.current()
    service.reload()
    gc.collect()
    assert old() is taken.engine
    del taken
    gc.collect()
    assert old() is None


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (CorpusError("/home/a.clerk/notes/corpus.toml", "is not valid TOML"), "corpus.toml: is not valid TOML"),
        (ModelError("mini", "is not on this machine"), str(ModelError("mini", "is not on this machine"))),
        (MemoryError("secret"), "something went wrong while it was read, and the log of the service tells more"),
    ],
    ids=["folder", "model", "bug"],
)
def test_p11_a_broken_folder_leaves_the_old_engine_and_is_said_without_internal_text(error, reason):
    service = service_with(fails(error))
    old = service.current()
    after = service.reload()
    assert (after.engine, after.version, after.indexed_at) == (old.engine, old.version, old.indexed_at)
    assert after.stale_reason == service.stale_reason == reason


@pytest.mark.parametrize(
    ("path", "reason"),
    [(".", "old: is empty"), ("./", "old: is empty"), ("..", "notes: is empty"), ("/", "the folder: is empty")],
)
def test_a_folder_is_told_by_its_name_however_it_was_given(tmp_path, monkeypatch, path, reason):
    folder = tmp_path / "notes" / "old"
    folder.mkdir(parents=True)
    monkeypatch.chdir(folder)
    assert service_with(fails(CorpusError(path, "is empty"))).reload().stale_reason == reason


def test_the_folder_the_process_works_in_may_be_gone(tmp_path, monkeypatch):
    folder = tmp_path / "notes"
    folder.mkdir()
    monkeypatch.chdir(folder)
    folder.rmdir()
    reason = service_with(fails(CorpusError(".", "does not exist"))).reload().stale_reason
    assert reason == "the folder: does not exist"


def test_p22_a_bug_while_the_folder_is_read_stands_in_the_log(caplog):
    service_with(fails(MemoryError("secret"))).reload()
    assert [record.exc_info[0] for record in caplog.records if record.exc_info] == [MemoryError]


def test_p11_a_folder_that_is_mended_is_no_longer_stale():
    answers = [fails(CorpusError("f", "is empty")), lambda engine: engine]
    service = service_with(lambda engine: answers.pop(0)(engine))
    service.reload()
    assert service.stale_reason
    assert service.reload().stale_reason is None
    assert service.current().version == 1


def test_p10_p11_the_log_says_each_change_once(caplog):
    broken, mended = fails(CorpusError("f", "is empty")), FakeEngine()
    answers = [broken, broken, lambda engine: engine, lambda engine: mended]
    service = service_with(lambda engine: answers.pop(0)(engine))
    with caplog.at_level(logging.INFO):
        while answers:
            service.reload()
    told = [(record.levelname, record.getMessage().split(", indexed")[0]) for record in caplog.records]
    assert told == [
        ("WARNING", "the folder cannot be served as it is now, so version 1 is still served: f: is empty"),
        ("INFO", "version 1 is what the folder holds again"),
        ("INFO", "version 2: 1 document, 1 passage"),
    ]


class SlowLoads:
    """Loads that each last until they are let go; counts them."""

    def __init__(self):
        self.n_loads = 0
        self.goes_on = threading.Event()

    def __call__(self, engine):
        self.n_loads += 1
        assert self.goes_on.wait(20)
        return FakeEngine()


def test_p12_fifty_reloads_at_once_are_two_loads_and_all_get_the_second_or_later():
    loads = SlowLoads()
    service = service_with(loads)
    results = []

    def ask():
        results.append(service.reload().version)

    first = threading.Thread(target=ask)
    first.start()
    until(lambda: loads.n_loads == 1)
    others = [threading.Thread(target=ask) for _ in range(49)]
    for thread in others:
        thread.start()
    time.sleep(0.05)  # all are waiting by now; were they not, there would be more loads
    loads.goes_on.set()
    for thread in [first, *others]:
        thread.join(20)
    assert loads.n_loads == 2
    assert sorted(results)[1:] == [3] * 49
    assert min(results) >= 2


def test_p1_who_waits_for_a_load_is_told_at_once_when_the_process_stops():
    loads = SlowLoads()
    service = service_with(loads)
    results = []
    waiting = threading.Thread(target=lambda: results.append(service.reload()))
    waiting.start()
    until(lambda: loads.n_loads == 1)
    service.draining = True
    waiting.join(5)
    assert results == [None]
    loads.goes_on.set()


# When the folder is looked at


class FakeService:
    """Counts the reloads."""

    def __init__(self):
        self.n_reloads = 0
        self.stale_reason = None
        self.draining = False

    def reload(self):
        self.n_reloads += 1

    def mark_stale(self, reason):
        news, self.stale_reason = self.stale_reason != reason, reason
        return news


def reloads(states, seconds=2.0, **facts):
    """After which of the looks that see these states, counted from 1, there was a reload."""
    service = FakeService()
    vars(service).update(facts)
    states = list(states)
    watcher = Watcher(service, iter(states).__next__, seconds)
    found = []
    for number in range(1, len(states) + 1):
        before = service.n_reloads
        watcher.turn()
        found += [number] * (service.n_reloads - before)
    return found


def test_p10_the_folder_is_read_once_more_after_the_start_and_then_left_alone():
    assert reloads(["a"] * 200) == [2]


def test_p10_a_change_is_read_when_the_next_look_sees_the_same():
    assert reloads(["a", "a", "b", "b", "b", "b", "a", "a"]) == [2, 4, 8]


def test_p13_a_folder_that_is_being_written_to_is_left_until_it_rests():
    assert reloads(["a", "a", 1, 2, 3, 4, 4, 4]) == [2, 7]


def test_p13_a_file_that_grows_for_ever_keeps_the_others_out_for_a_while_only():
    patience = PATIENCE_SECONDS // 2
    assert reloads(["a", "a", *range(3 * patience)]) == [2, 2 + patience, 2 + 2 * patience, 2 + 3 * patience]


def test_p11_a_broken_folder_is_tried_again_when_it_changes_or_after_a_minute():
    retry = RETRY_SECONDS // 2
    assert reloads(["a"] * (2 + 2 * retry), stale_reason="is empty") == [2, 2 + retry, 2 + 2 * retry]
    assert reloads(["a", "a", "a", "b", "b", "b"], stale_reason="is empty") == [2, 5]


def test_p22_whatever_a_look_raises_the_next_one_follows_and_the_page_says_so(caplog):
    service = FakeService()
    looks = []

    def look():
        looks.append(1)
        raise MemoryError("secret")

    Watcher(service, look, 0.001).start()
    until(lambda: len(looks) > 3)
    service.draining = True
    assert service.stale_reason == "something went wrong while it was read, and the log of the service tells more"
    assert [record.getMessage() for record in caplog.records] == ["the folder could not be looked at"]


def test_p10_with_0_seconds_nobody_watches(monkeypatch):
    monkeypatch.setattr(threading.Thread, "start", lambda thread: pytest.fail("a thread was started"))
    monkeypatch.setattr(os, "register_at_fork", lambda **named: pytest.fail("forks are waited for"))
    Watcher(FakeService(), lambda: "a", 0).start()


# A real folder


VASA = "The Vasa sank in 1628. It was raised in {}."


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "vasa.txt").write_text(VASA.format(1961), encoding="utf-8")
    return tmp_path


def service_of_folder(folder, *, strict=False):
    source = Source(SimpleNamespace(corpus=str(folder), strict=strict, semantic="off"))
    return Service(first_snapshot(source.engine()), source.engine_after)


def texts(service):
    return {document.path: document.text for document in service.current().engine.corpus.documents}


def test_p10_a_file_edited_added_removed_or_emptied_is_what_is_served_next(folder):
    service = service_of_folder(folder)
    (folder / "vasa.txt").write_text("The Vasa is a ship.")
    (folder / "oil.md").write_text("Oil is sold.")
    service.reload()
    assert texts(service) == {"vasa.txt": "The Vasa is a ship.", "oil.md": "Oil is sold."}
    (folder / "vasa.txt").write_text("")
    service.reload()
    assert texts(service) == {"oil.md": "Oil is sold."}
    assert [file.path for file in service.current().engine.corpus.skipped] == ["vasa.txt"]
    (folder / "vasa.txt").unlink()
    service.reload()
    assert service.current().engine.corpus.skipped == ()
    assert service.current().version == 4


def test_p10_a_file_that_was_only_touched_makes_no_new_version(folder):
    service = service_of_folder(folder)
    os.utime(folder / "vasa.txt", (1, 1))
    assert service.reload().version == 1


@pytest.mark.parametrize(
    ("breaks", "reason"),
    [
        (lambda folder: folder.rename(folder.with_name(f"{folder.name}-gone")), "is not a folder"),
        (lambda folder: (folder / "vasa.txt").write_bytes(b"\xff"), "no readable document"),
        (lambda folder: (folder / "corpus.toml").write_text("title ="), "corpus.toml: is not valid TOML"),
        (lambda folder: (folder / "VASA.txt").write_text("The Vasa."), "have the same id"),
        (lambda folder: (folder / "vasa.txt").write_text("# The Vasa"), "holds headings but no text"),
    ],
    ids=["vanished", "unreadable", "metadata", "twins", "no text"],
)
def test_p11_a_folder_that_breaks_leaves_what_was_served(folder, breaks, reason):
    service = service_of_folder(folder)
    breaks(folder)
    after = service.reload()
    assert reason in after.stale_reason
    assert str(folder.parent) not in after.stale_reason
    assert (after.version, texts(service)) == (1, {"vasa.txt": VASA.format(1961)})


@pytest.mark.parametrize(("name", "text"), [("corpus.toml", "examples = '{}'"), ("synonyms.txt", "oil, , {}")])
def test_p11_the_reason_is_short_however_long_the_line_that_is_wrong(folder, name, text):
    service = service_of_folder(folder)
    (folder / name).write_text(text.format("x" * 100_000))
    reason = service.reload().stale_reason
    assert reason.startswith(f"{name}: ")
    assert len(reason) < 500


def test_p11_with_strict_a_file_that_has_to_be_skipped_breaks_the_folder(folder):
    strict, lax = service_of_folder(folder, strict=True), service_of_folder(folder)
    (folder / "bad.txt").write_bytes(b"\xff")
    assert strict.reload().stale_reason.startswith("bad.txt: byte 0xFF at offset 0 is not UTF-8; ")
    assert lax.reload().stale_reason is None
    assert (strict.current().version, lax.current().version) == (1, 2)


@pytest.fixture
def live(folder, monkeypatch):
    """The application of a folder that is looked at all the time; and its folder."""
    watchers = []

    def kept(service, look, seconds):
        watchers.append(service)
        return Watcher(service, look, seconds)

    monkeypatch.setattr(server, "Watcher", kept)
    monkeypatch.setenv("QA_WATCH_SECONDS", "0.01")
    yield server.create_app(folder), folder
    for service in watchers:
        service.draining = True


def version(client):
    return client.get("/readyz").json["corpus"]["version"]


def test_p10_twenty_swaps_while_others_ask_break_no_answer_and_no_quote(live):
    app, folder = live
    years = range(1901, 1921)
    n_answers, faults, ends = [], [], threading.Event()
    known = {hashlib.sha256(VASA.format(year).encode()).hexdigest(): VASA.format(year) for year in (1961, *years)}

    def ask():
        client = app.test_client()
        while not ends.is_set():
            body = client.get("/ask?question=When+was+the+Vasa+raised%3F").json
            citation = body["passages"][0]["citation"]
            n_answers.append(1)
            if citation["quote"] != known.get(citation["sha256"]):
                faults.append(citation)
            time.sleep(0.002)  # else the questions leave a build little of the one interpreter

    threads = [threading.Thread(target=ask) for _ in range(2)]
    client = app.test_client()
    for thread in threads:
        thread.start()
    try:
        for number, year in enumerate(years, 2):
            (folder / "next").write_text(VASA.format(year), encoding="utf-8")
            (folder / "next").replace(folder / "vasa.txt")
            until(lambda number=number: version(client) == number)
    finally:
        ends.set()
        for thread in threads:
            thread.join(20)
    assert faults == []
    assert len(n_answers) > 20


def test_p16_jumping_clocks_and_old_files_keep_no_change_from_being_seen(live, monkeypatch):
    app, folder = live
    client = app.test_client()
    clock = iter(range(10**9, 0, -(10**6)))
    monkeypatch.setattr(time, "time", lambda: next(clock, 0))
    for number, written in enumerate((1, 2**33, 2), 2):
        file = folder / f"{number}.txt"
        file.write_text("Oil is sold.", encoding="utf-8")
        os.utime(file, (written, written))
        until(lambda number=number: version(client) == number)


def test_p16_the_time_of_an_index_is_that_of_no_time_zone(monkeypatch):
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        before = datetime.now(UTC).replace(microsecond=0)
        found = datetime.fromisoformat(first_snapshot(FakeEngine()).indexed_at)
        assert timedelta(0) <= found - before < timedelta(minutes=1)
    finally:
        monkeypatch.undo()
        time.tzset()
