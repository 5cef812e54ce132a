"""A world with a canary in every private field, and ways of asking it for all that it has (`test_canaries.py`)."""

import io
import json
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import httpx
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute
from pypdf import PdfReader
from sqlalchemy import inspect, select
from sqlalchemy.exc import DBAPIError

from tests.factories.bookings import make_pair, make_request
from tests.factories.concerts import ask, make_concert, make_fan, pay_door, seat
from tests.factories.profiles import SECRET_POINT, SECRET_POSTCODE, SECRET_STREET, make_person
from tests.web.api import Api
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
    from tourpad.core.platform import Platform

Headers = dict[str, str]
TEXTS = ("TEXT", "VARCHAR", "JSONB", "ARRAY")
HOME = re.compile(
    rf"{SECRET_STREET}|(?<![0-9a-f.]){SECRET_POSTCODE}(?![0-9a-f.])"
    + "".join(rf"|(?<!\d){re.escape(f'{abs(degrees):.6f}'[:-2])}\d" for degrees in SECRET_POINT)
)
"""The street, the postcode (five digits of a request's or a row's id are none), and the point to ten metres."""

TRACES = (SECRET_STREET, SECRET_POSTCODE, *(f"{abs(degrees):.6f}"[:-2] for degrees in SECRET_POINT))
"""What `HOME` can not be without."""

SKIPPED = re.compile(
    r"(^|_)(zone|currency|country|version|label|kind|type|by|mime_type|locale|token|hash|key|id)$|_at$"
)
"""Columns that other code reads as something that a canary is not: a zone, a currency, a key."""

SHAPES = {
    "artists.music_samples": "jsonb_build_array(jsonb_build_object('title', W, 'url', W))",
}
"""Columns that must look like something; W is the canary."""

UNPLANTED = {"alembic_version", "membership_plans", "job_runs", "stripe_events", "concert_facts", "concert_search"}


@dataclass
class World:
    """People with something between them, and strangers of each role."""

    ids: dict[str, UUID]
    who: dict[str, Headers]
    users: dict[str, UUID]
    calendars: list[str]


@dataclass
class Aviary:
    """A world with a canary in every column."""

    api: Api
    world: World
    planted: dict[str, str]


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


def shows_home(said: str) -> bool:
    """Whether `HOME` is in it. Most answers have no trace of it, and the description of the API is long."""
    return any(trace in said for trace in TRACES) and HOME.search(said) is not None


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
