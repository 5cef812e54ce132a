"""Every route of the API.

A handler parses, opens a unit of work, calls one verb, commits, and shapes the answer.
"""

from collections.abc import Sequence

from litestar.types import ControllerRouterHandler

from tourpad.web.routes import (
    admin_applications,
    admin_users,
    applications,
    artists,
    auth,
    availability,
    bookings,
    calendars,
    concert_lists,
    concerts,
    connect,
    conversations,
    doors,
    fans,
    gifts,
    health,
    hosts,
    links,
    media,
    memberships,
    notifications,
    oauth,
    papers,
    pay_links,
    payments,
    payouts,
    reviews,
    rsvps,
    tickets,
    totp,
    unsubscribe,
    users,
)

ROUTES: Sequence[ControllerRouterHandler] = (
    *health.ROUTES,
    *auth.ROUTES,
    *oauth.ROUTES,
    *totp.ROUTES,
    *links.ROUTES,
    *users.ROUTES,
    *artists.ROUTES,
    *hosts.ROUTES,
    *fans.ROUTES,
    *applications.ROUTES,
    *media.ROUTES,
    *payments.ROUTES,
    *pay_links.ROUTES,
    *memberships.ROUTES,
    *gifts.ROUTES,
    *connect.ROUTES,
    *payouts.ROUTES,
    *papers.ROUTES,
    *availability.ROUTES,
    *bookings.ROUTES,
    *concert_lists.ROUTES,
    *concerts.ROUTES,
    *calendars.ROUTES,
    *rsvps.ROUTES,
    *tickets.ROUTES,
    *doors.ROUTES,
    *reviews.ROUTES,
    *conversations.ROUTES,
    *notifications.ROUTES,
    *unsubscribe.ROUTES,
    *admin_applications.ROUTES,
    *admin_users.ROUTES,
)
"""Each module lists its handlers in `ROUTES`; this is all of them, in the order of the contract."""
