"""What reviewers do through the API besides deciding, and what applicants save."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.factories.applications import make_application
from tests.factories.profiles import make_person
from tests.web.api import Api
from tests.web.test_applications import ARTIST_BODY, HOST_BODY, made
from tourpad.core.ids import new_id

if TYPE_CHECKING:
    from tourpad.core.clock import VirtualClock
    from tourpad.core.platform import Platform

HOME = {"street": "417 Canary Lane", "postcode": "43299", "arrival_notes": "Ring twice."}


def admin(api: Api, name: str) -> dict[str, str]:
    with api.setting() as work:
        user_id = make_person(work, "admin", name=name).id
    return api.sign_in(user_id)


def send(api: Api, who: dict[str, str], method: str, path: str, **body: Any) -> Any:
    answer = api.client.request(method, f"/api/admin/applications{path}", headers=who, json=body or {})
    return answer.json() | {"http": answer.status_code} if answer.content else {"http": answer.status_code}


@pytest.mark.parametrize(("role", "body"), [("artist", ARTIST_BODY), ("host", HOST_BODY)])
def test_a_form_is_saved_bit_by_bit_and_submitted(api: Api, role: str, body: dict[str, Any]) -> None:
    headers = api.person(role, state="pending")
    path = f"/api/{role}s/application"
    draft = f"{path}/draft"
    first, *rest = body.items()
    saved = api.client.put(draft, headers=headers, json=dict([first])).json()["application"]
    assert (saved["status"], saved["draft"], saved["draftSavedAt"]) == (
        "draft", dict([first]), "2026-03-01T12:00:00Z",
    )  # fmt: skip
    assert first[0] not in saved["missing"]
    for name, value in rest:
        api.client.patch(draft, headers=headers, json={name: value})
    saved = api.client.get(path, headers=headers).json()["application"]
    assert (saved["draft"], saved["missing"]) == (body, [])
    wrong = api.client.patch(draft, headers=headers, json={"bio": 7})
    assert wrong.status_code == 422
    assert api.client.patch(draft, headers=headers, json={"role": "admin"}).status_code == 422
    sent = api.client.post(path, headers=headers, json={})
    assert (sent.status_code, sent.json()["application"]["status"]) == (201, "submitted")
    assert sent.json()["application"]["draft"] is None
    assert api.client.delete(draft, headers=headers).status_code == 404
    assert api.client.put(draft, headers=headers, json={}).json()["code"] == "already_applied"


def test_two_reviewers_do_not_collide(api: Api) -> None:
    application_id, _ = made(api)
    mara, ben = admin(api, "Mara"), admin(api, "Ben")
    claimed = send(api, mara, "POST", f"/{application_id}/claim")["application"]
    assert (claimed["claimedBy"], claimed["claimedUntil"], claimed["status"]) == (
        "Mara", "2026-03-01T12:15:00Z", "in_review",
    )  # fmt: skip
    refused = send(api, ben, "POST", f"/{application_id}/review", status="approved")
    assert (refused["http"], refused["code"], refused["details"]["reviewer"]) == (409, "application_claimed", "Mara")
    taken = send(api, ben, "POST", f"/{application_id}/claim", takeOver=True)["application"]
    assert taken["claimedBy"] == "Ben"
    assert send(api, ben, "DELETE", f"/{application_id}/claim")["http"] == 204
    assert send(api, mara, "POST", f"/{application_id}/review", status="approved")["http"] == 200


def test_holding_and_releasing_many(api: Api) -> None:
    mara = admin(api, "Mara")
    ids = [made(api)[0], made(api, "host")[0]]
    for application_id in ids:
        held = send(api, mara, "POST", f"/{application_id}/review", status="approved", hold=True)["application"]
        assert (held["status"], held["pendingDecision"]["state"]) == ("in_review", "held")
    listed = api.client.get("/api/admin/applications?decision=held", headers=mara).json()
    assert ([a["id"] for a in listed["applications"]], listed["stats"]["held"]) == (ids, 2)
    assert listed["pagination"]["total"] == 2
    unknown = str(new_id())
    released = send(api, mara, "POST", "/release", ids=[ids[0], unknown])["applications"]
    assert released == [
        {"id": ids[0], "status": "approved", "code": None},
        {"id": unknown, "status": None, "code": "not_found"},
    ]
    assert [r["id"] for r in send(api, mara, "POST", "/release")["applications"]] == [ids[1]]


def test_a_second_opinion(api: Api) -> None:
    application_id, applicant = made(api)
    mara, ben = admin(api, "Mara"), admin(api, "Ben")
    body = {"status": "rejected", "reasons": ["no_live_video"], "secondOpinion": True}
    proposed = send(api, mara, "POST", f"/{application_id}/review", **body)["application"]
    assert proposed["pendingDecision"]["state"] == "second_opinion"
    seen = api.client.get("/api/artists/application", headers=applicant).json()["application"]
    assert (seen["status"], seen["decisionReason"]) == ("in_review", None)
    own = send(api, mara, "POST", f"/{application_id}/second-opinion", agree=True)
    assert (own["http"], own["code"]) == (409, "second_opinion_needs_another")
    assert send(api, ben, "POST", f"/{application_id}/second-opinion", agree=False)["http"] == 422
    agreed = send(api, ben, "POST", f"/{application_id}/second-opinion", agree=True)["application"]
    assert [(d["decidedBy"], d["agreedBy"], d["state"]) for d in agreed["decisions"]] == [("Mara", "Ben", "effective")]
    seen = api.client.get("/api/artists/application", headers=applicant).json()["application"]
    assert (seen["status"], seen["decisionReasons"], seen["decisionReason"]) == (
        "rejected", ["no_live_video"], "We could not find a live recording of a whole song.",
    )  # fmt: skip


def test_scoring_and_undoing(api: Api) -> None:
    application_id, _ = made(api)
    mara = admin(api, "Mara")
    scores = {"live_video": 4, "music": 5, "fit": 3}
    scored = send(api, mara, "PUT", f"/{application_id}/scores", scores=scores)["application"]
    assert (scored["score"], scored["scores"]) == ("4.1", [{"reviewer": "Mara", "scores": scores}])
    assert send(api, mara, "PUT", f"/{application_id}/scores", scores={"room": 3})["http"] == 422
    send(api, mara, "POST", f"/{application_id}/review", status="approved")
    assert send(api, mara, "POST", f"/{application_id}/undo", reason="")["http"] == 422
    undone = send(api, mara, "POST", f"/{application_id}/undo", reason="The wrong Ada.")["application"]
    assert (undone["status"], undone["decisions"][0]["state"], undone["decisions"][0]["endReason"]) == (
        "in_review", "undone", "The wrong Ada.",
    )  # fmt: skip


def test_the_list_narrows_by_place_words_time_and_reviewer(api: Api, clock: "VirtualClock") -> None:
    first = made(api, name="Ada Ames", stage_name="Ada and the Attic")[0]
    clock.advance(timedelta(hours=50))
    second = made(api, "host", name="Ben Okafor", venue_name="Barn")[0]
    mara = admin(api, "Mara")
    send(api, mara, "POST", f"/{second}/claim")

    def found(query: str) -> list[str]:
        answer = api.client.get(f"/api/admin/applications?{query}", headers=mara)
        assert answer.status_code == 200, answer.text
        assert answer.json()["pagination"]["total"] == len(answer.json()["applications"])  # of what matches
        return [a["id"] for a in answer.json()["applications"]]

    assert found("place=Asheville NC") == found("place=nc") == [first]
    assert found("place=Columbus") == [second]
    assert found("place=e") == found("place=Asheville OH") == []
    assert found("q=attic") == [first]
    assert found("q=venue_name") == []  # the names of fields are nobody's words
    assert found("q=100%25") == []
    assert found("overdue=true") == found("olderThanHours=24") == [first]
    assert found("reviewer=mar") == found("claimed=true") == [second]
    assert found("claimed=false") == [first]
    assert found("sort=place") == [first, second]
    assert found("sort=due&status=pending") == [first, second]
    assert api.client.get("/api/admin/applications?olderThanHours=-1", headers=mara).status_code == 422


def test_where_a_host_lives_is_shown_on_record_and_nowhere_else(api: Api, platform: "Platform") -> None:
    from sqlalchemy import text

    with api.setting() as work:
        application = make_application(work, "host", address=HOME)
        application_id, user_id = str(application.id), application.user_id
    mara = admin(api, "Mara")
    for path in ("", f"/{application_id}"):
        shown = api.client.get(f"/api/admin/applications{path}", headers=mara).text
        assert "Canary" not in shown
        assert "43299" not in shown
    place = api.client.get(f"/api/admin/applications/{application_id}/address", headers=mara).json()
    assert (place["address"], place["arrivalNotes"]) == ("417 Canary Lane, Columbus OH 43299", "Ring twice.")
    looks = api.client.get("/api/hosts/me/address-looks", headers=api.sign_in(user_id)).json()["looks"]
    assert [(look["who"], look["reason"]) for look in looks] == [("Mara", "admin")]
    artist, _ = made(api)
    assert api.client.get(f"/api/admin/applications/{artist}/address", headers=mara).status_code == 404
    with platform.engine.connect() as connection:
        said = connection.execute(text("SELECT string_agg(a::text, ' ') FROM audit_log a")).scalar()
    assert "application.look_at_address" in str(said)
    assert "Canary" not in str(said)


def test_templates_and_the_guide(api: Api) -> None:
    mara, ben = admin(api, "Mara"), admin(api, "Ben")
    body = {"purpose": "question", "name": "Video", "text": "Is there a video of {title}?"}
    assert send(api, mara, "POST", "/templates", **body)["name"] == "video"
    assert send(api, mara, "POST", "/templates", **body)["code"] == "template_exists"
    assert send(api, ben, "GET", "/templates")["templates"] == []
    assert send(api, ben, "PATCH", "/templates/question/video", text="Mine.")["http"] == 404
    assert send(api, mara, "PATCH", "/templates/question/video", text="A video?")["text"] == "A video?"
    assert send(api, mara, "DELETE", "/templates/question/video")["http"] == 204
    guide = send(api, mara, "GET", "/guide")
    assert [c["weight"] for c in guide["rubrics"]["artist"]] == [40, 35, 25]
    assert {"no_live_video", "room_too_small"} <= {r["code"] for r in guide["reasons"]}


def test_earlier_rounds_and_likenesses_are_shown(api: Api, clock: "VirtualClock") -> None:
    with api.setting() as work:
        application = make_application(work, state="rejected")
        application_id, user_id = str(application.id), application.user_id
    clock.advance(timedelta(days=30))
    api.client.post("/api/artists/application", headers=api.sign_in(user_id), json=ARTIST_BODY)
    twin, _ = made(api, name="Somebody Else")
    mara = admin(api, "Mara")
    shown = send(api, mara, "GET", f"/{application_id}")["application"]
    assert [s["round"] for s in shown["submissions"]] == [1, 2]
    assert [d["feedback"] for d in shown["decisions"]] == ["There is no live video yet."]
    assert [a["id"] for a in shown["alike"]] == [twin]
