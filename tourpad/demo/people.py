"""Who takes part: the same people for the same seed, in real towns, each with what will befall them."""

import random
import threading
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from tourpad.core.places import Town, towns
from tourpad.demo.names import BAND_FIRST, BAND_LAST, FIRST, GENRES, LAST, REGIONS, STREETS, VENUE_WORDS, VENUES

PASSWORD = "a porch, a piano, a moon"  # noqa: S105 - of invented people in a demonstration


class Fate(StrEnum):
    """What sets somebody apart; most people have none."""

    REJECTED = "rejected"
    ASKED = "asked"
    """The admin asks a question before deciding."""
    DECLINED_ONCE = "declined_once"
    """The first card is declined, the second pays."""
    NEVER_PAYS = "never_pays"
    NOT_RECEIVING = "not_receiving"
    """Leaves Stripe's form half done."""
    DISPUTES = "disputes"
    LATE = "late"
    """Applies in the last days, and still waits when the season ends."""


@dataclass(slots=True)
class Character:
    """One invented person."""

    role: str
    name: str
    email: str
    town: Town
    genres: list[str]
    fate: Fate | None = None
    facts: dict[str, Any] = field(default_factory=dict[str, Any])
    """What their application says."""
    user_id: str = ""
    profile_id: str = ""
    token: str = ""
    refresh: str = ""
    token_until: float = 0.0
    signing_in: threading.Lock = field(default_factory=threading.Lock, compare=False, repr=False)
    """A refresh token works once: two hands must not use the same one."""

    @property
    def first_name(self) -> str:
        """How others call them."""
        return self.name.split()[0]


@dataclass(slots=True)
class Cast:
    """Everybody."""

    artists: list[Character]
    hosts: list[Character]
    fans: list[Character]

    @property
    def everyone(self) -> list[Character]:
        """Artists, hosts, fans, in this order."""
        return [*self.artists, *self.hosts, *self.fans]


def make_cast(*, seed: int, people: int) -> Cast:
    """`people` in all: 8 % artists, 12 % hosts, 80 % fans (40, 60 and 400 of 500). Equal seeds give equal people."""
    rng = random.Random(seed)
    artists = max(4, people * 8 // 100)
    hosts = max(6, people * 12 // 100)
    fans = max(10, people - artists - hosts)
    places = [t for t in towns() if t.state in REGIONS and t.population >= 15_000]  # noqa: PLR2004 - towns one has heard of
    taken: set[str] = set()
    cast = Cast(
        artists=[_artist(rng, places, taken) for _ in range(artists)],
        hosts=[_host(rng, places, taken) for _ in range(hosts)],
        fans=[_person(rng, "fan", places, taken) for _ in range(fans)],
    )
    _deal_fates(rng, cast)
    return cast


def _person(rng: random.Random, role: str, places: list[Town], taken: set[str]) -> Character:
    while True:
        first, last = rng.choice(FIRST), rng.choice(LAST)
        email = f"{first}.{last}@{role}s.example".lower()
        if email not in taken:
            taken.add(email)
            break
        number = rng.randint(2, 99)
        email = f"{first}.{last}{number}@{role}s.example".lower()
        if email not in taken:
            taken.add(email)
            break
    return Character(
        role=role,
        name=f"{first} {last}",
        email=email,
        town=rng.choice(places),
        genres=rng.sample(GENRES, rng.randint(1, 3)),
    )


def _artist(rng: random.Random, places: list[Town], taken: set[str]) -> Character:
    person = _person(rng, "artist", places, taken)
    stage = person.name if rng.random() < 0.4 else f"{rng.choice(BAND_FIRST)} {rng.choice(BAND_LAST)}"  # noqa: PLR2004 - some use their own
    slug = stage.lower().replace(" ", "")
    person.facts = {
        "stageName": stage,
        "bio": f"{stage} has played living rooms from {person.town.label} outward and brings a small PA.",
        "genres": person.genres,
        "city": person.town.name,
        "state": person.town.state,
        "performanceVideoUrl": f"https://video.example/{slug}",
        "musicProfileUrl": f"https://music.example/{slug}",
        "pressPhotoUrl": f"https://photos.example/{slug}.jpg",
        "socialLinks": {"instagram": f"https://instagram.example/{slug}"},
        "typicalSetLength": rng.choice((45, 60, 75, 90)),
        "travelRadius": rng.choice((200, 300, 400, 600)),
        "minGuaranteeCents": rng.choice((0, 10_000, 15_000, 20_000, 25_000)),
        "preferredBookingAdvance": rng.choice((21, 30, 45)),
    }
    return person


def _host(rng: random.Random, places: list[Town], taken: set[str]) -> Character:
    person = _person(rng, "host", places, taken)
    last = person.name.split()[-1]
    street = rng.choice(STREETS)
    person.facts = {
        "venueName": rng.choice(VENUES).format(word=_venue_word(person), first=person.first_name),
        "venueType": rng.choice(("home", "home", "home", "loft", "warehouse", "other")),
        "city": person.town.name,
        "state": person.town.state,
        "indoorCapacity": rng.choice((12, 14, 16, 20, 24)),
        "outdoorCapacity": rng.choice((0, 0, 20, 40)),
        "preferredGenres": person.genres,
        "hostingExperience": rng.randint(0, 12),
        "venuePhotoUrls": [f"https://photos.example/{last.lower()}-{n}.jpg" for n in (1, 2)],
        "hostingMotivation": "Our friends keep asking for music that one can hear breathe.",
        "address": {
            "street": f"{rng.randint(2, 998)} {street} {rng.choice(('Street', 'Avenue', 'Lane', 'Road'))}",
            "postcode": f"{rng.randint(10_000, 62_000):05}",
            "latitude": round(person.town.latitude + rng.uniform(-0.02, 0.02), 6),
            "longitude": round(person.town.longitude + rng.uniform(-0.02, 0.02), 6),
        },
    }
    return person


def _venue_word(host: Character) -> str:
    """From the mail address and not from the season's dice: what is a name must not change what happens."""
    return random.Random(host.email).choice(VENUE_WORDS)


def _deal_fates(rng: random.Random, cast: Cast) -> None:
    """Hand out what is to happen, in the proportions of a real season, and at least once each."""
    _deal(
        rng,
        cast.artists,
        {Fate.REJECTED: 0.15, Fate.ASKED: 0.08, Fate.DECLINED_ONCE: 0.03, Fate.NOT_RECEIVING: 0.03, Fate.LATE: 0.08},
    )
    _deal(rng, cast.hosts, {Fate.REJECTED: 0.05, Fate.ASKED: 0.08, Fate.NOT_RECEIVING: 0.03, Fate.LATE: 0.05})
    _deal(rng, cast.fans, {Fate.NEVER_PAYS: 0.5, Fate.DECLINED_ONCE: 0.02, Fate.DISPUTES: 0.0025})


def _deal(rng: random.Random, group: list[Character], shares: dict[Fate, float]) -> None:
    free = list(group)
    rng.shuffle(free)
    for fate, share in shares.items():
        for _ in range(max(1, round(share * len(group)))):
            if len(free) > 2:  # noqa: PLR2004 - somebody must be left to whom nothing happens
                free.pop().fate = fate
