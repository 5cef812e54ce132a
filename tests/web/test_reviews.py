"""Reviews through the API."""

from typing import TYPE_CHECKING, Any

from tests.core.reviews.test_reviews import played
from tests.factories.bookings import make_pair
from tests.web.api import Api
from tourpad.core.ids import new_id

if TYPE_CHECKING:
    from tourpad.core.clock import VirtualClock


def test_both_sides_write_read_and_answer(api: Api, clock: "VirtualClock") -> None:
    with api.setting() as work:
        pair, other = make_pair(work), make_pair(work)
        booking_id = str(played(work, clock, pair).id)
    artist, host, stranger = (api.sign_in(u) for u in (pair.artist_user, pair.host_user, other.host_user))
    fan = api.person("fan")

    def write(who: dict[str, str], **body: Any) -> Any:
        return api.client.post("/api/reviews", headers=who, json={"bookingId": booking_id, "rating": 5, **body})

    def read(who: dict[str, str], query: str = "") -> list[tuple[str, int]]:
        answer = api.client.get(f"/api/reviews?{query}", headers=who)
        return [(r["reviewerName"], r["rating"]) for r in answer.json()["reviews"]]

    assert write(stranger).status_code == 404
    assert write(fan).status_code == 403
    for wrong, field in (({"rating": 6}, "rating"), ({"rating": 4.5}, "rating"), ({"stars": 5}, "stars")):
        refused = write(artist, **wrong)
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, field)
    first = write(artist, rating=4, reviewText="Warm people.")
    assert (first.status_code, first.json()["review"]["isPublished"]) == (201, False)
    assert (write(artist).status_code, write(artist).json()["code"]) == (409, "already_reviewed")
    about_host = f"hostId={pair.host_id}"
    assert (read(host), read(fan, about_host), read(artist)) == ([], [], [("Juniper Vale", 4)])
    early = api.client.post(
        f"/api/reviews/{first.json()['review']['id']}/response", headers=host, json={"responseText": "Thanks."}
    )
    assert early.status_code == 404
    assert write(host).json()["review"]["isPublished"] is True
    assert read(fan, about_host) == [("Juniper Vale", 4)]
    assert read(fan, f"artistId={pair.artist_id}") == [("Mill Lane House", 5)]
    assert sorted(read(host)) == [("Juniper Vale", 4), ("Mill Lane House", 5)]
    path = f"/api/reviews/{first.json()['review']['id']}/response"
    answered = api.client.post(path, headers=host, json={"responseText": "Thanks."})
    assert (answered.status_code, answered.json()["review"]["responseText"]) == (200, "Thanks.")
    assert api.client.post(path, headers=stranger, json={"responseText": "Me, too."}).status_code == 404
    assert (
        api.client.post(f"/api/reviews/{new_id()}/response", headers=host, json={"responseText": "x"}).status_code
        == 404
    )


def test_the_list_costs_two_queries(api: Api, clock: "VirtualClock") -> None:
    from tourpad.core.reviews import service

    with api.setting() as work:
        pair = make_pair(work)
        for _ in range(4):
            booking = played(work, clock, pair)
            for user_id in (pair.artist_user, pair.host_user):
                service.write(work, booking_id=booking.id, user_id=user_id, rating=4)
    fan = api.person("fan")
    with api.counting() as seen:
        answer = api.client.get(f"/api/reviews?artistId={pair.artist_id}&limit=3", headers=fan).json()
    assert (len(answer["reviews"]), answer["pagination"]["total"], answer["averageRating"]) == (3, 4, 4.0)
    assert len(seen) == 2
