"""Tokens that travel by mail: only the hash is kept, each works once and not for long."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import delete

from tourpad.core.identity import queries, tokens
from tourpad.core.identity.errors import LinkNotValid
from tourpad.core.identity.models import EmailToken
from tourpad.core.identity.states import TokenPurpose
from tourpad.core.work import Work

KEPT: Final = timedelta(days=30)
"""How long a spent link stays on record."""


def make(
    work: Work, *, user_id: UUID, purpose: TokenPurpose, life: timedelta, new_email: str | None = None
) -> tuple[str, datetime]:
    """A fresh token and when it ends. Earlier ones of the same purpose go on working until they end or one is used."""
    token = tokens.new_secret()
    expires_at = work.now + life
    work.add(
        EmailToken(
            user_id=user_id,
            purpose=purpose,
            token_hash=tokens.digest(token),
            new_email=new_email,
            created_at=work.now,
            expires_at=expires_at,
        )
    )
    return token, expires_at


def use(work: Work, token: str, purpose: TokenPurpose, *, hint: str) -> EmailToken:
    """Spend a token, and with it every other one of its purpose.

    Raises:
        LinkNotValid: it is unknown, spent or too old.
    """
    link = queries.get_token_for_update(work, tokens.digest(token.strip()), purpose)
    if link is None or link.used_at is not None or link.expires_at <= work.now:
        raise LinkNotValid(hint)
    for other in queries.open_tokens(work, link.user_id, purpose):
        other.used_at = work.now
    work.session.flush()
    return link


def forget_ended(work: Work) -> int:
    """Delete tokens that ran out more than `KEPT` ago. Answers how many."""
    gone = work.session.execute(
        delete(EmailToken).where(EmailToken.expires_at <= work.now - KEPT).returning(EmailToken.id)
    )
    return len(gone.all())
