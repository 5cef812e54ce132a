"""What a sign-in came from, in words for the person: a device by its browser and system, a place by its network. Pure.

A short table and no library: the person must only know their own devices again, and the long lists of others change
each month. What is not in it says so, and nothing that a program sends of itself is repeated but a plain first word.
"""

import re
from ipaddress import IPv4Address, ip_address, ip_network
from typing import Final

UNKNOWN: Final = "an unknown device"

_BROWSERS: Final = (
    ("Edge", re.compile(r"\bEdg(?:e|A|iOS)?/")),
    ("Opera", re.compile(r"\b(?:OPR|OPiOS|Opera)/")),
    ("Samsung Internet", re.compile(r"\bSamsungBrowser/")),
    ("Vivaldi", re.compile(r"\bVivaldi/")),
    ("DuckDuckGo", re.compile(r"\b(?:DuckDuckGo|Ddg)/")),
    ("Firefox", re.compile(r"\b(?:Firefox|FxiOS)/")),
    ("Chrome", re.compile(r"\b(?:Chrome|CriOS)/")),
    ("Safari", re.compile(r"\bVersion/[\d.]+ .*\bSafari/")),
)
"""The first that fits: the others' names are in it, too."""
_SYSTEMS: Final = (
    ("iPhone", re.compile(r"\(iPhone\b")),
    ("iPad", re.compile(r"\(iPad\b")),
    ("Android", re.compile(r"\bAndroid\b")),
    ("Windows", re.compile(r"\bWindows\b")),
    ("ChromeOS", re.compile(r"\bCrOS\b")),
    ("Mac", re.compile(r"\bMacintosh\b")),
    ("Linux", re.compile(r"\bLinux\b")),
)
_PROGRAM: Final = re.compile(r"([A-Za-z][A-Za-z0-9._-]{0,29})(?=/|$)")
_V6: Final = 48
_PRIVATE: Final = tuple(
    ip_network(one)
    for one in (
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "100.64.0.0/10",
        "169.254.0.0/16",
        "fc00::/7",
        "fe80::/10",
    )
)


def device_of(user_agent: str | None) -> str:
    """`Firefox on Windows`, `Safari on iPhone`, `curl`. Versions are left out: an update is no other device."""
    if not user_agent:
        return UNKNOWN
    browser = next((name for name, pattern in _BROWSERS if pattern.search(user_agent)), None)
    system = next((name for name, pattern in _SYSTEMS if pattern.search(user_agent)), None)
    if browser and system:
        return f"{browser} on {system}"
    if browser or system:
        return browser or f"an app on {system}"
    program = _PROGRAM.match(user_agent)
    return program[1] if program and program[1] != "Mozilla" else UNKNOWN


def network_of(address: str | None) -> str | None:
    """Where an address is, coarsely: `203.0.113.*`, `2001:db8:7::/48`. A home's own number changes within it."""
    try:
        found = ip_address(address or "")
    except ValueError:
        return None
    found = getattr(found, "ipv4_mapped", None) or found
    if found.is_loopback:
        return "this machine"
    if any(found in network for network in _PRIVATE if network.version == found.version):
        return "a private network"
    if isinstance(found, IPv4Address):
        return ".".join([*str(found).split(".")[:3], "*"])
    return str(ip_network((found, _V6), strict=False))
