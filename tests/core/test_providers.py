"""Providers of sign-ins as settings: read from anywhere, faults by the variable's name, secrets masked."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tourpad.core.errors import ConfigurationError
from tourpad.core.providers import Provider, production_faults
from tourpad.core.settings import load_settings

if TYPE_CHECKING:
    from tests.command import Command

CLUB = {
    "TOURPAD_OIDC_PROVIDERS": "my-club",
    "TOURPAD_OIDC_MY_CLUB_ISSUER": "https://club.example",
    "TOURPAD_OIDC_MY_CLUB_CLIENT_ID": "tourpad",
}


def test_each_variable_comes_from_wherever_it_stands(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("TOURPAD_OIDC_MY_CLUB_CLIENT_SECRET=hush\n")
    settings = load_settings(environ=CLUB, folder=tmp_path)
    assert settings.providers == (Provider("my-club", "https://club.example", "tourpad", "hush"),)
    assert settings.origins["TOURPAD_OIDC_MY_CLUB_CLIENT_SECRET"] == ".env"
    assert "hush" not in repr(settings.providers)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"TOURPAD_OIDC_MY_CLUB_ISSUER": ""}, "TOURPAD_OIDC_MY_CLUB_ISSUER is not set"),
        ({"TOURPAD_OIDC_MY_CLUB_CLIENT_ID": ""}, "TOURPAD_OIDC_MY_CLUB_CLIENT_ID is not set"),
        ({"TOURPAD_OIDC_MY_CLUB_ISSUER": "club.example"}, "'club.example' is no http"),
        ({"TOURPAD_OIDC_MY_CLUB_ISSUER": "https://a@club.example"}, "is no http"),
        ({"TOURPAD_OIDC_MY_CLUB_ISSUER": "https://club.example?x=1"}, "is no http"),
        ({"TOURPAD_OIDC_PROVIDERS": "My Club"}, "'My Club' is no name"),
        ({"TOURPAD_OIDC_PROVIDERS": "my-club,my-club"}, "'my-club' comes twice"),
    ],
)
def test_a_fault_names_its_variable(tmp_path: Path, change: dict[str, str], named: str) -> None:
    with pytest.raises(ConfigurationError, match=named.replace("(", r"\(")):
        load_settings(environ={**CLUB, **change}, folder=tmp_path)


def test_production_takes_none_without_tls_or_secret() -> None:
    assert production_faults([Provider("a", "https://a.example", "x", "secret")]) == []
    faults = production_faults([Provider("a", "http://a.example", "x")])
    assert [fault.partition(" ")[0] for fault in faults] == ["TOURPAD_OIDC_A_ISSUER", "TOURPAD_OIDC_A_CLIENT_SECRET"]


def test_config_show_masks_the_secret(cli: "Command", monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {**CLUB, "TOURPAD_OIDC_MY_CLUB_CLIENT_SECRET": "hush hush hush"}.items():
        monkeypatch.setenv(name, value)
        cli.environment[name] = value
    shown = {row["variable"]: row["value"] for row in cli("config", "show", "--json").json["settings"]}
    assert shown["TOURPAD_OIDC_MY_CLUB_ISSUER"] == "https://club.example"
    assert "hush hush" not in shown["TOURPAD_OIDC_MY_CLUB_CLIENT_SECRET"]
