"""From a form to what is shown, and every way in which it can end otherwise."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from tests import plain_http
from tests.factories import media as files
from tests.factories.media import EICAR, FakeClamd
from tests.factories.profiles import make_person
from tourpad.core.actors import operator
from tourpad.core.clock import VirtualClock
from tourpad.core.gateways.storage import Area, UploadForm
from tourpad.core.gateways.storage.local import LocalFiles
from tourpad.core.media import procedures, queries, service
from tourpad.core.media.errors import NothingUploaded, NotScannable, UnscannedRefused
from tourpad.core.media.models import Media
from tourpad.core.media.states import MediaCategory, MediaKind, MediaState
from tourpad.core.outbox.queue import MAX_ATTEMPTS
from tourpad.core.platform import Platform

ME = operator("test")
C, K = MediaCategory, MediaKind


def person(platform: Platform, role: str = "artist") -> UUID:
    with platform.work(ME) as work:
        user = make_person(work, role)
        work.commit()
        return user.id


def send(platform: Platform, form: UploadForm, data: bytes) -> None:
    import io

    if isinstance(platform.storage, LocalFiles):
        platform.storage.accept(form.fields, io.BytesIO(data), size=len(data))
    else:
        plain_http.post(form.url, data=dict(form.fields), files={"file": data}).raise_for_status()


def upload(
    platform: Platform,
    owner: UUID,
    data: bytes,
    *,
    kind: MediaKind = K.PHOTO,
    category: MediaCategory = C.PROFILE,
    mime_type: str = "image/jpeg",
) -> Media:
    media, form = procedures.request_upload(
        platform, ME, owner_id=owner, kind=kind, category=category, mime_type=mime_type, size_bytes=len(data)
    )
    send(platform, form, data)
    return procedures.complete_upload(platform, ME, owner_id=owner, media_id=media.id)


def again(platform: Platform, media: Media) -> Media:
    with platform.work(ME) as work:
        return queries.get(work, media.id)


def keys(platform: Platform) -> dict[str, list[str]]:
    return {area.value: [f.key for f in platform.storage.files(area)] for area in Area}


def run(platform: Platform) -> dict[str, int]:
    return {name: n for name, n in procedures.process_uploads(platform, ME).items() if n}


def test_a_photo_is_published_under_the_hash_of_what_is_in_it(
    stored: None, clamd: FakeClamd, platform: Platform, tmp_path: Path
) -> None:
    import hashlib

    data = files.photo_with_place(orientation=6)
    media = upload(platform, person(platform), data)
    assert media.state is MediaState.PROCESSING
    assert run(platform) == {"published": 1}
    media = again(platform, media)
    assert (media.state, media.width, media.height, media.sha256) == (
        MediaState.PUBLISHED,
        40,
        60,
        hashlib.sha256(data).hexdigest(),
    )
    assert len(media.blur_hash or "") == 28
    assert clamd.scanned == [len(data)]
    with platform.work(ME) as work:
        made = queries.variants_of(work, [media.id])[media.id]
    assert [v.mime_type for v in made] == ["image/avif", "image/webp"]
    there = keys(platform)
    assert there == {"public": sorted(v.storage_key for v in made), "private": [media.storage_key]}
    for variant in made:
        copy = tmp_path / "copy"
        platform.storage.fetch(Area.PUBLIC, variant.storage_key, copy, most=variant.size_bytes)
        assert hashlib.sha256(copy.read_bytes()).hexdigest()[:32] in variant.storage_key
        assert files.CANARY.encode() not in copy.read_bytes()
    assert run(platform) == {}


def test_lodging_is_nowhere_in_public(stored: None, platform: Platform) -> None:
    media = upload(platform, person(platform, "host"), files.picture(), category=C.LODGING)
    assert run(platform) == {"published": 1}
    there = keys(platform)
    assert there["public"] == []
    assert len(there["private"]) == 3
    assert again(platform, media).is_private


def test_deleting_removes_everything(stored: None, platform: Platform) -> None:
    owner = person(platform)
    media = upload(platform, owner, files.picture())
    run(platform)
    with platform.work(ME) as work:
        service.delete(work, owner_id=owner, media_id=media.id)
        work.commit()
    assert run(platform) == {"removed": 1}
    assert keys(platform) == {"public": [], "private": []}
    with platform.work(ME) as work:
        assert queries.find_for_update(work, media.id) is None


def test_two_people_with_the_same_picture_do_not_share_its_fate(platform: Platform) -> None:
    one, other = person(platform), person(platform)
    first, second = (upload(platform, owner, files.picture()) for owner in (one, other))
    assert run(platform) == {"published": 2}
    before = keys(platform)["public"]
    with platform.work(ME) as work:
        service.delete(work, owner_id=one, media_id=first.id)
        work.commit()
    run(platform)
    assert keys(platform)["public"] == [key for key in before if second.id.hex in key] != []


HOSTILE: dict[str, tuple[bytes, MediaKind, str, str]] = {
    "SVG": (b"<svg><script>alert(1)</script></svg>", K.PHOTO, "image/png", "may hold programs"),
    "HTML": (b"<html><script>alert(1)</script>", K.PHOTO, "image/jpeg", "is no photo but text/html"),
    "bomb": (files.png_bomb(30_000, 30_000), K.PHOTO, "image/png", "million pixels"),
    "cut off": (files.picture(size=(400, 400))[:900], K.PHOTO, "image/jpeg", "cut off"),
    "picture as video": (files.picture(), K.VIDEO, "video/mp4", "is a picture and no video"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_are_refused_and_leave_nothing(name: str, platform: Platform) -> None:
    data, kind, mime_type, said = HOSTILE[name]
    media = upload(platform, person(platform), data, kind=kind, category=C.BAND, mime_type=mime_type)
    assert run(platform) == {"refused": 1, "removed": 1}
    media = again(platform, media)
    assert media.state is MediaState.REFUSED
    assert said in (media.refusal or "")
    assert keys(platform) == {"public": [], "private": []}


def test_a_picture_under_a_wrong_name_is_published_as_what_it_is(platform: Platform) -> None:
    media = upload(platform, person(platform), files.picture("PNG"), mime_type="image/jpeg")
    assert run(platform) == {"published": 1}
    assert again(platform, media).mime_type == "image/png"


def test_a_virus_is_refused_even_in_a_good_picture(clamd: FakeClamd, platform: Platform) -> None:
    media = upload(platform, person(platform), files.picture() + EICAR)
    assert run(platform) == {"refused": 1, "removed": 1}
    assert "Eicar-Test-Signature" in (again(platform, media).refusal or "")


def test_video_is_published_without_its_place(platform: Platform) -> None:
    data = files.mp4()
    media = upload(platform, person(platform), data, kind=K.VIDEO, category=C.PERFORMANCE, mime_type="video/mp4")
    assert run(platform) == {"published": 1}
    media = again(platform, media)
    assert (media.width, media.height, media.blur_hash) == (640, 360, None)
    (key,) = keys(platform)["public"]
    assert key.endswith(".mp4")


def test_while_the_scanner_is_down_files_wait_in_quarantine(
    environment: dict[str, str], tmp_path: Path, clock: VirtualClock, request: pytest.FixtureRequest
) -> None:
    fake = FakeClamd(tmp_path)
    environment["CLAMD_SOCKET"] = str(fake.path)
    platform: Platform = request.getfixturevalue("platform")
    media = upload(platform, person(platform), files.picture())
    assert run(platform) == {"quarantined": 1}
    assert again(platform, media).state is MediaState.QUARANTINED
    assert keys(platform)["public"] == []
    with fake.running():
        assert run(platform) == {}
        clock.advance(timedelta(minutes=1))
        assert run(platform) == {"published": 1}
    media = again(platform, media)
    assert (media.state, media.refusal) == (MediaState.PUBLISHED, None)


def test_what_is_given_up_stays_in_quarantine_until_somebody_asks(
    environment: dict[str, str], tmp_path: Path, clock: VirtualClock, request: pytest.FixtureRequest
) -> None:
    fake = FakeClamd(tmp_path)
    environment["CLAMD_SOCKET"] = str(fake.path)
    platform: Platform = request.getfixturevalue("platform")
    media = upload(platform, person(platform), files.picture())
    for _ in range(MAX_ATTEMPTS):
        assert run(platform) == {"quarantined": 1}
        clock.advance(timedelta(hours=7))
    assert run(platform) == {}
    with fake.running():
        assert procedures.scan_again(platform, ME, media_id=media.id) == "waiting"
        assert run(platform) == {"published": 1}


def test_scanning_again_takes_down_what_is_found_out(clamd: FakeClamd, platform: Platform, tmp_path: Path) -> None:
    good, bad = (upload(platform, person(platform), files.picture()) for _ in range(2))
    assert run(platform) == {"published": 2}
    assert procedures.scan_again(platform, ME, media_id=good.id) == "clean"
    evil = tmp_path / "evil"
    evil.write_bytes(EICAR)
    platform.storage.put(Area.PRIVATE, again(platform, bad).storage_key, evil, mime_type="image/jpeg")
    assert procedures.scan_again(platform, ME, media_id=bad.id) == "Eicar-Test-Signature"
    assert run(platform) == {"removed": 1}
    assert again(platform, bad).state is MediaState.REFUSED
    assert [key for area in keys(platform).values() for key in area if bad.id.hex in key] == []
    with pytest.raises(NotScannable):
        procedures.scan_again(platform, ME, media_id=bad.id)


def _production(platform: Platform, **more: object) -> Platform:
    import dataclasses

    from tourpad.core.settings import Env

    settings = dataclasses.replace(platform.settings, env=Env.PRODUCTION, **more)  # type: ignore[arg-type]
    return Platform(settings=settings, database_url=platform.database_url, clock=platform.clock)


def test_production_takes_nothing_unscanned_unless_it_is_told(platform: Platform) -> None:
    owner = person(platform)
    strict = _production(platform)
    with pytest.raises(UnscannedRefused):
        upload(strict, owner, files.picture())
    media = upload(platform, owner, files.picture())
    assert run(strict) == {"quarantined": 1}
    assert again(platform, media).state is MediaState.QUARANTINED
    lenient = _production(platform, allow_unscanned=True)
    upload(lenient, owner, files.picture())
    assert run(lenient) == {"published": 1}
    strict.close()
    lenient.close()


def test_complete_needs_a_file_and_may_be_repeated(stored: None, platform: Platform) -> None:
    owner = person(platform)
    data = files.picture()
    media, form = procedures.request_upload(
        platform, ME, owner_id=owner, kind=K.PHOTO, category=C.PROFILE, mime_type="image/jpeg", size_bytes=len(data)
    )
    with pytest.raises(NothingUploaded):
        procedures.complete_upload(platform, ME, owner_id=owner, media_id=media.id)
    send(platform, form, data)
    for _ in range(2):
        done = procedures.complete_upload(platform, ME, owner_id=owner, media_id=media.id)
        assert done.state is MediaState.PROCESSING
    assert run(platform) == {"published": 1}


def test_a_server_that_does_not_hold_the_policy_gets_nothing_past_us(in_s3: None, platform: Platform) -> None:
    owner = person(platform)
    media, form = procedures.request_upload(
        platform, ME, owner_id=owner, kind=K.PHOTO, category=C.PROFILE, mime_type="image/jpeg", size_bytes=10
    )
    send(platform, form, files.picture())
    refused = procedures.complete_upload(platform, ME, owner_id=owner, media_id=media.id)
    assert refused.state is MediaState.REFUSED
    assert run(platform) == {"removed": 1}
    assert keys(platform) == {"public": [], "private": []}


class _Meddling:
    """A scanner in whose time something else happens."""

    name = "a slow scanner"

    def __init__(self, meanwhile: Callable[[], None]) -> None:
        self._meanwhile = meanwhile

    def version(self) -> str:
        return "1"

    def scan(self, file: Path) -> str | None:
        assert file.is_file()
        self._meanwhile()
        return None


def test_what_is_deleted_while_it_is_looked_at_is_never_shown(platform: Platform) -> None:
    owner = person(platform)
    media = upload(platform, owner, files.picture())

    def delete() -> None:
        with platform.work(ME) as work:
            service.delete(work, owner_id=owner, media_id=media.id)
            work.commit()

    slow = Platform(
        settings=platform.settings, database_url=platform.database_url, clock=platform.clock, scanner=_Meddling(delete)
    )
    assert run(slow) == {"removed": 2}
    slow.close()
    assert keys(platform) == {"public": [], "private": []}


def test_another_file_by_the_same_form_after_the_scan_is_not_published(platform: Platform) -> None:
    owner = person(platform)
    data = files.picture()
    media, form = procedures.request_upload(
        platform, ME, owner_id=owner, kind=K.PHOTO, category=C.PROFILE, mime_type="image/jpeg", size_bytes=len(data)
    )
    send(platform, form, data)
    procedures.complete_upload(platform, ME, owner_id=owner, media_id=media.id)
    evil = b"<script>".ljust(len(data))
    slow = Platform(
        settings=platform.settings,
        database_url=platform.database_url,
        clock=platform.clock,
        scanner=_Meddling(lambda: send(platform, form, evil)),
    )
    assert run(slow) == {"published": 1}
    slow.close()
    everything = [f.read_bytes() for f in (platform.settings.home / "media").rglob("*") if f.is_file()]
    assert evil not in everything
    assert data in everything


def test_a_worker_that_died_is_followed_by_another(platform: Platform, clock: VirtualClock) -> None:
    media = upload(platform, person(platform), files.picture())

    def die() -> None:
        raise KeyboardInterrupt

    dying = Platform(
        settings=platform.settings, database_url=platform.database_url, clock=platform.clock, scanner=_Meddling(die)
    )
    with pytest.raises(KeyboardInterrupt):
        run(dying)
    dying.close()
    assert run(platform) == {}
    clock.advance(procedures.LEASE + timedelta(seconds=1))
    assert run(platform) == {"published": 1}
    assert again(platform, media).state is MediaState.PUBLISHED


def test_storage_that_is_away_is_tried_again(platform: Platform, clock: VirtualClock) -> None:
    media = upload(platform, person(platform), files.picture())
    folder = platform.settings.home / "media" / "private"
    folder.rename(folder.with_name("elsewhere"))
    folder.write_bytes(b"not a folder")
    assert run(platform) == {"failed": 1}
    folder.unlink()
    folder.with_name("elsewhere").rename(folder)
    clock.advance(timedelta(minutes=1))
    assert run(platform) == {"published": 1}
    assert again(platform, media).state is MediaState.PUBLISHED
