"""Where mailed links lead."""

from typing import TYPE_CHECKING, Any

from tests.factories.identity import PASSWORD, person
from tests.web.test_auth import ADA, login, mailed_token

if TYPE_CHECKING:
    from litestar.testing import TestClient

    from tourpad.core.platform import Platform

    Client = TestClient[Any]


def test_the_link_shows_a_button_and_the_button_verifies(client: "Client", platform: "Platform") -> None:
    client.post("/api/auth/register", json=ADA)
    token = mailed_token(platform, "verify_email")
    for _ in range(2):  # a mail scanner may look, too
        page = client.get("/verify-email", params={"token": token})
        assert page.status_code == 200
        assert f'value="{token}"' in page.text
        assert page.headers["referrer-policy"] == "no-referrer"
    done = client.post("/verify-email", data={"token": token})
    assert done.status_code == 200
    assert "Your mail address is verified." in done.text
    assert "application" in done.text
    again = client.post("/verify-email", data={"token": token})
    assert again.status_code == 409
    assert "already used" in again.text


def test_a_token_can_not_break_out_of_the_page(client: "Client") -> None:
    page = client.get("/verify-email", params={"token": '"><script>alert(1)</script>'})
    assert "<script" not in page.text


def test_a_new_password_on_a_page(client: "Client", platform: "Platform") -> None:
    person(platform, email="ada@shows.test")
    client.post("/api/auth/password/forgot", json={"email": "ada@shows.test"})
    token = mailed_token(platform, "reset_password")
    assert 'type="password"' in client.get("/reset-password", params={"token": token}).text
    weak = client.post("/reset-password", data={"token": token, "password": "short"})
    assert weak.status_code == 422
    assert "at least 10 characters" in weak.text
    assert f'value="{token}"' in weak.text
    done = client.post("/reset-password", data={"token": token, "password": "nine purple umbrellas"})
    assert done.status_code == 200
    assert login(client, password=PASSWORD).status_code == 401
    assert login(client, password="nine purple umbrellas").status_code == 200
    assert client.post("/reset-password", data={"token": token, "password": PASSWORD}).status_code == 409


def test_forms_refuse_what_they_do_not_know(client: "Client") -> None:
    assert client.post("/verify-email", data={"token": "x", "admin": "1"}).status_code == 422
    assert client.post("/reset-password", data={"token": "x"}).status_code == 422
