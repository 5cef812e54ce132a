"""The list for the door on paper: who comes, what they owe, a box for each guest; and tickets to print."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from tests.factories.bookings import make_pair
from tests.factories.concerts import ask, fan_of, make_concert, make_fan, seat
from tests.factories.papers import pages_of
from tests.factories.profiles import SECRET_STREET
from tourpad.core.errors import NotFoundError
from tourpad.core.papers import pdf, service, spreadsheet
from tourpad.core.papers.pages import page

if TYPE_CHECKING:
    from tests.factories.bookings import Pair
    from tourpad.core.clock import VirtualClock
    from tourpad.core.work import Work

FORMULA = '=HYPERLINK("https://evil.example","Zoe")'


@pytest.fixture
def evening(work: "Work", clock: "VirtualClock") -> "tuple[UUID, Pair]":
    from tourpad.core.concerts import service as concerts

    pair = make_pair(work, address=True)
    concert = make_concert(work, pair, capacity=20)
    concerts.ask(
        work,
        concert_id=concert.id,
        user_id=make_fan(work, name="Zoe Ames"),
        guests_count=3,
        special_requests="a chair with arms",
        companions=["Ben Lee", "+1 800 555"],
    )
    seat(work, concert, 2, fan=make_fan(work, name="adam Berg"))
    formula = seat(work, concert, 1, fan=make_fan(work, name=FORMULA))
    clock.set(concert.starts_at - timedelta(hours=1))
    concerts.check_in(work, concert_id=concert.id, user_id=pair.host_user, rsvp_id=formula.id)
    return concert.id, pair


def test_a_box_for_each_guest_in_the_order_of_names(work: "Work", evening: "tuple[UUID, Pair]") -> None:
    sheet = service.guest_list(work, concert_id=evening[0], viewer=evening[1].host_user)
    (said,) = pages_of(pdf.render(page(sheet)))
    assert "□□ adam Berg 2 paid $30.00" in said
    assert "□□□ Zoe Ames with Ben Lee, +1 800 555 3 owes $45.00 a chair with arms" in said
    assert "in at 6:" in said or "in at 7:" in said or "in at 5:" in said
    assert said.index("adam Berg") < said.index("Zoe Ames")
    assert (sheet.expected, sheet.arrived, sheet.seats_left) == (3, 1, 14)
    assert SECRET_STREET not in said


def test_what_it_counts_is_what_it_lists_in_the_order_in_which_people_look(work: "Work") -> None:
    concert = make_concert(work, capacity=20)
    for name, guests in (("Zoe Ames", 3), ("Łucja Nowak", 2), ("Mia Ott", 1)):
        seat(work, concert, guests, fan=make_fan(work, name=name))
    ask(work, concert, 4)
    sheet = service.guest_list(work, concert_id=concert.id, viewer=None)
    said = [row.name for row in sheet.rows]
    assert said.index("Łucja Nowak") < said.index("Mia Ott") < said.index("Zoe Ames")
    facts = dict(page(sheet).facts)
    assert (facts["Expected"], facts["Not certain"]) == ("6 guests in 3 parties", "4 guests in 1 party")


def test_no_name_computes_anything_in_a_spreadsheet(work: "Work", evening: "tuple[UUID, Pair]") -> None:
    import csv
    import io

    text = spreadsheet.write(service.guest_list(work, concert_id=evening[0], viewer=None))
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["name"] for row in rows] == ["adam Berg", f"'{FORMULA}", "Zoe Ames"]
    assert rows[2]["companions"] == "Ben Lee; +1 800 555"
    assert (rows[0]["paid"], rows[2]["owing"], rows[1]["stands"], rows[2]["stands"]) == ("30.00", "45.00", "in", "owes")
    for row in rows:
        assert not any(value.startswith(("=", "+", "-", "@", "\t", "\r", "\n")) for value in row.values())


def test_the_artist_learns_no_more_than_an_artist_needs(work: "Work", evening: "tuple[UUID, Pair]") -> None:
    sheet = service.guest_list(work, concert_id=evening[0], viewer=evening[1].artist_user)
    written = spreadsheet.write(sheet) + " ".join(pages_of(pdf.render(page(sheet))))
    for private in ("Ames", "Berg", "Lee", "chair", "30.00", "45.00"):
        assert private not in written
    assert "adam" in written
    for other in (make_fan(work), make_pair(work).host_user):
        with pytest.raises(NotFoundError):
            service.guest_list(work, concert_id=evening[0], viewer=other)


def test_an_empty_list_says_so(work: "Work") -> None:
    pair = make_pair(work)
    concert = make_concert(work, pair)
    (said,) = pages_of(pdf.render(page(service.guest_list(work, concert_id=concert.id, viewer=None))))
    assert "Nobody has certain seats yet." in said


def test_a_ticket_to_print_leads_nobody_to_the_home(work: "Work") -> None:
    from tourpad.core.concerts import service as concerts
    from tourpad.core.papers.pages.ticket import ticket_page

    concert = make_concert(work, make_pair(work, address=True))
    rsvp = seat(work, concert, 2, fan=make_fan(work, name="Zoe Ames"))
    ticket: Any = concerts.ticket(work, rsvp_id=rsvp.id, user_id=fan_of(work, rsvp))
    (said,) = pages_of(pdf.render(ticket_page(ticket, service.merchant(work.settings))))
    assert ticket.code in said
    assert "Zoe Ames" in said
    assert SECRET_STREET not in said
    assert ask(work, concert).ticket_issue == 1
