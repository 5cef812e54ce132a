"""One unit of work: a session, the time, who acts. Rows, audit and outbox are committed together, by the shell."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from secrets import token_hex
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from tourpad.core.actors import Actor
from tourpad.core.audit.models import AuditEntry
from tourpad.core.audit.rules import digest
from tourpad.core.clock import Clock
from tourpad.core.events import Event
from tourpad.core.settings import Settings

React = Callable[["Work", Event], None]


@dataclass(slots=True)
class Work:
    """What every verb gets first. A verb never commits; the shell that opened the work does, once, at its end."""

    session: Session
    clock: Clock
    actor: Actor
    settings: Settings
    react: React
    events: list[Event] = field(default_factory=list[Event])
    """What has happened so far, in order (for tests and for the curious)."""
    quiet: bool = False
    """Nobody is told of any of it: what is written down happened elsewhere, long ago."""

    @property
    def now(self) -> datetime:
        """The present instant by the platform's clock."""
        return self.clock.now()

    def add(self, *rows: object) -> None:
        """Put new rows into the session and write them, so that what follows can refer to them."""
        self.session.add_all(rows)
        self.session.flush()

    def emit(self, event: Event) -> None:
        """Tell of something that happened; its reactions run before this returns."""
        self.session.flush()
        self.events.append(event)
        self.react(self, event)

    def audit(
        self,
        action: str,
        *,
        target_type: str,
        target_id: UUID | None = None,
        reason: str | None = None,
        **details: Any,
    ) -> None:
        """Write one line of the audit log.

        Args:
            action: what was done, its noun first.
            target_type: what kind of thing it was done to.
            target_id: to which one.
            reason: why, in somebody's own words; they go when the person is erased whom they are about.
            details: JSON that stays for good: no secret, no exact address, no name, no free words.
        """
        salt = token_hex(16) if reason is not None else None
        self.session.add(
            AuditEntry(
                at=self.now,
                actor_kind=self.actor.kind.value,
                actor_id=self.actor.user_id,
                actor_label=self.actor.label,
                action=action,
                target_type=target_type,
                target_id=target_id,
                reason=reason,
                reason_salt=salt,
                reason_digest=None if reason is None or salt is None else digest(salt, reason),
                details=details,
            )
        )

    def commit(self) -> None:
        """Make it all true, or raise and leave nothing. Called by shells and by `procedures.py`, never by a verb."""
        self.session.commit()
