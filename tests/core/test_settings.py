"""Settings: where they come from, and what production refuses."""

from pathlib import Path

import pytest

from tourpad.core.errors import ConfigurationError
from tourpad.core.settings import Env, load_settings, setting_fields

PRODUCTION = {
    "TOURPAD_ENV": "production",
    "TOURPAD_HOME": "/nowhere",
    "TOURPAD_SECRET": "x" * 40,
    "TOURPAD_BASE_URL": "https://tourpad.example",
    "DATABASE_URL": "postgresql://db/tourpad",
    "STRIPE_SECRET_KEY": "sk_live_1",
    "STRIPE_WEBHOOK_SECRET": "whsec_1",
    "STRIPE_CONNECT_WEBHOOK_SECRET": "whsec_2",
    "SENDGRID_API_KEY": "SG.1",
    "MAIL_FROM": "TourPad <hello@tourpad.net>",
}


def test_the_environment_wins_over_dotenv_and_dotenv_over_the_file(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("MAIL_FROM=dotenv@x.net\nCDN_BASE_URL=https://dotenv\n")
    (tmp_path / "tourpad.toml").write_text(
        'MAIL_FROM = "toml@x.net"\nCDN_BASE_URL = "https://toml"\nTOURPAD_DATABASE_POOL = 3\n'
    )
    environ = {"TOURPAD_HOME": str(tmp_path / "home"), "MAIL_FROM": "environment@x.net"}
    settings = load_settings(environ=environ, folder=tmp_path)
    assert (settings.mail_from, settings.cdn_base_url, settings.database_pool) == (
        "environment@x.net",
        "https://dotenv",
        3,
    )
    assert [settings.origins[n] for n in ("mail_from", "cdn_base_url", "database_pool", "stripe_rate")] == [
        "environment",
        ".env",
        "tourpad.toml",
        "default",
    ]


def test_a_development_secret_is_made_once_and_kept_to_oneself(tmp_path: Path) -> None:
    environ = {"TOURPAD_HOME": str(tmp_path / "home")}
    first = load_settings(environ=environ, folder=tmp_path)
    assert load_settings(environ=environ, folder=tmp_path).secret == first.secret
    assert len(first.secret[0]) >= 32
    assert (tmp_path / "home" / "secret").stat().st_mode & 0o077 == 0


def test_production_starts_when_everything_is_set(tmp_path: Path) -> None:
    assert load_settings(environ=PRODUCTION, folder=tmp_path).env is Env.PRODUCTION


def test_production_names_every_development_default(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load_settings(environ={"TOURPAD_ENV": "production", "TOURPAD_HOME": "/nowhere"}, folder=tmp_path)
    missing = [item.metadata["variable"] for item in setting_fields() if item.metadata["production"]]
    assert missing
    assert [v for v in missing if v not in caught.value.message] == []


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("TOURPAD_DEBUG", "true"),
        ("TOURPAD_CLOCK", "2026-12-01T09:00:00Z"),
        ("STRIPE_SECRET_KEY", "sk_test_1"),
        ("STRIPE_API_BASE", "http://127.0.0.1:1"),
        ("TOURPAD_SECRET", "short"),
    ],
)
def test_production_refuses_what_is_for_a_laptop(tmp_path: Path, variable: str, value: str) -> None:
    with pytest.raises(ConfigurationError, match=variable):
        load_settings(environ={**PRODUCTION, variable: value}, folder=tmp_path)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("TOURPAD_ENV", "prod"),
        ("TOURPAD_DATABASE_POOL", "many"),
        ("TOURPAD_DATABASE_POOL", "-1"),
        ("TOURPAD_DEBUG", "perhaps"),
    ],
)
def test_a_value_that_cannot_be_read_names_its_variable(tmp_path: Path, variable: str, value: str) -> None:
    with pytest.raises(ConfigurationError, match=variable):
        load_settings(environ={"TOURPAD_HOME": str(tmp_path), variable: value}, folder=tmp_path)


def test_broken_toml_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "tourpad.toml").write_text("MAIL_FROM = ")
    with pytest.raises(ConfigurationError, match=r"tourpad\.toml"):
        load_settings(environ={"TOURPAD_HOME": str(tmp_path)}, folder=tmp_path)
