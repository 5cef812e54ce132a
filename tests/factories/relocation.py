"""Folders of another system: the example of the page for people, and small ones made on the spot."""

import json
import re
from pathlib import Path
from typing import Any

from tests.factories.media import photo_with_place

PAGE = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "bring-people-from-another-system.md"
BROUGHT = {"users": 3, "artists": 1, "hosts": 1, "fans": 1, "media": 1, "bookings": 2, "concerts": 1, "reviews": 1}
"""What the example holds."""
STREET = "417 Wren Lane"
"""The exact address in the example: it must be seen nowhere else than where addresses go."""


def example(folder: Path) -> Path:
    """What the page shows, as files, with a picture beside them."""
    text = PAGE.read_text(encoding="utf-8")
    (folder / "media").mkdir(parents=True)
    for name, body in re.findall(r"```json (\S+)\n(.*?)```", text, re.DOTALL):
        (folder / name).write_text(body, encoding="utf-8")
    (folder / "media" / "press.jpg").write_bytes(photo_with_place())
    return folder


def folder_of(folder: Path, *, source: str = "old", **lines: list[dict[str, Any]]) -> Path:
    """A folder of these lines, by kind."""
    (folder / "media").mkdir(parents=True, exist_ok=True)
    manifest = {"format": "tourpad-relocation", "version": 1, "source": source}
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    for kind, said in lines.items():
        text = "".join(json.dumps(line) + "\n" for line in said)
        (folder / f"{kind}.jsonl").write_text(text, encoding="utf-8")
    return folder


def records(folder: Path, kind: str) -> list[dict[str, Any]]:
    """The lines of one kind."""
    text = (folder / f"{kind}.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def user(number: int = 1, /, **said: Any) -> dict[str, Any]:
    """An account that can be brought."""
    return {
        "id": str(number),
        "email": f"person{number}@elsewhere.example.com",
        "name": f"Person {number}",
        "user_type": "fan",
    } | said


def artist(number: int = 1, /, **said: Any) -> dict[str, Any]:
    """The profile of an artist whose account has the same number."""
    return {"id": f"a{number}", "user_id": str(number), "stage_name": f"The {number}s"} | said


def host(number: int = 1, /, **said: Any) -> dict[str, Any]:
    """The profile of a host whose account has the same number."""
    return {"id": f"h{number}", "user_id": str(number), "city": "Columbus", "state": "OH"} | said


def booking(number: int = 1, /, **said: Any) -> dict[str, Any]:
    """A show that was played by the first artist at the second's home."""
    return {
        "id": f"b{number}",
        "artist_id": "a1",
        "host_id": "h2",
        "state": "completed",
        "requested_date": "2025-05-10",
        "requested_time": "19:30",
    } | said


def review(**said: Any) -> dict[str, Any]:
    """What the artist said of it."""
    return {
        "id": "r1",
        "booking_id": "b1",
        "reviewer_id": "1",
        "rating": 4,
        "created_at": "2025-05-12T09:00:00Z",
    } | said
