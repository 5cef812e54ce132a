"""Tables of the doors: which stage was set when, and whose addresses are in the group."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from tourpad.core.database.base import Base, enum_column
from tourpad.core.rollout.states import RolloutStage


class RolloutChange(Base):
    """One stage that was set. The newest is in force; with none everybody is let in."""

    __tablename__ = "rollout_changes"

    stage: Mapped[RolloutStage] = mapped_column(enum_column(RolloutStage, "stage"))
    set_at: Mapped[datetime]
    set_by: Mapped[str]
    """Who, in words that outlive the account: `operator mara`."""


class BetaAddress(Base):
    """A mail address that is let in while the stage is `beta`, whether or not it has an account yet."""

    __tablename__ = "beta_addresses"

    email: Mapped[str] = mapped_column(unique=True)
    """In lower case."""
    added_at: Mapped[datetime]
    added_by: Mapped[str]
    """Who, as above."""
