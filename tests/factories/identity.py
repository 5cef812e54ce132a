"""People who can sign in."""

from typing import TYPE_CHECKING

from tests.factories.profiles import make_person
from tourpad.core.actors import operator

if TYPE_CHECKING:
    from tourpad.core.identity.models import User
    from tourpad.core.identity.service.sessions import SignedIn
    from tourpad.core.platform import Platform
    from tourpad.core.work import Work

PASSWORD = "seven green lanterns"


def make_user(
    work: "Work", role: str = "fan", *, state: str = "active", email: str = "", password: str = PASSWORD
) -> "User":
    """An account with a password, its address proved unless it is pending."""
    from tourpad.core.identity.service import signin

    user = make_person(work, role, state=state, verified=state != "pending")
    if email:
        user.email = email
        work.session.flush()
    signin.set_password(work, user=user, password=password)
    return user


def person(platform: "Platform", role: str = "fan", *, state: str = "active", email: str = "") -> "User":
    """The same, committed."""
    with platform.work(operator("test")) as work:
        user = make_user(work, role, state=state, email=email)
        work.commit()
    return user


def signed_in(platform: "Platform", user: "User") -> "SignedIn":
    """A session of theirs, committed."""
    from tourpad.core.identity import queries
    from tourpad.core.identity.service import sessions

    with platform.work(operator("test")) as work:
        made = sessions.begin(work, user=queries.get_user(work, user.id))
        work.commit()
    return made


def bearer(platform: "Platform", user: "User") -> dict[str, str]:
    """The header that signs them in."""
    return {"Authorization": f"Bearer {signed_in(platform, user).access_token}"}
