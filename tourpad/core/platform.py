"""The composition root: settings, database, clock and the gateways, built once and handed down."""

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Final, Self

from tourpad.core.actors import Actor
from tourpad.core.clock import Clock, HomeClock, clock_from
from tourpad.core.database import embedded
from tourpad.core.database.engine import make_engine, make_sessions
from tourpad.core.database.roles import become_search
from tourpad.core.reactions import react
from tourpad.core.settings import Settings
from tourpad.core.work import Work

if TYPE_CHECKING:
    from sqlalchemy import Engine
    from sqlalchemy.orm import Session, sessionmaker

    from tourpad.core.gateways.calendars import CalendarGateway
    from tourpad.core.gateways.mail import MailGateway
    from tourpad.core.gateways.oidc import OidcGateway
    from tourpad.core.gateways.scanner import ScannerGateway
    from tourpad.core.gateways.storage import StorageGateway
    from tourpad.core.gateways.stripe import StripeGateway
    from tourpad.core.gateways.usage import UsageGateway
    from tourpad.core.live.sending import Sender
    from tourpad.core.requests.windows import Windows

HOME_CLOCK: Final = "clock"
"""The file of a home's own clock: a demo leaves one, and `tourpad clock move` makes one."""


class Platform:
    """Everything that a shell needs. Gateways are opened when first used, so that a command pays for what it does."""

    def __init__(
        self,
        *,
        settings: Settings,
        database_url: str,
        clock: Clock,
        stripe: "StripeGateway | None" = None,
        mail: "MailGateway | None" = None,
        storage: "StorageGateway | None" = None,
        scanner: "ScannerGateway | None" = None,
        calendars: "CalendarGateway | None" = None,
    ) -> None:
        self.settings = settings
        self.database_url = database_url
        self.clock = clock
        self._stripe = stripe
        self._mail = mail
        self._storage = storage
        self._scanner = scanner
        self._calendars = calendars
        self.books_seen_at: float | None = None
        """When it was last seen that the books are not behind Stripe, by the machine's monotonic clock (payments)."""

    @classmethod
    def open(
        cls,
        settings: Settings,
        *,
        clock: Clock | None = None,
        stripe: "StripeGateway | None" = None,
        mail: "MailGateway | None" = None,
        storage: "StorageGateway | None" = None,
        scanner: "ScannerGateway | None" = None,
        calendars: "CalendarGateway | None" = None,
    ) -> Self:
        """Build it from settings; whatever is given stands in for the real part.

        Raises:
            ConfigurationError: if the embedded database does not start or `TOURPAD_CLOCK` can't be read.
        """
        return cls(
            settings=settings,
            database_url=settings.database_url or embedded.start(settings.home),
            clock=clock or clock_of(settings),
            stripe=stripe,
            mail=mail,
            storage=storage,
            scanner=scanner,
            calendars=calendars,
        )

    @cached_property
    def engine(self) -> "Engine":
        """The pool of connections."""
        return make_engine(self.database_url, pool_size=self.settings.database_pool)

    @cached_property
    def autocommit(self) -> "Engine":
        """The same pool without transactions: each statement commits by itself (sign-in, counters, hot reads)."""
        return self.engine.execution_options(isolation_level="AUTOCOMMIT")

    @cached_property
    def windows(self) -> "Windows":
        """Where exact limits are counted: Redis where there is one, else PostgreSQL."""
        from tourpad.core.requests.windows import open_windows  # noqa: PLC0415 - only shells that limit need it

        return open_windows(self.settings.redis_url, self.autocommit)

    @cached_property
    def read_engine(self) -> "Engine":
        """Where read-only queries go: the replica where there is one."""
        if self.settings.database_replica_url:
            return make_engine(self.settings.database_replica_url, pool_size=self.settings.database_pool)
        return self.engine

    @cached_property
    def sessions(self) -> "sessionmaker[Session]":
        """The maker of sessions; what they commit is told to open sockets."""
        made = make_sessions(self.engine)
        self.signals.attach(made)
        return made

    @cached_property
    def read_sessions(self) -> "sessionmaker[Session]":
        """The maker of sessions that only read."""
        return make_sessions(self.read_engine) if self.settings.database_replica_url else self.sessions

    @cached_property
    def signals(self) -> "Sender":
        """How open sockets in all processes are told: by Redis where there is one, else by PostgreSQL."""
        from tourpad.core.live.sending import open_sender  # noqa: PLC0415 - a feature above the floor

        return open_sender(self.settings.redis_url, self.autocommit)

    @cached_property
    def stripe(self) -> "StripeGateway":
        """Stripe, or the local sandbox where no key is set."""
        from tourpad.core.gateways.stripe import open_stripe  # noqa: PLC0415 - costs up to a second of CPU

        return self._stripe or open_stripe(self.settings, self.clock)

    @cached_property
    def mail(self) -> "MailGateway":
        """SendGrid, or the local outbox where no key is set."""
        from tourpad.core.gateways.mail import open_mail  # noqa: PLC0415 - as above

        return self._mail or open_mail(self.settings)

    @cached_property
    def storage(self) -> "StorageGateway":
        """S3 by its buckets, or files under `TOURPAD_HOME` where none are set."""
        from tourpad.core.gateways.storage import open_storage  # noqa: PLC0415 - as above

        return self._storage or open_storage(self.settings, self.clock)

    @cached_property
    def scanner(self) -> "ScannerGateway | None":
        """clamd, or nothing where no socket is set (what then is the media feature's to decide)."""
        from tourpad.core.gateways.scanner import open_scanner  # noqa: PLC0415 - as above

        return self._scanner or open_scanner(self.settings)

    @cached_property
    def providers(self) -> "Mapping[str, OidcGateway]":
        """Who else may sign people in, by name; none where none is set."""
        from tourpad.core.gateways.oidc import open_providers  # noqa: PLC0415 - as above

        return open_providers(self.settings, self.clock)

    @cached_property
    def calendars(self) -> "CalendarGateway":
        """The way out to calendars that people keep elsewhere."""
        from tourpad.core.gateways.calendars import open_calendars  # noqa: PLC0415 - as above

        return self._calendars or open_calendars()

    @cached_property
    def usage(self) -> "UsageGateway | None":
        """Who counts what happens; nobody where no key is set."""
        from tourpad.core.gateways.usage import open_usage  # noqa: PLC0415 - as above

        return open_usage(self.settings)

    @contextmanager
    def work(self, actor: Actor, *, quiet: bool = False) -> Generator[Work]:
        """Open one unit of work. What is not committed inside is rolled back at the end.

        Args:
            actor: who acts.
            quiet: nobody gets a mail or a notification of what happens in it (an import).
        """
        with self.sessions() as session:
            yield Work(session=session, clock=self.clock, actor=actor, settings=self.settings, react=react, quiet=quiet)

    @contextmanager
    def reading(self, actor: Actor) -> Generator[Work]:
        """A unit of work that only reads, all of it as of one moment; from the replica where there is one.

        A replica is behind by as long as it takes: for what is looked up and counted, never for what is decided on.
        """
        with self.read_sessions() as session:
            session.connection(execution_options={"isolation_level": "REPEATABLE READ", "postgresql_readonly": True})
            yield Work(session=session, clock=self.clock, actor=actor, settings=self.settings, react=react)

    @contextmanager
    def searching(self, actor: Actor) -> Generator[Work]:
        """A unit of work that reads as the role that serves search: an exact address is out of its reach.

        From the replica where there is one.
        """
        with self.read_sessions() as session:
            become_search(session)
            yield Work(session=session, clock=self.clock, actor=actor, settings=self.settings, react=react)

    def close(self) -> None:
        """Give back connections and stop what was started."""
        for name in ("windows", "signals"):
            if name in self.__dict__:
                self.__dict__[name].close()
        for name in ("engine", "read_engine"):
            if name in self.__dict__:
                self.__dict__[name].dispose()
        if "stripe" in self.__dict__:
            self.stripe.close()


def clock_of(settings: Settings) -> Clock:
    """`TOURPAD_CLOCK`, or a local home's own clock (a demo's data lives in its season's time), or the machine's.

    Raises:
        ConfigurationError: `TOURPAD_CLOCK` can't be read.
    """
    if settings.clock is None and settings.is_local:
        return HomeClock(settings.home / HOME_CLOCK)
    return clock_from(settings.clock)
