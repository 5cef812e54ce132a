"""Shapes of people, shared by the routes that show them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from tourpad.core.identity.models import User, UserProfile
from tourpad.web.errors import camel
from tourpad.web.shapes import Output


class ProfileOut(Output):
    """What a person says of themselves; `details` are the first answers of the role's own form."""

    bio: str | None
    location: str | None
    phone: str | None
    website_url: str | None
    social_links: dict[str, Any]
    details: dict[str, Any]


class UserOut(Output):
    """A person, as they see themselves and as admins see them."""

    id: UUID
    email: str
    name: str
    user_type: str
    status: str
    email_verified: bool
    profile_image_url: str | None
    """Of one's own picture; told by `GET /api/users/me` only."""
    created_at: datetime
    last_login_at: datetime | None
    profile: ProfileOut | None = None


def user_out(user: User, profile: UserProfile | None = None, *, picture: str | None = None) -> UserOut:
    """Shape one person. `picture` is the address of their own picture."""
    return UserOut(
        id=user.id,
        email=user.email,
        name=user.name,
        user_type=user.user_type.value,
        status=user.state.value,
        email_verified=user.email_verified_at is not None,
        profile_image_url=picture,
        created_at=user.created_at,
        last_login_at=user.last_login_at,
        profile=profile_out(profile) if profile else None,
    )


def profile_out(profile: UserProfile) -> ProfileOut:
    """Shape one profile."""
    return ProfileOut(
        bio=profile.bio,
        location=profile.location,
        phone=profile.phone,
        website_url=profile.website_url,
        social_links=profile.social_links,
        details={camel(key): value for key, value in profile.role_details.items()},
    )
