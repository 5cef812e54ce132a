"""Chapter 6, month by month: fans ask for seats, wait, pay, come; shows are played, settled, paid out."""

import random
from collections.abc import Sequence
from datetime import timedelta
from itertools import zip_longest
from uuid import UUID, uuid5

from tourpad.demo.arrivals import DECLINED_CARD, GOOD_CARD
from tourpad.demo.people import Character, Fate
from tourpad.demo.season import Party, Season, Show
from tourpad.demo.touring import MINIMUM, hash_of

DISPUTED_CARD = "pm_card_createDispute"


def ask_for_seats(season: Season, shows: Sequence[Show]) -> None:
    """Fans look around and ask for seats; more than there are, so some wait. Hosts answer."""
    season.display.chapter("Fans look around and ask for seats")
    for show in shows:
        show.parties = _interested(season, show)
    season.each(shows, lambda show: _requests(season, show))
    season.settle_down()
    season.move_clock(season.now + timedelta(hours=20))
    season.display.chapter("Hosts answer them")
    season.each(shows, lambda show: _answers(season, show))
    season.settle_down()


def pay_for_seats(season: Season, shows: Sequence[Show]) -> None:
    """Most pay in time; some do not, some change their mind, and those who waited get their seats."""
    season.display.chapter("Door fees are paid")
    season.each(shows, lambda show: _pays(season, show))
    season.settle_down()
    season.each(shows, lambda show: _change_of_mind(season, show))
    season.pass_time(season.now + timedelta(hours=50))
    season.display.chapter("Seats that were freed go to those who wait")
    season.each(shows, lambda show: _accept_offers(season, show))
    season.settle_down()


def call_off(season: Season, show: Show) -> None:
    """An artist falls ill: everybody gets their money back."""
    reason = "The singer has lost her voice."
    season.api.call(show.artist, "POST", f"/api/concerts/{show.concert_id}/cancel", {"reason": reason})
    show.cancelled = True
    season.settle_down()
    season.display.count("shows called off")
    season.display.tell(
        f"{show.artist.facts['stageName']} has to call off {show.host.town.label}; everybody is refunded"
    )


def play(season: Season, shows: Sequence[Show]) -> None:
    """Evening by evening, in the order of their dates."""
    season.display.chapter("Shows are played")
    coming = sorted((s for s in shows if not s.cancelled), key=lambda s: s.starts)
    season.display.expect(len(coming))
    for show, following in zip_longest(coming, coming[1:]):
        season.move_clock(show.starts + timedelta(minutes=10))
        season.job("concerts-advance")
        _door(season, show)
        season.move_clock((show.ends or show.starts) + timedelta(minutes=40))
        season.job("concerts-advance")
        season.display.step()
        season.display.count("shows played")
        guests = sum(p.guests for p in show.parties if p.paid)
        season.display.tell(f"{show.artist.facts['stageName']} played for {guests} in {show.host.town.label}")
        if following is None or _week(following) != _week(show):
            # Once a week everything else on the timetable has its turn, Friday's payouts among it.
            season.pass_time(season.now + timedelta(hours=12))


def take_back(season: Season, shows: Sequence[Show]) -> None:
    """Days after the last show a guest's bank takes the door fee back: its payout has to wait."""
    for show in sorted(shows, key=lambda s: s.starts, reverse=True):
        party = next((p for p in show.parties if p.paid and p.intent_id), None)
        if party is not None:
            season.browser.dispute(party.intent_id)
            season.display.count("disputes")
            season.display.tell(f"{party.fan.first_name}'s bank takes back the door fee for {show.host.town.label}")
            season.settle_down()
            return


def _week(show: Show) -> tuple[int, int]:
    return show.starts.isocalendar()[:2]


def _interested(season: Season, show: Show) -> list[Party]:
    """Who would come: members from near by, sometimes more of them than seats. The same for the same seed."""
    rng = random.Random(hash_of(show))
    members = [f for f in season.cast.fans if f.facts.get("active")]
    near = [f for f in members if f.town.state == show.host.town.state] or members
    rng.shuffle(near)
    wanted = round(show.capacity * rng.choice((0.7, 0.9, 1.0, 1.2, 1.4)))
    if show.trip_id:
        # It needs a number of people, so they come from everywhere, and it is told how it goes when they do.
        near, wanted = [*near, *(f for f in members if f not in near)], max(wanted, 2 * MINIMUM)
    parties: list[Party] = []
    for fan in near:
        if wanted <= 0:
            break
        guests = rng.choice((1, 2, 2, 3, 4, 4))
        parties.append(Party(fan=fan, guests=guests))
        wanted -= guests
    return parties


def _requests(season: Season, show: Show) -> None:
    if show.parties:
        # One of them finds it on the map; the others have the link.
        finder = show.parties[0].fan
        season.api.call(finder, "GET", "/api/concerts", location=finder.town.label, radius=400, limit=20)
    for party in show.parties:
        answer = season.api.call(
            party.fan, "POST", f"/api/concerts/{show.concert_id}/rsvp", {"guestsCount": party.guests}
        )
        party.rsvp_id, party.state = answer["rsvp"]["id"], answer["status"]
        season.display.count("seats asked for", party.guests)
        if party.state == "waitlisted":
            season.display.count("on waitlists", party.guests)


def _answers(season: Season, show: Show) -> None:
    for number, party in enumerate(p for p in show.parties if p.state == "pending_approval"):
        verdict = "declined" if number % 23 == 22 else "approved"  # noqa: PLR2004 - a host now and then knows better
        season.api.call(show.host, "PATCH", f"/api/rsvps/{party.rsvp_id}", {"status": verdict})
        party.state = "confirmed" if verdict == "approved" else "declined"


def _pays(season: Season, show: Show) -> None:
    for number, party in enumerate(p for p in show.parties if p.state == "confirmed" and not p.paid):
        if (number + hash_of(show)) % 19 == 18:  # noqa: PLR2004 - one in nineteen forgets, and the seat lapses
            continue
        _pay(season, party)


def _pay(season: Season, party: Party) -> None:
    intent = season.api.call(
        party.fan, "POST", "/api/payments/create-intent", {"paymentType": "door_fee", "rsvpId": party.rsvp_id}
    )
    party.intent_id = intent["paymentIntentId"]
    card = GOOD_CARD
    if party.fan.fate is Fate.DECLINED_ONCE:
        season.browser.pay(intent["clientSecret"], DECLINED_CARD)
        season.display.count("cards declined")
    elif _disputes_now(party.fan):
        card = DISPUTED_CARD
        season.display.count("disputes")
        season.display.tell(f"{party.fan.first_name}'s bank will take a door fee back")
    if season.browser.pay(intent["clientSecret"], card) == "succeeded":
        party.paid = True
        season.display.count("seats paid", party.guests)


def _disputes_now(fan: Character) -> bool:
    """One card of the season is such that its bank takes the money back, and keeps it."""
    if fan.fate is Fate.DISPUTES and not fan.facts.get("disputed"):
        fan.facts["disputed"] = True
        return True
    return False


def _change_of_mind(season: Season, show: Show) -> None:
    for number, party in enumerate(p for p in show.parties if p.paid):
        if (number + hash_of(show)) % 17 == 16:  # noqa: PLR2004 - one in seventeen falls ill
            season.api.call(party.fan, "DELETE", f"/api/concerts/{show.concert_id}/rsvp")
            party.paid, party.state = False, "cancelled"
            season.display.count("seats given back", party.guests)


def _accept_offers(season: Season, show: Show) -> None:
    for party in show.parties:
        if party.state != "waitlisted":
            continue
        rsvp = season.api.call(party.fan, "GET", f"/api/concerts/{show.concert_id}/rsvp")["rsvp"]
        if rsvp["status"] != "offered":
            continue
        answer = season.api.call(
            party.fan, "POST", f"/api/concerts/{show.concert_id}/rsvp", {"guestsCount": party.guests}
        )
        party.state = answer["status"]
        season.display.count("got in from waitlists", party.guests)
        _pay(season, party)


def _door(season: Season, show: Show) -> None:
    """Of three hosts one keeps no list, one scans tickets, and one has no network in the barn and tells afterwards."""
    kind = hash_of(show) % 3
    if kind == 0:
        return
    path = f"/api/concerts/{show.concert_id}"
    listed = season.api.call(show.host, "GET", f"{path}/door-list")
    certain = {party["rsvpId"] for party in listed["parties"] if party["refusal"] is None}
    coming = [party for party in show.parties if party.paid and party.rsvp_id in certain]
    tokens = [season.api.call(p.fan, "GET", f"/api/rsvps/{p.rsvp_id}/ticket")["ticket"]["token"] for p in coming]
    if kind == 1:
        for token in tokens:
            season.api.call(show.host, "POST", f"{path}/check-in", {"token": token})
    else:
        at = season.now.isoformat()
        scans = [
            {"id": str(uuid5(UUID(p.rsvp_id), "scan")), "at": at, "token": t}
            for p, t in zip(coming, tokens, strict=True)
        ]
        body = {"listToken": listed["listToken"], "device": "barn", "scans": scans}
        season.api.call(show.host, "POST", f"{path}/check-in/sync", body)
    season.display.count("checked in", sum(party.guests for party in coming))
