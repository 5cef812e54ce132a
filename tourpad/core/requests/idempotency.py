"""`Idempotency-Key`: the first request with a key does the work, later ones get its answer.

A claim is a row written before the work. The work's own transaction marks that row `committed`, so that after a crash
one thing is certain: unmarked means that nothing was done, and the next request may do it.
"""

import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import Engine

from tourpad.core.errors import ConflictError
from tourpad.core.ids import new_id
from tourpad.core.values import Value

KEPT: Final = timedelta(hours=24)
"""How long an answer is kept."""
LEASE: Final = timedelta(minutes=2)
"""Longer than any request may take; a claim that is older and has no answer belongs to a process that died."""

MARK: Final = "UPDATE idempotency_keys SET committed = true WHERE id = %s"
"""Run inside the request's own transaction, just before it commits."""

_CLAIM: Final = """
    INSERT INTO idempotency_keys (id, caller, key, request_hash, created_at)
    VALUES (%(id)s, %(caller)s, %(key)s, %(hash)s, %(now)s)
    ON CONFLICT (caller, key) DO UPDATE SET
        id = excluded.id, request_hash = excluded.request_hash, created_at = excluded.created_at,
        committed = false, status = NULL, content_type = NULL, body = NULL
    WHERE idempotency_keys.created_at <= %(expired)s
       OR (idempotency_keys.status IS NULL AND NOT idempotency_keys.committed
           AND idempotency_keys.created_at <= %(abandoned)s)
    RETURNING id
"""
_LOOK: Final = """
    SELECT request_hash, status, content_type, body, committed, created_at FROM idempotency_keys
    WHERE caller = %s AND key = %s
"""
_FINISH: Final = "UPDATE idempotency_keys SET status = %s, content_type = %s, body = %s WHERE id = %s"
_RELEASE: Final = "DELETE FROM idempotency_keys WHERE id = %s AND status IS NULL"


class KeyReused(ConflictError):
    """The key came with another request before."""

    code = "idempotency_key_reused"


class KeyBusy(ConflictError):
    """The first request with the key is still at work."""

    code = "idempotency_key_in_use"


class AnswerLost(ConflictError):
    """The work was done, but the process died before its answer was kept."""

    code = "idempotency_answer_lost"


class Answer(Value):
    """A stored answer."""

    status: int
    content_type: str
    body: bytes


def request_hash(secrets: Sequence[str], request: bytes) -> list[str]:
    """The request under each secret, newest first; the first is stored, any may match."""
    return [hmac.new(s.encode(), b"idempotency " + request, hashlib.sha256).hexdigest() for s in secrets]


def claim(engine: Engine, *, caller: str, key: str, hashes: Sequence[str], now: datetime) -> UUID | Answer:
    """Be the one who does the work, or get the answer of whoever did it.

    Args:
        engine: one whose connections commit by themselves.
        caller: whose key it is; the same key of another caller is another key.
        key: as sent.
        hashes: from `request_hash`.
        now: the platform's time.

    Raises:
        KeyReused: the key came with another request before.
        KeyBusy: the first request is still at work.
        AnswerLost: the work was done, and its answer is gone.
    """
    parameters = {
        "id": new_id(),
        "caller": caller,
        "key": key,
        "hash": hashes[0],
        "now": now,
        "expired": now - KEPT,
        "abandoned": now - LEASE,
    }
    with engine.connect() as connection:
        mine = connection.exec_driver_sql(_CLAIM, parameters).first()
        if mine is not None:
            return mine[0]
        row = connection.exec_driver_sql(_LOOK, (caller, key)).first()
    if row is None:
        # Released between the two statements: whoever held it was refused before anything was done.
        raise KeyBusy("A request with this Idempotency-Key has just ended.", hint="Send it again.")
    known, status, content_type, body, committed, created_at = row
    if known not in hashes:
        raise KeyReused(
            "This Idempotency-Key was used for another request.", hint="Take a fresh key for every new request."
        )
    if status is not None:
        return Answer(status, content_type, body)
    if committed and created_at <= now - LEASE:
        raise AnswerLost(
            "The request with this Idempotency-Key was carried out, but its answer was lost.",
            hint="Look at what it changed, and take a fresh key for what is still to do.",
        )
    raise KeyBusy(
        "A request with this Idempotency-Key is still at work.", hint="Send it again in a moment.", retry_after=1
    )


def finish(engine: Engine, claimed: UUID, answer: Answer) -> None:
    """Keep the answer."""
    with engine.connect() as connection:
        connection.exec_driver_sql(_FINISH, (answer.status, answer.content_type, answer.body, claimed))


def release(engine: Engine, claimed: UUID) -> None:
    """Nothing was done: the key may be used again."""
    with engine.connect() as connection:
        connection.exec_driver_sql(_RELEASE, (claimed,))
