"""Verbs of calendars and trips."""

from tourpad.core.availability.service.calendar import set_calendar, since, standings, who_cannot
from tourpad.core.availability.service.feeds import add, refresh, remove
from tourpad.core.availability.service.forgetting import forget
from tourpad.core.availability.service.trips import call_off, change, free_dates, plan, tell_host

__all__ = (
    "add",
    "call_off",
    "change",
    "forget",
    "free_dates",
    "plan",
    "refresh",
    "remove",
    "set_calendar",
    "since",
    "standings",
    "tell_host",
    "who_cannot",
)
