"""What nothing refers to is given up and deleted, and a storage that is not ours is left alone."""

from datetime import timedelta
from pathlib import Path

from tests.core.media.test_procedures import keys, person, run, send, upload
from tests.factories import media as files
from tourpad.core.actors import operator
from tourpad.core.clock import SystemClock, VirtualClock
from tourpad.core.gateways.storage import Area
from tourpad.core.media import procedures, queries
from tourpad.core.media.orphans import procedures as orphans
from tourpad.core.media.states import MediaCategory, MediaKind
from tourpad.core.platform import Platform

ME = operator("test")
C, K = MediaCategory, MediaKind


def test_orphans_are_what_nothing_refers_to_and_is_a_day_old(
    stored: None, platform: Platform, clock: VirtualClock, tmp_path: Path
) -> None:
    owner = person(platform)
    media = upload(platform, owner, files.picture())
    run(platform)
    stray = tmp_path / "stray"
    stray.write_bytes(b"stray")
    for area, key in ((Area.PUBLIC, f"media/{media.id.hex}/old.webp"), (Area.PRIVATE, "uploads/" + "0" * 32)):
        platform.storage.put(area, key, stray, mime_type="image/webp")
    kept = keys(platform)
    clock.set(SystemClock().now())
    assert orphans.survey(platform, ME).orphans == []
    clock.advance(timedelta(hours=25))
    found = orphans.survey(platform, ME).orphans
    assert [(o.area.value, o.key, o.size) for o in found] == [
        ("public", f"media/{media.id.hex}/old.webp", 5),
        ("private", "uploads/" + "0" * 32, 5),
    ]
    assert keys(platform) == kept
    assert orphans.collect_orphans(platform, ME) == {"abandoned": 0, "deleted": 2, "kept": 0}
    assert orphans.collect_orphans(platform, ME) == {"abandoned": 0, "deleted": 0, "kept": 0}
    assert len(keys(platform)["public"]) == 2


def test_the_job_never_empties_a_storage_that_it_does_not_know(
    platform: Platform, clock: VirtualClock, tmp_path: Path
) -> None:
    (tmp_path / "theirs").write_bytes(b"x")
    for number in range(orphans.SURELY_OURS + 1):
        platform.storage.put(Area.PUBLIC, f"media/{number}.webp", tmp_path / "theirs", mime_type="image/webp")
    clock.set(SystemClock().now() + timedelta(hours=25))
    assert orphans.collect_orphans(platform, ME) == {"abandoned": 0, "deleted": 0, "kept": 21}
    assert len(keys(platform)["public"]) == 21


def test_forms_that_nobody_used_are_given_up(platform: Platform, clock: VirtualClock) -> None:
    owner = person(platform)
    media, form = procedures.request_upload(
        platform, ME, owner_id=owner, kind=K.PHOTO, category=C.PROFILE, mime_type="image/jpeg", size_bytes=5
    )
    send(platform, form, b"hello")
    clock.advance(timedelta(hours=25))
    assert orphans.collect_orphans(platform, ME)["abandoned"] == 1
    assert run(platform) == {"removed": 1}
    assert keys(platform)["private"] == []
    with platform.work(ME) as work:
        assert queries.find_for_update(work, media.id) is None
