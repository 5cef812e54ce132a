"""People come in from another system: once, whole, told of nothing, and out again as they came."""

import os
import signal
import subprocess
import sys
import textwrap
import zipfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from tests.factories.identity import person
from tests.factories.relocation import BROUGHT, STREET, artist, example, folder_of, host, records, user
from tourpad.core.actors import operator
from tourpad.core.audit.models import AuditEntry
from tourpad.core.hosts.models import HostAddress
from tourpad.core.identity import queries as people
from tourpad.core.identity.models import Credential, User
from tourpad.core.identity.service import account, signin
from tourpad.core.identity.states import UserState
from tourpad.core.ledger.models import Journal
from tourpad.core.media.models import Media
from tourpad.core.media.states import MediaState
from tourpad.core.notifications.models import Notification
from tourpad.core.outbox.models import Mail
from tourpad.core.payments.models import MoneyIntent
from tourpad.core.relocation import procedures
from tourpad.core.relocation.exports import procedures as exports
from tourpad.core.relocation.models import ImportedId
from tourpad.core.relocation.states import Kind
from tourpad.core.rollout import service as rollout
from tourpad.core.rollout.states import RolloutStage

if TYPE_CHECKING:
    from tests.command import Command
    from tourpad.core.platform import Platform

ME = operator("test")
IN = {"state": "approved", "email_verified_at": "2025-01-01T00:00:00Z"}


def bring(platform: "Platform", path: Path, *, invites: bool = False, match: bool = False) -> procedures.Brought:
    found = procedures.survey(platform, ME, path, match_emails=match)
    return procedures.bring(platform, ME, found, path=path, invites=invites)


def count(platform: "Platform", model: Any) -> int:
    with platform.work(ME) as work:
        return work.session.scalar(select(func.count()).select_from(model)) or 0


def states(platform: "Platform") -> dict[str, UserState]:
    with platform.work(ME) as work:
        return {row.name: row.state for row in work.session.scalars(select(User))}


def test_the_page_s_example_comes_in_with_one_command_and_again_changes_nothing(
    cli: "Command", platform: "Platform", tmp_path: Path
) -> None:
    folder = example(tmp_path / "old")

    looked = cli("import", str(folder), "--dry-run", "--json").json
    assert (looked["source"], looked["brought"], looked["faults"]) == ("old-tourpad", None, [])
    assert count(platform, User) == 0
    assert cli("import", str(folder)).exit_code == 4  # nobody is there to say yes
    assert count(platform, User) == 0

    done = cli("import", str(folder), "--yes", "--json").json
    assert done["brought"] == {**BROUGHT, "mails": 0, "files": {"published": 1}}
    assert states(platform) == {
        "Ada Goldberg": UserState.ACTIVE,
        "Hal Wren": UserState.ACTIVE,
        "Fay Fox": UserState.PENDING,
    }
    before = count(platform, AuditEntry)

    again = cli("import", str(folder), "--yes", "--json").json
    assert again["brought"] is None
    assert Counter(row["standing"] for row in again["records"]) == {"here": sum(BROUGHT.values())}
    assert [row["our_id"] for row in again["records"]] == [row["our_id"] for row in done["records"]]
    assert count(platform, AuditEntry) == before
    assert cli("import", str(folder), "--yes").rows[1][:3] == ["users", "1", "here"]


def test_whoever_comes_in_is_told_of_nothing_and_has_agreed_to_nothing(platform: "Platform", tmp_path: Path) -> None:
    """A suspension and a membership would else be told by mail."""
    closed, over = {"reason": "Noise after midnight."}, {"until": "2025-09-01T00:00:00Z"}
    folder = folder_of(
        tmp_path / "old",
        users=[
            user(1, user_type="artist", **IN, membership={}, suspension=closed),
            user(2, user_type="host", state="rejected"),
            user(3, **IN, membership={"until": "2026-09-01T00:00:00Z"}),
            user(4, **IN, membership=over, suspension=closed | over),
        ],
        artists=[artist(1)],
    )
    bring(platform, folder)

    assert states(platform) == {
        "Person 1": UserState.SUSPENDED,
        "Person 2": UserState.REJECTED,
        "Person 3": UserState.ACTIVE,
        "Person 4": UserState.APPROVED,
    }
    assert [count(platform, model) for model in (Mail, Notification, Credential, Journal, MoneyIntent)] == [0] * 5
    with platform.work(ME) as work:
        agreed = {
            (row.terms_version, row.privacy_version, row.adult_confirmed_at)
            for row in work.session.scalars(select(User))
        }
    assert agreed == {(None, None, None)}


def test_one_gets_in_by_the_mailed_link_which_proves_the_address(platform: "Platform", tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "old", users=[user(1), user(2, suspension={"reason": "Spam."})])
    assert bring(platform, folder, invites=True).invited == 1
    with platform.work(ME) as work:
        [mail] = work.session.scalars(select(Mail))
        assert (mail.to_address, mail.template) == ("person1@elsewhere.example.com", "account_brought")
        token = mail.text_body.partition("token=")[2].split()[0]

    found = procedures.survey(platform, ME, folder)
    assert procedures.to_invite(platform, ME, found) == procedures.Invitations(now=0, later=0)
    assert bring(platform, folder, invites=True).invited == 0

    with platform.work(ME) as work:
        signin.reset_password(work, token=token, password="nine purple umbrellas")
        came = signin.login(work, email="person1@elsewhere.example.com", password="nine purple umbrellas")
        work.commit()
    assert came.user.state is UserState.APPROVED
    assert bring(platform, folder, invites=True).invited == 0


def test_nobody_is_mailed_a_link_to_doors_that_are_closed(platform: "Platform", tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "old", users=[user(1), user(2), user(3, suspension={"reason": "Spam."})])
    with platform.work(ME) as work:
        rollout.change(work, stage=RolloutStage.BETA, add=["person2@elsewhere.example.com"])
        work.commit()
    found = procedures.survey(platform, ME, folder)
    assert procedures.to_invite(platform, ME, found) == procedures.Invitations(now=1, later=1)

    assert bring(platform, folder, invites=True).invited == 1
    with platform.work(ME) as work:
        assert list(work.session.scalars(select(Mail.to_address))) == ["person2@elsewhere.example.com"]
        rollout.change(work, stage=RolloutStage.EVERYONE)
        work.commit()
    assert bring(platform, folder, invites=True).invited == 1


def test_who_is_here_stays_as_they_are_and_is_known_from_then_on(platform: "Platform", tmp_path: Path) -> None:
    here = person(platform, "artist", email="person1@elsewhere.example.com")
    folder = folder_of(
        tmp_path / "old",
        users=[user(1, user_type="artist", name="Somebody Else", suspension={"reason": "x"})],
        artists=[artist(1)],
    )
    bring(platform, folder, match=True, invites=True)

    with platform.work(ME) as work:
        found = people.get_user(work, here.id)
        assert (found.name, found.state) == (here.name, UserState.ACTIVE)
        known = {row.kind: row.our_id for row in work.session.scalars(select(ImportedId))}
    assert known[Kind.USERS] == here.id
    assert count(platform, Mail) == 0


def test_a_later_folder_brings_who_is_new_and_leaves_what_has_changed(platform: "Platform", tmp_path: Path) -> None:
    bring(platform, folder_of(tmp_path / "one", users=[user(1, bio="Old.")]))
    later = folder_of(
        tmp_path / "two",
        users=[user(1, bio="New."), user(2)],
        fans=[{"id": "f1", "user_id": "1", "favorite_genres": ["jazz"]}],
    )
    looked = procedures.survey(platform, ME, later)
    assert [entry.standing for entry in looked.entries[Kind.USERS]] == ["differs", "new"]

    done = bring(platform, later)

    assert done.counts == {Kind.USERS: 1, Kind.FANS: 1}
    with platform.work(ME) as work:
        bios = {row.name: people.get_profile(work, row.id) for row in work.session.scalars(select(User))}
        assert {name: about.bio for name, about in bios.items() if about} == {"Person 1": "Old.", "Person 2": None}


def test_whoever_was_erased_is_not_brought_again(platform: "Platform", tmp_path: Path) -> None:
    folder = example(tmp_path / "old")
    bring(platform, folder)
    with platform.work(ME) as work:
        account.erase(work, user_id=people.get_by_email(work, "hal@wren.example.com").id)
        work.commit()

    looked = procedures.survey(platform, ME, folder)

    assert [looked.entries[kind][-1].standing for kind in (Kind.USERS, Kind.HOSTS)] == ["here", "erased"]
    assert looked.entries[Kind.USERS][1].standing == "erased"
    assert looked.coming == 0
    with platform.work(ME) as work:
        kept = work.session.scalars(select(ImportedId).where(ImportedId.foreign_id.is_(None)))
        assert [(row.kind, row.line_hash) for row in kept] == [
            (Kind.USERS, None),
            (Kind.HOSTS, None),
            (Kind.REVIEWS, None),
        ]
    exports.export(platform, ME, to=tmp_path / "out", source=None)
    assert STREET not in "".join(p.read_text("utf-8") for p in (tmp_path / "out").glob("*.jsonl"))


def test_an_exact_address_goes_where_addresses_go_and_nowhere_else(
    cli: "Command", platform: "Platform", tmp_path: Path
) -> None:
    folder = example(tmp_path / "old")
    said = [cli("import", str(folder), *more) for more in (["--dry-run"], ["--yes", "--json"], ["--json", "--yes"])]
    assert STREET not in "".join(one.stdout + one.stderr for one in said)

    found: set[str] = set()
    with platform.engine.connect() as connection:
        tables = connection.exec_driver_sql("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").scalars()
        for table in tables.all():
            look = f"SELECT count(*) FROM {table} t WHERE t::text LIKE '%%{STREET}%%'"  # noqa: S608 - our own names
            if connection.exec_driver_sql(look).scalar():
                found.add(table)
    assert found == {"host_addresses"}
    with platform.work(ME) as work:
        address = work.session.scalars(select(HostAddress)).one()
        assert (address.street, address.is_approximate) == (STREET, True)


def test_files_go_the_way_of_every_upload(platform: "Platform", tmp_path: Path) -> None:
    """What pretends to be a picture is refused by the same worker, and a picture loses the place where it was taken."""
    from tests.factories.media import CANARY, photo_with_place
    from tourpad.core.gateways.storage import Area

    media = [
        {"id": f"m{n}", "user_id": "1", "file": f"media/{n}.jpg", "category": "profile", "sort_order": n}
        for n in (1, 2)
    ]
    folder = folder_of(tmp_path / "old", users=[user(1)], media=media)
    (folder / "media" / "1.jpg").write_bytes(photo_with_place())
    (folder / "media" / "2.jpg").write_bytes(b"<script>alert(1)</script>")

    done = bring(platform, folder)

    assert done.files == {"published": 1, "refused": 1, "removed": 1}
    with platform.work(ME) as work:
        found = {row.sort_order: row.state for row in work.session.scalars(select(Media))}
    assert found == {1: MediaState.PUBLISHED, 2: MediaState.REFUSED}
    shown = [platform.storage.find(Area.PUBLIC, f.key) for f in platform.storage.files(Area.PUBLIC)]
    assert len(shown) > 1
    for one in shown:
        assert one is not None
        platform.storage.fetch(Area.PUBLIC, one.key, tmp_path / "copy", most=one.size)
        assert CANARY.encode() not in (tmp_path / "copy").read_bytes()
    assert procedures.survey(platform, ME, folder).coming == 0


def test_nothing_is_written_while_a_line_is_at_fault_unless_it_is_left_out(
    cli: "Command", platform: "Platform", tmp_path: Path
) -> None:
    folder = folder_of(tmp_path / "old", users=[user(1), user(2, name="")], fans=[{"id": "f", "user_id": "2"}])

    refused = cli("import", str(folder), "--yes")
    assert (refused.exit_code, count(platform, User)) == (4, 0)
    assert refused.stderr.splitlines() == [
        "1 fault, and 1 line that hangs on that: nothing was written.",
        "Mend them, or leave those lines out: --skip-faulty",
    ]
    assert refused.rows[2] == ["users", "2", "at_fault", "", "users.jsonl:2", "name: must not be empty"]

    done = cli("import", str(folder), "--yes", "--skip-faulty", "--json").json
    assert (done["brought"]["users"], done["brought"]["fans"]) == (1, 0)
    assert states(platform) == {"Person 1": UserState.PENDING}


KILLED = """
    import os, signal, sys
    from pathlib import Path
    from tourpad.core.actors import operator
    from tourpad.core.platform import Platform
    from tourpad.core.relocation import procedures
    from tourpad.core.settings import load_settings

    platform = Platform.open(load_settings())
    me, path = operator("test"), Path(sys.argv[1])

    def kill(what, done, total):
        if what == sys.argv[2]:
            os.kill(os.getpid(), signal.SIGKILL)

    found = procedures.survey(platform, me, path)
    procedures.bring(platform, me, found, path=path, invites=True, on_progress=kill)
"""


def test_an_import_that_is_killed_goes_on_where_it_stopped(
    platform: "Platform", environment: dict[str, str], tmp_path: Path
) -> None:
    """Twice: in the middle of the people, and between the first picture and the second."""
    from tests.factories.media import picture

    everybody = range(1, procedures.COMMIT_EVERY + 11)
    media = [{"id": f"m{n}", "user_id": str(n), "file": f"media/{n}.jpg", "category": "profile"} for n in (1, 2)]
    folder = folder_of(tmp_path / "old", users=[user(n) for n in everybody], media=media)
    for n in (1, 2):
        (folder / "media" / f"{n}.jpg").write_bytes(picture(size=(60 + n, 40)))
    own = {name: value for name, value in os.environ.items() if not name.startswith(("TOURPAD_", "STRIPE_"))}
    variables = own | environment | {"DATABASE_URL": platform.database_url, "TOURPAD_CLOCK": "2026-03-01T12:00:00Z"}

    for at, expected in (("people", (procedures.COMMIT_EVERY, 0)), ("files", (len(everybody), 1))):
        killed = subprocess.run(
            [sys.executable, "-c", textwrap.dedent(KILLED), str(folder), at],
            env=variables,
            cwd=tmp_path,
            capture_output=True,
            check=False,
        )
        assert killed.returncode == -signal.SIGKILL, killed.stderr
        assert (count(platform, User), count(platform, Media)) == expected

    done = bring(platform, folder, invites=True)

    assert (done.counts, done.refused, done.invited) == ({Kind.MEDIA: 1}, [], len(everybody))
    assert (count(platform, User), count(platform, Media)) == (len(everybody), 2)
    assert procedures.survey(platform, ME, folder).coming == 0
    with platform.work(ME) as work:
        assert Counter(work.session.scalars(select(Mail.to_address))).most_common(1)[0][1] == 1


def test_two_imports_at_once_bring_everybody_once(platform: "Platform", tmp_path: Path) -> None:
    from concurrent.futures import ThreadPoolExecutor

    folder = folder_of(tmp_path / "old", users=[user(n) for n in range(1, 31)])
    found = procedures.survey(platform, ME, folder)
    with ThreadPoolExecutor(2) as pool:
        runs = [pool.submit(procedures.bring, platform, ME, found, path=folder, invites=False) for _ in range(2)]
        done = [run.result() for run in runs]

    assert sum(one.counts[Kind.USERS] for one in done) == count(platform, User) == count(platform, ImportedId) == 30
    assert {fault.file for one in done for fault in one.refused} <= {"users.jsonl"}


def test_an_export_is_its_owner_s_alone_and_on_record(cli: "Command", platform: "Platform", tmp_path: Path) -> None:
    folder = example(tmp_path / "old")
    cli("import", str(folder), "--yes")
    target = tmp_path / "out.zip"
    assert cli("export", str(target)).exit_code == 4
    assert cli("export", str(target), "--dry-run", "--json").json["written"] is False
    assert not target.exists()

    done = cli("export", str(target), "--yes", "--json").json

    assert done["records"] == BROUGHT
    assert target.stat().st_mode & 0o777 == 0o600
    with zipfile.ZipFile(target) as archive:
        assert STREET in archive.read("hosts.jsonl").decode()
        assert archive.read(archive.namelist()[-1]) == (folder / "media" / "press.jpg").read_bytes()
    assert cli("export", str(target), "--yes").exit_code == 4  # it never replaces anything
    assert cli("export", str(tmp_path / "x"), "--source", "nowhere", "--yes").exit_code == 3
    assert cli("export", str(tmp_path / "as-it-was"), "--source", "old-tourpad", "--yes").exit_code == 0
    modes = {p.stat().st_mode & 0o777 for p in (tmp_path / "as-it-was").rglob("*") if p.is_file()}
    assert modes == {0o600}
    assert list(tmp_path.glob("*.part")) == []
    with platform.work(ME) as work:
        actions = work.session.scalars(
            select(AuditEntry.action).where(AuditEntry.target_type.in_(("import", "export")))
        )
        assert list(actions) == ["import.begin", "import.end", "export.begin", "export.begin"]


def test_everything_goes_out_by_our_ids_and_comes_in_elsewhere(platform: "Platform", tmp_path: Path) -> None:
    """The way from one TourPad to another: nothing of ours but ids, and admins stay."""
    person(platform, "admin")
    bring(platform, folder_of(tmp_path / "old", users=[user(1, user_type="host", **IN)], hosts=[host(1)]))
    exports.export(platform, ME, to=tmp_path / "all", source=None)
    [said] = records(tmp_path / "all", "users")
    with platform.work(ME) as work:
        ours = people.get_by_email(work, said["email"])
        assert said["id"] == str(ours.id)
        account.erase(work, user_id=ours.id)
        work.commit()

    done = bring(platform, tmp_path / "all")

    assert done.counts == {Kind.USERS: 1, Kind.HOSTS: 1}
