"""Settling a concert: once, from what the ledger holds, refused while anything is open."""

from datetime import timedelta

import pytest

from tests.factories.payouts import Show, give_back, make_payment, make_show
from tests.factories.profiles import make_person
from tourpad.core.clock import VirtualClock
from tourpad.core.ledger import rules as accounts
from tourpad.core.ledger import service as ledger
from tourpad.core.payouts import queries, service
from tourpad.core.payouts.errors import NotSettleableError, PotMismatchError, UndecidedChargesError
from tourpad.core.payouts.service import PayoutFilter
from tourpad.core.payouts.states import PayoutState
from tourpad.core.work import Work

TEN = (1500,) * 10


def balances(work: Work, show: Show) -> dict[str, int]:
    """What the settlement left where, in cents in favour of each."""
    names = {
        "held": accounts.held(show.concert_id),
        "artist": accounts.payable(show.artist_user),
        "host": accounts.payable(show.host_user),
        "ours": accounts.PLATFORM_REVENUE,
    }
    return {name: -ledger.balance(work, account).cents for name, account in names.items()}


def test_a_show_is_divided_and_its_pot_is_empty(work: Work) -> None:
    show = make_show(work, door=TEN, guarantee=5000)  # 11 charges of 30 cents

    service.settle(work, concert_id=show.concert_id)

    assert balances(work, show) == {
        "held": 0,
        "artist": 12000 - 264,
        "host": 1500 + 5000 - 33,
        "ours": 1500 + 264 + 33,
    }


def test_payouts_are_planned_with_their_lines(work: Work, clock: VirtualClock) -> None:
    show = make_show(work, door=TEN, guarantee=5000)

    service.settle(work, concert_id=show.concert_id)

    rows, total = service.list_payouts(work, PayoutFilter(concert_id=show.concert_id))
    assert total == 2
    assert {(r.user_id, r.earned.cents, r.state, r.due_at) for r in rows} == {
        (show.artist_user, 11736, PayoutState.PLANNED, clock.now() + timedelta(days=3)),  # Sunday → Wednesday
        (show.host_user, 6467, PayoutState.PLANNED, clock.now() + timedelta(days=3)),
    }
    assert all(sum(line.amount.cents for line in r.lines) == r.earned.cents for r in rows)


def test_settling_again_changes_nothing(work: Work) -> None:
    show = make_show(work, door=TEN)

    first = service.settle(work, concert_id=show.concert_id)
    before = balances(work, show)
    again = service.settle(work, concert_id=show.concert_id)

    assert again.id == first.id
    assert balances(work, show) == before


def test_refunds_before_the_settlement_are_not_shared(work: Work) -> None:
    show = make_show(work, door=TEN)
    give_back(work, show, show.payments[0], 1500)
    give_back(work, show, show.payments[1], 750)

    service.settle(work, concert_id=show.concert_id)

    door = 15000 - 2250
    fees = 9 * 30  # the fee of the charge that went back whole is ours
    artist, host, ours = door * 8 // 10, door // 10, door // 10
    assert balances(work, show) == {
        "held": 0,
        "artist": artist - fees * 8 // 10,
        "host": host - fees // 10,
        "ours": ours + fees * 9 // 10,
    }


def test_a_show_nobody_paid_for_is_settled_with_nothing(work: Work) -> None:
    show = make_show(work)

    settlement = service.settle(work, concert_id=show.concert_id)

    assert (settlement.door_cents, settlement.platform_cents) == (0, 0)
    assert service.list_payouts(work, PayoutFilter(concert_id=show.concert_id)) == ([], 0)
    assert queries.to_settle(work, limit=10) == []


def test_an_unposted_charge_is_waited_for(work: Work) -> None:
    show = make_show(work, door=TEN)
    make_payment(work, show, make_person(work, "fan").id, 1500, kind="door_fee", fee=None)

    with pytest.raises(UndecidedChargesError):
        service.settle(work, concert_id=show.concert_id)

    assert balances(work, show)["held"] == 15000
    assert queries.to_settle(work, limit=10) == [show.concert_id]


def test_a_payment_left_lying_is_waited_for_a_day(work: Work, clock: VirtualClock) -> None:
    from tourpad.core.payments.models import Payment
    from tourpad.core.payments.states import PaymentState

    show = make_show(work, door=TEN)
    lying = make_payment(work, show, make_person(work, "fan").id, 1500, kind="door_fee", fee=None)
    work.session.get_one(Payment, lying.id).state = PaymentState.PENDING
    work.session.flush()

    with pytest.raises(UndecidedChargesError):
        service.settle(work, concert_id=show.concert_id)
    clock.advance(timedelta(hours=25))
    service.settle(work, concert_id=show.concert_id)

    assert balances(work, show)["held"] == 0


def test_books_that_disagree_pay_nobody(work: Work) -> None:
    from tourpad.core.money import usd

    show = make_show(work, door=TEN)
    ledger.post(
        work,
        source_type=accounts.Source.BALANCE_TRANSACTION,
        source_id="txn_odd",
        purpose="odd",
        lines=[(accounts.held(show.concert_id), usd(1)), (accounts.STRIPE_FEES, usd(-1))],
        description="a cent astray",
    )

    with pytest.raises(PotMismatchError) as refused:
        service.settle(work, concert_id=show.concert_id)

    assert refused.value.details == {"held_cents": 14999, "paid_cents": 15000}


def test_a_concert_to_come_is_not_settled(work: Work) -> None:
    show = make_show(work, door=TEN, state="scheduled")

    with pytest.raises(NotSettleableError):
        service.settle(work, concert_id=show.concert_id)


def test_a_late_host_forfeits_the_guarantee_to_the_artist(work: Work) -> None:
    show = make_show(work, guarantee=20000, state="cancelled", cancelled_by="host")
    give_back(work, show, show.payments[0], 10000)

    assert queries.to_settle(work, limit=10) == [show.concert_id]
    service.settle(work, concert_id=show.concert_id)

    assert balances(work, show) == {"held": 0, "artist": 10000, "host": 0, "ours": 0}
    [row], _ = service.list_payouts(work, queries.PayoutFilter(user_id=show.artist_user))
    why = "what stays of the guarantee: the host called the show off late"
    assert [(line.amount.cents, line.description) for line in (*row.came_in, *row.lines)] == [(10000, why)] * 2


@pytest.mark.parametrize("by", ["artist", "admin", "system", None])
def test_money_that_payers_should_have_back_goes_to_nobody_else(work: Work, by: str | None) -> None:
    show = make_show(work, guarantee=20000, state="cancelled", cancelled_by=by)

    with pytest.raises(NotSettleableError):
        service.settle(work, concert_id=show.concert_id)


def test_a_cancelled_show_whose_money_went_back_needs_no_settlement(work: Work) -> None:
    show = make_show(work, door=(1500,), state="cancelled", cancelled_by="host")
    give_back(work, show, show.payments[0], 1500)

    assert queries.to_settle(work, limit=10) == []
