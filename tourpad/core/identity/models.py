"""Tables of people."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from tourpad.core.database.base import Base, enum_column
from tourpad.core.identity.states import TokenPurpose, UserState, UserType


class User(Base):
    """An account."""

    __tablename__ = "users"
    __table_args__ = (
        Index("uq_users_email_lower", text("lower(email)"), unique=True),
        CheckConstraint("state = 'erased' OR position('@' in email) > 1", name="email_shape"),
        Index("ix_users_type_state", "user_type", "state"),
    )

    email: Mapped[str]
    """As the person wrote it; unique without regard to case."""
    email_verified_at: Mapped[datetime | None]
    name: Mapped[str]
    user_type: Mapped[UserType] = mapped_column(enum_column(UserType, "user_type"))
    state: Mapped[UserState] = mapped_column(enum_column(UserState, "state"), default=UserState.PENDING)
    suspended_from: Mapped[str | None]
    """The state to return to when reinstated."""
    suspended_until: Mapped[datetime | None]
    suspension_reason: Mapped[str | None]
    sign_ins_valid_from: Mapped[datetime]
    """Access tokens issued before this instant are refused (reset, suspension, log out everywhere)."""
    referral_source: Mapped[str | None]
    terms_version: Mapped[str | None]
    terms_accepted_at: Mapped[datetime | None]
    privacy_version: Mapped[str | None]
    privacy_accepted_at: Mapped[datetime | None]
    adult_confirmed_at: Mapped[datetime | None]
    """When the person said, or showed by a date of birth that was not kept, that they are of age."""
    last_login_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(index=True)
    updated_at: Mapped[datetime]


class UserProfile(Base):
    """What every person may say of themselves, whatever their role."""

    __tablename__ = "user_profiles"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), unique=True)
    bio: Mapped[str | None]
    location: Mapped[str | None]
    phone: Mapped[str | None]
    """Private: shown to nobody but the person and admins."""
    website_url: Mapped[str | None]
    social_links: Mapped[dict[str, Any]]
    role_details: Mapped[dict[str, Any]]
    """First answers of the role's own form (`identity/rules.py: ROLE_PROFILE`), until its profile is made."""
    preferences: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class UserNote(Base):
    """What those who run the place note about a person. Never shown to the person."""

    __tablename__ = "user_notes"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    author_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    author_label: Mapped[str]
    """Who, in words that outlive the account: `admin 4f1c09ab`, `operator mara`."""
    note: Mapped[str]
    created_at: Mapped[datetime]


class Credential(Base):
    """A password's hash, apart from the account so that reading a person never reads it."""

    __tablename__ = "credentials"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), unique=True)
    password_hash: Mapped[str]
    changed_at: Mapped[datetime]


class SecondFactor(Base):
    """An authenticator app that belongs to an account."""

    __tablename__ = "second_factors"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), unique=True)
    sealed_secret: Mapped[str]
    """Encrypted with a key made of `TOURPAD_SECRET`."""
    confirmed_at: Mapped[datetime | None]
    """When the first code from the app came; until then it is not asked for."""
    last_step: Mapped[int] = mapped_column(default=0, server_default="0")
    """The time step of the last code that was taken: none works twice."""
    created_at: Mapped[datetime]


class RecoveryCode(Base):
    """One of the codes for whoever has lost the app. Each works once."""

    __tablename__ = "recovery_codes"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    code_hash: Mapped[str] = mapped_column(unique=True)
    """SHA-256 in hex."""
    used_at: Mapped[datetime | None]


class OAuthIdentity(Base):
    """A sign-in at another provider that belongs to an account."""

    __tablename__ = "oauth_identities"
    __table_args__ = (UniqueConstraint("issuer", "subject"),)

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    provider: Mapped[str]
    """What we called it when the two were linked."""
    issuer: Mapped[str] = mapped_column(server_default="")
    """A subject is somebody only together with its issuer: the same name may be given to another provider some day."""
    subject: Mapped[str]
    created_at: Mapped[datetime]


class OAuthSignIn(Base):
    """A sign-in with another provider that is under way: begun, then proved, and gone once it is done."""

    __tablename__ = "oauth_sign_ins"

    provider: Mapped[str]
    state_hash: Mapped[str] = mapped_column(unique=True)
    """SHA-256 in hex, as of all that follows."""
    browser_hash: Mapped[str]
    """Of the cookie: only the browser that began it can end it."""
    nonce_hash: Mapped[str]
    sealed_verifier: Mapped[str]
    """PKCE's secret, encrypted with a key made of `TOURPAD_SECRET`."""
    user_type: Mapped[UserType | None] = mapped_column(enum_column(UserType, "user_type"))
    """Which account to make where there is none."""
    return_to: Mapped[str | None]
    challenge: Mapped[str | None]
    """S256 of what the front end keeps to itself until it redeems the ticket."""
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    claimed_at: Mapped[datetime | None]
    """When the browser came back: it does so once."""
    ticket_hash: Mapped[str | None] = mapped_column(unique=True)
    """Set once the provider's word is proved; what follows is that word."""
    issuer: Mapped[str | None]
    subject: Mapped[str | None]
    email: Mapped[str | None]
    """None where the provider does not vouch for it."""
    name: Mapped[str | None]


class EmailToken(Base):
    """A link in a mail: only its hash is kept, it works once and not for long."""

    __tablename__ = "email_tokens"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    purpose: Mapped[TokenPurpose] = mapped_column(enum_column(TokenPurpose, "purpose"))
    token_hash: Mapped[str] = mapped_column(unique=True)
    """SHA-256 in hex."""
    new_email: Mapped[str | None]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class AuthSession(Base):
    """One sign-in on one device: the family of refresh tokens that rotate within it."""

    __tablename__ = "auth_sessions"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    refresh_hash: Mapped[str] = mapped_column(unique=True)
    """SHA-256 of the one refresh token that is good now."""
    generation: Mapped[int] = mapped_column(default=0, server_default="0")
    """How often it has rotated; a token of an earlier generation is a reused one and ends the session."""
    user_agent: Mapped[str | None]
    address: Mapped[str | None]
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[str | None]
