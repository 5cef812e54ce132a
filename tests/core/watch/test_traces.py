"""Traces: what a request and a job spent its time on, in names of our own, and nothing of whom it was for."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from tests.apps import client_of
from tests.conftest import settings_of
from tests.factories.identity import bearer, person
from tourpad.core.database.engine import make_engine
from tourpad.core.platform import Platform
from tourpad.core.watch import traces
from tourpad.jobs import runner

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import ReadableSpan

    from tests.stripe_sandbox import Sandbox
    from tourpad.core.clock import VirtualClock

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
COLLECTOR = "http://127.0.0.1:4318"


@pytest.fixture
def seen(environment: dict[str, str], tmp_path: Path) -> Iterator[InMemorySpanExporter]:
    """Spans as they end."""
    environment["OTEL_EXPORTER_OTLP_ENDPOINT"] = COLLECTOR
    exporter = InMemorySpanExporter()
    end = traces.begin_tracing(
        settings_of({**environment, "DATABASE_URL": "postgresql://"}, tmp_path), exporter=exporter
    )
    assert end is not None
    yield exporter
    end()


def called(seen: InMemorySpanExporter) -> "dict[str, ReadableSpan]":
    return {span.name: span for span in seen.get_finished_spans()}


@pytest.fixture
def traced(
    seen: InMemorySpanExporter,
    database: str,
    environment: dict[str, str],
    tmp_path: Path,
    clock: "VirtualClock",
) -> Iterator[Platform]:
    """A platform whose engine was made while this process traces."""
    opened = Platform.open(settings_of({**environment, "DATABASE_URL": database}, tmp_path), clock=clock)
    yield opened
    opened.close()


def test_a_job_and_its_statements_without_what_they_were_asked(seen: InMemorySpanExporter, traced: Platform) -> None:
    outcome = runner.run_slot(traced, runner.find("memberships-expire"), traced.clock.now())
    assert outcome.error is None
    spans = called(seen)
    job = spans["job memberships-expire"].context
    assert job is not None
    inside = [s for s in seen.get_finished_spans() if s.parent and s.parent.span_id == job.span_id]
    assert inside
    assert all(s.attributes and s.attributes["db.system.name"] == "postgresql" for s in inside)
    assert "INSERT job_runs" in spans
    told = repr([dict(s.attributes or {}) for s in seen.get_finished_spans()])
    assert "%(" in told  # the places of parameters
    assert runner.WORKER not in told  # and not what stood there


def test_a_job_that_fails_is_marked_with_its_kind_of_error_and_none_of_its_words(seen: InMemorySpanExporter) -> None:
    with pytest.raises(ValueError, match="Cleo"), traces.span("job x"):
        raise ValueError("Cleo Okafor, 12 Mill Lane")
    (span,) = seen.get_finished_spans()
    assert (span.status.is_ok, dict(span.attributes or {}), span.events) == (False, {"error.type": "ValueError"}, ())


def test_a_request_is_told_by_its_route_and_belongs_to_its_callers_trace(
    seen: InMemorySpanExporter, platform: Platform
) -> None:
    fan = bearer(platform, person(platform))
    secret = f"{uuid4()}"
    with client_of(platform) as client:
        client.get(f"/api/artists/{secret}?q=x", headers={**fan, "traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"})
        client.get("/nowhere/at/all")
    found = {span.name: span for span in seen.get_finished_spans() if span.kind.name == "SERVER"}
    asked = found["GET /api/artists/{artist_id}"]
    assert asked.context is not None
    assert f"{asked.context.trace_id:032x}" == TRACE
    told = dict(asked.attributes or {})
    assert told.pop("tourpad.request_id")
    assert told == {
        "http.request.method": "GET",
        "http.route": "/api/artists/{artist_id}",
        "http.response.status_code": 422,
    }
    assert asked.status.is_ok or asked.status.is_unset
    assert found["GET none"].attributes is not None
    assert secret not in repr([(span.name, dict(span.attributes or {})) for span in seen.get_finished_spans()])


def test_a_call_of_stripe_by_what_was_called(seen: InMemorySpanExporter, sandbox: "Sandbox") -> None:
    from tests.factories.payments import begin

    payment = begin(sandbox)
    sandbox.stripe.get_payment_intent(str(payment.stripe_payment_intent_id))
    names = set(called(seen))
    assert "stripe get /v1/payment_intents/{id}" in names
    assert "stripe post /v1/payment_intents" in names
    assert not [name for name in names if "pi_" in name]


def test_nothing_is_traced_nor_loaded_without_an_address(environment: dict[str, str], tmp_path: Path) -> None:
    assert traces.begin_tracing(settings_of({**environment, "DATABASE_URL": "postgresql://"}, tmp_path)) is None
    with traces.span("job x") as span:
        assert span is None
    assert not traces.is_tracing()
    engine = make_engine("postgresql://tourpad@127.0.0.1/none")
    assert not list(engine.dispatch.before_cursor_execute)  # nothing that each statement would pay for
    engine.dispose()


def test_spans_reach_a_collector_when_the_process_ends(environment: dict[str, str], tmp_path: Path) -> None:
    posted: list[tuple[str, bytes]] = []

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            posted.append((self.path, self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its name there
            """Stay silent."""

    with HTTPServer(("127.0.0.1", 0), Collector) as collector:
        threading.Thread(target=collector.serve_forever, daemon=True).start()
        environment["OTEL_EXPORTER_OTLP_ENDPOINT"] = f"http://127.0.0.1:{collector.server_port}/"
        end = traces.begin_tracing(settings_of({**environment, "DATABASE_URL": "postgresql://"}, tmp_path))
        assert end is not None
        with traces.span("job payouts"):
            pass
        end()
        collector.shutdown()
    ((path, body),) = posted
    assert path == "/v1/traces"
    (resource,) = ExportTraceServiceRequest.FromString(body).resource_spans
    who = {pair.key: pair.value.string_value for pair in resource.resource.attributes}
    assert (who["service.name"], who["deployment.environment.name"]) == ("tourpad", "test")
    assert [span.name for span in resource.scope_spans[0].spans] == ["job payouts"]
