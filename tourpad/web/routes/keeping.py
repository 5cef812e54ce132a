"""A show has moved: its guests say whether they come then, by the API or by the link in their mail."""

from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body

from tourpad.core.actors import NOBODY
from tourpad.core.concerts import service
from tourpad.core.concerts.service import Question
from tourpad.core.concerts.states import RsvpState
from tourpad.core.errors import TourPadError
from tourpad.core.identity.permissions import Permission, Principal
from tourpad.core.money import Money
from tourpad.core.notifications.render import clock_face
from tourpad.core.platform import Platform
from tourpad.web.errors import STATUS
from tourpad.web.idempotency import NO_STORED_ANSWER
from tourpad.web.needs import PUBLIC, needs
from tourpad.web.pages import environment
from tourpad.web.routes.rsvps import RsvpAnswer, rsvp_answer
from tourpad.web.shapes import Input

_TITLE = "Do you come?"
_PRIVATE = {"Cache-Control": "no-store"}


class KeepIn(Input):
    """Whether one comes on the date to which the show was moved."""

    comes: bool


class KeepForm(msgspec.Struct, forbid_unknown_fields=True):
    """What the page sends: the button that was pressed."""

    comes: Literal["yes", "no"]


@post("/api/rsvps/{rsvp_id:uuid}/keep", **needs(Permission.RSVP, Permission.PAY), status_code=200, tags=["rsvps"])
def keep_seats(platform: Platform, principal: Principal, rsvp_id: UUID, data: KeepIn) -> RsvpAnswer:
    """Say whether one comes on the new date of a show. A yes keeps seats and payment; a no returns all of the money.

    Safe to repeat. Without an answer until `keepBy` it is a no.
    """
    with platform.work(principal.actor) as work:
        rsvp = service.keep(work, rsvp_id=rsvp_id, user_id=principal.user_id, comes=data.comes)
        work.commit()
        return rsvp_answer(work, rsvp)


@get("/keep/{token:str}", **needs(PUBLIC), include_in_schema=False)
def keep_page(token: str, platform: Platform) -> Response[bytes]:
    """What the link asks, and two buttons. Opening it changes nothing: programs look into mails, too."""
    try:
        with platform.work(NOBODY) as work:
            question = service.read_question(work, token=token)
    except TourPadError as error:
        return _page(_TITLE, wrong=error.message, status=STATUS[error.kind])
    return _ask(question) if question.is_open else _done(question)


@post("/keep/{token:str}", **needs(PUBLIC, **{NO_STORED_ANSWER: True}), status_code=200, include_in_schema=False)
def keep_by_link(
    token: str,
    platform: Platform,
    data: Annotated[KeepForm, Body(media_type=RequestEncodingType.URL_ENCODED)],
) -> Response[bytes]:
    """The answer."""
    try:
        with platform.work(NOBODY) as work:
            question = service.keep_by_link(work, token=token, comes=data.comes == "yes")
            work.commit()
    except TourPadError as error:
        return _page(_TITLE, wrong=error.message, status=STATUS[error.kind])
    return _done(question)


def _ask(question: Question) -> Response[bytes]:
    concert, rsvp = question.view.concert, question.rsvp
    paid = Money(rsvp.fee_cents, concert.currency) if rsvp.paid_at else None
    back = f"all of your {paid} goes back to you" if paid else "nothing is owed"
    return _page(
        _TITLE,
        f"{question.view.sides.stage_name} has moved to {_when(question)}.",
        f"{rsvp.guests_count} seat{' is' if rsvp.guests_count == 1 else 's are'} kept for you.",
        f"With a no they go to others, and {back}.",
        asks=True,
    )


def _done(question: Question) -> Response[bytes]:
    if question.rsvp.state is RsvpState.APPROVED:
        return _page("See you then", f"Your seats are yours: {question.view.sides.stage_name}, {_when(question)}.")
    if question.rsvp.paid_at is None:
        return _page("Thank you for telling us", "The seats go to others. Nothing is owed.")
    return _page("Thank you for telling us", "The seats go to others, and all that you paid goes back to you.")


def _when(question: Question) -> str:
    concert = question.view.concert
    return f"{concert.date:%A} {concert.date.day} {concert.date:%B %Y}, {clock_face(concert.start_time)}"


def _page(title: str, *text: str, wrong: str | None = None, asks: bool = False, status: int = 200) -> Response[bytes]:
    shown: dict[str, Any] = {"title": title, "text": text, "wrong": wrong, "asks": asks}
    html = environment().get_template("keep.html").render(**shown)
    return Response(html.encode(), media_type="text/html", status_code=status, headers=_PRIVATE)


ROUTES = (keep_seats, keep_page, keep_by_link)
"""All handlers of this file."""
