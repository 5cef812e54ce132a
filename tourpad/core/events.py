"""The base of all domain events. A feature's own are in its `events.py`; who reacts is in `reactions.py`."""

from tourpad.core.values import Value


class Event(Value, kw_only=True):
    """Something happened. Reactions run at once, in the same unit of work: all of it is committed, or none."""
