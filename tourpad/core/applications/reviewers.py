"""Who reviews: an admin's account, or a login at a terminal."""

from uuid import UUID

from tourpad.core.actors import Actor, ActorKind
from tourpad.core.values import Value


class Reviewer(Value):
    """One reviewer, as claims, scores and decisions know them."""

    key: str
    """The same for the same reviewer: an account's id, or the terminal's label."""
    user_id: UUID | None
    """The account; none at a terminal where nobody signed in."""
    label: str
    """In words that outlive the account: `admin 4f1c09ab`, `operator mara`."""

    @property
    def is_account(self) -> bool:
        """Whether it is one person for sure, and so may give or ask for a second opinion."""
        return self.user_id is not None


def reviewer_of(actor: Actor) -> Reviewer:
    """The reviewer behind a unit of work."""
    account = actor.user_id if actor.kind is ActorKind.PERSON and actor.is_admin else None
    return Reviewer(key=str(account) if account else actor.label, user_id=account, label=actor.label)
