"""Mail addresses and names as people type them, checked and put into one form. Nothing is asked of any server."""

import unicodedata
from typing import Final

from tourpad.core.errors import FieldError

MAX_NAME: Final = 120


def checked_email(email: str, faults: list[FieldError], *, local: bool, field: str = "email") -> str:
    """The address in its normal form; a fault is added where it is none.

    Args:
        email: as typed.
        faults: grows by what is wrong.
        local: whether reserved test domains (`ada@shows.test`) are fine, as in development.
        field: its name in the fault.
    """
    # 35 ms that only a registration pays.
    from email_validator import EmailNotValidError, validate_email  # noqa: PLC0415 - see above

    try:
        return validate_email(email.strip(), check_deliverability=False, test_environment=local).normalized
    except EmailNotValidError as error:
        faults.append(FieldError(field, str(error).rstrip(".")))
        return email


def checked_name(name: str, faults: list[FieldError], *, field: str = "name") -> str:
    """The name without surrounding or doubled spaces; a fault is added where nothing sensible is left."""
    plain = " ".join(unicodedata.normalize("NFC", name).split())
    if not plain:
        faults.append(FieldError(field, "must not be empty"))
    elif len(plain) > MAX_NAME:
        faults.append(FieldError(field, f"has more than {MAX_NAME} characters"))
    elif any(unicodedata.category(c).startswith("C") for c in plain):
        faults.append(FieldError(field, "has characters that can't be shown"))
    return plain
