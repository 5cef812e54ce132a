"""The base of all domain events. A feature's own are in its `events.py`; who reacts is in `reactions.py`."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something happened. Reactions run at once, in the same unit of work: all of it is committed, or none."""
