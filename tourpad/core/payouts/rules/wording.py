"""How payouts are named, and every reason that keeps one back, in words."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from tourpad.core.payouts.states import HoldReason
from tourpad.core.values import Value


class DisputeFact(Value):
    """An open dispute on a charge of the concert."""

    stripe_id: str
    due_at: datetime | None
    """Until when it must be answered; None once it is."""


SHORT = 8


def short(payout_id: UUID) -> str:
    """The short name of a payout: its id's last characters, which are random."""
    return f"po_{payout_id.hex[-SHORT:]}"


def day(instant: datetime) -> str:
    """`Tue 1 Dec 2026`."""
    return f"{instant:%a} {instant.day} {instant:%b %Y}"


def first_dispute(disputes: Sequence[DisputeFact]) -> DisputeFact:
    """The one that must be answered first."""
    return min(disputes, key=lambda d: (d.due_at is None, d.due_at, d.stripe_id))


def dispute_text(disputes: Sequence[DisputeFact]) -> str:
    """Which disputes, and by when they must be answered, if they are not yet."""
    first = first_dispute(disputes)
    text = first.stripe_id
    more = len(disputes) - 1
    text += f" and {more} more on charges of the concert" if more else " on one charge"
    return f"{text}, answer due {day(first.due_at)}" if first.due_at else f"{text}, with the bank"


WORDS = {
    "date_of_birth": "a date of birth",
    "given_name": "a first name",
    "surname": "a last name",
    "address": "an address",
    "id_numbers": "an identity number",
    "account": "agreement to the terms of service",
    "default_outbound_destination": "a bank account",
}
"""The last part of Stripe's names for what it asks for, in words."""


def requirement_text(requirement: str) -> str:
    """What Stripe asks for, in words."""
    name = requirement.rpartition(".")[2]
    return WORDS.get(name, name.replace("_", " "))


def requirements_text(requirements: Sequence[str], *, has_account: bool) -> str:
    """Why somebody can't be paid."""
    if not has_account:
        return "has not connected a bank account"
    if requirements:
        first, *rest = dict.fromkeys(requirement_text(r) for r in requirements)
        return f"Stripe asks for {first}" + (f" and {len(rest)} more" if rest else "")
    return "Stripe does not let this account receive"


WRITTEN_OFF = "a debt that we gave up"
"""How a write-off is called in the books, and in the explanation of the payout that takes it along."""

FOR_PAYEES: Mapping[HoldReason, str] = {
    HoldReason.HOLD_PERIOD: "we wait a few business days after a show, in case something has to go back",
    HoldReason.DISPUTE: "a guest's bank disputes a payment for the show; we wait for its answer",
    HoldReason.NOT_RECEIVING: "we can't pay you yet: connect your bank account, or answer what Stripe asks",
    HoldReason.BELOW_MINIMUM: "it is too small to be sent alone, and goes along with your next payout",
    HoldReason.DEBT: "an earlier refund or dispute takes it; later earnings go on from there",
    HoldReason.MANUAL: "we look into something first; write to us if you wonder what",
    HoldReason.FUNDS_NOT_AVAILABLE: "the payments for it have not reached us yet; it leaves as soon as they have",
    HoldReason.APPROVAL: "it is large, so two of us look at it before it leaves",
}
"""Every reason in words for the one who is to be paid: what admins write is for admins."""
