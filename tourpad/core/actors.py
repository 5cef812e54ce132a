"""Who acts."""

from enum import StrEnum
from uuid import UUID

from tourpad.core.values import Value


class ActorKind(StrEnum):
    """What sort of hand it is."""

    PERSON = "person"
    """Somebody signed in through the API."""
    OPERATOR = "operator"
    """Somebody at the terminal."""
    JOB = "job"
    """A scheduled job."""
    STRIPE = "stripe"
    """Stripe, by one of its events."""
    NOBODY = "nobody"
    """Not signed in."""


class Actor(Value):
    """Whoever is behind a unit of work. `label` goes to the audit log and outlives the account."""

    kind: ActorKind
    label: str
    user_id: UUID | None = None
    role: str | None = None
    """A `UserType` where a person is signed in."""

    @property
    def is_admin(self) -> bool:
        """An admin through the API, or an operator at the terminal."""
        return self.kind is ActorKind.OPERATOR or (self.kind is ActorKind.PERSON and self.role == "admin")


NOBODY = Actor(ActorKind.NOBODY, "nobody")
STRIPE = Actor(ActorKind.STRIPE, "stripe")


def job_actor(name: str) -> Actor:
    """The actor of one job."""
    return Actor(ActorKind.JOB, f"job {name}")


def operator(login: str) -> Actor:
    """The person at the terminal, by their login on the machine."""
    return Actor(ActorKind.OPERATOR, f"operator {login}")


def person(user_id: UUID, role: str) -> Actor:
    """Somebody signed in. The label holds no name: the log can't forget one when its owner is erased."""
    return Actor(ActorKind.PERSON, f"{role} {user_id.hex[-8:]}", user_id, role)
