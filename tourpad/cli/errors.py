"""Errors on the terminal: one line and a hint on standard error, and an exit code. No traceback without `--debug`."""

import os
import sys
import traceback
from typing import Never

import typer
from typer.exceptions import TyperException

from tourpad.cli import state
from tourpad.core.errors import InvalidInputError, Kind, TourPadError
from tourpad.core.watch.scrub import scrub

EXIT: dict[Kind, int] = {
    Kind.INVALID: 2,
    Kind.UNAUTHENTICATED: 4,
    Kind.FORBIDDEN: 4,
    Kind.NOT_FOUND: 3,
    Kind.CONFLICT: 4,
    Kind.REFUSED: 4,
    Kind.LIMITED: 4,
    Kind.OUTSIDE: 5,
    Kind.FAILED: 1,
}

INTERRUPTED = 130
"""Ctrl-C, as shells count it."""


def report(error: BaseException) -> int:
    """Say what went wrong, and answer the exit code."""
    if isinstance(error, typer.Exit):
        return error.exit_code
    if isinstance(error, KeyboardInterrupt | typer.Abort | EOFError):
        print("Stopped. Nothing more was done.", file=sys.stderr)
        return INTERRUPTED
    if isinstance(error, BrokenPipeError):
        sys.stderr.close()
        return 0
    if isinstance(error, TyperException):
        context = getattr(error, "ctx", None)
        message = error.format_message()
        if message:  # without one it is a bare noun, and Typer has already printed its help
            _say(message, f"{context.command_path if context else 'tourpad'} --help explains.", expected=True)
        return error.exit_code
    if state.debug:
        print(scrub("".join(traceback.format_exception(error))), end="", file=sys.stderr)
    if isinstance(error, TourPadError):
        _say(error.message, error.hint, expected=True)
        if isinstance(error, InvalidInputError) and len(error.errors) > 1:
            for field in error.errors:
                print(f"  {field.field}: {field.message}", file=sys.stderr)
        return EXIT[error.kind]
    known = _database(error)
    if known is not None:
        _say(*known)
        return 1
    if not state.debug:
        _say(f"Unexpected {type(error).__name__}: {_first_line(error)}", "Again with: tourpad --debug …")
    return 1


def leave(error: BaseException) -> Never:
    """End the process: one line about the error, and its exit code."""
    code = report(error)
    sys.stdout.flush()
    if code == INTERRUPTED:
        # Whatever a library's exit handlers still hold must not keep an interrupted person waiting.
        sys.stderr.flush()
        os._exit(code)
    sys.exit(code)


def _say(message: str, hint: str | None, *, expected: bool = False) -> None:
    """Say it. Our own refusals may name what the person typed; anybody else's words are scrubbed."""
    print(message if expected else scrub(message), file=sys.stderr)
    if hint:
        print(hint, file=sys.stderr)


def _first_line(error: BaseException) -> str:
    text = str(error).strip()
    return text.splitlines()[0] if text else "no message"


def _database(error: BaseException) -> tuple[str, str] | None:
    """A database that does not answer, or that was never migrated, in words."""
    cause = getattr(error, "orig", error)
    module = type(cause).__module__
    if not module.startswith("psycopg"):
        return None
    sqlstate = getattr(cause, "sqlstate", None)
    if sqlstate == "42P01":
        return ("The database has no tables yet, or not all of them.", "tourpad db upgrade makes them.")
    if type(cause).__name__ in ("OperationalError", "ConnectionTimeout") and sqlstate is None:
        return (
            f"The database does not answer ({_first_line(cause)}).",
            "tourpad doctor looks at DATABASE_URL and the rest.",
        )
    return None
