"""The API in process as tests of routes call it, with sign-ins for whoever a test needs."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from tests.apps import client_of
from tests.factories.profiles import make_person
from tourpad.core.actors import operator

if TYPE_CHECKING:
    from litestar.testing import TestClient

    from tourpad.core.platform import Platform
    from tourpad.core.work import Work


@dataclass
class Api:
    """The API, and sign-ins for it."""

    client: "TestClient[Any]"
    platform: "Platform"

    @contextmanager
    def setting(self) -> "Generator[Work]":
        """A unit of work that sets the scene."""
        with self.platform.work(operator("test")) as work:
            yield work
            work.commit()

    def sign_in(self, user_id: UUID) -> dict[str, str]:
        """Headers of a person."""
        from tourpad.core.identity import queries
        from tourpad.core.identity.service import sessions

        with self.setting() as work:
            token = sessions.begin(work, user=queries.get_user(work, user_id)).access_token
        return {"Authorization": f"Bearer {token}"}

    def person(self, role: str, **more: Any) -> dict[str, str]:
        """Headers of a new person."""
        with self.setting() as work:
            user_id = make_person(work, role, **more).id
        return self.sign_in(user_id)

    @contextmanager
    def counting(self) -> "Generator[list[str]]":
        """The SELECTs of features that run inside (the sign-in's own is left out)."""
        from sqlalchemy import event

        seen: list[str] = []

        def note(_c: Any, _cur: Any, statement: str, *_: Any) -> None:
            if statement.lstrip().upper().startswith(("SELECT", "WITH")) and "auth_sessions" not in statement:
                seen.append(statement)

        event.listen(self.platform.engine, "before_cursor_execute", note)
        try:
            yield seen
        finally:
            event.remove(self.platform.engine, "before_cursor_execute", note)


@contextmanager
def opened(platform: "Platform") -> "Generator[Api]":
    """The API on a platform."""

    with client_of(platform) as client:
        yield Api(client, platform)
