"""Which network addresses a person may send us to (pure): public ones, none that leads into a network of ours."""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

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


def is_certainly_private(host: str) -> bool:
    """Whether a host is written as an address that is none of the public internet.

    Names are judged when they are asked for: what they lead to may change.
    """
    if host.casefold().rstrip(".") == "localhost":
        return True
    try:
        ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return not is_public(host)


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
