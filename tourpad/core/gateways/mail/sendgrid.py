"""The real side: SendGrid's v3 API through its SDK."""

import base64
import json
from email.headerregistry import Address
from http import HTTPStatus
from http.client import HTTPException
from typing import Any

from python_http_client.exceptions import HTTPError
from sendgrid import SendGridAPIClient

from tourpad.core.gateways.mail.errors import MailRefused, MailUncertain
from tourpad.core.gateways.mail.message import headers
from tourpad.core.gateways.mail.protocol import OutgoingMail

TIMEOUT = 20
"""Seconds for one call."""

_ITS_OWN = ("From", "To", "Subject", "Date")
"""Headers that SendGrid makes from the body's fields."""

_FINAL = (HTTPStatus.BAD_REQUEST, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
"""The mail itself is at fault. A wrong key (401, 403) is ours: its mails wait until it is mended."""


class SendGridMail:
    """SendGrid, by one key. The SDK's client keeps nothing between calls, so threads may share it."""

    def __init__(self, key: str, who: Address, *, base_url: str | None = None) -> None:
        self._client = SendGridAPIClient(key, host=(base_url or "https://api.sendgrid.com").rstrip("/"))
        self._client.client.timeout = TIMEOUT
        self._who = who

    @property
    def name(self) -> str:
        """The API's address."""
        return f"SendGrid at {self._client.host}"

    def send(self, mail: OutgoingMail) -> None:
        """Hand one mail over; 202 means that SendGrid has it.

        Raises:
            MailRefused: SendGrid says that the mail is not acceptable.
            MailUncertain: anything else but a 2xx.
        """
        body = _body(mail, self._who)
        try:
            self._client.send(body)
        except HTTPError as error:
            said = f"SendGrid answered {error.status_code}: {_reason(error)}"
            if error.status_code in _FINAL:
                raise MailRefused(said) from error
            raise MailUncertain(said) from error
        except (OSError, HTTPException) as error:
            raise MailUncertain(f"SendGrid did not answer ({type(error).__name__}: {error}).") from error


def _body(mail: OutgoingMail, who: Address) -> dict[str, Any]:
    """The v3 `mail/send` body. Links are left as they are: what they carry is nobody's to count."""
    files = [
        {
            "content": base64.b64encode(attachment.text.encode()).decode(),
            "type": attachment.type,
            "filename": attachment.name,
            "disposition": "attachment",
        }
        for attachment in mail.attachments
    ]
    to = {"email": mail.to_address, **({"name": mail.to_name} if mail.to_name else {})}
    return {
        "personalizations": [{"to": [to]}],
        "from": {"email": who.addr_spec, **({"name": who.display_name} if who.display_name else {})},
        "subject": mail.subject,
        "content": [
            {"type": "text/plain", "value": mail.text},
            {"type": "text/html", "value": mail.html},
        ],
        **({"attachments": files} if files else {}),
        "headers": {k: v for k, v in headers(mail, who).items() if k not in _ITS_OWN},
        "categories": [mail.template],
        "custom_args": {"mail_id": str(mail.id)},
        "tracking_settings": {
            "click_tracking": {"enable": False, "enable_text": False},
            "open_tracking": {"enable": False},
        },
    }


def _reason(error: HTTPError) -> str:
    """SendGrid's own words, or the status's."""
    try:
        said = json.loads(error.body)["errors"]
        return "; ".join(str(e["message"]) for e in said)
    except (ValueError, KeyError, TypeError):
        return str(error.reason)
