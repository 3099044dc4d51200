"""What `/metrics` counts, and that no client can make it longer."""

import threading

import pytest
from prometheus_client.parser import text_string_to_metric_families

from qa.records import SkippedFile
from qa.web import Config, Service, Snapshot, application
from qa.web.service import UNEXPECTED
from tests.web_support import INDEXED_AT, FakeEngine, abstained, document, service_of


def samples(client):
    """Every value by its name and labels; each name has one kind and one explanation."""
    response = client.get("/metrics")
    assert response.content_type == "text/plain; version=0.0.4; charset=utf-8"
    assert response.headers["Cache-Control"] == "no-store"
    found = {}
    for family in text_string_to_metric_families(response.text):
        assert family.documentation
        for sample in family.samples:
            key = (sample.name, *sorted(sample.labels.items()))
            assert key not in found
            found[key] = sample.value
    return found


def value(client, name, **labels):
    return samples(client).get((name, *sorted(labels.items())))


@pytest.fixture
def engine():
    return FakeEngine()


@pytest.fixture
def client(engine):
    return application(service_of(engine)).test_client()


@pytest.mark.parametrize(
    ("method", "path", "route", "status"),
    [
        ("GET", "/ask?question=Vasa", "/ask", "200"),
        ("GET", "/ask", "/ask", "400"),
        ("GET", "/documents/vasa", "/documents/<path:document_id>", "200"),
        ("GET", "/documents/nope", "/documents/<path:document_id>", "404"),
        ("GET", "/nowhere", "unmatched", "404"),
        ("DELETE", "/ask", "unmatched", "405"),
        ("HEAD", "/healthz", "/healthz", "200"),
        ("GET", "/static/nope.css", "/static/<name>", "404"),
    ],
)
def test_requests_are_counted_by_route_method_and_status(client, method, path, route, status):
    for _ in range(3):
        client.open(path, method=method)
    found = samples(client)
    labels = (("method", method), ("route", route), ("status", status))
    assert found["qa_requests_total", *labels] == 3
    assert found["qa_request_seconds_count", ("route", route)] == 3
    assert found["qa_request_seconds_sum", ("route", route)] > 0


def test_h31_paths_and_methods_that_are_made_up_make_no_series(client):
    client.get("/nowhere")
    client.open("/ask", method="FOO")
    client.get("/", headers={"Host": "evil.example"})
    client.get("/documents/nope")
    samples(client)
    before = samples(client)
    for number in range(1_000):
        client.get(f"/{number}/x", headers={"Accept": "application/json"})
    for number in range(100):
        client.open("/ask", method=f"FOO{number}")
        client.get("/", headers={"Host": f"evil{number}.example"})
        client.get(f"/documents/{number}?start={number}", headers={"X-Request-ID": str(number)})
    after = samples(client)
    assert after.keys() == before.keys()
    assert after["qa_requests_total", ("method", "GET"), ("route", "unmatched"), ("status", "404")] == 1_001


def test_answers_are_counted_by_status_and_reason(client, engine):
    client.get("/ask?question=Vasa")
    client.get("/?question=Vasa")
    engine.answer = abstained(document(), "no_match")
    client.get("/ask?question=pizza")
    client.get("/ask?question=")
    found = samples(client)
    answers = {key: number for key, number in found.items() if key[0] == "qa_answers_total"}
    assert answers == {
        ("qa_answers_total", ("reason", ""), ("route", "/ask"), ("status", "answered")): 1,
        ("qa_answers_total", ("reason", ""), ("route", "/"), ("status", "answered")): 1,
        ("qa_answers_total", ("reason", "no_match"), ("route", "/ask"), ("status", "abstained")): 1,
    }


def test_q18_errors_are_counted_by_code(client, engine):
    engine.error = TimeoutError()
    client.get("/ask?question=Vasa")
    client.get("/ask?question=Vasa")
    assert value(client, "qa_problems_total", code="unavailable") == 2


def test_h34_questions_in_flight_are_told_and_those_refused_are_counted():
    begun, let_go = threading.Event(), threading.Event()

    class HeldEngine(FakeEngine):
        def ask(self, *arguments):
            begun.set()
            let_go.wait(10)
            return super().ask(*arguments)

    client = application(service_of(HeldEngine()), Config(max_in_flight=1)).test_client()
    thread = threading.Thread(target=client.application.test_client().get, args=("/ask?question=Vasa",))
    thread.start()
    assert begun.wait(10)
    client.get("/ask?question=Vasa")
    assert value(client, "qa_questions_in_flight") == 1
    let_go.set()
    thread.join()
    assert value(client, "qa_questions_in_flight") == 0
    assert value(client, "qa_problems_total", code="overloaded") == 1


def test_what_is_served_and_by_what_is_told():
    engine = FakeEngine(document(), document("mast"), skipped=(SkippedFile("bad.txt", "not UTF-8"),))
    service = Service(Snapshot(engine, 7, INDEXED_AT))
    client = application(service).test_client()
    found = samples(client)
    gauges = {key[0]: number for key, number in found.items() if len(key) == 1}
    gauges = {name: number for name, number in gauges.items() if name.startswith(("qa_corpus", "qa_index"))}
    assert gauges == {
        "qa_corpus_documents": 2,
        "qa_corpus_passages": 2,
        "qa_corpus_skipped_files": 1,
        "qa_index_version": 7,
        "qa_index_timestamp_seconds": 1795341600,
    }
    mode = (("calibration", "measured"), ("mode", "lexical"), ("model", ""))
    assert found["qa_engine_info", *mode] == 1


@pytest.mark.parametrize(
    ("reason", "folder", "unexpected"),
    [(None, 0, 0), ("corpus.toml: is not valid TOML", 1, 0), (UNEXPECTED, 0, 1)],
    ids=["not stale", "folder", "unexpected"],
)
def test_p11_that_the_folder_cannot_be_served_is_told_by_the_kind_of_reason(reason, folder, unexpected):
    client = application(Service(Snapshot(FakeEngine(), 1, INDEXED_AT, reason))).test_client()
    assert value(client, "qa_stale", reason="folder") == folder
    assert value(client, "qa_stale", reason="unexpected") == unexpected


def test_a_swap_of_the_corpus_leaves_no_series_of_the_old_one(client, engine):
    before = samples(client).keys()
    engine.mode, engine.model = "semantic", "tiny"
    after = samples(client).keys()
    assert {key for key in after if key[0] == "qa_engine_info"} == {
        ("qa_engine_info", ("calibration", "measured"), ("mode", "semantic"), ("model", "tiny"))
    }
    assert len([key for key in before if key[0] == "qa_engine_info"]) == 1


def test_every_application_counts_for_itself(client):
    client.get("/ask?question=Vasa")
    other = application(service_of(FakeEngine())).test_client()
    labels = {"method": "GET", "route": "/ask", "status": "200"}
    assert value(client, "qa_requests_total", **labels) == 1
    assert value(other, "qa_requests_total", **labels) is None


@pytest.mark.parametrize("accept", ["*/*", "application/openmetrics-text;version=x", "image/png", "text/html", ""])
def test_h33_metrics_are_text_whatever_is_accepted(client, accept):
    response = client.get("/metrics", headers={"Accept": accept})
    assert (response.status_code, response.mimetype) == (200, "text/plain")


def test_the_key_is_no_part_of_the_metrics():
    client = application(service_of(FakeEngine()), Config(api_key="s3cret")).test_client()
    assert client.get("/metrics").status_code == 401
    assert "s3cret" not in client.get("/metrics", headers={"Authorization": "Bearer s3cret"}).text
