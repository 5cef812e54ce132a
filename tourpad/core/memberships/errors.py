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
