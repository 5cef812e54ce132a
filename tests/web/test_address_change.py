"""Another mail address: both say yes, and nobody learns whose an address is."""

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.factories.identity import PASSWORD, bearer, person

if TYPE_CHECKING:
    from litestar.testing import TestClient

    from tests.command import Command
    from tourpad.core.clock import VirtualClock
    from tourpad.core.platform import Platform

NEW = "moved@shows.test"


def links(cli: "Command", subject: str) -> list[str]:
    """The tokens of all mails with that subject, the latest first."""
    found: list[str] = []
    for mail in cli("mail", "list", "--json").json["mails"]:
        if mail["subject"] == subject:
            shown = cli("mail", "show", mail["id"], "--json").json
            found += [re.sub(r".*token=", "", link) for link in shown["links"] if "change-email" in link][:1]
    return found


@pytest.mark.parametrize("first", ["Another mail address for your account?", "Is this your new mail address?"])
def test_it_changes_once_both_addresses_have_said_yes(
    client: "TestClient[Any]", platform: "Platform", cli: "Command", first: str
) -> None:
    user = person(platform, "fan")
    headers = bearer(platform, user)
    asked = client.post("/api/auth/email/change", json={"newEmail": NEW, "password": PASSWORD}, headers=headers)
    assert asked.status_code == 202
    forgotten = client.post("/api/auth/password/forgot", json={"email": user.email})
    assert forgotten.status_code == 202
    tokens = links(cli, "Another mail address for your account?") + links(cli, "Is this your new mail address?")
    if first.startswith("Is"):
        tokens.reverse()

    assert client.post("/api/auth/email/confirm", json={"token": tokens[0]}).json() == {"changed": False}
    assert client.post("/api/auth/email/confirm", json={"token": tokens[0]}).json()["code"] == "link_not_valid"
    assert client.get("/api/users/me", headers=headers).json()["user"]["email"] == user.email
    page = client.post("/change-email", data={"token": tokens[1]})
    assert "has its new mail address" in page.text

    assert client.get("/api/users/me", headers=headers).json()["user"]["email"] == NEW
    assert client.post("/api/auth/login", json={"email": NEW, "password": PASSWORD}).status_code == 200
    assert client.post("/api/auth/login", json={"email": user.email, "password": PASSWORD}).status_code == 401
    told = [m for m in cli("mail", "list", "--json").json["mails"] if m["subject"] == "Your mail address was changed"]
    assert [m["to"] for m in told] == [user.email]
    reset = next(m for m in cli("mail", "list", "--json").json["mails"] if "password" in m["subject"].lower())
    link = next(k for k in cli("mail", "show", reset["id"], "--json").json["links"] if "reset-password" in k)
    spent = client.post(
        "/api/auth/password/reset", json={"token": link.partition("token=")[2], "password": "another long phrase 7"}
    )
    assert spent.json()["code"] == "link_not_valid"


def test_an_address_of_somebody_else_answers_the_same_and_never_changes(
    client: "TestClient[Any]", platform: "Platform", cli: "Command"
) -> None:
    user, other = person(platform, "fan"), person(platform, "host")
    headers = bearer(platform, user)
    body = {"newEmail": other.email.upper(), "password": PASSWORD}
    free = client.post("/api/auth/email/change", json={**body, "newEmail": NEW}, headers=headers)
    taken = client.post("/api/auth/email/change", json=body, headers=headers)
    assert (taken.status_code, taken.json()) == (free.status_code, free.json())

    old, stale = links(cli, "Another mail address for your account?")
    assert client.post("/api/auth/email/confirm", json={"token": stale}).json()["code"] == "link_not_valid"
    assert client.post("/api/auth/email/confirm", json={"token": old}).json() == {"changed": False}
    assert client.get("/api/users/me", headers=headers).json()["user"]["email"] == user.email
    assert [m["to"] for m in cli("mail", "list", "--json").json["mails"] if m["to"] == other.email] == [other.email]


def test_it_needs_the_password_an_address_and_a_day(
    client: "TestClient[Any]", platform: "Platform", cli: "Command", clock: "VirtualClock"
) -> None:
    user = person(platform, "fan")
    headers = bearer(platform, user)

    def ask(**body: str) -> str | None:
        return client.post("/api/auth/email/change", json=body, headers=headers).json().get("code")

    assert ask(newEmail=NEW, password="not it at all") == "invalid_credentials"
    assert ask(newEmail="nonsense", password=PASSWORD) == "invalid_input"
    assert ask(newEmail=user.email.upper(), password=PASSWORD) == "invalid_input"
    assert ask(newEmail=NEW, password=PASSWORD) is None
    (token,) = links(cli, "Is this your new mail address?")
    clock.advance(timedelta(hours=25))
    assert client.post("/api/auth/email/confirm", json={"token": token}).json()["code"] == "link_not_valid"
