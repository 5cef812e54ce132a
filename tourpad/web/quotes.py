"""How a quote looks on the wire."""

from datetime import datetime

from tourpad.core.payments.quotes import Quote
from tourpad.web.shapes import Output


class QuotePart(Output):
    """What becomes of the money of one payer, or of several to whom the same happens."""

    role: str
    """`host`, `fan` or `guests`."""
    to: str
    payments: int
    paid_cents: int
    """As far as it has not gone back before."""
    refund_cents: int
    stays_cents: int
    stays_with: str | None
    why: str


class QuoteOut(Output):
    """What calling it off would come to now. `refundCents + staysCents` is `paidCents`."""

    quote_id: str
    """Pass it along to do exactly this: were anything else to come of it, the answer is 409 `quote_changed`."""
    by: str
    currency: str
    paid_cents: int
    refund_cents: int
    stays_cents: int
    parts: list[QuotePart]
    stripe_fees_cents: int
    """What Stripe keeps of charges that go back entirely. TourPad bears it."""
    at_banks_cents: int
    """Disputed: it goes back if the payers' banks return it."""
    less_from: datetime | None
    """After this instant less would go back."""


class QuoteAnswer(Output):
    """A quote. Nothing was changed."""

    quote: QuoteOut


def quote_out(quote: Quote) -> QuoteOut:
    """Shape a quote."""
    return QuoteOut(
        quote_id=quote.id,
        by=quote.by,
        currency=quote.currency,
        paid_cents=quote.paid.cents,
        refund_cents=quote.back.cents,
        stays_cents=quote.stays.cents,
        parts=[
            QuotePart(
                role=part.role,
                to=part.to,
                payments=part.payments,
                paid_cents=part.paid.cents,
                refund_cents=part.back.cents,
                stays_cents=part.stays.cents,
                stays_with=part.stays_with,
                why=part.why,
            )
            for part in quote.parts
        ],
        stripe_fees_cents=quote.fees.cents,
        at_banks_cents=quote.at_banks.cents,
        less_from=quote.less_from,
    )
