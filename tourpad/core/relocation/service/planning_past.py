"""The same look at history: bookings, shows and reviews, each after those that it names."""

from datetime import date
from typing import TYPE_CHECKING, Final

from tourpad.core.bookings.states import BookingState
from tourpad.core.errors import FieldError
from tourpad.core.relocation import past
from tourpad.core.relocation.past import CleanBooking
from tourpad.core.relocation.shape import Line, check_names
from tourpad.core.relocation.states import Kind, Standing

if TYPE_CHECKING:
    from tourpad.core.relocation.service.planning import Entry, Planner


FOLLOWS: Final = "can't come in"
"""How faults begin that another one has brought about."""


def look_at_past(planner: "Planner") -> None:
    """Check all lines of history."""
    _bookings(planner)
    _concerts(planner)
    _reviews(planner)


def _bookings(planner: "Planner") -> None:
    held: dict[tuple[str, str, date], Line] = {}
    for line in planner.contents.lines[Kind.BOOKINGS]:
        if planner.is_settled(line):
            continue
        faults = check_names(line.kind, line.said)
        clean, wrong = past.check_booking(line.said, now=planner.work.now)
        faults += planner.untold(wrong, faults)
        standing = Standing.NEW
        for field, kind in (("artist_id", Kind.ARTISTS), ("host_id", Kind.HOSTS)):
            standing = _after(planner, line, field, kind, faults, standing)
            if clean is None or clean.course.state is not BookingState.COMPLETED:
                continue
            day = (field, str(line.said.get(field)), clean.terms.date)
            if day in held and not any(fault.field == "requested_date" for fault in faults):
                faults.append(FieldError("requested_date", f"is that of {held[day].place}, of the same {kind[:-1]}"))
            held.setdefault(day, line)
        planner.settle(line, faults, standing=standing, clean=clean)


def _concerts(planner: "Planner") -> None:
    seen: dict[str, Line] = {}
    for line in planner.contents.lines[Kind.CONCERTS]:
        if planner.is_settled(line):
            continue
        faults = check_names(line.kind, line.said)
        clean, wrong = past.check_concert(line.said)
        faults += planner.untold(wrong, faults)
        standing = _after(planner, line, "booking_id", Kind.BOOKINGS, faults, Standing.NEW)
        _check_played(planner, line, faults)
        booking = str(line.said.get("booking_id"))
        if booking in seen:
            faults.append(FieldError("booking_id", f"has a show in {seen[booking].place} already"))
        seen.setdefault(booking, line)
        planner.settle(line, faults, standing=standing, clean=clean)


def _reviews(planner: "Planner") -> None:
    seen: dict[tuple[str, str], Line] = {}
    for line in planner.contents.lines[Kind.REVIEWS]:
        if planner.is_settled(line):
            continue
        faults = check_names(line.kind, line.said)
        clean, wrong = past.check_review(line.said, now=planner.work.now)
        faults += planner.untold(wrong, faults)
        standing = _after(planner, line, "booking_id", Kind.BOOKINGS, faults, Standing.NEW)
        standing = _after(planner, line, "reviewer_id", Kind.USERS, faults, standing)
        booking = _check_played(planner, line, faults)
        writer = str(line.said.get("reviewer_id"))
        if booking is not None and not faults and writer not in _sides(planner, booking):
            faults.append(FieldError("reviewer_id", f"is neither side of {booking.line.place}"))
        key = (str(line.said.get("booking_id")), writer)
        if key in seen:
            faults.append(FieldError("reviewer_id", f"has reviewed it in {seen[key].place} already"))
        seen.setdefault(key, line)
        planner.settle(line, faults, standing=standing, clean=clean)


def _after(  # noqa: PLR0917 - one look at one reference, three callers above
    planner: "Planner", line: Line, field: str, kind: Kind, faults: list[FieldError], standing: Standing
) -> Standing:
    """What a reference makes of a line: nobody's, at fault with it, or gone with it."""
    if field not in line.said:
        return standing
    name = str(line.said[field])
    there = planner.entries[kind].get(name)
    earlier = planner.find(kind, name)
    if there is None and earlier is None:
        faults.append(FieldError(field, f"is nothing: {name} stands neither in {kind}.jsonl nor was brought before"))
    elif there is not None and there.standing is Standing.AT_FAULT:
        faults.append(FieldError(field, f"{FOLLOWS}: see {there.line.place}"))
    elif (there is not None and there.standing is Standing.ERASED) or (earlier is not None and earlier.is_erased):
        return Standing.ERASED
    return standing


def _check_played(planner: "Planner", line: Line, faults: list[FieldError]) -> "Entry | None":
    """The booking that a line is of, where it stands in the same folder; a fault where it was not played."""
    booking = planner.entries[Kind.BOOKINGS].get(str(line.said.get("booking_id")))
    if booking is None or not isinstance(booking.clean, CleanBooking):
        return None
    if booking.clean.course.state is not BookingState.COMPLETED:
        faults.append(FieldError("booking_id", f"was not played: {booking.line.place} is {booking.clean.course.state}"))
    return booking


def _sides(planner: "Planner", booking: "Entry") -> set[str]:
    """The accounts on both sides, as far as they stand in the same folder."""
    found: set[str] = set()
    for field, kind in (("artist_id", Kind.ARTISTS), ("host_id", Kind.HOSTS)):
        profile = planner.entries[kind].get(str(booking.line.said.get(field)))
        if profile is None:
            # Brought before: the verb looks.
            return {str(line.said.get("reviewer_id")) for line in planner.contents.lines[Kind.REVIEWS]}
        found.add(str(profile.line.said.get("user_id")))
    return found
