"""Keeping the tables behind requests small."""

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import delete

from tourpad.core.actors import Actor
from tourpad.core.requests.idempotency import KEPT
from tourpad.core.requests.models import IdempotencyKey, RateWindow

if TYPE_CHECKING:
    from tourpad.core.platform import Platform

_LONGEST_WINDOW: Final = timedelta(days=2)


def tidy(platform: "Platform", actor: Actor) -> dict[str, int]:
    """Delete answers that are no longer given again, and windows of limits that have ended."""
    with platform.work(actor) as work:
        keys = work.session.execute(
            delete(IdempotencyKey).where(IdempotencyKey.created_at <= work.now - KEPT).returning(IdempotencyKey.id)
        )
        windows = work.session.execute(
            delete(RateWindow).where(RateWindow.window_start <= work.now - _LONGEST_WINDOW).returning(RateWindow.id)
        )
        counts = {"keys": len(keys.all()), "windows": len(windows.all())}
        work.commit()
    return counts
