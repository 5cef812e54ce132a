"""Drafts: the form as far as it is filled in. Saving again and again loses nothing, and sends nothing."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from tourpad.core.applications import rules
from tourpad.core.applications.models import Application
from tourpad.core.applications.service.applying import PHOTOS, applicant, check_open, own_for_update
from tourpad.core.applications.states import ApplicationState
from tourpad.core.errors import NotFoundError, invalid
from tourpad.core.fields import Fields
from tourpad.core.hosts import queries as host_queries
from tourpad.core.hosts import service as hosts
from tourpad.core.hosts.rules import ProfileChanges
from tourpad.core.identity.models import User
from tourpad.core.media import queries as media
from tourpad.core.media.rules import filed_under
from tourpad.core.places import find_town
from tourpad.core.work import Work


def save_draft(work: Work, *, user_id: UUID, answers: Mapping[str, Any], replace: bool = False) -> Application:
    """Keep what is filled in so far. Nothing is needed yet; what is there must be right as far as it goes.

    A host's address goes to its own table at once, and is not in the draft. The mail address need not be proved yet,
    and after a rejection one may prepare the next try while the waiting time runs.

    Args:
        work: the unit of work.
        user_id: an artist or a host.
        answers: fields of `rules.FORM_FIELDS`; null and blank empty a field.
        replace: the whole form, so that fields that are not mentioned are emptied; else they stay.

    Raises:
        ForbiddenError: fans and admins do not apply.
        InvalidInputError: naming every field that is wrong as it stands; nothing is changed.
        AlreadyApplied: one waits or was accepted.
    """
    user, kind = applicant(work, user_id)
    draft = rules.check_draft(kind, answers)
    application = own_for_update(work, user, kind)
    check_open(work, application, waiting_time=False)
    kept = {} if replace else dict(application.draft or {})
    for name in draft.emptied:
        kept.pop(name, None)
    kept |= draft.answers
    _check_own_photos(work, user_id, draft.answers)
    if draft.address is not None:
        _keep_address(work, user, draft, kept)
    application.draft = kept
    application.draft_saved_at = application.updated_at = work.now
    work.session.flush()
    return application


def discard_draft(work: Work, *, user_id: UUID) -> None:
    """Throw away what was filled in and not submitted. What was submitted before stays.

    Raises:
        NotFoundError: there is none.
    """
    user, kind = applicant(work, user_id)
    application = own_for_update(work, user, kind)
    if application.draft is None:
        raise NotFoundError("You have no draft.")
    application.draft = application.draft_saved_at = None
    if application.state is ApplicationState.DRAFT:
        work.session.delete(application)
    work.session.flush()


def _check_own_photos(work: Work, user_id: UUID, named: Mapping[str, Any]) -> None:
    """A draft may name uploads that are still on their way, not those of others or of something else.

    Only those that are named now: one that was deleted since must not keep the rest from being saved. All are looked
    at when the form is submitted.
    """
    fields = Fields()
    for field, categories in PHOTOS.items():
        wanted = rules.photo_ids({field: named.get(field)})
        found = media.by_ids(work, wanted)
        own = [found[one] for one in wanted if one in found and found[one].owner_id == user_id]
        if len(own) < len(wanted):
            fields.wrong(field, "is no file of yours")
        elif any(photo.category not in categories for photo in own):
            fields.wrong(field, filed_under(categories))
    fields.done()


def _keep_address(work: Work, user: User, draft: rules.Draft, kept: Mapping[str, Any]) -> None:
    town = draft.town
    if town is None and kept.get("city") and kept.get("state"):
        town = find_town(f"{kept['city']} {kept['state']}")
    if town is None and host_queries.get_by_user(work, user.id) is None:
        raise invalid("address", "needs the city and the state first")
    host = hosts.ensure(work, user_id=user.id, town=town)
    hosts.apply(work, host, ProfileChanges(columns={}, town=town, address=draft.address))
