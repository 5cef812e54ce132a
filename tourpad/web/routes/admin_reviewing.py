"""What reviewers do besides deciding: claim, score, agree, release, undo, look at a place, keep templates."""

from typing import Any
from uuid import UUID

from litestar import delete, get, patch, post, put

from tourpad.core.applications import queries, rules, service
from tourpad.core.applications.models import ApplicationTemplate
from tourpad.core.applications.reviewers import reviewer_of
from tourpad.core.applications.states import ApplicationKind, TemplatePurpose
from tourpad.core.errors import TourPadError, invalid
from tourpad.core.identity.permissions import Permission, Principal
from tourpad.core.platform import Platform
from tourpad.web.needs import needs
from tourpad.web.routes.admin_applications import ReviewedAnswer, reviewed
from tourpad.web.shapes import Input, Output

MAY = needs(Permission.ADMIN_APPLICATIONS)
ONE = "/api/admin/applications/{application_id:uuid}"
MOST_RELEASED = 200


class ClaimIn(Input):
    """Take it onto one's desk."""

    take_over: bool = False
    """Though another reviewer has it now."""


class ScoresIn(Input):
    """Scores by criterion, 1 to 5; null takes one's score back. What is not mentioned stays."""

    scores: dict[str, int | None]


class OpinionIn(Input):
    """The second opinion on another admin's decision."""

    agree: bool
    reason: str | None = None
    """Needed where one does not agree; whoever decided is told."""
    take_over: bool = False


class UndoIn(Input):
    """Take the last decision, or the last questions, back."""

    reason: str


class ReleaseIn(Input):
    """Which held decisions to let go; all of them if none is named."""

    ids: list[UUID] | None = None


class ReleasedOut(Output):
    """What became of one."""

    id: UUID
    status: str | None
    code: str | None
    """Why it was refused."""


class ReleasedAnswer(Output):
    """What became of each."""

    applications: list[ReleasedOut]


class PlaceOut(Output):
    """Where a host lives. Each look is on record, and the host can see it."""

    address: str
    arrival_notes: str | None
    latitude: float
    longitude: float
    is_approximate: bool


class CriterionOut(Output):
    """One thing to look at, and its weight in hundredths."""

    code: str
    title: str
    question: str
    weight: int


class ReasonOut(Output):
    """One reason for a rejection."""

    code: str
    label: str
    sentence: str
    """What the applicant reads."""
    user_types: list[str]


class GuideAnswer(Output):
    """What reviewers go by."""

    rubrics: dict[str, list[CriterionOut]]
    reasons: list[ReasonOut]


class TemplateIn(Input):
    """A text to use again; `{name}`, `{title}` and `{town}` are filled in."""

    purpose: TemplatePurpose
    name: str
    text: str
    shared: bool = False


class TemplateTextIn(Input):
    """The text, written anew."""

    text: str


class TemplateOut(Output):
    """A text to use again."""

    purpose: str
    name: str
    text: str
    shared: bool


class TemplatesAnswer(Output):
    """One's own texts first, then everybody's."""

    templates: list[TemplateOut]


@post(f"{ONE}/claim", **MAY, status_code=200, tags=["admin"])
def claim_application(platform: Platform, principal: Principal, application_id: UUID, data: ClaimIn) -> ReviewedAnswer:
    """Take it onto one's desk for 15 minutes, so that nobody else decides meanwhile; again renews it."""
    with platform.work(principal.actor) as work:
        service.claim(work, application_id=application_id, take_over=data.take_over)
        work.commit()
        return reviewed(platform, work, application_id)


@delete(f"{ONE}/claim", **MAY, tags=["admin"])
def let_application_go(platform: Platform, principal: Principal, application_id: UUID) -> None:
    """Take it off one's desk. Another's claim stays."""
    with platform.work(principal.actor) as work:
        service.let_go(work, application_id=application_id)
        work.commit()


@put(f"{ONE}/scores", **MAY, tags=["admin"])
def score_application(platform: Platform, principal: Principal, application_id: UUID, data: ScoresIn) -> ReviewedAnswer:
    """Score by the rubric. Every reviewer has their own scores."""
    with platform.work(principal.actor) as work:
        for criterion, value in data.scores.items():
            service.score(work, application_id=application_id, criterion=criterion, score=value)
        work.commit()
        return reviewed(platform, work, application_id)


@post(f"{ONE}/second-opinion", **MAY, status_code=200, tags=["admin"])
def give_second_opinion(
    platform: Platform, principal: Principal, application_id: UUID, data: OpinionIn
) -> ReviewedAnswer:
    """Agree with another admin's decision, so that it holds; or see it otherwise, so that it is taken back."""
    with platform.work(principal.actor) as work:
        if data.agree:
            service.confirm(work, application_id=application_id, take_over=data.take_over)
        else:
            service.disagree(work, application_id=application_id, reason=data.reason or "", take_over=data.take_over)
        work.commit()
        return reviewed(platform, work, application_id)


@post(f"{ONE}/undo", **MAY, status_code=200, tags=["admin"])
def undo_decision(platform: Platform, principal: Principal, application_id: UUID, data: UndoIn) -> ReviewedAnswer:
    """Take the last decision or the last questions back. The applicant is told only if they had been told before."""
    with platform.work(principal.actor) as work:
        service.undo(work, application_id=application_id, reason=data.reason)
        work.commit()
        return reviewed(platform, work, application_id)


@get(f"{ONE}/address", **MAY, tags=["admin"])
def show_place(platform: Platform, principal: Principal, application_id: UUID) -> PlaceOut:
    """Where a host who applies lives. The look is on record, and the host can see it."""
    with platform.work(principal.actor) as work:
        found = service.look_at_address(work, application_id=application_id)
        work.commit()
    return PlaceOut(
        address=found.line,
        arrival_notes=found.arrival_notes,
        latitude=found.latitude,
        longitude=found.longitude,
        is_approximate=found.is_approximate,
    )


@post("/api/admin/applications/release", **MAY, status_code=200, tags=["admin"])
def release_decisions(platform: Platform, principal: Principal, data: ReleaseIn) -> ReleasedAnswer:
    """Let held decisions take effect, each by itself; one that is refused does not stop the others."""
    with platform.work(principal.actor) as work:
        ids = queries.held(work) if data.ids is None else list(dict.fromkeys(data.ids))
    if len(ids) > MOST_RELEASED and data.ids is not None:
        raise invalid("ids", f"has more than {MOST_RELEASED} entries")
    done: list[ReleasedOut] = []
    for application_id in ids[:MOST_RELEASED]:
        with platform.work(principal.actor) as work:
            try:
                state = service.release(work, application_id=application_id).state.value
                work.commit()
            except TourPadError as error:
                done.append(ReleasedOut(id=application_id, status=None, code=error.code))
            else:
                done.append(ReleasedOut(id=application_id, status=state, code=None))
    return ReleasedAnswer(applications=done)


@get("/api/admin/applications/guide", **MAY, tags=["admin"])
def show_guide() -> GuideAnswer:
    """What reviewers score, and what applications can be rejected for."""
    return GuideAnswer(
        rubrics={
            kind.value: [
                CriterionOut(code=c.code, title=c.title, question=c.question, weight=int(c.weight * 100))
                for c in rules.RUBRICS[kind]
            ]
            for kind in ApplicationKind
        },
        reasons=[
            ReasonOut(
                code=code.value, label=r.label, sentence=r.sentence, user_types=sorted(kind.value for kind in r.kinds)
            )
            for code, r in rules.REASONS.items()
        ],
    )


@get("/api/admin/applications/templates", **MAY, tags=["admin"])
def list_templates(platform: Platform, principal: Principal) -> TemplatesAnswer:
    """Texts that one can use again."""
    with platform.work(principal.actor) as work:
        found = queries.templates(work, reviewer_of(work.actor))
        return TemplatesAnswer(templates=[_template(t) for t in found])


@post("/api/admin/applications/templates", **MAY, tags=["admin"])
def add_template(platform: Platform, principal: Principal, data: TemplateIn) -> TemplateOut:
    """Keep a text to use again."""
    with platform.work(principal.actor) as work:
        made = service.templates.add(work, purpose=data.purpose, name=data.name, text=data.text, shared=data.shared)
        shown = _template(made)
        work.commit()
    return shown


@patch("/api/admin/applications/templates/{purpose:str}/{name:str}", **MAY, tags=["admin"])
def edit_template(
    platform: Platform, principal: Principal, purpose: TemplatePurpose, name: str, data: TemplateTextIn
) -> TemplateOut:
    """Write a text anew, one's own before a shared one of the same name."""
    with platform.work(principal.actor) as work:
        shown = _template(service.templates.edit(work, purpose=purpose, name=name, text=data.text))
        work.commit()
    return shown


@delete("/api/admin/applications/templates/{purpose:str}/{name:str}", **MAY, tags=["admin"])
def remove_template(platform: Platform, principal: Principal, purpose: TemplatePurpose, name: str) -> None:
    """Forget a text, one's own before a shared one of the same name."""
    with platform.work(principal.actor) as work:
        service.templates.remove(work, purpose=purpose, name=name)
        work.commit()


def _template(template: ApplicationTemplate) -> TemplateOut:
    return TemplateOut(
        purpose=template.purpose.value, name=template.name, text=template.text, shared=not template.owner
    )


ROUTES: tuple[Any, ...] = (
    claim_application,
    let_application_go,
    score_application,
    give_second_opinion,
    undo_decision,
    show_place,
    release_decisions,
    show_guide,
    list_templates,
    add_template,
    edit_template,
    remove_template,
)
