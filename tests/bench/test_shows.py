"""What the benchmark of shows fills in is true: the rows that the house itself would have written."""

from typing import TYPE_CHECKING

from bench.shows.fill import KNOWN, fill
from tourpad.core.actors import NOBODY

if TYPE_CHECKING:
    from tourpad.core.platform import Platform


def test_what_is_filled_in_is_true(platform: "Platform") -> None:
    from tourpad.core.concerts.models import ConcertFacts, ConcertSearchRow
    from tourpad.core.concerts.queries import facts, searching, seats

    fill(platform.database_url, 600)
    with platform.work(NOBODY) as work:
        concerts = searching.every_concert(work)
        assert len(concerts) == 600
        assert searching.table(work, ConcertSearchRow) == {c.id: searching.truth_of(work, c) for c in concerts}
        told, true = searching.table(work, ConcertFacts), {c.id: facts.truth_of(work, c) for c in concerts}
        for rows in (told, true):
            for row in rows.values():
                row.pop("words")  # searched by no request of the benchmark
        assert told == true
        assert [c.seats_taken for c in concerts] == [seats.seats_truly_taken(work, c.id) for c in concerts]
        assert sum(c.seats_taken for c in concerts) > KNOWN
