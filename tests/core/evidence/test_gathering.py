"""What is known about a disputed charge: of a guest, of a host, of a member; and what is kept from the bank."""

from datetime import timedelta
from typing import TYPE_CHECKING

from tests.factories.bookings import make_booking, make_pair, pay
from tests.factories.concerts import ask, fan_of, make_concert, pay_door
from tests.factories.evidence import make_dispute
from tests.factories.profiles import SECRET_POSTCODE, SECRET_STREET
from tourpad.core.actors import person
from tourpad.core.values import replace

if TYPE_CHECKING:
    from tourpad.core.clock import VirtualClock
    from tourpad.core.work import Work

SECRET_WORDS = "the key is under the third stone"


def test_a_guest_who_came(work: "Work", clock: "VirtualClock") -> None:
    from sqlalchemy import update

    from tourpad.core.concerts import service
    from tourpad.core.concerts.service.answering import Verdict
    from tourpad.core.evidence import rules
    from tourpad.core.evidence.service import facts_of
    from tourpad.core.identity.queries import get_user
    from tourpad.core.identity.service import sessions
    from tourpad.core.outbox.models import Mail

    pair = make_pair(work, address=True)
    concert = make_concert(work, pair, approval=True)
    rsvp = ask(work, concert, 2)
    fan = fan_of(work, rsvp)
    clock.advance(timedelta(hours=1))
    service.answer(work, rsvp_id=rsvp.id, user_id=pair.host_user, verdict=Verdict.APPROVED)
    sessions.begin(work, user=get_user(work, fan), address="198.51.100.7", user_agent="Firefox")
    clock.advance(timedelta(hours=1))
    payment = pay_door(work, rsvp)
    clock.set(concert.starts_at - timedelta(hours=30))
    sessions.begin(work, user=get_user(work, fan), address="203.0.113.9", user_agent="Safari")
    service.address_for(replace(work, actor=person(fan, "fan")), concert_id=concert.id, user_id=fan)
    clock.set(concert.starts_at)
    service.check_in(work, concert_id=concert.id, rsvp_id=rsvp.id, user_id=pair.host_user)
    work.session.execute(update(Mail).values(sent_at=Mail.created_at))
    clock.set(concert.ends_at + timedelta(days=3))
    service.advance(work, concert_id=concert.id)
    dispute = make_dispute(work, payment)
    clock.advance(timedelta(days=1))
    sessions.begin(work, user=get_user(work, fan), address="203.0.113.10")  # after the dispute: proves nothing

    facts = facts_of(work, dispute_id=dispute.id)

    assert facts.show is not None
    assert (facts.show.place, facts.show.was_held, facts.show.checked_in) == ("Columbus, OH", True, 1)
    assert facts.seats is not None
    assert (facts.seats.guests, facts.seats.knew_address) == (2, True)
    assert facts.buyer.purchase_ip == "198.51.100.7"
    assert [moment.what for moment in facts.activity] == [
        "signed in from 198.51.100.7 with Firefox",
        "signed in from 203.0.113.9 with Safari",
        "the payer looked up the exact address of the show, signed in",
    ]
    happened = [moment.what for moment in facts.history]
    steps = [
        "the payer asked for 2 seats",
        "the host approved the request",
        "$30.00 was paid",
        "the payer looked up the exact address of the show, signed in",
        "the host checked the party in at the door",
    ]
    assert [what for what in happened if what in steps] == steps
    assert any(what.startswith("a mail was sent to the payer: ") for what in happened)
    everything = "\n".join(rules.check(rules.draft(facts)).values())
    assert SECRET_STREET not in everything
    assert SECRET_POSTCODE not in everything
    assert "7 days before the show" in everything


def test_a_host_who_paid_an_artist(work: "Work", clock: "VirtualClock") -> None:
    from sqlalchemy import select

    from tourpad.core.bookings.models import Booking
    from tourpad.core.concerts import service
    from tourpad.core.evidence import rules
    from tourpad.core.evidence.service import facts_of
    from tourpad.core.messaging import service as messaging
    from tourpad.core.payments.models import Payment

    pair = make_pair(work, address=True)
    booking = make_booking(work, pair)
    thread = messaging.begin(work, booking_id=booking.id, user_id=pair.artist_user)
    for sender in (pair.artist_user, pair.host_user):
        clock.advance(timedelta(hours=1))
        messaging.send(work, conversation_id=thread.id, user_id=sender, content=SECRET_WORDS)
    payment = work.session.scalars(select(Payment).where(Payment.reference_id == booking.id)).one()
    clock.set(work.session.get_one(Booking, booking.id).ends_at + timedelta(days=2))
    service.advance(work, concert_id=booking.concert_id)

    facts = facts_of(work, dispute_id=make_dispute(work, payment, reason="product_not_received").id)

    happened = [moment.what for moment in facts.history]
    steps = (
        "the artist proposed terms",
        "the terms were agreed on",
        "$200.00 was paid",
        "the date was confirmed",
        "a message was written to the payer",
        "the payer wrote a message",
        "the show was over",
    )
    assert all(step in happened for step in steps)
    said = rules.draft(facts)
    assert "took place as agreed" in said["refund_refusal_explanation"]
    assert SECRET_WORDS not in "\n".join(said.values())
    assert rules.doubts(facts) == []


def test_a_show_that_was_called_off_speaks_for_the_payer(work: "Work") -> None:
    from tourpad.core.bookings import service as bookings
    from tourpad.core.evidence import rules
    from tourpad.core.evidence.service import facts_of

    pair = make_pair(work)
    booking = make_booking(work, pair, state="approved")
    payment = pay(work, booking, pair.host_user)
    bookings.cancel(work, booking_id=booking.id, user_id=pair.artist_user)

    facts = facts_of(work, dispute_id=make_dispute(work, payment).id)

    assert facts.show is not None
    assert facts.show.called_off
    assert "The show was called off: the payer is owed the money." in rules.doubts(facts)


def test_a_walk_ups_dispute_says_nothing_of_the_host_who_let_them_in(work: "Work") -> None:
    from tourpad.core.evidence import rules
    from tourpad.core.evidence.service import facts_of
    from tourpad.core.identity.queries import get_user
    from tourpad.core.identity.service import sessions

    pair = make_pair(work)
    concert = make_concert(work, pair)
    rsvp = ask(work, concert, 1)
    payment = pay_door(work, rsvp)
    payment.user_id, payment.payer_name = pair.host_user, "Someone at the door"
    host = get_user(work, pair.host_user)
    sessions.begin(work, user=host, address="198.51.100.7")

    facts = facts_of(work, dispute_id=make_dispute(work, payment).id)

    everything = "\n".join(rules.draft(facts).values())
    assert facts.buyer.name == "Someone at the door"
    assert host.email not in everything
    assert "198.51.100.7" not in everything
