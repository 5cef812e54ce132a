"""Another mail address for an account: both the old and the new one must say yes."""

from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import delete

from tourpad.core.errors import FieldError, InvalidInputError
from tourpad.core.identity import passwords, queries, tokens
from tourpad.core.identity.addresses import checked_email
from tourpad.core.identity.errors import InvalidCredentials, LinkNotValid
from tourpad.core.identity.events import AddressAlreadyRegistered, AddressChanged, AddressChangeRequested
from tourpad.core.identity.models import EmailToken, User
from tourpad.core.identity.service import links
from tourpad.core.identity.states import TokenPurpose
from tourpad.core.work import Work

CHANGE_LIFE: Final = timedelta(hours=24)
_HINT: Final = "POST /api/auth/email/change begins anew."


def request_change(work: Work, *, user_id: UUID, password: str, new_email: str) -> None:
    """Mail a link to each of both addresses; an earlier request ends.

    Whether the new address belongs to another account is told to nobody but its owner.

    Raises:
        InvalidCredentials: the password is wrong.
        InvalidInputError: it is no mail address, or the one that the account has.
    """
    user = queries.get_for_update(work, user_id)
    credential = queries.get_credential(work, user_id)
    stored = credential.password_hash if credential else None
    if not passwords.verify_password(password, stored, memory_kib=work.settings.password_memory_kib)[0]:
        raise InvalidCredentials
    faults: list[FieldError] = []
    new_email = checked_email(new_email, faults, local=work.settings.is_local, field="new_email")
    if not faults and new_email.casefold() == user.email.casefold():
        faults.append(FieldError("new_email", "is the address that the account has"))
    if faults:
        raise InvalidInputError(*faults)
    _forget(work, user)
    old_token, expires_at = links.make(
        work, user_id=user.id, purpose=TokenPurpose.CHANGE_EMAIL, life=CHANGE_LIFE, new_email=new_email
    )
    new_token, _ = links.make(
        work, user_id=user.id, purpose=TokenPurpose.CHANGE_EMAIL, life=CHANGE_LIFE, new_email=new_email
    )
    work.audit("user.request_email_change", target_type="user", target_id=user.id)
    taken = queries.find_by_email(work, new_email)
    if taken is not None:
        work.emit(AddressAlreadyRegistered(user_id=taken.id))
    work.emit(
        AddressChangeRequested(
            user_id=user.id,
            new_email=new_email,
            old_token=old_token,
            # The second link is what would prove the new address: of somebody else's nobody ever learns it.
            new_token=None if taken else new_token,
            expires_at=expires_at,
        )
    )


def confirm_change(work: Work, *, token: str) -> bool:
    """One of both addresses says yes. Answers whether the address has changed: it was the second one.

    Raises:
        LinkNotValid: it was used, is older than 24 hours, is none of ours, or the address went to somebody else.
    """
    hashed = tokens.digest(token.strip())
    owner = queries.owner_of_token(work, hashed, TokenPurpose.CHANGE_EMAIL)
    if owner is None:
        raise LinkNotValid(_HINT)
    # Locked first: of two clicks at once, one in each mail, the second sees what the first has done.
    user = queries.get_for_update(work, owner)
    link = queries.get_token_for_update(work, hashed, TokenPurpose.CHANGE_EMAIL)
    if link is None or link.used_at is not None or link.expires_at <= work.now or link.new_email is None:
        raise LinkNotValid(_HINT)
    link.used_at = work.now
    work.session.flush()
    if queries.open_tokens(work, user.id, TokenPurpose.CHANGE_EMAIL):
        return False
    if queries.find_by_email(work, link.new_email) is not None:
        raise LinkNotValid(_HINT)
    old = user.email
    user.email = link.new_email
    user.email_verified_at = user.updated_at = work.now
    _forget(work, user)
    # A link that went to the old address must not open the account any more.
    work.session.execute(
        delete(EmailToken).where(EmailToken.user_id == user.id, EmailToken.purpose == TokenPurpose.RESET_PASSWORD)
    )
    work.session.flush()
    work.audit("user.change_email", target_type="user", target_id=user.id)
    work.emit(AddressChanged(user_id=user.id, old_email=old, new_email=user.email))
    return True


def _forget(work: Work, user: User) -> None:
    work.session.execute(
        delete(EmailToken).where(EmailToken.user_id == user.id, EmailToken.purpose == TokenPurpose.CHANGE_EMAIL)
    )
