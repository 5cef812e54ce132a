"""`tourpad bookings` and `tourpad concerts`."""

from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.test_output import a_person_looks
from tests.factories.bookings import make_booking, make_pair
from tests.factories.concerts import ask, make_concert, make_fan, seat
from tourpad.core.actors import operator
from tourpad.core.concerts import service as concerts
from tourpad.core.concerts.queries import shows as concert_queries
from tourpad.core.identity import queries as people

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.command import Command
    from tourpad.core.platform import Platform
    from tourpad.core.work import Work

BOOKING_COLUMNS = [
    *("id", "state", "date", "artist", "venue", "city", "artist_fee_cents", "door_fee_cents", "requested_by", "turn"),
]


@pytest.fixture
def set_up(cli: "Command", platform: "Platform") -> "Iterator[Work]":
    """Where the commands work: what the test puts in is committed by `commit()`."""
    with platform.work(operator("test")) as work:
        yield work


def test_without_bookings_a_pipe_gets_only_the_heading(cli: "Command") -> None:
    for noun, rest in (("bookings", BOOKING_COLUMNS), ("concerts", None)):
        said = cli(noun, "list")
        assert (said.exit_code, len(said.rows)) == (0, 1)
        assert rest is None or said.rows == [rest]
        assert cli(noun, "list", "--json").json == {noun: [], "total": 0}


def test_bookings_are_listed_and_narrowed(cli: "Command", set_up: "Work") -> None:
    work = set_up
    pair = make_pair(work)
    confirmed = make_booking(work, pair)
    make_booking(work, state="pending")
    email = people.get_user(work, pair.host_user).email
    work.commit()
    rows = cli("bookings", "list").rows
    assert rows[0] == BOOKING_COLUMNS
    assert sorted(row[1] for row in rows[1:]) == ["confirmed", "pending"]
    [only] = cli("bookings", "list", "--state", "confirmed", "--json").json["bookings"]
    assert (only["id"], only["date"], only["artist_fee_cents"], only["city"]) == (
        str(confirmed.id),
        "2026-04-10",
        20_000,
        "Columbus OH",
    )
    assert [b["id"] for b in cli("bookings", "list", "--who", email, "--json").json["bookings"]] == [str(confirmed.id)]
    assert cli("bookings", "list", "--who", "nobody@people.example").exit_code == 3
    assert cli("bookings", "list", "--state", "maybe").exit_code == 2


def test_one_booking_is_shown_with_its_offers(cli: "Command", set_up: "Work") -> None:
    booking = make_booking(set_up, state="countered")
    set_up.commit()
    shown = cli("bookings", "show", str(booking.id)[-8:], "--json").json
    assert (shown["state"], shown["turn"], [o["made_by"] for o in shown["offers"]]) == (
        "countered",
        "artist",
        ["artist", "host"],
    )
    assert shown["offers"][1]["changes"] == [{"label": "begins", "before": "7:30 pm", "after": "6:00 pm"}]
    assert [row["name"] for row in shown["offers"][1]["outlook"]] == ["low", "expected", "full"]
    assert [(s["side"], s["name"]) for s in shown["offers"][1]["signatures"]] == [("host", "Mara Lovelock")]
    assert [(m["event"], m["by"]) for m in shown["history"]] == [("requested", "artist"), ("countered", "host")]
    missing = cli("bookings", "show", "00000000")
    assert (missing.exit_code, missing.stdout, missing.stderr.splitlines()[0]) == (
        3,
        "",
        "No booking has the id 00000000.",
    )


def test_an_agreement_is_shown_and_written_as_pdf(cli: "Command", set_up: "Work", tmp_path: "Path") -> None:
    booking = make_booking(set_up)
    set_up.commit()
    shown = cli("bookings", "agreement", str(booking.id)[-8:], "--json").json
    assert (shown["stage"], shown["number"], len(shown["signatures"])) == ("signed", 1, 2)
    file = tmp_path / "agreement.pdf"
    assert cli("bookings", "agreement", str(booking.id), "--pdf", str(file)).exit_code == 0
    assert file.read_bytes().startswith(b"%PDF")
    assert cli("bookings", "agreement", str(booking.id), "--offer", "7").exit_code == 3


def test_calling_a_booking_off_shows_what_it_costs_and_asks(cli: "Command", set_up: "Work") -> None:
    booking = make_booking(set_up)
    set_up.commit()
    which = str(booking.id)
    asked = cli("bookings", "cancel", which)
    assert (asked.exit_code, "needs a yes" in asked.stderr) == (4, True)
    looked = cli("bookings", "cancel", which, "--dry-run")
    quote = cli("bookings", "cancel", which, "--dry-run", "--json").json["quote"]
    assert looked.stdout.splitlines() == [
        "Juniper Vale at Mill Lane House, Fri 10 Apr 2026, is confirmed. Calling it off:",
        "  $200.00 of $200.00 goes back to Mill Lane House",
        "    the artist's fee: all of it, as the host did not call it off",
        "  $0.30 of fees is kept by Stripe; we bear it",
        f"  quote {quote['quote_id']}",
        "Nothing was changed (--dry-run).",
    ]
    stale = cli("bookings", "cancel", which, "--yes", "--quote", "0123456789abcdef")
    assert (stale.exit_code, "Nothing was done" in stale.stderr) == (4, True)
    done = cli("bookings", "cancel", which, "--yes", "--reason", "A flood.", "--json", "--quote", quote["quote_id"])
    assert done.json == {
        "id": which,
        "state": "cancelled",
        "refund_cents": 20_000,
        "door_refunds_cents": 0,
        "quote": quote,
    }
    shown = cli("bookings", "show", which, "--json").json
    assert (shown["state"], shown["cancelled_by"], shown["cancel_reason"]) == ("cancelled", "admin", "A flood.")
    again = cli("bookings", "cancel", which, "--yes")
    assert (again.exit_code, "can't become cancelled" in again.stderr) == (4, True)


def test_what_is_over_is_not_offered_to_be_called_off(
    cli: "Command", set_up: "Work", monkeypatch: pytest.MonkeyPatch
) -> None:
    from tourpad.cli import bookings

    which = str(make_booking(set_up).id)
    set_up.commit()
    for name, value in cli.environment.items():
        monkeypatch.setenv(name, value)
    with a_person_looks(monkeypatch) as before:
        bookings.show(which)
    assert cli("bookings", "cancel", which, "--yes").exit_code == 0
    with a_person_looks(monkeypatch) as after:
        bookings.show(which)
    offered = f"What they agreed on:  tourpad bookings agreement {which[-8:]}"
    assert before.getvalue().splitlines()[-1] == f"{offered}      Call it off:  tourpad bookings cancel {which[-8:]}"
    assert after.getvalue().splitlines()[-1] == offered


def test_concerts_and_their_guests(cli: "Command", set_up: "Work") -> None:
    work = set_up
    concert = make_concert(work, capacity=3)
    seat(work, concert, 2, fan=make_fan(work, name="Cleo Okafor"))
    ask(work, concert, 2, fan=make_fan(work, name="Ben Lee"))
    host = concert_queries.sides_of(work, concert).host_user_id
    for most in (1, 2):
        link = concerts.make_invitation_link(work, concert_id=concert.id, user_id=host, max_uses=most)
        if most == 1:
            concerts.accept_invitation(work, token=link.url.rpartition("/")[2], user_id=make_fan(work))
    work.commit()
    which = str(concert.id)
    [listed] = cli("concerts", "list", "--json").json["concerts"]
    assert (listed["id"], listed["state"], listed["seats_taken"], listed["max_capacity"], listed["door_fee_cents"]) == (
        which,
        "scheduled",
        2,
        3,
        1_500,
    )
    assert cli("concerts", "list", "--state", "cancelled").rows[1:] == []
    shown = cli("concerts", "show", which[-8:], "--json").json
    assert (shown["seats"], shown["title"]) == (
        {"approved": 2, "waitlisted": 2},
        "Juniper Vale at Mill Lane House, Columbus",
    )
    assert shown["invitation_links"] == {"open": 1, "used": 1}
    guests = cli("concerts", "guests", which, "--json").json
    assert [(g["name"], g["state"], g["guests"], g["fee_cents"]) for g in guests["guests"]] == [
        ("Cleo Okafor", "approved", 2, 3_000),
        ("Ben Lee", "waitlisted", 2, 3_000),
    ]
    assert {g["keep_by"] for g in guests["guests"]} == {None}
    assert [row[1] for row in cli("concerts", "guests", which, "--state", "waitlisted").rows] == ["name", "Ben Lee"]
    for_the_door = cli("concerts", "guests", which, "--door", "--json").json
    assert [row["name"] for row in for_the_door["rows"]] == sorted(row["name"] for row in for_the_door["rows"])
    assert cli("concerts", "guests", which, "--door").rows[0][:3] == ["name", "companions", "guests"]
    assert cli("concerts", "guests", which, "--csv").stdout.startswith("name,companions,guests,arrived,")
    assert cli("concerts", "guests", which, "--pdf", "door.pdf").stdout.startswith("Guest list, ")
    assert cli("concerts", "guests", which, "--csv", "--json").exit_code == 2
    assert cli("concerts", "guests", which, "--door", "--state", "waitlisted").exit_code == 2


def test_calling_a_concert_off(cli: "Command", set_up: "Work") -> None:
    work = set_up
    concert = make_concert(work, fee=20_000)
    seat(work, concert, 2)
    work.commit()
    which = str(concert.id)
    looked = cli("concerts", "cancel", which, "--dry-run").stdout
    assert "$200.00 of $200.00 goes back to Mill Lane House" in looked
    assert "$30.00 of $30.00 goes back to 1 party" in looked
    assert cli("concerts", "show", which, "--json").json["state"] == "scheduled"
    done: Any = cli("concerts", "cancel", which, "--yes", "--json").json
    assert (done["state"], done["refund_cents"], done["door_refunds_cents"]) == ("cancelled", 20_000, 3_000)
    assert "0 of 1 sent, $0.00 of $30.00" in cli("concerts", "show", which).stdout
    ran = cli("jobs", "run", "concerts-refund")
    assert ran.exit_code == 0
    guests = cli("concerts", "guests", which, "--json").json["guests"]
    assert [g["state"] for g in guests] == ["cancelled"]
    assert cli("concerts", "show", which, "--json").json["refunded_at"] is not None
