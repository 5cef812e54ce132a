"""What can't come in, and the words for it: by file, line and field."""

import json
import re
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.factories.profiles import make_person
from tests.factories.relocation import PAGE, artist, booking, folder_of, host, review, user
from tourpad.core.errors import InvalidInputError, NotFoundError
from tourpad.core.relocation import reading
from tourpad.core.relocation.service.planning import Plan, plan
from tourpad.core.relocation.shape import FIELDS, NEEDED
from tourpad.core.relocation.states import Kind, Standing

if TYPE_CHECKING:
    from tourpad.core.work import Work


def look(work: "Work", path: Path, *, match_emails: bool = False) -> Plan:
    with reading.opened(path) as package:
        return plan(work, reading.read(package), size_of=package.size, match_emails=match_emails)


def faults(found: Plan) -> list[tuple[str, str | None, str]]:
    return [(fault.place, fault.field, fault.message) for fault in found.faults]


A = {"user_type": "artist"}
H = {"user_type": "host"}
IN = {"state": "approved"}
PAST: dict[str, Any] = {"users": [user(1, **A), user(2, **H)], "artists": [artist(1)], "hosts": [host(2)]}
PLAYED: dict[str, Any] = PAST | {"bookings": [booking()]}
Case = tuple[dict[str, Any], str, str | None, str]
CASES: list[Case] = [
    ({"users": [user(nmae="x")]}, "users.jsonl:1", "nmae", "is no field here; the nearest is name"),
    ({"users": [user(xyzzy="x")]}, "users.jsonl:1", "xyzzy", "is no field here"),
    (
        {"users": [user(password="x")]},
        "users.jsonl:1",
        "password",
        "is never brought along: people set a new one by a link",
    ),
    ({"users": [{k: v for k, v in user().items() if k != "email"}]}, "users.jsonl:1", "email", "is needed"),
    ({"users": [{k: v for k, v in user().items() if k != "id"}]}, "users.jsonl:1", "id", "is needed"),
    ({"users": [user(email=7)]}, "users.jsonl:1", "email", "must be a mail address"),
    ({"users": [user(name=7)]}, "users.jsonl:1", "name", "must be text"),
    (
        {"users": [user(user_type="admin")]},
        "users.jsonl:1",
        "user_type",
        "can't be admin: an import makes none, tourpad users create-admin does",
    ),
    ({"users": [user(user_type="clown")]}, "users.jsonl:1", "user_type", "must be one of artist, host, fan"),
    ({"users": [user(phone=["1"])]}, "users.jsonl:1", "phone", "must be text"),
    ({"users": [user(), user()]}, "users.jsonl:2", "id", "stands in users.jsonl:1 already"),
    (
        {"users": [user(1), user(2, email="PERSON1@elsewhere.example.com")]},
        "users.jsonl:2",
        "email",
        "stands in users.jsonl:1 already",
    ),
    (
        {"users": [user(**IN)]},
        "users.jsonl:1",
        "state",
        "can't be approved without email_verified_at: fans are let in by a proved address",
    ),
    (
        {"users": [user(state="active", **A)]},
        "users.jsonl:1",
        "state",
        "can't be active: hosts who are let in are approved",
    ),
    (
        {"users": [user(**A, **IN)]},
        "users.jsonl:1",
        "state",
        "can't be approved without a good line in artists.jsonl",
    ),
    (
        {"users": [user(created_at="2027-01-01T00:00:00Z")]},
        "users.jsonl:1",
        "created_at",
        "lies in the future",
    ),
    (
        {"users": [user(created_at="2025-01-01T00:00:00")]},
        "users.jsonl:1",
        "created_at",
        "must be an instant like 2025-11-03T19:30:00Z",
    ),
    (
        {"users": [user(membership={})]},
        "users.jsonl:1",
        "membership",
        "is for people who are approved",
    ),
    (
        {"users": [user(**H, **IN, membership={})], "hosts": [host()]},
        "users.jsonl:1",
        "membership",
        "is for artists and fans: hosts need none",
    ),
    (
        {"users": [user(suspension={"why": "x", "reason": "y"})]},
        "users.jsonl:1",
        "suspension.why",
        "is no field here",
    ),
    (
        {"artists": [artist()]},
        "artists.jsonl:1",
        "user_id",
        "is nobody: 1 stands neither in users.jsonl nor was brought before",
    ),
    ({"users": [user()], "artists": [artist()]}, "artists.jsonl:1", "user_id", "is that of a fan"),
    (
        {"users": [user(**A)], "artists": [artist(), artist(id="b")]},
        "artists.jsonl:2",
        "user_id",
        "has a profile in artists.jsonl:1 already",
    ),
    (
        {"users": [user(**A)], "artists": [artist(min_guarantee_cents=150.5)]},
        "artists.jsonl:1",
        "min_guarantee_cents",
        "must be a whole number",
    ),
    ({"users": [user(**H)], "hosts": [host(city="Nowhere")]}, "hosts.jsonl:1", "city", ""),
    (
        {"users": [user(**H)], "hosts": [host(address={"street": "1 A St", "postcode": "432"})]},
        "hosts.jsonl:1",
        "address.postcode",
        "must be a ZIP code like 43215 or 43215-1234",
    ),
    (
        {"users": [user()], "media": [{"id": "m", "user_id": "1", "file": "media/a.jpg", "category": "profile"}]},
        "media.jsonl:1",
        "file",
        "is not there",
    ),
    (
        {"users": [user()], "media": [{"id": "m", "user_id": "1", "file": "media/../x.jpg", "category": "profile"}]},
        "media.jsonl:1",
        "file",
        "must lie in media/",
    ),
    (
        {"users": [user()], "media": [{"id": "m", "user_id": "1", "file": "media/here.jpg", "category": "press"}]},
        "media.jsonl:1",
        "category",
        "must be one of profile for a fan",
    ),
    (
        {"users": [user()], "media": [{"id": "m", "user_id": "1", "file": "media/here.svg", "category": "profile"}]},
        "media.jsonl:1",
        "file",
        "must end in one of",
    ),
    (
        PAST | {"bookings": [booking(state="confirmed")]},
        "bookings.jsonl:1",
        "state",
        "can't be confirmed: what is still open is agreed on here anew; bring what is over",
    ),
    (
        PAST | {"bookings": [booking(requested_date="2026-03-01")]},
        "bookings.jsonl:1",
        "requested_date",
        "lies ahead: only what was played is completed",
    ),
    (
        PAST | {"bookings": [booking(requested_time="19:30+01:00")]},
        "bookings.jsonl:1",
        "requested_time",
        "must be a time at the host’s like 19:30",
    ),
    (PAST | {"bookings": [booking(artist_fee_cents=99.5)]}, "bookings.jsonl:1", "artist_fee_cents", "must be a whole"),
    (
        PAST | {"bookings": [booking(door_fee_cents=49)]},
        "bookings.jsonl:1",
        "door_fee_cents",
        "must be 0 or at least 50",
    ),
    (
        PAST | {"bookings": [booking(), booking(2)]},
        "bookings.jsonl:2",
        "requested_date",
        "is that of bookings.jsonl:1, of the same artist",
    ),
    (
        PAST | {"bookings": [booking(host_id="x")]},
        "bookings.jsonl:1",
        "host_id",
        "is nothing: x stands neither in hosts.jsonl nor was brought before",
    ),
    (
        PAST | {"bookings": [booking(state="rejected", completed_at="2025-05-01T00:00:00Z")]},
        "bookings.jsonl:1",
        "completed_at",
        "is of a booking that is completed",
    ),
    (
        PAST | {"bookings": [booking(state="expired")], "concerts": [{"id": "c", "booking_id": "b1"}]},
        "concerts.jsonl:1",
        "booking_id",
        "was not played: bookings.jsonl:1 is expired",
    ),
    (
        PLAYED | {"concerts": [{"id": "c", "booking_id": "b1", "max_capacity": 3, "seats_taken": 4}]},
        "concerts.jsonl:1",
        "seats_taken",
        "must be between 0 and 3",
    ),
    (
        PLAYED | {"reviews": [review(rating=6)]},
        "reviews.jsonl:1",
        "rating",
        "must be between 1 and 5",
    ),
    (
        PAST | {"users": [*PAST["users"], user(3)], "bookings": [booking()], "reviews": [review(reviewer_id="3")]},
        "reviews.jsonl:1",
        "reviewer_id",
        "is neither side of bookings.jsonl:1",
    ),
    (
        PLAYED | {"reviews": [review(), review(id="r2")]},
        "reviews.jsonl:2",
        "reviewer_id",
        "has reviewed it in reviews.jsonl:1 already",
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[1]} {case[2]} {case[3]}"[:60])
def test_each_fault_names_its_file_its_line_and_its_field(work: "Work", tmp_path: Path, case: Case) -> None:
    lines, place, field, message = case
    folder = folder_of(tmp_path / "old", **lines)
    for name in ("here.jpg", "here.svg"):
        (folder / "media" / name).write_bytes(b"12")

    told = faults(look(work, folder))

    assert [(p, f) for p, f, _ in told if (p, f) == (place, field)] == [(place, field)]
    assert next(m for p, f, m in told if (p, f) == (place, field)).startswith(message)


def test_what_belongs_to_somebody_who_cannot_come_in_cannot_either(work: "Work", tmp_path: Path) -> None:
    media = {"id": "m", "user_id": "1", "file": "media/a.jpg", "category": "press"}
    folder = folder_of(
        tmp_path / "old", users=[user(name="", **A), user(2, **A)], artists=[artist(), artist(2)], media=[media]
    )
    (folder / "media" / "a.jpg").write_bytes(b"12")

    found = look(work, folder)

    assert faults(found) == [
        ("users.jsonl:1", "name", "must not be empty"),
        ("artists.jsonl:1", "user_id", "can't come in: see users.jsonl:1"),
        ("media.jsonl:1", "user_id", "can't come in: see users.jsonl:1"),
    ]
    assert [(kind, found.counts(kind)[Standing.NEW]) for kind in Kind] == [
        (Kind.USERS, 1),
        (Kind.ARTISTS, 1),
        (Kind.HOSTS, 0),
        (Kind.FANS, 0),
        *((kind, 0) for kind in (Kind.MEDIA, Kind.BOOKINGS, Kind.CONCERTS, Kind.REVIEWS)),
    ]


def test_an_address_that_has_an_account_is_a_fault_unless_it_is_said_to_be_the_same_person(
    work: "Work", tmp_path: Path
) -> None:
    here, other = make_person(work, "fan"), make_person(work, "host")
    folder = folder_of(tmp_path / "old", users=[user(1, email=here.email.upper()), user(2, email=other.email)])

    assert faults(look(work, folder)) == [
        ("users.jsonl:1", "email", "has an account here; --match-emails takes it for theirs, as it is"),
        ("users.jsonl:2", "email", "belongs to a host here"),
    ]
    matched = look(work, folder, match_emails=True)
    assert faults(matched) == [("users.jsonl:2", "email", "belongs to a host here")]
    assert [(e.standing, e.our_id) for e in matched.entries[Kind.USERS]] == [
        (Standing.MATCHED, here.id),
        (Standing.AT_FAULT, None),
    ]


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b'{"id": 1', "is no JSON: "),
        (b"[1]", "must be an object"),
        (b'{"id": "1", "id": "2"}', "says id twice"),
        (b'{"id": NaN}', "has NaN, which is no number"),
        (b'{"id": "\xff"}', "is not UTF-8"),
        (b"[" * 100_000, "is nested too deeply"),
        (b'{"id": "' + b"x" * 1_000_001 + b'"}', "is longer than 1,000,000 bytes; the rest of the file is not read"),
    ],
)
def test_a_line_that_cannot_be_read_is_told_with_its_number(
    work: "Work", tmp_path: Path, raw: bytes, message: str
) -> None:
    folder = folder_of(tmp_path / "old", users=[])
    (folder / "users.jsonl").write_bytes(b"\n" + raw + b"\n")

    [(place, field, said)] = faults(look(work, folder))

    assert (place, field) == ("users.jsonl:2", None)
    assert said.startswith(message)


def test_a_file_whose_name_says_nothing_is_not_left_out_without_a_word(work: "Work", tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "old", users=[user()])
    (folder / "user.jsonl").write_text("{}", encoding="utf-8")
    (folder / ".DS_Store").write_bytes(b"")
    assert faults(look(work, folder)) == [("user.jsonl", None, "is no file here; the nearest is users.jsonl")]


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"format": "zip", "version": 1, "source": "old"}, "format must be tourpad-relocation"),
        ({"format": "tourpad-relocation", "version": 2, "source": "old"}, "version must be 1: this TourPad reads no"),
        ({"format": "tourpad-relocation", "version": 1}, "source must be text"),
        ({"format": "tourpad-relocation", "version": 1, "source": "old", "sauce": 1}, "sauce is no field here"),
        ([], "must be an object"),
    ],
)
def test_a_manifest_of_another_format_is_refused(work: "Work", tmp_path: Path, said: Any, message: str) -> None:
    folder = folder_of(tmp_path / "old")
    (folder / "manifest.json").write_text(json.dumps(said), encoding="utf-8")
    with pytest.raises(InvalidInputError) as caught:
        look(work, folder)
    assert message in caught.value.message


def test_what_is_not_there_or_no_package_is_said(work: "Work", tmp_path: Path) -> None:
    with pytest.raises(NotFoundError):
        look(work, tmp_path / "nothing")
    (tmp_path / "text").write_text("hello", encoding="utf-8")
    with pytest.raises(InvalidInputError, match="neither a folder nor a ZIP file"):
        look(work, tmp_path / "text")
    with pytest.raises(InvalidInputError, match=r"There is no manifest\.json in it"):
        look(work, tmp_path)


def test_neither_a_link_nor_two_dots_lead_out_of_a_folder(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "old")
    (tmp_path / "secret.jpg").write_bytes(b"secret")
    (folder / "media" / "link.jpg").symlink_to(tmp_path / "secret.jpg")
    with reading.opened(folder) as package:
        assert [package.size(f"media/{name}") for name in ("link.jpg", "../../secret.jpg")] == [None, None]


def test_a_zip_file_holds_the_folder_or_its_contents(work: "Work", tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "old", users=[user()])
    for top in ("", "old/"):
        packed = tmp_path / f"packed{len(top)}.zip"
        with zipfile.ZipFile(packed, "w") as archive:
            for name in ("manifest.json", "users.jsonl"):
                archive.write(folder / name, top + name)
        found = look(work, packed)
        assert (found.faults, found.counts(Kind.USERS)[Standing.NEW]) == ([], 1)


def test_a_zip_file_that_is_damaged_or_locked_is_said_to_be_so(work: "Work", tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "old", users=[user(n) for n in range(50)])
    packed = tmp_path / "packed.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.write(folder / "manifest.json", "manifest.json")
        archive.write(folder / "users.jsonl", "users.jsonl")
    whole = packed.read_bytes()

    packed.write_bytes(whole.replace(b"person7@", b"person8@"))
    with pytest.raises(InvalidInputError, match="is damaged: Bad CRC-32"):
        look(work, packed)
    packed.write_bytes(whole.replace(b"PK\x01\x02\x14\x03\x14\x00\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x01\x00"))
    with pytest.raises(InvalidInputError, match="is locked with a password"):
        look(work, packed)


@pytest.mark.parametrize("kind", list(Kind))
def test_the_page_names_every_field_and_what_is_needed(kind: Kind) -> None:
    """A field that the page does not tell of is found by nobody; one that it tells of and is none is a trap."""
    row = next(line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith(f"| `{kind}` |"))
    _, _, needed, others, _ = row.split("|")
    plain = [re.sub(r"\([^)]*\)", "", part) for part in (needed, others)]
    must, may = (set(re.findall(r"`(\w+)`", part)) for part in plain)
    assert (must, must | may) == (set(NEEDED[kind]), FIELDS[kind])
