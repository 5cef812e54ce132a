"""One-time codes from an authenticator app (RFC 6238), and recovery codes. No I/O.

Six digits, thirty seconds, SHA-1: what every app on a phone understands.
"""

import base64
import hmac
import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final

from tourpad.core.identity import tokens

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.twofactor.totp import TOTP

STEP_SECONDS: Final = 30
DRIFT: Final = 1
"""A code is taken one step early or late: phones' clocks are a little off."""
SECRET_BYTES: Final = 20
RECOVERY_CODES: Final = 10
_GROUPS: Final = 4
_LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without those that are taken for one another."""
_RECOVERY_LENGTH: Final = 16


def new_secret() -> bytes:
    """What app and server share: 160 bits, as the RFC recommends."""
    return secrets.token_bytes(SECRET_BYTES)


def shown(secret: bytes) -> str:
    """The secret as a person types it into an app: base 32."""
    return base64.b32encode(secret).decode()


def link(secret: bytes, *, account: str) -> str:
    """The `otpauth://` address that an app reads from a QR code."""
    return _code(secret).get_provisioning_uri(account, "TourPad")


def matching_step(secret: bytes, code: str, *, now: datetime, after: int) -> int | None:
    """The time step (30 s since 1970) whose code this is; None where it is wrong, too old, or used.

    Args:
        secret: the shared secret.
        code: six digits; blanks are ignored.
        now: the present.
        after: the last step that was used: no code works twice (RFC 6238, section 5.2).
    """
    digits = "".join(code.split())
    if not (digits.isascii() and digits.isdecimal()):
        return None
    present = int(now.timestamp()) // STEP_SECONDS
    made = _code(secret)
    for step in range(present - DRIFT, present + DRIFT + 1):
        if step > after and hmac.compare_digest(made.generate(step * STEP_SECONDS), digits.encode()):
            return step
    return None


def code_at(secret: bytes, now: datetime) -> str:
    """The code of an instant, as the app shows it."""
    return _code(secret).generate(int(now.timestamp())).decode()


def new_recovery_codes() -> list[str]:
    """Ten codes for whoever loses the phone, like `k7mq-2xwr-9hdn-p4tv`: 79 random bits each."""
    size = _RECOVERY_LENGTH // _GROUPS
    return [
        "-".join("".join(secrets.choice(_LETTERS) for _ in range(size)) for _ in range(_GROUPS))
        for _ in range(RECOVERY_CODES)
    ]


def recovery_digest(code: str) -> str | None:
    """What is stored of a recovery code, however it is typed; None where it can't be one."""
    letters = "".join(code.split()).replace("-", "").casefold()
    return tokens.digest(letters) if len(letters) == _RECOVERY_LENGTH else None


def seal(signing: Sequence[str], secret: bytes) -> str:
    """Encrypt a shared secret for the database: who reads a copy of it makes no codes."""
    return tokens.cipher(signing, "second factor").encrypt(secret).decode()


def unseal(signing: Sequence[str], sealed: str) -> bytes:
    """Decrypt it, with whichever of our secrets sealed it."""
    return tokens.cipher(signing, "second factor").decrypt(sealed.encode())


def _code(secret: bytes) -> "TOTP":
    from cryptography.hazmat.primitives.hashes import SHA1  # noqa: PLC0415 - a fifth of a second
    from cryptography.hazmat.primitives.twofactor.totp import TOTP  # noqa: PLC0415 - as above

    return TOTP(secret, 6, SHA1(), STEP_SECONDS)  # noqa: S303 - HMAC-SHA-1, what authenticator apps know
