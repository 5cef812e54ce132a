"""Settlement sheets against the journals, through refunds and disputes before and after."""

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from sqlalchemy import select, update

from tests.factories.concerts import ask, make_concert, seat
from tests.factories.payments import fresh, refund
from tests.factories.payouts import Show, give_back, make_show, onboard, paid_show
from tourpad.core.actors import operator
from tourpad.core.bookings.states import DoorMode, Side
from tourpad.core.concerts.states import RsvpState
from tourpad.core.ledger.models import Journal, Line
from tourpad.core.money import usd
from tourpad.core.papers import service
from tourpad.core.papers.errors import PaperMismatchError
from tourpad.core.papers.pages import page
from tourpad.core.papers.sheets import SettlementSheet, Stage
from tourpad.core.payments import queries
from tourpad.core.payments.models import Payment
from tourpad.core.payments.procedures import send_refunds
from tourpad.core.payouts import procedures
from tourpad.core.payouts import queries as payout_queries
from tourpad.core.payouts import service as payouts
from tourpad.core.payouts.models import SettlementLine
from tourpad.core.payouts.service.explaining import took_in
from tourpad.core.payouts.states import HoldReason, PayoutState

if TYPE_CHECKING:
    from tests.stripe_sandbox import Sandbox
    from tourpad.core.work import Work

ME = operator("test")


def sheet_of(sandbox: "Sandbox", show: Show) -> SettlementSheet:
    with sandbox.platform.work(ME) as work:
        return service.settlement(work, concert_id=show.concert_id, viewer=None)


def in_hand(sheet: SettlementSheet) -> tuple[int, int, int]:
    return sheet.result.artist.cents, sheet.result.host.cents, sheet.result.platform.cents


def booked(sandbox: "Sandbox", show: Show) -> tuple[int, int, int]:
    """What the journals of a concert gave to artist, host and us, transfers left out: line by line."""
    with sandbox.platform.work(ME) as work:
        lines = work.session.execute(
            select(Line.account, Line.amount_cents)
            .join(Journal, Journal.id == Line.journal_id)
            .where(Journal.concert_id == show.concert_id, Journal.source_type != "transfer")
        ).all()
    names = (f"payable:{show.artist_user}", f"payable:{show.host_user}", "platform_revenue")
    artist, host, ours = (-sum(cents for account, cents in lines if account == name) for name in names)
    return artist, host, ours


def door_in_words(sandbox: "Sandbox", show: Show) -> str:
    """How `payouts explain` says what came in at the door."""
    with sandbox.platform.work(ME) as work:
        done = payout_queries.settlement_of(work, show.concert_id)
    assert done is not None
    return took_in(done)[0].description


def give(sandbox: "Sandbox", payment_id: UUID, cents: int) -> None:
    """A refund, made and heard of."""
    refund(sandbox.platform, payment_id, cents)
    send_refunds(sandbox.platform, ME)
    sandbox.news()


def lose(sandbox: "Sandbox", payment_id: UUID) -> None:
    """The bank takes a guest's money back for good."""
    charge = fresh(sandbox.platform, payment_id).stripe_charge_id
    sandbox.control(f"charges/{charge}/dispute", {"reason": "fraudulent"})
    sandbox.news()
    with sandbox.platform.work(ME) as work:
        (dispute,) = queries.disputes_of(work, payment_id)
    sandbox.control(f"disputes/{dispute.stripe_dispute_id}/resolve", {"outcome": "lost"})
    sandbox.news()


def test_every_cent_of_a_sheet_is_in_the_journals(sandbox: "Sandbox") -> None:
    show = paid_show(sandbox, door=(3000,) * 5, guarantee=5000)
    give(sandbox, show.payments[0], 1500)
    lose(sandbox, show.payments[1])
    procedures.settle_due(sandbox.platform, ME)

    settled = sheet_of(sandbox, show)

    door = settled.door
    assert (settled.stage, door.parties, door.guests, door.price) == (Stage.FINAL, 5, 10, usd(1500))
    assert (door.paid, door.refunded, door.lost, door.kept) == (usd(15000), usd(1500), usd(3000), usd(10500))
    assert [line.total for line in settled.lines] == [usd(10500), usd(5000), usd(0)]
    assert settled.result.total == usd(10500 + 5000)
    assert door_in_words(sandbox, show) == "10 door fees of $15.00, 1 refunded, 2 lost to disputes"
    assert settled.processing_fees == usd(4 * 117 + 175)  # of the charges that stand
    assert in_hand(settled) == booked(sandbox, show)

    onboard(sandbox.platform, show.artist_user)
    sandbox.advance(timedelta(days=6))
    procedures.run_payouts(sandbox.platform, ME)
    give(sandbox, show.payments[2], 1000)
    lose(sandbox, show.payments[3])

    later = sheet_of(sandbox, show)

    assert later.lines == settled.lines
    assert later.door == door
    assert [line.total for line in later.adjustments] == [usd(-1000), usd(-3000)]
    assert later.result.total == usd(10500 + 5000 - 4000)
    assert in_hand(later) == booked(sandbox, show)
    sent, held = later.payouts
    assert (sent.side, sent.state, sent.amount) == (Side.ARTIST, PayoutState.SETTLED, settled.result.artist)
    assert str(sent.transfer_id).startswith("tr_")
    assert (held.side, held.hold_reason, held.transfer_id) == (Side.HOST, HoldReason.NOT_RECEIVING, None)
    assert "connect your bank account" in str(held.note)


def test_a_settlement_that_differs_from_its_journal_is_no_paper(work: "Work") -> None:
    show = make_show(work, door=(1500,) * 4)
    payouts.settle(work, concert_id=show.concert_id)
    work.session.execute(
        update(SettlementLine)
        .where(SettlementLine.user_id == show.artist_user, SettlementLine.kind == "door_share")
        .values(amount_cents=SettlementLine.amount_cents + 1)
    )

    with pytest.raises(PaperMismatchError) as refused:
        service.settlement(work, concert_id=show.concert_id, viewer=None)

    assert "$47.05" in refused.value.message
    assert "the ledger $47.04" in refused.value.message
    with pytest.raises(PaperMismatchError):
        service.earnings(work, user_id=show.artist_user, year=2026)


def test_before_the_show_it_says_what_to_expect(work: "Work") -> None:
    concert = make_concert(work, capacity=20)
    seat(work, concert, 4)
    ask(work, concert, 2)  # approved, not paid yet

    sheet = service.settlement(work, concert_id=concert.id, viewer=None)

    assert (sheet.stage, sheet.settled_at, sheet.payouts) == (Stage.EXPECTED, None, ())
    assert (sheet.door.paid, sheet.door.guests, sheet.door_expected) == (usd(6000), 4, usd(3000))
    assert [(row.guests, row.door) for row in sheet.scenarios] == [
        (4, usd(6000)),
        (6, usd(9000)),
        (20, usd(30000)),
    ]
    assert sheet.result.total == usd(9000)  # the division is of what is booked
    likely = sheet.scenarios[1]
    assert (sheet.result.artist, sheet.result.host, sheet.result.platform) == (
        likely.artist,
        likely.host,
        likely.platform,
    )


def test_guests_who_had_their_money_back_are_not_counted_on(work: "Work") -> None:
    concert = make_concert(work, capacity=20)
    seat(work, concert, 4)
    late = seat(work, concert, 1)
    work.session.execute(
        update(Payment).where(Payment.reference_id == late.id).values(refunded_cents=Payment.amount_cents)
    )
    late.state, concert.seats_taken = RsvpState.LAPSED, concert.seats_taken - 1
    work.session.flush()

    sheet = service.settlement(work, concert_id=concert.id, viewer=None)

    assert (sheet.door.guests, sheet.door.refunded) == (5, usd(1500))  # of what came in
    assert [row.guests for row in sheet.scenarios] == [4, 4, 20]


def test_where_guests_pay_what_they_can_the_least_is_counted_and_what_is_suggested_hoped_for(work: "Work") -> None:
    concert = make_concert(work, capacity=10)
    concert.door_mode, concert.door_fee_cents = DoorMode.PAY_WHAT_YOU_CAN, 0
    concert.door_minimum_cents, concert.door_suggested_cents = 500, 1200
    ask(work, concert, 2)

    sheet = service.settlement(work, concert_id=concert.id, viewer=None)

    assert (sheet.door.price, sheet.door.is_pay_what_you_can) == (None, True)
    assert [row.door for row in sheet.scenarios] == [usd(0), usd(2 * 500), usd(2 * 500 + 8 * 1200)]
    assert ("Door", "guests pay what they can") in page(sheet).facts


def test_a_free_show_has_a_sheet_of_its_guarantee_alone(work: "Work") -> None:
    show = make_show(work, guarantee=5000, door_price=0)
    payouts.settle(work, concert_id=show.concert_id)

    sheet = service.settlement(work, concert_id=show.concert_id, viewer=None)

    assert in_hand(sheet) == (5000, 0, 0)
    assert ("Door", "free") in page(sheet).facts


def test_a_played_show_that_waits_counts_only_what_was_paid(work: "Work") -> None:
    show = make_show(work, door=(1500,) * 4, guarantee=5000)
    give_back(work, show, show.payments[0], 1500)

    sheet = service.settlement(work, concert_id=show.concert_id, viewer=None)

    assert (sheet.stage, sheet.scenarios, sheet.door_expected) == (Stage.EXPECTED, (), usd(0))
    assert sheet.result.total == usd(4500 + 5000)
    assert "when Stripe has decided" in sheet.notes[0]


@pytest.mark.parametrize(("by", "artist"), [("host", 5000), ("artist", 0)])
def test_of_a_show_called_off_only_what_a_late_host_forfeits_is_divided(work: "Work", by: str, artist: int) -> None:
    show = make_show(work, door=(1500,) * 2, guarantee=5000, state="cancelled", cancelled_by=by)
    give_back(work, show, show.payments[0], 1500)

    sheet = service.settlement(work, concert_id=show.concert_id, viewer=None)

    assert sheet.stage is Stage.CANCELLED
    assert (sheet.door.kept, sheet.door_expected) == (usd(1500), usd(-1500))
    assert in_hand(sheet) == (artist, 0, 0)
    came_in = {str(row.cells[0]): row.cells[1] for row in page(sheet).tables[0].rows}
    assert came_in["Guarantee, paid by the host"] == usd(5000)
    assert came_in.get("Guarantee, back to the host") == (None if by == "host" else usd(-5000))
    assert came_in["To divide"] == usd(artist)
