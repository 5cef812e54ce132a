"""Links that invite: for one or many, for a time, counted, taken back; and what they tell to whom."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from tests.core.bookings.test_races import at_once
from tests.factories.bookings import make_pair
from tests.factories.concerts import make_concert, make_fan
from tests.factories.profiles import SECRET_STREET
from tests.web.api import Api

if TYPE_CHECKING:
    from tourpad.core.clock import VirtualClock


class Secret:
    """A private show, and links to it."""

    def __init__(self, api: Api) -> None:
        self.api = api
        with api.setting() as work:
            self.pair = make_pair(work, address=True)
            concert = make_concert(work, self.pair, private=True)
            self.concert_id, self.starts_at = concert.id, concert.starts_at
        self.host = api.sign_in(self.pair.host_user)

    def fan(self) -> dict[str, str]:
        with self.api.setting() as work:
            fan = make_fan(work)
        return self.api.sign_in(fan)

    def make(self, **body: Any) -> dict[str, Any]:
        answer = self.api.client.post(f"/api/concerts/{self.concert_id}/invitation-links", headers=self.host, json=body)
        assert answer.status_code == 201, answer.text
        return answer.json()["invitationLink"]

    def token(self, **body: Any) -> str:
        return self.make(**body)["url"].rpartition("/")[2]

    def accept(self, token: str, who: dict[str, str]) -> Any:
        return self.api.client.post(f"/api/invitations/{token}", headers=who)

    def sees(self, who: dict[str, str]) -> bool:
        return self.api.client.get(f"/api/concerts/{self.concert_id}", headers=who).status_code == 200

    def links(self) -> list[dict[str, Any]]:
        answer = self.api.client.get(f"/api/concerts/{self.concert_id}/invitation-links", headers=self.host)
        return answer.json()["invitationLinks"]


def test_a_link_opens_a_private_show_to_whoever_uses_it(api: Api) -> None:
    show = Secret(api)
    token, fan = show.token(label="the choir"), show.fan()
    shown = api.client.get(f"/api/invitations/{token}")
    assert shown.json()["invitation"]["city"] == "Columbus"
    page = api.client.get(f"/invitations/{token}")
    assert "You are invited" in page.text
    assert "7:30 pm" in page.text
    for text in (shown.text, page.text):
        assert SECRET_STREET not in text
    assert not show.sees(fan)  # looking at a link is not using it
    assert show.accept(token, fan).json()["concert"]["id"] == str(show.concert_id)
    assert show.sees(fan)
    asked = api.client.post(f"/api/concerts/{show.concert_id}/rsvp", headers=fan, json={"guestsCount": 1})
    assert asked.status_code == 201
    assert not show.sees(show.fan())


def test_a_personal_link_invites_one_and_is_counted_once(api: Api) -> None:
    show = Secret(api)
    token = show.token(maxUses=1)
    first, second = show.fan(), show.fan()
    assert [show.accept(token, who).status_code for who in (first, first, second)] == [200, 200, 409]
    assert show.accept(token, second).json()["code"] == "invitation_spent"
    assert not show.sees(second)
    (link,) = show.links()
    assert (link["uses"], link["maxUses"], link["isGood"]) == (1, 1, False)


def test_of_twelve_at_once_three_get_in_by_a_link_for_three(api: Api) -> None:
    show = Secret(api)
    token = show.token(maxUses=3)
    fans = [show.fan() for _ in range(12)]
    came = at_once(api.platform, fans, lambda _p, who: str(show.accept(token, who).status_code))
    assert came == {"200": 3, "409": 9}
    assert show.links()[0]["uses"] == 3


def test_a_link_ends_when_it_is_taken_back_expires_or_the_show_begins(api: Api, clock: "VirtualClock") -> None:
    show = Secret(api)
    soon = (api.platform.clock.now() + timedelta(minutes=5)).isoformat()
    taken, short, long = show.make(), show.make(expiresAt=soon), show.make()
    invited = show.fan()
    assert show.accept(taken["url"].rpartition("/")[2], invited).status_code == 200
    gone = api.client.delete(f"/api/invitation-links/{taken['id']}", headers=show.host)
    assert gone.json()["invitationLink"]["isGood"] is False
    assert show.sees(invited)  # whoever came by it stays invited
    clock.advance(timedelta(minutes=6))
    late = show.fan()
    codes = [show.accept(link["url"].rpartition("/")[2], late).status_code for link in (taken, short, long)]
    assert codes == [409, 409, 200]
    clock.set(show.starts_at)
    assert api.client.get(f"/api/invitations/{long['url'].rpartition('/')[2]}").json()["invitation"]["isGood"] is False


def test_who_may_not_is_told_nothing(api: Api) -> None:
    show = Secret(api)
    token = show.token()
    for forged in (token[:-2], "A" * len(token), "x"):
        assert api.client.get(f"/api/invitations/{forged}").json()["code"] == "bad_invitation"
        assert show.accept(forged, show.fan()).json()["code"] == "bad_invitation"
        assert api.client.get(f"/invitations/{forged}").status_code == 404
    assert show.accept(token, show.host).status_code == 403
    assert show.accept(token, {}).status_code == 401
    path = f"/api/concerts/{show.concert_id}/invitation-links"
    for body in ({"maxUses": 0}, {"expiresAt": "2020-01-01T00:00:00Z"}, {"label": "x" * 101}, {"uses": 3}):
        assert api.client.post(path, headers=show.host, json=body).status_code == 422
