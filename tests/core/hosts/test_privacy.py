"""A home stays private: where its public point may lie, and what it may be drawn from."""

from collections import Counter
from math import atan2, cos, degrees, radians

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tourpad.core.actors import Actor, job_actor, operator, person
from tourpad.core.hosts import privacy
from tourpad.core.hosts.errors import AddressNotReleased
from tourpad.core.hosts.states import LookReason
from tourpad.core.ids import new_id
from tourpad.core.places import Point, destination, distance_metres, find_town

HOME = Point(39.975312, -83.002135)
HOMES = st.builds(Point, st.floats(17, 72), st.floats(-180, -65))
KEYS = st.binary(min_size=0, max_size=64)


@given(KEYS, HOMES)
def test_the_public_point_lies_in_the_ring(key: bytes, home: Point) -> None:
    assert 299.9 <= distance_metres(home, privacy.public_point(key, home)) <= 1000.1


@given(KEYS, HOMES)
def test_one_key_draws_one_point(key: bytes, home: Point) -> None:
    assert privacy.public_point(key, home) == privacy.public_point(key, home)


def test_every_spot_of_the_ring_is_equally_likely() -> None:
    draws = 20_000
    points = [privacy.public_point(n.to_bytes(4, "big"), HOME) for n in range(draws)]
    # Five rings of equal area, and eight directions: each holds its share, give or take five standard deviations.
    inner, outer = privacy.RING_METRES
    rings = Counter(int((distance_metres(HOME, p) ** 2 - inner**2) / (outer**2 - inner**2) * 5) for p in points)
    sides = Counter(
        int(
            (
                degrees(atan2((p.longitude - HOME.longitude) * cos(radians(HOME.latitude)), p.latitude - HOME.latitude))
                % 360
            )
            / 45
        )
        for p in points
    )
    for counts, parts in ((rings, 5), (sides, 8)):
        share = 1 / parts
        spread = 5 * (draws * share * (1 - share)) ** 0.5
        assert set(counts) == set(range(parts))
        assert all(abs(count - draws * share) < spread for count in counts.values()), counts


def test_the_homes_of_many_are_not_in_the_middle_of_their_points() -> None:
    """People took a drawn circle for random and their home for its middle: a point is never nearer than 300 m."""
    nearest = min(distance_metres(HOME, privacy.public_point(bytes([n]), HOME)) for n in range(256))
    assert nearest >= privacy.RING_METRES[0]


def test_without_the_secret_nobody_draws_the_same_point() -> None:
    key = privacy.address_key(street="12 Mill Lane", postcode="43215")
    ours = privacy.draw("a secret", exact=HOME, key=key).point
    assert privacy.draw("another secret", exact=HOME, key=key).point != ours
    assert privacy.draw("a secret", exact=HOME, key=key).point == ours


@pytest.mark.parametrize(
    ("street", "postcode"),
    [("12 Mill Lane", "43215"), ("12  mill ln.", "43215-1234"), ("12 MILL LANE", "43215")],
)
def test_one_address_draws_one_point_however_it_is_spelled_and_whoever_lists_it(street: str, postcode: str) -> None:
    expected = privacy.address_key(street="12 Mill Lane", postcode="43215")
    assert privacy.address_key(street=street, postcode=postcode) == expected


@given(st.floats(0, 249), st.floats(0, 6.28), st.binary(min_size=1, max_size=8))
def test_fixes_of_one_home_draw_one_way_from_it(metres: float, bearing: float, secret: bytes) -> None:
    """Many accounts list it, each with another fix: the way to the point is the same, so their mean is no home."""
    key = privacy.address_key(street="12 Mill Lane", postcode="43215")
    other = destination(HOME, metres=metres, bearing=bearing)
    first, second = (privacy.draw(secret.hex(), exact=fix, key=key).point for fix in (HOME, other))
    assert abs(distance_metres(HOME, first) - distance_metres(other, second)) < 1
    assert abs(distance_metres(first, second) - metres) < 1


def test_another_address_draws_another_point() -> None:
    keys = {
        privacy.address_key(street=street, postcode="43215")
        for street in ("12 Mill Lane", "14 Mill Lane", "12 Hill Lane")
    }
    assert len(keys) == 3


def test_a_point_drawn_around_the_towns_middle_does_not_give_a_later_address_away() -> None:
    """Everybody knows the middle, so everybody knows that draw's way; the home's own draw must go another."""
    town = find_town("Columbus OH")
    assert town is not None
    near_middle = destination(town, metres=400, bearing=1.0)
    host_id = new_id()
    first = privacy.draw("secret", exact=town, key=privacy.middle_key(host_id=host_id, place=town.label))
    later = privacy.draw(
        "secret",
        exact=near_middle,
        key=privacy.address_key(street="1 High Street", postcode="43215"),
    )
    way = (first.point.latitude - town.latitude, first.point.longitude - town.longitude)
    guess = Point(later.point.latitude - way[0], later.point.longitude - way[1])
    assert distance_metres(guess, near_middle) > 50


@pytest.mark.parametrize(("metres", "kept"), [(0, True), (249, True), (251, False), (5000, False)])
def test_a_correction_keeps_the_point_and_a_move_does_not(metres: float, kept: bool) -> None:
    assert privacy.keeps_point(HOME, destination(HOME, metres=metres, bearing=0.7)) is kept


@pytest.mark.parametrize(
    ("name", "people", "shown"),
    [
        ("Mara Lovelock", 900_000, "Mara Lovelock"),
        ("Mara Lovelock", 3_000, "Mara"),
        ("Mara", 3_000, "Mara"),
        ("", 10, ""),
    ],
)
def test_in_a_small_town_people_go_by_their_first_name(name: str, people: int, shown: str) -> None:
    assert privacy.public_name(name, town_population=people) == shown


ME, CONCERT = new_id(), new_id()
ARTIST = person(ME, "artist")


@pytest.mark.parametrize(
    ("actor", "reason", "for_me", "for_a_concert", "allowed"),
    [
        (ARTIST, LookReason.ARTIST, True, True, True),
        (ARTIST, LookReason.ARTIST, True, False, False),
        (ARTIST, LookReason.ARTIST, False, True, False),
        (ARTIST, LookReason.ADMIN, True, True, False),
        (person(new_id(), "fan"), LookReason.GUEST, True, True, False),
        (person(ME, "fan"), LookReason.GUEST, True, True, True),
        (person(ME, "admin"), LookReason.ADMIN, True, False, True),
        (operator("mara"), LookReason.ADMIN, False, False, True),
        (job_actor("reveal"), LookReason.GUEST, True, True, True),
        (job_actor("reveal"), LookReason.ADMIN, False, False, False),
    ],
)
def test_who_may_look(actor: Actor, reason: LookReason, for_me: bool, for_a_concert: bool, allowed: bool) -> None:
    def look() -> None:
        privacy.check_may_look(
            actor, reason=reason, user_id=ME if for_me else None, concert_id=CONCERT if for_a_concert else None
        )

    if allowed:
        look()
        return
    with pytest.raises(AddressNotReleased):
        look()
