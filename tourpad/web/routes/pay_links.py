"""Paying at the door: a link and its QR code for a party's seats, the page behind it, and walk-ups."""

import re
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body, QueryParameter

from tourpad.core.actors import NOBODY, Actor
from tourpad.core.bookings.states import DoorMode
from tourpad.core.concerts import service
from tourpad.core.concerts.models import Concert
from tourpad.core.concerts.service import Bill, PayLink
from tourpad.core.errors import InvalidInputError, TourPadError
from tourpad.core.identity.permissions import Permission, Principal
from tourpad.core.money import Money
from tourpad.core.payments.errors import AlreadyPaidError
from tourpad.core.payments.paying.procedures import open_page
from tourpad.core.payments.rules import MINIMUM
from tourpad.core.platform import Platform
from tourpad.web.errors import STATUS
from tourpad.web.idempotency import NO_STORED_ANSWER
from tourpad.web.needs import PUBLIC, needs
from tourpad.web.pages import environment
from tourpad.web.qr import PRIVATE, qr
from tourpad.web.routes.rsvps import RsvpOut, rsvp_out
from tourpad.web.shapes import Input, Output

_WHO = needs(Permission.ANSWER_BOOKING, Permission.RSVP, Permission.PAY)
_TITLE = "Pay for your seats"
_DOLLARS = re.compile(r"\$?(?P<whole>\d{1,9}|\d{1,3}(?:,\d{3}){1,2})(?:\.(?P<cents>\d{1,2}))?", re.ASCII)
"""A comma only where it parts thousands: `10,50` is a mistake here, and must not become $1,050.00."""
_CAME_BACK = QueryParameter(name="paid")


class WalkUpIn(Input):
    """A party at the door that has not asked for seats before."""

    name: str
    """For the host's list; nobody else sees it."""
    guests_count: int = 1


class PayLinkOut(Output):
    """A link by which anybody can pay for these seats, and do nothing else. Its QR code: the same path with `/qr`."""

    url: str
    expires_at: datetime
    amount_cents: int
    """What is owed; where the guest names the amount, the least."""
    suggested_cents: int
    named_by_payer: bool
    currency: str


class PayLinkAnswer(Output):
    """One link."""

    pay_link: PayLinkOut


class WalkUpAnswer(Output):
    """A party that was let in, and how it pays; no link where the door is free."""

    rsvp: RsvpOut
    pay_link: PayLinkOut | None


class PayForm(msgspec.Struct, forbid_unknown_fields=True):
    """What the page sends: `go`, and an amount in dollars where the payer names it."""

    go: Annotated[str, msgspec.Meta(max_length=1)]
    amount: Annotated[str, msgspec.Meta(max_length=20)] | None = None


@post("/api/concerts/{concert_id:uuid}/walk-ups", **needs(Permission.ANSWER_BOOKING), tags=["rsvps"])
def let_in(platform: Platform, principal: Principal, concert_id: UUID, data: WalkUpIn) -> WalkUpAnswer:
    """Let a party in at the door of one's home, as long as it fits. What it owes is paid by the link within 30 minutes.

    Unpaid by then, its seats go on.
    """
    return let_in_at(platform, principal.actor, concert_id, principal.user_id, data)


def let_in_at(platform: Platform, actor: Actor, concert_id: UUID, host_user_id: UUID, data: WalkUpIn) -> WalkUpAnswer:
    """Let a party in for its host, and shape how it pays."""
    with platform.work(actor) as work:
        rsvp = service.let_in(
            work, concert_id=concert_id, user_id=host_user_id, name=data.name, guests_count=data.guests_count
        )
        concert = work.session.get_one(Concert, concert_id)
        owes = rsvp.fee_cents > 0 or concert.door_mode is DoorMode.PAY_WHAT_YOU_CAN
        link = service.pay_link(work, rsvp_id=rsvp.id, user_id=host_user_id) if owes else None
        work.commit()
    return WalkUpAnswer(rsvp=rsvp_out(rsvp, concert), pay_link=_link_out(link) if link else None)


@get("/api/rsvps/{rsvp_id:uuid}/pay-link", **_WHO, tags=["rsvps"])
def get_pay_link(platform: Platform, principal: Principal, rsvp_id: UUID) -> PayLinkAnswer:
    """A link to pay for seats by: for their guest, or for the host to show at the door."""
    return PayLinkAnswer(pay_link=_link_out(_link(platform, principal, rsvp_id)))


@get("/api/rsvps/{rsvp_id:uuid}/pay-link/qr", **_WHO, tags=["rsvps"])
def get_pay_link_qr(
    platform: Platform,
    principal: Principal,
    rsvp_id: UUID,
    format: Annotated[Literal["svg", "png"], QueryParameter(name="format")] = "svg",  # noqa: A002 - its name outside
) -> Response[bytes]:
    """The same link as a QR code to hold out to a guest: SVG, or PNG."""
    return qr(_link(platform, principal, rsvp_id).url, format)


@get("/pay/{token:str}", **needs(PUBLIC), include_in_schema=False)
def pay_page(token: str, platform: Platform, *, came_back: Annotated[bool, _CAME_BACK] = False) -> Response[bytes]:
    """What the link asks for, and one button. Nothing of who the guest is, nothing of where the home is.

    Whoever comes back from Stripe is ahead of Stripe's word by a moment: they are not asked to pay a second time.
    """
    try:
        with platform.work(NOBODY) as work:
            bill = service.read_link(work, token=token)
    except TourPadError as error:
        return _page(_TITLE, wrong=error.message, status=STATUS[error.kind])
    if came_back and not bill.is_paid:
        return _page("Thank you", "Stripe is about to tell us that it is paid.", again=f"/pay/{token}")
    return _ask(bill)


@post("/pay/{token:str}", **needs(PUBLIC, **{NO_STORED_ANSWER: True}), status_code=200, include_in_schema=False)
def pay(
    token: str,
    platform: Platform,
    data: Annotated[PayForm, Body(media_type=RequestEncodingType.URL_ENCODED)],
) -> Response[bytes]:
    """On to Stripe's page, for exactly what is owed."""
    here = f"{platform.settings.base_url.rstrip('/')}/pay/{token}"
    bill: Bill | None = None
    try:
        with platform.work(NOBODY) as work:
            bill = service.read_link(work, token=token)
            due, payer = service.due_by_link(work, token=token, named=_dollars(data.amount))
        url = open_page(platform, NOBODY, due=due, user_id=payer, success_url=f"{here}?paid=1", cancel_url=here)
    except AlreadyPaidError:
        return _page("Thank you", "It is paid. You need not do anything.")
    except TourPadError as error:
        if bill is not None and bill.by_choice:
            return _ask(bill, wrong=_said(error), value=data.amount, status=STATUS[error.kind])
        return _page(_TITLE, wrong=error.message, status=STATUS[error.kind])
    return _page(_TITLE, "Stripe takes the card; we never see it.", go_to=url)


def _link(platform: Platform, principal: Principal, rsvp_id: UUID) -> PayLink:
    with platform.work(principal.actor) as work:
        return service.pay_link(work, rsvp_id=rsvp_id, user_id=principal.user_id)


def _link_out(link: PayLink) -> PayLinkOut:
    bill = link.bill
    return PayLinkOut(
        url=link.url,
        expires_at=link.expires_at,
        amount_cents=bill.least.cents,
        suggested_cents=bill.suggested.cents,
        named_by_payer=bill.by_choice,
        currency=bill.least.currency,
    )


def _ask(bill: Bill, *, wrong: str | None = None, value: str | None = None, status: int = 200) -> Response[bytes]:
    concert, guests = bill.view.concert, bill.rsvp.guests_count
    if bill.is_paid:
        return _page("Thank you", "It is paid. You need not do anything.")
    day = f"{concert.date:%A} {concert.date.day} {concert.date:%B %Y}"
    what = f"{guests} seat{'' if guests == 1 else 's'}: {bill.view.sides.stage_name}, {day}"
    if not bill.by_choice:
        return _page(_TITLE, f"{what}.", wrong=wrong, status=status, button=f"Pay {bill.least}")
    floor = max(bill.least, MINIMUM)
    suggested = f"{bill.suggested} is suggested; it" if bill.suggested else "It"
    first = max(bill.suggested, floor)
    return _page(
        _TITLE,
        f"{what}.",
        f"You pay what you can. {suggested} can be anything from {floor} on, for all of you together.",
        wrong=wrong,
        status=status,
        button="Pay",
        asks=True,
        value=value if value is not None else f"{first.cents // 100}.{first.cents % 100:02}",
    )


def _said(error: TourPadError) -> str:
    """A refusal without the name of a field, which nobody sees on a page."""
    if isinstance(error, InvalidInputError):
        said = "; ".join(fault.message for fault in error.errors)
        return f"{said[:1].upper()}{said[1:]}."
    return error.message


def _dollars(text: str | None) -> Money | None:
    """`15`, `15.5` or `$15.00` as money; nothing for what is none."""
    found = _DOLLARS.fullmatch((text or "").strip())
    if found is None:
        return None
    return Money(int(found["whole"].replace(",", "")) * 100 + int((found["cents"] or "").ljust(2, "0")))


def _page(title: str, *text: str, status: int = 200, **more: Any) -> Response[bytes]:
    shown: dict[str, Any] = {
        "wrong": None,
        "go_to": None,
        "again": None,
        "button": None,
        "asks": False,
        "value": "",
        **more,
    }
    html = environment().get_template("pay.html").render(title=title, text=text, **shown)
    return Response(html.encode(), media_type="text/html", status_code=status, headers=PRIVATE)


ROUTES = (let_in, get_pay_link, get_pay_link_qr, pay_page, pay)
"""All handlers of this file."""
