"""Scanning of uploads: the protocol, its errors, and the way to open it."""

from typing import TYPE_CHECKING

from tourpad.core.gateways.scanner.errors import ScannerDown, TooLargeToScan
from tourpad.core.gateways.scanner.protocol import ScannerGateway

if TYPE_CHECKING:
    from tourpad.core.settings import Settings

__all__ = ["ScannerDown", "ScannerGateway", "TooLargeToScan", "open_scanner"]


def open_scanner(settings: "Settings") -> ScannerGateway | None:
    """Open clamd at its socket, or nothing where none is set.

    Raises:
        ConfigurationError: `CLAMD_SOCKET` is neither a path nor `tcp://host:port`.
    """
    if not settings.clamd_socket:
        return None
    from tourpad.core.gateways.scanner.clamd import Clamd

    return Clamd(settings.clamd_socket)
