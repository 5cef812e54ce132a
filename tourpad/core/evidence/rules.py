"""What a bank is told: from facts to Stripe's evidence fields, and what may be sent at all (pure).

The fields and their lengths are Stripe's (https://docs.stripe.com/api/disputes/evidence_object).
Only what the facts say is said. A bank learns the town of a show, never the address; and when messages were written,
never what.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from tourpad.core.errors import FieldError, InvalidInputError
from tourpad.core.evidence.facts import Facts, Moment, Show
from tourpad.core.money import Money, total
from tourpad.core.payments.states import PaymentKind

LONGEST = 20_000
"""Characters of one text."""
LONGEST_LINE = 5_000
"""Of a name, an address, a date or an id."""
LONGEST_TOTAL = 150_000
"""Characters of all texts together."""

TEXTS: Mapping[str, str] = {
    "product_description": "what was sold",
    "customer_name": "who paid",
    "customer_email_address": "where they are written to",
    "customer_purchase_ip": "from where they paid",
    "billing_address": "the card's address, as the payer gave it",
    "service_date": "when it took place",
    "access_activity_log": "what they did signed in",
    "refund_policy_disclosure": "how and when the refund policy was shown",
    "refund_refusal_explanation": "why nothing (more) goes back",
    "cancellation_policy_disclosure": "how and when the cancellation policy was shown",
    "cancellation_rebuttal": "why it was not cancelled",
    "duplicate_charge_id": "the charge that the bank takes for the same",
    "duplicate_charge_explanation": "why it is another",
    "shipping_address": "where something was shipped to",
    "shipping_carrier": "by whom",
    "shipping_date": "when",
    "shipping_tracking_number": "under which number",
    "uncategorized_text": "everything else",
}
"""Stripe's fields that are text, in the order of reading."""

PROSE = frozenset(
    {
        "access_activity_log",
        "cancellation_policy_disclosure",
        "cancellation_rebuttal",
        "duplicate_charge_explanation",
        "product_description",
        "refund_policy_disclosure",
        "refund_refusal_explanation",
        "uncategorized_text",
    }
)
"""Fields that take `LONGEST` characters; the others take `LONGEST_LINE`."""

FILES: Mapping[str, str] = {
    "receipt": "what the payer was sent",
    "customer_communication": "letters between the payer and us",
    "service_documentation": "that it took place: photos, a list at the door",
    "refund_policy": "the refund policy, as it was shown",
    "cancellation_policy": "the cancellation policy, as it was shown",
    "customer_signature": "something that the payer signed",
    "duplicate_charge_documentation": "that the other charge is another",
    "shipping_documentation": "that something was shipped",
    "uncategorized_file": "everything else",
}
"""Stripe's fields that name an uploaded file, in the order of reading."""

FILE_ID = re.compile(r"file_\w{6,64}")
FILE_KINDS: Mapping[bytes, str] = {b"%PDF-": "PDF", b"\xff\xd8\xff": "JPEG", b"\x89PNG\r\n\x1a\n": "PNG"}
"""What Stripe takes as evidence (https://docs.stripe.com/file-upload), by how a file begins."""
LARGEST_FILE = 5_000_000
"""Bytes."""


def draft(facts: Facts) -> dict[str, str]:
    """The evidence that the facts carry, by Stripe's field. What nothing is known of is left out."""
    buyer = facts.buyer
    said: dict[str, str | None] = {
        "product_description": _product(facts),
        "customer_name": buyer.name,
        "customer_email_address": buyer.email,
        "customer_purchase_ip": buyer.purchase_ip,
        "service_date": _service_date(facts),
        "access_activity_log": _lines(facts.activity),
        "refund_policy_disclosure": _disclosure(facts) if facts.kind is not PaymentKind.MEMBERSHIP else None,
        "refund_refusal_explanation": _refusal(facts),
        "cancellation_policy_disclosure": _disclosure(facts) if facts.kind is PaymentKind.MEMBERSHIP else None,
        "cancellation_rebuttal": _rebuttal(facts),
        **_duplicate(facts),
        "uncategorized_text": _story(facts),
    }
    return {field: said[field] or "" for field in TEXTS if said.get(field)}


def doubts(facts: Facts) -> list[str]:
    """What speaks against us, for whoever decides whether to answer or to give up."""
    found: list[str] = []
    show, seats, period = facts.show, facts.seats, facts.period
    if show is not None and show.called_off:
        found.append("The show was called off: the payer is owed the money.")
    if seats is not None and show is not None and show.was_held and seats.checked_in_at is None:
        found.append("The payer was not checked in at the door.")
    if seats is not None and seats.given_back_at is not None and not facts.refunds:
        found.append("The seats were given back, and nothing was refunded.")
    if period is not None and period.cancelled_at is not None and facts.paid_at and period.cancelled_at < facts.paid_at:
        found.append("The membership had ended before this charge.")
    if period is not None and not period.uses and not facts.activity:
        found.append("The membership was not used after this charge.")
    if facts.refunds and _refunded(facts) >= facts.disputed:
        found.append("What is disputed was refunded already.")
    if facts.buyer.email is None:
        found.append("The payer has no account: little is known of them.")
    elif facts.reason == "fraudulent" and facts.buyer.purchase_ip is None:
        found.append("It is not known from which network address was paid.")
    return found


def check(fields: Mapping[str, str]) -> dict[str, str]:
    """Texts as they may be sent: known fields, none too long, blanks around them and empty ones dropped.

    Raises:
        InvalidInputError: naming every wrong field.
    """
    kept = {name: text.strip() for name, text in fields.items() if text.strip()}
    faults: list[FieldError] = []
    for name, text in kept.items():
        longest = LONGEST if name in PROSE else LONGEST_LINE
        if name in FILES:
            if not FILE_ID.fullmatch(text):
                faults.append(FieldError(name, "is the id of an uploaded file: tourpad disputes attach uploads one"))
        elif name not in TEXTS:
            faults.append(FieldError(name, f"is none of Stripe's fields: {', '.join((*TEXTS, *FILES))}"))
        elif len(text) > longest:
            faults.append(FieldError(name, f"has {len(text):,} characters; {longest:,} fit"))
    length = sum(len(text) for text in kept.values())
    if not faults and length > LONGEST_TOTAL:
        faults.append(FieldError("evidence", f"has {length:,} characters in all; {LONGEST_TOTAL:,} fit"))
    if faults:
        raise InvalidInputError(*faults)
    return {name: kept[name] for name in (*TEXTS, *FILES) if name in kept}


def check_file(field: str, content: bytes) -> None:
    """Whether a file may be evidence: in a field for files, of a kind that banks read, not too large.

    Raises:
        InvalidInputError: it may not.
    """
    if field not in FILES:
        raise InvalidInputError(FieldError("field", f"takes no file; these do: {', '.join(FILES)}"))
    if not any(content.startswith(start) for start in FILE_KINDS):
        raise InvalidInputError(FieldError("file", f"is none of {', '.join(FILE_KINDS.values())}, which banks read"))
    if len(content) > LARGEST_FILE:
        raise InvalidInputError(FieldError("file", f"has {len(content):,} bytes; {LARGEST_FILE:,} fit"))


def as_text(fields: Mapping[str, str]) -> str:
    """The form in which a person edits it: a heading a field, its text below."""
    known = {**TEXTS, **FILES}
    parts = [f"## {name}  ({known[name]})\n\n{fields[name]}\n" for name in known if name in fields]
    missing = [f"#  {name}  ({meaning})" for name, meaning in TEXTS.items() if name not in fields]
    note = "# Each text stands below its field's name. A field without text is not sent. Not used yet:\n"
    return "\n".join([*parts, note + "\n".join(missing) + "\n"])


def from_text(text: str) -> dict[str, str]:
    """Read what `as_text` wrote and a person changed.

    Raises:
        InvalidInputError: text before the first field, or a field twice.
    """
    fields: dict[str, list[str]] = {}
    here: list[str] | None = None
    for line in text.splitlines():
        if line.startswith("## "):
            name = line.removeprefix("## ").partition("(")[0].strip()
            if name in fields:
                raise InvalidInputError(FieldError(name, "is there twice"))
            here = fields[name] = []
        elif line.startswith("# "):
            continue
        elif here is not None:
            here.append(line)
        elif line.strip():
            raise InvalidInputError(
                FieldError("evidence", f"has text before the first '## field': {line.strip()[:40]}")
            )
    return {name: "\n".join(lines).strip() for name, lines in fields.items()}


def _product(facts: Facts) -> str:
    paid = f"{facts.paid} was paid{f' on {_day(facts.paid_at)}' if facts.paid_at else ''}"
    paid += f" with a card, {facts.card}" if facts.card else ""
    paid += f" (receipt {facts.receipt})." if facts.receipt else "."
    show, seats, period = facts.show, facts.seats, facts.period
    if facts.kind is PaymentKind.DOOR_FEE and show is not None:
        people = f"{seats.guests} seat{'' if seats.guests == 1 else 's'}" if seats is not None else "Seats"
        what = (
            f"{people} at a concert in a private home: {show.title}, played by {show.artist} in {show.place}."
            " TourPad sells seats at such concerts to its members; the fee is paid before the show, or at the door."
        )
    elif facts.kind is PaymentKind.BOOKING and show is not None:
        what = (
            f"A concert by {show.artist} at the payer's own place in {show.place}: {show.title}."
            " The payer hosts the concert and pays the artist's fee, which secures the date."
        )
    elif period is not None:
        what = (
            f"A membership of TourPad, a platform for concerts in private homes: {period.plan}."
            f" It renews every {period.interval} until it is cancelled, as the member may at any time in their account."
        )
    else:
        what = f"{facts.description}."
    return f"{what}\n\n{paid}"


def _service_date(facts: Facts) -> str | None:
    show, period = facts.show, facts.period
    if show is not None:
        zone = ZoneInfo(show.time_zone)
        start, end = show.starts_at.astimezone(zone), show.ends_at.astimezone(zone)
        return f"{_day(start)}, {start:%H:%M} to {end:%H:%M} ({show.time_zone})"
    if period is not None and facts.paid_at is not None:
        return f"A {period.interval} from {_day(facts.paid_at)}"
    return None


def _disclosure(facts: Facts) -> str | None:
    parts: list[str] = []
    if facts.policy:
        parts.append(f"Before paying, the payer was shown what goes back when they call it off: {facts.policy}.")
    if facts.buyer.terms and facts.buyer.terms_accepted_at:
        parts.append(
            f"The payer accepted TourPad's terms (version {facts.buyer.terms}), which hold the same policy,"
            f" on {_instant(facts.buyer.terms_accepted_at)}."
        )
    return "\n\n".join(parts) or None


def _refusal(facts: Facts) -> str | None:
    """Why nothing more goes back; nothing is claimed for a show that did not take place."""
    if facts.show is not None and (facts.show.called_off or not facts.show.was_held):
        return None
    parts: list[str] = []
    if facts.refunds:
        parts.append(f"{_refunded(facts)} of {facts.paid} was given back.")
    if facts.seats is not None:
        if facts.seats.checked_in_at is not None:
            parts.append(f"The payer's party came, and was checked in on {_instant(facts.seats.checked_in_at)}.")
        elif facts.seats.given_back_at is None:
            parts.append("The seats were never given back before the show, and were kept free for the payer's party.")
        else:
            parts.append(f"The seats were given back on {_instant(facts.seats.given_back_at)}.")
    elif facts.kind is PaymentKind.BOOKING and facts.show is not None:
        parts.append("The concert took place as agreed.")
    if facts.policy and parts:
        parts.append(f"The policy: {facts.policy}.")
    return " ".join(parts) or None


def _rebuttal(facts: Facts) -> str | None:
    period = facts.period
    if period is None:
        return None
    if period.cancelled_at is None:
        return "The membership was not cancelled before this charge, nor since. It can be cancelled at any time."
    if facts.paid_at is not None and period.cancelled_at > facts.paid_at:
        return f"The membership had not ended when this was charged; it ends on {_day(period.cancelled_at)}."
    return None


def _duplicate(facts: Facts) -> dict[str, str | None]:
    if facts.reason != "duplicate" or not facts.others:
        return {}
    nearest = min(facts.others, key=lambda other: abs((other.at - (facts.paid_at or other.at)).total_seconds()))
    return {
        "duplicate_charge_id": nearest.charge_id,
        "duplicate_charge_explanation": (
            f"They are two purchases. This charge, of {facts.paid}, is for: {facts.description}. The other, of"
            f" {nearest.amount} on {_instant(nearest.at)}, is for: {nearest.description}."
        ),
    }


def _story(facts: Facts) -> str | None:
    parts: list[str] = []
    buyer = facts.buyer
    if buyer.since is not None:
        verified = f", and proved their address on {_day(buyer.email_verified_at)}" if buyer.email_verified_at else ""
        parts.append(f"The payer has had an account since {_day(buyer.since)}{verified}.")
    if facts.show is not None and facts.show.was_held:
        parts.append(_held(facts.show))
    if facts.period is not None:
        parts.append(_use(facts))
    if facts.history:
        parts.append("What happened, in UTC:\n" + (_lines(facts.history, LONGEST // 2) or ""))
    if facts.refunds:
        parts.append(
            "Refunds:\n"
            + "\n".join(
                f"{_stamp(back.at)}  {back.amount}, {back.reason}{'' if back.arrived else ' (on its way)'}"
                for back in facts.refunds
            )
        )
    return "\n\n".join(part for part in parts if part) or None


def _held(show: Show) -> str:
    parties = "1 party was" if show.checked_in == 1 else f"{show.checked_in} parties were"
    came = f"; {parties} checked in at the door" if show.checked_in else ""
    return f"The concert took place on {_day(show.starts_at.astimezone(ZoneInfo(show.time_zone)))}{came}."


def _use(facts: Facts) -> str:
    period = facts.period
    if period is None:
        return ""
    earlier = (
        f" It was paid {period.renewals} time{'' if period.renewals == 1 else 's'} before." if period.renewals else ""
    )
    used = (
        f" Since this charge it was used for {period.uses} request{'' if period.uses == 1 else 's'} for seats or dates."
    )
    began = f"The membership began on {_day(period.started_at)}." if period.started_at else ""
    return (began + earlier + (used if period.uses else "")).strip()


def _lines(moments: Sequence[Moment], longest: int = LONGEST) -> str | None:
    """Moments a line each; where they are too many, the oldest are left out, and counted."""
    lines = [f"{_stamp(moment.at)}  {moment.what}" for moment in moments]
    room = longest - len("(99,999 earlier ones are left out)\n")
    kept: list[str] = []
    for line in reversed(lines):
        room -= len(line) + 1
        if room < 0:
            break
        kept.append(line)
    left_out = len(lines) - len(kept)
    head = [f"({left_out:,} earlier ones are left out)"] if left_out else []
    return "\n".join([*head, *reversed(kept)]) or None


def _refunded(facts: Facts) -> Money:
    return total([back.amount for back in facts.refunds], facts.paid.currency)


def _day(at: datetime) -> str:
    return f"{at:%A}, {at.day} {at:%B %Y}"


def _instant(at: datetime) -> str:
    return f"{_day(at)}, {at:%H:%M} UTC"


def _stamp(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M}"
