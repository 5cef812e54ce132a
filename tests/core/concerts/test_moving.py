"""A show has moved: whoever comes then keeps seats and payment, everybody else gets all of it back."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from tests.factories.bookings import in_days, last_mail, make_pair, told
from tests.factories.concerts import ask, fan_of, make_concert, pay_door, seat
from tourpad.core.errors import TourPadError

if TYPE_CHECKING:
    from tests.factories.bookings import Pair
    from tourpad.core.clock import VirtualClock
    from tourpad.core.concerts.models import Concert, Rsvp
    from tourpad.core.work import Work


def move(work: "Work", pair: "Pair", concert: "Concert", *, days: int = 50) -> datetime:
    """Both agree on another date; answers when the show would have begun."""
    from tourpad.core.bookings import service
    from tourpad.core.bookings.service.answering import Answer

    was = concert.starts_at
    changes = {"date": in_days(work, days)}
    service.reschedule(work, booking_id=concert.booking_id, user_id=pair.artist_user, changes=changes, message=None)
    service.respond(work, booking_id=concert.booking_id, user_id=pair.host_user, status=Answer.APPROVED, response=None)
    return was


def keep(work: "Work", rsvp: "Rsvp", *, comes: bool) -> None:
    from tourpad.core.concerts import service

    service.keep(work, rsvp_id=rsvp.id, user_id=fan_of(work, rsvp), comes=comes)


def back(work: "Work", rsvp: "Rsvp") -> int:
    """Cents that are on their way back to a party."""
    from sqlalchemy import func, select

    from tourpad.core.payments.models import Payment

    return int(
        work.session.scalar(
            select(func.coalesce(func.sum(Payment.refunded_cents), 0)).where(Payment.reference_id == rsvp.id)
        )
        or 0
    )


def test_every_guest_is_asked_and_told_by_how_they_stand(work: "Work") -> None:
    pair = make_pair(work)
    concert = make_concert(work, pair, capacity=4)
    paid, unpaid = seat(work, concert, 2), ask(work, concert, 2)
    waits = ask(work, concert, 1)
    move(work, pair, concert)
    assert told(work, fan_of(work, paid))[-1] == "rsvp_asked_again"
    assert told(work, fan_of(work, unpaid))[-1] == "rsvp_asked_again"
    assert told(work, fan_of(work, waits))[-1] == "rsvp_moved"
    assert (paid.keep_by, waits.keep_by, unpaid.expires_at) == (work.now + timedelta(days=7), None, None)
    assert (concert.date, concert.moved_count, concert.seats_taken) == (in_days(work, 50), 1, 4)


def test_a_yes_keeps_seats_and_payment(work: "Work", clock: "VirtualClock") -> None:
    from tourpad.core.concerts import service
    from tourpad.core.concerts.queries import seats

    pair = make_pair(work)
    concert = make_concert(work, pair)
    rsvp = seat(work, concert, 2)
    move(work, pair, concert)
    keep(work, rsvp, comes=True)
    keep(work, rsvp, comes=True)
    clock.advance(timedelta(days=8))
    assert (seats.to_release(work, limit=9), service.release(work, rsvp_id=rsvp.id)) == ([], False)
    assert (rsvp.state, rsvp.keep_by, rsvp.paid_at is not None, back(work, rsvp)) == ("approved", None, True, 0)
    with pytest.raises(TourPadError, match="nothing to answer"):
        keep(work, rsvp, comes=False)


def test_a_no_frees_the_seats_for_all_of_the_money_however_strict_the_policy(work: "Work") -> None:
    pair = make_pair(work)
    concert = make_concert(work, pair, capacity=2, door_policy="strict", day=in_days(work, 10))
    rsvp = seat(work, concert, 2)
    waits = ask(work, concert, 1)
    move(work, pair, concert, days=12)
    keep(work, rsvp, comes=False)
    keep(work, rsvp, comes=False)
    assert (rsvp.state, back(work, rsvp)) == ("cancelled", 3_000)
    assert "You can't come to the show" in last_mail(work, fan_of(work, rsvp), "rsvp_released").text_body
    assert (waits.state, concert.seats_taken) == ("offered", 1)


def test_silence_is_a_no(work: "Work", clock: "VirtualClock") -> None:
    from tourpad.core.concerts import service
    from tourpad.core.concerts.queries import seats

    pair = make_pair(work)
    concert = make_concert(work, pair)
    rsvp = seat(work, concert, 2)
    move(work, pair, concert)
    assert rsvp.keep_by is not None
    clock.set(rsvp.keep_by - timedelta(seconds=1))
    assert (seats.to_release(work, limit=9), service.release(work, rsvp_id=rsvp.id)) == ([], False)
    clock.advance(timedelta(seconds=1))
    with pytest.raises(TourPadError, match="nothing to answer"):
        keep(work, rsvp, comes=True)
    assert seats.to_release(work, limit=9) == [rsvp.id]
    assert service.release(work, rsvp_id=rsvp.id)
    assert not service.release(work, rsvp_id=rsvp.id)
    assert (rsvp.state, back(work, rsvp), concert.seats_taken) == ("lapsed", 3_000, 0)
    assert "You have not told us in time" in last_mail(work, fan_of(work, rsvp), "rsvp_released").text_body


def test_whoever_leaves_or_shrinks_while_asked_gets_all_of_it_back(work: "Work") -> None:
    from tourpad.core.concerts import service

    pair = make_pair(work)
    concert = make_concert(work, pair, door_policy="strict", day=in_days(work, 10))
    goes, shrinks = seat(work, concert, 2), seat(work, concert, 3)
    move(work, pair, concert, days=12)
    left = service.leave(work, concert_id=concert.id, user_id=fan_of(work, goes))
    less = service.shrink(work, rsvp_id=shrinks.id, user_id=fan_of(work, shrinks), guests_count=1)
    assert (left.refund.cents, less.refund.cents) == (3_000, 3_000)
    keep(work, shrinks, comes=True)
    assert service.leave(work, concert_id=concert.id, user_id=fan_of(work, shrinks)).refund.cents == 750


def test_whoever_pays_comes_and_whoever_has_not_paid_gets_new_time_with_the_yes(work: "Work") -> None:
    pair = make_pair(work)
    concert = make_concert(work, pair)
    pays, says = ask(work, concert, 1), ask(work, concert, 1)
    move(work, pair, concert)
    pay_door(work, pays)
    keep(work, says, comes=True)
    assert (pays.keep_by, pays.paid_at) == (None, work.now)
    assert says.expires_at == work.now + timedelta(hours=48)


def test_address_and_reminder_follow_the_new_date(work: "Work", clock: "VirtualClock") -> None:
    from tourpad.core.concerts import service
    from tourpad.core.concerts.queries import seats

    pair = make_pair(work, address=True)
    concert = make_concert(work, pair, day=in_days(work, 6))
    rsvp = seat(work, concert, 1)
    fan = fan_of(work, rsvp)
    clock.set(concert.starts_at - timedelta(hours=47))
    assert service.remind(work, rsvp_id=rsvp.id)
    assert service.address_for(work, concert_id=concert.id, user_id=fan) is not None
    move(work, pair, concert, days=20)
    keep(work, rsvp, comes=True)
    assert service.address_for(work, concert_id=concert.id, user_id=fan) is None
    assert seats.to_remind(work, limit=9) == []
    clock.set(concert.starts_at - timedelta(hours=47))
    assert service.address_for(work, concert_id=concert.id, user_id=fan) is not None
    assert seats.to_remind(work, limit=9) == [rsvp.id]
    assert service.remind(work, rsvp_id=rsvp.id)
    assert told(work, fan).count("concert_reminder") == 2


def test_the_entry_in_calendars_moves_and_goes(work: "Work", clock: "VirtualClock") -> None:
    from sqlalchemy import select

    from tourpad.core.outbox.models import Mail

    pair = make_pair(work)
    concert = make_concert(work, pair)
    rsvp = seat(work, concert, 1)
    clock.advance(timedelta(hours=1))
    move(work, pair, concert)
    clock.advance(timedelta(hours=1))
    keep(work, rsvp, comes=False)
    mails = {
        mail.template: mail.attachments[0]["text"]
        for mail in work.session.scalars(select(Mail).where(Mail.user_id == fan_of(work, rsvp)))
        if mail.attachments
    }
    paid, asked, gone = (mails[name] for name in ("rsvp_paid", "rsvp_asked_again", "rsvp_released"))
    line = f"DTSTART;TZID=America/New_York:{concert.date:%Y%m%d}T193000"
    assert (line in paid, line in asked, "METHOD:CANCEL" in gone) == (False, True, True)
    numbers = [int(text.partition("SEQUENCE:")[2].split()[0]) for text in (paid, asked)]
    assert numbers[0] < numbers[1]


def test_house_rules_alone_ask_nobody(work: "Work") -> None:
    from tourpad.core.bookings import service
    from tourpad.core.bookings.service.answering import Answer

    pair = make_pair(work)
    concert = make_concert(work, pair)
    rsvp = seat(work, concert, 1)
    service.reschedule(
        work,
        booking_id=concert.booking_id,
        user_id=pair.host_user,
        changes={"house_rules": "Shoes off."},
        message=None,
    )
    service.respond(
        work, booking_id=concert.booking_id, user_id=pair.artist_user, status=Answer.APPROVED, response=None
    )
    assert (rsvp.keep_by, concert.moved_count) == (None, 0)


def test_strangers_answer_for_nobody(work: "Work") -> None:
    from tourpad.core.concerts import service

    pair = make_pair(work)
    concert = make_concert(work, pair)
    rsvp, other = seat(work, concert, 1), seat(work, concert, 1)
    move(work, pair, concert)
    for user_id in (fan_of(work, other), pair.host_user):
        with pytest.raises(TourPadError) as refusal:
            service.keep(work, rsvp_id=rsvp.id, user_id=user_id, comes=False)
        assert refusal.value.code == "not_found"


def test_the_link_asks_until_the_time_is_over_and_is_good_for_nothing_else(work: "Work", clock: "VirtualClock") -> None:
    from tourpad.core.concerts import links, service
    from tourpad.core.concerts.service import moving

    pair = make_pair(work)
    concert = make_concert(work, pair)
    rsvp = seat(work, concert, 1)
    move(work, pair, concert)
    token = moving.link_of(work, rsvp).rpartition("/")[2]
    with pytest.raises(TourPadError):
        service.read_link(work, token=token)
    pay_token = links.mint(work.settings.secret, rsvp_id=rsvp.id, expires_at=work.now + timedelta(hours=1))
    with pytest.raises(TourPadError):
        service.keep_by_link(work, token=pay_token, comes=False)
    assert service.read_question(work, token=token).is_open
    assert not service.keep_by_link(work, token=token, comes=True).is_open
    assert rsvp.state == "approved"
    clock.advance(timedelta(days=8))
    with pytest.raises(TourPadError):
        service.read_question(work, token=token)
