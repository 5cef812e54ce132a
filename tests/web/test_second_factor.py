"""The second factor through the API: codes that work once, recovery codes, and who may go without."""

import base64
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.apps import client_of
from tests.factories.identity import PASSWORD, bearer, person
from tourpad.core.identity import totp
from tourpad.core.settings import Env
from tourpad.core.values import replace

if TYPE_CHECKING:
    from litestar.testing import TestClient

    from tests.command import Command
    from tourpad.core.clock import VirtualClock
    from tourpad.core.identity.models import User
    from tourpad.core.platform import Platform


class Account:
    """A person with the API at hand."""

    def __init__(self, client: "TestClient[Any]", platform: "Platform", clock: "VirtualClock", role: str) -> None:
        self.client, self.clock = client, clock
        self.user: User = person(platform, role)
        self.headers = bearer(platform, self.user)
        self.secret = b""

    def post(self, path: str, **body: Any) -> httpx.Response:
        return self.client.post(path, json=body, headers=self.headers)

    def code(self) -> str:
        self.clock.advance(timedelta(seconds=60))
        return totp.code_at(self.secret, self.clock.now())

    def enroll(self) -> list[str]:
        begun = self.post("/api/auth/totp/enroll", password=PASSWORD).json()
        self.secret = base64.b32decode(begun["secret"])
        assert begun["uri"].startswith("otpauth://totp/TourPad")
        return self.post("/api/auth/totp/confirm", code=self.code()).json()["recoveryCodes"]

    def login(self, **more: Any) -> tuple[int, str | None]:
        answer = self.client.post("/api/auth/login", json={"email": self.user.email, "password": PASSWORD, **more})
        return answer.status_code, answer.json().get("code")


@pytest.fixture
def fan(client: "TestClient[Any]", platform: "Platform", clock: "VirtualClock") -> Account:
    return Account(client, platform, clock, "fan")


def test_once_confirmed_signing_in_asks_for_a_code_that_works_once(fan: Account) -> None:
    assert fan.post("/api/auth/totp/enroll", password="not it at all").json()["code"] == "invalid_credentials"
    assert fan.post("/api/auth/totp/enroll", password=PASSWORD).status_code == 200
    assert fan.login() == (200, None)  # begun is not confirmed
    assert fan.post("/api/auth/totp/confirm", code="000000").json()["code"] == "invalid_totp"
    fan.enroll()

    assert fan.login() == (401, "totp_required")
    assert fan.login(totp="000000") == (401, "invalid_totp")
    code = fan.code()
    assert fan.login(totp=code) == (200, None)
    assert fan.login(totp=code) == (401, "invalid_totp")
    wrong = fan.client.post("/api/auth/login", json={"email": fan.user.email, "password": "wrong one", "totp": "1"})
    assert wrong.json()["code"] == "invalid_credentials"
    assert fan.post("/api/auth/totp/enroll", password=PASSWORD).json()["code"] == "totp_state"


def test_each_recovery_code_works_once_and_its_owner_is_told(fan: Account, cli: "Command") -> None:
    codes = fan.enroll()
    assert len(set(codes)) == 10
    assert fan.login(totp=codes[0].upper().replace("-", " ")) == (200, None)
    assert fan.login(totp=codes[0]) == (401, "invalid_totp")
    assert fan.login(totp=codes[1]) == (200, None)
    subjects = [mail["subject"] for mail in cli("mail", "list", "--json").json["mails"]]
    assert subjects.count("A recovery code was used to sign in") == 2
    assert subjects.count("Signing in now asks for a code") == 1


def test_it_comes_off_with_password_and_code_or_by_an_operator(fan: Account, cli: "Command") -> None:
    fan.enroll()
    assert fan.post("/api/auth/totp/disable", password=PASSWORD, code="000000").json()["code"] == "invalid_totp"
    assert fan.post("/api/auth/totp/disable", password=PASSWORD, code=fan.code()).status_code == 204
    assert fan.login() == (200, None)

    fan.enroll()
    said = cli("users", "reset-totp", fan.user.email, "--reason", "showed a passport", "--yes")
    assert said.exit_code == 0, said.stderr
    assert fan.client.get("/api/users/me", headers=fan.headers).status_code == 401
    assert fan.login() == (200, None)
    assert cli("users", "show", fan.user.email, "--json").json["second_factor"] is False
    assert cli("users", "reset-totp", fan.user.email, "--reason", "again", "--yes").exit_code == 4


def test_an_admin_in_production_sets_one_up_before_anything_else(platform: "Platform", clock: "VirtualClock") -> None:

    platform.settings = replace(platform.settings, env=Env.PRODUCTION)
    with client_of(platform) as client:
        admin = Account(client, platform, clock, "admin")
        refused = client.get("/api/admin/users", headers=admin.headers)
        assert (refused.status_code, refused.json()["code"]) == (403, "totp_enrollment_required")
        assert client.get("/api/users/me", headers=admin.headers).json()["permissions"] == ["account"]
        admin.enroll()
        assert client.get("/api/admin/users", headers=admin.headers).status_code == 200
        kept = admin.post("/api/auth/totp/disable", password=PASSWORD, code=admin.code())
        assert kept.json()["code"] == "totp_state"
