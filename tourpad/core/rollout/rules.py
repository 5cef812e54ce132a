"""Who is let in at which stage, and what a list of addresses is: pure rules."""

from collections.abc import Iterable
from typing import Final

from tourpad.core.errors import FieldError, InvalidInputError
from tourpad.core.identity.addresses import checked_email
from tourpad.core.identity.states import UserType
from tourpad.core.rollout.states import RolloutStage

FIRST: Final = RolloutStage.EVERYONE
"""Where no stage was ever set."""


def is_let_in(stage: RolloutStage, *, user_type: UserType | None, is_listed: bool) -> bool:
    """Whether somebody may come in. `queries.let_in` says the same of all people at once.

    Args:
        stage: how far the doors are open.
        user_type: their role; None where they have not said which they will have.
        is_listed: whether their mail address is in the group.
    """
    match stage:
        case RolloutStage.EVERYONE:
            return True
        case RolloutStage.BETA:
            return is_listed or user_type is UserType.ADMIN
        case RolloutStage.ADMINS:
            return user_type is UserType.ADMIN


def normal(email: str) -> str:
    """A mail address as the group holds it: without regard to case."""
    return email.strip().lower()


def checked_addresses(addresses: Iterable[str], *, field: str, local: bool) -> list[str]:
    """Mail addresses as the group holds them, each once, in the order given.

    Args:
        addresses: as typed.
        field: what they are called in a fault.
        local: whether reserved test domains are fine, as in development.

    Raises:
        InvalidInputError: naming every one that is none.
    """
    faults: list[FieldError] = []
    found: dict[str, None] = {}
    for address in addresses:
        unfit: list[FieldError] = []
        found[normal(checked_email(address, unfit, local=local))] = None
        faults += [FieldError(field, f"{address.strip()}: {fault.message}") for fault in unfit]
    if faults:
        raise InvalidInputError(*faults)
    return list(found)


def addresses_in(text: str) -> list[str]:
    """The mail addresses of a file: one a line; what follows `#` is a remark."""
    lines = (line.partition("#")[0].strip() for line in text.splitlines())
    return [line for line in lines if line]
