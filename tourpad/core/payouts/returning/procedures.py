"""Transfers that are taken back, in full or in part, because a guest was refunded after the payee was paid."""

from typing import TYPE_CHECKING

from tourpad.core.actors import Actor
from tourpad.core.gateways.stripe import StripeDict, StripeGateway
from tourpad.core.payments import procedures as calls
from tourpad.core.payments.models import MoneyIntent
from tourpad.core.payments.states import IntentOperation
from tourpad.core.payouts import service

if TYPE_CHECKING:
    from tourpad.core.platform import Platform


def take_back(platform: "Platform", actor: Actor) -> dict[str, int]:
    """Send every reversal that is planned, and resume those whose sender was lost. The job `transfers-take-back`."""
    return calls.drain(
        platform,
        actor,
        operation=IntentOperation.TRANSFER_REVERSAL,
        call=_reverse,
        record=service.record_reversal,
        refuse=service.refuse_reversal,
        find=_find,
        before=service.before_reversing,
    )


def _reverse(intent: MoneyIntent, stripe: StripeGateway) -> StripeDict:
    return stripe.reverse_transfer(intent.params["metadata"]["transfer_id"], intent.params, key=intent.idempotency_key)


def _find(intent: MoneyIntent, stripe: StripeGateway) -> StripeDict | None:
    """What an older try has taken back, by the intent's id in its metadata."""
    for reversal in stripe.list_reversals(intent.params["metadata"]["transfer_id"]):
        if (reversal.get("metadata") or {}).get("intent_id") == str(intent.id):
            entry = stripe.get_balance_transaction(str(reversal["balance_transaction"]))
            return {**reversal, "balance_transaction": entry}
    return None
