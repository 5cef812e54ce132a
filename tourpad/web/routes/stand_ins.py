"""What `tourpad dev` shows where a front end would have its pages: which calls of the API each of them stands for.

Mails lead to pages of a front end, and so does Stripe once a card was asked for 3-D Secure. The API has no such pages,
and on nobody's machine but a developer's should it seem to: no other process adds these routes.
"""

from collections.abc import Callable
from typing import Any, Final

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler

from tourpad.core.platform import Platform
from tourpad.web.needs import PUBLIC, needs
from tourpad.web.pages import environment
from tourpad.web.routes import ROUTES

PAGES: Final[dict[str, tuple[str, tuple[str, ...]]]] = {
    "/": ("The first page", ("GET /api/users/me", "GET /api/concerts")),
    "/login": ("Sign in", ("POST /api/auth/login",)),
    "/forgot-password": ("A new password", ("POST /api/auth/password/forgot",)),
    "/application": (
        "One’s application",
        (
            "GET /api/artists/application",
            "GET /api/hosts/application",
            "POST /api/applications/{application_id}/answers",
        ),
    ),
    "/hosts/me": ("One’s own place", ("GET /api/hosts/me", "PATCH /api/hosts/me")),
    "/address-looks": ("Who looked at one’s address", ("GET /api/hosts/me/address-looks",)),
    "/availability": (
        "One’s calendar",
        ("GET /api/availability/me", "PUT /api/availability/me", "GET /api/availability/me/feeds"),
    ),
    "/trips": ("Artists who come near", ("GET /api/trips", "POST /api/bookings")),
    "/bookings/{booking_id}": (
        "A booking",
        (
            "GET /api/bookings/{booking_id}",
            "PATCH /api/bookings/{booking_id}/respond",
            "POST /api/payments/create-intent",
            "POST /api/bookings/{booking_id}/confirm",
            "POST /api/bookings/{booking_id}/reschedule",
            "POST /api/bookings/{booking_id}/cancel",
        ),
    ),
    "/bookings/{booking_id}/review": ("A review", ("POST /api/reviews", "GET /api/reviews")),
    "/concerts": ("Concerts", ("GET /api/concerts",)),
    "/concerts/{concert_id}": (
        "A concert",
        (
            "GET /api/concerts/{concert_id}",
            "GET /api/concerts/{concert_id}/rsvp",
            "POST /api/concerts/{concert_id}/rsvp",
            "DELETE /api/concerts/{concert_id}/rsvp",
            "POST /api/payments/create-intent",
            "GET /api/rsvps/{rsvp_id}/ticket",
        ),
    ),
    "/concerts/{concert_id}/guests": (
        "Who comes",
        (
            "GET /api/concerts/{concert_id}/rsvps",
            "PATCH /api/rsvps/{rsvp_id}",
            "GET /api/concerts/{concert_id}/guest-list",
        ),
    ),
    "/conversations/{conversation_id}": (
        "A conversation",
        (
            "GET /api/conversations/{conversation_id}/messages",
            "POST /api/conversations/{conversation_id}/messages",
        ),
    ),
    "/payments": ("What one has paid", ("GET /api/payments", "GET /api/payments/{payment_id}/receipt")),
    "/payouts": ("What one is paid", ("GET /api/payouts", "GET /api/payouts/earnings")),
    "/payouts/{payout_id}": ("What one is paid", ("GET /api/payouts",)),
    "/connect": ("One’s account at Stripe", ("GET /api/connect/status", "POST /api/connect/onboarding")),
    "/connect/return": ("Back from Stripe", ("GET /api/connect/status",)),
    "/connect/refresh": ("A link of Stripe’s that has run out", ("POST /api/connect/onboarding",)),
}
"""Pages that mails, calendars and Stripe lead to, and the calls that a front end would make there."""


def _described() -> dict[str, str]:
    """The first line of what each call does, by `METHOD /path`."""
    return {
        f"{method} {path.replace(':uuid', '').replace(':str', '')}": (handler.fn.__doc__ or "").partition("\n")[0]
        for handler in ROUTES
        if isinstance(handler, HTTPRouteHandler)
        for path in handler.paths
        for method in handler.http_methods
    }


def _stand_in(path: str, title: str, calls: tuple[str, ...]) -> HTTPRouteHandler:
    def show(request: Request[Any, Any, Any], platform: Platform) -> Response[bytes]:
        """Say what the page is for."""
        described = _described()
        shown: list[dict[str, str]] = []
        for call in calls:
            method, _, where = call.partition(" ")
            for name, value in request.path_params.items():
                where = where.replace(f"{{{name}}}", str(value))
            shown.append({"method": method, "path": where, "does": described[call]})
        html = (
            environment()
            .get_template("stand_in.html")
            .render(
                title=title,
                text=(),
                wrong=None,
                calls=shown,
                base_url=platform.settings.base_url.rstrip("/"),
                came_back=request.query_params.get("redirect_status"),
            )
        )
        return Response(html.encode(), media_type="text/html")

    made: Callable[[Any], HTTPRouteHandler] = get(
        path.replace("_id}", "_id:str}"), **needs(PUBLIC), include_in_schema=False
    )
    return made(show)


STAND_INS: Final = tuple(_stand_in(path, title, calls) for path, (title, calls) in PAGES.items())
"""Routes for `tourpad dev` alone; `ROUTES` of no file."""
