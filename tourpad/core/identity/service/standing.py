"""How a person stands right now, as whoever looks at them from outside of their own sign-in sees it."""

from tourpad.core.identity import queries
from tourpad.core.identity.models import User
from tourpad.core.identity.permissions import Permission, permissions_now
from tourpad.core.identity.service import agreeing
from tourpad.core.identity.states import UserType
from tourpad.core.settings import Env
from tourpad.core.work import Work


def permissions(work: Work, user: User) -> frozenset[Permission]:
    """What a person may do now: what `GET /api/users/me` would tell them."""
    return permissions_now(
        user.user_type,
        user.state,
        lacks_second_factor=lacks_second_factor(work, user),
        has_to_agree=bool(agreeing.missing(work, user)),
    )


def lacks_second_factor(work: Work, user: User) -> bool:
    """Whether this is an admin in production who has none yet."""
    return (
        work.settings.env is Env.PRODUCTION
        and user.user_type is UserType.ADMIN
        and not queries.has_second_factor(work, user.id)
    )
