"""Chapters 1 to 4: people register, verify, apply, are reviewed, become members, and connect their banks."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

from tourpad.core.actors import operator
from tourpad.core.applications import service as applications
from tourpad.core.memberships import procedures as memberships
from tourpad.demo.people import PASSWORD, Character, Fate
from tourpad.demo.season import Season

GOOD_CARD = "pm_card_visa"
DECLINED_CARD = "pm_card_chargeDeclined"
REVIEWER = operator("mara")
QUESTION = "Is there a recording of a whole show in a living room?"


def set_up_prices(season: Season) -> None:
    """What `tourpad stripe setup` does."""
    memberships.setup_stripe(season.stage.platform, REVIEWER)


def register_everybody(season: Season) -> None:
    """Accounts, and mail addresses verified by the link."""
    season.display.chapter("People register")
    season.each(season.cast.everyone, lambda who: _register(season, who))
    season.settle_down()
    season.display.chapter("They follow the link in their mail, and sign in")
    season.each(season.cast.everyone, lambda who: _verify(season, who))
    season.settle_down()


def apply_and_review(season: Season) -> None:
    """Artists and hosts apply; an admin approves some, rejects some, asks some first."""
    applicants = [who for who in (*season.cast.artists, *season.cast.hosts) if who.fate is not Fate.LATE]
    season.display.chapter("Artists and hosts apply")
    season.each(applicants, lambda who: apply(season, who))
    season.pass_time(season.now + timedelta(hours=20))
    season.display.chapter("An admin reviews the applications")
    season.each(applicants, lambda who: _review(season, who))
    season.settle_down()
    asked = [who for who in applicants if who.fate is Fate.ASKED]
    for who in asked:
        answer(season, who)
    season.pass_time(season.now + timedelta(hours=30))
    for who in asked:
        _decide(season, who)
    season.settle_down()
    rejected = sum(who.fate is Fate.REJECTED for who in applicants)
    season.display.tell(
        f"{len(applicants)} applied: {rejected} rejected, {len(asked)} asked something first, the rest let in"
    )


def become_members(season: Season) -> None:
    """Approved artists, and fans, pay their membership on Stripe's page."""
    season.display.chapter("Memberships are paid")
    payers = [who for who in season.cast.artists if who.facts.get("let in")]
    payers += [who for who in season.cast.fans if who.fate is not Fate.NEVER_PAYS]
    season.each(payers, lambda who: _pay_membership(season, who))
    season.settle_down()


def connect_banks(season: Season) -> None:
    """Artists and hosts tell Stripe where their money goes; some stop half way."""
    season.display.chapter("Artists and hosts connect their banks")
    payees = [who for who in season.cast.artists if who.facts.get("active")]
    payees += [who for who in season.cast.hosts if who.facts.get("let in")]
    season.each(payees, lambda who: _connect(season, who))
    season.settle_down()


def _register(season: Season, who: Character) -> None:
    profile = {"location": who.town.label}
    if who.role == "fan":
        profile["bio"] = f"Listens to {', '.join(who.genres)}."
    body = {"email": who.email, "password": PASSWORD, "name": who.name, "userType": who.role, "profile": profile}
    season.api.call(None, "POST", "/api/auth/register", body)
    season.display.count("registered")


def _verify(season: Season, who: Character) -> None:
    link = season.mailbox.link(who.email, "/verify-email")
    token = parse_qs(urlsplit(link).query)["token"][0]
    season.api.call(None, "POST", "/api/auth/verify-email", {"token": token})
    season.api.sign_in(who)
    season.display.count("verified")


def apply(season: Season, who: Character) -> None:
    """Submit what they say of themselves, and add to the profile what the form does not ask."""
    application = {k: v for k, v in who.facts.items() if k in _FORM[who.role]}
    who.facts["application_id"] = season.api.call(who, "POST", f"/api/{who.role}s/application", application)[
        "application"
    ]["id"]
    private = {k: v for k, v in who.facts.items() if k in _PROFILE[who.role]}
    season.api.call(who, "PATCH", f"/api/{who.role}s/me", private)
    season.display.count("applied")


_FORM = {
    "artist": {
        "stageName",
        "bio",
        "genres",
        "city",
        "state",
        "performanceVideoUrl",
        "musicProfileUrl",
        "pressPhotoUrl",
        "socialLinks",
    },
    "host": {
        "venueName",
        "venueType",
        "city",
        "state",
        "indoorCapacity",
        "outdoorCapacity",
        "hostingExperience",
        "venuePhotoUrls",
        "hostingMotivation",
    },
}
"""What the applications ask."""

_PROFILE = {
    "artist": {"typicalSetLength", "travelRadius", "minGuaranteeCents", "preferredBookingAdvance"},
    "host": {"preferredGenres", "address"},
}
"""What people add to their profiles afterwards; a host's address is the private half."""


def _review(season: Season, who: Character) -> None:
    if who.fate is Fate.ASKED:
        with season.stage.platform.work(REVIEWER) as work:
            applications.ask(work, application_id=UUID(who.facts["application_id"]), questions=[QUESTION])
            work.commit()
        return
    _decide(season, who)


def _decide(season: Season, who: Character) -> None:
    application_id = UUID(who.facts["application_id"])
    with season.stage.platform.work(REVIEWER) as work:
        if who.fate is Fate.REJECTED:
            reason = "no_live_video" if who.role == "artist" else "room_too_small"
            applications.reject(work, application_id=application_id, reasons=[reason])
        else:
            applications.approve(work, application_id=application_id)
            who.facts["let in"] = True
            season.display.count("let in")
        work.commit()


def answer(season: Season, who: Character) -> None:
    """Answer what was asked."""
    found = season.api.call(who, "GET", f"/api/{who.role}s/application")["application"]
    answers = [
        {"questionId": question["id"], "answer": "Yes, I have just added the link."} for question in found["questions"]
    ]
    season.api.call(who, "POST", f"/api/applications/{found['id']}/answers", {"answers": answers})


def _pay_membership(season: Season, who: Character) -> None:
    session = season.api.call(who, "POST", "/api/memberships/checkout", {"plan": f"{who.role}_yearly"})
    if who.fate is Fate.DECLINED_ONCE:
        taken = season.browser.check_out(session["url"], DECLINED_CARD)
        season.display.count("cards declined", 0 if taken else 1)
    if season.browser.check_out(session["url"], GOOD_CARD):
        who.facts["active"] = True
        season.display.count("members")


def _connect(season: Season, who: Character) -> None:
    season.api.call(who, "POST", "/api/connect/onboarding", {})
    account = season.api.call(who, "GET", "/api/connect/status")["accountId"]
    missing = ["individual.date_of_birth"] if who.fate is Fate.NOT_RECEIVING else None
    season.browser.onboard(account, missing)
    season.display.count("banks connected", 0 if missing else 1)


def look_around(season: Season) -> None:
    """An artist reads the list of hosts, as every artist then will."""
    season.display.chapter("Artists look for hosts")
    reader = next(a for a in season.cast.artists if a.facts.get("active"))
    by_venue = {(h.facts["venueName"], h.town.name): h for h in season.cast.hosts}
    page, pages = 1, 1
    while page <= pages:
        answer = season.api.call(reader, "GET", "/api/hosts", page=page, limit=100)
        for listed in answer["hosts"]:
            host = by_venue.get((listed["venueName"], listed["city"]))
            if host is not None:
                host.profile_id = listed["id"]
                host.facts["active"] = True
        pages = answer["pagination"]["pages"]
        page += 1
