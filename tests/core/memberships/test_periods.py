"""Month ends stay on their day: what we count ourselves, and what a year and a half on the sandbox shows."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.factories.memberships import ACTOR, make_member, membership_of
from tests.stripe_sandbox import Sandbox
from tourpad.core.clock import VirtualClock
from tourpad.core.memberships.periods import extended
from tourpad.sandbox.clock import next_period_end
from tourpad.web.members import membership_out


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("anchor", "interval", "ends"),
    [
        ("2026-01-31", "month", "2026-02-28 2026-03-31 2026-04-30 2026-05-31"),
        ("2026-01-30", "month", "2026-02-28 2026-03-30 2026-04-30"),
        ("2026-01-29", "month", "2026-02-28 2026-03-29"),
        ("2028-01-31", "month", "2028-02-29 2028-03-31"),
        ("2027-12-31", "month", "2028-01-31 2028-02-29 2028-03-31 2028-04-30"),
        ("2028-02-29", "year", "2029-02-28 2030-02-28 2031-02-28 2032-02-29"),
        # Clocks change in the night to 29 March and to 25 October (Europe), 8 March and 1 November (America).
        ("2026-03-07T23:30:00", "month", "2026-04-07T23:30:00 2026-05-07T23:30:00"),
        ("2026-09-30T01:30:00", "month", "2026-10-30T01:30:00 2026-11-30T01:30:00"),
    ],
)
def test_each_end_is_counted_from_the_anchor(anchor: str, interval: str, ends: str) -> None:
    start = end = _at(anchor)
    for expected in ends.split():
        stripe = next_period_end(int(start.timestamp()), int(end.timestamp()), interval, 1)
        end = extended(anchor=start, end=end, interval=interval)
        assert end == _at(expected)
        assert int(end.timestamp()) == stripe


def test_an_end_of_its_own_is_an_anchor_and_intervals_mix() -> None:
    start = _at("2026-01-31")
    assert extended(anchor=start, end=_at("2026-07-01"), interval="month") == _at("2026-08-01")
    assert extended(anchor=start, end=_at("2026-02-28"), interval="year") == _at("2027-02-28")
    assert extended(anchor=start, end=_at("2027-02-28"), interval="month") == _at("2027-03-31")


def test_a_member_of_the_month_s_end_sees_that_day_again(sandbox: Sandbox, clock: VirtualClock) -> None:
    """Begun on 30 November 2027: 29 February 2028 is a short month's day, and the 30th comes back."""
    clock.advance(_at("2027-11-30T23:30:00") - clock.now())
    user_id = make_member(sandbox, "artist", "monthly")
    seen: list[str] = []
    for _ in range(5):
        end = membership_of(sandbox.platform, user_id).current_period_end
        assert end
        with sandbox.platform.work(ACTOR) as work:
            shown = membership_out(work, user_id)
        assert shown
        assert shown.renews_at == end
        seen.append(f"{end:%m-%d %H:%M}")
        sandbox.advance(end - clock.now() + timedelta(minutes=1))
        sandbox.news()
    assert seen == ["12-30 23:30", "01-30 23:30", "02-29 23:30", "03-30 23:30", "04-30 23:30"]
