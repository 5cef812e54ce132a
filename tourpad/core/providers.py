"""Who else may sign people in: OpenID Connect providers by settings, three variables each.

`TOURPAD_OIDC_PROVIDERS` lists names; for each name the others are read from the same places as every setting. The name
is part of the address that the provider sends people back to.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

LIST: Final = "TOURPAD_OIDC_PROVIDERS"
PARTS: Final = (
    ("ISSUER", "issuer", "https://…, exactly as the provider's discovery document spells it", False),
    ("CLIENT_ID", "client_id", "what the provider calls us", False),
    ("CLIENT_SECRET", "client_secret", "shows the provider that it is us who redeem a code", True),
)
"""End of the variable, field, meaning, whether it is secret."""

_NAME: Final = re.compile(r"[a-z][a-z0-9-]{0,30}")


@dataclass(frozen=True, slots=True)
class Provider:
    """One provider."""

    name: str
    issuer: str
    client_id: str
    client_secret: str | None = field(default=None, repr=False)

    @property
    def is_secure(self) -> bool:
        """Whether it is spoken to by TLS."""
        return urlsplit(self.issuer).scheme == "https"


def variable(name: str, part: str) -> str:
    """`variable("my-club", "ISSUER")` is `TOURPAD_OIDC_MY_CLUB_ISSUER`."""
    return f"TOURPAD_OIDC_{name.upper().replace('-', '_')}_{part}"


def read(names: Sequence[str], find: Callable[[str], str | None], faults: list[str]) -> tuple[Provider, ...]:
    """The providers of a list; what is wrong is added to `faults`, by the name of the variable.

    Args:
        names: of the list.
        find: the value of a variable, wherever it stands.
        faults: grows.
    """
    found: list[Provider] = []
    for name in names:
        if not _NAME.fullmatch(name):
            faults.append(f"{LIST}: {name!r} is no name (a letter, then letters, digits and dashes, all lower case)")
            continue
        if any(variable(name, "") == variable(other.name, "") for other in found):
            faults.append(f"{LIST}: {name!r} comes twice")
            continue
        values = {attribute: find(variable(name, part)) for part, attribute, _, _ in PARTS}
        missing = [variable(name, part) for part, attribute, _, secret in PARTS if not values[attribute] and not secret]
        faults += [f"{each} is not set, and {LIST} names {name}" for each in missing]
        issuer = values["issuer"]
        if issuer and not _is_issuer(issuer):
            faults.append(f"{variable(name, 'ISSUER')}: {issuer!r} is no http(s) address without query and fragment")
        elif not missing and issuer:
            client_id = values["client_id"] or ""
            found.append(Provider(name, issuer, client_id, values["client_secret"]))
    return tuple(found)


def production_faults(providers: Sequence[Provider]) -> list[str]:
    """What production refuses of providers."""
    faults = [
        f"{variable(p.name, 'ISSUER')} is not https: anybody on the way could sign in as anybody"
        for p in providers
        if not p.is_secure
    ]
    return faults + [
        f"{variable(p.name, 'CLIENT_SECRET')} is not set: whoever gets hold of a code could redeem it"
        for p in providers
        if not p.client_secret
    ]


def _is_issuer(text: str) -> bool:
    try:
        parts = urlsplit(text)
        host = parts.hostname
    except ValueError:
        return False
    return parts.scheme in ("https", "http") and bool(host) and not any((parts.query, parts.fragment, "@" in text))
