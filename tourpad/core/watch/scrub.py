"""Taking secrets out of whatever is written for operators: logs, error reports, tracebacks on a terminal.

Two nets, one behind the other: every secret that this process was started with, by its value, and everything that looks
like one, by its form. What is taken out is replaced, so that a line still says that something was there.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final
from urllib.parse import unquote, urlsplit

HIDDEN: Final = "[hidden]"
_SHORTEST: Final = 6
"""Shorter values would blank half of every line."""

_known: set[str] = set()

_FORMS: Final[tuple[tuple[re.Pattern[str], str], ...]] = (
    # Stripe's keys, its webhook secrets, what opens one payment to its payer; SendGrid's keys; AWS's key ids.
    (re.compile(r"\b(?:sk|rk|pk)_(?:live|test)_\w+|\bwhsec_[\w+/=-]+|\b\w+_secret_\w{8,}"), HIDDEN),
    (re.compile(r"\bSG\.[\w-]{10,}\.[\w-]{10,}|\b(?:AKIA|ASIA)[A-Z0-9]{12,}"), HIDDEN),
    # Tokens of ours and of others: JSON web tokens, refresh tokens, Bearer and Basic headers.
    (re.compile(r"\beyJ[\w-]+\.[\w-]+\.[\w-]*|\btpr_[\w-]+"), HIDDEN),
    (re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]{8,}"), rf"\1 {HIDDEN}"),
    # Hashes of passwords, and what otpauth addresses carry.
    (re.compile(r"\$(?:argon2\w*|2[aby])\$[^\s'\"]+|otpauth://\S+"), HIDDEN),
    # Passwords inside of addresses: postgresql://tourpad:THIS@host/…
    (re.compile(r"(?i)\b([a-z][a-z0-9+.-]*://[^\s:/@'\"]*):[^\s/@'\"]+@"), rf"\1:{HIDDEN}@"),
    # Anything whose name says so (also where somebody lives, and how to reach them), in whatever notation.
    (
        re.compile(
            r"(?ix)((?:password|passwd|secret|token|authorization|api_?key|client_?secret|recovery_?code s?|totp|otp"
            r"|cookie|dsn|card|street|postcode|phone|latitude|longitude)\w*['\"]?\s*[:=]\s*)(?:\[[^\]]*\]|'[^']*'|\"[^\"]*\"|[^\s,;&)}\]]+)"
        ),
        rf"\1{HIDDEN}",
    ),
    # A one-time code, as a body or a struct shows it.
    (re.compile(r"(?i)(\bcode['\"]?\s*[:=]\s*)(?:'[^']*'|\"[^\"]*\")"), rf"\1{HIDDEN}"),
    # Mail addresses, of whomever.
    (re.compile(r"\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+\b"), HIDDEN),
)
_DIGITS: Final = re.compile(r"(?<![\w.-])\d(?:[ -]?\d){12,18}(?![\w-])")


def remember(values: Iterable[str | None]) -> None:
    """Hide these values from now on, wherever they turn up; of addresses with a password in them, the password, too."""
    for value in values:
        if not value or len(value) < _SHORTEST:
            continue
        _known.add(value)
        if "://" in value:
            password = urlsplit(value).password
            if password and len(password) >= _SHORTEST:
                _known.update((password, unquote(password)))


def scrub(text: str) -> str:
    """The same text without anything secret."""
    for value in sorted(_known, key=len, reverse=True):
        if value in text:
            text = text.replace(value, HIDDEN)
    for form, instead in _FORMS:
        text = form.sub(instead, text)
    return _DIGITS.sub(_card, text)


def scrub_all(value: Any) -> Any:
    """The same JSON with every text in it scrubbed, and what stands under a name of secrets replaced."""
    if isinstance(value, str):
        return scrub(value)
    if isinstance(value, Mapping):
        return {key: HIDDEN if _names_a_secret(key) else scrub_all(inner) for key, inner in value.items()}  # pyright: ignore[reportUnknownVariableType] - any JSON
    if isinstance(value, list | tuple):
        return [scrub_all(inner) for inner in value]  # pyright: ignore[reportUnknownVariableType] - any JSON
    return value


_NAMES: Final = re.compile(r"(?i)password|secret|token|authorization|cookie|api_?key|totp|recovery")


def _names_a_secret(key: object) -> bool:
    return isinstance(key, str) and _NAMES.search(key) is not None


def _card(found: re.Match[str]) -> str:
    """A number of a card: 13 to 19 digits whose check digit is right (Luhn)."""
    total = 0
    for place, digit in enumerate(reversed([int(c) for c in found[0] if c.isdigit()])):
        doubled = digit * 2 if place % 2 else digit
        total += doubled - 9 if doubled > 9 else doubled  # noqa: PLR2004 - the digits of two digits added
    return HIDDEN if total % 10 == 0 else found[0]
