"""People come in, each as far as they have come: registered, verified, applied, let in, members, suspended."""

import re
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from tourpad.core.actors import NOBODY, operator
from tourpad.core.applications import service as applications
from tourpad.core.artists import service as artists
from tourpad.core.fans import service as fans
from tourpad.core.hosts import service as hosts
from tourpad.core.identity.events import VerificationRequested
from tourpad.core.identity.service import registration, users
from tourpad.core.identity.states import UserType
from tourpad.core.memberships.service import changing
from tourpad.core.work import Work
from tourpad.demo.arrivals import QUESTION
from tourpad.demo.people import PASSWORD
from tourpad.demo.seeding.ground import Ground
from tourpad.demo.seeding.people import Person, Standing

INES = operator("ines")
"""Another reviewer."""
PAYING = 6
"""Members of each role who pay through Stripe; the admin gives all others theirs, which is quicker."""
BANKS = 8
"""Artists and hosts of each role whose banks are connected."""
WITHOUT_BANK = 2
"""The active artist or host of this number has left Stripe's form half done."""

_BEDS = {"offers_lodging": True, "lodging_details": {"beds": 2, "bathroom": "shared", "rules": "Shoes off."}}
"""At every third host's artists can stay the night."""

_LATER = frozenset(
    {"typicalSetLength", "travelRadius", "minGuaranteeCents", "preferredBookingAdvance", "preferredGenres", "address"}
)
"""What people add to their profiles after they have applied."""


def plan_arrivals(ground: Ground, people: list[Person]) -> None:
    """Write into the agenda when everybody comes in and what becomes of them."""
    _repeat_a_link(people)
    established = [p for p in people if p.standing in _ESTABLISHED]
    ground.plan(ground.ago(days=45), lambda: [_enter(ground, p) for p in established])
    ground.plan(ground.ago(days=44), lambda: [_decide(ground, p) for p in established if p.role != "fan"])
    ground.plan(ground.ago(days=43), lambda: [_join(ground, p) for p in established])
    ground.plan(ground.ago(days=42), lambda: [_connect_bank(ground, p) for p in established])
    for who in people:
        _plan_newcomer(ground, who)


def _repeat_a_link(people: list[Person]) -> None:
    """A newcomer has the music of an artist who was rejected: the review shows a likely duplicate."""
    artists = [p for p in people if p.role == "artist"]
    rejected = next((p for p in artists if p.standing is Standing.REJECTED), None)
    waiting = next((p for p in artists if p.standing is Standing.SUBMITTED), None)
    if rejected is not None and waiting is not None:
        waiting.facts["musicProfileUrl"] = rejected.facts["musicProfileUrl"]


_ESTABLISHED = frozenset({Standing.APPROVED, Standing.ACTIVE, Standing.SUSPENDED})


def _plan_newcomer(ground: Ground, who: Person) -> None:
    # Of two alike the second waits longer: its promised answer is late, its rejection is old.
    longer = who.number % 2
    match who.standing:
        case Standing.UNVERIFIED:
            ground.plan(ground.ago(hours=2 + who.number % 12), lambda: _register(ground, who, verify=False))
        case Standing.NEW:
            ground.plan(ground.ago(days=6), lambda: _register(ground, who))
        case Standing.SUBMITTED:
            ground.plan(ground.ago(hours=60 if longer else 20), lambda: _enter(ground, who))
        case Standing.IN_REVIEW:
            ground.plan(ground.ago(hours=40), lambda: _enter(ground, who))
            ground.plan(ground.ago(hours=26), lambda: _review(ground, who))
            if who.role == "host" and not longer:
                ground.plan(ground.ago(hours=0.05), lambda: _claim(ground, who))
        case Standing.ASKED:
            ground.plan(ground.ago(days=4), lambda: _enter(ground, who))
            ground.plan(ground.ago(days=3), lambda: _ask(ground, who))
        case Standing.REJECTED:
            ground.plan(ground.ago(days=41 if longer else 4), lambda: _enter(ground, who))
            ground.plan(ground.ago(days=40 if longer else 2), lambda: _reject(ground, who))
        case Standing.SUSPENDED:
            ground.plan(ground.ago(days=3), lambda: _suspend(ground, who))
        case Standing.APPROVED | Standing.ACTIVE:
            """Established: see above."""


def _enter(ground: Ground, who: Person) -> None:
    _register(ground, who)
    if who.role != "fan":
        _apply(ground, who)


def _register(ground: Ground, who: Person, *, verify: bool = True) -> None:
    character = who.character
    profile = {"location": character.town.label}
    if who.role == "fan":
        profile["bio"] = f"Listens to {', '.join(character.genres)}."
    with ground.platform.work(NOBODY) as work:
        made = registration.register(
            work,
            email=character.email,
            password=PASSWORD,
            name=character.name,
            user_type=UserType(who.role),
            profile=profile,
        )
        who.id = made.user.id
        if verify:
            token = next(e.token for e in work.events if isinstance(e, VerificationRequested))
            registration.verify_email(work, token=token)
        who.profile_id = _make_profile(work, who)
        work.commit()


def _make_profile(work: Work, who: Person) -> UUID:
    """What they say of themselves; of a host also where the home is, which is private from the first day."""
    town = {"city": who.character.town.name, "state": who.character.town.state}
    details = _snake(who.facts, later=True)
    match who.role:
        case "artist":
            return artists.edit(work, user_id=who.id, changes=details).id
        case "host":
            beds = _BEDS if who.number % 3 == 0 else {}
            return hosts.edit(work, user_id=who.id, changes={**details, **town, **beds}).id
        case _:
            return fans.edit(work, user_id=who.id, changes={"favorite_genres": who.character.genres, **town}).id


def _apply(ground: Ground, who: Person) -> None:
    with ground.platform.work(who.actor) as work:
        answers = _snake(who.facts, later=False)
        who.application_id = applications.submit(work, user_id=who.id, answers=answers).id
        work.commit()


def _decide(ground: Ground, who: Person) -> None:
    with ground.platform.work(ground.admin) as work:
        applications.approve(work, application_id=who.application_id)
        work.commit()


def _join(ground: Ground, who: Person) -> None:
    if who.role == "host" or who.standing is Standing.APPROVED:
        return
    if ground.till.is_open and who.standing is Standing.ACTIVE and who.number < PAYING:
        ground.till.join(who.actor, who.id)
        return
    with ground.platform.work(ground.admin) as work:
        changing.grant(work, user_id=who.id, reason="Given while the database was filled")
        work.commit()


def _connect_bank(ground: Ground, who: Person) -> None:
    if not ground.till.is_open or who.role == "fan" or who.standing is not Standing.ACTIVE or who.number >= BANKS:
        return
    ground.till.connect_bank(who.actor, who.id, half_way=who.number == WITHOUT_BANK)


def _review(ground: Ground, who: Person) -> None:
    with ground.platform.work(ground.admin) as work:
        applications.claim(work, application_id=who.application_id)
        criterion = "music" if who.role == "artist" else "welcome"
        applications.score(work, application_id=who.application_id, criterion=criterion, score=4)
        applications.note(work, application_id=who.application_id, text="Good, and to be looked at once more.")
        work.commit()


def _claim(ground: Ground, who: Person) -> None:
    """Another reviewer has it on her desk at this moment."""
    with ground.platform.work(INES) as work:
        applications.claim(work, application_id=who.application_id)
        work.commit()


def _ask(ground: Ground, who: Person) -> None:
    with ground.platform.work(ground.admin) as work:
        applications.ask(work, application_id=who.application_id, questions=[QUESTION])
        work.commit()


_WHY = {"artist": ["no_live_video"], "host": ["room_too_small"]}


def _reject(ground: Ground, who: Person) -> None:
    with ground.platform.work(ground.admin) as work:
        applications.reject(work, application_id=who.application_id, reasons=_WHY[who.role])
        work.commit()


def _suspend(ground: Ground, who: Person) -> None:
    with ground.platform.work(ground.admin) as work:
        users.suspend(work, user_id=who.id, reason="Three shows were called off on the day itself.")
        work.commit()


_WORD = re.compile(r"(?<=[a-z])(?=[A-Z])")


def _snake(facts: Mapping[str, Any], *, later: bool) -> dict[str, Any]:
    """The part of somebody's facts that belongs to the application, or to the profile afterwards, as core names it."""
    return {_WORD.sub("_", name).lower(): value for name, value in facts.items() if (name in _LATER) is later}
