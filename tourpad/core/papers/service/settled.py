"""How a concert's money was divided: its settlement, held against the ledger, and what came after it."""

from collections.abc import Sequence

from tourpad.core.bookings.states import Side
from tourpad.core.concerts.models import Concert
from tourpad.core.ledger import queries as ledger
from tourpad.core.ledger import rules as accounts
from tourpad.core.ledger.queries import JournalFilter, JournalWithLines
from tourpad.core.ledger.rules import Source
from tourpad.core.money import Money, total
from tourpad.core.papers import queries, rules
from tourpad.core.papers.errors import PaperMismatchError
from tourpad.core.papers.service.parts import Parts, at_door, door_facts, shares_text
from tourpad.core.papers.sheets import Division, summed
from tourpad.core.payouts import queries as payouts
from tourpad.core.payouts.models import Settlement
from tourpad.core.payouts.queries import PotPayment, Terms
from tourpad.core.payouts.rules import Line, SettlementResult, SettlementTerms
from tourpad.core.values import Value
from tourpad.core.work import Work

MOST_JOURNALS = 100_000
"""Of one concert: far more than a house holds guests."""


class Books(Value):
    """A concert's journals around the one that divided its money."""

    before: Sequence[JournalWithLines]
    settled: JournalWithLines | None
    """None where there was nothing to divide."""
    after: Sequence[JournalWithLines]


def final(work: Work, concert: Concert, terms: Terms, done: Settlement) -> Parts:
    """The division as it was made, and every cent that moved among the three since.

    Raises:
        PaperMismatchError: the settlement's rows and its journal differ.
    """
    books = _books(work, concert)
    kept = _terms_kept(done)
    by_side = queries.lines_of_settlement(work, done.id)
    result = SettlementResult(
        artist=_lines(by_side.get(Side.ARTIST, ()), done.currency),
        host=_lines(by_side.get(Side.HOST, ()), done.currency),
        platform=Money(done.platform_cents, done.currency),
    )
    lines = rules.divided(result, shares=shares_text(kept))
    _check(concert, terms, kept, lines, books)
    door = at_door(list(payouts.pot_of(work, concert.id)))
    lost = _lost(concert, door, books)
    return Parts(
        terms=kept,
        door=door_facts(work, concert, door, paid=kept.door_paid, refunded=kept.door_returned - lost, lost=lost),
        lines=lines,
        adjustments=_adjustments(terms, books, done.currency),
    )


def _books(work: Work, concert: Concert) -> Books:
    wanted = JournalFilter(concert_id=concert.id)
    rows, _ = ledger.journals(work, wanted, limit=MOST_JOURNALS, oldest_first=True)
    for place, row in enumerate(rows):
        if row.journal.source_type == Source.SETTLEMENT:
            return Books(rows[:place], row, rows[place + 1 :])
    return Books(rows, None, ())


def _terms_kept(done: Settlement) -> SettlementTerms:
    """What the settlement was computed from."""

    def money(cents: int) -> Money:
        return Money(cents, done.currency)

    kept = done.terms
    return SettlementTerms(
        door_paid=money(kept["door_paid_cents"]),
        door_returned=money(kept["door_returned_cents"]),
        door_price=money(kept["door_price_cents"]),
        guarantee=money(done.guarantee_cents),
        processing_fees=money(done.processing_fee_cents),
        platform_fee_bps=kept["platform_fee_bps"],
        artist_door_bps=kept["artist_door_bps"],
        offer_number=kept["offer_number"],
        offer_accepted_on=None,
    )


def _lines(rows: Sequence[queries.SettledLine], currency: str) -> tuple[Line, ...]:
    return tuple(Line(row.kind, Money(row.cents, currency), row.description) for row in rows)


def _on(row: JournalWithLines, account: str, currency: str) -> Money:
    """What a journal did to an account, in favour of whoever's it is."""
    return -total([amount for name, amount in row.lines if name == account and amount.currency == currency], currency)


def _division(row: JournalWithLines, terms: Terms, currency: str) -> Division:
    description = row.journal.description
    return Division(
        description[:1].upper() + description[1:],
        _on(row, accounts.payable(terms.artist_user_id), currency),
        _on(row, accounts.payable(terms.host_user_id), currency),
        _on(row, accounts.PLATFORM_REVENUE, currency),
        row.journal.occurred_at.date(),
    )


def _check(concert: Concert, terms: Terms, kept: SettlementTerms, lines: tuple[Division, ...], books: Books) -> None:
    """The rows are what was booked, and all of what was paid."""
    nothing = Money(0, concert.currency)
    booked = (
        _division(books.settled, terms, concert.currency) if books.settled else Division("", nothing, nothing, nothing)
    )
    said = summed(lines, "", concert.currency)
    agree = (said.artist, said.host, said.platform) == (booked.artist, booked.host, booked.platform)
    if not agree or said.total != kept.door + kept.guarantee:
        msg = (
            f"The settlement says {said.artist}, {said.host} and {said.platform} of {kept.door + kept.guarantee}, "
            f"the ledger {booked.artist}, {booked.host} and {booked.platform}."
        )
        raise PaperMismatchError(msg, hint=f"tourpad ledger journal --concert {concert.id}")


def _lost(concert: Concert, door: list[PotPayment], books: Books) -> Money:
    """What disputes took out of the door before it was divided."""
    ours = {str(payment.payment_id) for payment in door}
    held = accounts.held(concert.id)
    return -total(
        [
            _on(row, held, concert.currency)
            for row in books.before
            if row.journal.source_type == Source.DISPUTE and row.journal.details.get("payment_id") in ours
        ],
        concert.currency,
    )


def _adjustments(terms: Terms, books: Books, currency: str) -> tuple[Division, ...]:
    """What moved after the settlement, transfers apart: they pay what is owed and change nobody's part."""
    rows = [
        _division(row, terms, currency)
        for row in books.after
        if row.journal.source_type not in (Source.SETTLEMENT, Source.TRANSFER)
    ]
    return tuple(row for row in rows if row.artist or row.host or row.platform)
