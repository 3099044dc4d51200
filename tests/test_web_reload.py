"""What is told of a folder that changed: on the pages, to the one who runs the service, and where a citation leads."""

import threading
from pathlib import Path
from types import SimpleNamespace

import html5lib
import pytest

from qa.errors import CorpusError
from qa.options import Source
from qa.web import Config, Service, application
from qa.web.service import Snapshot, first_snapshot
from tests.web_support import INDEXED_AT, FakeEngine

TOKEN = {"Authorization": "Bearer t0ken"}
REASON = "corpus.toml: is not valid TOML"


class Folder:
    """Stands for a folder: what it says is loaded next, an engine or an error."""

    def __init__(self):
        self.says = FakeEngine()
        self.n_loads = 0
        self.goes_on = lambda: None
        self.service = Service(Snapshot(self.says, 1, INDEXED_AT), self.load)

    def load(self, engine):
        self.n_loads += 1
        self.goes_on()
        if isinstance(self.says, Exception):
            raise self.says
        return self.says

    def breaks(self):
        self.says = CorpusError("/home/clerk/notes/corpus.toml", "is not valid TOML")
        self.service.reload()

    def client(self, **settings):
        return application(self.service, Config(**settings)).test_client()


@pytest.fixture
def folder():
    return Folder()


# POST /reload


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_reload_leads_nowhere_unless_there_is_a_token_for_it(folder, method):
    response = getattr(folder.client(), method)("/reload", headers=TOKEN)
    assert (response.status_code, response.get_json(force=True)["code"]) == (404, "not_found")
    assert folder.n_loads == 0


@pytest.mark.parametrize(
    "authorization",
    [None, "Bearer", "Bearer t0ke", "Bearer t0kenn", "Bearer T0KEN", "Bearer k3y", "t0ken", "Basic OnQwa2Vu"],
)
def test_a_reload_takes_the_token_and_nothing_else(folder, authorization):
    client = folder.client(admin_token="t0ken", api_key="k3y")  # noqa: S106 - no real ones
    response = client.post("/reload", headers={"Authorization": authorization} if authorization else {})
    assert (response.status_code, response.get_json(force=True)["code"]) == (401, "unauthorized")
    assert response.headers["WWW-Authenticate"].startswith("Bearer ")
    assert folder.n_loads == 0


def test_p10_a_reload_says_what_is_served_after_it_as_readyz_does(folder):
    client = folder.client(admin_token="t0ken")  # noqa: S106
    folder.says = FakeEngine()
    response = client.post("/reload", headers=TOKEN)
    assert (response.status_code, response.json["corpus"]["version"]) == (200, 2)
    assert response.json == client.get("/readyz").json
    assert client.get("/reload").status_code == 405


def test_a_reload_is_described_where_it_is_on(folder):
    described = [
        "/reload" in folder.client(admin_token=token).get("/openapi.json").json["paths"] for token in ("", "t0ken")
    ]
    assert described == [False, True]


def test_p10_a_reload_needs_no_key_beside_its_token(folder):
    client = folder.client(admin_token="t0ken", api_key="k3y")  # noqa: S106
    assert client.post("/reload", headers=TOKEN).status_code == 200
    assert client.get("/ask?question=Vasa", headers=TOKEN).status_code == 401


def test_p11_a_reload_that_fails_says_why_and_what_is_served_still(folder):
    client = folder.client(admin_token="t0ken")  # noqa: S106
    folder.breaks()
    response = client.post("/reload", headers=TOKEN)
    problem = response.get_json(force=True)
    assert (response.status_code, problem["code"], response.headers["Retry-After"]) == (503, "not_reloaded", "60")
    assert problem["detail"] == f"what was read at {INDEXED_AT} is still served, because the folder cannot be: {REASON}"
    assert client.get("/ask?question=Vasa").status_code == 200


def test_p12_a_reload_that_takes_long_holds_no_thread_for_ever(folder):
    goes_on = threading.Event()
    folder.goes_on = goes_on.wait
    client = folder.client(admin_token="t0ken", max_reload_seconds=1)  # noqa: S106
    folder.says = FakeEngine()
    response = client.post("/reload", headers=TOKEN)
    problem = response.get_json(force=True)
    assert (response.status_code, problem["code"]) == (503, "unavailable")
    assert problem["detail"] == "the folder is still being read; /readyz shows another version when that is done"
    goes_on.set()
    folder.service.reload()
    assert folder.service.current().engine is folder.says


def test_p1_a_reload_is_refused_when_the_process_stops(folder):
    client = folder.client(admin_token="t0ken")  # noqa: S106
    folder.service.draining = True
    response = client.post("/reload", headers=TOKEN)
    assert (response.status_code, response.get_json(force=True)["code"]) == (503, "unavailable")


# Stale


def staleness(client, **headers):
    response = client.get("/readyz", headers=headers)
    return response.status_code, response.json["stale"], response.json["stale_reason"]


def test_p11_readyz_is_200_and_says_that_the_index_is_stale_and_why(folder):
    client = folder.client()
    assert staleness(client) == (200, False, None)
    folder.breaks()
    assert staleness(client) == (200, True, REASON)
    folder.says = folder.service.current().engine
    folder.service.reload()
    assert staleness(client) == (200, False, None)


def test_p11_who_brings_no_key_learns_no_file_name_from_readyz(folder):
    client = folder.client(api_key="k3y")
    folder.breaks()
    assert staleness(client) == (200, True, "the folder cannot be read; the log of the service says why")
    assert staleness(client, Authorization="Bearer k3y") == (200, True, REASON)


PAGES = ["/", "/?question=Vasa", "/documents", "/documents/vasa", "/problems/not_found", "/nowhere", "/?question="]


@pytest.mark.parametrize("path", PAGES)
def test_p11_every_page_says_that_the_folder_changed_and_of_when_the_answers_are(folder, path):
    client = folder.client()
    assert notice(client, path) == ""
    folder.breaks()
    assert notice(client, path) == (
        f"The folder has changed and could not be read: {REASON}. "
        "Answers come from the documents as they were on 2026-11-22 10:00 UTC."
    )


def test_p11_what_is_said_of_the_folder_stays_text(folder):
    folder.says = CorpusError("<script>.txt", "</p><b>")
    folder.service.reload()
    assert "<script>.txt: </p><b>. Answers" in notice(folder.client(), "/")


def notice(client, path):
    html = client.get(path, headers={"Accept": "text/html"}).get_data(as_text=True)
    tree = html5lib.parse(html, treebuilder="etree", namespaceHTMLElements=False)
    found = tree.findall(".//main/p[@class='notice stale'][@role='status']")
    return " ".join(" ".join("".join(each.itertext()).split()) for each in found)


# A document that changes after it was cited


@pytest.fixture
def vasa(tmp_path):
    """The service of a real folder, its client, and the file in it."""
    file = Path(tmp_path / "vasa.txt")
    file.write_text("The Vasa sank in 1628. It was raised in 1961.", encoding="utf-8")
    source = Source(SimpleNamespace(corpus=str(tmp_path), strict=False, semantic="off"))
    service = Service(first_snapshot(source.engine()), source.engine_after)
    return service, application(service).test_client(), file


HTML = {"Accept": "text/html"}


def test_d5_a_citation_of_a_document_that_changed_since_marks_nothing_and_says_so(vasa):
    service, client, file = vasa
    link = client.get("/ask?question=When+was+the+Vasa+raised%3F").json["passages"][0]["citation"]["url"]
    assert "<mark" in client.get(link, headers=HTML).text
    file.write_text("The Vasa is a ship. It sank in 1628 and was raised in 1961.", encoding="utf-8")
    assert "<mark" in client.get(link, headers=HTML).text  # what is served is what was indexed, not what is on the disk
    service.reload()
    page = client.get(link, headers=HTML)
    assert (page.status_code, "<mark" in page.text, "has changed since" in page.text) == (200, False, True)
    file.rename(file.with_name("ship.txt"))
    service.reload()
    assert client.get(link, headers=HTML).status_code == 404


FORMS = [
    *(("/documents/vasa", accept) for accept in ("text/html", "application/json", "text/plain")),
    *(("/documents", accept) for accept in ("text/html", "application/json")),
]


@pytest.mark.parametrize(("path", "accept"), FORMS)
def test_d5_a_browser_that_has_the_old_state_gets_the_new_one(vasa, path, accept):
    service, client, file = vasa
    before = client.get(path, headers={"Accept": accept}).headers["ETag"]
    known = {"Accept": accept, "If-None-Match": before}
    assert client.get(path, headers=known).status_code == 304
    file.write_text("The Vasa is a ship.", encoding="utf-8")
    service.reload()
    after = client.get(path, headers=known)
    assert (after.status_code, after.headers["ETag"] == before) == (200, False)
