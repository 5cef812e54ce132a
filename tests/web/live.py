"""The API on a real socket, for what only shows there."""

import threading
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from tourpad.core.values import replace

if TYPE_CHECKING:
    from tourpad.core.platform import Platform


@contextmanager
def served(platform: "Platform", *, more: Sequence[Any] = (), is_base: bool = False) -> Generator[str]:
    """The API on a port of its own, as it is served everywhere; answers its address. `more` are handlers of a test.

    With `is_base` that is what links begin with, too.
    """
    import uvicorn

    from tourpad.web.app import create_app
    from tourpad.web.routes import ROUTES
    from tourpad.web.server import address_of, config_of, listen

    listening = listen("127.0.0.1", 0)
    if is_base:
        platform.settings = replace(platform.settings, base_url=address_of(listening))
    server = uvicorn.Server(config_of(create_app(platform, routes=[*ROUTES, *more])))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        yield address_of(listening)
    finally:
        server.should_exit = True
        thread.join()
        listening.close()
