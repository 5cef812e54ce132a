from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from tourpad.core.bookings import rules
from tourpad.core.bookings.rules import Step, Terms
from tourpad.core.bookings.states import BookingState, DoorMode, Side
from tourpad.core.errors import InvalidInputError
from tourpad.core.fields import Fields
from tourpad.core.money import usd

TODAY = date(2026, 3, 1)
GOOD: dict[str, Any] = {"date": date(2026, 4, 10), "time": time(19, 30), "duration": 90, "artist_fee_cents": 20_000}


def _faults(names: Any = rules.REQUEST_FIELDS, **changes: Any) -> dict[str, str]:
    try:
        rules.check_terms(Terms(**{**GOOD, **changes}), today=TODAY, platform_fee_bps=1_000, names=names)
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
    named = rules.changed(fixed, PWYC | {"door_minimum_cents": 500})
    assert (named.door_fee_cents, named.door_minimum_cents) == (0, 500)
    back = rules.changed(named, {"door_mode": DoorMode.FIXED, "door_fee_cents": 1_000})
    assert (back.door_fee_cents, back.door_minimum_cents) == (1_000, 0)
    assert rules.changed(named, {"artist_fee_cents": 1}).door_minimum_cents == 500


def test_a_counter_offer_names_its_own_fields() -> None:
    assert list(_faults(rules.COUNTER_FIELDS, date=TODAY, duration=1)) == [
        "counter_offer.date",
        "counter_offer.duration",
    ]


@pytest.mark.parametrize(("expected", "wrong"), [(0, True), (1, False), (30, False), (31, True), (-3, True)])
def test_no_more_people_are_expected_than_fit(expected: int, wrong: bool) -> None:
    found = Fields()
    rules.check_attendance(found, expected=expected, capacity=30)
    assert bool(found.errors) is wrong


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
            starts_at=starts_at,
            respond_by=rules.fee_due(MADE, starts_at) if approved else rules.remind_at(MADE, starts_at),
            reminded=reminded,
            fee=usd(fee),
        )
        is step
    )


def test_nothing_can_be_answered_or_paid_after_the_show_would_begin() -> None:
    assert {f(MADE, SOON) for f in (rules.remind_at, rules.offer_ends, rules.fee_due)} == {SOON}


def test_the_turn_goes_to_the_other_side() -> None:
    assert [rules.turn_after(side) for side in Side] == [Side.HOST, Side.ARTIST]
