"""Calendars that people keep elsewhere: the protocol, its errors, and the way to open it."""

from tourpad.core.gateways.calendars.errors import CalendarRefused, CalendarUnreachable
from tourpad.core.gateways.calendars.protocol import CalendarGateway, Fetched

__all__ = ["CalendarGateway", "CalendarRefused", "CalendarUnreachable", "Fetched", "open_calendars"]


def open_calendars() -> CalendarGateway:
    """Open the way out to public addresses."""
    from tourpad.core.gateways.calendars.web import Web

    return Web()
