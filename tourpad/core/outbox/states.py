"""States of a work item: something that a worker will do, and try again until it is done or dead."""

from enum import StrEnum


class ItemState(StrEnum):
    """Where a work item stands."""

    WAITING = "waiting"
    WORKING = "working"
    DONE = "done"
    DEAD = "dead"


MOVES: dict[ItemState, frozenset[ItemState]] = {
    ItemState.WAITING: frozenset({ItemState.WORKING}),
    ItemState.WORKING: frozenset({ItemState.DONE, ItemState.WAITING, ItemState.DEAD}),
    ItemState.DONE: frozenset(),
    ItemState.DEAD: frozenset({ItemState.WAITING}),
}
