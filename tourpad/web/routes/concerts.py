"""One concert: shown to members, looked after by its artist and its host."""

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Request, get, patch, post
from litestar.concurrency import sync_to_thread
from msgspec import UNSET, UnsetType

from tourpad.core.bookings.states import Policy, Side
from tourpad.core.concerts import rules, service
from tourpad.core.concerts.queries import hot, refunding, shows
from tourpad.core.concerts.queries.refunding import Refunding
from tourpad.core.concerts.queries.shows import ConcertView, Viewer
from tourpad.core.concerts.service.addresses import address_of
from tourpad.core.hosts.service import Address
from tourpad.core.identity.permissions import Permission, Principal
from tourpad.core.platform import Platform
from tourpad.core.requests import limits
from tourpad.core.work import Work
from tourpad.web.bookings import AddressOut, HostRef, address_out, host_ref
from tourpad.web.changes import sent
from tourpad.web.concerts import ConcertOut, concert_out
from tourpad.web.hot import hot as hot_needs
from tourpad.web.hot import hot_statements
from tourpad.web.limits import limit
from tourpad.web.needs import needs
from tourpad.web.quotes import QuoteAnswer, QuoteOut, quote_out
from tourpad.web.routes.bookings import CancelIn
from tourpad.web.shapes import Input, Output

_SIDES = needs(Permission.ANSWER_BOOKING)


class ConcertIn(Input):
    """Changes to one's concert. What is not mentioned stays."""

    title: str | UnsetType = UNSET
    description: str | UnsetType | None = UNSET
    max_capacity: int | UnsetType = UNSET
    """Not below the seats taken, not above what the home holds."""
    requires_approval: bool | UnsetType = UNSET
    is_private: bool | UnsetType = UNSET
    advance_tickets_available: bool | UnsetType = UNSET
    max_party: int | UnsetType = UNSET
    """Guests of one request at most, the fan included; 1 for nobody besides."""
    asks_names: bool | UnsetType = UNSET
    """Whether fans name everybody whom they bring."""
    door_policy: Policy | UnsetType = UNSET
    """For parties that are approved from now on; the others keep what they were promised."""


class InvitationIn(Input):
    """Mail addresses of fans who may come to a private concert."""

    emails: list[str]


class RefundsOut(Output):
    """How far the refunds of a show that was called off are."""

    total: int
    total_cents: int
    sent: int
    """The bank has been told."""
    sent_cents: int
    failed: int
    """They did not arrive; TourPad looks after them."""
    at_banks: int
    """Disputed: the guest's bank has the money."""
    done: bool


class ConcertDetail(ConcertOut):
    """A concert, with what concerns whoever asks."""

    description: str | None
    max_party: int
    """Guests of one request at most, the fan included."""
    asks_names: bool
    """Whether one names everybody whom one brings."""
    booking_id: UUID | None
    """For its artist and its host."""
    host_profile: HostRef | None
    """For its artist and its host."""
    role: Side | None
    """What one is in it: `artist`, `host`, or neither."""
    my_rsvp_id: UUID | None
    address: AddressOut | None
    """For whoever is entitled to it now: its sides, and guests with certain seats from `addressFrom` on."""
    address_from: datetime
    completed_at: datetime | None
    cancelled_at: datetime | None
    cancel_reason: str | None
    refunds: RefundsOut | None
    """For its artist and its host, once it was called off."""


class ConcertAnswer(Output):
    """One concert."""

    concert: ConcertDetail


class ConcertCancelled(Output):
    """What calling it off came to. Everybody who paid at the door gets all of it back."""

    concert: ConcertDetail
    refund_cents: int
    """Of the fee, on its way back to the host."""
    currency: str
    quote: QuoteOut
    """All of it, also what goes back to guests."""


class Invited(Output):
    """How many addresses were taken. Which of them are members is nobody's business."""

    accepted: int


@get(
    "/api/concerts/{concert_id:uuid}",
    **hot_needs(Permission.BROWSE_CONCERTS, Permission.ANSWER_BOOKING, Permission.PAY),
    tags=["concerts"],
)
async def show_concert(request: Request[Any, Any, Any], concert_id: UUID) -> ConcertAnswer:
    """One concert. Private ones are shown to their sides, and to who is invited or has asked for seats.

    Whoever is entitled to the address at this moment finds it here, and the look is put on record.
    """
    statements = hot_statements(request)
    principal, rows = await statements.read(request, lambda user_id: hot.one_of(concert_id, user_id))
    seen = hot.one_in(rows, principal.user_id)
    if seen is not None and not seen.is_concerned and not seen.view.concert.is_private:
        # Somebody who only looks: no address, no seats, nobody's money.
        if not _may_see(seen.view, ONLOOKER, principal):
            raise shows.unknown()
        return ConcertAnswer(concert=detail(seen.view, ONLOOKER, None, address=None, refunds=None))

    def look() -> ConcertAnswer:
        with statements.platform.work(principal.actor) as work:
            return ConcertAnswer(concert=concert_detail(work, principal, concert_id))

    return await sync_to_thread(look)


@patch("/api/concerts/{concert_id:uuid}", **_SIDES, tags=["concerts"])
def edit_concert(platform: Platform, principal: Principal, concert_id: UUID, data: ConcertIn) -> ConcertAnswer:
    """Change one's concert before it begins. More room goes to those who wait."""
    with platform.work(principal.actor) as work:
        service.edit(work, concert_id=concert_id, user_id=principal.user_id, changes=sent(data))
        work.commit()
        return ConcertAnswer(concert=concert_detail(work, principal, concert_id))


@get("/api/concerts/{concert_id:uuid}/cancellation", **_SIDES, tags=["concerts"])
def quote_concert_cancellation(platform: Platform, principal: Principal, concert_id: UUID) -> QuoteAnswer:
    """What calling it off would come to now: who gets what back, and what stays. Nothing is changed."""
    with platform.work(principal.actor) as work:
        seen = service.preview_cancellation(work, concert_id=concert_id, user_id=principal.user_id)
    return QuoteAnswer(quote=quote_out(seen.quote))


@post("/api/concerts/{concert_id:uuid}/cancel", **_SIDES, status_code=200, tags=["concerts"])
def cancel_concert(
    platform: Platform, principal: Principal, concert_id: UUID, data: CancelIn | None = None
) -> ConcertCancelled:
    """Call one's concert off. All door fees go back; what the host gets back of the fee follows the policy."""
    with platform.work(principal.actor) as work:
        done = service.cancel(
            work,
            concert_id=concert_id,
            user_id=principal.user_id,
            reason=data.reason if data else None,
            quote_id=data.quote_id if data else None,
        )
        work.commit()
        detail = concert_detail(work, principal, concert_id)
    return ConcertCancelled(
        concert=detail, refund_cents=done.refund.cents, currency=done.refund.currency, quote=quote_out(done.quote)
    )


@post("/api/concerts/{concert_id:uuid}/invitations", **_SIDES, status_code=202, tags=["concerts"])
def invite_to_concert(
    request: Request[Any, Any, Any], platform: Platform, principal: Principal, concert_id: UUID, data: InvitationIn
) -> Invited:
    """Let fans see one's private concert and ask for seats. They are told by mail."""
    limit(request, platform, limits.INVITE, str(principal.user_id))
    with platform.work(principal.actor) as work:
        service.invite(work, concert_id=concert_id, user_id=principal.user_id, emails=data.emails)
        work.commit()
    return Invited(accepted=len(data.emails))


def concert_detail(work: Work, principal: Principal, concert_id: UUID) -> ConcertDetail:
    """Shape one concert for whoever asks, and put their look at the address on record where they get it.

    Raises:
        NotFoundError: none by that id that this person may see.
    """
    view, viewer = seen_by(work, principal, concert_id)
    address = address_of(work, view, viewer, principal.user_id)
    if address is not None:
        work.commit()
    side = view.sides.side_of(principal.user_id)
    refunds = refunding.refunding(work, view.concert) if side and view.concert.cancelled_at else None
    return detail(view, viewer, side, address=address, refunds=refunds)


def detail(
    view: ConcertView, viewer: Viewer, side: Side | None, *, address: Address | None, refunds: Refunding | None
) -> ConcertDetail:
    """Shape one concert, with what concerns whoever asks.

    Args:
        view: the concert.
        viewer: what the person has to do with it.
        side: which side of it they are, if any.
        address: where they may know it.
        refunds: how far they are, for its sides.
    """
    concert, facts = view.concert, concert_out(view)
    return ConcertDetail(
        **{name: getattr(facts, name) for name in facts.__struct_fields__},
        description=concert.description,
        max_party=concert.max_party,
        asks_names=concert.asks_names,
        booking_id=concert.booking_id if side else None,
        host_profile=host_ref(view.sides) if side else None,
        role=side,
        my_rsvp_id=viewer.rsvp.id if viewer.rsvp else None,
        address=address_out(address),
        address_from=rules.address_from(concert.starts_at),
        completed_at=concert.completed_at,
        cancelled_at=concert.cancelled_at,
        cancel_reason=concert.cancel_reason if side or viewer.rsvp else None,
        refunds=_refunds_out(refunds) if refunds else None,
    )


def seen_by(work: Work, principal: Principal, concert_id: UUID) -> tuple[ConcertView, Viewer]:
    """A concert, and what whoever asks has to do with it.

    Raises:
        NotFoundError: none by that id that this person may see.
    """
    view = shows.get_view(work, concert_id)
    viewer = shows.viewer(work, view, principal.user_id)
    if not _may_see(view, viewer, principal):
        raise shows.unknown()
    return view, viewer


ONLOOKER = Viewer(is_side=False, rsvp=None, is_invited=False)
"""Somebody who has nothing to do with a concert but to look at it."""


def _refunds_out(state: Refunding) -> RefundsOut:
    return RefundsOut(
        total=state.total,
        total_cents=state.total_cents,
        sent=state.sent,
        sent_cents=state.sent_cents,
        failed=state.failed,
        at_banks=state.at_banks,
        done=state.is_done,
    )


def _may_see(view: ConcertView, viewer: Viewer, principal: Principal) -> bool:
    if viewer.is_side or viewer.rsvp is not None or viewer.is_invited:
        return True
    may_browse = Permission.BROWSE_CONCERTS in principal.permissions
    return may_browse and (not view.concert.is_private or Permission.ADMIN_USERS in principal.permissions)


ROUTES = (
    show_concert,
    edit_concert,
    quote_concert_cancellation,
    cancel_concert,
    invite_to_concert,
)
