"""What TourPad asks of a store of files."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from tourpad.core.values import Value


class Area(StrEnum):
    """Who may read a file by its address alone."""

    PUBLIC = "public"
    """Anyone."""
    PRIVATE = "private"
    """Nobody; a signed link opens one file for a while."""


class UploadForm(Value):
    """A form that a client posts as `multipart/form-data`: all fields as given, then `file`, last."""

    url: str
    fields: Mapping[str, str]
    expires_at: datetime


class Stored(Value):
    """One file that is there."""

    area: Area
    key: str
    size: int
    """Bytes."""
    modified_at: datetime
    mime_type: str | None = None
    """As it was stored, where the storage remembers it."""


class StorageGateway(Protocol):
    """A store of files, or what stands in for it. Safe to share between threads.

    Keys are lower-case letters, digits, `-`, `_`, `.` and `/`.
    """

    @property
    def name(self) -> str:
        """Where files lie, in words for an operator."""
        ...

    def upload_form(self, key: str, *, mime_type: str, size: int, life: timedelta) -> UploadForm:
        """A form by which a client puts one file of exactly this type and size (bytes) into the private area."""
        ...

    def find(self, area: Area, key: str) -> Stored | None:
        """What is known of a file, or nothing where there is none.

        Raises:
            StorageDown: it can't be known.
        """
        ...

    def fetch(self, area: Area, key: str, to: Path, *, most: int) -> int:
        """Copy a file to a local one, never more than `most` bytes and one. Answers how many were written.

        Raises:
            NoSuchFile: there is none.
            StorageDown: it can't be read now.
        """
        ...

    def put(self, area: Area, key: str, source: Path, *, mime_type: str) -> None:
        """Store a local file. What lay under the key is replaced, whole or not at all.

        Raises:
            StorageDown: it may not have been stored.
        """
        ...

    def remove(self, area: Area, key: str) -> None:
        """Delete a file; one that is not there is no error.

        Raises:
            StorageDown: it may still be there.
        """
        ...

    def files(self, area: Area) -> Iterator[Stored]:
        """Everything in an area.

        Raises:
            StorageDown: it can't be listed.
        """
        ...

    def address(self, key: str) -> str:
        """The lasting web address of a public file."""
        ...

    def closed_to(self, origins: Sequence[str]) -> Sequence[str]:
        """Those of these origins whose pages a browser would not let send a form's file.

        Raises:
            StorageDown: it can't be known.
        """
        ...

    def open_to(self, origins: Sequence[str]) -> None:
        """Let pages of these origins send files, and no others of those that were let before; other rules stay.

        Raises:
            StorageDown: it may not have been done.
        """
        ...

    def link(self, key: str, *, life: timedelta) -> str:
        """A web address that opens one private file for a while."""
        ...
