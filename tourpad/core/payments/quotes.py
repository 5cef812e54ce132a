"""What calling something off would come to, before it is done: who gets what back, what stays, and with whom (pure).

Whoever shows a quote passes its id along when it is done; had anything changed meanwhile, nothing is done.
"""

import hashlib
import json
from datetime import datetime
from uuid import UUID

import msgspec

from tourpad.core.money import Money, total
from tourpad.core.payments.errors import QuoteChangedError
from tourpad.core.values import Value

ID_LENGTH = 16


class Part(Value, kw_only=True):
    """The money of one payer, or of several to whom the same happens. `back + stays` is `paid`."""

    role: str
    """Who they are: `host`, `fan`, `guests`, `payer`."""
    to: str
    """Who gets it back, by name where it is one."""
    payments: int
    paid: Money
    """What they had paid, as far as it has not gone back before."""
    back: Money
    stays_with: str | None
    """Who keeps what does not go back; None where all of it does."""
    why: str

    @property
    def stays(self) -> Money:
        """What does not go back."""
        return self.paid - self.back


class Quote(Value, kw_only=True):
    """What one cancellation or refund would come to."""

    subject_type: str
    subject_id: UUID
    by: str
    """Who calls it off."""
    currency: str
    parts: tuple[Part, ...] = ()
    fees: Money = msgspec.field(default_factory=lambda: Money(0))
    """What Stripe keeps of charges that go back entirely. We bear it."""
    at_banks: Money = msgspec.field(default_factory=lambda: Money(0))
    """Disputed: the payers' banks have it, and it goes back if it comes back."""
    less_from: datetime | None = None
    """After this instant less would go back; None where all of it does, whenever it is called off."""

    @property
    def paid(self) -> Money:
        """What had been paid in all."""
        return total([part.paid for part in self.parts], self.currency)

    @property
    def back(self) -> Money:
        """What goes back in all."""
        return total([part.back for part in self.parts], self.currency)

    @property
    def stays(self) -> Money:
        """What does not."""
        return self.paid - self.back

    @property
    def id(self) -> str:
        """The same for the same amounts to the same people; words, fees and times do not count."""
        said = [
            self.subject_type,
            str(self.subject_id),
            self.by,
            self.currency,
            self.at_banks.cents,
            [[part.role, part.to, part.payments, part.paid.cents, part.back.cents] for part in self.parts],
        ]
        return hashlib.sha256(json.dumps(said, separators=(",", ":")).encode()).hexdigest()[:ID_LENGTH]

    def check(self, seen: str | None) -> None:
        """Refuse to go on where somebody decided by another quote.

        Args:
            seen: the id of the quote that they saw; None where they saw none.

        Raises:
            QuoteChangedError: it is not this one.
        """
        if seen is not None and seen != self.id:
            raise QuoteChangedError(back=self.back, quote_id=self.id)
