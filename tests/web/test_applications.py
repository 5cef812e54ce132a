"""Applying and reviewing through the API."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from tests.factories.applications import make_application
from tests.factories.profiles import make_person
from tests.web.api import Api
from tourpad.core.ids import new_id

if TYPE_CHECKING:
    from tourpad.core.clock import VirtualClock
    from tourpad.core.platform import Platform

ARTIST_BODY: dict[str, Any] = {
    "bio": "Forty living rooms.",
    "genres": ["folk"],
    "performanceVideoUrl": "https://video.example/j",
    "musicProfileUrl": "https://music.example/j",
    "socialLinks": {"instagram": "https://instagram.example/j"},
    "pressPhotoUrl": "https://photos.example/j.jpg",
}
HOST_BODY: dict[str, Any] = {
    "venueName": "Mill Lane House",
    "venueType": "home",
    "city": "Columbus",
    "state": "OH",
    "indoorCapacity": 30,
    "hostingExperience": 2,
    "venuePhotoUrls": ["https://photos.example/porch.jpg"],
    "hostingMotivation": "Friends keep asking.",
}


def made(api: Api, kind: str = "artist", **more: Any) -> tuple[str, dict[str, str]]:
    """An application's id, and its applicant's headers."""
    with api.setting() as work:
        application = make_application(work, kind, **more)
        found = str(application.id), application.user_id
    return found[0], api.sign_in(found[1])


@pytest.mark.parametrize(("role", "body"), [("artist", ARTIST_BODY), ("host", HOST_BODY)])
def test_applying(api: Api, role: str, body: dict[str, Any]) -> None:
    headers = api.person(role, state="pending")
    path = f"/api/{role}s/application"
    assert api.client.get(path, headers=headers).status_code == 404
    sent = api.client.post(path, headers=headers, json=body)
    assert sent.status_code == 201, sent.text
    application = sent.json()["application"]
    assert (application["status"], application["userType"], application["round"]) == ("submitted", role, 1)
    assert (application["submittedAt"], application["answerExpectedBy"]) == (
        "2026-03-01T12:00:00Z",
        "2026-03-03T12:00:00Z",
    )
    assert {k: v for k, v in application["answers"].items() if k in body} == body
    assert api.client.get(path, headers=headers).json() == sent.json()
    again = api.client.post(path, headers=headers, json=body)
    assert (again.status_code, again.json()["code"]) == (409, "already_applied")


def test_the_form_of_another_role_is_refused(api: Api) -> None:
    host = api.person("host", state="pending")
    refused = api.client.post("/api/artists/application", headers=host, json=ARTIST_BODY)
    assert (refused.status_code, refused.json()["hint"]) == (403, "Yours is /api/hosts/application.")
    fan = api.person("fan")
    assert api.client.post("/api/artists/application", headers=fan, json=ARTIST_BODY).status_code == 403
    assert api.client.post("/api/artists/application", json=ARTIST_BODY).status_code == 401


def test_a_mail_address_that_is_not_proved_stands_in_the_way(api: Api) -> None:
    headers = api.person("artist", state="pending", verified=False)
    refused = api.client.post("/api/artists/application", headers=headers, json=ARTIST_BODY)
    assert (refused.status_code, refused.json()["code"]) == (409, "email_not_verified")
    assert api.client.get("/api/artists/application", headers=headers).status_code == 404


def test_missing_and_wrong_fields_are_all_named(api: Api) -> None:
    headers = api.person("artist", state="pending")
    refused = api.client.post(
        "/api/artists/application", headers=headers, json={"bio": " ", "genres": [], "musicProfileUrl": "music"}
    )
    assert refused.status_code == 422
    assert {e["field"] for e in refused.json()["errors"]} == {
        "bio", "genres", "musicProfileUrl", "performanceVideoUrl",
    }  # fmt: skip
    assert api.client.get("/api/artists/application", headers=headers).status_code == 404


@pytest.mark.parametrize("by_id", [True, False])
def test_answering(api: Api, by_id: bool) -> None:
    application_id, applicant = made(api, state="questions_asked")
    path = f"/api/applications/{application_id}/answers"
    asked = api.client.get("/api/artists/application", headers=applicant).json()["application"]["questions"]
    assert [(q["question"], q["answer"]) for q in asked] == [("How loud are you?", None), ("Who drives?", None)]
    answers: list[Any] = [{"questionId": q["id"], "answer": "Well."} for q in asked] if by_id else ["Well.", "Well."]
    other = api.person("artist", state="pending")
    assert api.client.post(path, headers=other, json={"answers": answers}).status_code == 404
    done = api.client.post(path, headers=applicant, json={"answers": answers})
    assert done.status_code == 200, done.text
    assert done.json()["application"]["status"] == "in_review"
    assert [q["answer"] for q in done.json()["application"]["questions"]] == ["Well.", "Well."]
    late = api.client.post(path, headers=applicant, json={"answers": answers})
    assert (late.status_code, late.json()["code"]) == (409, "nothing_asked")


@pytest.mark.parametrize("role", ["artist", "host", "fan"])
def test_only_admins_review(api: Api, role: str) -> None:
    application_id, applicant = made(api)
    for headers in (api.person(role), applicant):
        assert api.client.get("/api/admin/applications", headers=headers).status_code == 403
        assert api.client.get(f"/api/admin/applications/{application_id}", headers=headers).status_code == 403
        review = f"/api/admin/applications/{application_id}/review"
        assert api.client.post(review, headers=headers, json={"status": "approved"}).status_code == 403
    assert api.client.get("/api/artists/application", headers=applicant).json()["application"]["status"] == "submitted"


def test_the_list_filters_counts_and_pages(api: Api, clock: "VirtualClock") -> None:
    states = ("submitted", "in_review", "questions_asked", "approved", "rejected")
    for number, state in enumerate(states):
        made(api, state=state, name=f"Artist {number}")
    clock.advance(timedelta(hours=49))
    made(api, "host", name="Mara")
    admin = api.person("admin")

    def found(query: str) -> list[str]:
        answer = api.client.get(f"/api/admin/applications?{query}", headers=admin)
        assert answer.status_code == 200, answer.text
        return [a["user"]["name"] for a in answer.json()["applications"]]

    assert found("") == [*(f"Artist {n}" for n in range(5)), "Mara"]
    assert found("status=pending") == ["Artist 0", "Artist 1", "Artist 2", "Mara"]
    assert found("status=approved") == ["Artist 3"]
    assert found("userType=host") == ["Mara"]
    assert found("sort=newest&limit=2") == ["Mara", "Artist 4"]
    answer = api.client.get("/api/admin/applications?status=pending&limit=3", headers=admin).json()
    assert answer["pagination"] == {"page": 1, "limit": 3, "total": 4, "pages": 2}
    assert answer["stats"] == {
        "pending": 4, "approved": 1, "rejected": 1, "submitted": 2, "inReview": 1, "questionsAsked": 1, "overdue": 2,
        "held": 0, "secondOpinion": 0,
    }  # fmt: skip
    assert [a["isOverdue"] for a in answer["applications"]] == [True, True, False]
    wrong = api.client.get("/api/admin/applications?status=maybe", headers=admin)
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "status")


def test_a_whole_review(api: Api, platform: "Platform") -> None:
    application_id, applicant = made(api)
    admin = api.person("admin")
    path = f"/api/admin/applications/{application_id}/review"

    def review(**body: Any) -> dict[str, Any]:
        answer = api.client.post(path, headers=admin, json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()["application"]

    noted = review(notes="Saw them in March.")
    assert (noted["status"], [(n["author"], n["note"]) for n in noted["notes"]]) == (
        "submitted", [("Ada Ames", "Saw them in March.")],
    )  # fmt: skip
    asked = review(followUpQuestions=["How loud are you?"])
    assert (asked["status"], [q["question"] for q in asked["questions"]]) == ("questions_asked", ["How loud are you?"])
    mine = api.client.get("/api/artists/application", headers=applicant).text
    assert "Saw them" not in mine
    api.client.post(f"/api/applications/{application_id}/answers", headers=applicant, json={"answers": ["Not very."]})
    approved = review(status="approved", notes="Lovely.")
    assert (approved["status"], len(approved["notes"]), approved["decidedAt"]) == (
        "approved",
        2,
        "2026-03-01T12:00:00Z",
    )
    assert api.client.get("/api/users/me", headers=applicant).json()["user"]["status"] == "approved"
    again = api.client.post(path, headers=admin, json={"status": "rejected"})
    assert (again.status_code, again.json()["code"]) == (409, "already_decided")
    assert api.client.get(f"/api/admin/applications/{application_id}", headers=admin).json()["application"] == approved


def test_a_rejection_tells_the_notes_as_its_reason(api: Api) -> None:
    application_id, applicant = made(api)
    path = f"/api/admin/applications/{application_id}/review"
    api.client.post(path, headers=api.person("admin"), json={"status": "rejected", "notes": "No live video."})
    seen = api.client.get("/api/artists/application", headers=applicant).json()["application"]
    assert (seen["status"], seen["decisionReason"], seen["reapplyFrom"]) == (
        "rejected", "No live video.", "2026-03-31T12:00:00Z",
    )  # fmt: skip
    soon = api.client.post("/api/artists/application", headers=applicant, json=ARTIST_BODY)
    assert (soon.status_code, soon.json()["code"], soon.json()["details"]) == (
        409, "too_soon", {"from": "2026-03-31T12:00:00Z"},
    )  # fmt: skip


def test_an_approved_host_is_listed_at_once(api: Api) -> None:
    application_id, applicant = made(api, "host")
    path = f"/api/admin/applications/{application_id}/review"
    api.client.post(path, headers=api.person("admin"), json={"status": "approved"})
    assert api.client.get("/api/users/me", headers=applicant).json()["user"]["status"] == "active"
    listed = api.client.get("/api/hosts", headers=api.person("artist")).json()["hosts"]
    assert [h["venueName"] for h in listed] == ["Mill Lane House"]


NO_REVIEWS: list[tuple[dict[str, Any], str]] = [
    ({}, "status"),
    ({"status": "approved", "followUpQuestions": ["Why?"]}, "followUpQuestions"),
    ({"followUpQuestions": [" "]}, "followUpQuestions.0"),
    ({"notes": ""}, "notes"),
    ({"status": "rejected", "notes": " "}, "notes"),
    ({"status": "maybe"}, "status"),
]


def test_a_review_that_says_nothing_sensible(api: Api) -> None:
    application_id, applicant = made(api)
    admin = api.person("admin")
    for body, field in NO_REVIEWS:
        refused = api.client.post(f"/api/admin/applications/{application_id}/review", headers=admin, json=body)
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, field), body
    assert api.client.get("/api/artists/application", headers=applicant).json()["application"]["status"] == "submitted"


def test_an_application_that_does_not_exist(api: Api) -> None:
    admin = api.person("admin")
    assert api.client.get(f"/api/admin/applications/{new_id()}", headers=admin).status_code == 404
    review = f"/api/admin/applications/{new_id()}/review"
    assert api.client.post(review, headers=admin, json={"status": "approved"}).status_code == 404


def test_an_admin_decision_is_in_the_audit_log_without_a_name(api: Api, platform: "Platform") -> None:
    from sqlalchemy import text

    application_id, _ = made(api)
    with api.setting() as work:
        admin_id: UUID = make_person(work, "admin").id
    path = f"/api/admin/applications/{application_id}/review"
    api.client.post(path, headers=api.sign_in(admin_id), json={"status": "approved"})
    with platform.engine.connect() as connection:
        line = connection.execute(
            text("SELECT actor_id, actor_label FROM audit_log WHERE action = 'application.approve'")
        ).one()
    assert tuple(line) == (admin_id, f"admin {admin_id.hex[-8:]}")
