"""Applications, by the verbs, in whatever state a test needs."""

from typing import TYPE_CHECKING, Any

from tests.factories.profiles import make_person

if TYPE_CHECKING:
    from tourpad.core.applications.models import Application
    from tourpad.core.identity.models import User
    from tourpad.core.outbox.models import Mail
    from tourpad.core.work import Work

ARTIST_FORM: dict[str, Any] = {
    "stage_name": "Juniper Vale",
    "bio": "We have played forty living rooms on the east coast and bring our own small PA.",
    "genres": ["Indie Folk", "americana"],
    "city": "Asheville",
    "state": "NC",
    "performance_video_url": "https://video.example/juniper",
    "music_profile_url": "https://music.example/juniper",
    "social_links": {"instagram": "https://instagram.example/juniper"},
    "press_photo_url": "https://photos.example/juniper.jpg",
    "typical_set_length": 75,
    "travel_radius": 400,
    "min_guarantee_cents": 25_000,
    "preferred_booking_advance": 45,
}
HOST_FORM: dict[str, Any] = {
    "venue_name": "Mill Lane House",
    "venue_type": "home",
    "city": "Columbus",
    "state": "OH",
    "indoor_capacity": 30,
    "outdoor_capacity": 40,
    "hosting_experience": 3,
    "venue_photo_urls": ["https://photos.example/porch.jpg"],
    "hosting_motivation": "Our friends keep asking for music that one can hear breathe.",
    "preferred_genres": ["folk"],
    "offers_lodging": True,
    "lodging_details": {"beds": 2, "amenities": ["tea"]},
}


def make_application(
    work: "Work", kind: str = "artist", *, state: str = "submitted", name: str = "", **changes: Any
) -> "Application":
    """An application brought to a state the way people bring it there."""
    from tourpad.core.applications import service

    user = make_person(work, kind, state="pending", name=name)
    form = ARTIST_FORM if kind == "artist" else HOST_FORM
    made = service.submit(work, user_id=user.id, answers={**form, **changes})
    match state:
        case "in_review":
            service.claim(work, application_id=made.id)
            service.let_go(work, application_id=made.id)
        case "questions_asked":
            service.ask(work, application_id=made.id, questions=["How loud are you?", "Who drives?"])
        case "approved":
            service.approve(work, application_id=made.id)
        case "rejected":
            service.reject(work, application_id=made.id, feedback="There is no live video yet.")
        case _:
            pass
    return made


def person_of(work: "Work", application: "Application") -> "User":
    """Whoever applied."""
    from tourpad.core.identity import queries

    return queries.get_user(work, application.user_id)


def mails(work: "Work", application: "Application") -> list["Mail"]:
    """All mails to whoever applied, in the order in which they were written."""
    from sqlalchemy import select

    from tourpad.core.outbox.models import Mail

    return list(work.session.scalars(select(Mail).where(Mail.user_id == application.user_id).order_by(Mail.id)))


def audited(work: "Work", application: "Application") -> list[str]:
    """What the audit log says was done to it."""
    from sqlalchemy import select

    from tourpad.core.audit.models import AuditEntry

    return list(
        work.session.scalars(
            select(AuditEntry.action).where(AuditEntry.target_id == application.id).order_by(AuditEntry.number)
        )
    )
