"""What a process does first, once it has its settings."""

from typing import TYPE_CHECKING

from tourpad.core.settings import setting_fields
from tourpad.core.watch.logs import begin_logging
from tourpad.core.watch.scrub import remember
from tourpad.core.watch.sentry import begin_reporting
from tourpad.core.watch.traces import begin_tracing

if TYPE_CHECKING:
    from tourpad.core.settings import Settings


def begin_watching(settings: "Settings", *, plainly: bool = False) -> None:
    """Remember what must never be written; let logs go to standard error, errors and traces to where they are wanted.

    Args:
        settings: what the process was started with.
        plainly: logs are read by whoever waits for one command; see `begin_logging`.
    """
    for item in setting_fields():
        if item.metadata["secret"]:
            value: object = getattr(settings, item.name)
            remember([str(part) for part in value] if isinstance(value, tuple) else [str(value) if value else None])  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType] - a tuple of text
    begin_logging(plainly=plainly)
    begin_reporting(settings)
    begin_tracing(settings)
