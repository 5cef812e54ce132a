import json
import os
from pathlib import Path
from uuid import UUID

import pytest

from tests.command import Command
from tests.factories import media as files
from tests.factories.media import EICAR, FakeClamd
from tests.factories.profiles import make_person
from tourpad.core.actors import operator
from tourpad.core.gateways.storage import Area
from tourpad.core.gateways.storage.local import LocalFiles
from tourpad.core.media import procedures, queries
from tourpad.core.media.states import MediaCategory, MediaKind
from tourpad.core.platform import Platform


@pytest.fixture
def clamd(environment: dict[str, str], tmp_path: Path) -> FakeClamd:
    fake = FakeClamd(tmp_path)
    environment["CLAMD_SOCKET"] = str(fake.path)
    return fake


def upload(platform: Platform) -> UUID:
    import io

    me, data = operator("test"), files.picture()
    with platform.work(me) as work:
        owner = make_person(work, "artist").id
        work.commit()
    media, form = procedures.request_upload(
        platform,
        me,
        owner_id=owner,
        kind=MediaKind.PHOTO,
        category=MediaCategory.PRESS,
        mime_type="image/jpeg",
        size_bytes=len(data),
    )
    assert isinstance(platform.storage, LocalFiles)
    platform.storage.accept(form.fields, io.BytesIO(data), size=len(data))
    procedures.complete_upload(platform, me, owner_id=owner, media_id=media.id)
    return media.id


def test_the_doctor_says_when_nothing_scans(clamd: FakeClamd, cli: Command) -> None:
    def scanner() -> tuple[str, str | None]:
        parts = {part["part"]: part for part in json.loads(cli("doctor", "--json").stdout)["parts"]}
        return parts["scanner"]["state"], parts["scanner"]["advice"]

    with clamd.running():
        assert scanner() == ("ok", None)
    assert scanner() == ("failed", "uploads wait in quarantine; start it, then  tourpad media scan")


def test_what_waits_is_listed_and_scanned(clamd: FakeClamd, platform: Platform, cli: Command) -> None:
    media_id = str(upload(platform))
    assert [m["state"] for m in cli("media", "list", "--json").json["media"]] == ["processing"]
    said = cli("media", "scan", "--json")
    assert said.stderr == ""  # what a worker would log stands in the row
    down = said.json["media"]
    assert [(m["id"], m["result"]) for m in down] == [(media_id, "quarantined")]
    assert "will be tried again" in down[0]["why"]
    with clamd.running():
        assert [m["result"] for m in cli("media", "scan", media_id[-8:], "--json").json["media"]] == ["published"]
        assert cli("media", "scan", "--json").json == {"media": []}
        again = cli("media", "scan", "--published", "--json").json["media"]
    assert [m["result"] for m in again] == ["clean"]
    assert cli("media", "list", "--json").json == {"media": []}
    assert [m["id"] for m in cli("media", "list", "--state", "published", "--json").json["media"]] == [media_id]


def test_an_infected_one_is_taken_down_and_told_by_the_exit_code(
    clamd: FakeClamd, platform: Platform, cli: Command, tmp_path: Path
) -> None:
    media_id = upload(platform)
    with clamd.running():
        cli("media", "scan")
        with platform.work(operator("test")) as work:
            key = queries.get(work, media_id).storage_key
        (tmp_path / "evil").write_bytes(EICAR)
        platform.storage.put(Area.PRIVATE, key, tmp_path / "evil", mime_type="image/jpeg")
        said = cli("media", "scan", str(media_id))
    assert said.exit_code == 4
    assert [row[1:3] for row in said.rows[1:]] == [["infected", "Eicar-Test-Signature"]]
    assert [m["state"] for m in cli("media", "list", "--json").json["media"]] == ["refused"]


def test_a_scanner_that_is_away_is_an_outside_failure(clamd: FakeClamd, platform: Platform, cli: Command) -> None:
    media_id = upload(platform)
    with clamd.running():
        cli("media", "scan")
    said = cli("media", "scan", str(media_id))
    assert (said.exit_code, said.stderr.splitlines()[-1]) == (5, "Is clamd running? CLAMD_SOCKET names it.")


def test_orphans_are_shown_before_they_are_deleted(platform: Platform, cli: Command, tmp_path: Path) -> None:
    assert cli("media", "orphans", "--json").json == {"orphans": [], "bytes": 0, "deleted": 0}
    (tmp_path / "stray").write_bytes(b"stray")
    platform.storage.put(Area.PUBLIC, "media/stray.webp", tmp_path / "stray", mime_type="image/webp")
    assert cli("media", "orphans", "--json").json["orphans"] == []  # it may be somebody's in a minute
    assert isinstance(platform.storage, LocalFiles)
    stray = platform.storage.path(Area.PUBLIC, "media/stray.webp")
    os.utime(stray, (1, 1))
    shown = cli("media", "orphans", "--dry-run", "--json").json
    assert ([o["key"] for o in shown["orphans"]], shown["bytes"], shown["deleted"]) == (["media/stray.webp"], 5, 0)
    refused = cli("media", "orphans")
    assert (refused.exit_code, stray.exists()) == (4, True)
    assert cli("media", "orphans", "--yes", "--json").json["deleted"] == 1
    assert not stray.exists()


def test_one_upload_is_shown_with_what_was_made_of_it_and_no_link_to_what_is_private(
    clamd: FakeClamd, platform: Platform, cli: Command
) -> None:
    media_id = str(upload(platform))
    cli("media", "scan")
    waits = cli("media", "show", media_id[-8:], "--json").json
    assert (waits["id"], waits["state"], waits["attempts"], waits["variants"]) == (media_id, "quarantined", 1, [])
    assert "clamd" in waits["last_error"]
    assert waits["next_try_at"] is not None
    with clamd.running():
        cli("media", "scan")
    shown = cli("media", "show", media_id, "--json").json
    assert (shown["state"], shown["width"], shown["height"], shown["next_try_at"]) == ("published", 60, 40, None)
    assert [(v["mime_type"], v["width"]) for v in shown["variants"]] == [("image/avif", 60), ("image/webp", 60)]
    assert all(v["url"].endswith(v["storage_key"]) for v in shown["variants"])
    with platform.work(operator("test")) as work:
        queries.get(work, UUID(media_id)).is_private = True
        work.commit()
    assert [v["url"] for v in cli("media", "show", media_id, "--json").json["variants"]] == [None, None]
    assert cli("media", "show", "ffffffff").exit_code == 3
