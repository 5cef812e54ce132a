"""`python -m bench.shows.bare PORT`: the same statements behind Litestar, with nothing of the house around them."""

import asyncio
import os
import sys
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from functools import cache
from typing import Any
from uuid import UUID

import psycopg
import uvicorn
from litestar import Litestar, get, post

from bench.shows.questions import NOBODY, taking
from tourpad.core.concerts.queries import hot
from tourpad.core.concerts.queries.at_once import taken_in
from tourpad.core.concerts.queries.wanted import Search
from tourpad.core.identity.queries import SIGN_IN
from tourpad.core.places import find_town
from tourpad.web.concerts import concert_out
from tourpad.web.facets import list_pagination
from tourpad.web.routes.concert_lists import ConcertsAnswer
from tourpad.web.routes.concerts import ONLOOKER, ConcertAnswer, detail
from tourpad.web.routes.rsvps import RsvpAnswer, RsvpIn, rsvp_out, status_word

CONNECTIONS = 10
_free: list[psycopg.AsyncConnection[tuple[Any, ...]]] = []
_places = asyncio.Semaphore(CONNECTIONS)
_last: dict[str, Any] = {}


@asynccontextmanager
async def connection() -> AsyncGenerator[psycopg.AsyncConnection[tuple[Any, ...]]]:
    """One of a few."""
    async with _places:
        one = (
            _free.pop()
            if _free
            else await psycopg.AsyncConnection.connect(
                os.environ["DATABASE_URL"], autocommit=True, options="-c timezone=UTC"
            )
        )
        yield one
        _free.append(one)


@cache
def unsigned(text: str) -> bytes:
    """A statement that signs nobody in."""
    return text.replace(SIGN_IN, NOBODY).encode()


async def rows_of(text: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
    """The statement, signed in as nobody."""
    async with connection() as one:
        cursor = await one.execute(unsigned(text), parameters, prepare=True)
        return await cursor.fetchall()


@get("/healthz", sync_to_thread=False)
def healthz() -> str:
    """It answers."""
    return "ok"


@get("/api/concerts")
async def concerts(location: str, start: str, end: str, genres: str) -> ConcertsAnswer:
    """A page."""
    town = find_town(location)
    assert town is not None
    wanted = Search(
        centre=town.point,
        radius_miles=50.0,
        start=date.fromisoformat(start),
        end=date.fromisoformat(end),
        genres=(genres,),
    )
    statement = hot.page_of(wanted, page=1, limit=20)
    assert statement is not None
    views, total = hot.page_in(await rows_of(statement.text, statement.parameters))
    answer = ConcertsAnswer(
        concerts=[concert_out(view) for view in views],
        pagination=list_pagination(page=1, limit=20, total=total, ids=[view.concert.id for view in views]),
        filters=None,
    )
    _last["list"] = answer
    return answer


@get("/api/concerts/{concert_id:uuid}")
async def concert(concert_id: UUID) -> ConcertAnswer:
    """One of them."""
    statement = hot.one_of(concert_id, UUID(int=1))
    seen = hot.one_in(await rows_of(statement.text, statement.parameters), UUID(int=1))
    assert seen is not None
    answer = ConcertAnswer(concert=detail(seen.view, ONLOOKER, None, address=None, refunds=None))
    _last["detail"] = answer
    return answer


@post("/api/concerts/{concert_id:uuid}/rsvp")
async def rsvp(concert_id: UUID, data: RsvpIn) -> RsvpAnswer:
    """Seats, under the concert's lock."""
    assert data.special_requests is not None
    statement = taking(concert_id, UUID(data.special_requests), now=datetime.now(UTC))
    taken = taken_in(await rows_of(statement.text, statement.parameters))
    assert taken is not None
    answer = RsvpAnswer(rsvp=rsvp_out(*taken), status=status_word(*taken))
    _last["rsvp"] = answer
    return answer


@get("/bytes/{name:str}")
async def same_bytes(name: str) -> Any:
    """What was answered last, from memory."""
    return _last[name]


if __name__ == "__main__":
    app = Litestar(
        [healthz, concerts, concert, rsvp, same_bytes], openapi_config=None, logging_config=None, debug=False
    )
    uvicorn.run(app, port=int(sys.argv[1]), log_level="warning", access_log=False, server_header=False)
