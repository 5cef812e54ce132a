"""Traces, where `OTEL_EXPORTER_OTLP_ENDPOINT` says who collects them: what a request or a job spent its time on.

Spans carry names of our own: routes as templates, jobs, what was asked of Stripe, statements without their parameters.
No path, no query, no body, no header, no person, no message of an error (decision 88). Nothing is imported where no
address is set, and all that is left then is one look at a variable.
"""

import re
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from tourpad.core.watch.logs import request_id

if TYPE_CHECKING:
    from opentelemetry.sdk.trace.export import SpanExporter
    from opentelemetry.trace import Span, Tracer
    from sqlalchemy import Engine

    from tourpad.core.settings import Settings

_TABLE: Final = re.compile(r"\b(?:FROM|INTO|UPDATE)\s+\"?([a-z_]+)", re.IGNORECASE)
_LONGEST_STATEMENT: Final = 2_000

_tracer: "Tracer | None" = None


def begin_tracing(settings: "Settings", *, exporter: "SpanExporter | None" = None) -> "Callable[[], None] | None":
    """Begin to trace in this process, if there is anywhere to send it; how to end it, for tests.

    Args:
        settings: `otel_endpoint` says where; `/v1/traces` is added to it. Sampling follows `OTEL_TRACES_SAMPLER`.
        exporter: who carries spans away, for tests.
    """
    if not settings.otel_endpoint:
        return None
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415 - see above
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415 - as above
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415 - as above
    from opentelemetry.sdk.trace.export import BatchSpanProcessor, SimpleSpanProcessor  # noqa: PLC0415 - as above

    from tourpad import __version__  # noqa: PLC0415 - as above

    who = {"service.name": "tourpad", "service.version": __version__, "deployment.environment.name": settings.env.value}
    provider = TracerProvider(resource=Resource.create(who))
    if exporter is None:
        exporter = OTLPSpanExporter(endpoint=f"{settings.otel_endpoint.rstrip('/')}/v1/traces")
        provider.add_span_processor(BatchSpanProcessor(exporter))
    else:
        provider.add_span_processor(SimpleSpanProcessor(exporter))
    _use(provider.get_tracer("tourpad", __version__))

    def end() -> None:
        _use(None)
        provider.shutdown()

    return end


def is_tracing() -> bool:
    """Whether this process traces."""
    return _tracer is not None


@contextmanager
def span(name: str, *, kind: str = "internal", **attributes: str | int) -> "Generator[Span | None]":
    """One step, inside of whatever step runs now. What is raised in it marks it as failed, by its type alone.

    Args:
        name: of few values: a job's name, a route's template.
        kind: `internal`, `client` (we wait for somebody else) or `server`.
        attributes: `http_route` becomes `http.route`.
    """
    if _tracer is None:
        yield None
        return
    from opentelemetry.trace import SpanKind  # noqa: PLC0415 - only where it is traced

    told = {key.replace("_", "."): value for key, value in attributes.items()}
    with _tracer.start_as_current_span(
        name, kind=SpanKind[kind.upper()], attributes=told, record_exception=False, set_status_on_exception=False
    ) as begun:
        try:
            yield begun
        except BaseException as error:
            fail(begun, type(error).__name__)
            raise


@contextmanager
def request(method: str, headers: Mapping[str, str]) -> "Generator[Span | None]":
    """A request that came in, as a part of the trace that its `traceparent` names, where it has one."""
    from opentelemetry import context  # noqa: PLC0415 - only where it is traced
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator  # noqa: PLC0415 - as above

    token = context.attach(TraceContextTextMapPropagator().extract(dict(headers)))
    try:
        with span(method, kind="server", http_request_method=method) as begun:
            if begun is not None and (known := request_id.get()):
                begun.set_attribute("tourpad.request_id", known)
            yield begun
    finally:
        context.detach(token)


def answered(begun: "Span", *, method: str, route: str, status: int) -> None:
    """What became of a request: the route that it found, and the status that it got."""
    begun.update_name(f"{method} {route}")
    begun.set_attribute("http.route", route)
    begun.set_attribute("http.response.status_code", status)
    if status >= 500:  # noqa: PLR2004 - ours
        fail(begun, str(status))


def fail(begun: "Span", kind: str) -> None:
    """Mark a step as failed."""
    from opentelemetry.trace import Status, StatusCode  # noqa: PLC0415 - only where it is traced

    begun.set_status(Status(StatusCode.ERROR))
    begun.set_attribute("error.type", kind)


def watch_statements(engine: "Engine") -> None:
    """A span for each statement, with its text and without its parameters."""
    from sqlalchemy import event  # noqa: PLC0415 - only where it is traced

    def before(connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if _tracer is None:
            return
        from opentelemetry.trace import SpanKind  # noqa: PLC0415 - as above

        found = _TABLE.search(statement)
        verb = statement.split(None, 1)[0].upper()
        begun = _tracer.start_span(
            f"{verb} {found[1]}" if found else verb,
            kind=SpanKind.CLIENT,
            attributes={"db.system.name": "postgresql", "db.query.text": statement[:_LONGEST_STATEMENT]},
        )
        connection.info.setdefault("spans", []).append(begun)

    def after(connection: Any, *_: Any) -> None:
        if spans := connection.info.get("spans"):
            spans.pop().end()

    def failed(context: Any) -> None:
        if context.connection is not None and (spans := context.connection.info.get("spans")):
            begun = spans.pop()
            fail(begun, type(context.original_exception).__name__)
            begun.end()

    event.listen(engine, "before_cursor_execute", before)
    event.listen(engine, "after_cursor_execute", after)
    event.listen(engine, "handle_error", failed)


def _use(tracer: "Tracer | None") -> None:
    global _tracer  # noqa: PLW0603 - one process, one place that spans go to
    _tracer = tracer
