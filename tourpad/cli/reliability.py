"""How reliable somebody is, for whoever runs the place."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tourpad.core.bookings.service import Reliability
    from tourpad.core.identity.models import User
    from tourpad.core.work import Work

_HOUR = 60


def facts_of(work: "Work", user: "User", *, spoken: bool) -> dict[str, Any]:
    """How reliable an artist or host was in the last twelve months; nothing of others."""
    from tourpad.core.bookings import queries as bookings
    from tourpad.core.bookings import service

    profile = bookings.profile_of(work, user.id)
    if profile is None:
        return {}
    seen = service.reliability(work, side=profile[0], profile_id=profile[1])
    if spoken:
        return {"reliability": in_words(seen)}
    return {
        "answer_percent": seen.answer_percent,
        "median_answer_minutes": seen.median_answer_minutes,
        "confirmed_shows": seen.confirmed_shows,
        "cancelled_shows": seen.cancelled_shows,
    }


def in_words(seen: "Reliability") -> list[str]:
    """`answered 80 % of what was asked of them, in 26 h (the median)`; too little is said to be so."""
    said = []
    if seen.answer_percent is not None:
        said.append(f"answered {seen.answer_percent} % of what was asked of them")
        if (minutes := seen.median_answer_minutes) is not None:
            said[0] += f", in {minutes} min" if minutes < _HOUR else f", in {round(minutes / _HOUR)} h"
            said[0] += " (the median)"
    if seen.confirmed_shows is not None:
        off = seen.cancelled_shows or "none"
        said.append(f"{seen.confirmed_shows} shows were certain, {off} of them called off by this side")
    return said or ["too little has happened to say anything"]
