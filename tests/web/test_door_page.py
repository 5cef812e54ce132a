"""The page at the door in a real browser: with a network, without one, and with one again."""

import re
import shutil
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from tests.conftest import START
from tests.factories.bookings import make_pair
from tests.factories.concerts import fan_of, make_concert, make_fan, seat
from tests.web.api import Api, opened
from tests.web.live import served

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tourpad.core.clock import VirtualClock
    from tourpad.core.platform import Platform

CHROMIUM = shutil.which("chromium")
KEPT = """async () => {
  await navigator.serviceWorker.ready;
  while (!(await caches.match(location.href))) await new Promise((go) => setTimeout(go, 20));
}"""
"""Until the page is on the device."""
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]


class Evening:
    """A show in an hour, with its link to the door."""

    def __init__(self, platform: "Platform", clock: "VirtualClock") -> None:
        from tourpad.core.concerts import service

        self.platform = platform
        self.api = Api(client=None, platform=platform)  # type: ignore[arg-type]  # only its settings are used
        with self.api.setting() as work:
            self.pair = make_pair(work, address=True)
            concert = make_concert(work, self.pair, capacity=12)
            self.concert_id = concert.id
            zoe = seat(work, concert, 3, fan=make_fan(work, name="Zoë Ames"))
            ben = seat(work, concert, 1, fan=make_fan(work, name="Ben Okafor"))
            cleo = seat(work, concert, 2, fan=make_fan(work, name="Cleo <b>van</b> Dyk"))
            self.rsvps = {"zoe": zoe.id, "ben": ben.id, "cleo": cleo.id}
            self.tickets: dict[str, Any] = {
                name: service.ticket(work, rsvp_id=rsvp.id, user_id=fan_of(work, rsvp))
                for name, rsvp in (("zoe", zoe), ("ben", ben), ("cleo", cleo))
            }
            self.tokens = {name: (ticket.token, ticket.code) for name, ticket in self.tickets.items()}
            self.now = concert.starts_at - timedelta(hours=1)
        clock.set(self.now)
        with self.api.setting() as work:
            dan = make_fan(work, name="Dan Petrosyan")
            rsvp = service.ask(work, concert_id=self.concert_id, user_id=dan, guests_count=2)
            self.rsvps["dan"] = rsvp.id

    def path(self, *, renew: bool = False) -> str:
        from tourpad.core.concerts import service

        with self.api.setting() as work:
            link = service.door_link(work, concert_id=self.concert_id, user_id=self.pair.host_user, renew=renew)
        return "/door/" + link.url.rpartition("/")[2]

    def check_in(self, name: str) -> None:
        from tourpad.core.concerts import service

        with self.api.setting() as work:
            service.check_in(work, concert_id=self.concert_id, user_id=self.pair.host_user, rsvp_id=self.rsvps[name])

    def arrived(self) -> dict[str, int]:
        from tourpad.core.concerts.models import Rsvp

        with self.api.setting() as work:
            return {name: work.session.get_one(Rsvp, id).arrived_count for name, id in self.rsvps.items()}


def type_in(page: "Page", text: str) -> None:
    page.fill("#shown", text)
    page.press("#shown", "Enter")


@pytest.mark.skipif(CHROMIUM is None, reason="needs chromium (apt install chromium)")
def test_the_door_works_without_a_network_and_tells_when_there_is_one(  # noqa: PLR0915 - one evening, one browser
    platform: "Platform", clock: "VirtualClock"
) -> None:
    from playwright.sync_api import expect, sync_playwright

    evening = Evening(platform, clock)
    problems: list[str] = []
    with served(platform) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        context = browser.new_context(viewport={"width": 390, "height": 844}, base_url=address)
        page = context.new_page()
        page.on("console", lambda said: problems.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.clock.set_fixed_time(evening.now - timedelta(hours=9))  # a telephone that was never set
        page.goto(evening.path())
        network, card, arrived = page.locator("#network"), page.locator("#card"), page.locator("#arrived")
        expect(network).to_have_text("up to date")
        expect(page.locator("#title")).to_have_text("Juniper Vale at Mill Lane House, Columbus")
        expect(page.locator("#parties li")).to_have_count(4)
        expect(page.locator("#parties .name").first).to_have_text("Ben Okafor")
        expect(page.get_by_text("Cleo <b>van</b> Dyk")).to_be_visible()  # a name is text, whatever is in it
        type_in(page, "petro")
        expect(card.locator("h2")).to_have_text("Dan Petrosyan owes $30.00")
        page.evaluate(KEPT)
        assert problems == []

        context.set_offline(True)
        page.reload()
        expect(page.locator("#parties li")).to_have_count(4)
        expect(network).to_have_text("no network")
        type_in(page, evening.tokens["zoe"][0])
        card.get_by_role("button", name="All 3").click()
        expect(card.locator("h2")).to_have_text("Welcome, Zoë Ames")
        type_in(page, evening.tokens["zoe"][0].lower())
        expect(card.locator("h2")).to_have_text("Zoë Ames: all are in already")
        type_in(page, evening.tokens["ben"][1].lower().replace("-", " "))
        expect(card.locator("h2")).to_have_text("Welcome, Ben Okafor")
        type_in(page, "van")
        card.get_by_role("button", name="1", exact=True).click()
        type_in(page, evening.tokens["zoe"][0][:-1] + ("A" if evening.tokens["zoe"][0][-1] != "A" else "B"))
        expect(card.locator("h2")).to_have_text("No ticket for this evening")
        expect(arrived).to_have_text("5")
        expect(network).to_have_text("no network, 4 to tell")
        assert evening.arrived() == {"zoe": 0, "ben": 0, "cleo": 0, "dan": 0}
        clock.advance(timedelta(minutes=5))
        evening.check_in("ben")  # at the other door, which has a network: five minutes later
        type_in(page, "petro")
        expect(card).to_contain_text("once there is a network")

        context.set_offline(False)
        expect(network).to_have_text("up to date")
        expect(card.locator("img")).to_be_visible()  # now there is a code to pay by
        page.fill("#shown", "")
        assert evening.arrived() == {"zoe": 3, "ben": 1, "cleo": 1, "dan": 0}
        reports = page.locator("#reports li")
        expect(reports).to_have_count(2)
        expect(reports.first).to_contain_text("Somebody, no ticket of ours")
        expect(reports.last).to_contain_text("Ben Okafor, scanned again: they were in before")
        expect(arrived).to_have_text("5")

        page.locator("summary").click()
        page.fill("#letin [name=name]", "Eve Walker")
        page.locator("#letin button").click()
        expect(card.locator("h2")).to_have_text("Eve Walker pays $15.00")
        code = card.locator("img")
        expect(code).to_be_visible()
        assert (
            page.evaluate("async () => { await document.images[0].decode(); return document.images[0].naturalWidth; }")
            > 100
        )

        problems[:] = [p for p in problems if "ERR_INTERNET_DISCONNECTED" not in p]
        assert problems == []
        evening.path(renew=True)
        page.evaluate("window.dispatchEvent(new Event('online'))")
        expect(page.locator("#title")).to_have_text("This door is closed")
        assert page.evaluate("Object.keys(localStorage).filter((name) => name.startsWith('door:'))") == []
        assert "Ames" not in page.locator("body").inner_text()
        browser.close()


def test_the_link_opens_this_door_and_nothing_else(platform: "Platform", clock: "VirtualClock") -> None:
    evening = Evening(platform, clock)
    clock.set(START)
    other = Evening(platform, clock)
    clock.set(evening.now)
    path = evening.path()
    with opened(platform) as api:
        shown = api.client.get(path)
        assert (shown.status_code, shown.headers["permissions-policy"].partition(",")[0]) == (200, "camera=(self)")
        assert "script-src 'self'" in shown.headers["content-security-policy"]
        assert "Ames" not in shown.text  # names come by the script, and are kept by it
        listed = api.client.get(f"{path}/list").json()
        assert {p["rsvpId"] for p in listed["parties"]} == {str(id) for id in evening.rsvps.values()}
        assert api.client.get(f"{path}/pay-link/{evening.rsvps['dan']}/qr").status_code == 200
        assert api.client.get(f"{path}/pay-link/{other.rsvps['dan']}/qr").json()["code"] == "not_found"
        scan = {"id": str(UUID(int=9)), "at": evening.now.isoformat(), "rsvpId": str(other.rsvps["zoe"])}
        body = {"listToken": listed["listToken"], "device": "gate", "scans": [scan]}
        (told,) = api.client.post(f"{path}/sync", json=body).json()["scans"]
        assert (told["outcome"], told["reason"], told["name"]) == ("refused", "not_found", None)
        assert api.client.get("/api/users/me", headers={"Authorization": f"Bearer {path[6:]}"}).status_code == 401
        for dead in (path[:-1], path[:-3], "/door/x"):
            assert api.client.get(f"{dead}/list").status_code == 404
            assert api.client.get(dead).status_code == 404
        with api.setting() as work:
            from tourpad.core.identity.service import users

            users.suspend(work, user_id=evening.pair.host_user, reason="spam", until=None)
        assert api.client.get(f"{path}/list").json()["code"] == "bad_door_link"


def test_the_page_asks_nobody_else(platform: "Platform") -> None:
    with opened(platform) as api:
        for name in ("door.css", "door.js", "sw.js"):
            answer = api.client.get(f"/door/{name}")
            assert answer.status_code == 200
            assert not re.search(r"https?://|//[a-z]+\.", answer.text)
