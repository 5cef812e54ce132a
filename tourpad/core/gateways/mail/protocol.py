"""What TourPad asks of a mail service."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol
from uuid import UUID

import msgspec

from tourpad.core.values import Value


class Attachment(Value, kw_only=True):
    """A file that goes along with a mail: text, in UTF-8."""

    name: str
    type: str
    """Its media type with its parameters: `text/calendar; method=PUBLISH`."""
    text: str


class OutgoingMail(Value, kw_only=True):
    """One mail, rendered."""

    id: UUID
    """Becomes its `Message-ID`, the same on every try."""
    template: str
    to_address: str
    to_name: str | None = None
    subject: str
    text: str
    html: str
    headers: Mapping[str, str] = msgspec.field(default_factory=dict[str, str])
    attachments: tuple[Attachment, ...] = ()
    created_at: datetime


class MailGateway(Protocol):
    """A mail service, or what stands in for it. Safe to share between threads."""

    @property
    def name(self) -> str:
        """Where mail goes, in words for an operator."""
        ...

    def send(self, mail: OutgoingMail) -> None:
        """Send one mail.

        Raises:
            MailRefused: it will never be taken.
            MailUncertain: it may be taken later, or was taken without our knowing.
        """
        ...
