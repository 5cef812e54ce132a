"""What a system holds goes out as it came in: whatever that system holds, in whatever order."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories.relocation import folder_of, records
from tourpad.core.actors import operator
from tourpad.core.relocation import procedures
from tourpad.core.relocation.exports import procedures as exports
from tourpad.core.relocation.service.exporting import plain

if TYPE_CHECKING:
    import pytest

    from tourpad.core.platform import Platform

ME = operator("test")
SITE = "https://a.example.com/x"
names = st.text("abcdefgh ÄÖé’", min_size=1, max_size=12).map(lambda t: " ".join(t.split())).filter(bool)
words = st.text("abc \n<>&\"'é", min_size=1, max_size=30).map(str.strip).filter(bool)
instants = st.integers(0, 800_000_000).map(
    lambda second: plain(datetime(2000, 1, 1, tzinfo=UTC) + timedelta(0, second))
)
towns = st.sampled_from([("Columbus", "OH"), ("Dayton", "OH"), ("Asheville", "NC")])
genres = st.lists(st.sampled_from(["folk", "jazz", "r&b"]), unique=True, min_size=1)


def maybe(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=fields)


@st.composite
def systems(draw: st.DrawFn) -> dict[str, list[dict[str, Any]]]:
    """Everything that the page says a folder may hold, but for files."""
    made: dict[str, list[dict[str, Any]]] = {"users": [], "artists": [], "hosts": [], "fans": []}
    for n in range(draw(st.integers(1, 4))):
        role = draw(st.sampled_from(["artist", "host", "fan"]))
        state = draw(st.sampled_from(["pending", "approved", "rejected"]))
        said: dict[str, Any] = {
            "id": f"u{n}",
            "email": f"p{n}@there.example.com",
            "name": draw(names),
            "user_type": role,
            "state": state,
        }
        said |= draw(
            maybe(bio=words, phone=names, website_url=st.just("https://a.example.com/x"), referral_source=names)
        )
        said["created_at"] = draw(instants)
        if (state == "approved" and role == "fan") or draw(st.booleans()):
            said["email_verified_at"] = draw(instants)
        if state == "approved" and role != "host" and draw(st.booleans()):
            said["membership"] = {"until": draw(st.sampled_from(["2027-03-01T00:00:00Z", None]))}
        if draw(st.booleans()):
            said["suspension"] = {"reason": draw(words)} | draw(maybe(until=st.just("2026-09-01T00:00:00Z")))
        made["users"].append(said)
        city, region = draw(towns)
        its: dict[str, Any] = {"id": f"p{n}", "user_id": f"u{n}"}
        listed = {"approved_at": draw(instants)} if state == "approved" else {}
        if role == "artist":
            its |= {"stage_name": draw(names), "city": city, "state": region} | listed
            its |= draw(maybe(genres=genres, bio=words, min_guarantee_cents=st.integers(0, 10**6)))
        elif role == "host":
            its |= {"venue_name": draw(names), "venue_type": draw(st.sampled_from(["home", "loft"]))} | listed
            its |= {"city": city, "state": region}
            its |= draw(maybe(indoor_capacity=st.integers(1, 99), offers_lodging=st.just(True), house_rules=words))
            home: dict[str, Any] = {"street": "12 " + draw(names), "postcode": {"OH": "43215", "NC": "28801"}[region]}
            if city == "Columbus" and draw(st.booleans()):
                home |= {"latitude": 39.97, "longitude": -83.0, "arrival_notes": draw(words)}
            its |= draw(maybe(address=st.just(home))) if city != "Dayton" else {}
        else:
            its |= draw(maybe(favorite_genres=genres, travel_radius=st.integers(0, 5000)))
        made[f"{role}s"].append(its)
    return made | draw(pasts(made))


@st.composite
def pasts(draw: st.DrawFn, made: dict[str, list[dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    """Bookings of these artists and hosts, shows that were played, and what both sides said."""
    past: dict[str, list[dict[str, Any]]] = {"bookings": [], "concerts": [], "reviews": []}
    pairs = [(artist, host) for artist in made["artists"] for host in made["hosts"]]
    for n, (artist, host) in enumerate(pairs):
        state = draw(st.sampled_from(["completed", "cancelled", "rejected", "expired"]))
        said: dict[str, Any] = {"id": f"b{n}", "artist_id": artist["id"], "host_id": host["id"], "state": state}
        said |= {
            "requested_date": f"2025-0{n % 9 + 1}-1{n // 9}",
            "requested_time": draw(st.sampled_from(["19:30", "00:05"])),
        }
        said |= {"estimated_duration": draw(st.integers(15, 480)), "expected_attendance": draw(st.integers(0, 99))}
        said |= {
            "artist_fee_cents": draw(st.integers(0, 10**6)),
            "door_fee_cents": draw(st.sampled_from([0, 50, 1500])),
        }
        said |= {"requested_at": draw(instants)} | draw(
            maybe(message=words, host_response=words, responded_at=instants)
        )
        if state == "completed":
            said |= {"confirmed_at": draw(instants), "completed_at": draw(instants)}
            show = {"id": f"c{n}", "booking_id": f"b{n}", "title": draw(names), "max_capacity": 40, "seats_taken": 7}
            past["concerts"] += [show] if draw(st.booleans()) else []
            for side in (artist, host):
                review = {"id": f"r-{side['id']}-{n}", "booking_id": f"b{n}", "reviewer_id": side["user_id"]}
                review |= {"rating": draw(st.integers(1, 5)), "created_at": draw(instants)}
                review |= draw(maybe(review_text=words, is_public=st.just(value=False)))
                if draw(st.booleans()):
                    review |= {"response_text": draw(words), "responded_at": draw(instants)}
                past["reviews"] += [review] if draw(st.booleans()) else []
        elif state == "cancelled":
            said |= {"cancelled_at": draw(instants)} | draw(maybe(cancelled_by=st.just("host"), cancel_reason=words))
        past["bookings"].append(said)
    return past


@given(system=systems())
@settings(
    max_examples=200 if settings.get_current_profile_name() == "long" else 12,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_what_was_brought_goes_out_again_as_it_came(
    platform: "Platform", tmp_path_factory: "pytest.TempPathFactory", system: dict[str, list[dict[str, Any]]]
) -> None:
    folder = tmp_path_factory.mktemp("there")
    source = folder.name
    for lines in system.values():
        for line in lines:
            if "email" in line:
                line["email"] = f"{source}-{line['email']}"
    found = procedures.survey(platform, ME, folder_of(folder, source=source, **system))
    assert found.faults == []
    assert procedures.bring(platform, ME, found, path=folder, invites=False).refused == []

    out = folder / "out"
    exports.export(platform, ME, to=out, source=source)

    for kind, lines in system.items():
        assert {line["id"]: line for line in records(out, kind)} == {line["id"]: line for line in lines}
