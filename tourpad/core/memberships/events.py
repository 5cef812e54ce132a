"""What happens to memberships. Told by what changed, so that news that comes twice or late tells nothing twice."""

from datetime import datetime
from uuid import UUID

from tourpad.core.events import Event
from tourpad.core.identity.states import UserType
from tourpad.core.memberships.states import MembershipState


class MembershipActivated(Event, kw_only=True):
    """A membership began, or began again after it had ended."""

    membership_id: UUID
    user_id: UUID
    user_type: UserType
    is_first: bool


class MembershipEnded(Event, kw_only=True):
    """A membership is over."""

    membership_id: UUID
    user_id: UUID
    user_type: UserType
    was: MembershipState
    """How it stood before, which says why: not paid, cancelled, or ended in the middle."""
    is_wish: bool = False
    """The person ended it while a renewal was not paid."""


class MembershipPastDue(Event, kw_only=True):
    """A renewal was not paid; access lasts until `grace_until`."""

    membership_id: UUID
    user_id: UUID
    user_type: UserType
    grace_until: datetime


class MembershipRecovered(Event, kw_only=True):
    """The renewal was paid after all."""

    membership_id: UUID
    user_id: UUID
    user_type: UserType


class MembershipPlanChanged(Event, kw_only=True):
    """It goes by another plan from now on."""

    membership_id: UUID
    user_id: UUID
    user_type: UserType
    plan_code: str


class MembershipCancelling(Event, kw_only=True):
    """The person wants it to end with what is paid for."""

    membership_id: UUID
    user_id: UUID
    user_type: UserType
    ends_at: datetime | None


class MembershipResumed(Event, kw_only=True):
    """The person took that back."""

    membership_id: UUID
    user_id: UUID
    user_type: UserType


class GiftPaid(Event, kw_only=True):
    """A gift is paid. `code` is what the mail to its receiver carries; it is kept nowhere."""

    gift_id: UUID
    giver_user_id: UUID
    code: str
    is_new: bool
    """Whether it is the gift's first code; a later one voids those before."""


class GiftRedeemed(Event, kw_only=True):
    """Somebody has redeemed a gift: their membership has begun, or lasts longer."""

    gift_id: UUID
    giver_user_id: UUID
    user_id: UUID
    membership_id: UUID
    until: datetime | None
    """Until when it lasts by it; nothing where the gift pays the next renewals of a paid membership."""


class GiftLapsed(Event, kw_only=True):
    """Nobody has redeemed a gift in time."""

    gift_id: UUID
    giver_user_id: UUID
