"""A payee's year: what was owed, earned, adjusted and paid comes to what the ledger owes, at any year's end."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from tests.factories.papers import send, take_back
from tests.factories.payouts import make_payee, make_show, owe
from tourpad.core.ledger import service as ledger
from tourpad.core.ledger.rules import payable
from tourpad.core.money import Money, usd
from tourpad.core.papers import service
from tourpad.core.papers.sheets import EarningsSheet, EarningsTotals
from tourpad.core.payouts import service as payouts

if TYPE_CHECKING:
    from tourpad.core.clock import VirtualClock
    from tourpad.core.work import Work

TEN = (1500,) * 10
SHARE, FEES, HOST_FEES = 12000, 240, 30
ARTIST = SHARE - FEES


def at(clock: "VirtualClock", instant: str) -> None:
    clock.advance(datetime.fromisoformat(f"{instant}+00:00") - clock.now())


def owed(work: "Work", user_id: object, until: datetime) -> Money:
    """What the ledger's account says just before an instant."""
    rows = dict(ledger.balances(work, at=until - timedelta(microseconds=1), prefix=f"payable:{user_id}"))
    return -rows.get(payable(user_id), usd(0))  # type: ignore[arg-type]


def year_of(work: "Work", user_id: object, year: int) -> EarningsTotals:
    """A year's sums, which come to what the ledger owes on both ends, whatever is on its way."""
    sheet: EarningsSheet = service.earnings(work, user_id=user_id, year=year)  # type: ignore[arg-type]
    totals = sheet.totals
    assert totals.opening + totals.earned + totals.adjusted - totals.paid == totals.closing
    assert totals.closing - totals.on_its_way == owed(work, user_id, datetime(year + 1, 1, 1, tzinfo=UTC))
    assert sum(row.earned.cents for row in sheet.shows) == totals.earned.cents
    assert sum(row.amount.cents for row in sheet.transfers) == totals.paid.cents
    return totals


def test_years_reconcile_with_the_ledger_across_new_year(work: "Work", clock: "VirtualClock") -> None:
    first = make_show(work, door=TEN, guarantee=15000)
    artist = first.artist_user
    make_payee(work, artist)
    payouts.settle(work, concert_id=first.concert_id)
    at(clock, "2026-03-10 12:00")
    paid = send(work, artist, transfer_id="tr_spring")
    owe(work, artist, 1000)
    take_back(work, "tr_spring", 700)
    at(clock, "2026-12-28 12:00")
    second = make_show(work, door=TEN, like=first)
    payouts.settle(work, concert_id=second.concert_id)
    at(clock, "2026-12-31 23:59:59")
    late = send(work, artist, transfer_id="tr_midnight", at=clock.now() + timedelta(seconds=3))
    at(clock, "2027-02-01 12:00")

    before, after = year_of(work, artist, 2026), year_of(work, artist, 2027)

    assert paid == 15000 - 264  # the guarantee is the floor; one charge more, one fee more
    assert late == ARTIST - 1000 + 700
    assert (before.opening, before.gross, before.fees) == (usd(0), usd(15000 + SHARE), usd(264 + FEES))
    assert (before.adjusted, before.paid) == (usd(-1000), usd(paid - 700))
    assert (before.closing, before.on_its_way) == (usd(late), usd(late))  # claimed in December, made in January
    assert (after.opening, after.earned, after.paid, after.closing) == (usd(late), usd(0), usd(late), usd(0))


def test_a_guarantee_that_comes_back_is_no_income_of_the_host(work: "Work") -> None:
    show = make_show(work, door=TEN, guarantee=15000)
    payouts.settle(work, concert_id=show.concert_id)

    sheet = service.earnings(work, user_id=show.host_user, year=2026)

    (row,) = sheet.shows
    assert (row.partner, row.door_share, row.gross) == ("Juniper Vale", usd(1500), usd(1500))
    assert (row.guarantee_returned, row.fees) == (usd(12000), usd(33))
    assert (sheet.totals.gross, sheet.totals.earned) == (usd(1500), usd(13467))


def test_everybody_s_year_is_each_one_s(work: "Work") -> None:
    show = make_show(work, door=TEN)
    make_payee(work, show.artist_user)
    payouts.settle(work, concert_id=show.concert_id)
    owe(work, show.host_user, 2000)
    other = make_show(work, door=TEN, guarantee=9000)
    payouts.settle(work, concert_id=other.concert_id)

    listed = {row.user_id: row for row in service.earnings_of_all(work, year=2026).payees}

    people = (show.artist_user, show.host_user, other.artist_user, other.host_user)
    assert set(listed) == set(people)
    for person in people:
        assert listed[person] == year_of(work, person, 2026)
    assert listed[show.host_user].closing == usd(1500 - HOST_FEES - 2000)  # a debt
    assert service.earnings_of_all(work, year=2025).payees == ()


def test_a_year_without_shows_is_a_page_of_zeros(work: "Work") -> None:
    show = make_show(work)

    totals = year_of(work, show.artist_user, 2026)

    assert (totals.earned, totals.paid, totals.closing) == (usd(0), usd(0), usd(0))
