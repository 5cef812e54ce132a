"""Drafts of applications: saved as often as one likes, submitted by nobody but the applicant."""

from typing import Any

from litestar import delete, patch, put

from tourpad.core.applications import service
from tourpad.core.identity.permissions import Permission, Principal
from tourpad.core.identity.states import UserType
from tourpad.core.platform import Platform
from tourpad.web.changes import sent
from tourpad.web.needs import needs
from tourpad.web.routes.applications import ApplicationAnswer, check_role, own_application
from tourpad.web.routes.artists import ArtistApplicationIn
from tourpad.web.routes.hosts import HostApplicationIn

ARTIST, HOST = "/api/artists/application/draft", "/api/hosts/application/draft"


@put(ARTIST, **needs(Permission.APPLY), tags=["applications"])
def write_artist_draft(platform: Platform, principal: Principal, data: ArtistApplicationIn) -> ApplicationAnswer:
    """Save the form as far as it is filled in; what is not mentioned is empty. Nothing is submitted."""
    return _save(platform, principal, UserType.ARTIST, sent(data), replace=True)


@patch(ARTIST, **needs(Permission.APPLY), tags=["applications"])
def change_artist_draft(platform: Platform, principal: Principal, data: ArtistApplicationIn) -> ApplicationAnswer:
    """Save some fields of the form; what is not mentioned stays, null empties a field. Nothing is submitted."""
    return _save(platform, principal, UserType.ARTIST, sent(data), replace=False)


@delete(ARTIST, **needs(Permission.APPLY), tags=["applications"])
def drop_artist_draft(platform: Platform, principal: Principal) -> None:
    """Throw the draft away. What was submitted before stays."""
    _discard(platform, principal, UserType.ARTIST)


@put(HOST, **needs(Permission.APPLY), tags=["applications"])
def write_host_draft(platform: Platform, principal: Principal, data: HostApplicationIn) -> ApplicationAnswer:
    """Save the form as far as it is filled in; what is not mentioned is empty. Nothing is submitted."""
    return _save(platform, principal, UserType.HOST, sent(data), replace=True)


@patch(HOST, **needs(Permission.APPLY), tags=["applications"])
def change_host_draft(platform: Platform, principal: Principal, data: HostApplicationIn) -> ApplicationAnswer:
    """Save some fields of the form; what is not mentioned stays, null empties a field. Nothing is submitted."""
    return _save(platform, principal, UserType.HOST, sent(data), replace=False)


@delete(HOST, **needs(Permission.APPLY), tags=["applications"])
def drop_host_draft(platform: Platform, principal: Principal) -> None:
    """Throw the draft away. What was submitted before stays."""
    _discard(platform, principal, UserType.HOST)


def _save(
    platform: Platform, principal: Principal, role: UserType, answers: dict[str, Any], *, replace: bool
) -> ApplicationAnswer:
    check_role(principal, role)
    with platform.work(principal.actor) as work:
        service.save_draft(work, user_id=principal.user_id, answers=answers, replace=replace)
        work.commit()
        return own_application(work, principal)


def _discard(platform: Platform, principal: Principal, role: UserType) -> None:
    check_role(principal, role)
    with platform.work(principal.actor) as work:
        service.discard_draft(work, user_id=principal.user_id)
        work.commit()


ROUTES = (
    write_artist_draft,
    change_artist_draft,
    drop_artist_draft,
    write_host_draft,
    change_host_draft,
    drop_host_draft,
)
