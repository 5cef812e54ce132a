"""Why a membership can't be begun, ended or resumed."""

from tourpad.core.errors import ConflictError, NotFoundError, RefusedError


class AlreadyMember(RefusedError):
    """There is a membership that has not ended; a second one would be paid twice."""

    code = "already_member"


class NotForRole(RefusedError):
    """Memberships are for artists and fans; hosts give their home."""

    code = "no_membership_for_role"


class NoMembership(NotFoundError):
    """This person has no membership that this could be done to."""

    code = "no_membership"


class NothingToCancel(RefusedError):
    """The membership has ended, or ends already."""

    code = "nothing_to_cancel"


class NothingToResume(RefusedError):
    """The membership has ended for good, or goes on anyway."""

    code = "nothing_to_resume"


class PriceMissing(RefusedError):
    """A plan has no price at Stripe yet."""

    code = "price_missing"


class PaymentUnderWay(ConflictError):
    """The page was paid a moment ago; Stripe's news of it is on its way."""

    code = "payment_under_way"


class SamePlan(RefusedError):
    """It goes by that plan already."""

    code = "same_plan"


class NotChangeable(RefusedError):
    """A membership's plan can't be changed while it stands as it does."""

    code = "plan_not_changeable"


class GiftUnknown(NotFoundError):
    """No gift has this code."""

    code = "gift_unknown"


class GiftNotRedeemable(RefusedError):
    """A gift was redeemed, taken back or has lapsed, or is not for this person."""

    code = "gift_not_redeemable"


class GiftNotRefundable(RefusedError):
    """A gift was redeemed or refunded, or was never paid."""

    code = "gift_not_refundable"
