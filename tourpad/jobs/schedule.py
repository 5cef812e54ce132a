"""When a job is due. A slot is a scheduled instant; everybody computes the same ones from the clock alone."""

from datetime import UTC, datetime, timedelta
from typing import Protocol

from tourpad.core.values import Value

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Schedule(Protocol):
    """A rule for slots."""

    def latest(self, now: datetime) -> datetime:
        """The last slot at or before `now`."""
        ...

    def following(self, now: datetime) -> datetime:
        """The first slot after `now`."""
        ...


class Every(Value):
    """At whole multiples of a period since the epoch, so that all replicas agree."""

    seconds: int

    def latest(self, now: datetime) -> datetime:
        """The last multiple."""
        period = timedelta(seconds=self.seconds)
        return _EPOCH + (now - _EPOCH) // period * period

    def following(self, now: datetime) -> datetime:
        """The next multiple."""
        return self.latest(now) + timedelta(seconds=self.seconds)

    def __str__(self) -> str:
        if self.seconds % 3600 == 0:
            hours = self.seconds // 3600
            return "every hour" if hours == 1 else f"every {hours} hours"
        if self.seconds % 60 == 0:
            minutes = self.seconds // 60
            return "every minute" if minutes == 1 else f"every {minutes} minutes"
        return f"every {self.seconds} s"


class Daily(Value):
    """Once a day at a time in UTC."""

    hour: int
    minute: int = 0

    def latest(self, now: datetime) -> datetime:
        """Today's slot, or yesterday's when it has not come yet."""
        today = now.replace(hour=self.hour, minute=self.minute, second=0, microsecond=0)
        return today if today <= now else today - timedelta(days=1)

    def following(self, now: datetime) -> datetime:
        """Today's slot when it is still to come, or tomorrow's."""
        return self.latest(now) + timedelta(days=1)

    def __str__(self) -> str:
        return f"daily at {self.hour:02}:{self.minute:02} UTC"
