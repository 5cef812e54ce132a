"""How far the doors are open."""

from enum import StrEnum


class RolloutStage(StrEnum):
    """Who may sign in and register. Any stage may follow any other."""

    ADMINS = "admins"
    """Those who run the place."""
    BETA = "beta"
    """They, and whoever's mail address is in the group."""
    EVERYONE = "everyone"
