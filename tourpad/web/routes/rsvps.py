"""Seats: asked for by fans, answered by hosts and artists."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from litestar import Request, delete, get, patch, post
from litestar.concurrency import sync_to_thread
from litestar.params import QueryParameter

from tourpad.core.bookings import policies
from tourpad.core.bookings.states import Policy
from tourpad.core.concerts import rules, service
from tourpad.core.concerts.models import Concert, Rsvp
from tourpad.core.concerts.queries import at_once, seats, shows
from tourpad.core.concerts.service.answering import Verdict
from tourpad.core.concerts.states import RsvpState
from tourpad.core.errors import FieldError, InvalidInputError
from tourpad.core.identity.permissions import Permission, Principal
from tourpad.core.payments.states import PaymentKind
from tourpad.core.platform import Platform
from tourpad.core.work import Work
from tourpad.web.hot import hot, hot_statements
from tourpad.web.needs import needs
from tourpad.web.quotes import QuoteAnswer, quote_out
from tourpad.web.shapes import Input, LimitParam, Output, PageParam, Pagination, pagination

_SIDES = needs(Permission.ANSWER_BOOKING)
_GUESTS = needs(Permission.RSVP, Permission.PAY)
"""Fans whose membership has run out keep what they have."""

STATUS = {RsvpState.APPROVED: "confirmed", RsvpState.PENDING: "pending_approval"}
"""What the answer to a request calls these; the others go by their own names."""


class RsvpIn(Input):
    """A request for seats, for the whole party. Seats that were offered are taken in the same way."""

    guests_count: int = 1
    companions: list[str] = msgspec.field(default_factory=list[str])
    """Names of those whom one brings; all of them where the host asks for names (`asksNames`)."""
    special_requests: str | None = None


class RsvpChange(Input):
    """The host's or the artist's answer (`status`), or the fan's own smaller party (`guestsCount`)."""

    status: Literal["approved", "declined"] | None = None
    guests_count: int | None = None
    companions: list[str] | None = None
    """With `guestsCount`: who comes along now; those who were named first, if it is left out."""
    quote_id: str | None = None
    """With `guestsCount`: of the quote that was shown before."""


class RsvpOut(Output):
    """One party."""

    id: UUID
    concert_id: UUID
    status: RsvpState
    guests_count: int
    companions: list[str]
    special_requests: str | None
    fee_cents: int
    """For the whole party; at least, where it pays what it can and has not paid."""
    currency: str
    policy: Policy
    """What goes back of the fee if the fan gives seats back, as it was promised to this party."""
    policy_text: str
    paid_at: datetime | None
    expires_at: datetime | None
    """Until when offered seats can be taken, or approved ones must be paid."""
    keep_by: datetime | None
    """The show has moved, and the party is asked whether it comes: until then."""
    was_waitlisted: bool
    arrived_count: int
    """How many of the party are in."""
    checked_in_at: datetime | None
    """When the first of them came."""
    requested_at: datetime


class GuestOut(RsvpOut):
    """One party, as its host and its artist see it."""

    name: str


class RsvpAnswer(Output):
    """One party, and how it stands in a word: `confirmed`, `pending_approval`, `waitlisted`, or its own status."""

    rsvp: RsvpOut
    status: str


class OwnRsvpAnswer(RsvpAnswer):
    """One's own party, and when one learns where it is (on the page of the concert)."""

    address_from: datetime
    waiting_before: int | None
    """On the waitlist: how many parties have waited longer. A smaller one behind may get seats that are too few."""


class RsvpLeft(Output):
    """Seats that were given back."""

    rsvp: RsvpOut
    status: str
    refund_cents: int
    """On its way back."""
    currency: str


class GuestsAnswer(Output):
    """One page of a concert's parties, and its seats by status."""

    rsvps: list[GuestOut]
    seats: dict[str, int]
    max_capacity: int
    pagination: Pagination


@post("/api/concerts/{concert_id:uuid}/rsvp", **hot(Permission.RSVP), tags=["rsvps"])
async def ask_for_seats(request: Request[Any, Any, Any], concert_id: UUID, data: RsvpIn) -> RsvpAnswer:
    """Ask for seats, or take those that were offered. A party that does not fit waits."""
    statements = hot_statements(request)
    platform = statements.platform
    principal: Principal | None = request.scope["user"]
    if principal is None:
        principal, rows = await statements.write(
            request,
            lambda user_id: at_once.ask_of(
                concert_id=concert_id,
                user_id=user_id,
                guests_count=data.guests_count,
                special_requests=data.special_requests,
                companions=data.companions,
                now=platform.clock.now(),
                settings=platform.settings,
            ),
        )
        if rows is not None and (taken := at_once.taken_in(rows)) is not None:
            return RsvpAnswer(rsvp=rsvp_out(*taken), status=status_word(*taken))
    return await sync_to_thread(_ask, platform, principal, concert_id, data)


def _ask(platform: Platform, principal: Principal, concert_id: UUID, data: RsvpIn) -> RsvpAnswer:
    with platform.work(principal.actor) as work:
        rsvp = service.ask(
            work,
            concert_id=concert_id,
            user_id=principal.user_id,
            guests_count=data.guests_count,
            special_requests=data.special_requests,
            companions=data.companions,
        )
        work.commit()
        return rsvp_answer(work, rsvp)


@get("/api/concerts/{concert_id:uuid}/rsvp", **_GUESTS, tags=["rsvps"])
def show_own_rsvp(platform: Platform, principal: Principal, concert_id: UUID) -> OwnRsvpAnswer:
    """One's own request at a concert: the open one, or the last there was."""
    with platform.work(principal.actor) as work:
        rsvp = seats.latest_of(work, user_id=principal.user_id, concert_id=concert_id)
        if rsvp is None:
            raise seats.unknown()
        concert = work.session.get_one(Concert, concert_id)
        waits = rules.standing(rsvp.state, concert.state) is RsvpState.WAITLISTED
        before = seats.waiting_before(work, rsvp) if waits else None
    return OwnRsvpAnswer(
        rsvp=rsvp_out(rsvp, concert),
        status=status_word(rsvp, concert),
        address_from=rules.address_from(concert.starts_at),
        waiting_before=before,
    )


@get("/api/concerts/{concert_id:uuid}/rsvp/cancellation", **_GUESTS, tags=["rsvps"])
def quote_leaving(
    platform: Platform,
    principal: Principal,
    concert_id: UUID,
    guests_count: Annotated[
        int, QueryParameter(name="guestsCount", ge=0, description="How many would still come; 0 for nobody.")
    ] = 0,
) -> QuoteAnswer:
    """What giving one's seats back, or some of them, would return now. Nothing is changed."""
    with platform.work(principal.actor) as work:
        seen = service.quote_leaving(work, concert_id=concert_id, user_id=principal.user_id, guests_count=guests_count)
    return QuoteAnswer(quote=quote_out(seen))


@delete("/api/concerts/{concert_id:uuid}/rsvp", **_GUESTS, status_code=200, tags=["rsvps"])
def give_seats_back(
    platform: Platform,
    principal: Principal,
    concert_id: UUID,
    quote_id: Annotated[
        str | None, QueryParameter(name="quoteId", description="Of the quote that was shown before.")
    ] = None,
) -> RsvpLeft:
    """Give one's seats back, or the place on the waitlist. Others get them; the refund follows the policy."""
    with platform.work(principal.actor) as work:
        left = service.leave(work, concert_id=concert_id, user_id=principal.user_id, quote_id=quote_id)
        work.commit()
        concert = work.session.get_one(Concert, concert_id)
    return RsvpLeft(
        rsvp=rsvp_out(left.rsvp, concert),
        status=status_word(left.rsvp, concert),
        refund_cents=left.refund.cents,
        currency=left.refund.currency,
    )


@get("/api/concerts/{concert_id:uuid}/rsvps", **_SIDES, tags=["rsvps"])
def list_guests(
    *,
    platform: Platform,
    principal: Principal,
    concert_id: UUID,
    status: Annotated[list[RsvpState] | None, QueryParameter(name="status", description="Any of these.")] = None,
    page: PageParam = 1,
    limit: LimitParam = 20,
) -> GuestsAnswer:
    """Who asked for seats at one's concert, in the order in which they asked."""
    with platform.work(principal.actor) as work:
        view = shows.get_view(work, concert_id)
        if view.sides.side_of(principal.user_id) is None:
            raise shows.unknown()
        guests, total = seats.guests(work, view.concert, states=tuple(status or ()), page=page, limit=limit)
        counts = seats.counts(work, view.concert)
    return GuestsAnswer(
        rsvps=[guest_out(guest, view.concert) for guest in guests],
        seats={state.value: counts[state] for state in RsvpState},
        max_capacity=view.concert.max_capacity,
        pagination=pagination(page=page, limit=limit, total=total),
    )


@patch(
    "/api/rsvps/{rsvp_id:uuid}",
    **needs(Permission.ANSWER_BOOKING, Permission.RSVP, Permission.PAY),
    tags=["rsvps"],
)
def change_rsvp(platform: Platform, principal: Principal, rsvp_id: UUID, data: RsvpChange) -> RsvpAnswer:
    """Approve or decline a party at one's concert; or, as its fan, come with fewer people."""
    if (data.status is None) == (data.guests_count is None):
        raise InvalidInputError(
            FieldError("status", "is needed from the host or the artist"),
            FieldError("guests_count", "is needed from the fan; not both"),
        )
    with platform.work(principal.actor) as work:
        if data.guests_count is not None:
            rsvp = service.shrink(
                work,
                rsvp_id=rsvp_id,
                user_id=principal.user_id,
                guests_count=data.guests_count,
                companions=data.companions,
                quote_id=data.quote_id,
            ).rsvp
        else:
            rsvp = service.answer(work, rsvp_id=rsvp_id, user_id=principal.user_id, verdict=Verdict(str(data.status)))
        work.commit()
        return rsvp_answer(work, rsvp)


def rsvp_out(rsvp: Rsvp, concert: Concert) -> RsvpOut:
    """Shape one party."""
    stands = rules.standing(rsvp.state, concert.state)
    return RsvpOut(
        id=rsvp.id,
        concert_id=rsvp.concert_id,
        status=stands,
        guests_count=rsvp.guests_count,
        companions=rsvp.companions,
        special_requests=rsvp.special_requests,
        fee_cents=rsvp.fee_cents,
        currency=concert.currency,
        policy=rsvp.door_policy,
        policy_text=policies.in_words(PaymentKind.DOOR_FEE, rsvp.door_policy),
        paid_at=rsvp.paid_at,
        expires_at=rsvp.expires_at if stands is rsvp.state else None,
        keep_by=rsvp.keep_by if stands is rsvp.state else None,
        was_waitlisted=rsvp.was_waitlisted,
        arrived_count=rsvp.arrived_count,
        checked_in_at=rsvp.checked_in_at,
        requested_at=rsvp.requested_at,
    )


def guest_out(guest: seats.Guest, concert: Concert) -> GuestOut:
    """Shape one party for its host and its artist."""
    facts = rsvp_out(guest.rsvp, concert)
    return GuestOut(**{name: getattr(facts, name) for name in facts.__struct_fields__}, name=guest.name)


def rsvp_answer(work: Work, rsvp: Rsvp) -> RsvpAnswer:
    """Shape one party, and how it stands in a word."""
    concert = work.session.get_one(Concert, rsvp.concert_id)
    return RsvpAnswer(rsvp=rsvp_out(rsvp, concert), status=status_word(rsvp, concert))


def status_word(rsvp: Rsvp, concert: Concert) -> str:
    """How a party stands, as answers to requests call it."""
    stands = rules.standing(rsvp.state, concert.state)
    return STATUS.get(stands, stands.value)


ROUTES = (
    ask_for_seats,
    show_own_rsvp,
    quote_leaving,
    give_seats_back,
    list_guests,
    change_rsvp,
)
