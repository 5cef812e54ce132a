"""A booking's offers and its timeline, for people and for programs."""

from typing import TYPE_CHECKING, Any

from tourpad.cli.output import console, human

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tourpad.core.bookings.models import Booking, Offer
    from tourpad.core.work import Work

OFFER_COLOURS = {"accepted": "green", "open": "yellow", "rejected": "red"}


def offers_told(work: "Work", booking: "Booking", offers: "Sequence[Offer]") -> list[dict[str, Any]]:
    """Every version: what it says, what it changed, what it would bring, who has signed it."""
    from tourpad.core.bookings import queries
    from tourpad.core.bookings.history import compared
    from tourpad.core.bookings.terms import SAME_NAMES, fingerprint, terms_of_offer
    from tourpad.core.bookings.wording import all_said
    from tourpad.core.money import Money
    from tourpad.core.papers import service
    from tourpad.core.papers.record import record

    signed = queries.signatures(work, booking.id)
    told: list[dict[str, Any]] = []
    for before, offer in compared(offers):
        terms = terms_of_offer(offer)
        values = {name: getattr(offer, name) for name in SAME_NAMES}
        digest = fingerprint(terms, booking_id=booking.id, number=offer.number)
        names = service.signatures([s for s in signed if s.number == offer.number], digest, viewer=None)
        told.append(
            {
                "number": offer.number,
                "made_by": offer.made_by.value,
                "state": offer.state.value,
                "date": offer.date,
                "time": f"{offer.time:%H:%M}",
                "duration": offer.duration,
                **{n: Money(v, booking.currency) if n.endswith("_cents") else v for n, v in values.items()},
                "message": offer.message,
                "created_at": offer.created_at,
                "respond_by": offer.respond_by,
                "expires_at": offer.expires_at,
                "accepted_at": offer.accepted_at,
                "answered_at": offer.answered_at,
                "changes": [
                    {"label": said.label, "before": said.before, "after": said.after}
                    for said in (all_said(terms_of_offer(before), terms, booking.currency) if before else ())
                ],
                "outlook": [record(row) for row in service.outlook_of(work, booking, offer)],
                "signatures": [record(row) for row in names],
                "currency": booking.currency,
            }
        )
    return told


def timeline(booking: "Booking", offers: "Sequence[Offer]") -> list[dict[str, Any]]:
    """What happened, in the order in which it did."""
    from tourpad.core.bookings.history import history

    return [
        {
            "at": moment.at,
            "event": moment.what.value,
            "by": moment.by,
            "offer": moment.number,
            "changes": [str(said) for said in moment.changes],
            "text": moment.text,
        }
        for moment in history(booking, offers)
    ]


def show_offers(told: list[dict[str, Any]], zone: str) -> None:
    """The versions, for a person: each with old → new, and what each side would have of it; on the home's clock."""
    from rich.text import Text

    from tourpad.core.bookings.moments import on_the_wall
    from tourpad.core.money import Money

    screen = console()
    for offer in (on_the_wall(one, zone) for one in told):
        line = Text(f"\nOffer {offer['number']} by the {offer['made_by']}, {human(offer['created_at'])}: ")
        line.append(offer["state"], style=OFFER_COLOURS.get(offer["state"], "dim"))
        if offer["state"] == "open":
            line.append(f", until {human(offer['expires_at'])}")
        screen.print(line)
        for change in offer["changes"]:
            screen.print(Text(f"  {change['label']}: {change['before']} → {change['after']}"))
        if offer["message"]:
            screen.print(Text(f"  “{offer['message']}”", style="dim"))
        for row in offer["outlook"]:
            artist, host = (Money(row[name], offer["currency"]) for name in ("artist_cents", "host_net_cents"))
            guests = f"{row['guests']} guest{'' if row['guests'] == 1 else 's'}"
            screen.print(Text(f"  {row['name']:<8}  {guests:>10}   artist {artist!s:>10}   host {host!s:>10}"))
        for name in (on_the_wall(one, zone) for one in offer["signatures"]):
            how = "" if name["is_intact"] is not False else ", but the terms are not those that were signed"
            screen.print(
                Text(f"  signed by the {name['side']}: {name['name'] or 'erased'}, {human(name['signed_at'])}{how}")
            )
    screen.print(
        Text(
            "\nWhat they would earn is an estimate: card fees are counted at 2.9 % and 30 cents a guest, and the host’s"
            " part is less the guarantee.",
            style="dim",
        )
    )


def show_timeline(moments: list[dict[str, Any]], zone: str) -> None:
    """What happened, for a person: one line each, on the home's clock."""
    from rich.table import Table
    from rich.text import Text

    from tourpad.core.bookings.moments import on_the_wall

    table = Table(box=None, padding=(0, 2, 0, 0), show_header=False, pad_edge=False, title_justify="left")
    for _ in range(4):
        table.add_column(overflow="fold")
    for moment in (on_the_wall(one, zone) for one in moments):
        about = [f"offer {moment['offer']}"] if moment["offer"] else []
        table.add_row(
            Text(human(moment["at"]), style="dim"),
            Text(moment["event"].replace("_", " ")),
            Text(f"by {moment['by']}" if moment["by"] else ""),
            Text(" · ".join([*about, *([moment["text"]] if moment["text"] else [])])),
        )
    screen = console()
    screen.print(f"\nWhat happened (times of {zone})")
    screen.print(table)
