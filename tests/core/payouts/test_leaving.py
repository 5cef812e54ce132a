"""Nobody is erased while money of theirs is open: owed to them, owed by them, on its way, or disputed."""

from typing import TYPE_CHECKING

import pytest

from tests.factories.payouts import dispute, make_payment, make_show, owe
from tourpad.core.identity.errors import ErasureRefused
from tourpad.core.money import usd
from tourpad.core.payments import service as payments
from tourpad.core.payouts import service
from tourpad.core.payouts.models import Payout
from tourpad.core.payouts.states import PayoutState

if TYPE_CHECKING:
    from tourpad.core.work import Work


def test_a_payee_who_owes_or_is_owed_or_is_being_paid_stays(work: "Work") -> None:
    show = make_show(work, door=(1500,))
    owe(work, show.artist_user, 500)
    owe(work, show.host_user, -500)
    with pytest.raises(ErasureRefused, match=r"they owe \$5"):
        service.refuse_erasure(work, user_id=show.artist_user)
    with pytest.raises(ErasureRefused, match=r"\$5.00 is still to be paid to them"):
        service.refuse_erasure(work, user_id=show.host_user)

    owe(work, show.artist_user, -500)
    service.refuse_erasure(work, user_id=show.artist_user)
    leaves = Payout(
        concert_id=show.concert_id,
        user_id=show.artist_user,
        side="artist",
        seq=1,
        earned_cents=500,
        carried_cents=0,
        amount_cents=500,
        currency="USD",
        state=PayoutState.SENDING,
        due_at=work.now,
        created_at=work.now,
        updated_at=work.now,
    )
    work.add(leaves)
    work.session.flush()
    with pytest.raises(ErasureRefused, match="a transfer to them is under way"):
        service.refuse_erasure(work, user_id=show.artist_user)


def test_a_payer_whose_payment_is_disputed_or_whose_refund_is_on_its_way_stays(work: "Work") -> None:
    show = make_show(work, door=(1500, 1500))
    first = make_payment(work, show, show.host_user, 1500, kind="door_fee")
    payments.refuse_erasure(work, user_id=show.host_user)
    disputed = dispute(work, first.id)
    work.session.flush()
    with pytest.raises(ErasureRefused, match="1 of their payments is disputed"):
        payments.refuse_erasure(work, user_id=show.host_user)
    work.session.delete(disputed)
    work.session.flush()

    payments.plan_refund(work, payment_id=first.id, amount=usd(1500), reason="the show was cancelled")
    with pytest.raises(ErasureRefused, match="a refund to them is on its way"):
        payments.refuse_erasure(work, user_id=show.host_user)
