"""The door: every guest comes in once, with a network or without, whoever is heard first."""

import itertools
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from tests.factories.bookings import make_pair
from tests.factories.concerts import ask, fan_of, make_concert, make_fan, seat
from tourpad.core.concerts import rules
from tourpad.core.concerts.errors import DoorLinkDead
from tourpad.core.concerts.rules import Came
from tourpad.core.errors import TourPadError
from tourpad.core.ids import new_id

if TYPE_CHECKING:
    from tourpad.core.clock import VirtualClock
    from tourpad.core.concerts.models import Concert, Rsvp
    from tourpad.core.concerts.service.syncing import Told
    from tourpad.core.work import Work

MINUTE = timedelta(minutes=1)


@dataclass
class Evening:
    """A show tonight, an hour before it begins."""

    work: "Work"
    clock: "VirtualClock"
    concert: "Concert"
    host: UUID

    def ticket(self, rsvp: "Rsvp") -> Any:
        from tourpad.core.concerts import service

        return service.ticket(self.work, rsvp_id=rsvp.id, user_id=fan_of(self.work, rsvp))

    def scan(self, *, user_id: UUID | None = None, **shown: Any) -> int | str:
        """How many come in, or the code of the refusal."""
        from tourpad.core.concerts import service

        try:
            with self.work.session.begin_nested():
                return service.check_in(
                    self.work, concert_id=self.concert.id, user_id=user_id or self.host, **shown
                ).guests
        except TourPadError as refusal:
            return refusal.code

    def list_token(self) -> str:
        from tourpad.core.concerts import service

        return service.door_list(self.work, concert_id=self.concert.id, user_id=self.host).token

    def sync(self, device: str, *scans: tuple[UUID, datetime, Any], guests: int | None = None) -> "list[Told]":
        from tourpad.core.concerts import service
        from tourpad.core.concerts.service.doors import Shown
        from tourpad.core.concerts.service.syncing import Offline

        return service.sync(
            self.work,
            concert_id=self.concert.id,
            user_id=self.host,
            list_token=self.list_token(),
            device=device,
            scans=[Offline(id, at, Shown(**shown), guests) for id, at, shown in scans],
        )


@pytest.fixture
def evening(work: "Work", clock: "VirtualClock") -> Evening:
    pair = make_pair(work)
    return Evening(work, clock, make_concert(work, pair, capacity=20), pair.host_user)


def forged(token: str) -> str:
    """The same but for its last letter."""
    return token[:-1] + ("A" if token[-1] != "A" else "B")


def open_doors(evening: Evening) -> datetime:
    evening.clock.set(evening.concert.starts_at - timedelta(hours=1))
    return evening.work.now


def test_a_ticket_opens_the_door_once_and_says_since_when(evening: Evening) -> None:
    from tourpad.core.concerts import service

    rsvp = seat(evening.work, evening.concert, 2)
    ticket = evening.ticket(rsvp)
    assert evening.scan(token=ticket.token) == "door_closed"
    open_doors(evening)
    assert evening.scan(token=ticket.token) == 2
    came_at = evening.work.now
    evening.clock.advance(10 * MINUTE)
    with pytest.raises(TourPadError) as refused:
        service.check_in(evening.work, concert_id=evening.concert.id, user_id=evening.host, code=ticket.code.lower())
    assert refused.value.code == "already_checked_in"
    assert refused.value.details["checked_in_at"] == came_at.isoformat()
    assert refused.value.details["checked_in_by"] == "the host"
    assert evening.scan(rsvp_id=rsvp.id) == "already_checked_in"
    assert (rsvp.state, rsvp.arrived_count, rsvp.checked_in_at) == ("checked_in", 2, came_at)


def test_a_party_may_come_in_parts(evening: Evening) -> None:
    rsvp = seat(evening.work, evening.concert, 4)
    ticket = evening.ticket(rsvp)
    open_doors(evening)
    assert [evening.scan(token=ticket.token, guests=n) for n in (0, 1, 4, 2)] == [
        "invalid_input",
        1,
        "too_many_guests",
        2,
    ]
    assert (rsvp.arrived_count, rsvp.state) == (3, "checked_in")
    assert [evening.scan(token=ticket.token) for _ in range(2)] == [1, "already_checked_in"]
    assert evening.concert.seats_taken == 4


def test_tickets_that_are_worth_nothing(evening: Evening) -> None:
    from tourpad.core.concerts import service

    work, concert = evening.work, evening.concert
    parties = [seat(work, concert) for _ in range(3)]
    gone, replaced, good = parties
    old = {rsvp.id: evening.ticket(rsvp) for rsvp in parties}
    elsewhere = evening.ticket(seat(work, make_concert(work)))
    unpaid = ask(work, concert)
    with pytest.raises(TourPadError, match="not paid"):
        evening.ticket(unpaid)
    service.leave(work, concert_id=concert.id, user_id=fan_of(work, gone))
    new = service.renew_ticket(work, rsvp_id=replaced.id, user_id=fan_of(work, replaced))
    open_doors(evening)
    assert evening.scan(token=old[gone.id].token) == "not_confirmed"
    assert evening.scan(token=old[replaced.id].token) == "ticket_replaced"
    assert evening.scan(code=old[replaced.id].code) == "bad_ticket"
    assert evening.scan(token=elsewhere.token) == "wrong_concert"
    assert evening.scan(code=elsewhere.code) == "bad_ticket"
    assert evening.scan(token=forged(old[good.id].token)) == "bad_ticket"
    assert evening.scan(rsvp_id=unpaid.id) == "not_confirmed"
    assert evening.scan() == evening.scan(token=new.token, code=new.code) == "invalid_input"
    assert evening.scan(token=new.token, user_id=make_fan(work)) == "not_found"
    assert [evening.scan(token=t) for t in (new.token, old[good.id].token)] == [1, 1]


def test_whoever_got_the_money_back_has_no_ticket(evening: Evening) -> None:
    from tests.factories.concerts import pay_door
    from tourpad.core.payments.states import PaymentState

    rsvp = ask(evening.work, evening.concert)
    payment = pay_door(evening.work, rsvp)
    ticket = evening.ticket(rsvp)
    payment.state, payment.refunded_cents = PaymentState.REFUNDED, payment.amount_cents
    evening.work.session.flush()
    open_doors(evening)
    assert evening.scan(token=ticket.token) == "not_confirmed"
    with pytest.raises(TourPadError, match="refunded"):
        evening.ticket(rsvp)


def test_whoever_has_not_said_yes_to_the_new_date_is_not_let_in(evening: Evening) -> None:
    """The show has moved; their seats may be somebody else's in a moment."""
    rsvp = seat(evening.work, evening.concert)
    ticket = evening.ticket(rsvp)
    rsvp.keep_by = evening.concert.starts_at
    evening.work.session.flush()
    open_doors(evening)
    assert evening.scan(token=ticket.token) == "not_confirmed"
    rsvp.keep_by = None
    assert evening.scan(token=ticket.token) == 1


def test_nobody_has_anothers_ticket(evening: Evening) -> None:
    from tourpad.core.concerts import service

    rsvp = seat(evening.work, evening.concert)
    for other in (make_fan(evening.work), evening.host):
        for verb in (service.ticket, service.renew_ticket):
            with pytest.raises(TourPadError) as refused:
                verb(evening.work, rsvp_id=rsvp.id, user_id=other)
            assert refused.value.code == "not_found"


def test_whoever_is_in_gets_no_other_ticket(evening: Evening) -> None:
    from tourpad.core.concerts import service

    rsvp = seat(evening.work, evening.concert)
    open_doors(evening)
    evening.scan(rsvp_id=rsvp.id)
    with pytest.raises(TourPadError, match="came with this ticket"):
        service.renew_ticket(evening.work, rsvp_id=rsvp.id, user_id=fan_of(evening.work, rsvp))


def test_the_list_knows_every_ticket_and_who_owes(evening: Evening) -> None:
    from tourpad.core.concerts import service, tickets

    work, concert = evening.work, evening.concert
    rsvp = seat(work, concert, 3, fan=make_fan(work, name="Zoe Ames"))
    ask(work, concert, 2, fan=make_fan(work, name="adam Berg"))
    ticket = evening.ticket(rsvp)
    made = service.door_list(work, concert_id=concert.id, user_id=evening.host)
    assert [(p.guest.name, p.owing.cents, p.refusal) for p in made.parties] == [
        ("adam Berg", 3_000, "not_paid"),
        ("Zoe Ames", 0, None),
    ]
    zoe = made.parties[1]
    assert tickets.digest(ticket.token) in zoe.ticket_hashes
    assert tickets.digest(tickets.plain_code(ticket.code)) in zoe.code_hashes
    for other in (make_fan(work), fan_of(work, rsvp)):
        with pytest.raises(TourPadError) as refused:
            service.door_list(work, concert_id=concert.id, user_id=other)
        assert refused.value.code == "not_found"


def test_scans_without_a_network_are_told_later_and_count_once(evening: Evening) -> None:
    work, concert = evening.work, evening.concert
    rsvp, gone = seat(work, concert, 2), seat(work, concert)
    token, gone_token = evening.ticket(rsvp).token, evening.ticket(gone).token
    at = open_doors(evening)
    scans = [
        (new_id(), at, {"token": token}),
        (new_id(), at, {"token": forged(gone_token)}),
        (new_id(), at - timedelta(hours=9), {"token": gone_token}),
        (new_id(), at + timedelta(days=400), {"token": gone_token}),
    ]
    evening.clock.advance(30 * MINUTE)
    for _ in range(2):  # the answer was lost; it tells us again
        told = evening.sync("garden gate", *scans)
        assert [(t.outcome, t.let_in, t.reason) for t in told] == [
            ("let_in", 2, None),
            ("refused", 0, "bad_ticket"),
            ("refused", 0, "door_closed"),
            ("let_in", 1, None),
        ]
    assert (rsvp.checked_in_at, gone.checked_in_at) == (at, work.now)  # a fast clock is no later than now
    assert (rsvp.arrived_count, gone.arrived_count) == (2, 1)


def test_of_two_doors_the_earlier_scan_counts_and_the_other_is_told(evening: Evening) -> None:
    from tourpad.core.concerts import service

    work, concert = evening.work, evening.concert
    rsvp = seat(work, concert, 2, fan=make_fan(work, name="Zoe Ames"))
    shown = {"token": evening.ticket(rsvp).token}
    at = open_doors(evening)
    first, second = (new_id(), at + 1 * MINUTE, shown), (new_id(), at + 5 * MINUTE, shown)
    evening.clock.advance(30 * MINUTE)
    assert evening.scan(**shown) == 2  # with a network, half an hour later, and let in
    (late,) = evening.sync("garden gate", second)
    assert (late.outcome, late.let_in) == ("let_in", 2)
    (early,) = evening.sync("front door", first)
    assert (early.outcome, rsvp.checked_in_at) == ("let_in", at + 1 * MINUTE)
    (again,) = evening.sync("garden gate", second)
    assert again.outcome == "duplicate"
    assert again.first is not None
    assert (again.first.device, again.first.scanned_at) == ("front door", at + 1 * MINUTE)
    made = service.door_list(work, concert_id=concert.id, user_id=evening.host)
    assert [(r.name, r.scan.device, r.scan.outcome) for r in made.reported] == [
        ("Zoe Ames", "garden gate", "duplicate"),
        ("Zoe Ames", None, "duplicate"),
    ]
    assert (rsvp.arrived_count, concert.seats_taken) == (2, 2)


def test_scans_need_the_list_of_their_own_evening(evening: Evening) -> None:
    from tourpad.core.concerts import service

    work = evening.work
    pair = make_pair(work)
    other = Evening(work, evening.clock, make_concert(work, pair), pair.host_user)
    for token in (other.list_token(), "", "AAAA"):
        with pytest.raises(TourPadError) as refused:
            service.sync(
                work, concert_id=evening.concert.id, user_id=evening.host, list_token=token, device="d", scans=[]
            )
        assert refused.value.code == "bad_list"


def test_a_scans_id_belongs_to_one_evening(evening: Evening) -> None:
    work = evening.work
    pair = make_pair(work)
    other = Evening(work, evening.clock, make_concert(work, pair), pair.host_user)
    mine, theirs = seat(work, evening.concert), seat(work, other.concert)
    at, id_ = open_doors(evening), new_id()
    other.sync("theirs", (id_, at, {"rsvp_id": theirs.id}))
    (told,) = evening.sync("mine", (id_, at, {"rsvp_id": mine.id}))
    assert (told.outcome, told.reason, told.name) == ("refused", "scan_id_taken", None)
    assert mine.arrived_count == 0


def test_an_evening_that_is_heard_of_when_it_is_over(evening: Evening) -> None:
    from tourpad.core.concerts import service
    from tourpad.core.concerts.queries import doors

    work, concert = evening.work, evening.concert
    came, partly, stayed_away = seat(work, concert, 2), seat(work, concert, 4), seat(work, concert, 3)
    at = open_doors(evening)
    evening.clock.set(concert.ends_at)
    service.advance(work, concert_id=concert.id)
    assert stayed_away.state == "approved"  # nobody has kept a list, as far as we know
    evening.clock.advance(timedelta(hours=10))
    evening.sync("barn", (new_id(), at, {"rsvp_id": came.id}))
    evening.sync("barn", (new_id(), at, {"rsvp_id": partly.id}), guests=3)
    assert [r.state for r in (came, partly, stayed_away)] == ["checked_in", "checked_in", "no_show"]
    counted = doors.attendance(work, concert)
    assert (counted.expected, counted.arrived, counted.missing, counted.no_shows) == (9, 5, 4, 1)


def test_links_to_the_door_can_be_replaced_and_end_with_the_evening(evening: Evening) -> None:
    from tourpad.core.concerts import service

    work, concert = evening.work, evening.concert

    def link(**more: Any) -> str:
        return service.door_link(work, concert_id=concert.id, user_id=evening.host, **more).url.rpartition("/")[2]

    def opens(token: str) -> bool:
        try:
            return service.doorkeeper(work, token=token).concert_id == concert.id
        except DoorLinkDead:
            return False

    first = link()
    assert (first, opens(first)) == (link(), True)
    second = link(renew=True)
    assert (opens(first), opens(second), opens(second[:-2])) == (False, True, False)
    evening.clock.set(concert.ends_at + timedelta(hours=24))
    assert not opens(second)
    with pytest.raises(TourPadError, match="no door"):
        link()


def test_who_came_is_the_same_in_whatever_order_it_is_heard() -> None:
    start = datetime.fromisoformat("2026-11-21T00:00:00+00:00")
    heard = [
        Came(UUID(int=1), start, 1),
        Came(UUID(int=2), start + MINUTE, None),
        Came(UUID(int=3), start + MINUTE, 2),
        Came(UUID(int=4), start + 2 * MINUTE, 9),
    ]
    expected = {UUID(int=1): 1, UUID(int=2): 3, UUID(int=3): 0, UUID(int=4): 0}
    for order in itertools.permutations(heard):
        assert rules.who_came(order, party=4) == expected


def test_doors_that_sync_in_any_order_end_with_the_same_list(evening: Evening) -> None:
    from tourpad.core.concerts.queries import doors

    work, concert = evening.work, evening.concert
    parties = [seat(work, concert, n) for n in (1, 2, 3)]
    at = open_doors(evening)
    scans = [
        (device, (new_id(), at + minutes * MINUTE, {"rsvp_id": parties[which].id}), guests)
        for device, minutes, which, guests in [
            ("front", 1, 0, None),
            ("back", 1, 0, None),
            ("back", 2, 1, 1),
            ("front", 3, 1, 1),
            ("front", 4, 1, None),
            ("back", 5, 2, 2),
            ("front", 6, 2, 2),
        ]
    ]
    evening.clock.advance(30 * MINUTE)
    ends: set[str] = set()
    for order in (scans, scans[::-1], scans[::2] + scans[1::2]):
        with work.session.begin_nested() as everything:
            for device, scan, guests in order:
                evening.sync(device, scan, guests=guests)
            heard = doors.scanned(work, concert.id)
            ends.add(str(sorted((s.scan.id, s.scan.outcome, s.scan.let_in) for s in heard)))
            assert [p.arrived_count for p in parties] == [1, 2, 3]
            everything.rollback()
        work.session.expire_all()
    assert len(ends) == 1
