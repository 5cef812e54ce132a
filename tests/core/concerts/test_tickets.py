"""Tickets as such: signed, bound to one party and one issue, and readable by people."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tourpad.core.concerts import door_tokens, links, tickets
from tourpad.core.concerts.door_tokens import DoorKey
from tourpad.core.concerts.errors import BadTicket, DoorLinkDead
from tourpad.core.concerts.tickets import Ticket

OLD, NEW = "an older secret that is long enough", "the newest secret that is long enough"
PARTY = UUID("01900000-0000-7000-8000-00000000000a")
OTHER = UUID("01900000-0000-7000-8000-00000000000b")


def test_a_ticket_says_whose_it_is_and_stands_well_in_a_qr_code() -> None:
    token = tickets.mint([NEW], Ticket(PARTY, 3))
    assert tickets.read([NEW], token) == Ticket(PARTY, 3)
    assert tickets.read([NEW], f" {token[:20].lower()}-{token[20:]} ") == Ticket(PARTY, 3)
    assert len(token) == 56
    assert token.isalnum()
    assert token == token.upper()


@given(st.integers(0, 55), st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"))
def test_no_letter_of_it_can_be_another(place: int, letter: str) -> None:
    token = tickets.mint([NEW], Ticket(PARTY, 1))
    forged = token[:place] + letter + token[place + 1 :]
    if forged != token:
        with pytest.raises(BadTicket):
            tickets.read([NEW], forged)


@pytest.mark.parametrize("garbage", ["", "A", "ÄÖ", "=" * 56, "A" * 56, "A" * 10_000, "https://tourpad.example/pay/x"])
def test_garbage_is_no_ticket(garbage: str) -> None:
    with pytest.raises(BadTicket):
        tickets.read([NEW], garbage)


def test_tickets_outlive_a_rotation_for_as_long_as_their_secret_is_listed() -> None:
    what = Ticket(PARTY, 1)
    token, code = tickets.mint([OLD], what), tickets.code([OLD], what)
    assert tickets.read([NEW, OLD], token) == what
    assert tickets.matches([NEW, OLD], what, code)
    assert tickets.digest(token) in tickets.hashes([NEW, OLD], what)
    assert not tickets.matches([NEW], what, code)
    with pytest.raises(BadTicket):
        tickets.read([NEW], token)


def test_a_code_is_typed_as_people_type() -> None:
    what = Ticket(PARTY, 1)
    code = tickets.code([NEW], what)
    assert (len(code), code[4]) == (9, "-")
    for typed in (code, code.lower(), code.replace("-", " "), code.replace("0", "o").replace("1", "l")):
        assert tickets.matches([NEW], what, typed)
    others = [Ticket(PARTY, 2), Ticket(OTHER, 1)]
    assert not any(tickets.matches([NEW], other, code) for other in others)


def test_what_is_signed_for_one_thing_is_good_for_nothing_else() -> None:
    from datetime import UTC, datetime

    pay = links.mint([NEW], rsvp_id=PARTY, expires_at=datetime(2027, 1, 1, tzinfo=UTC))
    door = door_tokens.mint_key([NEW], DoorKey(PARTY, 1))
    with pytest.raises(DoorLinkDead):
        door_tokens.read_key([NEW], pay)
    for token in (pay, door):
        with pytest.raises(BadTicket):
            tickets.read([NEW], token)


def test_a_list_holds_nothing_that_makes_a_ticket() -> None:
    what = Ticket(PARTY, 1)
    known = " ".join(tickets.hashes([NEW], what) + tickets.code_hashes([NEW], what))
    assert tickets.mint([NEW], what) not in known
    assert tickets.code([NEW], what).replace("-", "") not in known.upper()
