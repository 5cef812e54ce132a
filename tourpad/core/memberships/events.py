"""What happens to memberships. Told by what changed, so that news that comes twice or late tells nothing twice."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tourpad.core.events import Event
from tourpad.core.identity.states import UserType


@dataclass(frozen=True, slots=True, kw_only=True)
class MembershipActivated(Event):
    """A membership began, or began again after it had ended."""

    membership_id: UUID
    user_id: UUID
    user_type: UserType
    is_first: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MembershipEnded(Event):
    """A membership is over."""

    membership_id: UUID
    user_id: UUID
    user_type: UserType


@dataclass(frozen=True, slots=True, kw_only=True)
class MembershipPastDue(Event):
    """A renewal was not paid; access lasts until `grace_until`."""

    membership_id: UUID
    user_id: UUID
    user_type: UserType
    grace_until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class MembershipRecovered(Event):
    """The renewal was paid after all."""

    membership_id: UUID
    user_id: UUID
    user_type: UserType


@dataclass(frozen=True, slots=True, kw_only=True)
class MembershipPlanChanged(Event):
    """It goes by another plan from now on."""

    membership_id: UUID
    user_id: UUID
    user_type: UserType
    plan_code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MembershipCancelling(Event):
    """The person wants it to end with what is paid for."""

    membership_id: UUID
    user_id: UUID
    user_type: UserType
    ends_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MembershipResumed(Event):
    """The person took that back."""

    membership_id: UUID
    user_id: UUID
    user_type: UserType


@dataclass(frozen=True, slots=True, kw_only=True)
class GiftPaid(Event):
    """A gift is paid. `code` is what the mail to its receiver carries; it is kept nowhere."""

    gift_id: UUID
    giver_user_id: UUID
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GiftRedeemed(Event):
    """Somebody has redeemed a gift: their membership has begun, or lasts longer."""

    gift_id: UUID
    giver_user_id: UUID
    user_id: UUID
    membership_id: UUID
    until: datetime | None
    """Until when it lasts by it; nothing where the gift pays the next renewals of a paid membership."""
