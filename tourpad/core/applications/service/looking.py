"""The exact place of a host who applies: shown to an admin who asks for it, each look on record."""

from uuid import UUID

from tourpad.core.applications import queries
from tourpad.core.applications.states import ApplicationKind
from tourpad.core.errors import NotFoundError
from tourpad.core.hosts import queries as host_queries
from tourpad.core.hosts import service as hosts
from tourpad.core.hosts.errors import NoAddress
from tourpad.core.hosts.states import LookReason
from tourpad.core.work import Work


def look_at_address(work: Work, *, application_id: UUID) -> hosts.Address:
    """Where the home is. The host can read who looked; commit, or the look is not on record.

    Raises:
        NotFoundError: none by that id, or no host's.
        NoAddress: the host has not given one yet.
        AddressNotReleased: the actor is no admin.
    """
    application = queries.get(work, application_id)
    if application.kind is not ApplicationKind.HOST:
        raise NotFoundError("Only hosts' applications have an address.")
    host = host_queries.get_by_user(work, application.user_id)
    if host is None:
        raise NoAddress("The host has not given an address yet.", hint="Ask for it: tourpad applications ask")
    found = hosts.look_at_address(work, host_id=host.id, user_id=work.actor.user_id, reason=LookReason.ADMIN)
    work.audit("application.look_at_address", target_type="application", target_id=application.id)
    return found
