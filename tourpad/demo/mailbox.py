"""Everybody's mail: what the platform wrote into the local outbox, read as a person would, links and all."""

import re
import threading
from email import policy
from email.parser import BytesParser
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
        self._lock = threading.Lock()
        self._parser = BytesParser(policy=policy.default)

    @property
    def received(self) -> int:
        """Mails so far."""
        return len(self._seen)

    def collect(self) -> None:
        """Read what is new."""
        if not self._folder.is_dir():
            return
        with self._lock:
            for path in sorted(self._folder.glob("*.eml")):
                if path.name in self._seen:
                    continue
                self._seen.add(path.name)
                message = self._parser.parsebytes(path.read_bytes())
                body = message.get_body(("plain",))
                text = body.get_content() if body is not None else ""
                address = str(message["To"]).lower()
                self._links.setdefault(_address(address), []).extend(link.rstrip(".,)") for link in _LINK.findall(text))

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


def _address(header: str) -> str:
    found = re.search(r"<([^>]+)>", header)
    return found.group(1) if found else header.strip()
