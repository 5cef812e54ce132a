"""Asking for seats in one statement, which does the whole thing or nothing.

It takes plain requests only; for everything else (no seats, a private show, a request before, somebody who may not ask)
it writes nothing, and `service.ask` decides and says why. So what is refused, and in which words, stands there alone.
What is taken here must be what `ask` would have made of it: a test holds the two against each other over random shows,
fans and parties (decision 65).

Under a lock: the UPDATE waits for whoever has the concert, and then PostgreSQL holds its conditions against the row as
it has become. Only the fan's other requests are seen as they were when the statement began; that there are not two open
ones is the unique index's to see, which ends the statement (`psycopg.errors.UniqueViolation`).
"""

from collections import namedtuple
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any, Final, LiteralString, cast
from uuid import UUID

from tourpad.core.bookings.states import DoorMode, Policy
from tourpad.core.concerts import rules
from tourpad.core.concerts.models import Concert, Rsvp
from tourpad.core.concerts.queries.hot import OPEN_ROWS, Statement
from tourpad.core.concerts.states import ConcertState, RsvpState
from tourpad.core.fields import Fields
from tourpad.core.identity.queries import SIGN_IN, SIGN_IN_COLUMNS
from tourpad.core.identity.states import UserState, UserType
from tourpad.core.ids import new_id
from tourpad.core.settings import Settings

_COLUMNS: Final = tuple(column.name for column in Rsvp.__table__.columns)
_Taken: Any = namedtuple("_Taken", (*_COLUMNS, "currency"))  # noqa: PYI024  # pyright: ignore[reportUntypedNamedTuple] - the table's columns
"""A party as it was written, and its concert's currency: to be looked at only."""


def ask_of(
    *,
    concert_id: UUID,
    user_id: UUID,
    guests_count: int,
    special_requests: str | None,
    companions: Sequence[str],
    now: datetime,
    settings: Settings,
) -> Statement | None:
    """What takes a plain request for seats; nothing where what was sent in has a fault."""
    found = Fields()
    rules.check_party(found, guests=guests_count, capacity=rules.LARGEST_PARTY)
    names = rules.checked_companions(found, companions, guests=guests_count, wants_all=False)
    text = rules.checked_request(found, special_requests)
    if found.errors:
        return None
    local = settings.is_local
    agreed = (local, settings.terms_version, local, settings.privacy_version, local)
    fits = (guests_count, guests_count, len(names) == guests_count - 1)
    party = (new_id(), guests_count, names, text, guests_count, now + rules.PAY_WITHIN, now, now)
    return Statement(_text(), (guests_count, user_id, concert_id, *agreed, now, *fits, *party, now))


def taken_in(rows: Sequence[tuple[Any, ...]]) -> tuple[Rsvp, Concert] | None:
    """The party that the row of `ask_of` holds, and what its answer tells of the concert; nothing where none was taken.

    Both are to be looked at only.
    """
    row = rows[0]
    if row[SIGN_IN_COLUMNS] is None:
        return None
    taken = _Taken._make(row[SIGN_IN_COLUMNS:])
    taken = taken._replace(state=RsvpState(taken.state), door_policy=Policy(taken.door_policy))
    return cast("Rsvp", taken), cast("Concert", taken)


@cache
def _text() -> LiteralString:
    first = {wants: rules.first_state(fits=True, requires_approval=wants) for wants in (False, True)}
    return cast(
        "LiteralString",
        f"""
        WITH me (user_type, user_state, name, lacks_second_factor, is_adult, terms_version, privacy_version)
        AS MATERIALIZED ({SIGN_IN}),
        seats AS (
            UPDATE concerts c SET seats_taken = c.seats_taken + %s
            FROM me, fans f
            WHERE f.user_id = %s AND c.id = %s
                AND me.user_type = '{UserType.FAN}' AND me.user_state = '{UserState.ACTIVE}'
                AND (me.is_adult OR %s)
                AND (me.terms_version = %s OR me.terms_version IS NULL AND %s)
                AND (me.privacy_version = %s OR me.privacy_version IS NULL AND %s)
                AND c.state = '{ConcertState.SCHEDULED}' AND c.starts_at > %s AND NOT c.is_private
                AND (c.minimum_attendance = 0 OR c.minimum_reached_at IS NOT NULL)
                AND c.max_party >= %s AND c.max_capacity - c.seats_taken >= %s AND (NOT c.asks_names OR %s)
                AND NOT EXISTS (
                    SELECT FROM rsvps r WHERE r.fan_id = f.id AND r.concert_id = c.id
                        AND r.state IN ({OPEN_ROWS})
                )
                AND NOT EXISTS (
                    SELECT FROM rsvps r WHERE r.concert_id = c.id AND r.state = '{RsvpState.DECLINED}'
                        AND r.fan_id = f.id
                )
            RETURNING c.id AS concert_id, f.id AS fan_id, c.requires_approval, c.starts_at, c.door_policy, c.currency,
                CASE c.door_mode WHEN '{DoorMode.FIXED}' THEN c.door_fee_cents ELSE c.door_minimum_cents END AS price
        ),
        party AS (
            INSERT INTO rsvps (id, fan_id, concert_id, state, guests_count, companions, special_requests, fee_cents,
                door_policy, expires_at, requested_at, state_changed_at)
            SELECT %s, fan_id, concert_id,
                CASE WHEN requires_approval THEN '{first[True]}' ELSE '{first[False]}' END,
                %s, %s::text[], %s::text, price * %s, door_policy,
                CASE WHEN price > 0 AND NOT requires_approval THEN least(%s, starts_at) END, %s, %s
            FROM seats
            RETURNING *
        ),
        news AS (INSERT INTO rsvp_news (id, due_at) SELECT id, %s FROM party)
        SELECT me.*, {", ".join(f"party.{name}" for name in _COLUMNS)}, seats.currency
        FROM me LEFT JOIN (party JOIN seats ON true) ON true
        """,  # noqa: S608 - of names written here
    )
