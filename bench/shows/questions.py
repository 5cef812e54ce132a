"""What is asked: the same towns, concerts and seats of everybody who is measured."""

import re
import subprocess
from datetime import UTC, datetime, timedelta
from itertools import count, cycle, islice
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import psycopg

from bench.shows.fill import KNOWN
from bench.shows.load import Request
from bench.shows.servers import SECRET
from tourpad.core.concerts.queries import at_once, hot
from tourpad.core.concerts.queries.hot import Statement
from tourpad.core.concerts.queries.wanted import Search
from tourpad.core.database import embedded
from tourpad.core.identity import tokens
from tourpad.core.identity.queries import SIGN_IN
from tourpad.core.places import find_town
from tourpad.core.settings import Env, Settings

ASKING = KNOWN - 50
"""So many of the known fans ask for seats over HTTP; the others by pgbench."""
PGBENCH = 50
"""Connections of pgbench at most: a server with a hundred has those of both APIs beside them."""
NOBODY = "SELECT 'fan', 'active', 'Ada', false, true, NULL::text, NULL::text"
"""Instead of a sign-in: a row that costs nothing."""
PLACES = ("Columbus OH", "Portland OR", "Austin TX", "Nashville TN", "Boston MA", "Chicago IL", "Denver CO", "Akron OH")
KINDS = ("folk", "jazz", "blues")


def taking(concert_id: UUID, user_id: UUID, *, now: datetime) -> Statement:
    """The statement by which TourPad takes a request for one seat."""
    found = at_once.ask_of(
        concert_id=concert_id,
        user_id=user_id,
        guests_count=1,
        special_requests=str(user_id),
        companions=(),
        now=now,
        settings=Settings(env=Env.TEST),
    )
    assert found is not None
    return found


class Questions:
    """Requests and statements for each of the three."""

    def __init__(self, url: str, n: int, folder: Path) -> None:
        self._url, self._n, self._folder = url, n, folder
        self._turn = Random(7)  # noqa: S311 - so that a run repeats
        now = datetime.now(UTC)
        with psycopg.connect(url) as connection:
            sessions = connection.execute(
                "SELECT id, user_id FROM generate_series(0, %s - 1) i"
                " JOIN auth_sessions s ON s.id = md5('session' || i)::uuid ORDER BY i",
                (KNOWN,),
            ).fetchall()
            self._concerts: list[UUID] = [
                row[0] for row in connection.execute("SELECT id FROM concerts ORDER BY md5(id::text) LIMIT 5000")
            ]
        self._tokens = [
            tokens.mint_access([SECRET], user_id=user, session_id=session, now=now, life=timedelta(hours=12))
            for session, user in sessions
        ]
        self._fans: list[UUID] = [user for _, user in sessions]
        self._pairs = self._all_pairs()
        self._from = now.date() + timedelta(days=20)

    def searches(self) -> list[tuple[str, Search]]:
        """Paths of lists, and what they mean."""
        found: list[tuple[str, Search]] = []
        for place in PLACES:
            town = find_town(place)
            assert town is not None
            for genre in KINDS:
                end = self._from + timedelta(days=45)
                wanted = Search(centre=town.point, radius_miles=50.0, start=self._from, end=end, genres=(genre,))
                query = f"location={place.replace(' ', '+')}&start={self._from}&end={end}&genres={genre}"
                found.append((f"/api/concerts?{query}", wanted))
        return found

    def http(self, name: str, *, signed_in: bool) -> list[Request]:
        """Requests in a random order."""
        if name == "rsvp":
            pairs = list(islice(self._pairs, 20_000))
            return [
                Request(
                    "POST", f"/api/concerts/{concert}/rsvp", self._head(who if signed_in else None), self._body(who)
                )
                for who, concert in pairs
            ]
        if name == "list":
            paths = [path for path, _ in self.searches()]
        else:
            paths = [f"/api/concerts/{concert}" for concert in self._concerts[:2_000]]
        self._turn.shuffle(paths)
        people = cycle(range(KNOWN))
        return [Request("GET", path, self._head(next(people) if signed_in else None)) for path in paths]

    def bytes(self, name: str) -> list[Request]:
        """For the framework alone, that answers what it was asked last."""
        return [Request("GET", f"/bytes/{name}")]

    def pgbench(self, name: str, connections: int, seconds: int) -> float:
        """The same statements by PostgreSQL's own load generator, sign-in left out; transactions a second."""
        files: list[str] = []
        for number, text in enumerate(self._statements(name)):
            path = self._folder / f"{name}-{number}.sql"
            path.write_text(text + "\n", encoding="utf-8")
            files += ["-f", str(path)]
        most = min(connections, PGBENCH)
        options = ("-n", "-M", "prepared", "-c", str(most), "-j", "1", "-T", str(seconds))
        command = [str(embedded.program("pgbench")), *options, *files, self._url]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(done.stderr[-600:])
        found = re.search(r"tps = ([\d.]+) \(without", done.stdout)
        assert found, done.stdout
        return float(found[1])

    def _statements(self, name: str) -> list[str]:
        if name == "list":
            asked = [hot.page_of(wanted, page=1, limit=20) for _, wanted in self.searches()]
            return [f"{self._written(s.text, s.parameters)};" for s in asked if s is not None]
        if name == "detail":
            some = [hot.one_of(concert, UUID(int=1)) for concert in self._concerts[:24]]
            return [f"{self._written(s.text, s.parameters)};" for s in some]
        # Each time another show and a fresh id for the party, as whoever asks would make it. Each connection has a fan
        # of its own: two requests of one fan at once would end pgbench.
        show, fan = UUID(int=1), UUID(int=2)
        asked = taking(show, fan, now=datetime.now(UTC))
        party = next(value for value in asked.parameters if isinstance(value, UUID) and value not in (show, fan))
        text = f"{self._written(asked.text, asked.parameters)};"
        for value, drawn in (
            (show, "md5('concert' || :show)::uuid"),
            (fan, "md5('fanu' || :fan)::uuid"),
            (party, "gen_random_uuid()"),
        ):
            text = text.replace(f"'{value.hex}'::uuid", drawn)
        shows = f"\\set show random(0, {self._n - 1})"
        return [f"{shows}\n\\set fan {ASKING} + mod(:client_id, {KNOWN - ASKING})\n{text}"]

    def _written(self, text: str, parameters: tuple[Any, ...]) -> str:
        with psycopg.connect(self._url) as connection:
            said = psycopg.ClientCursor(connection).mogrify(text.replace(SIGN_IN, NOBODY).encode(), parameters)
        return " ".join(said.split())

    def _all_pairs(self) -> Any:
        """Every fan of those who ask over HTTP, with every show, each once."""
        for turn in count():
            for number, concert in enumerate(self._concerts):
                yield (number * 7 + turn) % ASKING, concert

    def _head(self, who: int | None) -> str:
        return "" if who is None else f"Authorization: Bearer {self._tokens[who]}\r\n"

    def _body(self, who: int) -> str:
        return f'{{"guestsCount":1,"specialRequests":"{self._fans[who]}"}}'
