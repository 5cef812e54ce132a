"""Whatever happens in whatever order: seats are counted right, the waitlist is fair, and search finds what is open."""

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conftest import START
from tests.factories.bookings import make_pair
from tests.factories.concerts import ask, fan_of, make_concert, make_fan, pay_door
from tourpad.core.concerts.events import RsvpEvent
from tourpad.core.errors import TourPadError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from tourpad.core.clock import VirtualClock
    from tourpad.core.concerts.models import Concert, Rsvp
    from tourpad.core.work import Work

IS_LONG = settings.get_current_profile_name() == "long"
STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            (
                "ask ask ask ask approve decline leave shrink take pay lapse wait resize toggle_private check_in "
                "cancel walk_up soon"
            ).split()
        ),
        st.integers(0, 9),
        st.integers(1, 5),
    ),
    min_size=12,
    max_size=40,
)


TOLD = {
    "pending": "RsvpRequested",
    "approved": "RsvpApproved",
    "waitlisted": "RsvpWaitlisted",
    "offered": "SeatOffered",
    "declined": "RsvpDeclined",
    "lapsed": "RsvpLapsed",
    "cancelled": "RsvpCancelled",
}


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
        if what in ("ask", "wait", "soon", "walk_up", "resize", "toggle_private", "cancel"):
            getattr(self, f"_{what}")(who, n)
        elif rsvp := self.party(who):
            getattr(self, f"_{what}")(rsvp, n)

    def _ask(self, who: int, n: int) -> None:
        rsvp = ask(self.work, self.concert, n, fan=self.fans[who])
        if rsvp not in self.rsvps:
            self.rsvps.append(rsvp)

    def _wait(self, _who: int, n: int) -> None:
        self.clock.advance(timedelta(hours=7 * n))

    def _soon(self, _who: int, n: int) -> None:
        """The evening itself: from three hours before the beginning to one after it."""
        self.clock.set(max(self.work.now, self.concert.starts_at + timedelta(hours=n - 4)))

    def _walk_up(self, who: int, n: int) -> None:
        from tourpad.core.concerts import service

        host, name = self.pair.host_user, f"Walk-up {who}"
        self.rsvps.append(
            service.let_in(self.work, concert_id=self.concert.id, user_id=host, name=name, guests_count=n)
        )

    def _edit(self, **changes: Any) -> None:
        from tourpad.core.concerts import service

        service.edit(self.work, concert_id=self.concert.id, user_id=self.pair.host_user, changes=changes)

    def _resize(self, who: int, _n: int) -> None:
        self._edit(max_capacity=4 + who)

    def _toggle_private(self, _who: int, _n: int) -> None:
        self._edit(is_private=not self.concert.is_private)

    def _cancel(self, who: int, n: int) -> None:
        from tourpad.core.concerts import service

        if who == n == 5:  # seldom: little happens after it
            service.cancel(self.work, concert_id=self.concert.id, user_id=None)

    def _approve(self, rsvp: "Rsvp", _n: int) -> None:
        self._answer(rsvp, "approved")

    def _decline(self, rsvp: "Rsvp", _n: int) -> None:
        self._answer(rsvp, "declined")

    def _answer(self, rsvp: "Rsvp", verdict: str) -> None:
        from tourpad.core.concerts import service
        from tourpad.core.concerts.service.answering import Verdict

        service.answer(self.work, rsvp_id=rsvp.id, user_id=self.pair.host_user, verdict=Verdict(verdict))

    def _leave(self, rsvp: "Rsvp", _n: int) -> None:
        from tourpad.core.concerts import service

        if rsvp.fan_id is not None:
            service.leave(self.work, concert_id=self.concert.id, user_id=fan_of(self.work, rsvp))

    def _shrink(self, rsvp: "Rsvp", n: int) -> None:
        from tourpad.core.concerts import service

        if rsvp.fan_id is not None:
            service.shrink(self.work, rsvp_id=rsvp.id, user_id=fan_of(self.work, rsvp), guests_count=n)

    def _take(self, rsvp: "Rsvp", n: int) -> None:
        if rsvp.state == "offered":
            ask(self.work, self.concert, min(n, rsvp.guests_count), fan=fan_of(self.work, rsvp))

    def _pay(self, rsvp: "Rsvp", _n: int) -> None:
        if rsvp.state == "approved" and rsvp.paid_at is None and rsvp.fan_id is not None:
            pay_door(self.work, rsvp)

    def _lapse(self, rsvp: "Rsvp", _n: int) -> None:
        from tourpad.core.concerts import service

        service.lapse(self.work, rsvp_id=rsvp.id)

    def _check_in(self, rsvp: "Rsvp", n: int) -> None:
        from tourpad.core.concerts import service

        host, guests = self.pair.host_user, n if n < 4 else None
        service.check_in(self.work, concert_id=self.concert.id, rsvp_id=rsvp.id, user_id=host, guests=guests)

    def check_told(self, before: "Mapping[UUID, str]", heard: int) -> None:
        """Whoever's request stands otherwise now was told so, once; nobody else was told anything of the kind."""
        moved = [
            (rsvp.id, TOLD[rsvp.state])
            for rsvp in self.rsvps
            if before.get(rsvp.id) != rsvp.state and rsvp.state in TOLD and rsvp.fan_id is not None
        ]
        told = [
            (event.rsvp_id, type(event).__name__)
            for event in self.work.events[heard:]
            if isinstance(event, RsvpEvent) and event.fan_user_id and type(event).__name__ in TOLD.values()
        ]
        assert Counter(told) == Counter(moved)

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
            assert 0 <= rsvp.arrived_count <= rsvp.guests_count
            assert (rsvp.arrived_count > 0) == (rsvp.checked_in_at is not None)
            assert rsvp.state != "checked_in" or rsvp.arrived_count > 0
            owing = rsvp.state == "approved" and rsvp.fee_cents and rsvp.paid_at is None
            assert (rsvp.expires_at is not None) == (rsvp.state == "offered" or bool(owing))


@settings(
    max_examples=300 if IS_LONG else 12,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=STEPS, capacity=st.integers(5, 10), approval=st.booleans())
def test_seats_and_search_are_true_after_any_history(
    work: "Work", clock: "VirtualClock", steps: list[tuple[str, int, int]], capacity: int, approval: bool
) -> None:
    from tourpad.core.concerts.models import ConcertFacts, ConcertSearchRow
    from tourpad.core.concerts.queries import facts, searching

    clock.set(START)
    with work.session.begin_nested() as everything:
        evening = Evening(work, clock, capacity=capacity, approval=approval)
        for step in steps:
            waiting = sorted(
                (r for r in evening.rsvps if r.state == "waitlisted"), key=lambda r: (r.requested_at, r.id)
            )
            before, heard = {rsvp.id: rsvp.state for rsvp in evening.rsvps}, len(work.events)
            try:
                with work.session.begin_nested():
                    evening.step(*step)
            except TourPadError:
                del work.events[heard:]
                continue
            work.session.flush()
            evening.check_told(before, heard)
            evening.check(waiting, [r for r in waiting if r.state == "offered"])
            truth = searching.truth_of(work, evening.concert)
            shown = evening.concert.id
            assert searching.table(work, ConcertSearchRow) == ({} if truth is None else {shown: truth})
            known = {} if truth is None else {shown: facts.truth_of(work, evening.concert)}
            assert searching.table(work, ConcertFacts) == known
        everything.rollback()
    work.session.expunge_all()
