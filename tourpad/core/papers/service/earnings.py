"""What a payee earned and was paid in a calendar year: by show, and as the ledger has it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from tourpad.core.bookings.states import Side
from tourpad.core.identity.queries import get_user
from tourpad.core.ledger.rules import Source
from tourpad.core.money import Money, total
from tourpad.core.papers import queries, rules
from tourpad.core.papers.errors import PaperMismatchError
from tourpad.core.papers.queries import ClearingSums, PayableSums, Posting, SettledPart, ShowFacts
from tourpad.core.papers.service.merchant import merchant
from tourpad.core.papers.sheets import (
    EarningsAdjustment,
    EarningsList,
    EarningsSheet,
    EarningsShow,
    EarningsTotals,
    EarningsTransfer,
    ShowRef,
)
from tourpad.core.payouts.service import CURRENCY
from tourpad.core.payouts.states import LineKind
from tourpad.core.work import Work


def earnings(work: Work, *, user_id: UUID, year: int) -> EarningsSheet:
    """One payee's calendar year, in UTC.

    Raises:
        NotFoundError: nobody has that id.
        InvalidInputError: a year before there was anything, or one that has not begun.
        PaperMismatchError: the rows do not add up to what the ledger says.
    """
    span = rules.span(year, now=work.now)
    person = get_user(work, user_id)
    [totals] = _totals(work, span, year, {user_id: (person.name, person.email)}, user_id=user_id)
    postings = queries.postings(work, span, currency=CURRENCY, user_id=user_id)
    made = queries.transfers_done(work, span, currency=CURRENCY, user_id=user_id)
    parts = queries.settled_parts(work, span, currency=CURRENCY, user_id=user_id)
    named = queries.shows(work, {row.concert_id for row in (*postings, *made, *parts) if row.concert_id})
    sheet = EarningsSheet(
        merchant=merchant(work.settings),
        as_of=work.now,
        is_over=span[1] <= work.now,
        totals=totals,
        shows=_shows(parts, postings, named),
        adjustments=_adjustments(postings, named),
        transfers=_transfers(postings, made, named),
    )
    _check(sheet)
    return sheet


def earnings_of_all(work: Work, *, year: int) -> EarningsList:
    """Everybody's year who was owed or paid anything in it, one row each, by name.

    Raises:
        InvalidInputError: a year before there was anything, or one that has not begun.
        PaperMismatchError: somebody's rows do not add up to what the ledger says.
    """
    span = rules.span(year, now=work.now)
    rows = _totals(work, span, year, None)
    moved = [row for row in rows if any((row.opening, row.earned, row.adjusted, row.paid, row.closing))]
    return EarningsList(
        merchant=merchant(work.settings),
        year=year,
        as_of=work.now,
        payees=tuple(sorted(moved, key=lambda row: (row.payee.casefold(), row.email))),
    )


def _totals(
    work: Work,
    span: tuple[datetime, datetime],
    year: int,
    names: Mapping[UUID, tuple[str, str]] | None,
    *,
    user_id: UUID | None = None,
) -> list[EarningsTotals]:
    """The year's sums of one payee, or of everybody who has an account; from the ledger and the settlements."""
    payables = queries.payable_sums(work, span, currency=CURRENCY, user_id=user_id)
    clearing = queries.clearing_sums(work, span, currency=CURRENCY, user_id=user_id)
    settled = queries.settled_sums(work, span, currency=CURRENCY, user_id=user_id)
    named = names or queries.people_named(work, payables)
    nobody, nothing = PayableSums(0, 0, 0, 0, 0), ClearingSums(0, 0, 0)
    return [
        _row(person_id, year, who, payables.get(person_id, nobody), clearing.get(person_id, nothing), kinds)
        for person_id, who in named.items()
        for kinds in (settled.get(person_id, {}),)
    ]


def _row(  # noqa: PLR0917 - one call, above
    user_id: UUID,
    year: int,
    who: tuple[str, str],
    owed: PayableSums,
    sent: ClearingSums,
    kinds: Mapping[LineKind, int],
) -> EarningsTotals:
    paid = sent.made - owed.taken_back
    row = EarningsTotals(
        user_id=user_id,
        payee=who[0],
        email=who[1],
        year=year,
        opening=_usd(owed.opening + sent.opening),
        gross=_usd(kinds.get(LineKind.DOOR_SHARE, 0) + kinds.get(LineKind.GUARANTEE, 0)),
        guarantee_returned=_usd(kinds.get(LineKind.GUARANTEE_RETURNED, 0)),
        fees=_usd(-kinds.get(LineKind.PROCESSING_FEES, 0)),
        earned=_usd(owed.earned),
        adjusted=_usd(owed.adjusted),
        paid=_usd(paid),
        closing=_usd(owed.closing + sent.closing),
        on_its_way=_usd(sent.closing),
    )
    _agree(user_id, row.opening + row.earned + row.adjusted - row.paid, row.closing, "the year's end")
    _agree(user_id, row.gross + row.guarantee_returned - row.fees, row.earned, "what the shows earned")
    return row


def _shows(
    parts: Sequence[SettledPart], postings: Sequence[Posting], named: Mapping[UUID, ShowFacts]
) -> tuple[EarningsShow, ...]:
    booked = {p.concert_id: p.cents for p in postings if p.source_type == Source.SETTLEMENT}
    by_show: dict[UUID, list[SettledPart]] = {}
    for part in parts:
        by_show.setdefault(part.concert_id, []).append(part)
    shows = [
        _show(named[concert_id], own, booked.get(concert_id, 0))
        for concert_id, own in by_show.items()
        if any(part.cents for part in own)
    ]
    return tuple(sorted(shows, key=lambda row: (row.show.date, str(row.show.concert_id))))


def _show(facts: ShowFacts, parts: Sequence[SettledPart], booked: int) -> EarningsShow:
    def of(kind: LineKind) -> Money:
        return _usd(sum(part.cents for part in parts if part.kind is kind))

    side = parts[0].side
    return EarningsShow(
        show=facts.show,
        side=side,
        partner=facts.host if side is Side.ARTIST else facts.show.artist,
        settled_on=parts[0].settled_at.date(),
        door_share=of(LineKind.DOOR_SHARE),
        guarantee=of(LineKind.GUARANTEE),
        guarantee_returned=of(LineKind.GUARANTEE_RETURNED),
        fees=-of(LineKind.PROCESSING_FEES),
        earned=_usd(booked),
    )


def _adjustments(postings: Sequence[Posting], named: Mapping[UUID, ShowFacts]) -> tuple[EarningsAdjustment, ...]:
    return tuple(
        EarningsAdjustment(
            on=posting.occurred_at.date(),
            description=posting.description,
            show=_named(named, posting.concert_id),
            amount=_usd(posting.cents),
        )
        for posting in postings
        if posting.source_type not in (Source.SETTLEMENT, Source.TRANSFER)
    )


def _transfers(
    postings: Sequence[Posting], made: Sequence[Posting], named: Mapping[UUID, ShowFacts]
) -> tuple[EarningsTransfer, ...]:
    back = [p for p in postings if p.source_type == Source.TRANSFER and p.purpose == "reversed"]
    rows = [(posting, posting.cents) for posting in made] + [(posting, -posting.cents) for posting in back]
    return tuple(
        EarningsTransfer(
            on=posting.occurred_at.date(),
            transfer_id=str(posting.details.get("transfer", "")),
            show=_named(named, posting.concert_id),
            amount=_usd(cents),
        )
        for posting, cents in sorted(rows, key=lambda row: row[0].occurred_at)
    )


def _named(named: Mapping[UUID, ShowFacts], concert_id: UUID | None) -> ShowRef | None:
    facts = named.get(concert_id) if concert_id else None
    return facts.show if facts else None


def _check(sheet: EarningsSheet) -> None:
    """The rows are the sums: what is listed adds up to what the ledger has."""
    totals = sheet.totals
    for name, listed, booked in (
        ("the shows", [row.earned for row in sheet.shows], totals.earned),
        ("gross income", [row.gross for row in sheet.shows], totals.gross),
        ("the adjustments", [row.amount for row in sheet.adjustments], totals.adjusted),
        ("the transfers", [row.amount for row in sheet.transfers], totals.paid),
    ):
        _agree(totals.user_id, total(listed, CURRENCY), booked, name)
    for row in sheet.shows:
        made = row.gross + row.guarantee_returned - row.fees
        _agree(totals.user_id, made, row.earned, f"the show of {row.show.date}")


def _agree(user_id: UUID, rows: Money, ledger: Money, what: str) -> None:
    if rows != ledger:
        msg = f"The rows say {rows} for {what}, the ledger {ledger}."
        raise PaperMismatchError(msg, hint=f"tourpad ledger journal --account payable:{user_id}", user_id=str(user_id))


def _usd(cents: int) -> Money:
    return Money(cents, CURRENCY)
