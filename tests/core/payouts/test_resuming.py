"""Transfers whose sender was lost until Stripe had forgotten the key: one name in the books, from first to last."""

from datetime import timedelta

import pytest

from tests.factories.payouts import control, fund, make_show, onboard, transfers
from tourpad.core.actors import operator
from tourpad.core.clock import VirtualClock
from tourpad.core.ledger import queries as ledger_queries
from tourpad.core.ledger.rules import TRANSFER_CLEARING, Source
from tourpad.core.payouts import procedures, queries, service
from tourpad.core.payouts.rules import Budget
from tourpad.core.payouts.states import PayoutState
from tourpad.core.platform import Platform

ME = operator("test")


@pytest.mark.parametrize("refused", [False, True], ids=["it is sent then", "Stripe refuses it then"])
def test_a_renewed_transfer_takes_from_clearing_what_its_first_attempt_put_there(
    platform: Platform, clock: VirtualClock, refused: bool
) -> None:
    fund(platform, 100_000)
    with platform.work(ME) as work:
        show = make_show(work, days_ago=10, door=(1500,) * 10)
        service.settle(work, concert_id=show.concert_id)
        work.commit()
    [account] = onboard(platform, show.artist_user)
    with platform.work(ME) as work:
        claim = service.claim(work, user_id=show.artist_user, available=None, budget=Budget())
        work.commit()
    assert claim is not None
    clock.advance(timedelta(hours=30))  # its sender died before it called
    if refused:
        control(platform, f"accounts/{account}/onboard", {"requirements": ["identity.individual.date_of_birth"]})

    procedures.resume(platform, ME)

    with platform.work(ME) as work:
        payout = queries.get(work, claim.payout.payout.id)
        assert payout.state is (PayoutState.FAILED if refused else PayoutState.SENT)
        assert ledger_queries.by_source(work, TRANSFER_CLEARING, source_type=Source.TRANSFER) == {}
    assert len(transfers(platform)) == (not refused)
