"""Keeping the tables that search reads true: called by whatever changes a concert, in the same transaction."""

from typing import Any

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert

from tourpad.core.concerts.models import Concert, ConcertFacts, ConcertSearchRow
from tourpad.core.concerts.queries import facts, searching
from tourpad.core.work import Work


def refresh(work: Work, concert: Concert) -> None:
    """Make the search tables' rows of one concert what they must be, or take them away. Lock the concert first."""
    work.session.flush()
    row = searching.truth_of(work, concert)
    if row is None:
        work.session.execute(delete(ConcertSearchRow).where(ConcertSearchRow.id == concert.id))
        return
    _write(work, ConcertSearchRow, row)
    _write(work, ConcertFacts, facts.truth_of(work, concert))


def rebuild(work: Work) -> int:
    """Make both tables anew (the list of known genres has grown). Answers how many concerts are in them."""
    work.session.execute(delete(ConcertSearchRow))
    for concert in searching.every_concert(work):
        refresh(work, concert)
    return len(searching.table(work, ConcertSearchRow))


def _write(work: Work, model: type[ConcertSearchRow | ConcertFacts], row: dict[str, Any]) -> None:
    new = insert(model).values(row)
    work.session.execute(
        new.on_conflict_do_update(
            index_elements=["id"], set_={name: new.excluded[name] for name in row if name != "id"}
        )
    )
