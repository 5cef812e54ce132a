"""What is told where usage is counted: that something happened, and nothing of whom it was."""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

import pytest
from sqlalchemy import select

from tests.conftest import settings_of
from tests.factories.bookings import make_booking, make_pair
from tests.factories.identity import make_user
from tourpad.core.actors import NOBODY, job_actor, operator, person
from tourpad.core.bookings.events import BookingRequested
from tourpad.core.concerts.events import ConcertCompleted, RsvpRequested
from tourpad.core.events import Event
from tourpad.core.identity.events import SessionsEnded, UserRegistered
from tourpad.core.identity.service import account
from tourpad.core.identity.states import UserType
from tourpad.core.ids import new_id
from tourpad.core.platform import Platform
from tourpad.core.takeout.queries import held
from tourpad.core.usage import queries, rules
from tourpad.core.usage.models import UsageEvent, UsagePseudonym
from tourpad.core.usage.procedures import send_due

if TYPE_CHECKING:
    from tourpad.core.clock import VirtualClock
    from tourpad.core.work import Work

JOB: Final = job_actor("usage-send")
KEY: Final = "phc_of_a_test"


@dataclass
class Counter:
    """A server that speaks as much of PostHog as is asked of it."""

    status: int = 200
    heard: list[tuple[str, dict[str, Any]]] = field(default_factory=list[tuple[str, dict[str, Any]]])

    @property
    def events(self) -> list[dict[str, Any]]:
        return [event for _, body in self.heard for event in body["batch"]]


@pytest.fixture
def counter() -> Iterator[tuple[Counter, str]]:
    told = Counter()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            told.heard.append((self.path, json.loads(body)))
            self.send_response(told.status)
            self.end_headers()
            self.wfile.write(b'{"status": "Ok"}')

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name
            """Say nothing of it."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield told, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def counting(
    counter: tuple[Counter, str], database: str, environment: dict[str, str], tmp_path: Path, clock: "VirtualClock"
) -> Iterator[Platform]:
    """A platform whose usage is counted."""
    variables = {**environment, "DATABASE_URL": database, "POSTHOG_API_KEY": KEY, "POSTHOG_HOST": counter[1]}
    opened = Platform.open(settings_of(variables, tmp_path), clock=clock)
    yield opened
    opened.close()


def waiting(work: "Work") -> list[UsageEvent]:
    return list(work.session.scalars(select(UsageEvent).order_by(UsageEvent.name)))


def test_a_booking_is_told_as_names_and_numbers(counting: Platform, counter: tuple[Counter, str]) -> None:
    told = counter[0]
    with counting.work(operator("test")) as work:
        pair = make_pair(work, address=True)
        work.commit()
    with counting.work(person(pair.artist_user, "artist")) as work:
        make_booking(work, pair, state="pending")
        work.commit()
    with counting.work(operator("test")) as work:
        whose = queries.find_pseudonym(work, pair.artist_user)
        rows = list(held(work, pair.artist_user))
    assert send_due(counting, JOB) == {"sent": 1, "failed": 0, "lost": 0}
    assert send_due(counting, JOB) == {"sent": 0, "failed": 0, "lost": 0}
    ((path, body),) = told.heard
    (event,) = body.pop("batch")
    assert (path, body) == ("/batch/", {"api_key": KEY})
    assert UUID(event.pop("uuid"))
    assert event == {
        "event": "booking requested",
        "distinct_id": str(whose),
        "timestamp": "2026-03-01T12:00:00Z",
        "properties": {
            "$process_person_profile": False,
            "$geoip_disable": True,
            "$lib": "tourpad",
            "role": "artist",
        },
    }
    # Nothing of what we hold is in it: no id, no name, no day, no place, no word.
    everything = {str(value) for _, found in rows for row in found for value in row.values() if value is not None}
    ours = {one for one in everything if len(one) > 5} - {"artist", str(whose)}
    assert len(ours) > 20
    assert [one for one in ours if one in json.dumps(told.heard)] == []


def test_what_is_counted_is_listed_and_all_else_is_not(counting: Platform) -> None:
    with counting.work(NOBODY) as work:
        ada = make_user(work, "artist", state="pending")
        _count(work, UserRegistered(user_id=ada.id, user_type=UserType.ARTIST))
        _count(work, SessionsEnded(user_id=ada.id))
        asked = RsvpRequested(rsvp_id=new_id(), concert_id=new_id(), fan_user_id=ada.id)
        (row,) = waiting(work)
        assert (row.name, row.role, row.whose) == ("user registered", "artist", queries.find_pseudonym(work, ada.id))
        _count(work, ConcertCompleted(concert_id=new_id()))
        assert [(one.name, one.whose) for one in waiting(work)] == [("concert completed", None), (row.name, row.whose)]
        _count(work, asked)  # by the job that tells of seats that were taken at once
        assert {(one.name, one.whose) for one in waiting(work)} > {("rsvp requested", row.whose)}
    assert {rules.name_of(kind) for kind in rules.COUNTED} >= {"booking requested", "rsvp paid", "payout sent"}
    assert rules.name_of(BookingRequested) == "booking requested"


def _count(work: "Work", event: Event) -> None:
    from tourpad.core.usage.reactions import count

    count(work, event)


def test_an_instant_is_told_to_the_hour() -> None:
    assert rules.to_the_hour(datetime.fromisoformat("2026-03-01T12:59:59.5+00:00")).isoformat() == (
        "2026-03-01T12:00:00+00:00"
    )


def test_while_nobody_answers_it_waits_and_nobody_notices(
    counting: Platform, counter: tuple[Counter, str], clock: "VirtualClock"
) -> None:
    told = counter[0]
    told.status = 503
    with counting.work(operator("test")) as work:
        make_booking(work, state="pending")
        work.commit()
    assert send_due(counting, JOB)["failed"] == 1
    assert send_due(counting, JOB) == {"sent": 0, "failed": 0, "lost": 0}
    first = told.events[0]["uuid"]
    told.status = 200
    clock.advance(timedelta(seconds=30))
    assert send_due(counting, JOB)["sent"] == 1
    assert [event["uuid"] for event in told.events] == [first, first]  # the same telling: it counts once
    told.status = 400
    with counting.work(operator("test")) as work:
        make_booking(work, state="pending")
        work.commit()
    assert send_due(counting, JOB)["lost"] == 1
    with counting.work(operator("test")) as work:
        assert waiting(work) == []  # nothing for an operator to look after


def test_whoever_is_erased_is_nobody_there_either(counting: Platform) -> None:
    with counting.work(operator("test")) as work:
        ada = make_user(work, "fan")
        work.commit()
    with counting.work(person(ada.id, "fan")) as work:
        _count(work, UserRegistered(user_id=ada.id, user_type=UserType.FAN))
        work.commit()
    with counting.work(operator("test")) as work:
        number = queries.find_pseudonym(work, ada.id)
        assert [row.whose for row in waiting(work)] == [number]
        account.erase(work, user_id=ada.id)
        work.commit()
        assert queries.find_pseudonym(work, ada.id) is None
        assert {row.name: row.whose for row in waiting(work)} == {"user erased": None, "user registered": None}


def test_without_a_key_nothing_is_kept_and_what_was_kept_goes(
    counting: Platform, platform: Platform, counter: tuple[Counter, str]
) -> None:
    with platform.work(operator("test")) as work:
        make_booking(work, state="pending")
        assert waiting(work) == []
        work.commit()
    with counting.work(operator("test"), quiet=True) as work:
        make_booking(work, state="pending")  # an import of what happened long ago
        ada = make_user(work, "fan")
        assert waiting(work) == []
        work.commit()
    with counting.work(person(ada.id, "fan")) as work:
        _count(work, UserRegistered(user_id=ada.id, user_type=UserType.FAN))
        work.commit()
    assert send_due(platform, JOB) == {"forgotten": 1}
    with platform.work(operator("test")) as work:
        assert (waiting(work), work.session.scalars(select(UsagePseudonym)).all()) == ([], [])
    assert counter[0].heard == []
