"""Who sells."""

from email.utils import parseaddr

from tourpad.core.papers.sheets import Merchant
from tourpad.core.settings import Settings


def merchant(settings: Settings) -> Merchant:
    """The head of every paper, from the settings."""
    lines = (part.strip() for part in (settings.merchant_address or "").split(";"))
    return Merchant(
        name=settings.merchant_name,
        address=tuple(line for line in lines if line),
        tax_id=settings.merchant_tax_id,
        email=parseaddr(settings.mail_from)[1],
    )
