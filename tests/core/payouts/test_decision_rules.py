"""Whether a payout may leave: the order of reasons, and what is taken along."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tourpad.core.money import Money, usd
from tourpad.core.payouts.rules import (
    Allowance,
    Budget,
    Consent,
    DisputeFact,
    Hold,
    Later,
    Pay,
    PayeeFacts,
    PayoutFacts,
    bank_holidays,
    business_days_after,
    decide,
    decide_all,
)
from tourpad.core.payouts.states import HoldReason
from tourpad.core.values import replace

NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)
MINIMUM = usd(2500)

PAYEE = PayeeFacts(user_id=UUID(int=1), email="ada@example.org", can_receive=True, has_account=True, adjustment=usd(0))


def payout(cents: int, *, number: int = 1, due: datetime = NOW - timedelta(days=1)) -> PayoutFacts:
    return PayoutFacts(payout_id=UUID(int=number), base=usd(cents), due_at=due + timedelta(seconds=number))


def one(facts: PayoutFacts, payee: PayeeFacts = PAYEE, available: Money | None = None) -> Hold | Pay:
    return decide(facts, payee, now=NOW, brought=payee.adjustment, minimum=MINIMUM, available=available)


EVERYTHING_WRONG = replace(
    payout(6000, due=NOW + timedelta(days=2)), held_note="wait", disputes=(DisputeFact("dp_1", NOW),)
)
NOBODY = replace(PAYEE, held_reason="hold", can_receive=False)


def test_reasons_come_in_order() -> None:
    """Each fix uncovers the next reason; what somebody must act on is named before what passes by itself."""
    facts, payee, seen = EVERYTHING_WRONG, NOBODY, []
    limit = usd(5500)
    steps = [
        lambda f, p: (replace(f, held_note=None), p),
        lambda f, p: (f, replace(p, held_reason=None)),
        lambda f, p: (replace(f, disputes=()), p),
        lambda f, p: (f, replace(p, can_receive=True)),
        lambda f, p: (replace(f, base=usd(-1)), p),
        lambda f, p: (replace(f, due_at=NOW), p),
        lambda f, p: (replace(f, base=usd(2499)), p),
        lambda f, p: (replace(f, base=usd(5000)), p),
        lambda f, p: (replace(f, base=usd(4900)), p),
    ]
    for step in steps:
        allowance = Allowance(limit, usd(4950))
        decision = decide(
            facts,
            payee,
            now=NOW,
            brought=usd(0),
            minimum=MINIMUM,
            available=usd(4899),
            allowance=allowance,
        )
        assert isinstance(decision, Hold)
        seen.append(decision.reason)
        facts, payee = step(facts, payee)
    last = one(facts, payee, usd(4899))
    assert isinstance(last, Hold)

    assert [*seen, last.reason] == [
        HoldReason.MANUAL,
        HoldReason.MANUAL,
        HoldReason.DISPUTE,
        HoldReason.NOT_RECEIVING,
        HoldReason.APPROVAL,
        HoldReason.HOLD_PERIOD,
        HoldReason.DEBT,
        HoldReason.BELOW_MINIMUM,
        HoldReason.APPROVAL,
        HoldReason.FUNDS_NOT_AVAILABLE,
    ]
    assert one(facts, payee, usd(4900)) == Pay(usd(4900), usd(0))


def agreed(cents: int, *, is_approved: bool = True) -> Consent:
    return Consent(UUID(int=99), "ap_00000063", usd(cents), "admin Mara", is_approved)


@pytest.mark.parametrize(
    ("consents", "adjustment", "expected"),
    [
        ((), 0, "tourpad payouts ask po_00000001"),
        ((agreed(9000, is_approved=False),), 0, "tourpad payouts approve ap_00000063"),
        ((agreed(8999),), 0, "tourpad payouts ask po_00000001"),
        ((agreed(9000),), -1, "tourpad payouts ask po_00000001"),
        ((agreed(9000),), 0, None),
        ((agreed(8900),), -100, None),
    ],
    ids=["not asked", "asked", "another amount", "a debt since", "approved", "approved with the debt"],
)
def test_two_admins_agree_on_exactly_one_amount(
    consents: tuple[Consent, ...], adjustment: int, expected: str | None
) -> None:
    large = replace(payout(9000), consents=consents)
    allowance = Allowance(usd(5000), usd(5000))

    [(_, decision)] = decide_all(
        [large], replace(PAYEE, adjustment=usd(adjustment)), now=NOW, minimum=MINIMUM, allowance=allowance
    )

    if expected is None:
        assert isinstance(decision, Pay)
        assert decision.approval_id == UUID(int=99)
        assert allowance.left == usd(5000)  # what two agreed on leaves room for the rest of the day
    else:
        assert isinstance(decision, Hold)
        assert (decision.reason, decision.command) == (HoldReason.APPROVAL, expected)
        assert decision.would is not None
        assert decision.would.amount == usd(9000 + adjustment)


def test_what_one_admin_lets_leave_in_a_day_adds_up() -> None:
    """The earliest due go first; what does not fit into the day waits, what fits behind it leaves."""
    allowance = Allowance(usd(10_000), usd(9000))

    decided = decide_all(
        [payout(6000, number=1), payout(4000, number=2), payout(3000, number=3)],
        PAYEE,
        now=NOW,
        minimum=MINIMUM,
        allowance=allowance,
    )

    assert [d.reason if isinstance(d, Hold) else d for _, d in decided] == [
        Pay(usd(6000), usd(0)),
        HoldReason.APPROVAL,
        Pay(usd(3000), usd(0)),
    ]
    assert allowance.left == usd(0)
    assert "more than $100.00 would leave today" in str(decided[1][1])


@pytest.mark.parametrize(
    ("facts", "payee", "sentence", "command"),
    [
        (
            replace(payout(5000), held_note="held by mara: guest list"),
            PAYEE,
            "held by mara: guest list",
            "release po_",
        ),
        (payout(5000, due=NOW + timedelta(days=6)), PAYEE, "held until Tue 1 Dec 2026", "explain po_"),
        (
            replace(payout(5000), disputes=(DisputeFact("dp_1Qx", datetime(2026, 12, 9, tzinfo=UTC)),)),
            PAYEE,
            "dp_1Qx on one charge, answer due Wed 9 Dec 2026",
            "tourpad disputes show dp_1Qx",
        ),
        (
            replace(payout(5000), disputes=(DisputeFact("dp_1Qx", None),)),
            PAYEE,
            "dp_1Qx on one charge, with the bank",
            "tourpad disputes show dp_1Qx",
        ),
        (
            payout(5000),
            replace(PAYEE, can_receive=False, requirements=("identity.individual.date_of_birth",)),
            "Stripe asks for a date of birth",
            "users show ada@example.org",
        ),
        (
            payout(5000),
            replace(PAYEE, can_receive=False, has_account=False),
            "has not connected a bank account",
            "users show ada@example.org",
        ),
        (payout(-300), PAYEE, "$3.00 is still owed to us and comes off the next payout", "explain po_"),
        (payout(300), replace(PAYEE, adjustment=usd(-300)), "an earlier debt takes all of it", "explain po_"),
        (
            payout(1820),
            PAYEE,
            "$18.20 is below the minimum of $25.00: carried to the next payout",
            "explain po_",
        ),
    ],
)
def test_every_hold_has_a_sentence_and_a_command(
    facts: PayoutFacts, payee: PayeeFacts, sentence: str, command: str
) -> None:
    decision = one(facts, payee)

    assert isinstance(decision, Hold)
    assert decision.sentence == sentence
    assert decision.command.startswith("tourpad ")
    assert command in decision.command


def test_the_minimum_applies_to_what_is_brought_along() -> None:
    first, second, third = payout(1820, number=1), payout(900, number=2), payout(2600, number=3)

    decided = decide_all([third, second, first], PAYEE, now=NOW, minimum=MINIMUM)

    assert [d.reason if isinstance(d, Hold) else d for _, d in decided] == [
        HoldReason.BELOW_MINIMUM,
        Pay(usd(2720), usd(1820), (UUID(int=1),)),
        Pay(usd(2600), usd(0)),
    ]


def test_a_debt_is_taken_off_until_it_is_paid() -> None:
    payee = replace(PAYEE, adjustment=usd(-6000))

    decided = decide_all([payout(5000, number=1), payout(5000, number=2)], payee, now=NOW, minimum=MINIMUM)

    assert [d.reason if isinstance(d, Hold) else d for _, d in decided] == [
        HoldReason.DEBT,
        Pay(usd(4000), usd(-1000), (UUID(int=1),), adjusts=True),
    ]


def test_what_is_too_little_says_what_came_to_it() -> None:
    payouts = [payout(800, number=1), payout(600, number=2)]

    def sentences(adjustment: int) -> list[str]:
        owes = replace(PAYEE, adjustment=usd(adjustment))
        return [d.sentence for _, d in decide_all(payouts, owes, now=NOW, minimum=MINIMUM) if isinstance(d, Hold)]

    waits = "is below the minimum of $25.00: carried to the next payout"
    assert sentences(0) == [f"$8.00 {waits}", f"$14.00 with $8.00 before {waits}"]
    assert sentences(-193) == [f"$6.07 after $1.93 owed to us {waits}", f"$12.07 with $6.07 before {waits}"]


def test_a_debt_does_not_wait_for_its_own_hold_period() -> None:
    later = payout(-700, number=1, due=NOW + timedelta(days=3))

    decided = decide_all([later, payout(5000, number=2)], PAYEE, now=NOW, minimum=MINIMUM)

    assert decided[1][1] == Pay(usd(4300), usd(-700), (UUID(int=1),))


def test_a_budget_leaves_the_rest_for_later() -> None:
    payouts = [payout(9000, number=1), payout(4000, number=2), payout(3000, number=3)]
    budget = Budget(limit=1, max_total=usd(5000))

    decided = decide_all(payouts, replace(PAYEE, adjustment=usd(-100)), now=NOW, minimum=MINIMUM, budget=budget)

    first = Pay(usd(8900), usd(-100), (), adjusts=True)
    assert [d for _, d in decided] == [
        Later(first, "over $50.00 in all (--max-total)"),
        Pay(usd(4000), usd(0)),
        Later(Pay(usd(3000), usd(0)), "after 1 transfer (--limit)"),
    ]
    assert (budget.sent, budget.total) == (1, usd(4000))


def test_what_comes_along_is_asked_for_once() -> None:
    """Two that wait for a second admin: the small one is part of the first request and of no other."""
    payouts = [payout(1000, number=1), payout(4000, number=2), payout(2000, number=3), payout(6000, number=4)]

    decided = decide_all(payouts, PAYEE, now=NOW, minimum=MINIMUM, allowance=Allowance(usd(10_000), usd(0)))

    would = [d.would.amount if isinstance(d, Hold) and d.would else None for _, d in decided]
    assert would == [None, usd(5000), None, usd(8000)]  # each of the small ones goes with the next


def test_a_debt_comes_off_whatever_leaves_first() -> None:
    payouts = [payout(9000, number=1), payout(4000, number=2)]
    owes = replace(PAYEE, adjustment=usd(-500))

    decided = decide_all(payouts, owes, now=NOW, minimum=MINIMUM, allowance=Allowance(usd(8000), usd(8000)))

    assert isinstance(decided[0][1], Hold)
    assert decided[1][1] == Pay(usd(3500), usd(-500), adjusts=True)


def test_a_disputed_payout_is_not_brought_along() -> None:
    disputed = replace(payout(1000, number=1), disputes=(DisputeFact("dp_1", None),))

    decided = decide_all([disputed, payout(3000, number=2)], PAYEE, now=NOW, minimum=MINIMUM)

    assert decided[1][1] == Pay(usd(3000), usd(0))


def test_funds_shrink_with_each_payout() -> None:
    decided = decide_all(
        [payout(5000, number=1), payout(5000, number=2), payout(2500, number=3)],
        PAYEE,
        now=NOW,
        minimum=MINIMUM,
        available=usd(7500),
    )

    assert [isinstance(d, Pay) for _, d in decided] == [True, False, True]


@given(
    amounts=st.lists(st.integers(-5000, 20_000), max_size=8),
    adjustment=st.integers(-20_000, 20_000),
    waiting=st.sets(st.integers(0, 7)),
)
def test_nothing_is_paid_twice_or_beyond_what_is_owed(amounts: list[int], adjustment: int, waiting: set[int]) -> None:
    """What is paid and what stays behind is what was there."""
    payouts = [
        payout(cents, number=n, due=NOW + timedelta(days=1 if n in waiting else -1)) for n, cents in enumerate(amounts)
    ]
    owed = sum(p.base.cents for p in payouts) + adjustment

    decided = decide_all(payouts, replace(PAYEE, adjustment=usd(adjustment)), now=NOW, minimum=MINIMUM)

    taken = {facts.payout_id for facts, d in decided if isinstance(d, Pay)}
    carried = [i for _, d in decided if isinstance(d, Pay) for i in d.carries]
    paid = sum(d.amount.cents for _, d in decided if isinstance(d, Pay))
    covered = sum(f.base.cents for f in payouts if f.payout_id in taken or f.payout_id in carried)
    assert len(carried) == len(set(carried))
    assert not taken.intersection(carried)
    assert paid == (covered + adjustment if taken else 0)
    assert paid <= max(owed, 0)
    assert all(d.amount >= MINIMUM for _, d in decided if isinstance(d, Pay))


@pytest.mark.parametrize(
    ("start", "days", "due"),
    [
        ("2026-11-16T23:00", 3, "2026-11-19T23:00"),
        ("2026-11-21T03:00", 3, "2026-11-25T03:00"),
        ("2026-11-24T03:00", 3, "2026-11-30T03:00"),  # over Thanksgiving and a weekend
        ("2026-12-31T22:00", 1, "2027-01-04T22:00"),  # New Year is a Friday
        ("2027-07-02T12:00", 1, "2027-07-06T12:00"),  # the 4th is a Sunday, kept on Monday
        ("2026-07-02T12:00", 1, "2026-07-03T12:00"),  # the 4th is a Saturday: banks work on Friday
        ("2026-11-21T03:00", 0, "2026-11-21T03:00"),
    ],
)
def test_business_days(start: str, days: int, due: str) -> None:
    def read(text: str) -> datetime:
        return datetime.fromisoformat(text).replace(tzinfo=UTC)

    assert business_days_after(read(start), days) == read(due)


def test_holidays_are_those_of_the_federal_reserve() -> None:
    """https://www.frbservices.org/about/holiday-schedules, year 2027."""
    assert sorted(day.isoformat() for day in bank_holidays(2027)) == [
        "2027-01-01",
        "2027-01-18",
        "2027-02-15",
        "2027-05-31",
        "2027-06-19",
        "2027-07-05",
        "2027-09-06",
        "2027-10-11",
        "2027-11-11",
        "2027-11-25",
        "2027-12-25",
    ]
