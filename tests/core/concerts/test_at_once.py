"""One statement takes a request for seats, or does nothing: what it takes is what `ask` would have made of it."""

from collections import Counter
from collections.abc import Callable
from contextlib import contextmanager
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING, Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from tests.factories.bookings import Pair, in_days, make_pair
from tests.factories.concerts import announce, make_concert, make_fan
from tourpad.core.concerts import procedures, service
from tourpad.core.concerts.queries import at_once
from tourpad.core.errors import TourPadError
from tourpad.core.identity import queries, tokens
from tourpad.core.identity.service import sessions
from tourpad.core.outbox import queue
from tourpad.web.routes.rsvps import RsvpAnswer, rsvp_out, status_word

if TYPE_CHECKING:
    from collections.abc import Generator

    from tourpad.core.platform import Platform
    from tourpad.core.work import Work

EXAMPLES = 1_500 if settings.get_current_profile_name() == "long" else 40
REQUESTS = (None, "", "  ", " vegan,\r\nplease ") * 6 + ("x" * 1_001, "a\x07b")
"""What a fan has written to the host; the last two are refused."""


@pytest.fixture
def pair(work: "Work") -> Pair:
    return make_pair(work)


@given(seed=st.integers(0, 2**48))
@settings(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_it_takes_what_ask_takes_and_writes_what_ask_writes(work: "Work", pair: Pair, seed: int) -> None:
    case = _case(Random(seed).choice)  # drawn evenly, where hypothesis would begin with what is plainest
    with _back(work):
        concert = announce(work, pair, day=in_days(work, 40), **case["doors"])
        for name, value in case["show"].items():
            setattr(concert, name, value)
        concert.seats_taken = min(concert.seats_taken, concert.max_capacity)
        if case["begins_in"] is not None:
            concert.starts_at = work.now + timedelta(seconds=case["begins_in"])
        fan = _person(work, case["fan"])
        if case["before"] is not None:
            _asked_before(work, concert.id, fan, case["before"])
        work.session.flush()
        wanted = {"concert_id": concert.id, "user_id": fan, **case["wanted"]}
        with _back(work):
            slow = _ordinary(work, wanted)
        quick = _at_once(work, wanted)
    # All that is taken by `ask` is taken by the statement, but for what waits, and what is private.
    is_plain = not case["show"]["is_private"] and case["fan"] != "old terms"  # refused before `ask` is reached
    assert quick == (slow if slow[0] in ("approved", "pending") and is_plain else None)


def _case(choice: Callable[[Any], Any]) -> dict[str, Any]:
    """A show, a fan and a party; a third of them are taken."""
    guests = choice((1, 1, 1, 2, 2, 2, 3, 3, 3, 0, 21))
    names = ("Bo", " Al  Li ", "Cy", "Di")
    return {
        "doors": choice(({"door": 0}, {"door": 1_500}, {"minimum": 0}, {"minimum": 500})),
        "show": {
            "max_capacity": choice((1, 2, 3, 4, 30, 30)),
            "seats_taken": choice((0, 0, 1, 2, 3)),
            "requires_approval": choice((True, False)),
            "max_party": choice((1, 2, 20, 20, 20)),
            "asks_names": choice((True, False)),
            "is_private": choice((False,) * 11 + (True,)),
            "state": choice(("scheduled",) * 20 + ("live", "completed", "cancelled")),
            "moved_count": choice((0, 2)),
        },
        "begins_in": choice((None,) * 8 + (-1, 0, 1, 3_600)),
        "fan": choice(("fan",) * 30 + ("approved", "suspended", "old terms", "artist")),
        "before": choice((None,) * 10 + ("waitlisted", "declined", "cancelled", "cancelled")),
        "wanted": {
            "guests_count": guests,
            "special_requests": choice(REQUESTS),
            "companions": names[: max(0, choice((guests - 1,) * 6 + (0, guests)))],
        },
    }


def _person(work: "Work", kind: str) -> UUID:
    """A fan who is a member; or somebody who may not ask."""
    from tests.factories.profiles import make_person
    from tourpad.core.identity.models import User

    if kind == "artist":
        return make_person(work, "artist").id
    fan = make_fan(work, state=kind if kind in ("approved", "suspended") else "active")
    if kind == "old terms":
        work.session.get_one(User, fan).terms_version = "1999"
    return fan


def test_a_show_that_needs_a_number_of_people_is_for_ask_until_it_has_them(work: "Work") -> None:
    concert = announce(work, make_pair(work), day=in_days(work, 40))
    concert.minimum_attendance, concert.minimum_by = 2, work.now + timedelta(days=3)
    work.session.flush()
    fan = make_fan(work)
    assert _at_once(work, _wanted(concert.id, fan)) is None
    concert.minimum_reached_at = work.now
    work.session.flush()
    with _back(work):
        slow = _ordinary(work, _wanted(concert.id, fan))
    assert _at_once(work, _wanted(concert.id, fan)) == slow


def test_what_was_overtaken_is_not_told(work: "Work") -> None:
    concert = make_concert(work)
    fan = make_fan(work)
    rsvp_id = _take(work, _wanted(concert.id, fan))
    service.leave(work, concert_id=concert.id, user_id=fan)
    told = _counted(work, fan)
    assert not _tell(work, rsvp_id)
    assert _counted(work, fan) == told
    assert work.session.scalar(text("SELECT count(*) FROM rsvp_news")) == 0


def test_a_worker_that_dies_leaves_what_another_tells_once(platform: "Platform", clock: Any) -> None:
    from tourpad.core.actors import operator
    from tourpad.core.concerts.models import RsvpNews

    with platform.work(operator("test")) as work:
        concert_id, fans = make_concert(work).id, [make_fan(work) for _ in range(3)]
        for fan in fans:
            _take(work, _wanted(concert_id, fan))
        work.commit()
    with platform.work(operator("test")) as work:
        assert len(queue.claim(work, RsvpNews, limit=2)) == 2
        work.commit()  # and is heard of no more
    me = operator("test")
    assert procedures.tell_due(platform, me) == {"told": 1, "passed": 0, "failed": 0}
    clock.advance(queue.LEASE + timedelta(seconds=1))
    assert procedures.tell_due(platform, me) == {"told": 2, "passed": 0, "failed": 0}
    assert procedures.tell_due(platform, me) == {"told": 0, "passed": 0, "failed": 0}
    with platform.work(operator("test")) as work:
        assert [_counted(work, fan) for fan in fans] == [Counter(rsvp_approved=1)] * 3


def test_one_that_can_t_be_told_does_not_keep_others_from_it(platform: "Platform", clock: Any) -> None:
    from tourpad.core.actors import operator

    with platform.work(operator("test")) as work:
        show = make_concert(work)
        bad, good = make_fan(work), make_fan(work)
        first = _take(work, _wanted(show.id, bad))
        _take(work, _wanted(show.id, good))
        work.commit()
    # A policy that nobody has words for.
    with platform.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE rsvps DROP CONSTRAINT ck_rsvps_door_policy")
        connection.exec_driver_sql("UPDATE rsvps SET door_policy = 'x' WHERE id = %s", (first,))
    assert procedures.tell_due(platform, operator("test")) == {"told": 1, "passed": 0, "failed": 1}
    with platform.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE rsvps SET door_policy = 'flexible' WHERE id = %s", (first,))
    clock.advance(timedelta(minutes=1))
    assert procedures.tell_due(platform, operator("test")) == {"told": 1, "passed": 0, "failed": 0}


def _wanted(concert_id: UUID, user_id: UUID) -> dict[str, Any]:
    return {
        "concert_id": concert_id,
        "user_id": user_id,
        "guests_count": 1,
        "special_requests": None,
        "companions": (),
    }


@contextmanager
def _back(work: "Work") -> "Generator[None]":
    """Whatever is written inside is taken back."""
    inner = work.session.begin_nested()
    try:
        yield
    finally:
        inner.rollback()
        work.session.expire_all()


def _asked_before(work: "Work", concert_id: UUID, fan: UUID, state: str) -> None:
    from tourpad.core.concerts.models import Rsvp

    fan_id = work.session.scalar(text("SELECT id FROM fans WHERE user_id = :id"), {"id": fan})
    if fan_id is not None:
        work.add(
            Rsvp(
                fan_id=fan_id,
                concert_id=concert_id,
                state=state,
                guests_count=1,
                fee_cents=0,
                requested_at=work.now - timedelta(days=1),
                state_changed_at=work.now,
            )
        )


def _session(work: "Work", user_id: UUID) -> tuple[Any, ...]:
    token = sessions.begin(work, user=queries.get_user(work, user_id)).access_token
    claims = tokens.read_access(work.settings.secret, token, now=work.now)
    return claims.session_id, claims.user_id, work.now, claims.issued_at


def _ordinary(work: "Work", wanted: dict[str, Any]) -> tuple[Any, ...]:
    """What `ask` answers, and every row that it leaves; or why it refuses."""
    try:
        rsvp = service.ask(work, **wanted)
    except TourPadError as error:
        return (error.code,)
    work.session.flush()
    from tourpad.core.concerts.models import Concert

    concert = work.session.get_one(Concert, rsvp.concert_id)
    return _outcome(work, RsvpAnswer(rsvp=rsvp_out(rsvp, concert), status=status_word(rsvp, concert)), rsvp.id)


def _at_once(work: "Work", wanted: dict[str, Any]) -> tuple[Any, ...] | None:
    """The same by one statement, told at once; nothing where it took nothing. Then nothing was written, either."""
    before = _rows(work)
    found = _run(work, wanted)
    if found is None:
        assert _rows(work) == before
        return None
    rsvp, concert = found
    answer = RsvpAnswer(rsvp=rsvp_out(rsvp, concert), status=status_word(rsvp, concert))
    assert _tell(work, rsvp.id)
    return _outcome(work, answer, rsvp.id)


def _run(work: "Work", wanted: dict[str, Any]) -> Any:
    statement = at_once.ask_of(**wanted, now=work.now, settings=work.settings)
    if statement is None:
        return None
    parameters = (*_session(work, wanted["user_id"]), *statement.parameters)
    connection: Any = work.session.connection().connection.driver_connection
    rows = connection.execute(statement.text, parameters).fetchall()
    work.session.expire_all()
    return at_once.taken_in(rows) if rows else None


def _take(work: "Work", wanted: dict[str, Any]) -> UUID:
    found = _run(work, wanted)
    assert found is not None
    return found[0].id


def _tell(work: "Work", rsvp_id: UUID) -> bool:
    from tourpad.core.concerts.models import RsvpNews

    return service.tell_of(work, item=work.session.get_one(RsvpNews, rsvp_id))


def _outcome(work: "Work", answer: RsvpAnswer, rsvp_id: UUID) -> tuple[Any, ...]:
    """The answer's bytes and all rows, the ids of what is new made the same."""
    raw = msgspec.json.encode(answer).replace(str(rsvp_id).encode(), b"ID")
    return answer.rsvp.status.value, raw, _rows(work, rsvp_id)


def _rows(work: "Work", new: UUID | None = None) -> dict[str, list[str]]:
    """Every row of the tables that a request can touch, as text, without the ids of rows that it made."""
    found: dict[str, list[str]] = {}
    for table, without in (
        ("rsvps", ()),
        ("concerts", ()),
        ("notifications", ("id",)),
        ("mails", ("id",)),
        ("audit_log", ("id", "number")),
        ("rsvp_news", ()),
        ("concert_search", ()),
    ):
        keys = "".join(f" - '{name}'" for name in without)
        rows = work.session.execute(text(f"SELECT (to_jsonb(t){keys})::text FROM {table} t"))  # noqa: S608 - from above
        found[table] = sorted(row[0].replace(str(new), "ID") for row in rows)
    return found


def _counted(work: "Work", user_id: UUID) -> Counter[str]:
    """Mails to somebody about seats, by their template."""
    rows = work.session.execute(
        text("SELECT template FROM mails WHERE user_id = :id AND template LIKE 'rsvp%'"), {"id": user_id}
    )
    return Counter(row[0] for row in rows)
