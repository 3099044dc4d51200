"""Counts for those who watch over the service, as Prometheus reads them at `/metrics`.

Every application counts for itself, and so does every process of a server that has many. The labels come from lists
that no client can make longer.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime

from flask import Blueprint, Flask, Response, current_app
from prometheus_client import (
    CONTENT_TYPE_PLAIN_0_0_4,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    Info,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.registry import Collector

from qa.flags import program_version
from qa.web.accounts import Account
from qa.web.service import UNEXPECTED, Service

# Seconds: an answer takes one or two milliseconds, and after one second a question is ended.
BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)

_KEY = "qa.metrics"

routes = Blueprint("metrics", __name__)


class Metrics:
    """The counts of one application that answers from `service`."""

    def __init__(self, service: Service) -> None:
        # Else every count comes with a second series that says when it began.
        disable_created_metrics()  # type: ignore[no-untyped-call]  # it has no types
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "qa_requests",
            "Requests by route, method and status.",
            ("route", "method", "status"),
            registry=self.registry,
        )
        self._seconds = Histogram(
            "qa_request_seconds",
            "Seconds from a request to its answer.",
            ("route",),
            registry=self.registry,
            buckets=BUCKETS,
        )
        self._answers = Counter(
            "qa_answers",
            "Answers of the engine by route, status and the reason of an abstention.",
            ("route", "status", "reason"),
            registry=self.registry,
        )
        self._problems = Counter(
            "qa_problems",
            "Errors by code; those refused for overload are `overloaded`.",
            ("code",),
            registry=self.registry,
        )
        self.in_flight = Gauge(
            "qa_questions_in_flight", "Questions that are worked on or wait for their turn.", registry=self.registry
        )
        self.documents_in_flight = Gauge(
            "qa_documents_in_flight", "Documents that are read or wait for their turn.", registry=self.registry
        )
        Info("qa_build", "The program that answers.", registry=self.registry).info({"version": program_version()})
        self.registry.register(_Corpus(service))
        ProcessCollector(registry=self.registry)

    def count(self, account: Account) -> None:
        """Counts one request."""
        self._requests.labels(account.route, account.method, str(account.status)).inc()
        self._seconds.labels(account.route).observe(account.seconds)
        if account.answer:
            self._answers.labels(account.route, account.answer.status, account.answer.reason or "").inc()
        if account.problem:
            self._problems.labels(account.problem).inc()


class _Corpus(Collector):
    """What is served at the moment somebody looks."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def collect(self) -> Iterable[Metric]:
        """The gauges of the snapshot that new requests get."""
        now = self._service.current()
        engine, corpus = now.engine, now.engine.corpus
        yield from _gauges(
            qa_corpus_documents=("Documents that are served.", len(corpus.documents)),
            qa_corpus_passages=("Passages that are searched.", len(engine.passages)),
            qa_corpus_skipped_files=("Files of the folder that could not be served.", len(corpus.skipped)),
            qa_index_version=("How many indexes were made since the start, this one counted.", now.version),
            qa_index_timestamp_seconds=(
                "When this index was made.",
                datetime.fromisoformat(now.indexed_at).timestamp(),
            ),
            qa_draining=("Whether the process is stopping (0 or 1).", self._service.draining),
        )
        stale = GaugeMetricFamily(
            "qa_stale", "Whether the folder has changed and cannot be served as it is, by reason.", labels=("reason",)
        )
        stale.add_metric(("folder",), now.stale_reason not in (None, UNEXPECTED))
        stale.add_metric(("unexpected",), now.stale_reason == UNEXPECTED)
        yield stale
        what = {"mode": engine.mode, "model": engine.model or "", "calibration": engine.calibration}
        yield InfoMetricFamily("qa_engine", "What answers the questions.", value=what)


def _gauges(**gauges: tuple[str, float]) -> Iterator[Metric]:
    for name, (explanation, value) in gauges.items():
        yield GaugeMetricFamily(name, explanation, value=value)


def register(app: Flask, service: Service) -> Metrics:
    """Gives `app` its metrics and the route that shows them."""
    metrics = app.extensions[_KEY] = Metrics(service)
    app.register_blueprint(routes)
    return metrics


def metrics() -> Metrics:
    """The metrics of the application that answers this request."""
    found: Metrics = current_app.extensions[_KEY]
    return found


@routes.get("/metrics")
def show() -> Response:
    """The counts, in the text that every Prometheus reads."""
    return Response(generate_latest(metrics().registry), content_type=CONTENT_TYPE_PLAIN_0_0_4)
