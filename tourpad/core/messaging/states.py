"""Kinds of message."""

from enum import StrEnum


class MessageKind(StrEnum):
    """Who speaks: a person, or the platform."""

    TEXT = "text"
    SYSTEM = "system"
    BOOKING_UPDATE = "booking_update"
