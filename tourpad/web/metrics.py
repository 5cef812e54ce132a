"""What Prometheus reads at `/metrics`: requests by route, method and status, how long they took, and work that waits.

A route is its template (`/api/bookings/{id}`), never a path, so that the number of series stays what the code has.
Several workers share their numbers through files where `PROMETHEUS_MULTIPROC_DIR` is set (`tourpad api serve` does).
"""

import os
from collections.abc import Iterator
from datetime import datetime
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram, disable_created_metrics, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.multiprocess import MultiProcessCollector

from tourpad.core.outbox.queries import Standing
from tourpad.core.values import Value

CONTENT_TYPE: Final = CONTENT_TYPE_LATEST.removesuffix("; charset=utf-8")
_METHODS: Final = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"})
_BUCKETS: Final = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

# A second series for each one, that says only when it began.
disable_created_metrics()  # pyright: ignore[reportUnknownMemberType] - untyped there


class WorkItems(Value):
    """How work items of each kind (Stripe's events, mails, …) stand at the moment of a scrape."""

    standings: tuple[Standing, ...]
    now: datetime

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """As Prometheus takes them."""
        counts = GaugeMetricFamily("tourpad_work_items", "Work items that are not done.", labels=["kind", "state"])
        overdue = GaugeMetricFamily(
            "tourpad_work_items_overdue_seconds", "How long the oldest due one waits.", labels=["kind"]
        )
        for one in self.standings:
            for state, count in (("waiting", one.waiting), ("working", one.working), ("dead", one.dead)):
                counts.add_metric([one.kind, state], count)
            overdue.add_metric([one.kind], (self.now - one.oldest_due).total_seconds() if one.oldest_due else 0.0)
        yield counts
        yield overdue


class Metrics:
    """The numbers of one application."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "tourpad_http_requests", "Requests answered.", ["route", "method", "status"], registry=self._registry
        )
        self._seconds = Histogram(
            "tourpad_http_request_duration_seconds",
            "Time to answer.",
            ["route", "method"],
            buckets=_BUCKETS,
            registry=self._registry,
        )
        self._opened = Counter("tourpad_sockets_opened", "Sockets that were let in.", registry=self._registry)
        self._closed = Counter(
            "tourpad_sockets_closed", "Sockets that have ended, by code.", ["code"], registry=self._registry
        )
        self._refused = Counter(
            "tourpad_sockets_refused", "Sockets that were not let in, by reason.", ["code"], registry=self._registry
        )
        self._told = Counter("tourpad_socket_events", "Events told on sockets.", registry=self._registry)
        self._children: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}

    def observe(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count one answered request."""
        method = method if method in _METHODS else "other"
        key = (route, method, status)
        found = self._children.get(key)
        if found is None:
            found = (
                self._requests.labels(route, method, str(status)),
                self._seconds.labels(route, method),
            )
            self._children[key] = found
        found[0].inc()
        found[1].observe(seconds)

    def socket_opened(self) -> None:
        """Count a socket that was let in."""
        self._opened.inc()

    def socket_closed(self, code: int) -> None:
        """Count a socket that has ended."""
        self._closed.labels(str(code)).inc()

    def socket_refused(self, code: str) -> None:
        """Count a socket that was not let in."""
        self._refused.labels(code).inc()

    def told(self, count: int) -> None:
        """Count events that went out on sockets."""
        self._told.inc(count)

    def render(self, items: WorkItems | None = None) -> bytes:
        """All numbers in Prometheus's text format; those of work items where they could be read."""
        registry = self._registry
        if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
            registry = CollectorRegistry()
            MultiProcessCollector(registry)
        if items is None:
            return generate_latest(registry)
        now = CollectorRegistry()
        now.register(items)
        return generate_latest(registry) + generate_latest(now)
