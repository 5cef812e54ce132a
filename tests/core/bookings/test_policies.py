"""What goes back by which policy, and that no policy can be gamed."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tourpad.core.bookings import policies
from tourpad.core.bookings.states import CancelledBy, Policy
from tourpad.core.money import Money, usd
from tourpad.core.payments.states import PaymentKind

DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
BOOKING, DOOR = PaymentKind.BOOKING, PaymentKind.DOOR_FEE
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("kind", "policy", "by", "notice", "cents"),
    [
        (BOOKING, "flexible", "host", 14 * DAY, 20_001),
        (BOOKING, "flexible", "host", 14 * DAY - SECOND, 10_001),
        (BOOKING, "flexible", "host", 3 * DAY, 10_001),
        (BOOKING, "flexible", "host", 3 * DAY - SECOND, 0),
        (BOOKING, "moderate", "host", 30 * DAY, 20_001),
        (BOOKING, "moderate", "host", 30 * DAY - SECOND, 10_001),
        (BOOKING, "moderate", "host", 7 * DAY, 10_001),
        (BOOKING, "moderate", "host", 7 * DAY - SECOND, 0),
        (BOOKING, "strict", "host", 60 * DAY, 20_001),
        (BOOKING, "strict", "host", 60 * DAY - SECOND, 10_001),
        (BOOKING, "strict", "host", 30 * DAY, 10_001),
        (BOOKING, "strict", "host", 30 * DAY - SECOND, 0),
        (BOOKING, "strict", "artist", -DAY, 20_001),
        (BOOKING, "strict", "admin", -DAY, 20_001),
        (BOOKING, "strict", "system", -DAY, 20_001),
        (DOOR, "flexible", "fan", 1 * DAY, 20_001),
        (DOOR, "flexible", "fan", 1 * DAY - SECOND, 0),
        (DOOR, "moderate", "fan", 7 * DAY, 20_001),
        (DOOR, "moderate", "fan", 7 * DAY - SECOND, 10_001),
        (DOOR, "moderate", "fan", 2 * DAY, 10_001),
        (DOOR, "moderate", "fan", 2 * DAY - SECOND, 0),
        (DOOR, "strict", "fan", 14 * DAY, 20_001),
        (DOOR, "strict", "fan", 14 * DAY - SECOND, 10_001),
        (DOOR, "strict", "fan", 7 * DAY, 10_001),
        (DOOR, "strict", "fan", 7 * DAY - SECOND, 0),
        (DOOR, "strict", "host", -DAY, 20_001),
        (DOOR, "strict", "artist", -DAY, 20_001),
    ],
)
def test_the_table(kind: PaymentKind, policy: str, by: str, notice: timedelta, cents: int) -> None:
    back = policies.goes_back(kind=kind, policy=Policy(policy), by=CancelledBy(by), paid=usd(20_001), notice=notice)
    assert back == usd(cents)


KINDS, POLICIES = st.sampled_from((BOOKING, DOOR)), st.sampled_from(Policy)
NOTICE = st.timedeltas(-DAY, 400 * DAY)


@given(
    kind=KINDS,
    policy=POLICIES,
    by=st.sampled_from(CancelledBy),
    cents=st.integers(0, 10_000_000),
    notice=NOTICE,
    later=st.timedeltas(timedelta(0), 100 * DAY),
)
def test_never_more_than_was_paid_and_never_more_by_waiting(
    *, kind: PaymentKind, policy: Policy, by: CancelledBy, cents: int, notice: timedelta, later: timedelta
) -> None:
    def back(notice: timedelta) -> Money:
        return policies.goes_back(kind=kind, policy=policy, by=by, paid=usd(cents), notice=notice)

    assert usd(0) <= back(notice - later) <= back(notice) <= usd(cents)


@given(kind=KINDS, policy=POLICIES, by=st.sampled_from(CancelledBy), cents=st.integers(0, 10_000_000), notice=NOTICE)
def test_whoever_did_not_call_it_off_gets_everything_back(
    kind: PaymentKind, policy: Policy, by: CancelledBy, cents: int, notice: timedelta
) -> None:
    if by is not policies.PAYER[kind]:
        assert policies.goes_back(kind=kind, policy=policy, by=by, paid=usd(cents), notice=notice) == usd(cents)


@given(kind=KINDS, cents=st.integers(0, 10_000_000), notice=NOTICE)
def test_a_stricter_policy_never_returns_more(kind: PaymentKind, cents: int, notice: timedelta) -> None:
    by = policies.PAYER[kind]
    flexible, moderate, strict = (
        policies.goes_back(kind=kind, policy=policy, by=by, paid=usd(cents), notice=notice) for policy in Policy
    )
    assert strict <= moderate <= flexible


@given(kind=KINDS, policy=POLICIES, notice=st.timedeltas(timedelta(0), 400 * DAY))
def test_less_goes_back_from_the_instant_that_is_named_and_not_before(
    kind: PaymentKind, policy: Policy, notice: timedelta
) -> None:
    starts_at, by = NOW + notice, policies.PAYER[kind]
    until = policies.less_from(kind=kind, policy=policy, by=by, starts_at=starts_at, now=NOW)

    def share_at(now: datetime) -> int:
        return policies.share(kind=kind, policy=policy, by=by, notice=starts_at - now)

    assert NOW <= until <= starts_at
    assert share_at(until) == share_at(NOW)
    assert share_at(NOW) == 0 or share_at(until + SECOND) < share_at(NOW)


def test_a_policy_can_be_read() -> None:
    assert policies.in_words(DOOR, Policy.MODERATE) == (
        "all until 7 days before the show, half until 2 days before, nothing later"
    )
    assert policies.in_words(DOOR, Policy.FLEXIBLE) == "all until a day before the show, nothing later"
