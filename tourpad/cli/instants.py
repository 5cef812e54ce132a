"""Days and instants as people type them: `2026-11-01`, `2026-11-01T09:00Z`, `3d`, `12h`."""

import re
from datetime import UTC, datetime, timedelta

from tourpad.core.errors import invalid

_DAY = re.compile(r"\d{4}-?\d{2}-?\d{2}|\d{4}-?W\d{2}(-?\d)?", re.ASCII)
_AGO = re.compile(r"(?P<count>[1-9]\d{0,4})(?P<unit>[mhdw])", re.ASCII)
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
HINT = "Like 2026-11-01, 2026-11-01T09:00:00Z, or 3d for three days ago."


def instant(text: str, *, field: str, now: datetime, hint: str = HINT) -> datetime:
    """A day (its beginning in UTC), an instant (UTC where no zone is given), or so long ago.

    Args:
        text: what was typed.
        field: the option, for the error.
        now: the present by the platform's clock.
        hint: how to write it, where "ago" makes no sense.

    Raises:
        InvalidInputError: it is none of these.
    """
    ago = _AGO.fullmatch(text.strip())
    if ago:
        return now - timedelta(**{_UNITS[ago["unit"]]: int(ago["count"])})
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        raise invalid(field, f"{text!r} is no day or instant", hint=hint) from None
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


def end_of(text: str, *, field: str, now: datetime) -> datetime:
    """How far "as of" reaches: the last moment of a day, or an instant as `instant` reads it.

    Raises:
        InvalidInputError: it is none of these.
    """
    found = instant(text, field=field, now=now)
    is_day = _DAY.fullmatch(text.strip()) is not None
    return found + timedelta(days=1) - timedelta(microseconds=1) if is_day else found
