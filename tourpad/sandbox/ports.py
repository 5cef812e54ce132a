"""The port that the sandbox of a home keeps, so that links to its pages in earlier mails still lead to them.

Several processes may serve one home, each on a port of its own. The one that stays (`tourpad dev`, or whoever names
a port) has the kept one, and the others hand out links to it as long as it answers.
"""

import errno
import json
from contextlib import suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Final

from tourpad.sandbox.wire import Answer, Server

PORT_FILE: Final = "sandbox.port"
LAST: Final = 65_535
PATIENCE: Final = 0.5
"""Seconds that another process of the same home has to say that it is one."""


def listen(home: Path, host: str, port: int, answer: Answer, *, stays: bool) -> Server:
    """Listen on a port that is named, on the one that the home keeps, or on a free one.

    Args:
        home: whose sandbox it is.
        host: the address to listen on.
        port: 0 for none in particular.
        answer: turns requests to replies.
        stays: whether the port is to be the home's; where that is taken by another program, it is a free one.

    Raises:
        OSError: a port that was named is taken, or the home can't be written.
    """
    known = _kept(home)
    if port == 0 and stays and known:
        try:
            return Server((host, known), answer)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
            return Server((host, 0), answer)
    server = Server((host, port), answer)
    if port or stays:
        (home / PORT_FILE).write_text(f"{server.server_port}\n", encoding="ascii")
    return server


def links_to(home: Path, own: str) -> str:
    """Where pages of this home are: at the address of the process that stays, if it answers, else one's own."""
    known = _kept(home)
    address = f"http://127.0.0.1:{known}"
    if known is None or address == own:
        return own
    connection = HTTPConnection("127.0.0.1", known, timeout=PATIENCE)
    with suppress(OSError, HTTPException, ValueError, TypeError, KeyError):
        connection.request("GET", "/_sandbox")
        if json.loads(connection.getresponse().read())["home"] == name_of(home):
            own = address
    connection.close()
    return own


def name_of(home: Path) -> str:
    """By what processes know whether they serve the same home."""
    return str(home.resolve())


def _kept(home: Path) -> int | None:
    try:
        found = int((home / PORT_FILE).read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None
    return found if 0 < found <= LAST else None
