"""A ticket as people print it: what the door needs, and nothing that would lead anybody to the home."""

from tourpad.core.concerts.service.tickets import TicketView
from tourpad.core.notifications.render import clock_face
from tourpad.core.papers.layout import Layout, day, facts
from tourpad.core.papers.sheets import Merchant


def ticket_page(ticket: TicketView, merchant: Merchant) -> Layout:
    """One party's ticket."""
    concert, rsvp, sides = ticket.view.concert, ticket.rsvp, ticket.view.sides
    return Layout(
        title="Ticket",
        subtitle=concert.title,
        merchant=merchant,
        facts=facts(
            ("Name", ticket.name),
            ("Guests", str(rsvp.guests_count)),
            ("With", ", ".join(rsvp.companions) or None),
            ("Date", day(concert.date)),
            ("Begins", clock_face(concert.start_time)),
            ("Town", f"{sides.city} {sides.region}"),
            ("Code", ticket.code),
        ),
        tables=(),
        notes=(
            "Show this at the door, on paper or on your telephone.",
            "It opens the door once for each of your guests: keep it to yourself.",
            "Where the home is stands on the concert’s page, from two days before the show.",
        ),
        as_of=rsvp.state_changed_at,
        file_name=f"ticket-{concert.date.isoformat()}",
        qr=ticket.token,
    )
