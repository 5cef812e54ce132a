"""Everybody's mail: what the platform wrote into the local outbox, read as a person would, links and all."""

import os
import re
from email import message_from_bytes
from email.message import Message
from pathlib import Path

from tourpad.core.errors import TourPadError

_LINK = re.compile(r"https?://[^\s<>\"]+")


class NoMailError(TourPadError):
    """A mail that the story needs did not come."""

    code = "no_mail"


class Mailbox:
    """Reads `.eml` files as they appear in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._seen: set[str] = set()
        self._links: dict[str, list[str]] = {}

    @property
    def received(self) -> int:
        """Mails so far."""
        return len(self._seen)

    def collect(self) -> None:
        """Read what is new."""
        if not self._folder.is_dir():
            return
        with os.scandir(self._folder) as entries:
            names = {entry.name for entry in entries if entry.name.endswith(".eml")}
        for name in sorted(names - self._seen):
            self._seen.add(name)
            message = message_from_bytes((self._folder / name).read_bytes())
            links = [link.rstrip(".,)") for link in _LINK.findall(_text(message))]
            self._links.setdefault(_address(str(message["To"])), []).extend(links)

    def link(self, email: str, containing: str) -> str:
        """The newest link in somebody's mail that contains a text.

        Raises:
            NoMailError: no such mail came.
        """
        for link in reversed(self._links.get(email.lower(), [])):
            if containing in link:
                return link
        msg = f"{email} got no mail with a link to {containing}."
        raise NoMailError(msg, hint=f"tourpad mail list --to {email}")


def _text(message: Message) -> str:
    """The plain part."""
    for part in message.walk():
        if part.get_content_type() == "text/plain":
            body = part.get_payload(decode=True)
            return body.decode(part.get_content_charset() or "utf-8") if isinstance(body, bytes) else ""
    return ""


def _address(header: str) -> str:
    found = re.search(r"<([^>]+)>", header)
    return (found.group(1) if found else header.strip()).lower()
