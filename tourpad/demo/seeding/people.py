"""Who is in a seeded database: the demo's cast, each with how far they have come."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import chain, cycle, islice
from typing import Any
from uuid import UUID

from tourpad.core.actors import Actor, person
from tourpad.core.ids import new_id
from tourpad.demo.people import Character, make_cast


class Standing(StrEnum):
    """How far somebody has come in."""

    UNVERIFIED = "unverified"
    """Registered; the link in the mail is still good."""
    NEW = "new"
    """The address is proved, and no application was sent."""
    SUBMITTED = "submitted"
    IN_REVIEW = "in_review"
    ASKED = "asked"
    """A reviewer has asked something."""
    APPROVED = "approved"
    """Let in; the membership is not paid."""
    ACTIVE = "active"
    SUSPENDED = "suspended"
    REJECTED = "rejected"


@dataclass(slots=True)
class Person:
    """One of them."""

    character: Character
    standing: Standing
    number: int
    """Among those of the same role and standing, from 0."""
    id: UUID = field(default_factory=new_id)
    """The account's, once there is one."""
    profile_id: UUID = field(default_factory=new_id)
    """Of the artist, host or fan, once there is one."""
    application_id: UUID = field(default_factory=new_id)

    @property
    def role(self) -> str:
        """artist, host or fan."""
        return self.character.role

    @property
    def actor(self) -> Actor:
        """As the audit log knows them."""
        return person(self.id, self.role)

    @property
    def facts(self) -> dict[str, Any]:
        """What they say of themselves."""
        return self.character.facts


S = Standing
_FIRST: dict[str, tuple[Standing, ...]] = {
    "artist": (
        *(S.ACTIVE, S.ACTIVE, S.UNVERIFIED, S.ASKED, S.APPROVED, S.SUSPENDED, S.REJECTED),
        *(S.SUBMITTED, S.IN_REVIEW, S.NEW, S.ACTIVE, S.ACTIVE),
    ),
    "host": (
        *(S.ACTIVE, S.ACTIVE, S.ACTIVE, S.SUBMITTED, S.SUSPENDED, S.REJECTED),
        *(S.IN_REVIEW, S.UNVERIFIED, S.ASKED, S.NEW, S.ACTIVE, S.ACTIVE, S.ACTIVE),
    ),
    "fan": (S.ACTIVE, S.ACTIVE, S.ACTIVE, S.UNVERIFIED, S.APPROVED, S.SUSPENDED),
}
"""Whom even the smallest seed needs, the most needed first. Hosts are active as soon as they are let in."""

_THEN: dict[str, tuple[Standing, ...]] = {
    "artist": (S.ACTIVE,) * 4 + (S.SUBMITTED, S.APPROVED, S.ACTIVE, S.REJECTED, S.ACTIVE, S.ASKED),
    "host": (S.ACTIVE,) * 6 + (S.SUBMITTED, S.ACTIVE, S.REJECTED, S.ACTIVE),
    "fan": (S.ACTIVE,) * 8 + (S.APPROVED, S.ACTIVE, S.UNVERIFIED),
}
"""All others, over and over."""

FEWEST = 20
MOST = 2_000


def people_for(*, seed: int, people: int) -> list[Person]:
    """Everybody but the one admin: `people` less one. Equal arguments give equal people.

    Args:
        seed: of the cast.
        people: how many in all, 20 to 2,000.
    """
    artists = max(7, min(12, people * 3 // 10), people * 8 // 100)
    hosts = max(6, min(13, people * 3 // 10), people * 12 // 100)
    fans = people - 1 - artists - hosts
    # The demo's cast has its own shares; one that is large enough for each of ours is drawn, and cut.
    cast = make_cast(seed=seed, people=max(-(-artists * 100 // 8), -(-hosts * 100 // 12), -(-fans * 100 // 80) + 2))
    return [
        *_stand(cast.artists[:artists]),
        *_stand(_with_whole_postcodes(cast.hosts[:hosts])),
        *_stand(cast.fans[:fans]),
    ]


def _stand(group: list[Character]) -> Iterator[Person]:
    seen: dict[Standing, int] = {}
    role = group[0].role
    for character, standing in zip(group, islice(chain(_FIRST[role], cycle(_THEN[role])), len(group)), strict=True):
        seen[standing] = seen.get(standing, -1) + 1
        yield Person(character=character, standing=standing, number=seen[standing])


def _with_whole_postcodes(hosts: list[Character]) -> list[Character]:
    """Nine digits each, all different: whoever looks for a leaked address can tell one by them."""
    for number, host in enumerate(hosts):
        address = host.facts["address"]
        host.facts["address"] = {**address, "postcode": f"{address['postcode'][:5]}-{1001 + number * 3:04}"}
    return hosts
