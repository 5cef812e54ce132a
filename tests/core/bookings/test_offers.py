"""Versions of the terms: what each says, what it changed, who signed it, what became of it."""

from datetime import time, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.factories.bookings import make_booking, make_pair, make_request, told
from tourpad.core.bookings.terms import Change, differences, fingerprint, terms_of_offer
from tourpad.core.errors import InvalidInputError

if TYPE_CHECKING:
    from tourpad.core.bookings.models import Booking
    from tourpad.core.clock import VirtualClock
    from tourpad.core.work import Work


def _counter(work: "Work", booking: "Booking", user_id: Any, **counter: Any) -> None:
    from tourpad.core.bookings import service

    service.respond(work, booking_id=booking.id, user_id=user_id, status=None, response=None, counter=counter)


def test_every_term_can_be_countered_and_is_kept_in_its_version(work: "Work") -> None:
    from tourpad.core.bookings import queries
    from tourpad.core.bookings.service import steps

    pair = make_pair(work)
    booking = make_request(work, pair)
    _counter(
        work,
        booking,
        pair.host_user,
        artist_fee_cents=15_000,
        lodging_requested=True,
        lodging_details={"guests": 2, "nights": 1},
        house_rules="Shoes off, please.",
        minimum_attendance=8,
        minimum_notice_days=10,
        expected_attendance=15,
        maximum_attendance=25,
    )
    first, second = queries.offers(work, booking.id)
    assert differences(terms_of_offer(first), terms_of_offer(second)) == (
        Change("artist_fee_cents", 20_000, 15_000),
        Change("expected_attendance", 20, 15),
        Change("minimum_attendance", 0, 8),
        Change("minimum_notice_days", 7, 10),
        Change("maximum_attendance", 30, 25),
        Change("lodging_requested", before=False, after=True),
        Change("lodging_details", {}, {"guests": 2, "nights": 1}),
        Change("house_rules", None, "Shoes off, please."),
    )
    assert steps.terms_of(booking) == terms_of_offer(second)


def test_a_counter_is_told_with_what_it_changes(work: "Work") -> None:
    from sqlalchemy import select

    from tourpad.core.outbox.models import Mail

    pair = make_pair(work)
    booking = make_request(work, pair)
    _counter(work, booking, pair.host_user, artist_fee_cents=15_000, time=time(18))
    mail = work.session.scalars(select(Mail).where(Mail.user_id == pair.artist_user)).one()
    assert "begins: 7:30 pm → 6:00 pm" in mail.text_body
    assert "guarantee: $200.00 → $150.00" in mail.text_body


def test_the_rules_of_the_house_are_the_host_s_unless_said_otherwise(work: "Work") -> None:
    pair = make_pair(work, house_rules="No red wine.")
    assert make_request(work, pair).house_rules == "No red wine."
    other = make_pair(work, house_rules="No red wine.")
    assert make_request(work, other, house_rules="White wine only.").house_rules == "White wine only."


def test_whoever_offers_and_whoever_agrees_has_signed_that_version(work: "Work") -> None:
    from tourpad.core.bookings import queries, service
    from tourpad.core.bookings.service import Signing
    from tourpad.core.bookings.service.answering import Answer

    pair = make_pair(work)
    booking = make_request(work, pair)
    _counter(work, booking, pair.host_user, duration=60)
    service.respond(
        work,
        booking_id=booking.id,
        user_id=pair.artist_user,
        status=Answer.APPROVED,
        response=None,
        signing=Signing(name="  Ada   Lovelace ", address="203.0.113.9"),
    )
    offers = queries.offers(work, booking.id)
    signed = queries.signatures(work, booking.id)
    assert [(s.number, s.side, s.is_typed) for s in signed] == [
        (1, "artist", False),
        (2, "host", False),
        (2, "artist", True),
    ]
    assert (signed[2].name, signed[2].address, signed[2].signed_at) == ("Ada Lovelace", "203.0.113.9", work.now)
    for signature in signed:
        offer = offers[signature.number - 1]
        assert signature.terms_hash == fingerprint(terms_of_offer(offer), booking_id=booking.id, number=offer.number)
    assert [o.state for o in offers] == ["countered", "accepted"]


@pytest.mark.parametrize("name", ["x" * 101, "\x00"])
def test_what_is_no_name_signs_nothing(work: "Work", name: str) -> None:
    from tourpad.core.bookings import service
    from tourpad.core.bookings.service import Signing
    from tourpad.core.bookings.service.answering import Answer

    pair = make_pair(work)
    booking = make_request(work, pair)
    with pytest.raises(InvalidInputError) as refusal:
        service.respond(
            work,
            booking_id=booking.id,
            user_id=pair.host_user,
            status=Answer.APPROVED,
            response=None,
            signing=Signing(name=name),
        )
    assert [e.field for e in refusal.value.errors] == ["signature"]


def test_the_fingerprint_changes_with_every_term(work: "Work") -> None:
    from dataclasses import fields, replace

    from tourpad.core.bookings.service import steps
    from tourpad.core.bookings.states import DoorMode, Policy

    booking = make_request(work)
    terms = steps.terms_of(booking)
    others: dict[str, Any] = {
        "date": terms.date + timedelta(days=1),
        "time": time(1),
        "door_mode": DoorMode.PAY_WHAT_YOU_CAN,
        "fee_policy": Policy.STRICT,
        "door_policy": Policy.STRICT,
        "lodging_requested": True,
        "lodging_details": {"guests": 1},
        "house_rules": "Be kind.",
    }
    seen = {fingerprint(terms, booking_id=booking.id, number=1), fingerprint(terms, booking_id=booking.id, number=2)}
    for field in fields(terms):
        other = replace(terms, **{field.name: others.get(field.name, 77)})
        seen.add(fingerprint(other, booking_id=booking.id, number=1))
    assert len(seen) == 2 + len(fields(terms))


@pytest.mark.parametrize(
    ("state", "became"),
    [
        ("pending", ["open"]),
        ("countered", ["countered", "open"]),
        ("approved", ["accepted"]),
        ("rejected", ["rejected"]),
        ("cancelled", ["withdrawn"]),
        ("confirmed", ["accepted"]),
    ],
)
def test_each_version_says_what_became_of_it(work: "Work", state: str, became: list[str]) -> None:
    from tourpad.core.bookings import queries

    booking = make_booking(work, state=state)
    offers = queries.offers(work, booking.id)
    assert [o.state for o in offers] == became
    assert all((o.answered_at is None) == (o.state == "open") for o in offers)


def test_an_agreement_with_a_minimum_leaves_guests_a_day(work: "Work", clock: "VirtualClock") -> None:
    from tourpad.core.bookings import queries, service

    pair = make_pair(work)
    day = work.now.date() + timedelta(days=12)
    booking = make_request(work, pair, day=day, minimum_attendance=5, minimum_notice_days=7)
    offer = queries.present_offer(work, booking)
    assert offer.expires_at == booking.starts_at - timedelta(days=8)
    clock.set(offer.expires_at)
    assert service.expire(work, booking_id=booking.id)
    assert told(work, pair.artist_user)[-1] == "booking_expired"


def test_whoever_signs_reads_what_goes_back_not_only_what_it_is_called(work: "Work") -> None:
    from tourpad.core.bookings.service.steps import terms_of
    from tourpad.core.bookings.wording import spelled

    said = dict(spelled(terms_of(make_booking(work, state="approved", door_policy="strict")), "USD"))
    assert said["guarantee returned"] == (
        "moderate: all until 30 days before the show, half until 7 days before, nothing later"
    )
    assert said["door fees returned"] == (
        "strict: all until 14 days before the show, half until 7 days before, nothing later"
    )
