"""A copy of one's data: all of it, nobody else's, and no key to anything."""

import io
import json
import re
import zipfile
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import inspect

from tests.factories.bookings import make_pair
from tests.factories.canaries import CANARY, plant
from tests.factories.concerts import make_concert, make_fan, seat
from tests.factories.identity import bearer, person
from tests.web.api import opened as served
from tourpad.core.actors import operator
from tourpad.core.identity.queries import get_user
from tourpad.core.messaging import service as messaging
from tourpad.core.takeout import procedures
from tourpad.core.takeout.queries import HOLDINGS, NOBODYS

if TYPE_CHECKING:
    from pathlib import Path

    from tests.command import Command
    from tourpad.core.platform import Platform


def opened(data: bytes) -> dict[str, Any]:
    """The tables in an archive."""
    with zipfile.ZipFile(io.BytesIO(data)) as made:
        return {n.removesuffix(".json"): json.loads(made.read(n)) for n in made.namelist() if n.endswith(".json")}


def archive(platform: "Platform", user_id: UUID) -> dict[str, Any]:
    made = io.BytesIO()
    procedures.archive(platform, operator("test"), user_id=user_id, to=made)
    return opened(made.getvalue())


def test_every_table_is_handed_out_or_says_why_not(platform: "Platform") -> None:
    tables = set(inspect(platform.engine).get_table_names())
    handed_out = {holding.model.__tablename__ for holding in HOLDINGS}
    assert tables == handed_out | NOBODYS.keys()
    assert not handed_out & NOBODYS.keys()


def test_all_that_is_held_is_in_it_and_nothing_of_strangers(platform: "Platform") -> None:
    with platform.work(operator("test")) as work:
        pair, strangers = make_pair(work, address=True), make_pair(work, address=True)
        concert, other = make_concert(work, pair, fee=0, door=0), make_concert(work, strangers, fee=0, door=0)
        fan, other_fan = make_fan(work), make_fan(work)
        seat(work, concert, 2, fan=fan)
        seat(work, other, 1, fan=other_fan)
        thread = messaging.begin(work, user_id=pair.artist_user, booking_id=concert.booking_id)
        messaging.send(work, conversation_id=thread.id, user_id=pair.host_user, content="Hello")
        work.commit()
    plant(platform)

    host = archive(platform, pair.host_user)
    assert [row["street"].startswith(CANARY) for row in host["host_addresses"]] == [True]
    assert [row["content"].startswith(CANARY) for row in host["messages"]] == [True]
    assert [row["id"] for row in host["bookings"]] == [str(concert.booking_id)]
    assert "point_key" not in host["host_addresses"][0]
    guest = archive(platform, fan)
    assert [row["concert_id"] for row in guest["rsvps"]] == [str(concert.id)]
    assert guest["rsvps"][0]["special_requests"].startswith(CANARY)
    assert (guest["host_addresses"], guest["bookings"], guest["messages"]) == ([], [], [])
    for mine in (host, guest):
        text = json.dumps(mine)
        for stranger in (strangers.artist_user, strangers.host_user, other_fan, other.id):
            assert str(stranger) not in text


class Page(HTMLParser):
    """The archive's page: its text, its elements, and all that they point to."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: set[str] = set()
        self.points: set[str] = set()
        self.handlers: set[str] = set()
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        self.points |= {value or "" for name, value in attrs if name in {"src", "href", "action"}}
        self.handlers |= {name for name, _ in attrs if name.startswith("on")}

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_archive_opens_with_a_page_that_people_can_read(platform: "Platform") -> None:
    """All that the person can read in it is in the page, as text: nothing in it is run, and nothing is fetched."""
    from tests.core.media.test_procedures import run, upload
    from tests.factories import media as files

    with platform.work(operator("test")) as work:
        pair = make_pair(work, address=True)
        concert = make_concert(work, pair, door=1500)
        thread = messaging.begin(work, user_id=pair.artist_user, booking_id=concert.booking_id)
        said = "<script>alert(1)</script> \"'><img src=x onerror=alert(2)> & https://evil.test/a.png"
        messaging.send(work, conversation_id=thread.id, user_id=pair.host_user, content=said)
        get_user(work, pair.host_user).name = "Mara <b onclick=x>Lovelock</b>"
        work.commit()
    media = upload(platform, pair.host_user, files.picture())
    run(platform)
    plant_but(platform, "messages", "users", "media")

    made = io.BytesIO()
    procedures.archive(platform, operator("test"), user_id=pair.host_user, to=made)
    with zipfile.ZipFile(made) as archive:
        names, html = set(archive.namelist()), archive.read("index.html").decode()
    page = Page(html)
    tables = opened(made.getvalue())
    assert page.elements.isdisjoint({"script", "iframe", "link", "object", "form", "b", "base"})
    assert page.handlers == set()
    inside = {point for point in page.points if not point.startswith("#")}
    assert inside == {f"media/{media.id}.jpeg"} <= names
    assert {point[1:] for point in page.points if point.startswith("#")} == {n for n, rows in tables.items() if rows}
    for shown in ("What TourPad holds on Mara <b onclick=x>Lovelock</b>", "$15.00", "1 March 2026, 12:00 UTC", "yes"):
        assert shown in page.text
    words = {w for w in re.findall(rf"{CANARY}[\w@.-]*", json.dumps(tables)) if "html_body" not in w}
    assert len(words) > 40
    assert {word for word in words if word not in page.text and "headers" not in word} == set()


def plant_but(platform: "Platform", *tables: str) -> None:
    """Canaries everywhere, but what was said in these stays as it is."""
    with platform.engine.begin() as connection:
        kept = {table: connection.exec_driver_sql(f"SELECT * FROM {table}").mappings().all() for table in tables}  # noqa: S608
    plant(platform)
    with platform.engine.begin() as connection:
        for table, rows in kept.items():
            for row in rows:
                for name, value in row.items():
                    if not isinstance(value, str):
                        continue
                    connection.exec_driver_sql(
                        f"UPDATE {table} SET {name} = %(value)s WHERE id = %(id)s",  # noqa: S608 - our own names
                        {"value": value, "id": row["id"]},
                    )


def test_one_gets_it_oneself_and_an_operator_hands_it_out(
    platform: "Platform", cli: "Command", tmp_path: "Path"
) -> None:
    fan = person(platform, "fan")
    with served(platform) as api:
        answer = api.client.get("/api/users/me/export", headers=bearer(platform, fan))
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/zip")
    mine = opened(answer.content)
    assert [row["email"] for row in mine["users"]] == [fan.email]
    assert all("refresh_hash" not in row for row in mine["auth_sessions"])
    assert "argon2" not in json.dumps(mine)

    target = tmp_path / "copy.zip"
    said = cli("users", "export", fan.email, "--output", str(target), "--json")
    assert said.json["rows"]["users"] == 1
    assert target.stat().st_mode & 0o077 == 0
    assert opened(target.read_bytes())["users"] == mine["users"]
    assert [path.name for path in tmp_path.iterdir()] == ["copy.zip"]
    assert cli("users", "export", "nobody@shows.test").exit_code == 3
