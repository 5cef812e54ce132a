from typing import TYPE_CHECKING

from tests.command import Command

if TYPE_CHECKING:
    from tourpad.core.platform import Platform


def test_days_feeds_and_trips_of_a_person(platform: "Platform", cli: Command) -> None:
    from datetime import date

    from tests.factories.bookings import make_pair
    from tourpad.core.actors import operator
    from tourpad.core.availability import service
    from tourpad.core.availability.states import FeedBlocks

    with platform.work(operator("test")) as work:
        pair = make_pair(work)
        may = {"state": "OH", "starts_on": date(2026, 5, 3), "ends_on": date(2026, 5, 9)}
        service.plan(work, user_id=pair.artist_user, values=may)
        service.set_calendar(
            work,
            user_id=pair.host_user,
            open_dates=[date(2026, 3, 13)],
            blocked_dates=[],
            patterns=[{"kind": "blocked", "repeats": "weekly", "weekdays": ["fr"]}],
        )
        url = "https://calendar.example/private-8d1c2f/basic.ics"
        service.add(work, user_id=pair.host_user, url=url, name="Family", blocks=FeedBlocks.ANY)
        work.commit()
    shown = cli("availability", "show", str(pair.host_user), "--days", "14", "--json").json
    assert [(d["date"], d["status"], d["because"]) for d in shown["days"] if d["status"]] == [
        ("2026-03-06", "blocked", "pattern"),
        ("2026-03-13", "open", "day"),
    ]
    assert (len(shown["days"]), shown["time_zone"]) == (14, "America/New_York")
    lines = cli("availability", "show", str(pair.host_user), "--from", "2026-03-20", "--days", "1").stdout.splitlines()
    assert lines == ["date\tweekday\tstatus\tbecause", "2026-03-20\tFri\tblocked\tpattern"]
    listed = cli("availability", "feeds", "--json")
    assert [(f["name"], f["state"], f["host"]) for f in listed.json["feeds"]] == [("Family", "new", "calendar.example")]
    assert "8d1c2f" not in listed.stdout
    assert cli("availability", "feeds", str(pair.artist_user), "--json").json["feeds"] == []
    trips = cli("availability", "trips", "--json").json["trips"]
    assert [(t["artist"], t["place"], t["hosts_told"]) for t in trips] == [("Juniper Vale", "Ohio", 0)]
    assert cli("availability", "show", "nobody@shows.test").exit_code == 3
