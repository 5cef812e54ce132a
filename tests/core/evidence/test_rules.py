"""What a bank is told, and what never: rules over facts, without a database."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tourpad.core.errors import InvalidInputError
from tourpad.core.evidence import rules
from tourpad.core.evidence.facts import Buyer, Facts, GivenBack, Moment, OtherCharge, Period, Seats, Show
from tourpad.core.money import usd
from tourpad.core.payments.states import PaymentKind
from tourpad.core.values import replace

PAID = datetime(2026, 3, 1, 12, tzinfo=UTC)
BUYER = Buyer(
    name="Cleo Okafor",
    email="cleo@people.example",
    since=PAID - timedelta(days=90),
    email_verified_at=PAID - timedelta(days=90),
    terms="2026-01",
    terms_accepted_at=PAID - timedelta(days=90),
    purchase_ip="198.51.100.7",
)
SHOW = Show(
    title="Juniper Vale on the porch",
    artist="Juniper Vale",
    place="Columbus, OH",
    starts_at=datetime(2026, 4, 10, 23, 30, tzinfo=UTC),
    ends_at=datetime(2026, 4, 11, 1, 0, tzinfo=UTC),
    time_zone="America/New_York",
    was_held=True,
    called_off=False,
    checked_in=12,
)
CAME = Seats(guests=2, checked_in_at=SHOW.starts_at, given_back_at=None, knew_address=True)


def door(**changes: Any) -> Facts:
    given: dict[str, Any] = {
        "kind": PaymentKind.DOOR_FEE,
        "reason": "fraudulent",
        "disputed": usd(3000),
        "paid": usd(3000),
        "paid_at": PAID,
        "description": "Door fee, Juniper Vale in Columbus OH",
        "receipt": "TP-1",
        "card": "visa ending in 4242",
        "buyer": BUYER,
        "show": SHOW,
        "seats": CAME,
        "policy": "all until 7 days before the show, nothing later",
        "history": (Moment(PAID, "$30.00 was paid"),),
    }
    return Facts(**(given | changes))


def member(**changes: Any) -> Facts:
    period = Period(plan="Fan, by the month", interval="month", started_at=PAID, cancelled_at=None, uses=3, renewals=4)
    return door(kind=PaymentKind.MEMBERSHIP, show=None, seats=None, policy=None, period=changes.pop("period", period))


def test_a_guest_who_came_is_told_of_by_what_is_known() -> None:
    said = rules.draft(door())

    assert list(said) == [field for field in rules.TEXTS if field in said]
    assert said["customer_purchase_ip"] == "198.51.100.7"
    assert said["service_date"] == "Friday, 10 April 2026, 19:30 to 21:00 (America/New_York)"
    assert "2 seats at a concert in a private home" in said["product_description"]
    assert (
        "$30.00 was paid on Sunday, 1 March 2026 with a card, visa ending in 4242 (receipt TP-1)"
        in (said["product_description"])
    )
    assert "was checked in on Friday, 10 April 2026, 23:30 UTC" in said["refund_refusal_explanation"]
    assert "all until 7 days before the show" in said["refund_policy_disclosure"]
    assert "2026-03-01 12:00  $30.00 was paid" in said["uncategorized_text"]
    assert not {"duplicate_charge_id", "cancellation_rebuttal"} & said.keys()
    assert rules.doubts(door()) == []


def test_nothing_is_claimed_that_did_not_happen() -> None:
    off = door(show=replace(SHOW, was_held=False, called_off=True))
    stayed_away = door(seats=Seats(guests=2, checked_in_at=None, given_back_at=None, knew_address=False))
    walk_up = door(
        buyer=Buyer(
            name="Someone at the door", email=None, since=None, email_verified_at=None,
            terms=None, terms_accepted_at=None, purchase_ip=None,
        )
    )  # fmt: skip

    assert "refund_refusal_explanation" not in rules.draft(off)
    assert "took place" not in rules.draft(off)["uncategorized_text"]
    assert rules.doubts(off)[0] == "The show was called off: the payer is owed the money."
    assert "checked in on" not in rules.draft(stayed_away)["refund_refusal_explanation"]
    assert rules.doubts(stayed_away) == ["The payer was not checked in at the door."]
    assert "customer_email_address" not in rules.draft(walk_up)
    assert "terms" not in rules.draft(walk_up)["refund_policy_disclosure"]
    assert rules.doubts(walk_up) == ["The payer has no account: little is known of them."]


def test_a_membership_is_rebutted_only_while_it_was_not_cancelled() -> None:
    ended = Period(
        plan="Fan, by the month", interval="month", started_at=PAID - timedelta(days=90),
        cancelled_at=PAID - timedelta(days=2), uses=0, renewals=2,
    )  # fmt: skip

    assert "was not cancelled before this charge" in rules.draft(member())["cancellation_rebuttal"]
    assert "cancellation_policy_disclosure" in rules.draft(member())
    assert "3 requests for seats" in rules.draft(member())["uncategorized_text"]
    assert "cancellation_rebuttal" not in rules.draft(member(period=ended))
    assert "The membership had ended before this charge." in rules.doubts(member(period=ended))


def test_a_duplicate_is_told_apart_by_the_charge_nearest_to_it() -> None:
    others = tuple(
        OtherCharge(
            charge_id=f"ch_{days}", at=PAID + timedelta(days=days), amount=usd(1500), description=f"show {days}"
        )
        for days in (-20, 3, 30)
    )

    said = rules.draft(door(reason="duplicate", others=others))

    assert said["duplicate_charge_id"] == "ch_3"
    assert "is for: show 3." in said["duplicate_charge_explanation"]
    assert "duplicate_charge_id" not in rules.draft(door(reason="general", others=others))


def test_what_was_refunded_already_is_said() -> None:
    back = GivenBack(at=PAID, amount=usd(3000), reason="half of it", arrived=True)
    assert "What is disputed was refunded already." in rules.doubts(door(refunds=(back,)))
    assert "$30.00 of $30.00 was given back." in rules.draft(door(refunds=(back,)))["refund_refusal_explanation"]


@given(st.lists(st.text("ab \n", max_size=400), max_size=300))
def test_a_draft_always_fits_at_stripe(texts: list[str]) -> None:
    moments = tuple(Moment(PAID + timedelta(minutes=n), text * 9) for n, text in enumerate(texts))

    said = rules.check(rules.draft(door(history=moments, activity=moments)))

    assert all(len(text) <= 20_000 for text in said.values())
    assert sum(len(text) for text in said.values()) <= 150_000
    # What is left out is the oldest, and it is said how many.
    if moments and moments[-1].what.strip():
        assert moments[-1].what.strip()[:20] in said["access_activity_log"]


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"receipt": "what we wrote"}, "receipt: is the id of an uploaded file"),
        ({"product": "a seat"}, "product: is none of Stripe's fields"),
        ({"uncategorized_text": "x" * 20_001}, "has 20,001 characters; 20,000 fit"),
        ({"customer_name": "x" * 5_001}, "has 5,001 characters; 5,000 fit"),
        (dict.fromkeys(rules.PROSE, "x" * 20_000), "has 160,000 characters in all; 150,000 fit"),
    ],
)
def test_what_stripe_would_refuse_is_refused_here(fields: dict[str, str], fault: str) -> None:
    with pytest.raises(InvalidInputError, match=fault):
        rules.check(fields)


def test_what_a_person_edits_comes_back_as_it_was() -> None:
    said = rules.draft(door())

    assert rules.check(rules.from_text(rules.as_text(said))) == said
    with pytest.raises(InvalidInputError, match="before the first"):
        rules.from_text("so it was\n\n## customer_name\nCleo\n")
    with pytest.raises(InvalidInputError, match="twice"):
        rules.from_text("## customer_name\nCleo\n## customer_name\nAda\n")
