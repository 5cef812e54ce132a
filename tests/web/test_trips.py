"""Trips and calendars as artists and hosts meet them on the API."""

from typing import Any

from tests.factories.bookings import make_booking
from tests.factories.profiles import make_artist, make_host
from tests.web.api import Api


def test_a_trip_is_planned_seen_nearby_changed_and_called_off(api: Api) -> None:
    with api.setting() as work:
        made, near, far = make_artist(work), make_host(work), make_host(work, city="Tulsa", state="OK")
    artist, host, elsewhere = (api.sign_in(p.user_id) for p in (made, near, far))
    body = {"state": "Ohio", "startsOn": "2026-05-03", "endsOn": "2026-05-09", "note": "Write to ada@example.org"}
    answer = api.client.post("/api/trips", headers=artist, json=body)
    assert answer.status_code == 201, answer.text
    trip = answer.json()["trip"]
    assert (trip["place"], trip["state"], trip["note"]) == ("Ohio", "OH", "Write to ada@example.org")
    assert api.client.get("/api/trips/me", headers=artist).json()["trips"] == [trip]

    with api.counting() as queries:
        seen = api.client.get("/api/trips", headers=host).json()
    assert len(queries) <= 7
    assert seen["pagination"]["total"] == 1
    shown = seen["trips"][0]
    assert (shown["artistName"], shown["artistId"], len(shown["freeDates"])) == ("Juniper Vale", str(made.id), 7)
    assert "ada@example.org" not in shown["note"]
    assert api.client.get(f"/api/trips/{trip['id']}", headers=host).json()["trip"] == shown
    assert api.client.get("/api/trips", headers=elsewhere).json()["trips"] == []
    assert api.client.get(f"/api/trips/{trip['id']}", headers=elsewhere).status_code == 404

    with api.setting() as work:
        from datetime import date

        make_booking(work, _pair(made, near), day=date(2026, 5, 4))
    shown = api.client.get("/api/trips", headers=host).json()["trips"][0]
    assert "2026-05-04" not in shown["freeDates"]
    assert len(shown["freeDates"]) == 6

    url = f"/api/trips/{trip['id']}"
    changed = api.client.patch(url, headers=artist, json={"city": "Dayton", "radiusMiles": 20}).json()["trip"]
    assert (changed["place"], changed["endsOn"]) == ("within 20 miles of Dayton OH", "2026-05-09")
    assert api.client.get("/api/trips", headers=host).json()["trips"] == []
    assert api.client.delete(url, headers=artist).status_code == 204
    assert api.client.get("/api/trips/me", headers=artist).json()["trips"] == []
    wrong = api.client.post("/api/trips", headers=artist, json=body | {"endsOn": "2026-05-01"})
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "endsOn")


def _pair(artist: Any, host: Any) -> Any:
    from tests.factories.bookings import Pair

    return Pair(artist.id, artist.user_id, host.id, host.user_id)


def test_a_calendar_of_patterns_and_single_days_as_its_owner_and_as_others_see_it(api: Api) -> None:
    with api.setting() as work:
        made, other = make_host(work), make_artist(work)
    host, artist = api.sign_in(made.user_id), api.sign_in(other.user_id)
    body = {
        "openDates": ["2026-03-13"],
        "blockedDates": ["2026-03-06"],
        "patterns": [
            {"kind": "blocked", "repeats": "weekly", "weekdays": ["fr"], "note": "Choir"},
            {"kind": "open", "repeats": "monthly_day", "monthDays": [-1]},
        ],
    }
    said = api.client.put("/api/availability/me", headers=host, json=body)
    assert said.status_code == 200, said.text
    assert said.json()["availability"]["patterns"][0] == {
        "kind": "blocked",
        "repeats": "weekly",
        "weekdays": ["fr"],
        "monthDays": [],
        "weeks": [],
        "every": 1,
        "startsOn": "2026-02-28",
        "endsOn": None,
        "note": "Choir",
    }
    window = {"start": "2026-03-05", "end": "2026-03-31"}
    own = api.client.get("/api/availability/me/days", headers=host, params=window).json()["days"]
    assert {d["date"][-2:]: (d["status"], d["because"]) for d in own if d["status"]} == {
        "06": ("blocked", "day"),
        "13": ("open", "day"),
        "20": ("blocked", "pattern"),
        "27": ("blocked", "pattern"),
        "31": ("open", "pattern"),
    }
    seen = api.client.get(f"/api/hosts/{made.id}/availability", headers=artist, params=window)
    assert seen.json() == {
        "openDates": ["2026-03-13", "2026-03-31"],
        "unavailableDates": ["2026-03-06", "2026-03-20", "2026-03-27"],
        "timeZone": "America/New_York",
    }
    artists = api.client.get(f"/api/artists/{other.id}/availability", headers=host, params=window).json()
    assert (artists["unavailableDates"], artists["timeZone"]) == ([], "America/New_York")
    kept = api.client.put("/api/availability/me", headers=host, json={"blockedDates": []}).json()["availability"]
    assert (len(kept["patterns"]), kept["openDates"]) == (2, [])
    for wrong in (
        {"patterns": [{"kind": "blocked", "repeats": "weekly"}]},
        {"patterns": [{"kind": "blocked", "repeats": "monthly_day", "monthDays": [32]}]},
        {"patterns": [{"kind": "open", "repeats": "monthly_weekday", "weekdays": ["fr"]}]},
        {"patterns": [{"kind": "open", "repeats": "weekly", "weekdays": ["fr"], "weeks": [1]}]},
        {"patterns": [{"kind": "open", "repeats": "weekly", "weekdays": ["fr"], "every": 13}]},
        {"patterns": [{"kind": "open", "repeats": "weekly", "weekdays": ["fr"], "endsOn": "2020-01-01"}]},
    ):
        assert api.client.put("/api/availability/me", headers=host, json=wrong).status_code == 422, wrong
    far = api.client.get("/api/availability/me/days", headers=host, params={"start": "2026-01-01", "end": "2028-01-01"})
    assert far.status_code == 422


def test_a_feed_is_added_shown_without_its_address_and_taken_away(api: Api) -> None:
    host = api.person("host")
    secret = "webcal://calendar.example/private-8d1c2f/basic.ics"
    added = api.client.post("/api/availability/me/feeds", headers=host, json={"url": secret, "name": "Family"})
    assert added.status_code == 201, added.text
    feed = added.json()["feed"]
    assert (feed["name"], feed["host"], feed["status"], feed["blocks"]) == (
        "Family",
        "calendar.example",
        "new",
        "evenings",
    )
    listed = api.client.get("/api/availability/me/feeds", headers=host)
    assert listed.json()["feeds"] == [feed]
    assert "8d1c2f" not in added.text + listed.text
    again = api.client.post("/api/availability/me/feeds", headers=host, json={"url": secret})
    assert (again.status_code, again.json()["code"]) == (409, "feed_known")
    assert "8d1c2f" not in again.text
    assert api.client.post(f"/api/availability/me/feeds/{feed['id']}/refresh", headers=host).status_code == 202
    assert api.client.delete(f"/api/availability/me/feeds/{feed['id']}", headers=host).status_code == 204
    assert api.client.get("/api/availability/me/feeds", headers=host).json()["feeds"] == []
    assert api.client.get("/api/availability/me/feeds", headers=api.person("fan")).status_code == 403
