"""Lists and facts in the three forms: for people, for pipes, for programs."""

import io
import json
import re
import sys
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from tourpad.cli.config import masked
from tourpad.cli.output import Column, confirm, human, show_list, show_one
from tourpad.core.errors import RefusedError
from tourpad.core.money import usd

ID = UUID("019b0000-0000-7000-8000-0000abcd1234")
ROWS: list[dict[str, Any]] = [
    {
        "id": ID,
        "payee": "Ada\tLovelace\nof Columbus",
        "pays": usd(41_250),
        "at": datetime(2026, 12, 1, 9, tzinfo=UTC),
        "none": None,
    }
]
COLUMNS = [Column("id"), Column("payee"), Column("pays"), Column("at"), Column("none")]


class Screen(io.StringIO):
    """A terminal's end of a pipe."""

    def isatty(self) -> bool:
        """Somebody looks."""
        return True


@contextmanager
def a_person_looks(monkeypatch: pytest.MonkeyPatch, *, width: int = 120) -> Generator["Screen"]:
    """Standard output as a person has it: a terminal, 120 wide unless told otherwise, without colour."""
    screen = Screen()
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", screen)
        patch.setenv("COLUMNS", str(width))
        patch.setenv("NO_COLOR", "1")
        yield screen


def test_a_pipe_gets_tabs_full_ids_iso_times_and_no_closing_line(capsys: pytest.CaptureFixture[str]) -> None:
    show_list(ROWS, COLUMNS, as_json=False, empty="None.", closing="1 payout.")
    head, row = capsys.readouterr().out.splitlines()
    assert head.split("\t") == ["id", "payee", "pays", "at", "none"]
    assert row.split("\t") == [str(ID), "Ada Lovelace of Columbus", "41250", "2026-12-01T09:00:00Z", ""]


def test_a_program_gets_one_document(capsys: pytest.CaptureFixture[str]) -> None:
    show_list(ROWS, COLUMNS, as_json=True, empty="None.", key="payouts", extra={"total": usd(41_250)})
    assert json.loads(capsys.readouterr().out) == {
        "payouts": [
            {
                "id": str(ID),
                "payee": "Ada\tLovelace\nof Columbus",
                "pays": 41_250,
                "at": "2026-12-01T09:00:00Z",
                "none": None,
            }
        ],
        "total": 41_250,
    }


def test_a_person_gets_short_ids_spoken_dates_money_and_a_closing_line(monkeypatch: pytest.MonkeyPatch) -> None:
    with a_person_looks(monkeypatch) as screen:
        show_list(ROWS, COLUMNS, as_json=False, empty="None.", closing="1 payout.  Pay:  tourpad payouts run")
    text = screen.getvalue()
    assert "abcd1234" in text
    assert str(ID) not in text
    assert "$412.50" in text
    assert "Tue 1 Dec 2026 09:00" in text
    assert text.rstrip().endswith("1 payout.  Pay:  tourpad payouts run")


def test_empty_is_a_sentence_for_a_person_and_a_heading_for_a_pipe(monkeypatch: pytest.MonkeyPatch) -> None:
    with a_person_looks(monkeypatch) as screen:
        show_list([], COLUMNS, as_json=False, empty="No payout is due.", closing="0 payouts.")
    assert screen.getvalue().strip() == "No payout is due."


def test_facts_of_one_thing_keep_the_whole_id(monkeypatch: pytest.MonkeyPatch) -> None:
    with a_person_looks(monkeypatch) as screen:
        show_one({"id": ID, "day": date(2026, 11, 21), "open": True}, as_json=False)
    assert screen.getvalue().splitlines() == [f"id    {ID}", "day   Sat 21 Nov 2026", "open  yes"]


def test_an_amount_of_one_thing_is_in_dollars_for_a_person_and_in_cents_for_a_program(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    facts = {"amount_cents": 4000, "fee_cents": usd(146), "lost_cents": None}
    show_one(facts, as_json=False)
    assert capsys.readouterr().out.splitlines() == ["amount_cents\t4000", "fee_cents\t146", "lost_cents\t"]
    with a_person_looks(monkeypatch) as screen:
        show_one(facts, as_json=False)
    assert screen.getvalue().splitlines() == ["amount  $40.00", "fee     $1.46", "lost    –"]


def test_facts_name_their_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    at = datetime(2026, 8, 15, 23, 30, tzinfo=UTC)
    facts = {"begins": at.astimezone(ZoneInfo("America/New_York")), "seen_at": at}
    with a_person_looks(monkeypatch) as screen:
        show_one(facts, as_json=False)
    assert screen.getvalue().splitlines() == [
        "begins   Sat 15 Aug 2026 19:30 EDT",
        "seen at  Sat 15 Aug 2026 23:30 UTC",
    ]


PEOPLE: list[dict[str, Any]] = [
    {"id": ID, "email": "mona.pereira@artists.example", "name": "Mona Pereira", "seen": datetime(2026, 12, 1, 9, 5)},  # noqa: DTZ001
    {"id": ID, "email": "bo@fans.example", "name": "Bo", "seen": None},
]
NARROW = [
    Column("id"),
    Column("email"),
    Column("name"),
    Column("seen", "last seen", optional=True),
]


@pytest.mark.parametrize(
    ("width", "lines"),
    [
        (
            100,
            [
                "id        email                         name          last seen",
                "abcd1234  mona.pereira@artists.example  Mona Pereira  Tue 1 Dec 2026 09:05",
                "abcd1234  bo@fans.example               Bo            –",
            ],
        ),
        (
            70,
            [
                "id        email                         name          last seen",
                "abcd1234  mona.pereira@artists.example  Mona Pereira  1 Dec 09:05",
                "abcd1234  bo@fans.example               Bo            –",
            ],
        ),
        (
            58,
            [
                "id        email                         name",
                "abcd1234  mona.pereira@artists.example  Mona Pereira",
                "abcd1234  bo@fans.example               Bo",
            ],
        ),
        (
            50,
            [
                "id        email                         name",
                "abcd1234  mona.pereira@artists.example  Mona",
                "                                        Pereira",
                "abcd1234  bo@fans.example               Bo",
            ],
        ),
    ],
)
def test_a_narrow_list_leaves_out_before_it_folds_and_folds_between_words(
    monkeypatch: pytest.MonkeyPatch, width: int, lines: list[str]
) -> None:
    with a_person_looks(monkeypatch, width=width) as screen:
        show_list(PEOPLE, NARROW, as_json=False, empty="Nobody.")
    assert [re.sub(r"\x1b\[\d*m", "", line).rstrip() for line in screen.getvalue().splitlines()] == lines


def test_headings_fold_before_what_stands_below_them(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [{"kind": "door fee", "back": "$5.00"}, {"kind": "booking", "back": "–"}]
    with a_person_looks(monkeypatch, width=17) as screen:
        show_list(rows, [Column("kind"), Column("back", "given back", right=True)], as_json=False, empty="")
    assert [re.sub(r"\x1b\[\d*m", "", line).rstrip() for line in screen.getvalue().splitlines()] == [
        "            given",
        "kind         back",
        "door fee    $5.00",
        "booking         –",
    ]


def test_long_facts_are_folded_between_words_beside_their_name(monkeypatch: pytest.MonkeyPatch) -> None:
    facts = {
        "permissions": ["browse_artists", "browse_concerts", "rsvp"],
        "link": "https://tourpad.example/" + "x" * 30,
        "notes": ["mara: saw them in March", "ben: lovely, and on time"],
        "none": [],
    }
    with a_person_looks(monkeypatch, width=45) as screen:
        show_one(facts, as_json=False)
    assert screen.getvalue().splitlines() == [
        "permissions  browse_artists, browse_concerts,",
        "             rsvp",
        "link         https://tourpad.example/" + "x" * 30,
        "notes        mara: saw them in March",
        "             ben: lovely, and on time",
        "none         –",
    ]


def test_nobody_at_the_terminal_means_no() -> None:
    with pytest.raises(RefusedError) as caught:
        confirm("Send?", yes=False)
    assert "--yes" in str(caught.value.hint)
    assert confirm("Send?", yes=True)
    assert not confirm("Send?", yes=True, dry_run=True)


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "–"), ("", "–"), (0, "0"), ([], "–"), ({"sent": 3}, "sent: 3"), (False, "no"), (usd(-5), "−$0.05")],
)
def test_values_are_written_for_people(value: object, text: str) -> None:
    assert human(value) == text


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("sk_live_1234567890abcdef", "****cdef"),
        ("short", "****"),
        ("postgresql://me:hunter2@db.internal:5432/tourpad", "postgresql://me:****@db.internal:5432/tourpad"),
        ("postgresql:///tourpad?host=/run", "postgresql:///tourpad?host=/run"),
        (("aaaaaaaaaaaaaaaaaaaaaaaa1111",), "****1111"),
        (None, None),
    ],
)
def test_secrets_are_masked(value: object, shown: str | None) -> None:
    assert masked(value, secret=True) == shown
