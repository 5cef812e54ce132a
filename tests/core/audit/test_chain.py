"""The chain of hashes: whatever is done to the log behind its back is found and named."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.factories.identity import make_person
from tourpad.core.actors import job_actor
from tourpad.core.audit import procedures, rules, service
from tourpad.core.errors import TourPadError

if TYPE_CHECKING:
    from tests.command import Command
    from tourpad.core.clock import VirtualClock
    from tourpad.core.platform import Platform

ACTOR = job_actor("audit-seal")


def write(platform: "Platform", *reasons: str) -> None:
    for reason in reasons:
        with platform.work(ACTOR) as work:
            work.audit("user.note", target_type="user", reason=reason, about={"b": 1, "a": [True, None, "é"]})
            work.commit()


def tamper(platform: "Platform", *statements: str) -> None:
    """Do what only an owner of the database can: switch the guards off, and change the log."""
    with platform.engine.begin() as connection:
        connection.execute(text("SET session_replication_role = replica"))
        for statement in statements:
            connection.execute(text(statement))


def codes(platform: "Platform", known: str | None = None) -> list[tuple[str, int | None]]:
    with platform.work(ACTOR) as work:
        return [(f.code, f.position) for f in service.verify(work, known=known)[2]]


def test_an_untouched_log_verifies_and_its_hash_stays_known(platform: "Platform") -> None:
    write(platform, "one", "two")
    assert procedures.seal(platform, ACTOR) == {"linked": 2, "cut_short": 0}
    with platform.work(ACTOR) as work:
        count, noted, faults = service.verify(work)
    assert (count, faults) == (2, [])

    write(platform, "three")
    assert procedures.seal(platform, ACTOR) == {"linked": 1, "cut_short": 0}
    assert procedures.seal(platform, ACTOR) == {"linked": 0, "cut_short": 0}
    assert codes(platform, known=noted) == []
    assert codes(platform, known="f" * 64) == [("unknown_hash", None)]


@pytest.mark.parametrize(
    ("statements", "found"),
    [
        (("UPDATE audit_log SET reason = 'two!' WHERE reason = 'two'",), [("changed_entry", 2)]),
        (("UPDATE audit_log SET at = at + interval '1 second' WHERE reason = 'two'",), [("changed_entry", 2)]),
        (("UPDATE audit_log SET details = '{}' WHERE reason = 'three'",), [("changed_entry", 3)]),
        (("DELETE FROM audit_log WHERE reason = 'two'",), [("missing_entry", 2)]),
        (
            (
                "DELETE FROM audit_links WHERE position = 2",
                "DELETE FROM audit_log WHERE reason = 'two'",
            ),
            [("missing_link", 2)],
        ),
        (
            (
                "DELETE FROM audit_links WHERE position = 2",
                "DELETE FROM audit_log WHERE reason = 'two'",
                "UPDATE audit_links SET position = 2 WHERE position = 3",
            ),
            [("broken_chain", 2)],
        ),
    ],
)
def test_whatever_is_rewritten_is_named(
    platform: "Platform", statements: tuple[str, ...], found: list[tuple[str, int | None]]
) -> None:
    write(platform, "one", "two", "three")
    procedures.seal(platform, ACTOR)
    tamper(platform, *statements)

    assert [fault for fault in codes(platform) if fault[0] != "unlinked_entry"][: len(found)] == found


def test_a_log_cut_short_is_seen_by_whoever_noted_its_hash(platform: "Platform") -> None:
    write(platform, "one", "two")
    procedures.seal(platform, ACTOR)
    with platform.work(ACTOR) as work:
        noted = service.verify(work)[1]
    tamper(platform, "DELETE FROM audit_links WHERE position = 2", "DELETE FROM audit_log WHERE reason = 'two'")

    assert codes(platform) == []
    assert codes(platform, known=noted) == [("unknown_hash", None)]


def test_an_end_that_was_cut_off_is_seen_by_the_machine_that_noted_it(
    platform: "Platform", cli: "Command", caplog: pytest.LogCaptureFixture
) -> None:
    write(platform, "one", "two")
    assert procedures.seal(platform, ACTOR) == {"linked": 2, "cut_short": 0}
    assert procedures.seal(platform, ACTOR) == {"linked": 0, "cut_short": 0}
    tamper(platform, "DELETE FROM audit_links WHERE position = 2", "DELETE FROM audit_log WHERE reason = 'two'")
    # Going on as if nothing had been does not help: another entry takes the place.
    write(platform, "three")
    for _ in range(2):
        assert procedures.seal(platform, ACTOR)["cut_short"] == 1
    assert "cut off or written anew before link 2" in caplog.text
    verified = cli("audit", "verify", "--json")
    assert verified.exit_code == 4
    assert '"cut_short"' in verified.stdout


def test_entries_that_change_places_are_seen(platform: "Platform") -> None:
    write(platform, "one", "two", "three")
    procedures.seal(platform, ACTOR)
    tamper(
        platform,
        "UPDATE audit_log SET reason = CASE reason WHEN 'one' THEN 'two' ELSE 'one' END WHERE reason IN ('one', 'two')",
    )
    assert [code for code, _ in codes(platform)] == ["changed_entry", "changed_entry"]
    swapped = """
        UPDATE audit_links SET entry_id = (SELECT o.entry_id FROM audit_links o WHERE o.position = {there}),
            id = gen_random_uuid() WHERE position = {here}
    """
    tamper(platform, "ALTER TABLE audit_links DROP CONSTRAINT uq_audit_links_entry_id", swapped.format(here=1, there=3))
    assert "changed_entry" in [code for code, _ in codes(platform)]


def test_an_entry_that_is_never_linked_is_found_after_ten_minutes(platform: "Platform", clock: "VirtualClock") -> None:
    write(platform, "one")
    assert codes(platform) == []
    clock.advance(timedelta(minutes=11))
    assert codes(platform) == [("unlinked_entry", None)]


def test_one_that_is_committed_late_is_linked_later(platform: "Platform") -> None:
    with platform.work(ACTOR) as late:
        late.audit("user.note", target_type="user", reason="late")
        late.session.flush()
        write(platform, "soon")
        assert procedures.seal(platform, ACTOR) == {"linked": 1, "cut_short": 0}
        late.commit()
    assert procedures.seal(platform, ACTOR) == {"linked": 1, "cut_short": 0}
    assert codes(platform) == []


def test_many_sealers_make_one_chain(platform: "Platform") -> None:
    write(platform, *(str(number) for number in range(30)))
    with ThreadPoolExecutor(8) as pool:
        linked = sum(counts["linked"] for counts in pool.map(lambda _: procedures.seal(platform, ACTOR), range(8)))
    assert linked == 30
    assert codes(platform) == []


@pytest.mark.parametrize("statement", ["UPDATE audit_links SET hash = previous", "DELETE FROM audit_links"])
def test_the_database_refuses_to_rewrite_the_chain(platform: "Platform", statement: str) -> None:
    write(platform, "one")
    procedures.seal(platform, ACTOR)
    with pytest.raises(DBAPIError, match="append-only"), platform.engine.begin() as connection:
        connection.execute(text(statement))


def test_every_field_is_part_of_the_hash() -> None:
    entry: dict[str, str] = dict.fromkeys(rules.FIELDS, "x")
    links = {rules.link(rules.GENESIS, {**entry, name: "y"}) for name in rules.FIELDS}
    assert len(links | {rules.link(rules.GENESIS, entry)}) == len(rules.FIELDS) + 1


def test_the_commands_list_and_verify(cli: "Command", platform: "Platform") -> None:
    with platform.work(ACTOR) as work:
        person = make_person(work, "fan")
        work.audit("user.suspend", target_type="user", target_id=person.id, reason="spam")
        work.commit()
    write(platform, "other")

    entries = cli("audit", "list", "--person", person.email, "--json").json["entries"]
    assert [(e["action"], e["reason"], e["actor"]) for e in entries] == [("user.suspend", "spam", "job audit-seal")]
    clean = cli("audit", "verify", "--json").json
    assert (clean["clean"], clean["links"]) == (True, 2)
    assert cli("audit", "verify", "--expect", clean["hash"]).stdout.startswith("All 2 entries are as they were written")

    tamper(platform, "UPDATE audit_log SET reason = 'never mind' WHERE reason = 'spam'")
    said = cli("audit", "verify")
    assert said.exit_code == 4
    assert said.stdout.startswith("changed_entry\tEntry ")


def test_a_note_of_the_end_that_can_not_be_read_is_no_missing_note(platform: "Platform") -> None:
    """Written anew over a damaged one, it would forget that the end was cut off."""
    write(platform, "one")
    procedures.seal(platform, ACTOR)
    (note,) = (platform.settings.home / "audit-anchors").iterdir()
    note.write_text("{", "utf-8")
    write(platform, "two")

    with pytest.raises(TourPadError, match=r"can't be read: .*\.json \(JSONDecodeError\)"):
        procedures.seal(platform, ACTOR)
    assert note.read_text("utf-8") == "{"
    note.unlink()
    assert procedures.seal(platform, ACTOR) == {"linked": 0, "cut_short": 0}
    assert note.exists()
