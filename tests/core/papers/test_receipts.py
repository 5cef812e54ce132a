"""Receipts of what was truly paid: the card, what went back and when, memberships with their period."""

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.factories.payments import ACTOR, begin, fresh, make_due, paid, refund
from tourpad.core.errors import NotFoundError
from tourpad.core.ids import new_id
from tourpad.core.money import usd
from tourpad.core.papers import service
from tourpad.core.payments import queries
from tourpad.core.payments import service as payments
from tourpad.core.payments.errors import NothingOwedError
from tourpad.core.payments.procedures import send_refunds
from tourpad.core.payments.states import PaymentKind

if TYPE_CHECKING:
    from uuid import UUID

    from tests.stripe_sandbox import Sandbox
    from tourpad.core.papers.sheets import ReceiptSheet


def receipt(sandbox: "Sandbox", payment_id: "UUID") -> "ReceiptSheet":
    with sandbox.platform.work(ACTOR) as work:
        return service.receipt(work, payment_id=payment_id, viewer=None)


def told(sheet: "ReceiptSheet") -> list[tuple[str, int]]:
    return [(line.description, line.amount.cents) for line in sheet.lines]


def test_a_receipt_follows_its_payment(sandbox: "Sandbox") -> None:
    open_one = begin(sandbox)
    with pytest.raises(NothingOwedError):
        receipt(sandbox, open_one.id)
    payment = paid(sandbox, make_due(3000), card="pm_card_mastercard")
    said = payment.description

    first = receipt(sandbox, payment.id)
    assert (first.card_brand, first.card_last4) == ("mastercard", "4444")
    assert (told(first), first.total, first.receipt_number) == ([(said, 3000)], usd(3000), payment.receipt_number)

    sandbox.advance(timedelta(days=2))
    refund(sandbox.platform, payment.id, 1000)
    assert told(receipt(sandbox, payment.id)) == [(said, 3000), ("Refund, on its way", -1000)]
    send_refunds(sandbox.platform, ACTOR)
    sandbox.news()
    sandbox.control(f"charges/{payment.stripe_charge_id}/dispute", {"amount": 2000})
    sandbox.news()
    with sandbox.platform.work(ACTOR) as work:
        (dispute,) = queries.disputes_of(work, payment.id)
    sandbox.control(f"disputes/{dispute.stripe_dispute_id}/resolve", {"outcome": "lost"})
    sandbox.news()

    last = receipt(sandbox, payment.id)
    assert told(last) == [(said, 3000), ("Refund", -1000), ("Taken back by your bank", -2000)]
    assert last.total == usd(0)
    assert (last.lines[1].at - last.lines[0].at).days == 2
    with sandbox.platform.work(ACTOR) as work, pytest.raises(NotFoundError):
        service.receipt(work, payment_id=payment.id, viewer=new_id())


def test_a_membership_s_receipt_names_its_period(sandbox: "Sandbox") -> None:
    payer = fresh(sandbox.platform, begin(sandbox).id).user_id
    with sandbox.platform.work(ACTOR) as work:
        payment = payments.record_membership_charge(
            work,
            user_id=payer,
            membership_id=new_id(),
            payment_intent_id="pi_membership",
            charge_id=None,
            amount=usd(3000),
            description="Membership (Fan, by the year), 2026-03-01 to 2027-03-01",
            at=work.now,
        )
        sheet = service.receipt(work, payment_id=payment.id, viewer=payer)

    assert (sheet.payment_type, sheet.show, sheet.card_last4) == (PaymentKind.MEMBERSHIP, None, None)
    assert told(sheet) == [("Membership (Fan, by the year), 2026-03-01 to 2027-03-01", 3000)]
