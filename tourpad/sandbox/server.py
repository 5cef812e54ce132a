"""Start and stop a sandbox: in a thread of the caller's process, or as a process of its own."""

import logging
import signal
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

from tourpad.sandbox import clock as clocks
from tourpad.sandbox import config, pages, ports, targets
from tourpad.sandbox.control import Control
from tourpad.sandbox.deliver import Courier
from tourpad.sandbox.engine import Engine, Reply, Request
from tourpad.sandbox.store import Store
from tourpad.sandbox.targets import WebhookTarget
from tourpad.sandbox.wire import Server

LOG = logging.getLogger(__name__)
TICK = 0.25
STATE_FILE = "sandbox.sqlite3"


class RunningSandbox:
    """A sandbox that answers on `url` until `stop`."""

    def __init__(
        self, store: Store, engine: Engine, courier: Courier, server: Server, *, url: str, deliver: bool, tick: float
    ) -> None:
        """Start the threads."""
        self.store = store
        self.engine = engine
        self.courier = courier
        self._server = server
        self._url = url
        self._deliver = deliver
        self._tick = tick
        self._stopping = threading.Event()
        self._stopped = False
        self._threads = [
            threading.Thread(target=server.serve_forever, args=(0.05,), name="sandbox-http", daemon=True),
            threading.Thread(target=self._keep_time, name="sandbox-clock", daemon=True),
        ]
        for thread in self._threads:
            thread.start()
        if deliver:
            courier.start()

    @property
    def url(self) -> str:
        """Where it answers: the API base, and the root of its pages (which another process may answer, too)."""
        return self._url

    @property
    def secret_key(self) -> str:
        """A key it takes."""
        return config.SECRET_KEY

    def flush(self, timeout: float = 30.0) -> int:
        """Deliver all waiting webhooks now, for at most `timeout` seconds; return how many are left."""
        return self.courier.flush(timeout) if self._deliver else self.courier.pending()

    def stop(self) -> None:
        """End it.

        The state stays in its home; webhooks not yet delivered are delivered by the next one started there.
        """
        if self._stopped:
            return
        self._stopped = True
        self._stopping.set()
        self._server.end()
        self._server.close_all()
        self._server.server_close()
        if self._deliver:
            self.courier.stop()
        for thread in self._threads:
            thread.join(timeout=5)
        self.engine.close()
        self.store.close()

    def __enter__(self) -> Self:
        """Be its own context manager."""
        return self

    def __exit__(self, *_: object) -> None:
        """Stop."""
        self.stop()

    def _keep_time(self) -> None:
        while not self._stopping.wait(self._tick):
            try:
                self.engine.run_due()
            except Exception:
                # A fault of ours: what fell due waits behind it, which is said at each tick; calls tell of it, too.
                LOG.exception("what fell due was not done")


def serve(
    home: Path,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    stays: bool = False,
    webhook_targets: Sequence[WebhookTarget] = (),
    record: Path | None = None,
    clock: clocks.Clock | None = None,
    clock_file: Path | None = None,
    seed: int | None = None,
    deliver: bool = True,
    holds: bool = False,
    rate_limit: int | None = None,
    tick: float = TICK,
) -> RunningSandbox:
    """Start a sandbox in threads of this process, on the state in `home`.

    `port` 0 takes a free one, and with `stays` the one that the home keeps, see `ports`.
    `webhook_targets` replace those of the same name that the state knows; without
    any, the known ones go on. `record` gets each exchange as a JSON line. Time is `clock` (epoch seconds),
    else `clock_file` (int64 epoch microseconds, 0 for real time), else real. With `seed` ids repeat each run.
    `deliver=False` only queues webhooks, for a process that shares its home with another that delivers; targets that
    this one has named stay.
    `holds=True` keeps the clocks of others on this home still, see `Store.hold`.
    `rate_limit` is calls a second of one endpoint. Raises OSError where the port is taken or the home can't be written.
    """
    time = clock or (clocks.from_file(clock_file) if clock_file else clocks.real)
    store = Store(home / STATE_FILE, time, seed=seed)
    try:
        if holds:
            store.hold()
        engine = Engine(store, record=record, rate_limit=rate_limit)
        courier = Courier(store)
        control = Control(store, engine, courier, deliver=deliver)
        page = pages.Pages(store)

        def answer(request: Request) -> Reply:
            if request.path.startswith(("/v1/", "/v2/")):
                return engine.handle(request)
            if request.path.startswith("/_sandbox"):
                return control.handle(request)
            return page.handle(request)

        server = ports.listen(home, host, port, answer, stays=stays)
    except BaseException:
        store.close()
        raise
    bound: tuple[Any, ...] = server.socket.getsockname()
    url = f"http://{'127.0.0.1' if host in ('', '0.0.0.0') else host}:{bound[1]}"  # noqa: S104 - compared, not bound
    store.base_url = ports.links_to(home, url)
    with store.transaction():
        for target in webhook_targets:
            targets.register(store.db, target, replace=deliver)
    return RunningSandbox(store, engine, courier, server, url=url, deliver=deliver, tick=tick)


def run_forever(home: Path, **settings: Any) -> None:
    """Serve in the foreground until SIGINT or SIGTERM; the settings are those of `serve`.

    `ready`, if given, is called with the running sandbox once it answers.
    """
    ready = settings.pop("ready", None)
    ended = threading.Event()

    def stop(number: int, frame: object) -> None:  # noqa: ARG001 - what a signal handler is given
        ended.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    with serve(home, **settings) as sandbox:
        if ready is not None:
            ready(sandbox)
        ended.wait()
