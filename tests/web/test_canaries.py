"""Canaries in every private field, and every route asked by everybody: none sings where nobody is entitled to hear it.

Routes come from the application itself and columns from the database, so what is added is covered without a line here.
A column that strangers may read stands in `PUBLIC` with the reason; everything else must not be found.
"""

import io
import logging
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from tests.factories.bookings import make_pair
from tests.web.api import Api, opened
from tests.web.aviary import Aviary, crawl, listens, make_world, own_rows, plant, refusals, shows_home
from tourpad.core.actors import operator

if TYPE_CHECKING:
    from tests.postgres import TestServer
    from tourpad.core.clock import VirtualClock

PUBLIC: dict[str, str] = {
    "artists": "a public profile",
    "hosts": "the public half of a profile",
    "user_profiles.website_url": "on the public profile",
    "user_profiles.social_links": "on the public profile",
    "users.name": "hosts’ names, in larger towns in full",
    "concerts.title": "announced",
    "concerts.description": "announced",
    "reviews.review_text": "published",
    "reviews.response_text": "published",
    "reviews.response": "published",
    "media.title": "on the public profile",
    "media.description": "on the public profile",
    "media.caption": "on the public profile",
    "media.alt_text": "on the public profile",
}
"""Tables and columns that strangers may read, and why."""


@pytest.fixture(scope="module")
def aviary(server: "TestServer", tmp_path_factory: pytest.TempPathFactory) -> Iterator[Aviary]:
    """One for both crawls, which ask and change nothing."""
    from tests.conftest import START
    from tourpad.core.clock import VirtualClock
    from tourpad.core.platform import Platform
    from tourpad.core.settings import load_settings

    folder, database = tmp_path_factory.mktemp("aviary"), server.clone()
    environment = {
        "TOURPAD_ENV": "test",
        "TOURPAD_HOME": str(folder),
        "TOURPAD_SECRET": "a secret for tests that is long enough to sign with",
        "TOURPAD_PASSWORD_MEMORY_KIB": "64",
        "DATABASE_URL": database,
    }
    platform = Platform.open(load_settings(environ=environment, folder=folder), clock=VirtualClock(START))
    with opened(platform) as api:
        world = make_world(api)
        yield Aviary(api, world, plant(platform))
    platform.close()
    server.drop(database)


def is_public(where: str) -> bool:
    return where in PUBLIC or where.partition(".")[0] in PUBLIC


WAYS = ("GET /api/concerts/{concert_id}", "GET /api/concerts/{concert_id}/calendar.ics")
"""Where the home is shown to whoever is entitled to it, with the look on record."""

NEVER = re.compile(
    r"^(host_addresses|credentials|email_tokens|recovery_codes|second_factors|application_notes|calendar_feeds\.sealed_url"
    r"|calendar_feeds\.url_hash|calendar_links|auth_sessions\.refresh_hash|users\.email)"
)
"""What not even the two sides of a show, or its guests, are told of one another."""


def test_no_canary_sings_for_strangers(aviary: Aviary, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, logger="tourpad")
    api, world, planted = aviary.api, aviary.world, aviary.planted
    assert {"host_addresses.street", "host_addresses.arrival_notes", "messages.content"} <= set(planted.values())
    own = {name: str(world.users[name])[-6:] for name in world.users}
    wrong: set[str] = set()
    for name in ("nobody", "other artist", "other host", "other fan", "pending artist", "pending host"):
        mine = own_rows(api.platform, world.users[name]) if name in own else set()
        socket = listens(api, world, name=name) if name in own else ()
        for where, said in (*socket, *crawl(api, world, name=name), *refusals(api, world, name=name)):
            for bird, row in set(re.findall(r"(kanary\d{3}x\d{3}q)([0-9a-f]{6})", said)):
                if not is_public(planted[bird]) and row not in mine:
                    wrong.add(f"{name}: {where}: {planted[bird]}")
    assert not wrong, "\n".join(sorted(wrong))
    logged = {planted[bird] for bird in re.findall(r"kanary\d{3}x\d{3}q", caplog.text)}
    assert logged == set()


def test_whoever_has_to_do_with_a_show_is_told_nothing_of_the_others_that_is_not_theirs(
    aviary: Aviary, caplog: pytest.LogCaptureFixture
) -> None:
    """Mail addresses, keys, reviewers’ notes, and the home: the artist sees the last, a guest not yet."""
    caplog.set_level(logging.DEBUG, logger="tourpad")
    api, world, planted = aviary.api, aviary.world, aviary.planted
    wrong: set[str] = set()
    heard: dict[str, set[str]] = {}
    told: dict[str, set[str]] = {}
    for name in ("artist", "host", "fan", "waiting fan"):
        mine = own_rows(api.platform, world.users[name])
        socket = listens(api, world, name=name)
        for where, said in (*socket, *crawl(api, world, name=name), *refusals(api, world, name=name)):
            for bird, row in set(re.findall(r"(kanary\d{3}x\d{3}q)([0-9a-f]{6})", said)):
                column = planted[bird]
                heard.setdefault(name, set()).add(column)
                if where == "the socket":
                    told.setdefault(name, set()).add(column)
                if not NEVER.match(column) or row in mine:
                    continue
                if name == "artist" and column.startswith("host_addresses.") and where in WAYS:
                    continue
                wrong.add(f"{name}: {where}: {column}")
    assert not wrong, "\n".join(sorted(wrong))
    # The crawl reaches what it should: whoever is entitled does hear.
    assert {"host_addresses.street", "messages.content"} <= heard["artist"]
    assert {"host_addresses.street", "host_addresses.arrival_notes"} <= heard["host"]
    assert "host_addresses.street" not in heard["fan"] | heard["waiting fan"]
    news = {"notifications.title", "notifications.message"}
    assert {name: columns & (news | {"messages.content"}) for name, columns in told.items()} == {
        "artist": news | {"messages.content"},
        "host": news | {"messages.content"},
        "fan": news,
        "waiting fan": news,
    }


def test_the_street_is_in_no_mail_no_log_and_no_paper_and_reaches_guests_only_in_time(
    api: Api, clock: "VirtualClock", caplog: pytest.LogCaptureFixture
) -> None:
    """A show from its request to the day after, with every job run: the one place that has the street is its page."""
    from tourpad.jobs.timetable import TIMETABLE

    caplog.set_level(logging.DEBUG, logger="tourpad")
    world = make_world(api)
    with api.setting() as work:
        from tourpad.core.concerts.models import Concert

        concert = work.session.get_one(Concert, world.ids["concert_id"])
        starts, ends = concert.starts_at, concert.ends_at
    silent = [job for job in TIMETABLE if job.name in LOCAL_JOBS]
    assert {job.name for job in silent} == LOCAL_JOBS
    page = f"/api/concerts/{world.ids['concert_id']}"
    knows: dict[str, list[str]] = {}
    moments = {
        "early": starts - timedelta(days=10),
        "49 h before": starts - timedelta(hours=49),
        "47 h before": starts - timedelta(hours=47),
        "after": ends + timedelta(days=8),
    }
    for moment, instant in moments.items():
        clock.set(instant)
        for job in silent:
            job.run(api.platform, operator("test"))
        for name, user_id in world.users.items():
            world.who[name] = api.sign_in(user_id)
        for name in ("artist", "host", "fan", "waiting fan", "other fan", "other artist", "admin"):
            for where, said in crawl(api, world, name=name):
                if shows_home(said):
                    knows.setdefault(f"{name}, {moment}", []).append(where)
    own = list(WAYS)
    assert {key: sorted(set(places)) for key, places in knows.items() if not key.startswith("host")} == {
        "artist, early": own,
        "artist, 49 h before": own,
        "artist, 47 h before": own,
        "fan, 47 h before": own,
    }
    with api.platform.engine.begin() as connection:
        mails = list(connection.execute(text("SELECT m::text FROM mails m")).scalars())
        news = list(connection.execute(text("SELECT n::text FROM notifications n")).scalars())
        looks = connection.execute(text("SELECT reason, count(*) FROM address_looks GROUP BY 1")).all()
    assert len(mails) > 8
    for said in (*mails, *news, caplog.text):
        assert not shows_home(said)
    assert {reason for reason, _ in looks} == {"artist of a confirmed booking", "approved guest"}
    assert api.client.get(page, headers=world.who["host"]).status_code == 200


def test_no_picture_of_a_home_tells_where_it_is(api: Api) -> None:
    """Telephones write the place into photos. What is published is drawn anew, byte by byte."""
    from PIL import Image

    from tests.factories.media import CANARY, picture_with_place
    from tests.web.test_media import path_of, process, upload

    with api.setting() as work:
        pair = make_pair(work, address=True)
    host, artist = api.sign_in(pair.host_user), api.sign_in(pair.artist_user)
    for kind, mime_type in (("JPEG", "image/jpeg"), ("PNG", "image/png"), ("WEBP", "image/webp")):
        upload(api, host, picture_with_place(kind), category="exterior", mimeType=mime_type)
    process(api)
    said = api.client.get(f"/api/hosts/{pair.host_id}", headers=artist).text
    links = set(re.findall(r'"(http[^"]+/media/[^"]+)"', said))
    assert len(links) == 6
    for link in links:
        published = api.client.get(path_of(link)).content
        for hidden in (CANARY.encode(), b"Exif", b"EXIF", b"GPS", b"xmp", b"XMP", b"exif", b"ICC", b"iTXt", b"tEXt"):
            assert hidden not in published
        with Image.open(io.BytesIO(published)) as image:
            assert (dict(image.getexif()), set(image.info) & {"exif", "xmp", "icc_profile", "comment"}) == ({}, set())


LOCAL_JOBS = {
    "concerts-remind",
    "concerts-advance",
    "bookings-remind",
    "bookings-expire",
    "rsvps-lapse",
    "trips-tell",
    "looks-tell",
}
"""Those that tell people something, and call nobody outside."""
