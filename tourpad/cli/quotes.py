"""How a quote looks on a terminal, in a pipe and as JSON: the same numbers as the API's."""

from typing import TYPE_CHECKING, Any

from tourpad.cli.output import human, say

if TYPE_CHECKING:
    from tourpad.core.payments.quotes import Quote


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
