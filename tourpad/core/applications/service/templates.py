"""Texts that are written once and used again: one reviewer's own, or everybody's."""

from uuid import UUID

from sqlalchemy import delete

from tourpad.core.applications import queries, rules
from tourpad.core.applications.errors import TemplateExists
from tourpad.core.applications.models import ApplicationTemplate, ApplicationWalk
from tourpad.core.applications.reviewers import reviewer_of
from tourpad.core.applications.states import TemplatePurpose
from tourpad.core.ids import new_id
from tourpad.core.work import Work


def add(work: Work, *, purpose: TemplatePurpose, name: str, text: str, shared: bool = False) -> ApplicationTemplate:
    """Keep a text to use again.

    Args:
        work: the unit of work.
        purpose: where it is used.
        name: how it is called; short, in lower case.
        text: may ask for `{name}`, `{title}` and `{town}` of the applicant.
        shared: for every reviewer.

    Raises:
        InvalidInputError: an empty or overlong name or text, or a blank that nobody fills in.
        TemplateExists: there is one of that name.
    """
    clean, body = rules.check_template(name, text)
    reviewer = reviewer_of(work.actor)
    owner = "" if shared else reviewer.key
    same = [t for t in queries.templates(work, reviewer, purposes=(purpose,)) if (t.owner, t.name) == (owner, clean)]
    if same:
        raise TemplateExists(
            f"There is a {purpose} called {clean} already.", hint="tourpad applications templates edit changes it."
        )
    made = ApplicationTemplate(
        id=new_id(),
        owner=owner,
        owner_id=None if shared else reviewer.user_id,
        purpose=purpose,
        name=clean,
        text=body,
        created_at=work.now,
        updated_at=work.now,
    )
    work.add(made)
    work.audit("application_template.add", target_type="application_template", target_id=made.id, shared=shared)
    return made


def edit(work: Work, *, purpose: TemplatePurpose, name: str, text: str) -> ApplicationTemplate:
    """Write a text anew, one's own before a shared one of the same name.

    Raises:
        NotFoundError: there is none of that name.
        InvalidInputError: an empty or overlong text, or a blank that nobody fills in.
    """
    found = queries.template(work, reviewer_of(work.actor), purpose=purpose, name=name)
    _, found.text = rules.check_template(name, text)
    found.updated_at = work.now
    work.audit(
        "application_template.edit", target_type="application_template", target_id=found.id, shared=not found.owner
    )
    return found


def remove(work: Work, *, purpose: TemplatePurpose, name: str) -> None:
    """Forget a text, one's own before a shared one of the same name.

    Raises:
        NotFoundError: there is none of that name.
    """
    found = queries.template(work, reviewer_of(work.actor), purpose=purpose, name=name)
    work.audit(
        "application_template.remove", target_type="application_template", target_id=found.id, shared=not found.owner
    )
    work.session.delete(found)
    work.session.flush()


def forget_reviewer(work: Work, *, user_id: UUID) -> None:
    """Erase what a reviewer kept for themselves."""
    work.session.execute(delete(ApplicationTemplate).where(ApplicationTemplate.owner_id == user_id))
    work.session.execute(delete(ApplicationWalk).where(ApplicationWalk.reviewer_id == user_id))
