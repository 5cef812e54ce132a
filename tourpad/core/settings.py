"""Settings: the environment first, then `.env`, then `tourpad.toml`, then the default.

Every setting is one field of `Settings`; its metadata names the variable, says what it means, whether it is
secret, and whether production may start on its default. `tourpad config show` and the reference are made from that.
"""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tourpad.core import providers
from tourpad.core.errors import ConfigurationError
from tourpad.core.home import default_home, local_secret
from tourpad.core.providers import Provider


class Env(StrEnum):
    """Where this runs."""

    DEV = "dev"
    TEST = "test"
    STAGING = "staging"
    PRODUCTION = "production"


def _setting(variable: str, default: Any, doc: str, *, secret: bool = False, production: str = "") -> Any:
    """One setting. `production` says why its default is refused there; empty means that it is fine."""
    return field(
        default=default,
        metadata={"variable": variable, "doc": doc, "secret": secret, "production": production},
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All settings, read once at start and handed down. Amounts are cents, shares basis points, times as named."""

    env: Env = _setting("TOURPAD_ENV", Env.DEV, "dev, test, staging or production")
    home: Path = _setting("TOURPAD_HOME", Path(), "embedded database, local media, outbox, sandbox state")
    secret: tuple[str, ...] = _setting(
        "TOURPAD_SECRET",
        (),
        "signs tokens; several separated by commas to rotate, newest first",
        secret=True,
        production="tokens would be signed with a generated development secret",
    )
    base_url: str = _setting(
        "TOURPAD_BASE_URL",
        "http://127.0.0.1:8000",
        "links in mail, calendars and QR codes",
        production="links in mail would point at this machine",
    )
    clock: str | None = _setting("TOURPAD_CLOCK", None, "the process starts its clock at this instant (dev and test)")
    debug: bool = _setting("TOURPAD_DEBUG", default=False, doc="tracebacks in answers and on the terminal")
    cors_origins: tuple[str, ...] = _setting("TOURPAD_CORS_ORIGINS", (), "origins that browsers may call the API from")
    operators: tuple[str, ...] = _setting(
        "TOURPAD_OPERATORS",
        (),
        "who may use the terminal: login=address of their admin account, or login=machine; without it whoever has the"
        " database's address",
    )

    database_url: str | None = _setting(
        "DATABASE_URL",
        None,
        "postgresql://…, PostgreSQL 15 or newer; without it an embedded server under TOURPAD_HOME",
        secret=True,
        production="the embedded database is for local work",
    )
    database_replica_url: str | None = _setting(
        "DATABASE_REPLICA_URL", None, "read-only queries (search, business metrics) go here when set", secret=True
    )
    database_pool: int = _setting("TOURPAD_DATABASE_POOL", 10, "connections one process keeps at most")

    stripe_secret_key: str | None = _setting(
        "STRIPE_SECRET_KEY",
        None,
        "live or test key; without it the local sandbox",
        secret=True,
        production="no real money could move",
    )
    stripe_webhook_secret: str | None = _setting(
        "STRIPE_WEBHOOK_SECRET",
        None,
        "of the platform's webhook endpoint; unset answers 404",
        secret=True,
        production="Stripe's events would be refused",
    )
    stripe_connect_webhook_secret: str | None = _setting(
        "STRIPE_CONNECT_WEBHOOK_SECRET",
        None,
        "of the Connect webhook endpoint; unset answers 404",
        secret=True,
        production="events of connected accounts would be refused",
    )
    stripe_api_base: str | None = _setting("STRIPE_API_BASE", None, "any server that speaks Stripe's API")
    stripe_record: Path | None = _setting(
        "TOURPAD_STRIPE_RECORD", None, "the local sandbox appends every exchange to this file, a JSON line each"
    )
    stripe_rate: int = _setting("TOURPAD_STRIPE_RATE", 25, "calls a second to one Stripe endpoint, over all processes")

    sendgrid_api_key: str | None = _setting(
        "SENDGRID_API_KEY",
        None,
        "transactional mail; without it the local outbox",
        secret=True,
        production="no mail would leave",
    )
    sendgrid_api_base: str | None = _setting("SENDGRID_API_BASE", None, "another server that speaks SendGrid's v3 API")
    mail_from: str = _setting(
        "MAIL_FROM",
        "TourPad <hello@tourpad.example>",
        "sender of all mail",
        production="an example address would be the sender",
    )

    aws_region: str | None = _setting("AWS_REGION", None, "region of the media buckets")
    aws_access_key_id: str | None = _setting("AWS_ACCESS_KEY_ID", None, "credentials for media", secret=True)
    aws_secret_access_key: str | None = _setting("AWS_SECRET_ACCESS_KEY", None, "credentials for media", secret=True)
    aws_session_token: str | None = _setting("AWS_SESSION_TOKEN", None, "goes with temporary credentials", secret=True)
    s3_bucket_public: str | None = _setting("S3_BUCKET_PUBLIC", None, "published media; without it local files")
    s3_bucket_private: str | None = _setting("S3_BUCKET_PRIVATE", None, "originals and private media")
    s3_endpoint_url: str | None = _setting("S3_ENDPOINT_URL", None, "another server that speaks S3")
    cdn_base_url: str | None = _setting("CDN_BASE_URL", None, "where published media is read from")
    clamd_socket: str | None = _setting(
        "CLAMD_SOCKET", None, "upload scanning: path of clamd's socket, or tcp://host:port"
    )
    allow_unscanned: bool = _setting(
        "TOURPAD_ALLOW_UNSCANNED",
        default=False,
        doc="take uploads without CLAMD_SOCKET in staging and production, too",
    )
    media_quota_files: int = _setting("TOURPAD_MEDIA_QUOTA_FILES", 100, "files of one person")
    media_quota_mb: int = _setting("TOURPAD_MEDIA_QUOTA_MB", 2_000, "megabytes of files of one person")
    oidc_providers: tuple[str, ...] = _setting(
        "TOURPAD_OIDC_PROVIDERS",
        (),
        "names of OpenID Connect providers that people may sign in with; each has three variables of its own",
    )
    redis_url: str | None = _setting(
        "REDIS_URL", None, "cache, rate limits and fan-out over several API processes", secret=True
    )
    sentry_dsn: str | None = _setting("SENTRY_DSN", None, "error monitoring", secret=True)
    posthog_api_key: str | None = _setting("POSTHOG_API_KEY", None, "counts what happens, of nobody", secret=True)
    posthog_host: str = _setting("POSTHOG_HOST", "https://us.i.posthog.com", "where that is told")
    otel_endpoint: str | None = _setting("OTEL_EXPORTER_OTLP_ENDPOINT", None, "traces")

    rate_limits: bool = _setting(
        "TOURPAD_RATE_LIMITS", default=True, doc="on, or off for load from one machine (dev and test)"
    )
    general_rate: int = _setting(
        "TOURPAD_GENERAL_RATE",
        0,
        "requests a minute of one person (nobody signed in: half, by address; admins: five times);"
        " 0 means 1,200, and no limit in dev and test",
    )

    merchant_name: str = _setting("TOURPAD_MERCHANT_NAME", "TourPad", "who sells: on top of receipts and statements")
    merchant_address: str | None = _setting(
        "TOURPAD_MERCHANT_ADDRESS", None, "of the business, on receipts and statements; `;` begins a new line"
    )
    merchant_tax_id: str | None = _setting(
        "TOURPAD_MERCHANT_TAX_ID", None, "of the business, on receipts and statements, with its kind: EIN 12-3456789"
    )

    platform_fee_bps: int = _setting("TOURPAD_PLATFORM_FEE_BPS", 1_000, "our share of the door, in basis points")
    payout_hold_business_days: int = _setting(
        "TOURPAD_PAYOUT_HOLD_DAYS", 3, "business days between a show and its payout"
    )
    payout_minimum_cents: int = _setting("TOURPAD_PAYOUT_MINIMUM_CENTS", 2_500, "smaller payouts are carried forward")
    payout_approval_cents: int = _setting(
        "TOURPAD_PAYOUT_APPROVAL_CENTS",
        1_000_000,
        "more than this does not leave in one payout, or in all on one day (UTC), unless two admins agree; 0: no limit",
    )
    membership_grace_days: int = _setting("TOURPAD_MEMBERSHIP_GRACE_DAYS", 7, "days of access after a failed renewal")
    terms_version: str = _setting("TOURPAD_TERMS_VERSION", "2026-01", "of the terms; a new one is to be accepted anew")
    privacy_version: str = _setting(
        "TOURPAD_PRIVACY_VERSION", "2026-01", "of the privacy notice; a new one is to be accepted anew"
    )
    access_token_minutes: int = _setting("TOURPAD_ACCESS_TOKEN_MINUTES", 15, "life of an access token")
    refresh_token_days: int = _setting("TOURPAD_REFRESH_TOKEN_DAYS", 30, "life of a refresh token")
    password_memory_kib: int = _setting("TOURPAD_PASSWORD_MEMORY_KIB", 19_456, "memory cost of Argon2id")

    providers: tuple[Provider, ...] = field(default=(), metadata={"variable": None})
    """The providers that `oidc_providers` names (`core/providers.py`)."""
    origins: Mapping[str, str] = field(default_factory=dict[str, str], metadata={"variable": None})
    """Where each field's value came from: `environment`, `.env`, `tourpad.toml` or `default`. Variables of providers
    stand under their own names."""

    @property
    def is_local(self) -> bool:
        """Whether development aids (sandbox, `users token`, `db seed`) are allowed."""
        return self.env in (Env.DEV, Env.TEST)

    @property
    def page_origins(self) -> tuple[str, ...]:
        """Whose pages browsers may let talk to us: those of `TOURPAD_CORS_ORIGINS`, and our own."""
        own = urlsplit(self.base_url)
        return tuple(dict.fromkeys((*self.cors_origins, f"{own.scheme}://{own.netloc}")))

    @property
    def uses_sandbox(self) -> bool:
        """Whether Stripe is the local sandbox that this process may start itself."""
        return self.stripe_secret_key is None and self.stripe_api_base is None

    @property
    def webhook_secret(self) -> str | None:
        """The platform endpoint's secret; the sandbox's own where there is no other Stripe."""
        return self.stripe_webhook_secret or (SANDBOX_WEBHOOK_SECRET if self.is_local else None)

    @property
    def connect_webhook_secret(self) -> str | None:
        """The Connect endpoint's secret; the sandbox's own where there is no other Stripe."""
        return self.stripe_connect_webhook_secret or (SANDBOX_CONNECT_WEBHOOK_SECRET if self.is_local else None)


SANDBOX_SECRET_KEY = "sk_test_tourpad_sandbox"  # noqa: S105 - opens nothing but the local sandbox
SANDBOX_WEBHOOK_SECRET = "whsec_tourpad_sandbox_platform"  # noqa: S105 - as above
SANDBOX_CONNECT_WEBHOOK_SECRET = "whsec_tourpad_sandbox_connect"  # noqa: S105 - as above


def setting_fields() -> list[Any]:
    """The dataclass fields that are settings, in the order that people read them."""
    return [f for f in fields(Settings) if f.metadata.get("variable")]


def load_settings(
    overrides: Mapping[str, str] | None = None,
    *,
    environ: Mapping[str, str] | None = None,
    folder: Path | None = None,
) -> Settings:
    """Read and check all settings.

    Args:
        overrides: variables that win over everything (`--option`s, tests), by variable name.
        environ: the environment; the process's own unless given.
        folder: where `.env` and `tourpad.toml` lie; the working directory unless given.

    Raises:
        ConfigurationError: naming every variable that can't be read, and in production every development default.
    """
    settings, unreadable = read_settings(overrides, environ=environ, folder=folder)
    if unreadable:
        raise ConfigurationError("; ".join(unreadable), hint="tourpad config show lists every setting.")
    faults = production_faults(settings)
    if faults:
        msg = "Production can't start: " + "; ".join(faults) + "."
        raise ConfigurationError(msg, hint="tourpad config show lists every setting and where it came from.")
    return settings


def read_settings(
    overrides: Mapping[str, str] | None = None,
    *,
    environ: Mapping[str, str] | None = None,
    folder: Path | None = None,
) -> tuple[Settings, list[str]]:
    """All settings as they are, for whoever looks for what is wrong with them: nothing may be started on these.

    Args:
        overrides: as for `load_settings`.
        environ: likewise.
        folder: likewise.

    Returns:
        The settings, with the default where a value can't be read; and a sentence on each of those, which begins with
            the variable's name. See `production_faults` for what is missing.

    Raises:
        ConfigurationError: a file can't be read, or the home can't be written.
    """
    sources = _sources(overrides, environ if environ is not None else os.environ, folder or Path.cwd())
    values: dict[str, Any] = {}
    origins: dict[str, str] = {}
    faults: list[str] = []
    for item in setting_fields():
        variable: str = item.metadata["variable"]
        raw, origins[item.name] = _found(sources, variable)
        if raw is None:
            continue
        try:
            values[item.name] = _parse(raw, str(item.type))
        except ValueError as error:
            faults.append(f"{variable} from {origins[item.name]}: {error}")

    def find(variable: str) -> str | None:
        raw, origins[variable] = _found(sources, variable)
        return None if raw is None else str(raw)

    values["providers"] = providers.read(values.get("oidc_providers", ()), find, faults)
    env = values.get("env", Env.DEV)
    if "home" not in values:
        values["home"] = default_home()
    values["home"] = Path(values["home"]).expanduser().absolute()
    if "secret" not in values and not faults and env in (Env.DEV, Env.TEST):
        values["secret"] = (local_secret(values["home"]),)
        origins["secret"] = "generated"  # noqa: S105 - where it came from, not what it is
    return Settings(**values, origins=origins), faults


def environment_of(*, environ: Mapping[str, str] | None = None, folder: Path | None = None) -> Env:
    """`TOURPAD_ENV` alone, whatever the other settings are: a command for dev and test refuses by its own name first.

    One that can't be read counts as dev here; `load_settings` says what is wrong with it.
    """
    sources = _sources(None, environ if environ is not None else os.environ, folder or Path.cwd())
    raw, _ = _found(sources, "TOURPAD_ENV")
    return Env(raw) if raw in tuple(Env) else Env.DEV


def _sources(
    overrides: Mapping[str, str] | None, environ: Mapping[str, str], folder: Path
) -> list[tuple[str, Mapping[str, Any]]]:
    from dotenv import dotenv_values  # noqa: PLC0415 - keeps `--help` quick

    dotenv: Mapping[str, Any] = dotenv_values(folder / ".env") if (folder / ".env").is_file() else {}
    toml: Mapping[str, Any] = {}
    if (folder / "tourpad.toml").is_file():
        try:
            toml = tomllib.loads((folder / "tourpad.toml").read_text(encoding="utf-8"))
        except tomllib.TOMLDecodeError as error:
            msg = f"tourpad.toml can't be read: {error}."
            raise ConfigurationError(msg) from error
    return [("option", overrides or {}), ("environment", environ), (".env", dotenv), ("tourpad.toml", toml)]


def _found(sources: list[tuple[str, Mapping[str, Any]]], variable: str) -> tuple[Any, str]:
    """A variable's value and where it stands; an empty one counts as not set."""
    for origin, source in sources:
        raw = source.get(variable)
        if raw is not None and raw != "":
            return raw, origin
    return None, "default"


def _parse(raw: Any, kind: str) -> Any:
    if "Env" in kind:
        try:
            return Env(raw)
        except ValueError:
            msg = f"{raw!r} is none of {', '.join(Env)}"
            raise ValueError(msg) from None
    if "tuple" in kind:
        parts = raw if isinstance(raw, list) else str(raw).split(",")
        return tuple(str(p).strip() for p in parts if str(p).strip())
    if "bool" in kind:
        if str(raw).lower() in ("1", "true", "yes", "on"):
            return True
        if str(raw).lower() in ("0", "false", "no", "off"):
            return False
        msg = f"{raw!r} is neither true nor false"
        raise ValueError(msg)
    if "int" in kind:
        try:
            number = int(str(raw))
        except ValueError:
            msg = f"{raw!r} is no whole number"
            raise ValueError(msg) from None
        if number < 0:
            msg = f"{raw!r} is below zero"
            raise ValueError(msg)
        return number
    if "Path" in kind:
        return Path(str(raw))
    return str(raw)


def production_faults(settings: Settings) -> list[str]:
    """Why production can't start on these, all of it: nothing that was meant for a laptop. Elsewhere nothing."""
    if settings.env is not Env.PRODUCTION:
        return []
    faults = [
        f"{item.metadata['variable']} is not set: {item.metadata['production']}"
        for item in setting_fields()
        if item.metadata["production"] and settings.origins[item.name] == "default"
    ]
    if settings.debug:
        faults.append("TOURPAD_DEBUG is on: tracebacks would be shown to anyone")
    if not settings.rate_limits:
        faults.append("TOURPAD_RATE_LIMITS is off: passwords could be guessed at any speed")
    if settings.clock:
        faults.append("TOURPAD_CLOCK is set: production keeps real time")
    if settings.stripe_secret_key and not settings.stripe_secret_key.startswith(("sk_live_", "rk_live_")):
        faults.append("STRIPE_SECRET_KEY is no live key: no real money could move")
    if settings.stripe_api_base:
        faults.append("STRIPE_API_BASE is set: money would go to a server that is not Stripe")
    faults += providers.production_faults(settings.providers)
    weak = [s for s in settings.secret if len(s) < 32]  # noqa: PLR2004 - 32 characters, RFC 7518 3.2 for HS256
    if weak:
        faults.append("TOURPAD_SECRET is shorter than 32 characters")
    return faults
