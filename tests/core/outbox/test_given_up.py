"""Work that was given up, of any kind: it is counted, listed, seen by the doctor, and can be revived."""

import json
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.command import Command
from tests.factories.bookings import make_pair
from tests.factories.concerts import make_concert, make_fan, seat
from tourpad.core.actors import operator
from tourpad.core.concerts import procedures
from tourpad.core.concerts.models import RsvpNews
from tourpad.core.errors import NotFoundError
from tourpad.core.outbox import queries, queue, service
from tourpad.core.outbox.states import ItemState

if TYPE_CHECKING:
    from uuid import UUID

    from tourpad.core.clock import VirtualClock
    from tourpad.core.platform import Platform
    from tourpad.core.work import Work

ACTOR = operator("test")
KINDS = [
    "mails",
    "media_tasks",
    "rsvp_news",
    "stripe_customers",
    "stripe_events",
    "subscription_endings",
    "usage_events",
]


def note(work: "Work", *, state: ItemState = ItemState.WAITING, attempts: int = 3) -> "UUID":
    """Somebody is to be told of a request."""
    rsvp = seat(work, make_concert(work, make_pair(work), door=0), 1, fan=make_fan(work))
    work.session.add(RsvpNews(id=rsvp.id, due_at=work.now, item_state=state, attempts=attempts, last_error="no page"))
    work.session.flush()
    return rsvp.id


def test_every_kind_is_counted_by_what_is_left_to_do(work: "Work", clock: "VirtualClock") -> None:
    note(work)
    note(work)
    note(work, state=ItemState.DEAD)
    begun = clock.now()
    clock.advance(timedelta(minutes=3))
    found = {one.kind: one for one in queries.standings(work)}
    assert list(found) == KINDS
    news = found["rsvp_news"]
    assert (news.waiting, news.working, news.dead, news.oldest_due) == (2, 0, 1, begun)
    assert (found["stripe_events"].dead, found["stripe_events"].oldest_due) == (0, None)


def test_what_was_given_up_is_found_and_tried_again(
    platform: "Platform", environment: dict[str, str], clock: "VirtualClock"
) -> None:
    cli = Command({**environment, "DATABASE_URL": platform.database_url, "TOURPAD_CLOCK": clock.now().isoformat()})
    with platform.work(ACTOR) as work:
        rsvp_id = note(work, attempts=queue.MAX_ATTEMPTS - 1)
        work.commit()
    # A policy that nobody has words for.
    with platform.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE rsvps DROP CONSTRAINT ck_rsvps_door_policy")
        connection.exec_driver_sql("UPDATE rsvps SET door_policy = 'x'")
    assert procedures.tell_due(platform, ACTOR) == {"told": 0, "passed": 0, "failed": 1}

    listed = cli("jobs", "dead", "--json").json
    assert [(item["kind"], item["id"], item["attempts"]) for item in listed["items"]] == [
        ("rsvp_news", str(rsvp_id), queue.MAX_ATTEMPTS)
    ]
    assert "'x'" in listed["items"][0]["last_error"]
    assert listed["total"] == 1
    parts = {part["part"]: part for part in json.loads(cli("doctor", "--json").stdout)["parts"]}
    assert (parts["given up"]["state"], parts["given up"]["seen"]) == ("failed", "1 of rsvp_news")
    assert parts["given up"]["advice"] == "tourpad jobs dead"

    assert cli("jobs", "revive", "mails").exit_code == 3
    assert cli("jobs", "revive", "letters").exit_code == 3
    assert cli("jobs", "dead", "--kind", "letters").exit_code == 2
    revived = cli("jobs", "revive", "rsvp_news", str(rsvp_id)[-8:])
    assert revived.stderr + revived.stdout == "1 of rsvp_news is tried again by the next run of the job.\n"
    assert cli("jobs", "dead", "--json").json == {"items": [], "total": 0}
    with platform.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE rsvps SET door_policy = 'moderate'")
    clock.advance(timedelta(minutes=1))
    done = procedures.tell_due(platform, ACTOR)
    assert (done["told"] + done["passed"], done["failed"]) == (1, 0)


def test_only_what_was_given_up_is_revived_and_it_is_on_record(work: "Work") -> None:
    waits, gone = note(work), note(work, state=ItemState.DEAD)
    with pytest.raises(NotFoundError):
        service.revive(work, kind="rsvp_news", item_id=waits)
    assert service.revive(work, kind="rsvp_news") == 1
    revived = work.session.get_one(RsvpNews, gone)
    assert (revived.item_state, revived.attempts) == (ItemState.WAITING, 0)
    from tourpad.core.audit.models import AuditEntry

    entry = work.session.query(AuditEntry).filter_by(action="item.revive").one()
    assert (entry.target_type, entry.target_id) == ("rsvp_news", gone)
