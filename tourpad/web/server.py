"""The API on a socket: in this process, or in several."""

import asyncio
import gc
import os
import shutil
import signal
import socket
import tempfile
from asyncio import Protocol
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any, Final

import uvicorn
from uvicorn.supervisors import Multiprocess

from tourpad.core.errors import ConfigurationError
from tourpad.core.platform import Platform
from tourpad.core.settings import load_settings
from tourpad.core.watch.begin import begin_watching
from tourpad.web.wire import Wire

if TYPE_CHECKING:
    from litestar import Litestar

_GRACE: Final = 15
"""Seconds that requests under way get when the server is asked to stop."""
_KEEP_ALIVE: Final = 75
"""Seconds for which an idle connection stays open: longer than proxies and clients keep theirs (60), so that they end
it and none sends into one that is just being closed."""

_SILENCE: Final = 30
"""Seconds in which a worker must say that it is alive. It is silent while it loads (2 s of CPU): with uvicorn's own 5 s
a machine that had much else to do had its workers killed and begun anew for ever."""

_MESSAGE: Final = 8_192
"""Bytes of one message on a socket; the longest is a token."""
_HEARTBEAT: Final = 20.0
"""Seconds between looks whether a client is there, and for its answer."""
_SETTLED_AFTER: Final = 1.0
"""Seconds after the start."""
_GC_THRESHOLD: Final = 20_000
"""New objects between looks for garbage; a request makes a few thousand, nearly all of which go by themselves."""


def listen(host: str, port: int) -> socket.socket:
    """Take the address before anything else is started, so that a taken one is a plain error.

    Raises:
        ConfigurationError: somebody else has it, or it can't be had.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio turns Nagle's algorithm off only where the protocol is named; with it every answer waits 40 ms.
    taken = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        taken.bind((host, port))
        taken.listen(2048)
    except (OSError, OverflowError) as error:
        taken.close()
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise ConfigurationError(
            f"The API can't listen on {host}:{port}: {(reason or str(error)).lower()}.",
            hint="Give another one with --port.",
        ) from error
    taken.set_inheritable(True)
    return taken


def address_of(listening: socket.socket) -> str:
    """`http://127.0.0.1:8000`, as one can call it from here."""
    host, port = listening.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104
    return f"http://{host}:{port}"


def serve(
    platform: Platform, listening: socket.socket, *, ready: Callable[[], None] | None = None, stands_in: bool = False
) -> None:
    """Answer requests in this process until it is told to stop (Ctrl-C or SIGTERM).

    Args:
        platform: what the application stands on; it stays open.
        listening: from `listen`.
        ready: called once requests are answered.
        stands_in: say, where links lead to pages of a front end, what such a page would call (`tourpad dev`).
    """
    from tourpad.web.app import create_app  # noqa: PLC0415 - 2 s of CPU that the parent of workers need not pay
    from tourpad.web.routes import ROUTES  # noqa: PLC0415 - as above

    routes = ROUTES
    if stands_in:
        from tourpad.web.routes.stand_ins import STAND_INS  # noqa: PLC0415 - of no use to anybody else

        routes = (*ROUTES, *STAND_INS)
    with _stoppable():
        _Server(config_of(create_app(platform, routes=routes)), ready).run(sockets=[listening])


def serve_with_workers(listening: socket.socket, *, workers: int, database_url: str) -> None:
    """Answer requests in several processes, each with a platform of its own, until told to stop.

    Args:
        listening: from `listen`.
        workers: how many.
        database_url: given down, so that an embedded database is started once.
    """
    folder = Path(tempfile.mkdtemp(prefix="tourpad-metrics-"))
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)
    os.environ["DATABASE_URL"] = database_url
    gc.enable()  # this process only looks after the others
    config = config_of("tourpad.web.server:worker", workers=workers)
    try:
        Multiprocess(config, sockets=[listening]).run()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def worker() -> "Litestar":
    """The application of one worker process (called by uvicorn, by name)."""
    gc.disable()  # until `_settle_memory`, as in `cli/serving.py`
    from tourpad.web.app import create_app  # noqa: PLC0415 - as above

    settings = load_settings()
    begin_watching(settings)
    platform = Platform.open(settings)
    app = create_app(platform)
    app.on_shutdown.append(platform.close)
    _settle_memory()
    return app


def _settle_memory() -> None:
    """What was loaded at start stays for good: the garbage collector need not walk it again for every few requests."""
    gc.collect()
    gc.freeze()
    gc.enable()
    gc.set_threshold(_GC_THRESHOLD, 20, 20)


def config_of(app: "Litestar | str", *, workers: int = 1) -> uvicorn.Config:
    """How the API is served, wherever it is."""
    return uvicorn.Config(
        app,
        factory=isinstance(app, str),
        workers=workers,
        http=Wire,
        lifespan="on",
        # Paths hold tokens of calendars and unsubscribing: nothing is logged but what goes wrong.
        access_log=False,
        log_level="warning",
        server_header=False,
        timeout_graceful_shutdown=_GRACE,
        timeout_keep_alive=_KEEP_ALIVE,
        timeout_worker_healthcheck=_SILENCE,
        ws=_socket,  # type: ignore[arg-type]  # it is called as the class would be
        ws_max_size=_MESSAGE,
        ws_ping_interval=_HEARTBEAT,
        ws_ping_timeout=_HEARTBEAT,
        # Compressing what holds secrets beside what others wrote gives them away by length, and costs memory each.
        ws_per_message_deflate=False,
    )


def _socket(**given: Any) -> Protocol:
    """One connection that has become a socket. Its library is loaded with the first of them."""
    from tourpad.web.live.protocol import SocketProtocol  # noqa: PLC0415 - see above

    return SocketProtocol(**given)


@contextmanager
def _stoppable() -> Generator[None]:
    """Make the signal that ended the server end only the server.

    Once it has shut down, uvicorn raises the signal again, which would end the process before anything is given back.
    """

    def stop(_: int, __: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        with suppress(KeyboardInterrupt):
            yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, ready: Callable[[], None] | None) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        # Not now: it takes a tenth of a second, in which nobody would be answered.
        asyncio.get_running_loop().call_later(_SETTLED_AFTER, _settle_memory)
        if self.started and self._ready is not None:
            self._ready()
