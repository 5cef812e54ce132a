"""Of age, and agreed to the terms of today: at registration, and again when they change."""

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from tests.factories.identity import bearer, person
from tests.web.api import opened
from tourpad.core.identity import queries
from tourpad.core.identity.agreements import Agreed, Agreement, age_fault, outstanding
from tourpad.core.identity.states import UserType
from tourpad.core.settings import Env
from tourpad.core.values import replace

if TYPE_CHECKING:
    from tests.web.api import Api
    from tourpad.core.platform import Platform

TODAY = date(2026, 3, 1)
ME, AGREE = "/api/users/me", "/api/users/me/agreements"
ALL = Agreed(adult=True, terms="2", privacy="2")


@pytest.mark.parametrize(
    ("birth_date", "is_adult", "field"),
    [
        (None, None, None),
        (None, True, None),
        (None, False, "is_adult"),
        (date(2008, 3, 1), None, None),
        (date(2008, 3, 2), None, "birth_date"),
        (date(2008, 3, 2), True, "birth_date"),
        (date(1990, 1, 1), False, "is_adult"),
        (date(2026, 3, 2), None, "birth_date"),
        (date(2008, 2, 29), None, None),
        (date(1924, 2, 29), None, None),
    ],
)
def test_who_is_too_young(birth_date: date | None, is_adult: bool | None, field: str | None) -> None:
    fault = age_fault(birth_date=birth_date, is_adult=is_adult, today=TODAY)
    assert (fault.field if fault else None) == field


@pytest.mark.parametrize(
    ("agreed", "role", "local", "expected"),
    [
        (ALL, "fan", False, {}),
        (replace(ALL, adult=False), "fan", False, {Agreement.ADULT: None}),
        (replace(ALL, adult=False), "fan", True, {}),
        (replace(ALL, terms="1"), "host", True, {Agreement.TERMS: "2"}),
        (replace(ALL, privacy="1"), "host", False, {Agreement.PRIVACY: "2"}),
        (replace(ALL, terms=None), "artist", False, {Agreement.TERMS: "2"}),
        (replace(ALL, terms=None), "artist", True, {}),
        (Agreed(adult=False, terms=None, privacy=None), "admin", False, {}),
    ],
)
def test_what_is_outstanding(agreed: Agreed, role: str, local: bool, expected: dict[Agreement, Any]) -> None:
    found = outstanding(agreed, user_type=UserType(role), terms="2", privacy="2", local=local)
    assert found == expected


def body(**more: Any) -> dict[str, Any]:
    given = {"email": "ada@shows.test", "password": "nine purple umbrellas", "name": "Ada", "userType": "fan"}
    return {**given, **more}


def test_minors_are_refused_and_nothing_is_kept(api: "Api", platform: "Platform") -> None:
    for more, field in (({"birthDate": "2010-05-01"}, "birthDate"), ({"isAdult": False}, "isAdult")):
        refused = api.client.post("/api/auth/register", json=body(**more))
        assert (refused.status_code, [e["field"] for e in refused.json()["errors"]]) == (422, [field])
    with api.setting() as work:
        assert queries.find_by_email(work, "ada@shows.test") is None
    assert api.client.post("/api/auth/register", json=body(birthDate="1990-05-01")).status_code == 201
    with api.setting() as work:
        user = queries.get_by_email(work, "ada@shows.test")
        assert user.adult_confirmed_at == work.now
        assert (user.terms_version, user.privacy_version) == ("2026-01", "2026-01")
        assert (user.terms_accepted_at, user.privacy_accepted_at) == (work.now, work.now)


def test_new_terms_stand_before_everything_but_ones_own_account(api: "Api", platform: "Platform") -> None:
    with api.setting() as work:
        user = queries.get_user(work, person(platform, "fan").id)
        user.terms_version, user.privacy_version = "2025-06", "2026-01"
    who = bearer(platform, user)
    refused = api.client.get("/api/concerts", headers=who)
    assert (refused.status_code, refused.json()["code"]) == (403, "agreement_needed")
    there = api.client.get(ME, headers=who).json()
    assert there["toAgree"] == [{"agreement": "terms", "version": "2026-01"}]
    assert there["permissions"] == ["account"]

    stale = api.client.post(AGREE, json={"terms": "2025-06"}, headers=who)
    assert (stale.status_code, stale.json()["code"]) == (409, "other_version")
    for wrong in ({}, {"adult": False}, {"terms": None}):
        assert api.client.post(AGREE, json=wrong, headers=who).status_code == 422
    assert api.client.post(AGREE, json={"terms": "2026-01"}, headers=who).json() == {"toAgree": []}
    assert api.client.get("/api/concerts", headers=who).status_code == 200
    admin = api.person("admin")
    told = api.client.get("/api/admin/actions?action=user.agree", headers=admin).json()["actions"]
    assert [(a["targetId"], a["details"]) for a in told] == [(str(user.id), {"terms": "2026-01"})]


def test_where_it_is_not_for_tests_everybody_says_that_they_are_of_age(platform: "Platform") -> None:
    user = person(platform, "fan")
    platform.settings = replace(platform.settings, env=Env.STAGING)
    with opened(platform) as api:
        who = bearer(platform, user)
        asked = [a["agreement"] for a in api.client.get(ME, headers=who).json()["toAgree"]]
        assert asked == ["adult", "terms", "privacy"]
        assert api.client.get("/api/concerts", headers=who).json()["details"]["agreements"] == asked
        given = {"adult": True, "terms": "2026-01", "privacy": "2026-01"}
        assert api.client.post(AGREE, json=given, headers=who).json() == {"toAgree": []}
        assert api.client.get("/api/concerts", headers=who).status_code == 200
