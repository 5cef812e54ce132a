"""Is the process up, and can it do its work?"""

import msgspec
from litestar import get
from litestar.datastructures import State
from litestar.response import Response
from sqlalchemy.exc import SQLAlchemyError

from tourpad.core.actors import NOBODY
from tourpad.core.database import migrate
from tourpad.core.outbox import queries
from tourpad.core.platform import Platform
from tourpad.web.metrics import CONTENT_TYPE, WorkItems
from tourpad.web.needs import PUBLIC, needs
from tourpad.web.shapes import Output


class Health(Output):
    """How it stands: `ok`, `degraded` or `unavailable`, and what is wrong by part."""

    status: str
    problems: dict[str, str] = msgspec.field(default_factory=dict[str, str])


@get("/healthz", opt={"needs": (PUBLIC,)}, sync_to_thread=False, tags=["health"])
def healthz() -> Health:
    """The process answers."""
    return Health(status="ok")


@get("/readyz", **needs(PUBLIC), tags=["health"])
def readyz(platform: Platform) -> Response[Health]:
    """The database answers and has all migrations. 503 with the part that is not ready otherwise.

    `degraded` with 200 where something is away that the house can do without: Redis.
    """
    problems: dict[str, str] = {}
    try:
        current, wanted = migrate.current_revision(platform.autocommit), migrate.head_revision()
        if current != wanted:
            problems["migrations"] = f"at {current or 'nothing'}, this version needs {wanted}"
    except Exception as error:  # noqa: BLE001 - whatever it is, the answer is "not ready"
        problems["database"] = type(error).__name__
    if problems:
        return Response(Health(status="unavailable", problems=problems), status_code=503)
    lame = platform.windows.problem()
    return Response(Health(status="degraded" if lame else "ok", problems={"redis": lame} if lame else {}))


@get("/metrics", **needs(PUBLIC), tags=["health"], media_type="text/plain")
def metrics(state: State, platform: Platform) -> Response[bytes]:
    """Numbers for Prometheus: requests by route, method and status, how long they took, and work that waits."""
    return Response(state.metrics.render(_items(platform)), media_type=CONTENT_TYPE)


def _items(platform: Platform) -> WorkItems | None:
    """Work items that are not done; without a database the other numbers are told all the same."""
    try:
        with platform.work(NOBODY) as work:
            return WorkItems(tuple(queries.standings(work)), work.now)
    except SQLAlchemyError:
        return None


ROUTES = (healthz, readyz, metrics)
