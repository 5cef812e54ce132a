"""Signing in with another provider: begun, come back, proved; then a session, an account, or a link to one.

The browser begins with a state and a cookie and comes back once. What the provider then proves is kept under a ticket
for minutes, until the front end says what to do with it: sign in, make an account, or add the sign-in to one.
"""

import base64
import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Final
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError

from tourpad.core.errors import FieldError, NotFoundError
from tourpad.core.identity import passwords, queries, rules, tokens
from tourpad.core.identity.addresses import checked_name
from tourpad.core.identity.errors import (
    AccountNeeded,
    AddressNotVouched,
    InvalidCredentials,
    LastSignIn,
    LinkNeeded,
    SignInNotValid,
    SignInTaken,
)
from tourpad.core.identity.events import ProviderLinked
from tourpad.core.identity.models import OAuthIdentity, OAuthSignIn, User
from tourpad.core.identity.service import entry, registration, second_factor, sessions, signin
from tourpad.core.identity.states import UserState, UserType
from tourpad.core.work import Work

if TYPE_CHECKING:
    from tourpad.core.gateways.oidc import Proved

BEGUN_LIFE: Final = timedelta(minutes=15)
"""How long somebody may take at the provider."""
TICKET_LIFE: Final = timedelta(minutes=10)
_PURPOSE: Final = "provider sign-in"


@dataclass(frozen=True, slots=True)
class Begun:
    """What goes to the provider, and what stays with the browser."""

    state: str = field(repr=False)
    nonce: str = field(repr=False)
    challenge: str
    """S256 of PKCE's verifier, which never leaves us."""
    browser: str = field(repr=False)
    """For a cookie: whoever comes back without it did not begin."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A sign-in whose browser has come back."""

    sign_in_id: UUID
    verifier: str = field(repr=False)
    nonce_hash: str
    return_to: str | None


def begin(
    work: Work,
    *,
    provider: str,
    user_type: UserType | None = None,
    return_to: str | None = None,
    challenge: str | None = None,
) -> Begun:
    """Begin to sign in with a provider.

    Args:
        work: the unit of work.
        provider: its name.
        user_type: which account to make where there is none; without it none is made unasked.
        return_to: where the browser goes in the end, with a ticket; one of our own origins.
        challenge: S256 of what the front end shows with the ticket; needed with `return_to`.

    Raises:
        InvalidInputError: `return_to` leads elsewhere, or `challenge` is missing or malformed.
    """
    origins = (work.settings.base_url, *work.settings.cors_origins)
    rules.check_return(return_to, challenge, origins=origins)
    state, nonce, verifier, browser = (tokens.new_secret() for _ in range(4))
    work.add(
        OAuthSignIn(
            provider=provider,
            state_hash=tokens.digest(state),
            browser_hash=tokens.digest(browser),
            nonce_hash=tokens.digest(nonce),
            sealed_verifier=tokens.cipher(work.settings.secret, _PURPOSE).encrypt(verifier.encode()).decode(),
            user_type=user_type,
            return_to=return_to,
            challenge=challenge,
            created_at=work.now,
            expires_at=work.now + BEGUN_LIFE,
        )
    )
    return Begun(state=state, nonce=nonce, challenge=_s256(verifier), browser=browser)


def claim(work: Work, *, provider: str, state: str, browser: str | None) -> Claimed:
    """The browser has come back: it is the one that began, from the provider it went to, and it comes once.

    Raises:
        SignInNotValid: any of that is not so, or it took too long.
    """
    row = queries.get_sign_in_for_update(work, tokens.digest(state))
    if row is None or row.provider != provider or row.claimed_at is not None or row.expires_at <= work.now:
        raise SignInNotValid
    if browser is None or not hmac.compare_digest(row.browser_hash, tokens.digest(browser)):
        raise SignInNotValid
    row.claimed_at = work.now
    work.session.flush()
    verifier = tokens.cipher(work.settings.secret, _PURPOSE).decrypt(row.sealed_verifier.encode()).decode()
    return Claimed(sign_in_id=row.id, verifier=verifier, nonce_hash=row.nonce_hash, return_to=row.return_to)


def prove(work: Work, *, sign_in_id: UUID, proved: "Proved") -> str:
    """Keep the provider's word. Answers the ticket that stands for it, for ten minutes."""
    row = work.session.get_one(OAuthSignIn, sign_in_id)
    ticket = tokens.new_secret()
    row.ticket_hash = tokens.digest(ticket)
    row.issuer, row.subject, row.email, row.name = proved.issuer, proved.subject, proved.email, proved.name
    row.expires_at = work.now + TICKET_LIFE
    work.session.flush()
    return ticket


def finish(
    work: Work,
    *,
    ticket: str,
    verifier: str | None = None,
    totp: str | None = None,
    user_type: UserType | None = None,
    is_adult: bool | None = None,
    address: str | None = None,
    user_agent: str | None = None,
) -> sessions.SignedIn:
    """Sign in with a ticket, which is spent by it. A refusal leaves it, for a code or a choice to be sent along.

    Somebody whom an account knows is signed in to that. Somebody new is signed in to the account with their mail
    address, where both the provider and we have proof of it; to an admin's account only the admin adds a sign-in.
    Where there is none, one is made.

    Args:
        work: the unit of work.
        ticket: from `prove`.
        verifier: what the front end has kept; its S256 was the `challenge`.
        totp: where the account has a second factor.
        user_type: which account to make, unless that was said at the beginning.
        is_adult: what somebody new says of their age.
        address: from where, for the person's own list of sessions.
        user_agent: with what, likewise.

    Raises:
        SignInNotValid: the ticket or the verifier is not good.
        NotOpenYet: they are not let in yet.
        AccountNeeded, AddressNotVouched: there is no account, and none can be made.
        LinkNeeded: an account has the address, and is not safely the same person's.
        AccountSuspended, SecondFactorRequired, InvalidCode: as at any sign-in.
    """
    row = _of_ticket(work, ticket, verifier)
    issuer, subject = row.issuer or "", row.subject or ""
    linked = queries.find_identity(work, issuer=issuer, subject=subject)
    if linked is not None:
        user = queries.get_for_update(work, linked.user_id)
    else:
        user = _with_address(work, row) or _new(work, row, user_type or row.user_type, is_adult=is_adult)
    signin.admit(work, user=user, totp=totp)
    if linked is None:
        _attach(work, user, row)
    work.session.delete(row)
    return signin.enter(work, user=user, address=address, user_agent=user_agent)


def who(work: Work, *, ticket: str) -> str | None:
    """Who a ticket stands for, as limits count them; None for a ticket that is none."""
    row = queries.get_ticket_for_update(work, tokens.digest(ticket))
    return f"{row.issuer} {row.subject}" if row else None


def link(
    work: Work,
    *,
    user_id: UUID,
    ticket: str,
    verifier: str | None = None,
    password: str | None = None,
    totp: str | None = None,
) -> OAuthIdentity:
    """Add the sign-in that a ticket stands for to one's account.

    It is a key to the account, so whoever adds it shows the password (where there is one) and the second factor again.

    Raises:
        SignInNotValid: the ticket or the verifier is not good.
        InvalidCredentials, SecondFactorRequired, InvalidCode: they are not.
        SignInTaken: it belongs to another account.
    """
    user = queries.get_for_update(work, user_id)
    credential = queries.get_credential(work, user_id)
    if credential is not None:
        memory = work.settings.password_memory_kib
        if not passwords.verify_password(password or "", credential.password_hash, memory_kib=memory)[0]:
            raise InvalidCredentials
    second_factor.check(work, user=user, code=totp)
    row = _of_ticket(work, ticket, verifier)
    known = queries.find_identity(work, issuer=row.issuer or "", subject=row.subject or "")
    if known is not None and known.user_id != user.id:
        raise SignInTaken
    made = known or _attach(work, user, row)
    work.session.delete(row)
    work.session.flush()
    return made


def unlink(work: Work, *, user_id: UUID, identity_id: UUID) -> None:
    """Take a sign-in off one's account.

    Raises:
        NotFoundError: it is none of this person's.
        LastSignIn: there is no password and no other one.
    """
    queries.get_for_update(work, user_id)
    mine = queries.identities(work, user_id)
    found = next((one for one in mine if one.id == identity_id), None)
    if found is None:
        raise NotFoundError("There is no such sign-in.", hint="GET /api/auth/oauth/links lists yours.")
    if len(mine) == 1 and queries.get_credential(work, user_id) is None:
        raise LastSignIn
    work.session.delete(found)
    work.audit("user.unlink_provider", target_type="user", target_id=user_id, provider=found.provider)
    work.session.flush()


def forget_ended(work: Work) -> int:
    """Delete sign-ins that were never finished. Answers how many."""
    gone = work.session.execute(delete(OAuthSignIn).where(OAuthSignIn.expires_at <= work.now).returning(OAuthSignIn.id))
    return len(gone.all())


def _of_ticket(work: Work, ticket: str, verifier: str | None) -> OAuthSignIn:
    row = queries.get_ticket_for_update(work, tokens.digest(ticket))
    if row is None or row.expires_at <= work.now:
        raise SignInNotValid
    if row.challenge is not None and not hmac.compare_digest(row.challenge, _s256(verifier or "")):
        raise SignInNotValid
    return row


def _with_address(work: Work, row: OAuthSignIn) -> User | None:
    """The account with the address that the provider vouches for, locked; None where nobody has it."""
    found = queries.find_by_email(work, row.email) if row.email else None
    if found is None:
        return None
    user = queries.get_for_update(work, found.id)
    ours = user.email_verified_at is not None and user.email.casefold() == (row.email or "").casefold()
    if not ours or user.user_type is UserType.ADMIN or user.state is UserState.ERASED:
        # Whoever registered an address without proving it may have waited for its owner; an admin's account is worth
        # more than a provider's word.
        raise LinkNeeded
    return user


def _new(work: Work, row: OAuthSignIn, user_type: UserType | None, *, is_adult: bool | None) -> User:
    if row.email is None:
        raise AddressNotVouched(row.provider)
    entry.check(work, email=row.email, user_type=user_type)
    if user_type is None:
        raise AccountNeeded
    unfit: list[FieldError] = []
    name = checked_name(row.name or "", unfit)
    name = row.email.partition("@")[0] if unfit else name
    try:
        return registration.register_proved(
            work, email=row.email, name=name, user_type=user_type, provider=row.provider, is_adult=is_adult
        )
    except IntegrityError:
        raise LinkNeeded from None


def _attach(work: Work, user: User, row: OAuthSignIn) -> OAuthIdentity:
    made = OAuthIdentity(
        user_id=user.id,
        provider=row.provider,
        issuer=row.issuer or "",
        subject=row.subject or "",
        created_at=work.now,
    )
    try:
        with work.session.begin_nested():
            work.add(made)
    except IntegrityError:
        # Another ticket of the same person was finished in the same instant.
        raise SignInTaken from None
    work.audit("user.link_provider", target_type="user", target_id=user.id, provider=row.provider)
    work.emit(ProviderLinked(user_id=user.id, provider=row.provider))
    return made


def _s256(verifier: str) -> str:
    """RFC 7636, 4.2."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
