"""Error reports to Sentry, where `SENTRY_DSN` is set. Nothing is imported, and nothing leaves, where it is not."""

from typing import TYPE_CHECKING, Any

from tourpad.core.watch.logs import request_id
from tourpad.core.watch.scrub import scrub_all

if TYPE_CHECKING:
    from sentry_sdk.transport import Transport

    from tourpad.core.settings import Settings


def begin_reporting(settings: "Settings", *, transport: "Transport | None" = None) -> bool:
    """Report errors that are logged, and those that end the process; whether there is anywhere to report to.

    An event has the error, its stack without local variables or source lines, what was logged before it, and the id of
    the request: no body, no header, no person, no command line.

    Args:
        settings: `sentry_dsn` says where; the environment's name goes along.
        transport: who carries events away, for tests.
    """
    if not settings.sentry_dsn:
        return False
    import sentry_sdk  # noqa: PLC0415 - a tenth of a second that most processes need not pay
    from sentry_sdk.integrations.dedupe import DedupeIntegration  # noqa: PLC0415 - as above
    from sentry_sdk.integrations.excepthook import ExcepthookIntegration  # noqa: PLC0415 - as above
    from sentry_sdk.integrations.logging import LoggingIntegration  # noqa: PLC0415 - as above
    from sentry_sdk.integrations.threading import ThreadingIntegration  # noqa: PLC0415 - as above

    from tourpad import __version__  # noqa: PLC0415 - as above

    sentry_sdk.init(
        dsn=settings.sentry_dsn,
        environment=settings.env.value,
        release=f"tourpad@{__version__}",
        # The others would send what they see: the command line, the body and headers of requests, statements.
        default_integrations=False,
        auto_enabling_integrations=False,
        integrations=[LoggingIntegration(), ExcepthookIntegration(), ThreadingIntegration(), DedupeIntegration()],
        include_local_variables=False,
        include_source_context=False,
        max_request_body_size="never",
        traces_sample_rate=None,
        before_send=_scrubbed,
        before_breadcrumb=_scrubbed,
        transport=transport,
    )
    return True


def _scrubbed(event: Any, _hint: Any) -> Any:
    found = request_id.get()
    if found and "exception" in event:
        event.setdefault("tags", {})["request_id"] = found
    return scrub_all(event)
