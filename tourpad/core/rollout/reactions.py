"""Who is let in, asked by whatever begins a session or makes an account; what becomes of addresses of the group."""

from sqlalchemy import delete

from tourpad.core.identity.errors import NotOpenYet
from tourpad.core.identity.events import AddressChanged, EntryRequested, UserErased
from tourpad.core.rollout import queries, rules, service
from tourpad.core.rollout.models import BetaAddress
from tourpad.core.work import Work


def on_entry_requested(work: Work, event: EntryRequested) -> None:
    """Refuse whoever is not let in.

    Raises:
        NotOpenYet: they are not.
    """
    queries.hold_open(work)
    if not service.lets_in(work, email=event.email, user_type=event.user_type):
        raise NotOpenYet


def on_address_changed(work: Work, event: AddressChanged) -> None:
    """Whoever is in the group stays in it with another address."""
    old = queries.get_address(work, event.old_email)
    if old is None:
        return
    if queries.get_address(work, event.new_email) is None:
        old.email = rules.normal(event.new_email)
    else:
        work.session.delete(old)
    work.session.flush()


def on_user_erased(work: Work, event: UserErased) -> None:
    """Their address goes out of the group."""
    work.session.execute(delete(BetaAddress).where(BetaAddress.email.in_([rules.normal(one) for one in event.names])))
