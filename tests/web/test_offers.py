"""Offers over HTTP: their versions, who signed them, what they would bring, and shows that move."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier
from typing import Any

import pytest

from tests.factories.bookings import make_booking, make_pair, told
from tests.factories.concerts import fan_of, make_concert, make_fan, seat
from tests.factories.papers import pages_of
from tests.factories.profiles import SECRET_STREET
from tests.web.api import Api
from tourpad.core.values import replace

DAY = date(2026, 4, 10)


@pytest.fixture
def environment(environment: dict[str, str]) -> dict[str, str]:
    return environment | {"TOURPAD_DATABASE_POOL": "60"}


class Scene:
    """An artist and a host, signed in."""

    def __init__(self, api: Api) -> None:
        self.api = api
        with api.setting() as work:
            self.pair = make_pair(work, address=True, house_rules="Shoes off.")
        self.artist = api.sign_in(self.pair.artist_user)
        self.host = api.sign_in(self.pair.host_user)

    def ask(self, who: dict[str, str] | None = None, **changes: Any) -> Any:
        wish = {
            "hostId": str(self.pair.host_id),
            "requestedDate": DAY.isoformat(),
            "requestedTime": "19:30",
            "estimatedDuration": 90,
            "expectedAttendance": 20,
            "artistFeeCents": 0,
            "doorFeeCents": 1_500,
        } | changes
        body = {name: value for name, value in wish.items() if value is not None}
        return self.api.client.post("/api/bookings", headers=who or self.artist, json=body)

    def respond(self, booking_id: str, who: dict[str, str], **body: Any) -> Any:
        return self.api.client.patch(f"/api/bookings/{booking_id}/respond", headers=who, json=body)

    def seen(self, booking_id: str, who: dict[str, str]) -> Any:
        return self.api.client.get(f"/api/bookings/{booking_id}", headers=who).json()["booking"]


@pytest.fixture
def scene(api: Api) -> Scene:
    return Scene(api)


def test_a_counter_offer_shows_what_it_changes_what_it_brings_and_who_stands_by_it(scene: Scene) -> None:
    booking_id = scene.ask(signature="Juniper V.").json()["booking"]["id"]
    counter = {"artistFeeCents": 15_000, "minimumAttendance": 8, "houseRules": None, "lodgingRequested": True}
    answer = scene.respond(booking_id, scene.host, response="Like this?", counterOffer=counter)
    assert answer.status_code == 200, answer.text
    first, second = scene.seen(booking_id, scene.artist)["offers"]
    assert (first["state"], second["state"], first["changes"]) == ("countered", "open", [])
    assert second["changes"] == [
        {"field": "artistFeeCents", "before": 0, "after": 15_000},
        {"field": "minimumAttendance", "before": 0, "after": 8},
        {"field": "lodgingRequested", "before": False, "after": True},
        {"field": "houseRules", "before": "Shoes off.", "after": None},
    ]
    assert [(row["name"], row["guests"]) for row in second["outlook"]] == [("low", 8), ("expected", 20), ("full", 30)]
    low = second["outlook"][0]
    assert low["hostNetCents"] == low["hostCents"] - 15_000
    assert [(s["side"], s["name"], s["isTyped"], s["isIntact"]) for s in first["signatures"]] == [
        ("artist", "Juniper V.", True, True)
    ]
    # Where a request came from is for whoever signed, and nobody else.
    assert (first["signatures"][0]["address"] is not None, second["signatures"][0]["address"]) == (True, None)
    assert second["expiresAt"] > second["respondBy"]


def test_the_timeline_tells_it_in_order(scene: Scene) -> None:
    booking_id = scene.ask().json()["booking"]["id"]
    scene.respond(booking_id, scene.host, response="Later?", counterOffer={"time": "20:00"})
    scene.respond(booking_id, scene.artist, status="approved")
    scene.api.client.post(f"/api/bookings/{booking_id}/confirm", headers=scene.host)
    move = {"date": "2026-04-20", "message": "The van."}
    scene.api.client.post(f"/api/bookings/{booking_id}/reschedule", headers=scene.artist, json=move)
    scene.respond(booking_id, scene.host, status="approved")
    scene.api.client.post(f"/api/bookings/{booking_id}/cancel", headers=scene.host, json={"reason": "Flood."})
    history = scene.seen(booking_id, scene.host)["history"]
    assert [(m["event"], m["by"], m["offerNumber"], m["text"]) for m in history] == [
        ("requested", "artist", 1, None),
        ("countered", "host", 2, "Later?"),
        ("approved", "artist", 2, None),
        ("confirmed", None, None, None),
        ("date_proposed", "artist", 3, "The van."),
        ("date_agreed", "host", 3, "Mon 20 Apr 2026"),
        ("cancelled", "host", None, "Flood."),
    ]


def test_the_timeline_holds_what_was_said_with_the_answer(scene: Scene) -> None:
    def told(**answer: Any) -> list[tuple[str, str, str]]:
        booking_id = scene.ask(requestedDate=answer.pop("day")).json()["booking"]["id"]
        scene.respond(booking_id, scene.host, response="Later?", counterOffer={"time": "20:00"})
        scene.respond(booking_id, scene.artist, counterOffer={"time": "19:45"})
        scene.respond(booking_id, scene.host, **answer)
        return [(m["event"], m["by"], m["text"]) for m in scene.seen(booking_id, scene.artist)["history"]][1:]

    before = [("countered", "host", "Later?"), ("countered", "artist", None)]
    assert told(day="2026-05-01", status="rejected", response="We are away.") == [
        *before,
        ("rejected", "host", "We are away."),
    ]
    assert told(day="2026-05-02", status="approved", response="Fine.") == [*before, ("approved", "host", "Fine.")]
    assert told(day="2026-05-03", status="approved") == [*before, ("approved", "host", None)]


def test_the_agreement_is_a_paper_for_both_sides_and_for_admins(scene: Scene) -> None:
    booking_id = scene.ask(artistFeeCents=20_000).json()["booking"]["id"]
    scene.respond(booking_id, scene.host, status="approved", signature="Mill L. House")
    path = f"/api/bookings/{booking_id}/agreement"
    for who in (scene.artist, scene.host, scene.api.person("admin")):
        sheet = scene.api.client.get(path, headers=who).json()
        assert (sheet["stage"], sheet["number"]) == ("signed", 1)
        assert [s["name"] for s in sheet["signatures"]] == ["Juniper Vale", "Mill L. House"]
        assert {"label": "house rules", "text": "Shoes off."} in sheet["terms"]
        pdf = scene.api.client.get(path, headers=who, params={"format": "pdf"})
        text = "\n".join(pages_of(pdf.content))
        assert (pdf.headers["content-type"], SECRET_STREET in text) == ("application/pdf", False)
        for said in ("Agreement", "Mill L. House", "$200.00", "Shoes off.", sheet["termsHash"][:20]):
            assert said in text
        csv = scene.api.client.get(path, headers=who, params={"format": "csv"})
        assert "guarantee,$200.00" in csv.text
    stranger = scene.api.person("host")
    assert scene.api.client.get(path, headers=stranger).status_code == 404
    assert scene.api.client.get(path, headers=scene.artist, params={"offer": 9}).status_code == 404


def test_a_term_changed_behind_a_signature_shows(scene: Scene) -> None:
    from sqlalchemy import text

    booking_id = scene.ask().json()["booking"]["id"]
    with scene.api.setting() as work:
        work.session.execute(text("UPDATE offers SET door_fee_cents = 9900"))
    [offer] = scene.seen(booking_id, scene.host)["offers"]
    assert [s["isIntact"] for s in offer["signatures"]] == [False]


def test_a_host_invites_an_artist(scene: Scene) -> None:
    made = scene.ask(scene.host, hostId=None, artistId=str(scene.pair.artist_id), message="Would you?")
    assert made.status_code == 201, made.text
    booking = made.json()["booking"]
    assert (booking["requestedBy"], booking["turn"], booking["message"]) == ("host", "artist", "Would you?")
    answer = scene.respond(booking["id"], scene.artist, status="approved", response="Gladly.")
    assert (answer.json()["booking"]["status"], answer.json()["booking"]["artistResponse"]) == ("approved", "Gladly.")


def test_each_role_asks_the_other_one(scene: Scene) -> None:
    wrong = [
        scene.ask(scene.host),
        scene.ask(hostId=None, artistId=str(scene.pair.artist_id)),
        scene.ask(scene.host, artistId=str(scene.pair.artist_id)),
    ]
    assert {a.status_code for a in wrong} == {403}
    for who, field in ((scene.artist, "hostId"), (scene.host, "artistId")):
        missing = scene.ask(who, hostId=None)
        assert (missing.status_code, missing.json()["errors"][0]["field"]) == (422, field)


def test_an_outlook_can_be_had_before_anybody_is_asked(scene: Scene) -> None:
    body = {
        "artistFeeCents": 20_000,
        "doorFeeCents": 1_500,
        "expectedAttendance": 20,
        "maximumAttendance": 30,
        "minimumAttendance": 10,
    }
    answer = scene.api.client.post("/api/bookings/outlook", headers=scene.artist, json=body)
    assert (answer.status_code, answer.json()["outlook"][0]["artistCents"]) == (200, 18_920)
    wrong = scene.api.client.post(
        "/api/bookings/outlook", headers=scene.artist, json=body | {"expectedAttendance": 31, "artistDoorBps": 9_500}
    )
    assert [e["field"] for e in wrong.json()["errors"]] == ["expectedAttendance", "artistDoorBps"]


def test_of_fifty_who_confirm_one_date_at_once_one_wins_and_the_others_get_a_clean_conflict(api: Api) -> None:
    with api.setting() as work:
        host = make_pair(work)
        pairs = [replace(make_pair(work), host_id=host.host_id, host_user=host.host_user) for _ in range(50)]
        booked = [make_booking(work, pair, state="approved", fee=0).id for pair in pairs]
    people = [api.sign_in(pair.artist_user) for pair in pairs]
    barrier = Barrier(50)

    def confirm(number: int) -> Any:
        barrier.wait()
        return api.client.post(f"/api/bookings/{booked[number]}/confirm", headers=people[number])

    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(confirm, range(50)))
    assert Counter(a.status_code for a in answers) == {200: 1, 409: 49}
    lost = [a for a in answers if a.status_code == 409]
    assert {(a.json()["code"], a.headers["content-type"]) for a in lost} == {("date_taken", "application/problem+json")}


def test_guests_of_a_show_that_moved_answer_by_the_api_or_by_the_link_in_their_mail(api: Api) -> None:
    scene = Scene(api)
    with api.setting() as work:
        concert = make_concert(work, scene.pair, day=DAY)
        says, clicks, refuses = (seat(work, concert, 1, fan=make_fan(work)) for _ in range(3))
        fans = [fan_of(work, rsvp) for rsvp in (says, clicks, refuses)]
        booking_id, ids = concert.booking_id, [says.id, clicks.id, refuses.id]
    path = f"/api/bookings/{booking_id}/reschedule"
    moved = api.client.post(path, headers=scene.host, json={"date": "2026-04-20"})
    assert (moved.status_code, moved.json()["booking"]["turn"]) == (200, "artist")
    scene.respond(str(booking_id), scene.artist, status="approved")
    who = api.sign_in(fans[0])
    own = api.client.get(f"/api/concerts/{concert.id}/rsvp", headers=who).json()["rsvp"]
    assert own["keepBy"] is not None
    said = api.client.post(f"/api/rsvps/{ids[0]}/keep", headers=who, json={"comes": True})
    assert (said.status_code, said.json()["status"], said.json()["rsvp"]["keepBy"]) == (200, "confirmed", None)
    for fan, answer, done in ((fans[1], "yes", "See you then"), (fans[2], "no", "all that you paid goes back")):
        with api.setting() as work:
            link = _link(work, fan)
        page = api.client.get(link)
        assert (page.status_code, "Monday 20 April 2026" in page.text, "Yes, I come" in page.text) == (200, True, True)
        assert SECRET_STREET not in page.text
        posted = api.client.post(link, data={"comes": answer})
        assert (posted.status_code, done in posted.text) == (200, True), posted.text
        assert done in api.client.get(link).text
    states = [
        row["status"] for row in api.client.get(f"/api/concerts/{concert.id}/rsvps", headers=scene.host).json()["rsvps"]
    ]
    assert states == ["approved", "approved", "cancelled"]
    forged = api.client.post("/keep/abc", data={"comes": "yes"})
    assert forged.status_code == 404


def _link(work: Any, fan: Any) -> str:
    import re

    from sqlalchemy import select

    from tourpad.core.outbox.models import Mail

    assert told(work, fan)[-1] == "rsvp_asked_again"
    mail = work.session.scalars(select(Mail).where(Mail.user_id == fan).order_by(Mail.id.desc()).limit(1)).one()
    found = re.search(r"/keep/[\w-]+", mail.text_body)
    assert found is not None
    return found[0]


def test_a_proposed_date_is_withdrawn_by_whoever_proposed_it(scene: Scene) -> None:
    with scene.api.setting() as work:
        booking_id = make_booking(work, scene.pair, day=DAY).id
    path = f"/api/bookings/{booking_id}/reschedule"
    client = scene.api.client
    body = {"date": (DAY + timedelta(days=9)).isoformat()}

    def said(booking: Any) -> tuple[Any, ...]:
        return tuple(booking[key] for key in ("turn", "requestedDate", "proposedDate", "proposedTime"))

    def reads(who: dict[str, str]) -> set[tuple[Any, ...]]:
        (listed,) = client.get("/api/bookings", headers=who).json()["bookings"]
        return {said(listed), said(client.get(f"/api/bookings/{booking_id}", headers=who).json()["booking"])}

    as_agreed = (None, DAY.isoformat(), None, None)
    proposed = ("host", DAY.isoformat(), body["date"], "19:30")
    assert reads(scene.host) == {as_agreed}
    assert said(client.post(path, headers=scene.artist, json=body).json()["booking"]) == proposed
    assert reads(scene.host) == reads(scene.artist) == {proposed}
    other = client.delete(path, headers=scene.host)
    assert (other.status_code, other.json()["code"]) == (409, "not_your_turn")
    assert said(client.delete(path, headers=scene.artist).json()["booking"]) == as_agreed
    assert reads(scene.host) == {as_agreed}
    priced = client.post(path, headers=scene.artist, json={"doorFeeCents": 1})
    assert priced.status_code == 422


def test_the_other_side_sees_how_reliable_somebody_is_and_nobody_else_does(scene: Scene) -> None:
    with scene.api.setting() as work:
        for n in range(5):
            make_booking(work, scene.pair, day=DAY + timedelta(days=n))
    said = {"answerPercent": 100, "medianAnswerMinutes": 0, "confirmedShows": 5, "cancelledShows": 0}
    host, artist = f"/api/hosts/{scene.pair.host_id}", f"/api/artists/{scene.pair.artist_id}"
    get = scene.api.client.get
    assert get(host, headers=scene.artist).json()["reliability"] == said
    assert get("/api/hosts/me", headers=scene.host).json()["reliability"] == said
    about_artist = {"answerPercent": None, "medianAnswerMinutes": None, "confirmedShows": 5, "cancelledShows": 0}
    for who in (scene.host, scene.artist, scene.api.person("admin")):
        assert get(artist, headers=who).json()["reliability"] == about_artist
    for role in ("fan", "artist"):
        assert get(artist, headers=scene.api.person(role)).json()["reliability"] is None
