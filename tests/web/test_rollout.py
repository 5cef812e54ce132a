"""What people notice at the API when the doors are not open to everybody."""

from typing import TYPE_CHECKING, Any

import pytest
from websockets.exceptions import ConnectionClosed

from tests.factories.bookings import make_pair
from tests.factories.concerts import make_concert
from tests.factories.identity import PASSWORD, person, signed_in
from tests.web.live import served
from tests.web.sockets import Listener
from tourpad.core.actors import operator
from tourpad.core.agenda import service as agenda
from tourpad.core.rollout import service
from tourpad.core.rollout.states import RolloutStage

if TYPE_CHECKING:
    from tests.web.api import Api
    from tourpad.core.platform import Platform

BEN = "ben@shows.test"
NOT_OPEN = {
    "code": "not_open_yet",
    "status": 403,
    "title": "TourPad opens step by step, and it is not your turn yet.",
}


def change(platform: "Platform", stage: RolloutStage, **more: Any) -> None:
    with platform.work(operator("test")) as work:
        service.change(work, stage=stage, **more)
        work.commit()


def facts(answer: Any) -> dict[str, Any]:
    """What a problem says, without what differs each time."""
    return {key: answer.json()[key] for key in NOT_OPEN}


def test_the_next_request_is_nobodys_and_the_answer_says_why(api: "Api") -> None:
    ben, mara = person(api.platform, "fan", email=BEN), person(api.platform, "admin")
    tokens, admin = signed_in(api.platform, ben), signed_in(api.platform, mara)
    with api.setting() as work:
        concert = make_concert(work, make_pair(work))
    mine = {"Authorization": f"Bearer {tokens.access_token}"}
    pages = ("/api/users/me", "/api/concerts", f"/api/concerts/{concert.id}")
    assert [api.client.get(page, headers=mine).status_code for page in pages] == [200, 200, 200]
    change(api.platform, RolloutStage.ADMINS)
    assert [api.client.get(page, headers=mine).status_code for page in pages] == [401, 401, 401]
    sent = {
        "/api/auth/refresh": {"refreshToken": tokens.refresh_token},
        "/api/auth/login": {"email": BEN, "password": PASSWORD},
    }
    assert {path: facts(api.client.post(path, json=body)) for path, body in sent.items()} == dict.fromkeys(
        sent, NOT_OPEN
    )
    theirs = {"Authorization": f"Bearer {admin.access_token}"}
    assert api.client.get("/api/users/me", headers=theirs).status_code == 200
    change(api.platform, RolloutStage.BETA, add=[BEN])
    assert api.client.post("/api/auth/login", json=sent["/api/auth/login"]).status_code == 200


def test_registering_says_the_same_of_every_address(api: "Api") -> None:
    person(api.platform, "fan", email=BEN)
    change(api.platform, RolloutStage.BETA, add=["cleo@shows.test"])
    answers = {
        email: api.client.post(
            "/api/auth/register",
            json={
                "email": email,
                "password": "four quiet rivers",
                "name": "Ada",
                "userType": "fan",
                "isAdult": True,
                "profile": {},
            },
        )
        for email in (BEN, "dot@shows.test", "cleo@shows.test")
    }
    assert [facts(answers[one]) for one in (BEN, "dot@shows.test")] == [NOT_OPEN, NOT_OPEN]
    assert answers["cleo@shows.test"].status_code == 201
    forgot = [api.client.post("/api/auth/password/forgot", json={"email": one}) for one in (BEN, "dot@shows.test")]
    assert [(one.status_code, one.json()) for one in forgot] == [(202, forgot[0].json())] * 2


def test_what_needs_no_sign_in_goes_on(api: "Api") -> None:
    ben = person(api.platform, "artist", email=BEN)
    with api.setting() as work:
        calendar = agenda.renew(work, user_id=ben.id).removeprefix(work.settings.base_url)
    change(api.platform, RolloutStage.ADMINS)
    assert api.client.get(calendar).status_code == 200
    assert api.client.get("/readyz").status_code == 200


def test_sockets_end(platform: "Platform") -> None:
    ben, mara = person(platform, "fan", email=BEN), person(platform, "admin")
    tokens = [signed_in(platform, one).access_token for one in (ben, mara)]
    with served(platform) as address, Listener(address, tokens[0]) as his, Listener(address, tokens[1]) as hers:
        change(platform, RolloutStage.ADMINS)
        with pytest.raises(ConnectionClosed) as closed:
            his.next()
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 4401
        assert hers.everything() == []
