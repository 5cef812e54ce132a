"""Mail: the protocol, its errors, and the way to open it. The SDK is imported only by what opens it."""

from typing import TYPE_CHECKING

from tourpad.core.errors import ConfigurationError
from tourpad.core.gateways.mail.errors import MailRefused, MailUncertain
from tourpad.core.gateways.mail.protocol import Attachment, MailGateway, OutgoingMail

if TYPE_CHECKING:
    from tourpad.core.settings import Settings

__all__ = ["Attachment", "MailGateway", "MailRefused", "MailUncertain", "OutgoingMail", "open_mail"]


def open_mail(settings: "Settings") -> MailGateway:
    """SendGrid by its key, or the local outbox where none is set.

    Raises:
        ConfigurationError: `MAIL_FROM` is no address, or there is no key outside dev and test.
    """
    from tourpad.core.gateways.mail.message import sender

    who = sender(settings.mail_from)
    if settings.sendgrid_api_key:
        from tourpad.core.gateways.mail.sendgrid import SendGridMail

        return SendGridMail(settings.sendgrid_api_key, who, base_url=settings.sendgrid_api_base)
    if not settings.is_local:
        raise ConfigurationError(
            f"SENDGRID_API_KEY is not set, and {settings.env} does not write mail into a folder.",
            hint="tourpad config show lists every setting.",
        )
    from tourpad.core.gateways.mail.local import LocalOutbox

    return LocalOutbox(settings.home / "outbox", who)
