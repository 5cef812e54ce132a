"""Do the books say of payouts what the payouts say of themselves?"""

from collections.abc import Iterator

from tourpad.core.ledger.rules import Finding
from tourpad.core.money import Money, format_money
from tourpad.core.payouts import queries
from tourpad.core.payouts.rules import short
from tourpad.core.work import Work


def verify(work: Work) -> list[Finding]:
    """Hold payouts, what they took along, and payees' accounts against the ledger; answers what does not agree."""
    return [*_payees(work), *_payouts(work), *_pots(work)]


def _payees(work: Work) -> Iterator[Finding]:
    for payee in queries.payee_sums(work):
        ledger, payouts = format_money(Money(payee.ledger_cents)), format_money(Money(payee.payouts_cents))
        yield Finding(
            "payable_differs",
            f"payee {payee.user_id}",
            f"The ledger owes {ledger} to the payee {payee.user_id}, their payouts add up to {payouts}.",
            hint=f"tourpad ledger journal --account payable:{payee.user_id}",
        )


def _payouts(work: Work) -> Iterator[Finding]:
    for payout in queries.carried_sums(work):
        earned, carried = Money(payout.earned_cents), Money(payout.carried_cents)
        yield Finding(
            "payout_differs",
            f"payout {payout.payout_id}",
            f"The payout {short(payout.payout_id)} is {format_money(Money(payout.amount_cents))}: it earned "
            f"{format_money(earned)} and took along {format_money(carried)}; "
            f"what it took along adds up to {format_money(Money(payout.parts_cents))}.",
            hint=f"tourpad payouts explain {short(payout.payout_id)}",
        )


def _pots(work: Work) -> Iterator[Finding]:
    for concert_id, cents in queries.stuck_pots(work):
        yield Finding(
            "held_on_cancelled",
            f"concert {concert_id}",
            f"The concert {concert_id} was cancelled, and {format_money(Money(cents))} has not gone back.",
            hint=f"tourpad payments list --concert {concert_id}",
        )
