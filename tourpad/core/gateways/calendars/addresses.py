"""Which network addresses a person may send us to (pure): public ones, none that leads into a network of ours."""

import socket
from contextlib import suppress
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final
from urllib.parse import quote, urlsplit, urlunsplit

PORTS: Final = {"http": 80, "https": 443}
"""Those of the web, and no other."""
_WRITTEN: Final = "!$%&'()*+,/:;=?@[]~"
"""What stays as it is written in a path or a query."""

_PUBLIC_V6 = IPv6Network("2000::/3")
"""What is handed out of IPv6. Mapped, translated, unique local, link local and loopback addresses lie outside."""

_TUNNELS = (IPv6Network("2002::/16"), IPv6Network("2001::/32"), IPv6Network("64:ff9b::/96"))
"""6to4, Teredo and NAT64: each carries an IPv4 address, and leads there."""


_SPECIAL_V4 = tuple(
    IPv4Network(network)
    for network in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"),
        *("192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24"),
        *("203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"),
    )
)
"""IANA's list of special addresses, written out: what Python calls global differs from version to version."""


def in_ascii(url: str) -> str:
    """An address as it goes over the wire: its name in the letters of the DNS, all else that is not ASCII as UTF-8.

    Raises:
        ValueError: it has no such form.
    """
    if url.isascii():
        return url
    parts = urlsplit(url)
    host = (parts.hostname or "").encode("idna").decode()
    where = (f"[{host}]" if ":" in host else host) + (f":{parts.port}" if parts.port else "")
    path, query = (quote(part, safe=_WRITTEN) for part in (parts.path, parts.query))
    return urlunsplit((parts.scheme, where, path, query, ""))


def is_certainly_private(host: str) -> bool:
    """Whether a host is written as an address that is none of the public internet, or as a name of one's own machines.

    Other names are judged when they are asked for: what they lead to may change.
    """
    bare = host.casefold().removesuffix(".")
    with suppress(OSError, ValueError):
        # Also `127.1`, `0x7f.1` and `2130706433`, which the resolver takes for addresses.
        bare = socket.inet_ntoa(socket.inet_aton(bare))
    try:
        ip_address(bare.partition("%")[0])
    except ValueError:
        return "." not in bare or bare.endswith(".localhost")
    return not is_public(bare)


def is_public(address: str) -> bool:
    """Whether an address belongs to the public internet.

    Loopback, private, link-local (where clouds keep their metadata), shared, multicast, reserved and documentation
    networks do not, nor IPv6 addresses that carry an IPv4 address.
    """
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, IPv6Address):
        if found.ipv4_mapped is not None:
            return _is_public_v4(found.ipv4_mapped)
        return found in _PUBLIC_V6 and found.is_global and not any(found in net for net in _TUNNELS)
    return _is_public_v4(found)


def _is_public_v4(address: IPv4Address) -> bool:
    return address.is_global and not any(address in network for network in _SPECIAL_V4)
