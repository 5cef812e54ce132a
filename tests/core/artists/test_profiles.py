"""Artists' profiles: two edits at once, events, and being forgotten."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TYPE_CHECKING, Any

import pytest

from tests.factories.profiles import make_artist, make_person
from tourpad.core.actors import operator
from tourpad.core.errors import NotFoundError

if TYPE_CHECKING:
    from tourpad.core.platform import Platform
    from tourpad.core.work import Work


def test_two_edits_at_once_lose_nothing(platform: "Platform") -> None:
    from tourpad.core.artists import queries, service

    with platform.work(operator("test")) as work:
        user_id = make_person(work, "artist").id
        work.commit()
    start = Barrier(3)

    def edit(changes: dict[str, Any]) -> None:
        with platform.work(operator("test")) as work:
            start.wait()
            service.edit(work, user_id=user_id, changes=changes)
            work.commit()

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(edit, ({"bio": "Words."}, {"travel_radius": 300}, {"genres": ["folk"]})))
    with platform.work(operator("test")) as work:
        artist = queries.get_by_user(work, user_id)
        assert artist is not None
        assert (artist.bio, artist.travel_radius, artist.genres) == ("Words.", 300, ["folk"])


def test_a_change_says_which_fields_and_no_change_says_nothing(work: "Work") -> None:
    from tourpad.core.artists import service
    from tourpad.core.artists.events import ArtistChanged

    artist = make_artist(work, genres=["folk"])
    work.events.clear()
    service.edit(work, user_id=artist.user_id, changes={"genres": ["folk", "jazz"], "city": "Asheville", "state": "NC"})
    service.edit(work, user_id=artist.user_id, changes={"genres": ["folk", "jazz"]})
    assert work.events == [ArtistChanged(artist_id=artist.id, fields=frozenset({"genres"}))]


def test_a_forgotten_artist_is_a_blank_row(work: "Work") -> None:
    from tourpad.core.artists import queries, service

    artist = make_artist(work, bio="Words.", performance_video_url="https://video.example/a")
    service.forget(work, user_id=artist.user_id)
    assert (artist.stage_name, artist.bio, artist.city, artist.performance_video_url, artist.genres) == (
        "erased", None, None, None, [],
    )  # fmt: skip
    with pytest.raises(NotFoundError):
        queries.get_view(work, artist_id=artist.id)


@pytest.mark.parametrize("role", ["host", "fan", "admin"])
def test_only_artists_have_one(work: "Work", role: str) -> None:
    from tourpad.core.artists import service

    with pytest.raises(NotFoundError):
        service.edit(work, user_id=make_person(work, role).id, changes={"bio": "x"})
