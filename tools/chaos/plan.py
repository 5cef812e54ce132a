"""When whom to kill: drawn from the seed and the number of the run, and bent towards labels that were hit least."""

import random
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tools.chaos.worker import Hand

Letter = dict[str, Any]
"""A webhook that waits: `seq`, `type`, `endpoint`, `secret`, `body`."""

DUTIES = (
    *("letters", "inbox", "payouts", "resume", "refunds", "take_back", "settle", "collect", "replay"),
    *("call_off", "answers"),
)
SERVES: dict[str, tuple[str, ...]] = {
    "refund": ("refunds",),
    "transfer": ("resume",),
    "transfer_reversal": ("refunds", "take_back"),
    "dispute_evidence": ("answers",),
    "calling_off": ("call_off",),
    "payout": ("payouts",),
    "settlement": ("settle",),
    "event": ("letters", "inbox"),
    "replay": ("replay",),
    "collect": ("collect",),
}
"""Which duties pass the labels of a kind."""
AFTER_NEWS = ("refund.holding", "refund.held", "dispute_evidence.holding", "dispute_evidence.held")
"""Passed by a refund whose dispute, or an answer whose dispute's end, was heard of before it was sent."""
FORGOTTEN = ("searching", "found", "renewing", "renewed")
"""Steps that only a call comes to whose sender has been dead for longer than Stripe remembers its key."""
LEADS_THERE = {
    "refund": ("refund.claimed", "refund.calling", "refund.called", "refund.recording"),
    "transfer": ("payout.claimed", "payout.calling", "payout.called", "payout.recording"),
    "transfer_reversal": tuple(f"transfer_reversal.{step}" for step in ("claimed", "calling", "called", "recording")),
    "dispute_evidence": tuple(f"dispute_evidence.{step}" for step in ("claimed", "calling", "called", "recording")),
}
"""Where that sender died."""
RESUMING = ("resume", "take_back", "refunds", "answers")
"""Duties that go on with what somebody else has begun."""
MINUTE, HOUR = 60, 3600
FORGET = 26 * HOUR
GAPS = (0, 20, 3 * MINUTE, 6 * MINUTE, 6 * MINUTE, 6 * MINUTE, FORGET)
"""Seconds between two shifts: within the leases, beyond them, and beyond the life of a key at Stripe."""
SHIFTS = (7, 9)
LATEST = 0.4
"""Seconds into a shift within which a random moment lies."""
LOST_REPLIES = 0.3
"""Of Stripe's answers, after the work was done."""
AT_A_MOMENT, AT_ANY_LABEL = 0.15, 0.15
"""Of the hands, so many are killed at a random moment, and at a label drawn from all; the others where it is rare."""
SECOND_HAND = 0.2
"""Of the shifts, so many have two at work at the same time."""
DELIVERED, TWICE, SHUFFLED = 0.75, 0.2, 0.5
"""Of the webhooks that wait, so many come in a shift; of these, so many twice; of the bags, so many in disorder."""
TO_BE_FORGOTTEN, STAYS_FORGOTTEN = 0.5, 0.8
"""Where a step of old calls is rare: how often a hand dies at what leads there, and time then passes."""
RESUMED_UNTOLD = 0.6
"""Of the calls whose sender died, so many are resumed before an event tells what came of them."""
IN_FLIGHT = (".claimed", ".calling", ".called", ".recording")
THIN = "v2."
"""Events of accounts come last: until then we believe that everybody can receive, and Stripe refuses."""


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
        {"operation": "POST *", "fault": "status", "status": 500, "after_work": True, "share": 0.1, "seed": seed},
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
    letters: Sequence[Letter],
    before: Collection[str],
) -> Planned:
    """Plan one shift.

    Args:
        rng: of this run.
        labels: all there are.
        kills: how often each was hit so far, in all runs.
        letters: the webhooks that wait.
        before: where the hands of the shift before were killed.
    """
    rare = _rare(labels, kills)
    forgotten = [label for label in rare if label.partition(".")[2] in FORGOTTEN]
    ways = {way for label in forgotten for way in LEADS_THERE[label.partition(".")[0]]}
    bag = _bag(rng, letters)
    if ways.intersection(before) and rng.random() < STAYS_FORGOTTEN:
        # Its key is forgotten meanwhile, and no event tells of what it has done.
        return Planned(FORGET, (Hand(duties=(*RESUMING, *DUTIES), letters=tuple(bag), die_at=tuple(rare)),))
    if any(label.endswith(IN_FLIGHT) for label in before) and rng.random() < RESUMED_UNTOLD:
        duties = (*RESUMING, *_shuffled(rng))
        return Planned(6 * MINUTE, (Hand(duties=duties, letters=tuple(bag), die_at=tuple(rare)),))
    if ways and rng.random() < TO_BE_FORGOTTEN:
        duties = ("payouts", "refunds", "take_back", "answers", *_shuffled(rng))
        return Planned(rng.choice(GAPS), (Hand(duties=duties, letters=tuple(bag), die_at=(rng.choice(sorted(ways)),)),))
    hands = [_hand(rng, labels=labels, rare=rare, letters=bag)]
    if rng.random() < SECOND_HAND:
        hands.append(_hand(rng, labels=labels, rare=rare, letters=()))
    return Planned(rng.choice(GAPS), tuple(hands))


def last(rng: random.Random, letters: Sequence[Letter]) -> Hand:
    """The end: leases and back-off run out, keys are forgotten, what is pending at Stripe settles, all falls due."""
    told = ("letters", "inbox")
    sent = ("settle", "payouts", "resume", "call_off", "refunds", "take_back", "answers")
    duties = (*told, *sent) if rng.random() < 1 - RESUMED_UNTOLD else (*sent, *told)
    gaps = (6 * MINUTE, 6 * MINUTE, FORGET, 4 * 24 * HOUR, 6 * MINUTE)
    return Hand(duties=duties, letters=tuple(_late(letters)), gaps=gaps)


def aftermath(letters: Sequence[Letter]) -> Hand:
    """All that Stripe still has to tell, and what no webhook told, however late."""
    return Hand(duties=("letters", "replay", "inbox", "collect", *RESUMING), letters=tuple(letters), gaps=(0, HOUR))


def rehearsal(letters: Sequence[Letter]) -> Hand:
    """Everything once, for the one who only learns."""
    return Hand(duties=DUTIES, letters=tuple(letters), gaps=(0, 6 * MINUTE))


def _hand(rng: random.Random, *, labels: Sequence[str], rare: Sequence[str], letters: Sequence[Letter]) -> Hand:
    duties = _shuffled(rng)
    kind = rng.random()
    if kind < AT_A_MOMENT:
        return Hand(duties=duties, letters=tuple(letters), die_after=rng.uniform(0, LATEST))
    if kind < AT_A_MOMENT + AT_ANY_LABEL:
        label = rng.choice(labels)
        return Hand(duties=duties, letters=tuple(letters), die_at=(label,), passing=rng.randint(1, 4))
    wanted = rng.choice(rare)
    first = SERVES[wanted.partition(".")[0]]
    if wanted in AFTER_NEWS:
        first = (*SERVES["event"], *first)
    return Hand(duties=(*first, *duties), letters=tuple(letters), die_at=tuple(rare))


def _rare(labels: Sequence[str], kills: Mapping[str, int]) -> list[str]:
    """The labels that were hit least."""
    least = min(kills.get(label, 0) for label in labels)
    return [label for label in labels if kills.get(label, 0) == least]


def _shuffled(rng: random.Random) -> tuple[str, ...]:
    return tuple(rng.sample(DUTIES, len(DUTIES)))


def _bag(rng: random.Random, letters: Sequence[Letter]) -> list[Letter]:
    """Some of what waits, late, out of order, and some of it twice."""
    chosen = [letter for letter in _late(letters) if rng.random() < DELIVERED]
    chosen += [letter for letter in chosen if rng.random() < TWICE]
    if rng.random() < SHUFFLED:
        rng.shuffle(chosen)
    return chosen


def _late(letters: Sequence[Letter]) -> list[Letter]:
    return [letter for letter in letters if not letter["type"].startswith(THIN)]
