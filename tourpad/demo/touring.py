"""Chapter 5, each month: dates are requested, countered, rejected, left to expire, confirmed by paying the fee."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from tourpad.demo.arrivals import DECLINED_CARD, GOOD_CARD
from tourpad.demo.people import Character, Fate
from tourpad.demo.season import Season, Show

PLANS = (("approve", 58), ("counter", 12), ("counter_ignored", 4), ("reject", 14), ("ignore", 8), ("unpaid", 4))
"""What hosts do with a request, in per cent."""

MINIMUM = 4
"""So many people a host wants who invites: with fewer there is no show, and nobody pays."""

_NO = {"reject", "ignore", "counter_ignored", "unpaid"}


def ask_for_dates(season: Season, *, month: date, requests: int, answered: bool = True) -> list[Show]:
    """Artists ask hosts for evenings of a month. With `answered` false nobody answers before the season ends."""
    season.display.chapter(f"Artists ask for dates in {month:%B}")
    artists, hosts = season.cast.artists, season.cast.hosts
    playing = [a for a in artists if a.facts.get("active")]
    open_doors = [h for h in hosts if h.facts.get("active")]
    taken = {(s.artist.email, s.starts.date()) for s in season.shows} | {
        (s.host.email, s.starts.date()) for s in season.shows
    }
    asked: list[Show] = []
    for _ in range(requests):
        # The first date of each month goes to whoever has left Stripe's form half done: what they earn has to wait.
        unready = [a for a in playing if a.fate is Fate.NOT_RECEIVING] if not asked and answered else []
        show = _imagine(season, unready or playing, open_doors, month, taken)
        if show is None:
            continue
        if unready:
            show.plan = "approve"
        if not answered:
            show.plan = "ignore"
        asked.append(show)
    season.each(asked, lambda show: request(season, show))
    season.shows.extend(asked)
    season.settle_down()
    return asked


def settle_terms(season: Season, asked: Sequence[Show]) -> list[Show]:
    """Hosts answer, artists answer counter-offers, hosts pay the fee. Answers the shows that are on."""
    season.display.chapter("Hosts answer, terms are settled")
    season.move_clock(season.now + timedelta(hours=26))
    season.each(asked, lambda show: _host_answers(season, show))
    season.settle_down()
    season.move_clock(season.now + timedelta(hours=20))
    season.each([s for s in asked if s.plan == "counter"], lambda show: _artist_accepts(season, show))
    season.settle_down()
    season.display.chapter("Hosts pay the fee, and concerts are announced")
    paying = [s for s in asked if s.plan not in _NO]
    season.each(paying, lambda show: _pay_fee(season, show))
    season.settle_down()
    season.each(paying, lambda show: _look(season, show))
    return [s for s in paying if s.concert_id]


def _imagine(
    season: Season, artists: list[Character], hosts: list[Character], month: date, taken: set[tuple[str, date]]
) -> Show | None:
    """A plausible request: a weekend evening, a host in reach, nobody twice on a day."""
    rng = season.rng
    for _ in range(60):
        artist, host = rng.choice(artists), rng.choice(hosts)
        day = month + timedelta(days=rng.randint(8, 26))
        if day.weekday() < 3 or (artist.email, day) in taken or (host.email, day) in taken:  # noqa: PLR2004 - Thursday to Sunday
            continue
        taken.update({(artist.email, day), (host.email, day)})
        clock_time = time(rng.choice((18, 19, 19, 20)), rng.choice((0, 30)))
        starts = datetime.combine(day, clock_time, ZoneInfo(host.town.time_zone)).astimezone(UTC)
        plan = rng.choices([p for p, _ in PLANS], [w for _, w in PLANS])[0]
        return Show(artist=artist, host=host, booking_id="", starts=starts, plan=plan)
    return None


def request(season: Season, show: Show) -> None:
    """The artist asks the host, or the host invites the artist."""
    local = show.starts.astimezone(ZoneInfo(show.host.town.time_zone))
    capacity = show.host.facts["indoorCapacity"]
    fee = show.artist.facts["minGuaranteeCents"] or 12_000
    body = {
        "hostId": show.host.profile_id,
        "requestedDate": local.date().isoformat(),
        "requestedTime": local.strftime("%H:%M"),
        "estimatedDuration": show.artist.facts["typicalSetLength"],
        "expectedAttendance": capacity * 3 // 4,
        "artistFeeCents": fee,
        "doorFeeCents": 1_000 + 500 * (hash_of(show) % 3),
        "message": f"We would love to play {show.host.facts['venueName']}.",
        "lodgingRequested": False,
    }
    if show.trip_id:
        body |= {"hostId": None, "artistId": show.artist.profile_id, "tripId": show.trip_id, "message": "Play for us!"}
        body |= {"minimumAttendance": MINIMUM}
    answer = season.api.call(show.host if show.trip_id else show.artist, "POST", "/api/bookings", body)
    show.booking_id = answer["booking"]["id"]
    season.display.count("dates asked")


def hash_of(show: Show) -> int:
    """A number that depends on nothing but the show (Python's own `hash` differs each run)."""
    return sum(ord(c) for c in show.artist.email + show.host.email) + show.starts.toordinal()


def _host_answers(season: Season, show: Show) -> None:
    path = f"/api/bookings/{show.booking_id}/respond"
    if show.plan in ("approve", "unpaid"):
        asked = show.artist if show.trip_id else show.host
        season.api.call(asked, "PATCH", path, {"status": "approved", "response": "We would be delighted."})
    elif show.plan == "reject":
        season.api.call(show.host, "PATCH", path, {"status": "rejected", "response": "That weekend we are away."})
        season.display.count("rejected")
    elif show.plan in ("counter", "counter_ignored"):
        local = show.starts.astimezone(ZoneInfo(show.host.town.time_zone))
        earlier = (local - timedelta(minutes=30)).strftime("%H:%M")
        offer = {"time": earlier, "artistFeeCents": 10_000}
        body = {"status": "rejected", "response": "A little earlier, and we can do this.", "counterOffer": offer}
        season.api.call(show.host, "PATCH", path, body)
        show.starts -= timedelta(minutes=30)
        season.display.count("countered")


def _artist_accepts(season: Season, show: Show) -> None:
    path = f"/api/bookings/{show.booking_id}/respond"
    season.api.call(show.artist, "PATCH", path, {"status": "approved", "response": "Good for us."})


def _pay_fee(season: Season, show: Show) -> None:
    intent = season.api.call(
        show.host, "POST", "/api/payments/create-intent", {"paymentType": "booking", "bookingId": show.booking_id}
    )
    if show.host.fate is Fate.DECLINED_ONCE:
        season.browser.pay(intent["clientSecret"], DECLINED_CARD)
        season.display.count("cards declined")
    season.browser.pay(intent["clientSecret"], GOOD_CARD)


def _look(season: Season, show: Show) -> None:
    booking = season.api.call(show.host, "GET", f"/api/bookings/{show.booking_id}")["booking"]
    if booking["status"] != "confirmed":
        return
    concert = season.api.call(show.host, "GET", f"/api/concerts/{booking['concertId']}")["concert"]
    show.concert_id = concert["id"]
    show.capacity = concert["maxCapacity"]
    show.ends = datetime.fromisoformat(concert["endsAt"])
    season.display.count("concerts")
    season.display.tell(
        f"{show.artist.facts['stageName']} will play {show.host.facts['venueName']}, {show.host.town.label}"
    )
