"""The parts of an application's page: what the applicant says, and what else is known."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from tourpad.core.money import format_money, usd

if TYPE_CHECKING:
    from tourpad.core.applications.models import ApplicationDecision
    from tourpad.core.applications.queries import Detail, Photo, Surroundings
    from tourpad.core.platform import Platform

HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Section:
    """Some lines under a heading. A line that begins with a label and two blanks hangs under its text."""

    title: str
    lines: list[str]
    alert: bool = False
    """Worth a look before deciding."""


def age(waited: timedelta) -> str:
    """A time as people say it: `39 h`."""
    if waited < timedelta(hours=1):
        return f"{waited // timedelta(minutes=1)} min"
    if waited < timedelta(days=4):
        return f"{waited // HOUR} h"
    return f"{waited // timedelta(days=1)} d"


def photo_facts(photo: "Photo") -> str:
    """What is known of an upload: `2400×1600, 1.2 MB`, or what keeps it from being shown."""
    media = photo.media
    match media.state.value:
        case "published":
            size = f"{media.width}×{media.height}, " if media.width else ""
            words = f" · “{media.alt_text}”" if media.alt_text else ""
            return f"{media.category.value.replace('_', ' ')}, {size}{media.size_bytes / 1e6:.1f} MB{words}"
        case "refused" | "quarantined":
            return f"{media.state.value}: {media.refusal or 'not looked at yet'}"
        case "deleted":
            return "deleted by its owner since"
        case _:
            return "not looked at yet"


def photo_url(p: "Platform", photo: "Photo") -> str | None:
    """Where the picture can be seen: for good, or for five minutes where it is private."""
    from tourpad.core.media.rules import LINK_LIFE
    from tourpad.core.media.states import MediaState

    if photo.largest is None or photo.media.state is not MediaState.PUBLISHED:
        return None
    if photo.media.is_private:
        return p.storage.link(photo.largest.storage_key, life=LINK_LIFE)
    return p.storage.address(photo.largest.storage_key)


def photo_links(p: "Platform", detail: "Detail") -> Iterable[tuple[int, str]]:
    """Photos that can be seen, by number, with where."""
    for number, photo in enumerate(detail.photos, 1):
        url = photo_url(p, photo)
        if url is not None:
            yield number, url


def photos(p: "Platform", detail: "Detail") -> Section:
    """Every upload that the form names: its facts, and where it can be seen."""
    shown: list[str] = []
    for number, photo in enumerate(detail.photos, 1):
        shown.append(f"photo {number}  {photo_facts(photo)}")
        url = photo_url(p, photo)
        if url:
            shown.append(f"         {url}")
    return Section("photos", shown)


def links(answers: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Every address in a form, by what it leads to."""
    named = [
        ("video", answers.get("performance_video_url")),
        ("music", answers.get("music_profile_url")),
        ("photo", answers.get("press_photo_url")),
        *(answers.get("social_links") or {}).items(),
        *(("photo", url) for url in answers.get("venue_photo_urls") or ()),
        *((sample.get("title") or "sample", sample.get("url")) for sample in answers.get("music_samples") or ()),
    ]
    return [(str(label), str(url)) for label, url in named if url]


def artist(answers: Mapping[str, Any]) -> list[Section]:
    """What an artist says."""
    terms = [
        f"set {answers['typical_set_length']} min" if answers.get("typical_set_length") else "",
        f"travels {answers['travel_radius']} mi" if answers.get("travel_radius") else "",
        f"guarantee from {format_money(usd(answers['min_guarantee_cents']))}"
        if answers.get("min_guarantee_cents")
        else "",
        f"books {answers['preferred_booking_advance']} days ahead" if answers.get("preferred_booking_advance") else "",
    ]
    needs = answers.get("equipment_needs") or []
    return [
        Section("", str(answers.get("bio") or "").splitlines()),
        Section("", [*(f"{label}  {url}" for label, url in links(answers))]),
        Section(
            "",
            [
                line
                for line in (" · ".join(t for t in terms if t), f"needs  {', '.join(needs)}" if needs else "")
                if line
            ],
        ),
    ]


def host(answers: Mapping[str, Any]) -> list[Section]:
    """What a host says."""
    lodging = answers.get("lodging_details") or {}
    beds = lodging.get("beds")
    years = answers.get("hosting_experience") or 0
    terms = [
        str(answers.get("venue_type") or ""),
        f"{answers.get('indoor_capacity') or 0} inside, {answers.get('outdoor_capacity') or 0} outside",
        f"{years} year{'' if years == 1 else 's'} of hosting",
        "lodging" + (f" ({beds} beds)" if beds else "") if answers.get("offers_lodging") else "no lodging",
    ]
    more = [
        f"about  {answers['bio']}" if answers.get("bio") else "",
        f"rules  {answers['house_rules']}" if answers.get("house_rules") else "",
        f"night  {', '.join(lodging.get('amenities') or [])}" if lodging.get("amenities") else "",
    ]
    photos = links(answers)
    return [
        Section("", str(answers.get("hosting_motivation") or "").splitlines()),
        Section("", [" · ".join(term for term in terms if term), *(line for line in more if line)]),
        Section("", [f"{label}  {url}" for label, url in photos]),
    ]


def side(detail: "Detail", around: "Surroundings", now: datetime, reviewer: str) -> list[Section]:
    """What else is known, and what reviewers said, what matters most first."""
    return [
        _pending(detail, now),
        Section("looks like", _alike(around, now), alert=True),
        Section("earlier", _earlier(detail, now), alert=True),
        Section(
            "questions",
            [
                line
                for q in detail.questions
                for line in (f"asked  {q.question}", f"       {q.answer or '(no answer yet)'}")
            ],
        ),
        Section("hosts near", _near(around)),
        Section("notes", [f"{n.author}  {n.note}" for n in detail.notes]),
        Section("scores of others", _others(detail, reviewer)),
    ]


def _others(detail: "Detail", reviewer: str) -> list[str]:
    return [
        f"{given.who}  " + ", ".join(f"{name.replace('_', ' ')} {score}" for name, score in given.scores.items())
        for given in detail.scores
        if given.reviewer != reviewer
    ]


def _pending(detail: "Detail", now: datetime) -> Section:
    made = detail.pending
    if made is None:
        return Section("", [])
    verdict = f"{made.who} would have it {made.decision.verdict.value}, {age(now - made.decision.decided_at)} ago"
    lines = [f"{verdict}: {_why(made.decision)}" if _why(made.decision) else verdict]
    if made.decision.state.value == "second_opinion":
        return Section("second opinion wanted", lines, alert=True)
    return Section("decided and held", lines, alert=True)


def _why(decision: "ApplicationDecision") -> str:
    from tourpad.core.applications import rules

    return rules.told(decision.reasons, decision.feedback) or ""


def _alike(around: "Surroundings", now: datetime) -> list[str]:
    lines: list[str] = []
    for like in around.alike:
        when = f" {age(now - like.decided_at)} ago" if like.decided_at else ""
        how = like.state.value.replace("_", " ") + when
        told = f": “{like.told}”" if like.told else ""
        lines.append(f"{', '.join(like.why)} as {like.title} ({like.kind.value}, {how}{told})")
    return lines


def _earlier(detail: "Detail", now: datetime) -> list[str]:
    lines: list[str] = []
    for made in detail.decisions:
        decision = made.decision
        if decision.state.value in ("second_opinion", "held"):
            continue
        why = f": {_why(decision)}" if _why(decision) else ""
        how = f"{decision.verdict.value} by {made.who} {age(now - decision.decided_at)} ago{why}"
        # Whoever ended it need not be whoever decided.
        end = f"; then {decision.state.value}: {decision.end_reason}" if decision.end_reason else ""
        lines.append(f"try {decision.round}  {how}{end}")
    lines += _changes(detail)
    return lines


def _changes(detail: "Detail") -> list[str]:
    """What the present try says that the one before did not."""
    if len(detail.submissions) < 2:  # noqa: PLR2004 - one alone has none before it
        return []
    before, present = (s.answers for s in detail.submissions[-2:])
    changed = sorted(k for k in {*before, *present} if before.get(k) != present.get(k))
    return [f"since then changed: {', '.join(c.replace('_', ' ') for c in changed) or 'nothing'}"]


def _near(around: "Surroundings") -> list[str]:
    from tourpad.core.places import distance_band

    return [f"{n.venue_name}, {n.city} {n.state}: {distance_band(n.miles)}" for n in around.near]
