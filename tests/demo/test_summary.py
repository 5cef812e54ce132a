"""What the demo says at its end, in a pipe."""

from datetime import UTC, datetime

import pytest

from tourpad.core.values import replace
from tourpad.demo.summary import Summary, show

MONEY = {"in": 1_000, "paid_out": 600, "refunded": 100, "taken_back": 0, "fees": 50, "ours": 250, "held": 0}
PLAYED = Summary(
    seed=7,
    seconds=61.4,
    begins=datetime(2026, 3, 1, tzinfo=UTC),
    ends=datetime(2026, 11, 30, tzinfo=UTC),
    people={"artist": {"active": 3, "rejected": 1}, "host": {"active": 5}, "fan": {"active": 6, "approved": 4}},
    applications={"rejected": 1, "in_review": 2},
    memberships={"active": 9},
    bookings={"completed": 2, "cancelled": 1},
    seats={"taken": 20, "offered": 24, "waited": 3, "got_in": 1},
    plans={
        "trips": 1,
        "invited": 1,
        "with_minimum": 2,
        "reached": 1,
        "moved": 1,
        "stayed": 5,
        "went": 1,
        "calendars": 2,
    },
    money=MONEY,
    accounts={"stripe_balance": 400, "payable": -400},
    payouts=[{"state": "settled", "reason": None, "count": 2, "cents": 600}],
    disputes={},
    journals=1_234,
    mails=56,
    faults=[],
)


def lines(capsys: pytest.CaptureFixture[str]) -> list[list[str]]:
    said = capsys.readouterr().out
    assert "\x1b" not in said
    return [line.split("\t") for line in said.splitlines()]


def test_in_a_pipe_it_ends_with_plain_lines(capsys: pytest.CaptureFixture[str]) -> None:
    show(PLAYED, as_json=False)
    assert lines(capsys) == [
        ["A season of house concerts: 1 Mar – 30 Nov 2026", "61 s, seed 7"],
        ["people", "4 artists (3 in) · 5 hosts (5 in) · 1 rejected, 2 waiting · 10 fans, 6 members"],
        ["bookings", "3 asked: 2 played, 1 cancelled, 0 rejected, 0 expired, 0 open"],
        ["seats", "20 taken of 24 · 3 waited, 1 got in"],
        [
            "plans",
            (
                "1 trip, 1 invitation on the way · 1 of 2 shows with a minimum reached it · "
                "1 moved: 5 parties stayed, 1 went · 2 calendars read elsewhere"
            ),
        ],
        ["money", "in $10.00 = paid out $6.00 + refunded $1.00 + fees $0.50 + ours $2.50"],
        ["books", "1,234 journals, every one zero · Stripe agrees to the cent · nothing stuck · 56 mails"],
        ["account", "stripe_balance", "$4.00"],
        ["account", "payable", "−$4.00"],
        ["payouts", "settled", "", "2", "$6.00"],
        [
            "next",
            "tourpad applications review",
            "tourpad payouts preview",
            "tourpad concerts list",
            "tourpad availability trips",
            "tourpad dev",
        ],
    ]


def test_a_cent_that_is_off_is_a_line_of_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    show(replace(PLAYED, faults=["ledger: one cent is missing"]), as_json=False)
    said = lines(capsys)
    assert ["FAULT", "ledger: one cent is missing"] in said
    assert ["books", "1,234 journals, and 1 faults (below)"] in said
