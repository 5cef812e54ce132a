"""Who sits at the terminal, where a login on the machine is not enough: an admin who types their password."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from tourpad.core.actors import Actor
    from tourpad.core.platform import Platform

As = Annotated[str | None, typer.Option("--as", metavar="MAIL", help="Your own admin account; asks for its password.")]
PasswordStdin = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from standard input, and the app's code after it.")
]


def signed_in(p: "Platform", email: str | None, *, password_stdin: bool) -> "Actor":
    """The admin who proves at the terminal who they are. Two people at one machine are two actors by this.

    Raises:
        RefusedError: nobody is there to be asked, or the account is no admin's.
        InvalidCredentials: the address or the password is wrong.
    """
    from tourpad.cli.context import me
    from tourpad.core.actors import person
    from tourpad.core.approvals.errors import NotAnAdminError
    from tourpad.core.errors import RefusedError
    from tourpad.core.identity.errors import SecondFactorMissing, SecondFactorRequired
    from tourpad.core.identity.service import signin
    from tourpad.core.identity.states import UserState, UserType
    from tourpad.core.settings import Env

    is_asked = sys.stdin.isatty() and not password_stdin
    if email is None and not is_asked:
        msg = "This needs an admin's own account, and nobody is at the terminal."
        raise RefusedError(msg, hint="Add --as you@example.org --password-stdin.")
    if not is_asked and not password_stdin:
        msg = "This needs your password, and nobody is at the terminal."
        raise RefusedError(msg, hint="Add --password-stdin, and give it there.")
    address: str = email or typer.prompt("Your mail address as an admin")
    password, code = _secret(f"Password of {address}", from_stdin=password_stdin), None
    with p.work(me()) as work:
        try:
            user = signin.prove(work, email=address, password=password)
        except SecondFactorRequired:
            code = _secret("Code of your authenticator app", from_stdin=password_stdin)
            user = signin.prove(work, email=address, password=password, totp=code)
        work.commit()
    if p.settings.env is Env.PRODUCTION and code is None:
        raise SecondFactorMissing
    if user.user_type is not UserType.ADMIN or user.state is not UserState.ACTIVE:
        msg = f"{address} is no admin."
        raise NotAnAdminError(msg, hint="tourpad users list --role admin shows who is.")
    return person(user.id, user.user_type.value)


def _secret(what: str, *, from_stdin: bool) -> str:
    """One secret: the next line of standard input, or typed unseen."""
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    typed: str = typer.prompt(what, hide_input=True)
    return typed
