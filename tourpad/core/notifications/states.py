"""Kinds of news and ways to tell them."""

from enum import StrEnum


class Category(StrEnum):
    """What a notification is about (the seed's four, reviews, and trips)."""

    BOOKING = "booking"
    MESSAGE = "message"
    PAYMENT = "payment"
    CONCERT = "concert"
    REVIEW = "review"
    SYSTEM = "system"
    TRIP = "trip"
    """Artists who plan to come near a host."""


class Channel(StrEnum):
    """A way to reach a person."""

    APP = "app"
    EMAIL = "email"
