"""What happens to accounts by itself."""

from datetime import timedelta
from typing import TYPE_CHECKING

from tests.factories.identity import make_user, person, signed_in
from tourpad.core.actors import job_actor, operator
from tourpad.core.identity import procedures, queries
from tourpad.core.identity.service import oauth, sessions, signin, users
from tourpad.core.identity.states import UserState
from tourpad.core.requests import procedures as requests
from tourpad.core.requests.limits import LOGIN, take

if TYPE_CHECKING:
    from tourpad.core.clock import VirtualClock
    from tourpad.core.platform import Platform

JOB = job_actor("test")


def test_suspensions_end_by_themselves(platform: "Platform", clock: "VirtualClock") -> None:
    with platform.work(operator("test")) as work:
        short, long, good = (make_user(work, "artist") for _ in range(3))
        users.suspend(work, user_id=short.id, reason="x", until=clock.now() + timedelta(days=1))
        users.suspend(work, user_id=long.id, reason="x", until=clock.now() + timedelta(days=2))
        users.suspend(work, user_id=good.id, reason="x")
        work.commit()
    assert procedures.lift_suspensions(platform, JOB) == {"reinstated": 0, "failed": 0}
    clock.advance(timedelta(days=1))
    assert procedures.lift_suspensions(platform, JOB) == {"reinstated": 1, "failed": 0}
    assert procedures.lift_suspensions(platform, JOB) == {"reinstated": 0, "failed": 0}
    with platform.work(JOB) as work:
        states = [queries.get_user(work, user.id).state for user in (short, long, good)]
    assert states == [UserState.ACTIVE, UserState.SUSPENDED, UserState.SUSPENDED]


def test_old_sign_ins_are_forgotten(platform: "Platform", clock: "VirtualClock") -> None:
    user = person(platform, email="ada@shows.test")
    ended, kept = signed_in(platform, user), signed_in(platform, user)
    with platform.work(JOB) as work:
        sessions.end(work, user_id=user.id, session_id=ended.session_id)
        signin.forgot_password(work, email="ada@shows.test")
        oauth.begin(work, provider="club")
        work.commit()
    clock.advance(timedelta(days=29))
    assert procedures.forget_old_sign_ins(platform, JOB) == {"sessions": 0, "links": 0, "provider_sign_ins": 1}
    with platform.work(JOB) as work:
        assert sessions.refresh(work, token=kept.refresh_token) is not None
        work.commit()
    clock.advance(timedelta(days=2))
    assert procedures.forget_old_sign_ins(platform, JOB) == {"sessions": 1, "links": 1, "provider_sign_ins": 0}
    with platform.work(JOB) as work:
        assert [s.id for s in queries.live_sessions(work, user.id)] == [kept.session_id]


def test_windows_of_limits_are_tidied_away(platform: "Platform", clock: "VirtualClock") -> None:
    take(platform.autocommit, LOGIN, "ada", now=clock.now())
    clock.advance(timedelta(days=1))
    assert requests.tidy(platform, JOB) == {"keys": 0, "windows": 0}
    clock.advance(timedelta(days=1))
    assert requests.tidy(platform, JOB) == {"keys": 0, "windows": 1}
