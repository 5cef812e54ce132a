"""What a subscription of Stripe's means for us. Pure: the same subscription means the same, whichever event told of it.

The words for status are Stripe's: https://docs.stripe.com/billing/subscriptions/overview#subscription-statuses.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from tourpad.core.identity.states import UserState, UserType
from tourpad.core.memberships.errors import AlreadyMember, NotForRole
from tourpad.core.memberships.states import MOVES, MembershipState
from tourpad.core.values import Value

LIVE: Final = frozenset({MembershipState.ACTIVE, MembershipState.CANCELLING, MembershipState.PAST_DUE})
"""States in which the person is a member (past due: until the grace is over, which then expires it)."""

DEFAULT_INTERVAL: Final = "yearly"
JOINING: Final = frozenset({UserType.ARTIST, UserType.FAN})
OVERDUE_LOOK: Final = timedelta(days=1)
"""An active membership whose period ended so long ago without news of a new one is looked up at Stripe."""


class Truth(Value, kw_only=True):
    """What matters of a subscription."""

    subscription_id: str
    customer_id: str
    status: str
    started_at: datetime
    period_start: datetime
    period_end: datetime
    cancels_at: datetime | None
    trial_ends_at: datetime | None
    ended_at: datetime | None
    plan_code: str | None
    amount_cents: int | None
    """Of the price that it goes by; empty where that counts in parts of a cent, as none of ours does."""
    user_id: UUID | None
    """Whom our own metadata names."""


def read(subscription: Mapping[str, Any]) -> Truth:
    """Take from a subscription what matters.

    Its items carry the period (of several, the first is ours); the price's metadata names the plan, and stays when
    the lookup key has gone to a newer price.
    """
    item = subscription["items"]["data"][0]
    price = item["price"]
    metadata = subscription.get("metadata") or {}
    plan = (price.get("metadata") or {}).get("plan_code") or price.get("lookup_key") or metadata.get("plan_code")
    period_end = instant(item["current_period_end"])
    cancels_at = maybe(subscription.get("cancel_at"))
    if cancels_at is None and subscription.get("cancel_at_period_end"):
        cancels_at = period_end
    return Truth(
        subscription_id=subscription["id"],
        customer_id=id_of(subscription["customer"]),
        status=subscription["status"],
        started_at=instant(subscription["start_date"]),
        period_start=instant(item["current_period_start"]),
        period_end=period_end,
        cancels_at=cancels_at,
        trial_ends_at=maybe(subscription.get("trial_end")),
        ended_at=maybe(subscription.get("ended_at")),
        plan_code=plan,
        amount_cents=price.get("unit_amount"),
        user_id=id_in(metadata, "user_id"),
    )


def grace_until(period_start: datetime, grace_days: int) -> datetime:
    """Until when a renewal may stay unpaid: counted from the period that it is for, not from when we heard of it."""
    return period_start + timedelta(days=grace_days)


def target(truth: Truth, *, now: datetime, grace_days: int) -> MembershipState:
    """The state that a subscription means at `now`."""
    if truth.status in ("active", "trialing"):
        return MembershipState.CANCELLING if truth.cancels_at else MembershipState.ACTIVE
    if truth.status in ("past_due", "unpaid"):
        over = now >= grace_until(truth.period_start, grace_days)
        return MembershipState.EXPIRED if over else MembershipState.PAST_DUE
    if truth.status == "incomplete":
        return MembershipState.INCOMPLETE
    return MembershipState.EXPIRED


def steps(now: MembershipState, to: MembershipState) -> Sequence[MembershipState]:
    """The moves from one state to another, in between through `active` where news was missed."""
    if now is to:
        return ()
    if to in MOVES[now]:
        return (to,)
    if to is MembershipState.INCOMPLETE:
        # A subscription that was paid never becomes incomplete again: this one is new, the old one has ended.
        return (MembershipState.EXPIRED, to)
    return (MembershipState.ACTIVE, to)


def check_joins(user_type: UserType) -> None:
    """Refuse whose role has no membership.

    Raises:
        NotForRole: hosts and admins need none.
    """
    if user_type not in JOINING:
        raise NotForRole("Memberships are for artists and fans.", user_type=user_type.value)


def check_may_join(
    user_type: UserType, state: MembershipState | None, *, is_given: bool = False, hint: str | None = None
) -> None:
    """Refuse whoever has no membership to take, or has one already.

    Args:
        user_type: their role.
        state: of the membership that they have or had.
        is_given: whether nobody pays for it.
        hint: what to do instead, where whoever asks is not the person.

    Raises:
        NotForRole: hosts and admins need none.
        AlreadyMember: with the way to what they probably want.
    """
    check_joins(user_type)
    hints = {
        MembershipState.ACTIVE: "GET /api/memberships/change quotes another plan; POST /api/memberships/portal opens "
        "the page to change the card.",
        MembershipState.PAST_DUE: "The last payment failed: POST /api/memberships/portal to pay by another card.",
        MembershipState.CANCELLING: "POST /api/memberships/resume takes the cancellation back.",
    }
    if state is not None and state in hints:
        given = "It was given, and nothing is charged for it; one that is paid can begin when it has ended."
        raise AlreadyMember(
            f"There is a membership already, and it is {state.replace('_', ' ')}.",
            hint=hint or (given if is_given else hints[state]),
            state=state.value,
        )


def plan_named(plan: str | None, user_type: UserType) -> str:
    """The plan's code: `yearly` and `monthly` are those of the person's role, and yearly unless said."""
    plan = (plan or DEFAULT_INTERVAL).strip().lower()
    return f"{user_type}_{plan}" if plan in ("yearly", "monthly") else plan


def one_of(offered: Iterable[str]) -> str:
    """What is said of a plan that is not offered."""
    return f"must be one of {', '.join(offered)}"


def to_void(most: int, balance: int) -> int:
    """How much credit may be voided: no more than there is, so that nobody's next invoice is raised by it.

    Args:
        most: cents that came out of a payment.
        balance: the person's at Stripe in cents: credit is below zero.
    """
    return min(most, max(0, -balance))


def next_step(state: MembershipState | None) -> str | None:
    """What a member does next: `renewal_payment` (`POST /api/memberships/portal`), or nothing."""
    return "renewal_payment" if state is MembershipState.PAST_DUE else None


def may_try(membership_started_at: datetime | None) -> bool:
    """Whether a trial is for this person: for whoever never was a member, so that nobody has a second one."""
    return membership_started_at is None


def may_activate(state: UserState, suspended_from: str | None) -> bool:
    """Whether a membership opens everything to a person: they were let in, and wait for nothing else."""
    return state is UserState.APPROVED or (state is UserState.SUSPENDED and suspended_from == UserState.APPROVED.value)


def subscription_of(invoice: Mapping[str, Any]) -> tuple[str | None, Mapping[str, Any]]:
    """The subscription that an invoice is for, and the metadata it had then; none for other invoices."""
    parent = invoice.get("parent") or {}
    details = parent.get("subscription_details") or {}
    found = details.get("subscription")
    return (id_of(found) if found else None), (details.get("metadata") or {})


def invoice_period(invoice: Mapping[str, Any]) -> tuple[datetime, datetime]:
    """What an invoice pays for: of its charges the last period (what it credits is given back)."""
    last = _last_line(invoice)
    if last is None:
        return instant(invoice["period_start"]), instant(invoice["period_end"])
    return instant(last["period"]["start"]), instant(last["period"]["end"])


def price_of(invoice: Mapping[str, Any]) -> str | None:
    """The price that an invoice's last period is billed by."""
    last = _last_line(invoice) or {}
    details = (last.get("pricing") or {}).get("price_details") or {}
    return id_of(details["price"]) if details.get("price") else None


def _last_line(invoice: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The charge that reaches furthest. A credit for an old plan may reach further: its year, and a month begins."""
    lines = (invoice.get("lines") or {}).get("data", [])
    return max(lines, key=lambda line: (line["amount"] >= 0, line["period"]["end"], line["amount"]), default=None)


def paid_at(invoice: Mapping[str, Any]) -> datetime | None:
    """When an invoice was paid."""
    return maybe((invoice.get("status_transitions") or {}).get("paid_at"))


def id_in(metadata: Mapping[str, Any], name: str) -> UUID | None:
    """One of our ids that we put into metadata."""
    try:
        return UUID(str(metadata.get(name)))
    except ValueError:
        return None


def id_of(value: Any) -> str:
    """The id of what may be expanded."""
    return str(value["id"]) if isinstance(value, Mapping) else str(value)


def instant(at: int) -> datetime:
    """Stripe's seconds as an instant."""
    return datetime.fromtimestamp(at, UTC)


def maybe(at: int | None) -> datetime | None:
    """The same, where there may be none."""
    return None if at is None else instant(at)
