"""Signing in, staying signed in, new passwords."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TYPE_CHECKING

import bcrypt
import pytest
from sqlalchemy import text

from tests.factories.identity import PASSWORD, make_user, person
from tourpad.core.actors import operator
from tourpad.core.errors import InvalidInputError, NotFoundError
from tourpad.core.identity import queries, tokens
from tourpad.core.identity.errors import AccountSuspended, InvalidCredentials, InvalidToken, LinkNotValid
from tourpad.core.identity.events import PasswordChanged, PasswordResetRequested
from tourpad.core.identity.service import sessions, signin, users
from tourpad.core.identity.states import UserState

if TYPE_CHECKING:
    from tourpad.core.clock import VirtualClock
    from tourpad.core.identity.models import User
    from tourpad.core.platform import Platform
    from tourpad.core.work import Work


def login(work: "Work", email: str = "ada@shows.test", password: str = PASSWORD) -> sessions.SignedIn:
    return signin.login(work, email=email, password=password, address="192.0.2.7", user_agent="a browser")


@pytest.fixture
def ada(work: "Work") -> "User":
    return make_user(work, "artist", email="Ada@shows.test")


def test_the_right_password_begins_a_session(work: "Work", ada: "User") -> None:
    made = login(work, "ADA@SHOWS.TEST ")
    claims = tokens.read_access(work.settings.secret, made.access_token, now=work.now)
    assert (claims.user_id, claims.session_id, made.expires_in) == (ada.id, made.session_id, 900)
    assert ada.last_login_at == work.now
    (session,) = queries.live_sessions(work, ada.id)
    assert (session.address, session.user_agent) == ("192.0.2.7", "a browser")
    assert session.refresh_hash == tokens.digest(made.refresh_token)


@pytest.mark.parametrize(
    ("email", "password"),
    [("ada@shows.test", "wrong password"), ("ada@shows.test", ""), ("nobody@shows.test", PASSWORD), ("", "")],
)
def test_wrong_address_and_wrong_password_answer_alike(work: "Work", ada: "User", email: str, password: str) -> None:
    with pytest.raises(InvalidCredentials) as caught:
        login(work, email, password)
    assert caught.value.message == InvalidCredentials().message
    assert queries.live_sessions(work, ada.id) == []


def test_an_account_without_a_password_has_no_right_one(work: "Work") -> None:
    from tests.factories.profiles import make_person

    user = make_person(work, "fan")
    with pytest.raises(InvalidCredentials):
        login(work, user.email, "")


def test_a_bcrypt_hash_is_upgraded_at_sign_in(work: "Work", ada: "User") -> None:
    credential = queries.get_credential(work, ada.id)
    assert credential is not None
    credential.password_hash = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()
    work.session.flush()
    login(work)
    upgraded = queries.get_credential(work, ada.id)
    assert upgraded is not None
    assert upgraded.password_hash.startswith("$argon2id$")
    login(work)


def test_whoever_is_suspended_is_told_why_but_only_with_the_right_password(
    work: "Work", ada: "User", clock: "VirtualClock"
) -> None:
    end = clock.now() + timedelta(days=3)
    users.suspend(work, user_id=ada.id, reason="two complaints", until=end)
    with pytest.raises(InvalidCredentials):
        login(work, password="wrong password")
    with pytest.raises(AccountSuspended) as caught:
        login(work)
    assert caught.value.details == {"reason": "two complaints", "until": "2026-03-04T12:00:00Z"}
    clock.set(end)
    assert login(work).user.state is UserState.ACTIVE


def test_refreshing_rotates_and_slides(work: "Work", ada: "User", clock: "VirtualClock") -> None:
    made = login(work)
    clock.advance(timedelta(days=29))
    fresh = sessions.refresh(work, token=made.refresh_token)
    assert fresh is not None
    assert fresh.session_id == made.session_id
    assert fresh.refresh_token != made.refresh_token
    clock.advance(timedelta(days=29))
    assert sessions.refresh(work, token=fresh.refresh_token) is not None
    clock.advance(timedelta(days=30))
    assert queries.live_sessions(work, ada.id) == []


def test_a_reused_refresh_token_ends_the_family(work: "Work", ada: "User") -> None:
    made = login(work)
    fresh = sessions.refresh(work, token=made.refresh_token)
    assert fresh is not None
    assert sessions.refresh(work, token=made.refresh_token) is None
    for token in (made.refresh_token, fresh.refresh_token):
        with pytest.raises(InvalidToken):
            sessions.refresh(work, token=token)
    assert queries.live_sessions(work, ada.id) == []


def test_reuse_in_one_session_leaves_the_others(work: "Work", ada: "User") -> None:
    kept, stolen = login(work), login(work)
    sessions.refresh(work, token=stolen.refresh_token)
    sessions.refresh(work, token=stolen.refresh_token)
    assert [s.id for s in queries.live_sessions(work, ada.id)] == [kept.session_id]


@pytest.mark.parametrize("token", ["", "tpr_x", "eyJhbGciOiJIUzI1NiJ9.e30.x"])
def test_made_up_refresh_tokens_end_nothing(work: "Work", ada: "User", token: str) -> None:
    login(work)
    with pytest.raises(InvalidToken):
        sessions.refresh(work, token=token)
    assert len(queries.live_sessions(work, ada.id)) == 1


def test_a_session_ends_once_and_only_by_its_owner(work: "Work", ada: "User") -> None:
    other = make_user(work, "host")
    made = login(work)
    with pytest.raises(NotFoundError):
        sessions.end(work, user_id=other.id, session_id=made.session_id)
    sessions.end(work, user_id=ada.id, session_id=made.session_id)
    with pytest.raises(NotFoundError):
        sessions.end(work, user_id=ada.id, session_id=made.session_id)


def test_everywhere_means_everywhere(work: "Work", ada: "User") -> None:
    login(work)
    login(work)
    assert sessions.end_everywhere(work, user_id=ada.id) == 2
    assert queries.live_sessions(work, ada.id) == []
    assert login(work).expires_in == 900


def reset_token(work: "Work") -> str:
    signin.forgot_password(work, email="ada@SHOWS.test")
    return next(e.token for e in reversed(work.events) if isinstance(e, PasswordResetRequested))


def test_a_reset_sets_the_password_and_ends_every_session(work: "Work", ada: "User") -> None:
    login(work)
    token = reset_token(work)
    signin.reset_password(work, token=token, password="nine purple umbrellas")
    assert queries.live_sessions(work, ada.id) == []
    assert work.events[-1] == PasswordChanged(user_id=ada.id)
    with pytest.raises(InvalidCredentials):
        login(work)
    assert login(work, password="nine purple umbrellas").user.id == ada.id
    with pytest.raises(LinkNotValid):
        signin.reset_password(work, token=token, password="nine purple umbrellas")


def test_a_reset_with_a_bad_password_names_it(work: "Work", ada: "User") -> None:
    with pytest.raises(InvalidInputError) as caught:
        signin.reset_password(work, token=reset_token(work), password="short")
    assert [e.field for e in caught.value.errors] == ["password"]


def test_a_reset_link_lives_an_hour(work: "Work", ada: "User", clock: "VirtualClock") -> None:
    token = reset_token(work)
    clock.advance(timedelta(hours=1))
    with pytest.raises(LinkNotValid):
        signin.reset_password(work, token=token, password="nine purple umbrellas")


def test_a_reset_proves_the_address_too(work: "Work") -> None:
    make_user(work, "fan", state="pending", email="ada@shows.test")
    user = signin.reset_password(work, token=reset_token(work), password="nine purple umbrellas")
    assert (user.email_verified_at, user.state) == (work.now, UserState.APPROVED)


def test_forgetting_an_unknown_or_suspended_account_does_nothing(work: "Work", ada: "User") -> None:
    users.suspend(work, user_id=ada.id, reason="two complaints")
    work.events.clear()
    signin.forgot_password(work, email="ada@shows.test")
    signin.forgot_password(work, email="nobody@shows.test")
    assert work.events == []


@pytest.mark.parametrize("meanwhile", ["a new password", "a suspension"])
def test_whoever_is_shut_out_while_signing_in_stays_out(platform: "Platform", meanwhile: str) -> None:
    """The password was right when it was looked at. What happens before the session begins has ended all sessions."""
    user = person(platform, "fan", email="ada@shows.test")

    def enter() -> Exception | None:
        with platform.work(operator("test")) as late:
            try:
                login(late)
            except (InvalidCredentials, AccountSuspended) as error:
                return error
            late.commit()
        return None

    with ThreadPoolExecutor(1) as pool, platform.work(operator("test")) as work:
        locked = queries.get_for_update(work, user.id)
        entering = pool.submit(enter)
        waiting = text("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()")
        with platform.autocommit.connect() as outside:
            while not entering.done() and outside.execute(waiting).first() is None:
                time.sleep(0.01)
        if meanwhile == "a suspension":
            users.suspend(work, user_id=user.id, reason="spam")
        else:
            signin.set_password(work, user=locked, password="nine quiet lanterns")
            sessions.end_all(work, user=locked, reason="password reset")
        work.commit()
        assert isinstance(entering.result(timeout=20), InvalidCredentials | AccountSuspended)
    with platform.work(operator("test")) as work:
        assert queries.live_sessions(work, user.id) == []
