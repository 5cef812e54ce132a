"""Transfers of ours that the books have forgotten: made after the moment to which a backup was restored.

Their payouts wait as if nothing had been sent, and would be paid again under another key. What each transfer carries
(`metadata`) says which payout it was.
"""

from uuid import UUID

from tourpad.core.errors import NotFoundError
from tourpad.core.gateways.stripe import StripeDict
from tourpad.core.ledger import rules as accounts
from tourpad.core.ledger import service as ledger
from tourpad.core.money import Money
from tourpad.core.payments.rules import id_in
from tourpad.core.payouts import queries
from tourpad.core.payouts.models import Payout
from tourpad.core.payouts.queries import OpenPayout
from tourpad.core.payouts.rules import Pay
from tourpad.core.payouts.service.deciding import Decided, decided_on
from tourpad.core.payouts.service.explaining import would_pay
from tourpad.core.payouts.service.sending import begin_sending, move
from tourpad.core.payouts.service.telling import take_transfer
from tourpad.core.payouts.states import PayoutState
from tourpad.core.work import Work


def adopt_transfer(work: Work, *, transfer: StripeDict) -> Payout | None:
    """Take a transfer that Stripe made for one of our payouts, and that nobody here knows, into the books.

    Only where it is beyond doubt: its payout waits (by its id, or as its payee's for the same concert, where it was
    planned anew), the ledger owes the money, and its amount is what the payout would pay. Otherwise nothing changes.

    Args:
        work: the unit of work.
        transfer: with the balance transactions of it and of its reversals expanded.

    Returns:
        Its payout, sent now; None where it is known, or could not be matched (then nothing may be committed).
    """
    intent_id, concert_id = id_in(transfer, "intent_id"), id_in(transfer, "concert_id")
    account = queries.payee_by_account(work, str(transfer["destination"]))
    if intent_id is None or account is None or queries.by_transfer(work, str(transfer["id"])) is not None:
        return None
    payee = queries.payee_for_update(work, account.user_id)
    _reopen(work, id_in(transfer, "payout_id"))
    amount = Money(int(transfer["amount"]), str(transfer["currency"]).upper())
    owed = -ledger.balance(work, accounts.payable(account.user_id), amount.currency)
    found = _waiting(work, account.user_id, payout_id=id_in(transfer, "payout_id"), concert_id=concert_id)
    if payee is None or found is None or owed < amount:
        return None
    row, decided = found
    pay = _pay(row, decided, amount)
    if pay is None:
        return None
    payout = row.payout
    begin_sending(work, payee, row, pay, decided, intent_id=intent_id)
    take_transfer(work, type="transfer.created", transfer=transfer)
    work.audit(
        "payout.adopt",
        target_type="payout",
        target_id=payout.id,
        reason="made at Stripe, and missing here",
        transfer=transfer["id"],
        amount_cents=amount.cents,
    )
    return payout


def _reopen(work: Work, payout_id: UUID | None) -> None:
    """One whose first try had been refused when the backup was made, and a later one was not."""
    if payout_id is None:
        return
    try:
        payout = queries.get_for_update(work, payout_id)
    except NotFoundError:
        return  # planned anew since, under another id
    if payout.state is PayoutState.FAILED:
        move(work, payout, PayoutState.PLANNED)
        work.session.flush()


def _waiting(
    work: Work, user_id: UUID, *, payout_id: UUID | None, concert_id: UUID | None
) -> tuple[OpenPayout, Decided] | None:
    """The payout that a transfer was for, and what is decided on its payee's."""
    for decided in decided_on(work, [user_id]):
        rows = [row for row, _ in decided.payouts]
        named = [row for row in rows if row.payout.id == payout_id]
        anew = [row for row in rows if row.payout.concert_id == concert_id and row.payout.stripe_transfer_id is None]
        for row in named or anew:
            return row, decided
    return None


def _pay(row: OpenPayout, decided: Decided, amount: Money) -> Pay | None:
    """With what it takes along it comes to the transfer's amount: alone, or as is decided now."""
    payout = row.payout
    if payout.earned_cents + payout.carried_cents == amount.cents:
        return Pay(amount, Money(0, amount.currency))
    pays = (would_pay(decision) for other, decision in decided.payouts if other.payout.id == payout.id)
    return next((pay for pay in pays if pay is not None and pay.amount == amount), None)
