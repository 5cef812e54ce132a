"""What a decision unlocks comes by reactions: a membership for artists, the list for hosts; and goes with an undo."""

from typing import TYPE_CHECKING

import pytest

from tests.factories.applications import make_application
from tests.factories.memberships import begin, pay
from tourpad.core.actors import operator
from tourpad.core.applications import service
from tourpad.core.errors import TourPadError
from tourpad.core.identity import queries as people
from tourpad.core.identity.permissions import Permission, permissions_of

if TYPE_CHECKING:
    from uuid import UUID

    from tests.stripe_sandbox import Sandbox
    from tourpad.core.work import Work


def test_without_its_reactions_a_decision_unlocks_nothing(work: "Work") -> None:
    """The verb itself only decides and tells: whoever takes a reaction away sees it here."""
    application = make_application(work, "host")
    work.react = lambda _work, _event: None
    service.approve(work, application_id=application.id)
    assert application.state == "approved"
    assert people.get_user(work, application.user_id).state == "pending"


def test_a_host_is_listed_with_the_approval_and_not_listed_after_an_undo(work: "Work") -> None:
    from tourpad.core.hosts import queries as hosts

    def listed() -> list["UUID"]:
        views, _ = hosts.search(work, hosts.HostFilter(), page=1, limit=10)
        return [view.host.user_id for view in views]

    application = make_application(work, "host")
    assert listed() == []
    service.approve(work, application_id=application.id)
    assert listed() == [application.user_id]
    service.undo(work, application_id=application.id, reason="The wrong house.")
    assert listed() == []
    assert people.get_user(work, application.user_id).state == "pending"


def test_an_artist_pays_once_let_in_and_is_active_then(sandbox: "Sandbox") -> None:
    def state(user_id: "UUID") -> str:
        with sandbox.platform.work(operator("test")) as work:
            return people.get_user(work, user_id).state.value

    with sandbox.platform.work(operator("test")) as work:
        application = make_application(work)
        application_id, user_id = application.id, application.user_id
        work.commit()
    with sandbox.platform.work(operator("test")) as work:
        user = people.get_user(work, user_id)
        assert Permission.MEMBERSHIP not in permissions_of(user.user_type, user.state)
        service.approve(work, application_id=application_id)
        work.commit()
    assert state(user_id) == "approved"
    pay(sandbox, begin(sandbox, user_id))
    sandbox.news()
    assert state(user_id) == "active"
    with sandbox.platform.work(operator("test")) as work, pytest.raises(TourPadError, match="paid for a membership"):
        service.undo(work, application_id=application_id, reason="Too late.")
