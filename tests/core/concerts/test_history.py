"""Whatever happens in whatever order: seats are counted right, the waitlist is fair, and search finds what is open."""

from datetime import timedelta
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conftest import START
from tests.factories.bookings import make_pair
from tests.factories.concerts import ask, fan_of, make_concert, make_fan, pay_door
from tourpad.core.errors import TourPadError

if TYPE_CHECKING:
    from tourpad.core.clock import VirtualClock
    from tourpad.core.concerts.models import Concert, Rsvp
    from tourpad.core.work import Work

STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            "ask ask ask ask approve decline leave shrink take pay lapse wait resize toggle_private check_in cancel".split()
        ),
        st.integers(0, 9),
        st.integers(1, 5),
    ),
    min_size=12,
    max_size=40,
)


class Evening:
    """One concert, its fans, and hands that do things to it."""

    def __init__(self, work: "Work", clock: "VirtualClock", *, capacity: int, approval: bool) -> None:
        self.work, self.clock = work, clock
        self.pair = make_pair(work, address=True)
        self.concert: Concert = make_concert(work, self.pair, capacity=capacity, approval=approval)
        self.fans = [make_fan(work) for _ in range(10)]
        self.rsvps: list[Rsvp] = []

    def party(self, n: int) -> "Rsvp | None":
        return self.rsvps[n % len(self.rsvps)] if self.rsvps else None

    def step(self, what: str, who: int, n: int) -> None:
        """Do one thing, or be refused."""
        from tourpad.core.concerts import service
        from tourpad.core.concerts.service.answering import Verdict

        work, concert, host = self.work, self.concert, self.pair.host_user
        if what == "ask":
            rsvp = ask(work, concert, n, fan=self.fans[who])
            if rsvp not in self.rsvps:
                self.rsvps.append(rsvp)
        elif what == "wait":
            self.clock.advance(timedelta(hours=7 * n))
        elif what == "resize":
            service.edit(work, concert_id=concert.id, user_id=host, changes={"max_capacity": 4 + who})
        elif what == "toggle_private":
            changes = {"is_private": not concert.is_private}
            service.edit(work, concert_id=concert.id, user_id=host, changes=changes)
        elif what == "cancel":
            if who == n == 5:  # seldom: little happens after it
                service.cancel(work, concert_id=concert.id, user_id=None)
        elif rsvp := self.party(who):
            fan = fan_of(work, rsvp)
            if what in ("approve", "decline"):
                service.answer(work, rsvp_id=rsvp.id, user_id=host, verdict=Verdict(f"{what}d"))
            elif what == "leave":
                service.leave(work, concert_id=concert.id, user_id=fan)
            elif what == "shrink":
                service.shrink(work, rsvp_id=rsvp.id, user_id=fan, guests_count=n)
            elif what == "take" and rsvp.state == "offered":
                ask(work, concert, min(n, rsvp.guests_count), fan=fan)
            elif what == "pay" and rsvp.state == "approved" and rsvp.paid_at is None:
                pay_door(work, rsvp)
            elif what == "lapse":
                service.lapse(work, rsvp_id=rsvp.id)
            elif what == "check_in":
                service.check_in(work, concert_id=concert.id, rsvp_id=rsvp.id, user_id=host)

    def check(self, waiting: "list[Rsvp]", offered: "list[Rsvp]") -> None:
        """Hold what is now against what must be, given who waited and who got an offer in this step."""
        from tourpad.core.concerts.queries import seats

        concert = self.concert
        assert concert.seats_taken == seats.seats_truly_taken(self.work, concert.id)
        assert 0 <= concert.seats_taken <= concert.max_capacity
        free = concert.max_capacity - concert.seats_taken
        still = [r for r in self.rsvps if r.state == "waitlisted"]
        is_open = concert.state == "scheduled" and self.work.now < concert.starts_at
        if is_open:
            assert [r.guests_count for r in still if r.guests_count <= free] == [], (
                "seats are free for somebody who waits"
            )
        for lucky in offered:
            passed_over = [r for r in waiting[: waiting.index(lucky)] if r.state == "waitlisted"]
            assert all(r.guests_count > free for r in passed_over), "somebody was passed over who would have fitted"
        for rsvp in self.rsvps:
            owing = rsvp.state == "approved" and rsvp.fee_cents and rsvp.paid_at is None
            assert (rsvp.expires_at is not None) == (rsvp.state == "offered" or bool(owing))


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(steps=STEPS, capacity=st.integers(5, 10), approval=st.booleans())
def test_seats_and_search_are_true_after_any_history(
    work: "Work", clock: "VirtualClock", steps: list[tuple[str, int, int]], capacity: int, approval: bool
) -> None:
    from tourpad.core.concerts.queries import searching

    clock.set(START)
    with work.session.begin_nested() as everything:
        evening = Evening(work, clock, capacity=capacity, approval=approval)
        for step in steps:
            waiting = sorted(
                (r for r in evening.rsvps if r.state == "waitlisted"), key=lambda r: (r.requested_at, r.id)
            )
            try:
                with work.session.begin_nested():
                    evening.step(*step)
            except TourPadError:
                continue
            work.session.flush()
            evening.check(waiting, [r for r in waiting if r.state == "offered"])
            truth = searching.truth_of(work, evening.concert)
            assert searching.table(work) == ({} if truth is None else {evening.concert.id: truth})
        everything.rollback()
    work.session.expunge_all()
