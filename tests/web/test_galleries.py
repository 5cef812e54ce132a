"""Galleries on profiles: in their owner's order, without what is private; where one sleeps only for who is coming."""

from typing import Any

from tests.factories.bookings import make_booking, make_pair
from tests.factories.media import make_published
from tests.factories.profiles import make_artist, make_host
from tests.web.api import Api


def alts(profile: Any) -> list[str]:
    return [piece["altText"] for piece in profile["media"]]


def test_an_artist_shows_a_gallery_a_press_photo_and_a_picture(api: Api) -> None:
    with api.setting() as work:
        artist = make_artist(work)
        for order in (3, 1, 2):
            make_published(work, artist.user_id, order=order)
        make_published(work, artist.user_id, category="band", kind="video")
        make_published(work, artist.user_id, category="band", private=True, order=9)
        picture = make_published(work, artist.user_id, category="profile")
        waiting = make_published(work, artist.user_id, order=8)
        waiting.state = type(waiting.state).PROCESSING
    fan, own = api.person("fan"), api.sign_in(artist.user_id)
    one = api.client.get(f"/api/artists/{artist.id}", headers=fan).json()["artist"]
    assert alts(one) == ["band 0", "press 1", "press 2", "press 3"]
    first = one["media"][1]
    assert (first["category"], first["kind"], first["linksExpireAt"]) == ("press", "photo", None)
    assert [(v["mimeType"], v["width"]) for v in first["variants"]] == [
        ("image/avif", 320),
        ("image/webp", 320),
        ("image/avif", 640),
        ("image/webp", 640),
    ]
    assert one["pressPhotoUrl"] == first["url"] == first["variants"][-1]["url"]
    assert one["profileImageUrl"].endswith(f"/media/{picture.id.hex}/320.webp")
    listed = api.client.get("/api/artists", headers=fan).json()["artists"][0]
    assert alts(listed) == ["band 0", "press 1", "press 2"]
    assert listed["profileImageUrl"] == one["profileImageUrl"]
    assert alts(api.client.get("/api/artists/me", headers=own).json()["artist"]) == alts(one)
    assert api.client.get("/api/users/me", headers=own).json()["user"]["profileImageUrl"] == one["profileImageUrl"]


def test_a_new_order_is_the_gallery_s(api: Api) -> None:
    with api.setting() as work:
        artist = make_artist(work)
        first, second = (make_published(work, artist.user_id, order=order) for order in (1, 2))
    own = api.sign_in(artist.user_id)
    changed = api.client.patch(f"/api/media/{second.id}", headers=own, json={"sortOrder": 0, "altText": "Ahead"})
    assert changed.status_code == 200
    assert alts(api.client.get(f"/api/artists/{artist.id}", headers=own).json()["artist"]) == ["Ahead", "press 1"]
    assert api.client.delete(f"/api/media/{first.id}", headers=own).status_code == 204
    assert alts(api.client.get(f"/api/artists/{artist.id}", headers=own).json()["artist"]) == ["Ahead"]


def test_where_one_sleeps_is_shown_to_the_artist_of_a_confirmed_booking_alone(api: Api) -> None:
    from tourpad.core.bookings import service

    with api.setting() as work:
        pair, stranger = make_pair(work), make_pair(work)
        make_published(work, pair.host_user, category="exterior")
        make_published(work, pair.host_user, category="exterior", private=True, order=5)
        for order in (2, 1):
            make_published(work, pair.host_user, category="lodging", order=order)
        booking = make_booking(work, pair, state="pending")
        confirmed = make_booking(work, pair, day=booking.requested_date.replace(day=28), fee=0)
    artist, host = api.sign_in(pair.artist_user), api.sign_in(pair.host_user)

    def seen(who: dict[str, str], of: Any = confirmed) -> Any:
        return api.client.get(f"/api/bookings/{of.id}/lodging-media", headers=who)

    for path in ("/api/hosts", f"/api/hosts/{pair.host_id}"):
        answer = api.client.get(path, headers=artist)
        assert "exterior 0" in answer.text
        assert "lodging" not in answer.text.replace("offersLodging", "").replace("lodgingDetails", "").replace(
            '"lodging":[', ""
        )
        assert "exterior 5" not in answer.text
    early = seen(artist, booking)
    assert (early.status_code, early.json()["code"]) == (403, "lodging_not_released")
    for who, of in ((artist, confirmed), (host, confirmed), (host, booking)):
        shown = seen(who, of).json()
        assert alts(shown) == ["lodging 1", "lodging 2"]
        assert {piece["linksExpireAt"] for piece in shown["media"]} == {"2026-03-01T12:05:00Z"}
        assert all("signature=" in v["url"] for piece in shown["media"] for v in piece["variants"])
    assert seen(api.sign_in(stranger.artist_user)).status_code == 404
    assert seen(api.sign_in(stranger.host_user)).status_code == 404
    assert seen(api.person("admin")).status_code == 403
    with api.setting() as work:
        service.cancel(work, booking_id=confirmed.id, user_id=pair.host_user)
    assert seen(artist).status_code == 403


def test_public_profiles_have_no_word_of_what_is_private(api: Api) -> None:
    from tourpad.core.identity import queries as people

    with api.setting() as work:
        artist, host = make_artist(work), make_host(work, address=True)
        for user_id in (artist.user_id, host.user_id):
            profile = people.get_profile(work, user_id)
            assert profile is not None
            profile.phone = "+1 614 555 0199"
        emails = [people.get_user(work, user_id).email for user_id in (artist.user_id, host.user_id)]
    viewer = api.person("artist")
    for path in ("/api/artists", f"/api/artists/{artist.id}", "/api/hosts", f"/api/hosts/{host.id}"):
        text = api.client.get(path, headers=viewer).text
        assert not [private for private in (*emails, "555 0199", "Canary", "43299", "39.9753") if private in text]
    own = api.client.get("/api/hosts/me", headers=api.sign_in(host.user_id)).json()
    assert own["address"]["street"] == "417 Canary Lane"
    assert api.client.get("/api/users/me", headers=api.sign_in(artist.user_id)).json()["user"]["profile"]["phone"]
