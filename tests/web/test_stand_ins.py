"""Links of mails lead somewhere in `tourpad dev`, which has no front end, and nowhere else."""

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from litestar.testing import TestClient

from tourpad.core.notifications.render import TEMPLATES, load, render
from tourpad.web.app import create_app
from tourpad.web.routes.stand_ins import PAGES, STAND_INS

if TYPE_CHECKING:
    from tourpad.core.platform import Platform

BASE = "http://127.0.0.1:8000"
OWN = ("/membership", "/verify-email", "/reset-password", "/change-email", "/keep/", "/pay/", "/invitations/")
"""Pages that TourPad has itself."""


def test_every_link_of_a_mail_leads_to_what_it_stands_for(platform: "Platform") -> None:
    actions = {
        urlsplit(said.action.url).path
        for template in TEMPLATES.glob("*.txt")
        if (said := render(template.stem, name="Ada", base_url=BASE, **load(template.stem).example)).action
        and said.action.url.startswith(BASE)
    }
    wanted = {path for path in actions if not path.startswith(OWN)}
    assert len(wanted) > 10
    with TestClient(create_app(platform, routes=STAND_INS)) as client:
        assert [path for path in (*wanted, *PAGES) if client.get(path).status_code != 200] == []
        booking = client.get("/bookings/0197-a").text
        assert "PATCH /api/bookings/0197-a/respond" in booking
        assert "Say yes, no, or propose other terms" in booking
        assert "curl http://127.0.0.1:8000/api/bookings/0197-a" in booking
        back = client.get("/?payment_intent=pi_1&redirect_status=succeeded&x=<script>").text
        assert "Stripe says <code>succeeded</code>" in back
        assert "<script" not in client.get("/?redirect_status=<script>").text


def test_nobody_but_a_developer_sees_them(platform: "Platform") -> None:
    from tests.apps import client_of

    with client_of(platform) as client:
        assert {client.get(path).status_code for path in PAGES} == {404}
