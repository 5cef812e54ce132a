"""Why applications are rejected: the list, and the sentence of each that the applicant reads. Pure."""

from collections.abc import Collection
from enum import StrEnum

from tourpad.core.applications.states import ApplicationKind
from tourpad.core.errors import FieldError, InvalidInputError
from tourpad.core.values import Value

A, H = ApplicationKind.ARTIST, ApplicationKind.HOST


class RejectionReason(StrEnum):
    """One reason; words of the reviewer's own may come with it."""

    NO_LIVE_VIDEO = "no_live_video"
    NOT_AUDIBLE = "not_audible"
    NOT_FOR_A_ROOM = "not_for_a_room"
    NOT_TOURING = "not_touring"
    ROOM_TOO_SMALL = "room_too_small"
    ROOM_NOT_SHOWN = "room_not_shown"
    NOT_A_HOME = "not_a_home"
    NEIGHBOURS = "neighbours"
    INCOMPLETE = "incomplete"
    DUPLICATE = "duplicate"
    NOT_NOW = "not_now"


class Reason(Value):
    """A reason in words, and whom it can concern."""

    label: str
    """For reviewers, a few words."""
    sentence: str
    """For the applicant."""
    kinds: frozenset[ApplicationKind]


REASONS: dict[RejectionReason, Reason] = {
    RejectionReason.NO_LIVE_VIDEO: Reason(
        "no live video", "We could not find a live recording of a whole song.", frozenset({A})
    ),
    RejectionReason.NOT_AUDIBLE: Reason(
        "can't hear it well", "The recordings are too rough for us to hear how you sound.", frozenset({A})
    ),
    RejectionReason.NOT_FOR_A_ROOM: Reason(
        "too loud or too many for a room",
        "What you play needs more room, or more volume, than a living room has.",
        frozenset({A}),
    ),
    RejectionReason.NOT_TOURING: Reason(
        "does not travel", "You do not seem to travel to where our hosts are.", frozenset({A})
    ),
    RejectionReason.ROOM_TOO_SMALL: Reason(
        "room too small", "The room is too small for the dozen guests that a show needs.", frozenset({H})
    ),
    RejectionReason.ROOM_NOT_SHOWN: Reason(
        "room not shown", "The photos do not show the room in which people would sit.", frozenset({H})
    ),
    RejectionReason.NOT_A_HOME: Reason(
        "a venue, not a home", "This is a business with regular shows; we bring music to homes.", frozenset({H})
    ),
    RejectionReason.NEIGHBOURS: Reason(
        "neighbours or landlord", "It is not clear that neighbours or a landlord would agree.", frozenset({H})
    ),
    RejectionReason.INCOMPLETE: Reason(
        "says too little", "There is too little in the application to decide by.", frozenset({A, H})
    ),
    RejectionReason.DUPLICATE: Reason(
        "applied twice", "We have another application of yours already.", frozenset({A, H})
    ),
    RejectionReason.NOT_NOW: Reason(
        "no room for more now",
        "We take on only as many as we can look after, and have no place now.",
        frozenset({A, H}),
    ),
}


def reasons_for(kind: ApplicationKind) -> tuple[RejectionReason, ...]:
    """What applications of a kind can be rejected for, in the order of the list."""
    return tuple(code for code, reason in REASONS.items() if kind in reason.kinds)


def check_reasons(kind: ApplicationKind, codes: Collection[str]) -> list[RejectionReason]:
    """Reasons in clean form: each once, in the order of the list.

    Raises:
        InvalidInputError: one that is unknown, or is none for this kind.
    """
    able = reasons_for(kind)
    wrong = [code for code in codes if code not in able]
    if wrong:
        raise InvalidInputError(
            FieldError("reasons", f"{', '.join(wrong)}: for {kind.value}s there are {', '.join(able)}")
        )
    return [code for code in able if code in codes]


def told(reasons: Collection[str], feedback: str | None) -> str | None:
    """What the applicant reads: the reasons' sentences, then the reviewer's own words."""
    sentences = [reason.sentence for code, reason in REASONS.items() if code in reasons]
    return " ".join([*sentences, *([feedback] if feedback else [])]) or None
