"""Chapter 5, once each: a calendar's address, a trip and an invitation on its way, an evening that moves."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from tourpad.demo.client import UnexpectedAnswerError
from tourpad.demo.people import Character, Fate
from tourpad.demo.season import Season, Show
from tourpad.demo.touring import request

EVENING = time(19, 30)


def tell_of_a_trip(season: Season, *, month: date) -> list[Show]:
    """An artist will be in a host's state for some days; the host sees it and invites, if enough people come."""
    season.display.chapter("An artist tells of a trip, and a host on the way invites")
    artist = next(a for a in season.cast.artists if a.facts.get("active") and a.fate is not Fate.NOT_RECEIVING)
    host = next(h for h in season.cast.hosts if h.facts.get("active") and h.fate is not Fate.NOT_RECEIVING)
    day = _free_day(season, artist, host, month + timedelta(days=14))
    _announce(season, artist, state=host.town.state, around=day)
    seen = season.api.call(host, "GET", "/api/trips")["trips"]
    found = next((t for t in seen if day.isoformat() in t["freeDates"]), None)
    if found is None:
        msg = f"{host.name} does not see the trip through {host.town.state}."
        raise UnexpectedAnswerError(msg)
    artist.profile_id = found["artistId"]
    starts = datetime.combine(day, EVENING, ZoneInfo(host.town.time_zone)).astimezone(UTC)
    show = Show(artist=artist, host=host, booking_id="", starts=starts, plan="approve", trip_id=found["id"])
    request(season, show)
    season.shows.append(show)
    _keep_a_calendar(season, artist)
    season.settle_down()
    season.display.tell(f"{host.name} invites {artist.facts['stageName']}, who comes through {host.town.label}")
    return [show]


def look_ahead(season: Season, *, month: date) -> None:
    """Another artist tells of a trip that is still to come when the season ends."""
    artist = next(a for a in reversed(season.cast.artists) if a.facts.get("active"))
    host = next(h for h in reversed(season.cast.hosts) if h.facts.get("active"))
    _announce(season, artist, state=host.town.state, around=month + timedelta(days=17))


def _announce(season: Season, artist: Character, *, state: str, around: date) -> None:
    trip = {
        "state": state,
        "startsOn": (around - timedelta(days=2)).isoformat(),
        "endsOn": (around + timedelta(days=2)).isoformat(),
        "note": "We pass through with a small PA.",
    }
    season.api.call(artist, "POST", "/api/trips", trip)
    season.display.count("trips")


def move(season: Season, show: Show) -> None:
    """Both sides agree on another evening; guests are asked, and one party can't come."""
    season.display.chapter("A show moves to another date, and its guests are asked")
    zone = ZoneInfo(show.host.town.time_zone)
    local = show.starts.astimezone(zone)
    day = _free_day(season, show.artist, show.host, local.date() + timedelta(days=1))
    path = f"/api/bookings/{show.booking_id}"
    body = {"date": day.isoformat(), "message": "Our van needs a day longer."}
    season.api.call(show.artist, "POST", f"{path}/reschedule", body)
    season.api.call(show.host, "PATCH", f"{path}/respond", {"status": "approved", "response": "So be it."})
    season.settle_down()
    later = datetime.combine(day, local.time(), zone).astimezone(UTC) - show.starts
    show.starts += later
    show.ends = show.ends and show.ends + later
    paid = [party for party in show.parties if party.paid]
    for party in paid:
        comes = party is not paid[-1] or len(paid) == 1
        season.api.call(party.fan, "POST", f"/api/rsvps/{party.rsvp_id}/keep", {"comes": comes})
        if not comes:
            party.paid, party.state = False, "cancelled"
            season.display.count("seats given back", party.guests)
    season.settle_down()
    season.display.count("shows moved")
    season.display.tell(f"{show.artist.facts['stageName']} will play {show.host.town.label} on {day:%-d %B} instead")


def _free_day(season: Season, artist: Character, host: Character, first: date) -> date:
    """The first evening from then on that neither of them has promised to anybody."""
    taken = {
        s.starts.astimezone(ZoneInfo(s.host.town.time_zone)).date()
        for s in season.shows
        if s.artist is artist or s.host is host
    }
    while first in taken:
        first += timedelta(days=1)
    return first


def _keep_a_calendar(season: Season, who: Character) -> None:
    """Their shows stand in another program, too: by a secret address, which it reads."""
    url = season.api.call(who, "POST", "/api/calendar/link")["url"]
    if "BEGIN:VCALENDAR" not in season.api.read(url):
        msg = f"{who.name}'s calendar is none."
        raise UnexpectedAnswerError(msg)
