"""Roles that may do less than the house's own user: the database says so. One serves search, one the hot statements."""

from typing import Final

from sqlalchemy import text
from sqlalchemy.orm import Session

SEARCH: Final = "tourpad_search"
"""One for the whole server; what it may read is said in each database, by the migrations."""

HOT: Final = "tourpad_hot"
"""Likewise: what the statements of `web/hot.py` need (decision 66)."""

_ENTER: Final = text(f"SET LOCAL ROLE {SEARCH}")


def become_search(session: Session) -> None:
    """For the rest of this transaction, read as the role that serves search.

    Local to the transaction, so that it works behind a pooler that hands connections round.

    Raises:
        sqlalchemy.exc.ProgrammingError: later, by the database, for a table that the role may not read.
    """
    session.execute(_ENTER)
