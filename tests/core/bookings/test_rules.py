from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from tourpad.core.bookings import rules
from tourpad.core.bookings.rules import Step
from tourpad.core.bookings.states import BookingState, DoorMode, Side
from tourpad.core.bookings.terms import Terms, changed
from tourpad.core.errors import InvalidInputError
from tourpad.core.fields import Fields
from tourpad.core.money import usd

TODAY = date(2026, 3, 1)
NOON = datetime(2026, 3, 1, 17, tzinfo=UTC)
GOOD: dict[str, Any] = {
    "date": date(2026, 4, 10),
    "time": time(19, 30),
    "duration": 90,
    "artist_fee_cents": 20_000,
    "expected_attendance": 20,
    "maximum_attendance": 30,
}


def _faults(names: Any = rules.REQUEST_FIELDS, capacity: int = 30, **changes: Any) -> dict[str, str]:
    try:
        rules.check_terms(
            Terms(**{**GOOD, **changes}),
            now=NOON,
            time_zone="America/New_York",
            platform_fee_bps=1_000,
            capacity=capacity,
            names=names,
        )
    except InvalidInputError as error:
        return {fault.field: fault.message for fault in error.errors}
    return {}


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({}, []),
        ({"date": TODAY}, ["requested_date"]),
        ({"date": TODAY - timedelta(days=1)}, ["requested_date"]),
        ({"date": TODAY + timedelta(days=1)}, []),
        ({"date": TODAY + timedelta(days=730)}, []),
        ({"date": TODAY + timedelta(days=731)}, ["requested_date"]),
        ({"date": date.max}, ["requested_date"]),
        ({"time": time(19, 30, tzinfo=UTC)}, ["requested_time"]),
        ({"duration": 14}, ["estimated_duration"]),
        ({"duration": 15}, []),
        ({"duration": 480}, []),
        ({"duration": 481}, ["estimated_duration"]),
        ({"artist_fee_cents": 0}, []),
        ({"artist_fee_cents": 49}, ["artist_fee_cents"]),
        ({"artist_fee_cents": 50}, []),
        ({"artist_fee_cents": -1}, ["artist_fee_cents"]),
        ({"artist_fee_cents": 10_000_001}, ["artist_fee_cents"]),
        ({"door_fee_cents": 49}, ["door_fee_cents"]),
        ({"door_fee_cents": 50}, []),
        ({"artist_door_bps": 9_000}, []),
        ({"artist_door_bps": 9_001}, ["artist_door_bps"]),
        ({"artist_door_bps": -1}, ["artist_door_bps"]),
        ({"expected_attendance": 0}, ["expected_attendance"]),
        ({"expected_attendance": -3}, ["expected_attendance"]),
        ({"expected_attendance": 30}, []),
        ({"expected_attendance": 31}, ["expected_attendance"]),
        ({"expected_attendance": 20, "maximum_attendance": 19}, ["expected_attendance"]),
        ({"maximum_attendance": 31}, ["maximum_attendance"]),
        ({"maximum_attendance": 0}, ["maximum_attendance"]),
        ({"minimum_attendance": 20}, []),
        ({"minimum_attendance": 21}, ["minimum_attendance"]),
        ({"minimum_attendance": -1}, ["minimum_attendance"]),
        ({"minimum_attendance": 9, "minimum_notice_days": 2}, ["minimum_notice_days"]),
        ({"minimum_attendance": 9, "minimum_notice_days": 61}, ["minimum_notice_days"]),
        ({"minimum_attendance": 9, "date": date(2026, 3, 9)}, []),
        ({"minimum_attendance": 9, "date": date(2026, 3, 8)}, ["minimum_notice_days"]),
        ({"date": date(2026, 3, 8)}, []),
        ({"house_rules": "shoes off\x00"}, ["house_rules"]),
        ({"house_rules": "x" * 5_001}, ["house_rules"]),
        ({"lodging_details": {"guests": -1}}, ["lodging_details.guests"]),
        ({"lodging_details": {"guests": 2, "special_requests": "\x00"}}, ["lodging_details.special_requests"]),
        (
            {"date": TODAY, "duration": 5, "door_fee_cents": 1},
            ["requested_date", "estimated_duration", "door_fee_cents"],
        ),
    ],
)
def test_terms_that_can_t_be_kept_are_named(changes: dict[str, Any], fields: list[str]) -> None:
    assert list(_faults(**changes)) == fields


PWYC: dict[str, Any] = {"door_mode": DoorMode.PAY_WHAT_YOU_CAN}


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        (PWYC, []),
        (PWYC | {"door_minimum_cents": 500, "door_suggested_cents": 1_500}, []),
        (PWYC | {"door_minimum_cents": 500, "door_suggested_cents": 500}, []),
        (PWYC | {"door_minimum_cents": 500}, []),
        (PWYC | {"door_suggested_cents": 1_500}, []),
        (PWYC | {"door_minimum_cents": 49}, ["door_minimum_cents"]),
        (PWYC | {"door_minimum_cents": -1}, ["door_minimum_cents"]),
        (PWYC | {"door_minimum_cents": 500, "door_suggested_cents": 499}, ["door_suggested_cents"]),
        (PWYC | {"door_fee_cents": 500}, ["door_fee_cents"]),
        ({"door_fee_cents": 500, "door_minimum_cents": 500}, ["door_minimum_cents"]),
        ({"door_fee_cents": 500, "door_suggested_cents": 500}, ["door_suggested_cents"]),
    ],
)
def test_a_seat_has_a_price_or_a_floor(changes: dict[str, Any], fields: list[str]) -> None:
    assert list(_faults(**changes)) == fields


def test_a_door_of_another_mode_begins_without_the_amounts_of_the_old() -> None:
    fixed = Terms(**GOOD, door_fee_cents=1_500)
    named = changed(fixed, PWYC | {"door_minimum_cents": 500})
    assert (named.door_fee_cents, named.door_minimum_cents) == (0, 500)
    back = changed(named, {"door_mode": DoorMode.FIXED, "door_fee_cents": 1_000})
    assert (back.door_fee_cents, back.door_minimum_cents) == (1_000, 0)
    assert changed(named, {"artist_fee_cents": 1}).door_minimum_cents == 500


def test_a_counter_offer_names_its_own_fields() -> None:
    assert list(_faults(rules.COUNTER_FIELDS, date=TODAY, duration=1)) == [
        "counter_offer.date",
        "counter_offer.duration",
    ]


def test_a_host_who_has_not_said_how_many_fit_can_t_be_asked() -> None:
    assert _faults(capacity=0) == {
        "expected_attendance": "can't be met: the host has not said how many people fit",
    }


@pytest.mark.parametrize("text", [None, "", "  \n "])
def test_an_empty_message_is_none(text: str | None) -> None:
    assert rules.clean_text(Fields(), "message", text) is None


DAY = timedelta(days=1)
MADE = datetime(2026, 3, 1, 12, tzinfo=UTC)
FAR = MADE + 40 * DAY
SOON = MADE + timedelta(hours=30)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("state", "passed", "starts_at", "reminded", "fee", "step"),
    [
        ("pending", 47 * HOUR, FAR, False, 1, Step.WAIT),
        ("pending", 48 * HOUR, FAR, False, 1, Step.REMIND),
        ("countered", 48 * HOUR, FAR, False, 1, Step.REMIND),
        ("pending", 48 * HOUR, FAR, True, 1, Step.WAIT),
        ("pending", 7 * DAY - HOUR, FAR, True, 1, Step.WAIT),
        ("pending", 7 * DAY, FAR, True, 1, Step.EXPIRE),
        ("countered", 7 * DAY, FAR, False, 1, Step.EXPIRE),
        ("pending", 30 * HOUR, SOON, False, 1, Step.EXPIRE),
        ("approved", 47 * HOUR, FAR, False, 1, Step.WAIT),
        ("approved", 48 * HOUR, FAR, False, 1, Step.REMIND),
        ("approved", 48 * HOUR, FAR, True, 1, Step.WAIT),
        ("approved", 48 * HOUR, FAR, False, 0, Step.WAIT),
        ("approved", 72 * HOUR, FAR, True, 1, Step.EXPIRE),
        ("approved", 72 * HOUR, FAR, False, 0, Step.EXPIRE),
        ("confirmed", 90 * DAY, FAR, False, 1, Step.WAIT),
        ("rejected", 90 * DAY, FAR, False, 1, Step.WAIT),
    ],
)
def test_what_time_passing_means(
    *, state: str, passed: timedelta, starts_at: Any, reminded: bool, fee: int, step: Any
) -> None:
    approved = state == "approved"
    assert (
        rules.next_step(
            state=BookingState(state),
            now=MADE + passed,
            made_at=MADE,
            expires_at=rules.offer_ends(MADE, starts_at),
            asks=state in ("pending", "countered"),
            respond_by=rules.fee_due(MADE, starts_at) if approved else rules.remind_at(MADE, starts_at),
            reminded=reminded,
            fee=usd(fee),
        )
        is step
    )


def test_nothing_can_be_answered_or_paid_after_the_show_would_begin() -> None:
    assert {f(MADE, SOON) for f in (rules.remind_at, rules.offer_ends, rules.fee_due)} == {SOON}


def test_the_turn_goes_to_the_other_side() -> None:
    assert [side.other for side in Side] == [Side.HOST, Side.ARTIST]
