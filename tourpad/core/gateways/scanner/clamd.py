"""The real side: clamd over its socket, by `INSTREAM` (clamd(8)): a length before each chunk, a zero at the end.

The file travels in the stream, so clamd needs no right to read ours and may run on another machine.
"""

import re
import socket
import struct
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

from tourpad.core.errors import ConfigurationError
from tourpad.core.gateways.scanner.errors import ScannerDown, TooLargeToScan

CHUNK = 1 << 17
CONNECT_TIMEOUT = 5.0
ANSWER_TIMEOUT = 120.0
"""Seconds: clamd's own `MaxScanTime` is two minutes."""
_LONGEST_ANSWER = 4096
_FOUND = re.compile(r"stream: (?P<name>.+) FOUND")


class Clamd:
    """One clamd, by the path of its socket or by `tcp://host:port`."""

    def __init__(self, address: str) -> None:
        self._tcp: tuple[str, int] | None = None
        self._path = address.removeprefix("unix:")
        if address.startswith("tcp://"):
            try:
                parts = urlsplit(address)
                self._tcp = (parts.hostname or "", parts.port or 3310)
            except ValueError:
                self._tcp = ("", 0)
            if not self._tcp[0]:
                raise ConfigurationError(f"CLAMD_SOCKET is {address}: no host and port.", hint="tcp://host:3310")
        elif not self._path.startswith("/"):
            raise ConfigurationError(
                f"CLAMD_SOCKET is {address}: neither an absolute path nor tcp://host:port.",
                hint="Debian's clamd listens at /var/run/clamav/clamd.ctl.",
            )

    @property
    def name(self) -> str:
        """The address."""
        return f"clamd at {f'{self._tcp[0]}:{self._tcp[1]}' if self._tcp else self._path}"

    def version(self) -> str:
        """The version of clamd and the date of its signatures.

        Raises:
            ScannerDown: it does not answer.
        """
        try:
            with self._connect() as connection:
                connection.sendall(b"zVERSION\0")
                return _answer(connection)
        except OSError as error:
            raise self._down(error) from error

    def scan(self, file: Path) -> str | None:
        """Stream one file. Answers the name of the signature that matched, nothing where none did.

        Raises:
            TooLargeToScan: clamd's `StreamMaxLength` is below the file's size.
            ScannerDown: no answer, or one that is no verdict.
        """
        try:
            with self._connect() as connection:
                # clamd answers and hangs up as soon as it has had enough: what matters then is its answer.
                with suppress(BrokenPipeError, ConnectionResetError):
                    _send(connection, file)
                said = _answer(connection)
        except OSError as error:
            raise self._down(error) from error
        if said == "stream: OK":
            return None
        found = _FOUND.fullmatch(said)
        if found:
            return found["name"]
        if "size limit exceeded" in said:
            raise TooLargeToScan(
                f"{self.name} takes no file of {file.stat().st_size:,} bytes.",
                hint="Raise StreamMaxLength (and MaxFileSize, MaxScanSize) in clamd.conf.",
            )
        raise ScannerDown(f"{self.name} gave no verdict: {said or 'it hung up'}.")

    def _connect(self) -> socket.socket:
        if self._tcp:
            connection = socket.create_connection(self._tcp, timeout=CONNECT_TIMEOUT)
        else:
            connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            try:
                connection.settimeout(CONNECT_TIMEOUT)
                connection.connect(self._path)
            except BaseException:
                connection.close()
                raise
        connection.settimeout(ANSWER_TIMEOUT)
        return connection

    def _down(self, error: OSError) -> ScannerDown:
        why = "it did not answer in time" if isinstance(error, TimeoutError) else error.strerror or str(error)
        return ScannerDown(f"{self.name} can't be reached: {why}.", hint="Is clamd running? CLAMD_SOCKET names it.")


def _send(connection: socket.socket, file: Path) -> None:
    connection.sendall(b"zINSTREAM\0")
    with file.open("rb") as source:
        while chunk := source.read(CHUNK):
            connection.sendall(struct.pack(">I", len(chunk)) + chunk)
    connection.sendall(struct.pack(">I", 0))


def _answer(connection: socket.socket) -> str:
    """What clamd says, up to the NUL that ends it."""
    said = bytearray()
    while b"\0" not in said and len(said) < _LONGEST_ANSWER:
        part = connection.recv(_LONGEST_ANSWER)
        if not part:
            break
        said += part
    return bytes(said).partition(b"\0")[0].decode("utf-8", "replace").strip()
