"""Uploads through the API: a client that only knows the contract, first with local files, then with S3."""

from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from tests import plain_http
from tests.factories import media as files
from tests.factories.media import post_form
from tests.storages import s3_server, s3_variables
from tests.web.api import Api

if TYPE_CHECKING:
    from tourpad.core.clock import VirtualClock

JPEG = {"kind": "photo", "category": "press", "mimeType": "image/jpeg"}


def process(api: Api) -> None:
    from tourpad.core.actors import job_actor
    from tourpad.core.media.procedures import process_uploads

    process_uploads(api.platform, job_actor("media-process"))


def upload(api: Api, who: dict[str, str], data: bytes, **body: Any) -> dict[str, Any]:
    asked = api.client.post("/api/media/uploads", headers=who, json={**JPEG, "sizeBytes": len(data), **body})
    assert asked.status_code == 201, asked.text
    form = asked.json()["upload"]
    if api.platform.settings.s3_bucket_private:
        sent = plain_http.post(form["url"], data=form["fields"], files={"file": data})
    else:
        sent = post_form(api.client, form, data)
    assert sent.status_code == 204, sent.text
    done = api.client.post(f"/api/media/{asked.json()['media']['id']}/complete", headers=who)
    assert done.status_code == 200, done.text
    return done.json()["media"]


def path_of(url: str) -> str:
    return url.removeprefix("http://127.0.0.1:8000")


def test_a_photo_from_the_form_to_the_page(api: Api) -> None:
    artist = api.person("artist")
    media = upload(api, artist, files.photo_with_place(), title="On stage", altText="A band in a kitchen")
    assert (media["state"], media["url"], media["variants"], media["isPrivate"]) == ("processing", None, [], False)
    process(api)
    shown = api.client.get(f"/api/media/{media['id']}", headers=artist).json()["media"]
    assert (shown["state"], shown["title"], shown["altText"]) == ("published", "On stage", "A band in a kitchen")
    assert (shown["width"], shown["height"], shown["linksExpireAt"], shown["refusal"]) == (60, 40, None, None)
    assert [v["mimeType"] for v in shown["variants"]] == ["image/avif", "image/webp"]
    assert shown["url"] == shown["variants"][-1]["url"]
    for variant in shown["variants"]:
        answer = api.client.get(path_of(variant["url"]))
        assert (answer.status_code, answer.headers["content-type"]) == (200, variant["mimeType"])
        assert len(answer.content) == variant["sizeBytes"]
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "sandbox" in answer.headers["content-security-policy"]


def test_the_same_client_works_with_s3(environment: dict[str, str], request: pytest.FixtureRequest) -> None:
    with s3_server() as address:
        environment.update(s3_variables(address, uuid4().hex[:12]))
        api: Api = request.getfixturevalue("api")
        host = api.person("host")
        media = upload(api, host, files.picture(), category="lodging")
        open_one = upload(api, host, files.picture(), category="exterior")
        process(api)
        private = api.client.get(f"/api/media/{media['id']}", headers=host).json()["media"]
        public = api.client.get(f"/api/media/{open_one['id']}", headers=host).json()["media"]
        assert (private["isPrivate"], private["state"]) == (True, "published")
        assert plain_http.get(private["url"]).headers["content-type"] == "image/webp"
        assert plain_http.get(private["url"].partition("?")[0]).status_code == 403
        assert plain_http.get(public["url"]).headers["content-type"] == "image/webp"
        assert "?" not in public["url"]
        for path in ("/media/public/media/a.webp", "/media/private/media/a.webp?expires=1&signature=00"):
            assert api.client.get(path).status_code == 404


def test_private_links_are_good_for_minutes_and_only_as_given(api: Api, clock: "VirtualClock") -> None:
    from datetime import timedelta

    host = api.person("host")
    media = upload(api, host, files.picture(), category="lodging")
    process(api)
    shown = api.client.get(f"/api/media/{media['id']}", headers=host).json()["media"]
    assert shown["linksExpireAt"] == "2026-03-01T12:05:00Z"
    link = path_of(shown["url"])
    answer = api.client.get(link)
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "private, no-store")
    assert api.client.get(link[:-1] + ("1" if link.endswith("0") else "0")).status_code == 403
    assert api.client.get(link.partition("?")[0]).status_code == 422
    assert api.client.get(link.replace("/media/private/", "/media/public/")).status_code == 404
    clock.advance(timedelta(minutes=5))
    late = api.client.get(link)
    assert (late.status_code, late.json()["code"]) == (403, "link_refused")
    fresh = api.client.get(f"/api/media/{media['id']}", headers=host).json()["media"]
    assert api.client.get(path_of(fresh["url"])).status_code == 200


def test_ones_own_only(api: Api) -> None:
    mine, other, fan = api.person("artist"), api.person("artist"), api.person("fan")
    media = upload(api, mine, files.picture())
    for who in (other, fan):
        assert api.client.get(f"/api/media/{media['id']}", headers=who).status_code == 404
        assert api.client.patch(f"/api/media/{media['id']}", headers=who, json={"title": "x"}).status_code == 404
        assert api.client.delete(f"/api/media/{media['id']}", headers=who).status_code == 404
        assert api.client.post(f"/api/media/{media['id']}/complete", headers=who).status_code == 404
        assert api.client.get("/api/media", headers=who).json()["media"] == []
    assert api.client.get("/api/media").status_code == 401
    assert api.client.get("/api/media", headers=api.person("fan", state="pending")).status_code == 403


def test_order_captions_and_deleting(api: Api) -> None:
    artist = api.person("artist")
    first, second = (upload(api, artist, files.picture())["id"] for _ in range(2))
    changed = api.client.patch(
        f"/api/media/{second}", headers=artist, json={"sortOrder": 0, "altText": "Two people", "category": "band"}
    ).json()["media"]
    assert (changed["sortOrder"], changed["altText"], changed["category"]) == (0, "Two people", "band")
    api.client.patch(f"/api/media/{first}", headers=artist, json={"sortOrder": 7})
    listed = api.client.get("/api/media?limit=1", headers=artist).json()
    assert ([m["id"] for m in listed["media"]], listed["pagination"]["total"]) == ([second], 2)
    assert api.client.delete(f"/api/media/{second}", headers=artist).status_code == 204
    assert api.client.get(f"/api/media/{second}", headers=artist).status_code == 404
    assert [m["id"] for m in api.client.get("/api/media", headers=artist).json()["media"]] == [first]


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({"category": "lodging"}, ["category"]),
        ({"category": "garden"}, ["category"]),
        ({"mimeType": "image/svg+xml"}, ["mimeType"]),
        ({"sizeBytes": 26_000_000}, ["sizeBytes"]),
        ({"sizeBytes": "20"}, ["sizeBytes"]),
        ({"title": "x" * 300}, ["title"]),
        ({"ownerId": "x"}, ["ownerId"]),
    ],
)
def test_what_is_not_taken_is_named(api: Api, body: dict[str, Any], fields: list[str]) -> None:
    answer = api.client.post("/api/media/uploads", headers=api.person("artist"), json={**JPEG, "sizeBytes": 10, **body})
    assert (answer.status_code, [e["field"] for e in answer.json()["errors"]]) == (422, fields)


def test_the_local_door_takes_nothing_without_a_good_form(api: Api) -> None:
    artist = api.person("artist")
    asked = api.client.post("/api/media/uploads", headers=artist, json={**JPEG, "sizeBytes": 5}).json()
    form, media_id = asked["upload"], asked["media"]["id"]
    assert post_form(api.client, form, b"hello!").status_code == 403
    assert post_form(api.client, form, b"hello", key="uploads/other").status_code == 403
    assert post_form(api.client, {**form, "fields": {}}, b"hello").status_code == 403
    assert api.client.post(path_of(form["url"]), data=form["fields"]).status_code == 400
    assert api.client.post(path_of(form["url"])).status_code == 400
    early = api.client.post(f"/api/media/{media_id}/complete", headers=artist)
    assert (early.status_code, early.json()["code"]) == (409, "nothing_uploaded")


def test_large_files_pass_the_local_door_and_larger_ones_do_not(api: Api) -> None:
    from tourpad.web.routes.media import MAX_UPLOAD

    artist = api.person("artist")
    media = upload(api, artist, bytes(3_000_000))
    assert media["state"] == "processing"
    form = api.client.post("/api/media/uploads", headers=artist, json={**JPEG, "sizeBytes": 5}).json()["upload"]
    announced = {"content-length": str(MAX_UPLOAD + 1), "content-type": "multipart/form-data; boundary=x"}
    assert api.client.post(path_of(form["url"]), headers=announced, content=b"--x").status_code == 413


def test_players_get_the_part_that_they_ask_for(api: Api) -> None:
    artist = api.person("artist")
    data = files.mp4()
    media = upload(api, artist, data, kind="video", category="performance", mimeType="video/mp4")
    process(api)
    shown = api.client.get(f"/api/media/{media['id']}", headers=artist).json()["media"]
    (variant,) = shown["variants"]
    assert (variant["mimeType"], variant["width"]) == ("video/mp4", None)
    link = path_of(variant["url"])
    whole = api.client.get(link).content
    assert len(whole) == len(data)
    for asked, start, end in (
        ("bytes=0-9", 0, 10),
        ("bytes=10-", 10, len(data)),
        ("bytes=-5", len(data) - 5, len(data)),
    ):
        part = api.client.get(link, headers={"Range": asked})
        assert (part.status_code, part.content) == (206, whole[start:end])
        assert part.headers["content-range"] == f"bytes {start}-{end - 1}/{len(data)}"
    assert api.client.get(link, headers={"Range": f"bytes={len(data)}-"}).status_code == 416
    assert api.client.get(link, headers={"Range": "lines=1-2"}).status_code == 200


@pytest.mark.parametrize("key", ["../../secret", "..%2f..%2fsecret", "media/none.webp", ".hidden", "%00"])
def test_no_address_leads_out_of_the_folder(api: Api, key: str) -> None:
    api.platform.settings.home.mkdir(exist_ok=True)
    (api.platform.settings.home / "secret").write_text("secret")
    assert api.client.get(f"/media/public/{key}").status_code == 404


def test_erasing_oneself_takes_the_pictures_along(api: Api) -> None:
    artist = api.person("artist")
    upload(api, artist, files.picture())
    process(api)
    assert api.client.delete("/api/users/me", headers=artist).status_code == 204
    process(api)
    assert [f for f in (api.platform.settings.home / "media").rglob("*") if f.is_file()] == []


NAMES = {
    "a way out": "../../../etc/passwd",
    "an absolute way": "/etc/cron.d/evil",
    "a way on Windows": "..\\..\\evil.exe",
    "line ends": "a\r\nX-Evil: yes\r\n\r\nb.jpg",
    "letters that turn the direction": "photo\u202egpj.exe",
    "nothing at the end of a string": "evil.php\0.jpg",
    "a page": "<img src=x onerror=alert(1)>.jpg",
    "very long": "x" * 900,
}


def test_names_of_files_are_never_read(api: Api) -> None:
    """Whatever a browser calls a file, it is stored under the key of its form."""
    from tourpad.core.gateways.storage import Area

    artist, data = api.person("artist"), files.picture()
    for name in NAMES.values():
        asked = api.client.post("/api/media/uploads", headers=artist, json={**JPEG, "sizeBytes": len(data)}).json()
        form = asked["upload"]
        path = form["url"].removeprefix("http://127.0.0.1:8000")
        sent = api.client.post(path, data=form["fields"], files={"file": (name, data, "text/html")})
        assert sent.status_code == 204, (name, sent.text)
    stored = [file.key for file in api.platform.storage.files(Area.PRIVATE)]
    assert len(stored) == len(NAMES)
    assert all(key.startswith("uploads/") and len(key) == len("uploads/") + 32 for key in stored)
    everything = [path.name for path in api.platform.settings.home.rglob("*") if path.is_file()]
    assert [name for name in everything if "evil" in name or "passwd" in name] == []
