"""How a quote looks on a terminal, in a pipe and as JSON: the same numbers as the API's."""

from typing import TYPE_CHECKING, Any

from tourpad.cli.output import human, say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tourpad.core.money import Money
    from tourpad.core.payments.quotes import Quote
    from tourpad.core.work import Work


def show_quote(quote: "Quote") -> None:
    """Say who gets what back, what stays and with whom, and what it costs us."""
    for part in quote.parts:
        say(f"  {part.back} of {part.paid} goes back to {part.to}")
        if part.stays_with:
            say(f"  {part.stays} stays with {part.stays_with}")
        say(f"    {part.why}")
    if not quote.parts:
        say("  Nothing was paid, so nothing goes back.")
    if quote.at_banks:
        say(f"  {quote.at_banks} is with the payers’ banks (disputed): it goes back if it returns")
    if quote.fees:
        say(f"  {quote.fees} of fees is kept by Stripe; we bear it")
    if quote.less_from and quote.back:
        say(f"  less from {human(quote.less_from)} UTC on")
    say(f"  quote {quote.id}")


def borne_by(work: "Work", sources: "Sequence[tuple[str, Money]]") -> "list[tuple[str, Money]]":
    """Who bears each part of what goes back: accounts of the ledger in words, payees by name."""
    from tourpad.core.ledger import rules
    from tourpad.core.payments import queries

    owners = {account: rules.parse(account).owner_id for account, _ in sources}
    payees = [owner for account, owner in owners.items() if owner and rules.parse(account).kind == rules.PAYABLE]
    names = queries.names_of(work, payees)

    def words(account: str) -> str:
        owner = owners[account]
        return rules.describe(account, owner=names.get(owner) if owner else None)

    return [(words(account), amount) for account, amount in sources]


def quote_json(quote: "Quote") -> dict[str, Any]:
    """A quote for programs."""
    return {
        "quote_id": quote.id,
        "by": quote.by,
        "currency": quote.currency,
        "paid_cents": quote.paid,
        "refund_cents": quote.back,
        "stays_cents": quote.stays,
        "parts": [
            {
                "role": part.role,
                "to": part.to,
                "payments": part.payments,
                "paid_cents": part.paid,
                "refund_cents": part.back,
                "stays_cents": part.stays,
                "stays_with": part.stays_with,
                "why": part.why,
            }
            for part in quote.parts
        ],
        "stripe_fees_cents": quote.fees,
        "at_banks_cents": quote.at_banks,
        "less_from": quote.less_from,
    }
