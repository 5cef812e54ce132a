"""Papers: receipts of payers, settlement sheets of concerts, a payee's year. Each as JSON, PDF or CSV."""

from typing import Annotated
from uuid import UUID

from litestar import Response, get
from litestar.params import QueryParameter

from tourpad.core.identity.permissions import Permission, Principal
from tourpad.core.papers import service
from tourpad.core.platform import Platform
from tourpad.web.needs import needs
from tourpad.web.papers import (
    PAPER,
    AgreementOut,
    EarningsOut,
    FormParam,
    GuestListOut,
    PaperForm,
    ReceiptOut,
    SettlementOut,
    paper,
)


@get(
    "/api/payments/{payment_id:uuid}/receipt",
    **needs(Permission.PAY, Permission.ADMIN_MONEY, **PAPER),
    tags=["payments"],
)
def get_receipt(
    payment_id: UUID,
    platform: Platform,
    principal: Principal,
    format: FormParam = PaperForm.JSON,  # noqa: A002 - the API's word, and errors name it
) -> Response[ReceiptOut]:
    """The receipt of one's own payment, with everything that went back since."""
    with platform.work(principal.actor) as work:
        sheet = service.receipt(work, payment_id=payment_id, viewer=_viewer(principal))
    return paper(sheet, format, ReceiptOut)


@get(
    "/api/concerts/{concert_id:uuid}/settlement",
    **needs(Permission.ANSWER_BOOKING, Permission.ADMIN_MONEY, **PAPER),
    tags=["concerts"],
)
def get_settlement(
    concert_id: UUID,
    platform: Platform,
    principal: Principal,
    format: FormParam = PaperForm.JSON,  # noqa: A002 - as above
) -> Response[SettlementOut]:
    """How one's concert's money is divided: expected before it is settled, then final, with all that came after.

    Artist and host both see the whole division, and of the payouts their own.
    """
    with platform.work(principal.actor) as work:
        sheet = service.settlement(work, concert_id=concert_id, viewer=_viewer(principal))
    return paper(sheet, format, SettlementOut)


@get(
    "/api/bookings/{booking_id:uuid}/agreement",
    **needs(Permission.ANSWER_BOOKING, Permission.ADMIN_MONEY, **PAPER),
    tags=["bookings"],
)
def get_agreement(
    booking_id: UUID,
    platform: Platform,
    principal: Principal,
    offer: Annotated[
        int | None, QueryParameter(name="offer", description="This version; the one in force unless given.")
    ] = None,
    format: FormParam = PaperForm.JSON,  # noqa: A002 - as above
) -> Response[AgreementOut]:
    """What both sides agreed on: the terms, who signed them and when, what they may come to."""
    with platform.work(principal.actor) as work:
        sheet = service.agreement(work, booking_id=booking_id, viewer=_viewer(principal), number=offer)
    return paper(sheet, format, AgreementOut)


@get(
    "/api/concerts/{concert_id:uuid}/guest-list",
    **needs(Permission.ANSWER_BOOKING, Permission.ADMIN_USERS, **PAPER),
    tags=["door"],
)
def get_guest_list(
    concert_id: UUID,
    platform: Platform,
    principal: Principal,
    format: FormParam = PaperForm.JSON,  # noqa: A002 - as above
) -> Response[GuestListOut]:
    """Who comes to one's concert, by name: to print for the door. Artists see first names and numbers."""
    viewer = None if Permission.ADMIN_USERS in principal.permissions else principal.user_id
    with platform.work(principal.actor) as work:
        sheet = service.guest_list(work, concert_id=concert_id, viewer=viewer)
    return paper(sheet, format, GuestListOut)


@get("/api/payouts/earnings", **needs(Permission.RECEIVE, **PAPER), tags=["payouts"])
def get_earnings(
    platform: Platform,
    principal: Principal,
    year: Annotated[int, QueryParameter(name="year", description="A calendar year, in UTC.")],
    format: FormParam = PaperForm.JSON,  # noqa: A002 - as above
) -> Response[EarningsOut]:
    """What one earned and was paid in a year, show by show, from what was owed before to what is owed after."""
    with platform.work(principal.actor) as work:
        sheet = service.earnings(work, user_id=principal.user_id, year=year)
    return paper(sheet, format, EarningsOut)


def _viewer(principal: Principal) -> UUID | None:
    """Whose things may be seen: one's own, or everybody's by whoever looks after the money."""
    return None if Permission.ADMIN_MONEY in principal.permissions else principal.user_id


ROUTES = (get_receipt, get_settlement, get_agreement, get_guest_list, get_earnings)
