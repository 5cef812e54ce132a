"""When whom to kill: drawn from the seed and the number of the run, and bent towards labels that were hit least."""

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tools.chaos.worker import Hand

DUTIES = ("letters", "inbox", "payouts", "resume", "refunds", "settle", "collect", "replay")
MINUTE, HOUR = 60, 3600
GAPS = (0, 20, 3 * MINUTE, 6 * MINUTE, 6 * MINUTE, 6 * MINUTE, 26 * HOUR)
"""Seconds between two shifts: within the leases, beyond them, and beyond the life of a key at Stripe."""
SHIFTS = (6, 8)
LATEST = 0.7
"""Seconds into a shift within which a random moment lies."""
LOST_REPLIES = 0.3
LAST_GAPS = (0, 6 * MINUTE, 6 * MINUTE, 26 * HOUR, 4 * 24 * HOUR, 6 * MINUTE, 6 * HOUR)
"""The end: leases and back-off run out, keys are forgotten, what is pending at Stripe settles, the rest falls due."""


@dataclass(frozen=True, slots=True)
class Planned:
    """One shift: how much time passes before it, and who works in it."""

    gap: int
    hands: tuple[Hand, ...]


def faults(rng: random.Random) -> list[dict[str, Any]]:
    """What goes wrong at Stripe in a run: three of ten replies are lost after the work, and a few calls fail."""
    seed = rng.randrange(1 << 30)
    unlucky = rng.choice(("POST /v1/transfers", "POST /v1/refunds", "GET *"))
    return [
        # Done, and answered with an error that Stripe then repeats for as long as it knows the key.
        {"operation": "POST *", "fault": "status", "status": 500, "after_work": True, "share": 0.05, "seed": seed},
        {"operation": unlucky, "fault": "status", "status": 429, "share": 0.15, "seed": seed},
        {"operation": "*", "fault": "drop_reply", "share": LOST_REPLIES, "seed": seed},
    ]


def shifts(rng: random.Random) -> int:
    """How many shifts a run has before the last, in which nobody dies."""
    return rng.randint(*SHIFTS)


def shift(
    rng: random.Random,
    *,
    labels: Sequence[str],
    kills: Mapping[str, int],
    letters: Sequence[dict[str, Any]],
) -> Planned:
    """Plan one shift.

    Args:
        rng: of this run.
        labels: all there are.
        kills: how often each was hit so far, in all runs.
        letters: the webhooks that wait.
    """
    hands = [_hand(rng, labels=labels, kills=kills, letters=_bag(rng, letters))]
    if rng.random() < 0.2:
        hands.append(_hand(rng, labels=labels, kills=kills, letters=()))
    return Planned(rng.choice(GAPS), tuple(hands))


def last(letters: Sequence[dict[str, Any]], *, gaps: Sequence[int] = LAST_GAPS) -> Hand:
    """The clean end: whatever is left is done, in the order of the timetable."""
    return Hand(duties=DUTIES, letters=tuple(letters), gaps=tuple(gaps))


def _hand(
    rng: random.Random, *, labels: Sequence[str], kills: Mapping[str, int], letters: Sequence[dict[str, Any]]
) -> Hand:
    duties = tuple(rng.sample(DUTIES, len(DUTIES)))
    kind = rng.random()
    if kind < 0.2:
        return Hand(duties=duties, letters=tuple(letters), die_after=rng.uniform(0, LATEST))
    if kind < 0.35:
        label = rng.choice(labels)
        return Hand(duties=duties, letters=tuple(letters), die_at=(label,), passing=rng.randint(1, 4))
    least = min(kills.get(label, 0) for label in labels)
    rare = tuple(label for label in labels if kills.get(label, 0) == least)
    return Hand(duties=duties, letters=tuple(letters), die_at=rare)


def _bag(rng: random.Random, letters: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Some of what waits, late, out of order, and some of it twice."""
    chosen = [letter for letter in letters if rng.random() < 0.75]
    chosen += [letter for letter in chosen if rng.random() < 0.2]
    if rng.random() < 0.5:
        rng.shuffle(chosen)
    return chosen


def spread(kills: Counter[str], labels: Sequence[str]) -> list[str]:
    """Labels that no process was killed at."""
    return [label for label in labels if not kills[label]]
