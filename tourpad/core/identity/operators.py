"""Who may use the terminal: `TOURPAD_OPERATORS` ties logins on the machine to accounts of admins.

Without it whoever has the database's address may do everything, for they could do it with psql. With it a login stands
for an account, and may do what that account may do by the one table of permissions: nothing any more once it is
suspended, no admin's, or (in production) without a second factor.
"""

from collections.abc import Sequence
from typing import Final

from tourpad.core.errors import ConfigurationError, ForbiddenError
from tourpad.core.identity import queries
from tourpad.core.identity.permissions import Permission
from tourpad.core.identity.service import standing
from tourpad.core.values import Value
from tourpad.core.work import Work

MACHINE: Final = "machine"
"""Instead of an address: whoever looks after the machine (`api serve`, `jobs start`, `db upgrade`)."""
_HINT: Final = "Like TOURPAD_OPERATORS=mara=mara@example.org,tourpad=machine"


class NotAnOperator(ForbiddenError):
    """Whoever sits at the terminal may not run this command."""

    code = "not_an_operator"


class Operator(Value):
    """What one login stands for."""

    login: str
    email: str | None = None
    """Of their account as an admin."""
    machine: bool = False


def parse(entries: Sequence[str]) -> dict[str, Operator]:
    """The setting as it is meant, by login. One login may have two entries: an account's and the machine's.

    Raises:
        ConfigurationError: an entry is neither `login=address` nor `login=machine`, or gives a login a second account.
    """
    found: dict[str, Operator] = {}
    for entry in entries:
        login, _, what = (part.strip() for part in entry.partition("="))
        before = found.get(login, Operator(login))
        is_machine = what == MACHINE
        if not login or not (is_machine or "@" in what) or (before.email and not is_machine):
            msg = f"TOURPAD_OPERATORS: {entry!r} is neither login=address nor login=machine of its own."
            raise ConfigurationError(msg, hint=_HINT)
        found[login] = Operator(login, email=before.email if is_machine else what, machine=before.machine or is_machine)
    return found


def listed(operators: dict[str, Operator], login: str) -> Operator:
    """What a login stands for.

    Raises:
        NotAnOperator: it is not listed.
    """
    operator = operators.get(login)
    if operator is None:
        msg = f"{login} is no operator here."
        raise NotAnOperator(msg, hint="TOURPAD_OPERATORS lists the logins that are, and whose account each stands for.")
    return operator


def check_machine(operator: Operator) -> None:
    """Refuse a login that does not look after the machine.

    Raises:
        NotAnOperator: it does not.
    """
    if not operator.machine:
        msg = f"{operator.login} does not look after this machine, and the command is for whoever does."
        raise NotAnOperator(msg, hint=f"TOURPAD_OPERATORS would need {operator.login}={MACHINE}.", needs=MACHINE)


def account_of(operator: Operator, needed: Permission) -> str:
    """The address of the account that a login stands for.

    Raises:
        NotAnOperator: it stands for none.
    """
    if operator.email is None:
        raise _no_account(operator, needed)
    return operator.email


def check_permission(work: Work, operator: Operator, needed: Permission) -> None:
    """Refuse a login whose account may not do this now.

    Raises:
        NotAnOperator: there is no account, or it does not have the permission in the state that it is in.
    """
    user = queries.find_by_email(work, account_of(operator, needed))
    if user is None:
        raise _no_account(operator, needed)
    if needed in standing.permissions(work, user):
        return
    lacks = ", which has no second factor yet" if standing.lacks_second_factor(work, user) else ""
    msg = (
        f"{operator.login} stands for {user.email}, {user.user_type} in state {user.state}{lacks}:"
        f" it may not do this (it needs {needed})."
    )
    raise NotAnOperator(msg, hint=f"Somebody who may look: tourpad users show {user.email}", needs=needed)


def _no_account(operator: Operator, needed: Permission) -> NotAnOperator:
    return NotAnOperator(
        f"{operator.login} stands for no account here, and this needs an admin's ({needed}).",
        hint="TOURPAD_OPERATORS ties a login to an account: login=address.",
        needs=needed,
    )
