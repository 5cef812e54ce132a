"""Lists of people's profiles that are searched: what narrows, orders and turns the pages of all of them."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, func, null, select
from sqlalchemy.orm import Session, aliased

from tourpad.core.database.facets import rated
from tourpad.core.database.free import Span, is_free
from tourpad.core.database.likeness import forgive, likeness, matches
from tourpad.core.database.paging import FAR_MILES, Key, ListSort, Order, meant
from tourpad.core.errors import invalid
from tourpad.core.places import Point
from tourpad.core.places.sql import miles_from, within
from tourpad.core.values import Value

Conditions = dict[str, ColumnElement[bool]]
"""What narrows each facet, by its name."""


class ListFilter(Value, kw_only=True):
    """What all of these lists can be asked for; nothing given means everybody."""

    centre: Point | None = None
    radius_miles: float | None = None
    text: str | None = None
    """Every word must stand in name, town, state or genres, or be like one there."""
    states: tuple[str, ...] = ()
    """Two letters; any of these."""
    genres: tuple[str, ...] = ()
    """Any of these (lower case)."""
    rating_min: float | None = None
    """Stars on average, at least; whoever has no review has none."""
    free: Span | None = None
    """Those who can be asked for one of these days at least."""
    sort: ListSort | None = None

    @property
    def order(self) -> ListSort:
        """The order that is meant."""
        return meant(self.sort, has_text=self.text is not None, has_centre=self.centre is not None)


class Profiles(Value):
    """One such list. The table has `words`, `standing`, `rating_…`, `approved_at`, `state` and `user_id`."""

    of: Any
    """The table of profiles."""
    owner: Any
    """The table of people."""
    is_listed: Callable[[Any, Any], ColumnElement[bool]]
    """Whether a profile is shown, by both tables."""
    place: Callable[[Any], tuple[Key, Key]]
    """Latitude and longitude by which a profile is found."""
    genres: Any
    """The column of genres by which a profile is found."""

    def miles(self, wanted: ListFilter, of: Any = None) -> ColumnElement[Any]:
        """From the middle of the search; nothing where there is none."""
        return null() if wanted.centre is None else miles_from(wanted.centre, *self.place(of or self.of))

    def conditions(self, wanted: ListFilter) -> tuple[list[ColumnElement[bool]], Conditions]:
        """What belongs to no facet, and what narrows those that all lists have."""
        of = self.of
        shared: list[ColumnElement[bool]] = [self.is_listed(of, self.owner)]
        if wanted.text is not None:
            shared.append(matches(of.words, wanted.text))
        if wanted.centre is not None and wanted.radius_miles is not None:
            shared.append(within(wanted.centre, wanted.radius_miles, *self.place(of)))
        if wanted.free is not None:
            shared.append(is_free(of.user_id, wanted.free))
        chosen: Conditions = {}
        if wanted.genres:
            chosen["genres"] = self.genres.overlap(list(wanted.genres))
        if wanted.states:
            chosen["states"] = of.state.in_(wanted.states)
        if wanted.rating_min is not None:
            chosen["ratings"] = rated(wanted.rating_min, of.rating_total, of.rating_count)
        return shared, chosen

    def page(
        self,
        session: Session,
        wanted: ListFilter,
        part: Select[*tuple[Any, ...]],
        narrowed: Iterable[ColumnElement[bool]],
        *,
        page: int,
        limit: int,
        after: UUID | None,
    ) -> Sequence[Row[*tuple[Any, ...]]]:
        """The rows of one page. One query (with a text, a setting before; after an entry that is gone, one more).

        Args:
            session: where.
            wanted: what to look for.
            part: what is selected, of profiles and their owners.
            narrowed: all conditions.
            page: from 1.
            limit: entries on a page.
            after: instead of a page, go on after this entry.

        Raises:
            InvalidInputError: the entry to go on after is not listed any more.
        """
        if wanted.text is not None:
            forgive(session)
        order = self._order(wanted, self.of)
        part = part.where(*narrowed)
        if after is not None:
            other, owner = aliased(self.of), aliased(self.owner)
            last = select(*self._order(wanted, other).keys).join(owner, owner.id == other.user_id)
            part = part.where(order.after(last.where(other.id == after, self.is_listed(other, owner))))
        start = 0 if after else (page - 1) * limit
        rows = session.execute(part.order_by(*order.by()).offset(start).limit(limit)).all()
        if after is not None and not rows:
            self._check_listed(session, after)
        return rows

    def _order(self, wanted: ListFilter, of: Any) -> Order:
        match wanted.order:
            case ListSort.DISTANCE if wanted.centre is not None:
                return Order((func.coalesce(self.miles(wanted, of), FAR_MILES), of.id))
            case ListSort.RATING:
                return Order((of.standing, of.rating_count, of.id), descending=True)
            case ListSort.RELEVANCE if wanted.text is not None:
                return Order((likeness(of.words, wanted.text), of.standing, of.id), descending=True)
            case _:
                return Order((of.approved_at, of.id), descending=True)

    def _check_listed(self, session: Session, profile_id: UUID) -> None:
        of, owner = self.of, self.owner
        listed = select(of.id).join(owner, owner.id == of.user_id)
        if session.scalar(listed.where(of.id == profile_id, self.is_listed(of, owner))) is None:
            raise invalid("after", "is not in this list any more", hint="Ask for the first page again.")
