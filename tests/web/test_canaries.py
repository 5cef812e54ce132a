"""Canaries in every private field, and every route asked by everybody: none sings where nobody is entitled to hear it.

Routes come from the application itself and columns from the database, so what is added is covered without a line here.
A column that strangers may read stands in `PUBLIC` with the reason; everything else must not be found.
"""

import io
import json
import logging
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import httpx
import pytest
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute
from pypdf import PdfReader
from sqlalchemy import inspect, select, text
from sqlalchemy.exc import DBAPIError

from tests.factories.bookings import make_pair, make_request
from tests.factories.concerts import ask, make_concert, make_fan, pay_door, seat
from tests.factories.profiles import SECRET_POINT, SECRET_POSTCODE, SECRET_STREET, make_person
from tests.web.api import Api, opened
from tourpad.core.actors import operator
from tourpad.core.agenda import service as agenda
from tourpad.core.availability import service as availability
from tourpad.core.availability.states import FeedBlocks
from tourpad.core.live.sending import note
from tourpad.core.live.signals import Kind, Signal
from tourpad.core.messaging import service as messaging
from tourpad.core.messaging.models import Message, Participant
from tourpad.core.notifications.models import Notification
from tourpad.core.notifications.service import tell
from tourpad.core.notifications.states import Category

if TYPE_CHECKING:
    from tests.postgres import TestServer
    from tourpad.core.clock import VirtualClock
    from tourpad.core.platform import Platform

Headers = dict[str, str]
TEXTS = ("TEXT", "VARCHAR", "JSONB", "ARRAY")
HOME = re.compile(
    rf"{SECRET_STREET}|(?<![\d.]){SECRET_POSTCODE}(?![\d.])"
    + "".join(rf"|(?<!\d){re.escape(f'{abs(degrees):.6f}'[:-2])}\d" for degrees in SECRET_POINT)
)
"""The street, the postcode, and the point to ten metres."""

SKIPPED = re.compile(
    r"(^|_)(zone|currency|country|version|label|kind|type|by|mime_type|locale|token|hash|key|id)$|_at$"
)
"""Columns that other code reads as something that a canary is not: a zone, a currency, a key."""

SHAPES = {
    "artists.music_samples": "jsonb_build_array(jsonb_build_object('title', W, 'url', W))",
}
"""Columns that must look like something; W is the canary."""

UNPLANTED = {"alembic_version", "membership_plans", "job_runs", "stripe_events", "concert_facts", "concert_search"}

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


@dataclass
class World:
    """People with something between them, and strangers of each role."""

    ids: dict[str, UUID]
    who: dict[str, Headers]
    users: dict[str, UUID]
    calendars: list[str]


@pytest.fixture
def api(platform: "Platform") -> Iterator[Api]:
    with opened(platform) as api:
        yield api


@dataclass
class Aviary:
    """A world with a canary in every column."""

    api: Api
    world: World
    planted: dict[str, str]


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


def make_world(api: Api) -> World:
    """A confirmed show with a paid guest and one who waits, words, a trip, a feed; strangers."""
    with api.setting() as work:
        pair, other = make_pair(work, address=True), make_pair(work)
        concert = make_concert(work, pair, capacity=2, door=1500)
        fan, waiting, stranger = make_fan(work), make_fan(work), make_fan(work)
        rsvp = seat(work, concert, 2, fan=fan)
        payment = pay_door(work, rsvp)
        ask(work, concert, 1, fan=waiting)
        request = make_request(work, pair, day=concert.date + timedelta(days=3))
        thread = messaging.begin(work, user_id=pair.artist_user, booking_id=concert.booking_id)
        messaging.send(work, conversation_id=thread.id, user_id=pair.host_user, content="See you soon.")
        day = work.now.date() + timedelta(days=20)
        trip = availability.plan(
            work, user_id=pair.artist_user, values={"state": "OH", "starts_on": day, "ends_on": day, "note": "A duo."}
        )
        weekly = {"kind": "blocked", "repeats": "weekly", "weekdays": ["fr"], "note": "Choir"}
        availability.set_calendar(work, user_id=pair.host_user, open_dates=[day], blocked_dates=[], patterns=[weekly])
        feed = availability.add(
            work, user_id=pair.host_user, url="https://calendar.test/a.ics", name="Mine", blocks=FeedBlocks.ANY
        )
        users = {
            "artist": pair.artist_user,
            "host": pair.host_user,
            "fan": fan,
            "waiting fan": waiting,
            "other artist": other.artist_user,
            "other host": other.host_user,
            "other fan": stranger,
            "pending artist": make_person(work, "artist", state="pending").id,
            "pending host": make_person(work, "host", state="pending").id,
            "admin": make_person(work, "admin").id,
        }
        links = [agenda.renew(work, user_id=users[name]) for name in ("artist", "fan", "other host")]
        ids = {
            "artist_id": pair.artist_id,
            "host_id": pair.host_id,
            "user_id": pair.host_user,
            "concert_id": concert.id,
            "booking_id": request.id,
            "rsvp_id": rsvp.id,
            "payment_id": payment.id,
            "conversation_id": thread.id,
            "trip_id": trip.id,
            "feed_id": feed.id,
        }
    base = api.platform.settings.base_url
    return World(
        ids=ids,
        who={"nobody": {}, **{name: api.sign_in(user_id) for name, user_id in users.items()}},
        users=users,
        calendars=[link.removeprefix(base) for link in links],
    )


def routes(api: Api) -> Iterator[tuple[str, str, HTTPRouteHandler]]:
    """Method, path with `{name}`s, handler."""
    for route in api.client.app.routes:  # type: ignore[attr-defined]  # it is a Litestar
        if isinstance(route, HTTPRoute):
            for handler in route.route_handlers:
                for method in sorted(handler.http_methods - {"OPTIONS", "HEAD"}):
                    yield method, re.sub(r"\{(\w+):\w+\}", r"{\1}", route.path), handler


def read(answer: httpx.Response) -> str:
    """What a person could make of an answer: its text, a PDF's words, a picture's bytes, its headers."""
    said = " ".join(f"{name}: {value}" for name, value in answer.headers.items())
    kind = answer.headers.get("content-type", "")
    if "pdf" in kind:
        reader = PdfReader(io.BytesIO(answer.content))
        words = "\n".join(page.extract_text() for page in reader.pages)
        return f"{said}\n{words}\n{reader.metadata}"
    body = answer.content.decode("utf-8", "replace")
    if "json" in kind:
        with suppress(ValueError):
            body += json.dumps(answer.json(), ensure_ascii=False)  # whatever was escaped
    return f"{said}\n{body}".replace("\r\n ", "")


def crawl(api: Api, world: World, *, name: str) -> Iterator[tuple[str, str]]:
    """Everything that one person can ask for, and what comes back."""
    headers = world.who[name]
    for method, path, _ in routes(api):
        if method != "GET":
            continue
        filled = re.sub(r"\{(\w+)\}", lambda found: str(world.ids.get(found[1], uuid4())), path)
        answer = api.client.get(filled, headers=headers, follow_redirects=False)
        if answer.status_code == 500:  # a column whose canary the code can't read: it belongs into `SHAPES`
            yield f"GET {path}", "kanary000x000q000000"
        yield f"GET {path}", read(answer)
    for path in world.calendars:
        yield "a calendar", read(api.client.get(path))
    for path, query in (
        ("/api/hosts", "location=Columbus OH&radius=30&limit=100"),
        ("/api/concerts", "location=Columbus OH&radius=30"),
        ("/api/artists", "location=Asheville NC&radius=30"),
        ("/api/hosts", "limit=nonsense"),
        ("/api/concerts", f"location={'x' * 90}"),
    ):
        yield f"GET {path}?{query}", read(api.client.get(f"{path}?{query}", headers=headers))


def listens(api: Api, world: World, *, name: str) -> Iterator[tuple[str, str]]:
    """What a socket tells one person when all that was ever written, read and told is told to everybody once more."""
    everybody = tuple(world.users.values())
    with api.setting() as work:
        written = [
            Signal(Kind.MESSAGE, everybody, (m.conversation_id, m.id)) for m in work.session.scalars(select(Message))
        ]
        read_by = [
            Signal(Kind.RECEIPT, everybody, (p.conversation_id, p.user_id))
            for p in work.session.scalars(select(Participant))
        ]
        news = [Signal(Kind.NOTIFICATION, everybody, (id,)) for id in work.session.scalars(select(Notification.id))]
    with api.client.websocket_connect("/api/ws", headers=world.who[name]) as socket:
        ready = socket.receive_json()
        with api.setting() as work:
            for signal in (*written, *read_by, *news):
                note(work, signal)
            tell(
                work,
                user_id=world.users[name],
                template="account_reinstated",
                category=Category.SYSTEM,
                dedupe_key=f"the end for {name}",
            )
        socket.send_json({"type": "resume", "after": ready["id"]})
        socket.send_json({"type": "resume", "after": "nowhere"})
        for ending in ("notification", "error"):
            while True:
                said = socket.receive_json()
                yield "the socket", json.dumps(said, ensure_ascii=False)
                if said["type"] == ending and "kanary" not in json.dumps(said):
                    break


def refusals(api: Api, world: World, *, name: str) -> Iterator[tuple[str, str]]:
    """What comes back on every other route for a body that makes no sense."""
    for method, path, _ in routes(api):
        if method in {"POST", "PUT", "PATCH"} and path != "/api/auth/logout":  # it would end the crawl's session
            filled = re.sub(r"\{(\w+)\}", lambda found: str(world.ids.get(found[1], uuid4())), path)
            answer = api.client.request(method, filled, headers=world.who[name], json={"canary": 1})
            yield f"{method} {path}", read(answer)


def plant(platform: "Platform") -> dict[str, str]:
    """Put a canary into every column of text that takes one. Answers where each sits, by its first part."""
    planted = {"kanary000x000q": "a failure"}
    columns = {table: found for (_, table), found in inspect(platform.engine).get_multi_columns().items()}
    with platform.engine.begin() as connection:
        for number, table in enumerate(sorted(columns)):
            if table in UNPLANTED:
                continue
            for place, column in enumerate(columns[table]):
                kind, name = type(column["type"]).__name__, column["name"]
                if kind not in TEXTS or SKIPPED.search(name):
                    continue
                bird = f"kanary{number:03}x{place:03}q"
                word = f"'{bird}' || right(id::text, 6)"
                shape = SHAPES.get(f"{table}.{name}")
                values = (
                    [shape.replace("W", word)]
                    if shape
                    else {
                        "JSONB": [f"jsonb_build_object('title', {word}, 'beds', {word})", f"jsonb_build_array({word})"],
                        "ARRAY": [f"ARRAY[{word}]"],
                    }.get(kind, [word, f"{word} || '@shows.test'"])
                )
                for value in values:
                    try:
                        with connection.begin_nested():
                            statement = f'UPDATE {table} SET "{name}" = {value}'  # noqa: S608
                            changed = connection.exec_driver_sql(statement).rowcount
                    except DBAPIError:
                        continue
                    if changed:
                        planted[bird] = f"{table}.{name}"
                    break
    return planted


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


def own_rows(platform: "Platform", user_id: UUID) -> set[str]:
    """The ends of the ids of everything that is a person's own (what an export would hand out)."""
    from tourpad.core.takeout.queries import HOLDINGS

    ends: set[str] = set()
    with platform.work(operator("test")) as work:
        from sqlalchemy import select

        for holding in HOLDINGS:
            ids = work.session.scalars(select(holding.model.id).where(holding.whose(user_id)))
            ends |= {str(row)[-6:] for row in ids}
    return ends


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
                if HOME.search(said):
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
        assert not HOME.search(said)
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
