"""Logs: to standard error, a line of facts each, with the id of the request, and scrubbed."""

import logging
import sys
from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

from tourpad.core.watch.scrub import scrub

request_id: ContextVar[str | None] = ContextVar("request_id", default=None)
"""The id of the request that is being answered, if any: on its answer, in its problem document, in its log lines."""


class ScrubbedFormatter(logging.Formatter):
    """Time, level, who says it, which request, and what; tracebacks too, all scrubbed at the very end."""

    def format(self, record: logging.LogRecord) -> str:
        """The line as it is written."""
        said = super().format(record)
        found = request_id.get()
        return scrub(f"{said}  request={found}" if found and "\n" not in said else said)


class PlainFormatter(logging.Formatter):
    """What happened, in one line, scrubbed: for whoever waits for one command and reads its answer below."""

    def format(self, record: logging.LogRecord) -> str:
        """The line as it is written."""
        error = record.exc_info[1] if record.exc_info else None
        why = str(error).strip().partition("\n")[0] if error else ""
        return scrub(f"{record.getMessage()}{f': {type(error).__name__}: {why}' if error else ''}")


class _ToStandardError(logging.Handler):
    """Standard error as it is at the moment of writing."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            sys.stderr.write(f"{self.format(record)}\n")
        except Exception:  # noqa: BLE001 - what can't be logged must not break what was being done
            self.handleError(record)


_handler: Final = _ToStandardError()
_WHOLE: Final = ScrubbedFormatter("%(asctime)s %(levelname)s %(name)s: %(message)s")
_handler.setFormatter(_WHOLE)
_handler.setLevel(logging.WARNING)


@contextmanager
def hushed(part: str) -> Generator[None]:
    """While this is open standard error hears nothing of a part of the program: what it says stands in an answer.

    Reports (Sentry) go on.

    Args:
        part: the name of its package, like `tourpad.core.media`.
    """

    def others(record: logging.LogRecord) -> bool:
        return not f"{record.name}.".startswith(f"{part}.")

    _handler.addFilter(others)
    try:
        yield
    finally:
        _handler.removeFilter(others)


def begin_logging(*, plainly: bool = False) -> None:
    """Let warnings and errors of this process go to standard error, scrubbed. Once is enough; twice does no harm.

    Args:
        plainly: a line each, without time, name and traceback.
    """
    root = logging.getLogger()
    _handler.setFormatter(PlainFormatter() if plainly else _WHOLE)
    if _handler not in root.handlers:
        root.addHandler(_handler)
