"""A mail as RFC 5322 has it: what the local outbox writes, and what `tourpad mail show` shows."""

import re
from email.errors import MessageError
from email.headerregistry import Address, BaseHeader, ContentTypeHeader, HeaderRegistry
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from functools import lru_cache
from typing import Any

from tourpad.core.errors import ConfigurationError
from tourpad.core.gateways.mail.errors import MailRefused
from tourpad.core.gateways.mail.protocol import OutgoingMail


class _Headers(HeaderRegistry):
    """Headers as the standard library has them, each made once.

    What a header says is parsed by grammar, and a class is made for every one of them: more than all the rest of a
    mail costs. Most of what mails say in their headers others have said.
    """

    def __init__(self) -> None:
        super().__init__()
        self._kind = lru_cache(100)(super().__getitem__)
        self._made = lru_cache(1_000)(super().__call__)

    def __getitem__(self, name: str) -> type[BaseHeader]:
        return self._kind(name)

    def __call__(self, name: str, value: Any) -> BaseHeader:
        return self._made(name, value)


POLICY = SMTP.clone(utf8=True, header_factory=_Headers())
_PLAIN = re.compile(r"[^\s@<>()\[\],;:\\\"\x00-\x1f]+@[^\s@<>()\[\],;:\\\"\x00-\x1f]+")


def sender(mail_from: str) -> Address:
    """Who sends, from `Name <address>`.

    Raises:
        ConfigurationError: it is no address.
    """
    name, address = parseaddr(mail_from)
    wrong = ConfigurationError(
        f"MAIL_FROM is no mail address: {mail_from!r}.", hint="Write it like TourPad <hello@example.org>."
    )
    if "@" not in address:
        raise wrong
    try:
        return Address(display_name=name, addr_spec=address)
    except (ValueError, IndexError, MessageError):
        raise wrong from None


def headers(mail: OutgoingMail, who: Address) -> dict[str, str]:
    """All headers that the mail leaves with, but those of its parts."""
    return {
        "From": str(who),
        "To": recipient(mail),
        "Subject": mail.subject,
        "Date": format_datetime(mail.created_at),
        "Message-ID": message_id(mail, who),
        "Auto-Submitted": "auto-generated",
        **mail.headers,
    }


def recipient(mail: OutgoingMail) -> str:
    """`Name <address>`; the bare address where it is none that a header could hold."""
    if not is_address(mail.to_address):
        return mail.to_address
    username, _, domain = mail.to_address.partition("@")
    # Not `addr_spec=`: that refuses letters outside ASCII before the "@", which RFC 6531 allows.
    return str(Address(display_name=mail.to_name or "", username=username, domain=domain))


def is_address(text: str) -> bool:
    """Whether mail can be sent there at all: one `@`, nothing quoted, nothing that could end a header."""
    return _PLAIN.fullmatch(text) is not None


def message_id(mail: OutgoingMail, who: Address) -> str:
    """The same for every try of one mail, so that a second copy can be told from a second mail."""
    return f"<{mail.id}@{who.domain}>"


def parse_type(value: str) -> ContentTypeHeader:
    """A media type with its parameters: those of text only, as attachments are."""
    header = HeaderRegistry()("content-type", value)
    if not isinstance(header, ContentTypeHeader) or header.maintype != "text":
        raise MailRefused(f"{value!r} is no kind of text.")
    return header


def message(mail: OutgoingMail, who: Address) -> EmailMessage:
    """The whole mail: headers, text, and HTML beside it.

    Raises:
        MailRefused: the address is none, or a header can't be written.
    """
    if not is_address(mail.to_address):
        raise MailRefused(f"{mail.to_address!r} is no address that mail can be sent to.")
    made = EmailMessage(policy=POLICY)
    try:
        for name, value in headers(mail, who).items():
            made[name] = value
    except (ValueError, MessageError) as error:
        raise MailRefused(f"A header can't be written: {error}.") from error
    made.set_content(mail.text)
    made.add_alternative(mail.html, subtype="html")
    for attachment in mail.attachments:
        kind = parse_type(attachment.type)
        made.add_attachment(
            attachment.text, subtype=kind.subtype, charset="utf-8", params=dict(kind.params), filename=attachment.name
        )
    return made
