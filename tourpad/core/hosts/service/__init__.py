"""Verbs of hosts: the public profile, and the address apart from it."""

from tourpad.core.hosts.service.address import Address, look_at_address, own_address
from tourpad.core.hosts.service.looks import tell_of_looks
from tourpad.core.hosts.service.profile import apply, edit, ensure, forget, hide, rate, show

__all__ = [
    "Address",
    "apply",
    "edit",
    "ensure",
    "forget",
    "hide",
    "look_at_address",
    "own_address",
    "rate",
    "show",
    "tell_of_looks",
]
