"""Labelled points in the work that moves money: where a crash must cost nothing.

`reached` does nothing. `make chaos` has a hook there that kills its own process (SIGKILL) at a planned passing of a
label; only a program that calls `watch` can set one, no setting and no variable of the environment can.
"""

from collections.abc import Callable

POINTS: tuple[str, ...] = (
    # Calls from the queue: refunds, transfers whose sender was lost, taking transfers back, answers to disputes.
    # `…ing` is before the commit or the call.
    *(
        f"{operation}.{step}"
        for operation in ("refund", "transfer", "transfer_reversal", "dispute_evidence")
        for step in (
            *("claiming", "claimed", "calling", "called", "recording", "recorded"),
            *("refusing", "refused", "postponing", "postponed"),
            *("searching", "found", "renewing", "renewed"),
        )
    ),
    *("refund.holding", "refund.held", "dispute_evidence.holding", "dispute_evidence.held"),
    # A show that is called off: one guest after the other, then the show.
    *("calling_off.planning", "calling_off.planned", "calling_off.finishing", "calling_off.finished"),
    # A run of payouts, and dividing a concert's money.
    *("payout.claiming", "payout.claimed", "payout.calling", "payout.called"),
    *("payout.recording", "payout.recorded", "payout.refusing", "payout.refused"),
    *("payout.postponing", "payout.postponed"),
    *("settlement.settling", "settlement.settled"),
    # Stripe's events: stored by the endpoint, worked on, replayed; lines of its balance collected.
    *("event.storing", "event.stored", "event.claiming", "event.claimed", "event.fetched"),
    *("event.applying", "event.applied", "event.failing", "event.failed"),
    *("replay.listed", "replay.storing", "replay.stored"),
    *("collect.listed", "collect.fetched", "collect.posting", "collect.posted"),
)
"""Every label there is."""

Hook = Callable[[str], None]
_hooks: list[Hook] = []


def reached(label: str) -> None:
    """Say that this point is passed. Nobody listens, unless a test of crashes does."""
    for hook in _hooks:
        hook(label)


def watch(hook: Hook) -> None:
    """Have `hook` called with every label that is passed in this process from now on."""
    _hooks.append(hook)
