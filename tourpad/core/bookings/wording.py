"""Terms as people read them (pure): for mails, screens and papers."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from tourpad.core.bookings.policies import in_words
from tourpad.core.bookings.states import DoorMode
from tourpad.core.bookings.terms import Change, Terms, differences
from tourpad.core.masking import mask
from tourpad.core.money import Money, format_money
from tourpad.core.notifications.render import clock_face
from tourpad.core.payments.states import PaymentKind
from tourpad.core.values import Value, replace

LABELS: Mapping[str, str] = {
    "date": "date",
    "time": "begins",
    "duration": "length",
    "artist_fee_cents": "guarantee",
    "door_fee_cents": "door",
    "door_mode": "guests pay",
    "door_minimum_cents": "at least",
    "door_suggested_cents": "suggested",
    "artist_door_bps": "artist’s share",
    "fee_policy": "guarantee returned",
    "door_policy": "door fees returned",
    "expected_attendance": "expected",
    "minimum_attendance": "minimum",
    "minimum_notice_days": "minimum reached",
    "maximum_attendance": "maximum",
    "lodging_requested": "stays the night",
    "lodging_details": "lodging",
    "house_rules": "house rules",
}
"""What a term is called on a screen."""

SHORTENED = 60
"""Characters of a long text that are shown of it."""


class Said(Value):
    """One change in words."""

    label: str
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.label}: {self.before} → {self.after}"


def shown(text: str | None, *, confirmed_at: datetime | None) -> str | None:
    """What one side wrote, as it is shown until the booking is confirmed: without ways of meeting elsewhere."""
    return text if text is None or confirmed_at is not None else mask(text).text


def shown_terms(terms: Terms, *, confirmed_at: datetime | None) -> Terms:
    """Terms with what people wrote into them shown so, too."""
    if confirmed_at is not None:
        return terms
    details = {name: mask(said).text if isinstance(said, str) else said for name, said in terms.lodging_details.items()}
    return replace(terms, house_rules=shown(terms.house_rules, confirmed_at=None), lodging_details=details)


def said(change: Change, currency: str) -> Said:
    """One change in words: `guarantee: $200.00 → $150.00`."""
    return Said(
        LABELS[change.field],
        term(change.field, change.before, currency),
        term(change.field, change.after, currency),
    )


def all_said(before: Terms, after: Terms, currency: str) -> list[Said]:
    """Everything that one version changed of the one before it."""
    return [said(change, currency) for change in differences(before, after)]


def spelled(terms: Terms, currency: str) -> list[tuple[str, str]]:
    """All terms of one version that mean something, label and words, nothing shortened."""
    fixed = terms.door_mode is DoorMode.FIXED
    skipped = {"door_minimum_cents", "door_suggested_cents", "door_mode"} if fixed else {"door_fee_cents"}
    if not terms.minimum_attendance:
        skipped |= {"minimum_attendance", "minimum_notice_days"}
    if not terms.lodging_requested:
        skipped |= {"lodging_details"}
    lines = [
        (label, term(name, getattr(terms, name), currency)) for name, label in LABELS.items() if name not in skipped
    ]
    whole = {
        LABELS["house_rules"]: terms.house_rules or "none",
        LABELS["lodging_details"]: lodging(terms.lodging_details, shorten=False),
        # Whoever signs reads what goes back, not what we call it.
        LABELS["fee_policy"]: f"{terms.fee_policy}: {in_words(PaymentKind.BOOKING, terms.fee_policy)}",
        LABELS["door_policy"]: f"{terms.door_policy}: {in_words(PaymentKind.DOOR_FEE, terms.door_policy)}",
    }
    return [(label, whole.get(label, words)) for label, words in lines]


def term(name: str, value: Any, currency: str) -> str:
    """One term's value in words.

    Args:
        name: of the term, as in `Terms`.
        value: its value.
        currency: of amounts.
    """
    if name.endswith("_cents"):
        return format_money(Money(value, currency)) if value else "nothing"
    return _WORDS.get(name, str)(value)


def day(value: date) -> str:
    """`Sat 21 Nov 2026`."""
    return f"{value:%a} {value.day} {value:%b %Y}"


def lodging(details: Mapping[str, Any], *, shorten: bool = True) -> str:
    """`2 guests, 1 night, a quiet room`."""
    wishes = details.get("special_requests")
    parts = [
        f"{details[name]} {noun}{'' if details[name] == 1 else 's'}"
        for name, noun in (("guests", "guest"), ("nights", "night"))
        if details.get(name) is not None
    ]
    return ", ".join(filter(None, [*parts, _short(wishes) if shorten else wishes])) or "nothing said"


def _short(text: str | None) -> str:
    line = " ".join((text or "").split())
    return line if len(line) <= SHORTENED else f"{line[: SHORTENED - 1].rstrip()}…"


def _percent(bps: int) -> str:
    return f"{bps / 100:g} % of the door"


def _people(count: int) -> str:
    return f"{count} {'person' if count == 1 else 'people'}" if count else "none"


def _notice(days: int) -> str:
    return f"{days} days before the show"


def _mode(mode: DoorMode) -> str:
    return "a fixed price" if mode is DoorMode.FIXED else "what they can"


def _yes(value: bool) -> str:  # noqa: FBT001 - a value, not a switch
    return "yes" if value else "no"


def _minutes(value: int) -> str:
    return f"{value} minutes"


def _rules(value: str | None) -> str:
    return _short(value) or "none"


_WORDS: Mapping[str, Callable[[Any], str]] = {
    "date": day,
    "time": clock_face,
    "duration": _minutes,
    "artist_door_bps": _percent,
    "expected_attendance": _people,
    "minimum_attendance": _people,
    "minimum_notice_days": _notice,
    "maximum_attendance": _people,
    "door_mode": _mode,
    "lodging_requested": _yes,
    "lodging_details": lodging,
    "house_rules": _rules,
}
