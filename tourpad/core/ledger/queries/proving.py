"""What a proof of the books asks: sums of all lines, by journal, by pot, by source."""

from collections.abc import Collection

from sqlalchemy import ColumnElement, func, or_, select, text

from tourpad.core.ledger.models import Journal, Line
from tourpad.core.ledger.rules import HELD, PAYABLE, PLATFORM_REVENUE
from tourpad.core.money import Money
from tourpad.core.work import Work


def take_your_time(work: Work) -> None:
    """Let this work's statements run as long as they need: a proof reads every line, and nobody waits for it."""
    work.session.execute(text("SET LOCAL statement_timeout = 0"))


def settled_shares(work: Work, *, held_account: str, currency: str) -> dict[str, int]:
    """Who got how much out of a pot, in cents by account: credits to payees and us in journals that debit it.

    Empty while the pot is not settled.
    """
    settling = select(Line.journal_id).where(
        Line.account == held_account, Line.currency == currency, Line.amount_cents > 0
    )
    rows = work.session.execute(
        select(Line.account, func.sum(-Line.amount_cents))
        .where(Line.journal_id.in_(settling), Line.currency == currency, Line.amount_cents < 0, _earned())
        .group_by(Line.account)
        .order_by(Line.account)
    )
    return {account: int(cents) for account, cents in rows}


def unbalanced(work: Work) -> list[tuple[int, str, int]]:
    """Journals (number, currency, cents) whose lines do not add up to zero."""
    rows = work.session.execute(
        select(Journal.number, Line.currency, func.sum(Line.amount_cents))
        .join(Line, Line.journal_id == Journal.id)
        .group_by(Journal.number, Line.currency)
        .having(func.sum(Line.amount_cents) != 0)
        .order_by(Journal.number)
    )
    return [(number, currency, int(cents)) for number, currency, cents in rows]


def without_lines(work: Work) -> list[int]:
    """Numbers of journals that have no lines."""
    has_lines = select(Line.id).where(Line.journal_id == Journal.id).exists()
    return list(work.session.scalars(select(Journal.number).where(~has_lines).order_by(Journal.number)))


def account_names(work: Work) -> list[str]:
    """Every account that was ever posted to."""
    return list(work.session.scalars(select(Line.account).distinct().order_by(Line.account)))


def settled_with_money_left(work: Work) -> list[tuple[str, Money]]:
    """Pots that were divided among payees and us, and are not empty."""
    debit = (
        select(Line.account, Line.journal_id)
        .where(Line.account.startswith(f"{HELD}:", autoescape=True), Line.amount_cents > 0)
        .subquery()
    )
    divided = select(debit.c.account).where(
        select(Line.id).where(Line.journal_id == debit.c.journal_id, Line.amount_cents < 0, _earned()).exists()
    )
    total = func.sum(Line.amount_cents)
    rows = work.session.execute(
        select(Line.account, Line.currency, total)
        .where(Line.account.in_(divided))
        .group_by(Line.account, Line.currency)
        .having(total != 0)
        .order_by(Line.account)
    )
    return [(account, Money(int(cents), currency)) for account, currency, cents in rows]


def sources(work: Work, source_type: str) -> list[tuple[str, str]]:
    """Every (source id, purpose) that was posted for one type of source."""
    rows = work.session.execute(select(Journal.source_id, Journal.purpose).where(Journal.source_type == source_type))
    return [(source_id, purpose) for source_id, purpose in rows]


def by_source(work: Work, account: str, *, source_type: str, besides: Collection[str] = ()) -> dict[str, int]:
    """What each source of one type left on an account, in cents; those that left nothing are not listed.

    Journals of the purposes in `besides` are left out.
    """
    total = func.sum(Line.amount_cents)
    rows = work.session.execute(
        select(Journal.source_id, total)
        .join(Line, Line.journal_id == Journal.id)
        .where(Journal.source_type == source_type, Line.account == account, Journal.purpose.not_in(besides))
        .group_by(Journal.source_id)
        .having(total != 0)
    )
    return {source_id: int(cents) for source_id, cents in rows}


def _earned() -> ColumnElement[bool]:
    """Lines on a payee's account or on our own share."""
    return or_(Line.account == PLATFORM_REVENUE, Line.account.startswith(f"{PAYABLE}:", autoescape=True))
