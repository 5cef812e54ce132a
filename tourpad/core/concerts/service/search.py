"""Keeping the table that search reads true: called by whatever changes a concert, in the same transaction."""

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert

from tourpad.core.concerts.models import Concert, ConcertSearchRow
from tourpad.core.concerts.queries import searching
from tourpad.core.work import Work


def refresh(work: Work, concert: Concert) -> None:
    """Make the search table's row of one concert what it must be, or take it away. Lock the concert first."""
    work.session.flush()
    row = searching.truth_of(work, concert)
    if row is None:
        work.session.execute(delete(ConcertSearchRow).where(ConcertSearchRow.id == concert.id))
        return
    new = insert(ConcertSearchRow).values(row)
    work.session.execute(
        new.on_conflict_do_update(
            index_elements=["id"], set_={name: new.excluded[name] for name in row if name != "id"}
        )
    )


def rebuild(work: Work) -> int:
    """Make the whole table anew (the list of known genres has grown). Answers how many concerts are in it."""
    work.session.execute(delete(ConcertSearchRow))
    for concert in searching.every_concert(work):
        refresh(work, concert)
    return len(searching.table(work))
