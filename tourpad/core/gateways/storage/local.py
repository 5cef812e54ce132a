"""The local side: files in two folders, forms and links signed by ourselves.

Clients notice no difference: a form has the same kind of fields as S3's (key, type, policy, signature) and is posted
in the same way, only to an address of our own API (`web/routes/media.py`), which gives what it got to `accept`.
"""

import base64
import binascii
import hmac
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, Final
from urllib.parse import quote

from tourpad.core.clock import Clock
from tourpad.core.errors import ConfigurationError
from tourpad.core.gateways.storage.errors import LinkRefused, NoSuchFile, StorageDown, UploadRefused
from tourpad.core.gateways.storage.protocol import Area, Stored, UploadForm

UPLOAD_PATH: Final = "/api/media/local-uploads"
PUBLIC_PATH: Final = "/media/public/"
PRIVATE_PATH: Final = "/media/private/"
SIGNATURE: Final = "x-tourpad-signature"
_KEY: Final = re.compile(r"[a-z0-9_-][a-z0-9_.-]*(?:/[a-z0-9_-][a-z0-9_.-]*)*")
_LONGEST_KEY: Final = 300


class LocalFiles:
    """Files under one folder: `public/` and `private/`."""

    def __init__(
        self,
        folder: Path,
        clock: Clock,
        *,
        signing: Sequence[str],
        base_url: str,
        cdn_base_url: str | None = None,
    ) -> None:
        if not signing:
            raise ConfigurationError("TOURPAD_SECRET is not set, so no upload can be signed.")
        self.folder = folder
        self._clock = clock
        self._keys = [hmac.digest(secret.encode(), b"tourpad media files", "sha256") for secret in signing]
        self._base = base_url.rstrip("/")
        self._public = cdn_base_url.rstrip("/") + "/" if cdn_base_url else self._base + PUBLIC_PATH

    @property
    def name(self) -> str:
        """The folder."""
        return f"the folder {self.folder}"

    def upload_form(self, key: str, *, mime_type: str, size: int, life: timedelta) -> UploadForm:
        """A form like S3's, signed by us, good for `life`."""
        expires_at = self._clock.now() + life
        policy = {
            "expiration": expires_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "conditions": [{"key": key}, {"Content-Type": mime_type}, ["content-length-range", size, size]],
        }
        encoded = base64.b64encode(json.dumps(policy).encode()).decode()
        fields = {"key": key, "Content-Type": mime_type, "policy": encoded, SIGNATURE: self._sign("form", encoded)}
        return UploadForm(url=self._base + UPLOAD_PATH, fields=fields, expires_at=expires_at)

    def accept(self, fields: Mapping[str, str], source: IO[bytes], *, size: int) -> str:
        """Take an upload by its form. Answers the key under which it lies.

        Args:
            fields: the form's fields without the file.
            source: the file.
            size: its bytes.

        Raises:
            UploadRefused: the form is not one of ours, was changed, or is over its time; or another type or size.
            StorageDown: the folder can't be written.
        """
        encoded = fields.get("policy", "")
        if not self._is_signed("form", encoded, fields.get(SIGNATURE, "")):
            raise UploadRefused(
                "This form was not made here, or was changed.", hint="POST /api/media/uploads gives one."
            )
        policy = json.loads(base64.b64decode(encoded))
        if datetime.fromisoformat(policy["expiration"]) <= self._clock.now():
            raise UploadRefused("The time for this upload is over.", hint="POST /api/media/uploads gives a new form.")
        by_key, by_type, (_, least, most) = policy["conditions"]
        if fields.get("key") != by_key["key"]:
            raise UploadRefused("The form was signed for another key.")
        if fields.get("Content-Type") != by_type["Content-Type"]:
            raise UploadRefused(f"The form was signed for a file of type {by_type['Content-Type']}.")
        if not least <= size <= most:
            raise UploadRefused(f"The form was signed for a file of {most} bytes, this one has {size}.")
        self._write(self.path(Area.PRIVATE, by_key["key"]), source)
        return str(by_key["key"])

    def path(self, area: Area, key: str) -> Path:
        """Where a key's file lies, whether or not it is there.

        Raises:
            NoSuchFile: it is no key.
        """
        if not _KEY.fullmatch(key) or len(key) > _LONGEST_KEY:
            raise NoSuchFile("There is no such file.")
        return self.folder / area.value / key

    def opened_by(self, key: str, *, expires: str, signature: str) -> Path:
        """The private file that a link of ours opens.

        Raises:
            NoSuchFile: there is none.
            LinkRefused: the link was changed or is over its time.
        """
        if not self._is_signed("link", f"{key}\n{expires}", signature):
            raise LinkRefused("This link was not made here, or was changed.")
        if int(expires) <= self._clock.now().timestamp():
            raise LinkRefused("This link is over its time.", hint="Ask for the media again: it has a fresh one.")
        return self.path(Area.PRIVATE, key)

    def find(self, area: Area, key: str) -> Stored | None:
        """What is known of a file."""
        return self._stored(area, self.path(area, key))

    def fetch(self, area: Area, key: str, to: Path, *, most: int) -> int:
        """Copy a file to a local one."""
        try:
            with self.path(area, key).open("rb") as source, to.open("wb") as target:
                return copy_some(source, target, most)
        except FileNotFoundError:
            raise NoSuchFile("There is no such file.") from None
        except OSError as error:
            raise self._down(error) from error

    def put(self, area: Area, key: str, source: Path, *, mime_type: str) -> None:  # noqa: ARG002 - the name tells it
        """Store a copy of a local file."""
        try:
            with source.open("rb") as opened:
                self._write(self.path(area, key), opened)
        except OSError as error:
            raise self._down(error) from error

    def remove(self, area: Area, key: str) -> None:
        """Delete a file, and its folder if that is empty now."""
        path = self.path(area, key)
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise self._down(error) from error
        with suppress(OSError):
            path.parent.rmdir()

    def files(self, area: Area) -> Iterator[Stored]:
        """Everything in an area, by key."""
        root = self.folder / area.value
        for path in sorted(root.rglob("*")):
            stored = self._stored(area, path)
            if stored is not None:
                yield stored

    def address(self, key: str) -> str:
        """The lasting address of a public file."""
        return self._public + quote(key)

    def closed_to(self, origins: Sequence[str]) -> Sequence[str]:  # noqa: ARG002 - as the protocol has it
        """None: forms are sent to our own API, which lets in pages of exactly its own list."""
        return []

    def open_to(self, origins: Sequence[str]) -> None:
        """Nothing is to be done."""

    def link(self, key: str, *, life: timedelta) -> str:
        """An address that opens one private file until `life` is over."""
        expires = str(int((self._clock.now() + life).timestamp()))
        signature = self._sign("link", f"{key}\n{expires}")
        return f"{self._base}{PRIVATE_PATH}{quote(key)}?expires={expires}&signature={signature}"

    def _stored(self, area: Area, path: Path) -> Stored | None:
        try:
            known = path.stat()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise self._down(error) from error
        if not path.is_file():
            return None
        key = path.relative_to(self.folder / area.value).as_posix()
        return Stored(area, key, known.st_size, datetime.fromtimestamp(known.st_mtime, UTC))

    def _write(self, path: Path, source: IO[bytes]) -> None:
        """Write one file, whole or not at all."""
        unfinished: Path | None = None
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            descriptor, name = tempfile.mkstemp(dir=path.parent, prefix="part-")
            unfinished = Path(name)
            with os.fdopen(descriptor, "wb") as target:
                shutil.copyfileobj(source, target)
            unfinished.replace(path)
        except OSError as error:
            if unfinished is not None:
                with suppress(OSError):
                    unfinished.unlink(missing_ok=True)
            raise self._down(error) from error

    def _sign(self, purpose: str, text: str) -> str:
        return hmac.digest(self._keys[0], f"{purpose}\n{text}".encode(), "sha256").hex()

    def _is_signed(self, purpose: str, text: str, signature: str) -> bool:
        try:
            given = binascii.unhexlify(signature)
        except (binascii.Error, ValueError):
            return False
        said = f"{purpose}\n{text}".encode("utf-8", "replace")
        return any(hmac.compare_digest(given, hmac.digest(key, said, "sha256")) for key in self._keys)

    def _down(self, error: OSError) -> StorageDown:
        return StorageDown(f"{self.folder} can't be used: {error.strerror}.")


def copy_some(source: IO[bytes], target: IO[bytes], most: int) -> int:
    """Copy at most `most` bytes and one more, by which a longer source is known. Answers how many."""
    done = 0
    while done <= most:
        chunk = source.read(min(1 << 20, most + 1 - done))
        if not chunk:
            break
        target.write(chunk)
        done += len(chunk)
    return done
