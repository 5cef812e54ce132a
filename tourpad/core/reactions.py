"""When X happens, do Y: all of it, on one screen.

Features emit events (their `events.py`) and know nothing of who listens. A reaction is a verb that takes the work and
the event; it runs in the same unit of work, so cause and consequence are committed together.
"""

from collections.abc import Callable, Mapping
from typing import Any

from tourpad.core.events import Event
from tourpad.core.work import Work

Reaction = Callable[[Work, Any], None]

REACTIONS: Mapping[type[Event], tuple[Reaction, ...]] = {}


def react(work: Work, event: Event) -> None:
    """Run the reactions to one event, in the order listed."""
    for reaction in REACTIONS.get(type(event), ()):
        reaction(work, event)
