"""Kinds of news and ways to tell them."""

from enum import StrEnum


class Category(StrEnum):
    """What a notification is about (the seed's four, and reviews)."""

    BOOKING = "booking"
    MESSAGE = "message"
    PAYMENT = "payment"
    CONCERT = "concert"
    REVIEW = "review"
    SYSTEM = "system"


class Channel(StrEnum):
    """A way to reach a person."""

    APP = "app"
    EMAIL = "email"
