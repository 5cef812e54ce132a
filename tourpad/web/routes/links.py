"""Where the links in mails lead: a page with one button, so that a mail scanner that follows links changes nothing."""

from typing import Annotated

import msgspec
from litestar import Response, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body, QueryParameter

from tourpad.core.actors import NOBODY
from tourpad.core.errors import InvalidInputError, TourPadError
from tourpad.core.identity import rules
from tourpad.core.identity.service import address as addresses
from tourpad.core.identity.service import registration, signin
from tourpad.core.platform import Platform
from tourpad.web.errors import STATUS
from tourpad.web.idempotency import NO_STORED_ANSWER
from tourpad.web.needs import PUBLIC, needs
from tourpad.web.pages import page

Token = Annotated[str, QueryParameter(name="token", max_length=320)]

_NEXT = {
    "application": "Next is your application: sign in and tell us about yourself.",
    "payment": "Next is your membership: sign in and choose a plan.",
}


class TokenForm(msgspec.Struct, forbid_unknown_fields=True):
    """What the button sends."""

    token: Annotated[str, msgspec.Meta(max_length=320)]


class PasswordForm(msgspec.Struct, forbid_unknown_fields=True):
    """What the form sends."""

    token: Annotated[str, msgspec.Meta(max_length=320)]
    password: Annotated[str, msgspec.Meta(max_length=1_000)]


def _form(action: str, token: str, button: str, *, password: bool = False) -> dict[str, str | bool]:
    return {"action": action, "token": token, "button": button, "password": password}


def _refused(title: str, error: TourPadError) -> Response[bytes]:
    return page(title, wrong=error.message, status=STATUS[error.kind])


@get("/verify-email", **needs(PUBLIC), include_in_schema=False)
def verify_page(token: Token) -> Response[bytes]:
    """Ask for the one click."""
    return page("Your mail address", form=_form("/verify-email", token, "Yes, this is my address"))


@post("/verify-email", **needs(PUBLIC), status_code=200, include_in_schema=False)
def verify(
    data: Annotated[TokenForm, Body(media_type=RequestEncodingType.URL_ENCODED)], platform: Platform
) -> Response[bytes]:
    """Prove the address."""
    try:
        with platform.work(NOBODY) as work:
            user = registration.verify_email(work, token=data.token)
            work.commit()
    except TourPadError as error:
        return _refused("Your mail address", error)
    step = rules.next_step(user.user_type, user.state, user.email_verified_at)
    return page("Thank you", "Your mail address is verified.", *([_NEXT[step]] if step in _NEXT else []))


@get("/reset-password", **needs(PUBLIC), include_in_schema=False)
def reset_page(token: Token) -> Response[bytes]:
    """Ask for the new password."""
    return page("A new password", form=_form("/reset-password", token, "Set it", password=True))


@post("/reset-password", **needs(PUBLIC, **{NO_STORED_ANSWER: True}), status_code=200, include_in_schema=False)
def reset(
    data: Annotated[PasswordForm, Body(media_type=RequestEncodingType.URL_ENCODED)], platform: Platform
) -> Response[bytes]:
    """Set it; every session ends."""
    try:
        with platform.work(NOBODY) as work:
            signin.reset_password(work, token=data.token, password=data.password)
            work.commit()
    except InvalidInputError as error:
        again = _form("/reset-password", data.token, "Set it", password=True)
        return page("A new password", wrong=error.message, form=again, status=422)
    except TourPadError as error:
        return _refused("A new password", error)
    return page("Done", "Your password is the new one. You are signed out everywhere; sign in again.")


@get("/change-email", **needs(PUBLIC), include_in_schema=False)
def change_email_page(token: Token) -> Response[bytes]:
    """Ask for the one click."""
    return page("Another mail address", form=_form("/change-email", token, "Yes, change it"))


@post("/change-email", **needs(PUBLIC), status_code=200, include_in_schema=False)
def change_email(
    data: Annotated[TokenForm, Body(media_type=RequestEncodingType.URL_ENCODED)], platform: Platform
) -> Response[bytes]:
    """One of both addresses says yes."""
    try:
        with platform.work(NOBODY) as work:
            changed = addresses.confirm_change(work, token=data.token)
            work.commit()
    except TourPadError as error:
        return _refused("Another mail address", error)
    if changed:
        return page("Done", "The account has its new mail address. Sign in with it from now on.")
    return page("Thank you", "Now the other address has to say yes: a mail is waiting there.")


ROUTES = (verify_page, verify, reset_page, reset, change_email_page, change_email)
