"""The application that tests share has no memory of the test before."""

from contextlib import closing
from typing import TYPE_CHECKING, Any

from tests.apps import client_of
from tests.conftest import settings_of
from tests.factories.profiles import make_person
from tourpad.core.actors import operator
from tourpad.core.values import replace

if TYPE_CHECKING:
    from pathlib import Path

    from tests.postgres import TestServer
    from tourpad.core.clock import VirtualClock
    from tourpad.core.platform import Platform

LIMIT = 4


def sign_in(platform: "Platform") -> dict[str, str]:
    from tourpad.core.identity.service import sessions

    with platform.work(operator("test")) as work:
        token = sessions.begin(work, user=make_person(work, "fan")).access_token
        work.commit()
    return {"Authorization": f"Bearer {token}"}


def test_it_stands_on_the_platform_that_it_is_lent_to_and_on_no_other(
    server: "TestServer", environment: dict[str, str], clock: "VirtualClock", tmp_path: "Path"
) -> None:
    from tourpad.core.platform import Platform

    apps: list[Any] = []
    others: dict[str, str] = {}
    for _ in range(2):
        url = server.clone()
        settings = replace(settings_of({**environment, "DATABASE_URL": url}, tmp_path), general_rate=LIMIT)
        with closing(Platform.open(settings, clock=clock)) as platform:
            mine = sign_in(platform)
            with client_of(platform) as client:
                apps.append(client.app)
                answers = [client.get("/api/auth/sessions", headers=mine).status_code for _ in range(LIMIT + 1)]
                assert answers == [200] * LIMIT + [429]
                assert client.get("/api/auth/sessions", headers=others).status_code == 401
                assert f'route="/api/auth/sessions",status="200"}} {LIMIT}.0' in client.get("/metrics").text
            others = mine
        server.drop(url)
    assert apps[0] is apps[1]
