"""Make `tourpad/core/identity/data/common_passwords.bin`, the passwords that are guessed first, from published lists.

Run it with the sources beside it, which the product does not need:

    pip download --no-deps -d /tmp/lists zxcvbn==4.5.0 "django==5.2.*"
    npm pack --pack-destination /tmp/lists @zxcvbn-ts/language-common@4.1.3
    python -m tools.common_passwords /tmp/lists

Sources: the password lists of zxcvbn (MIT; 30,000) and zxcvbn-ts (MIT; 49,000) and of Django (BSD; 20,000), all of
them counted from breaches, and `tools/common_passwords.txt`, our own. The file holds no password: it is the first five
bytes of SHA-256 of each, sorted.
"""

import ast
import gzip
import json
import re
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

from tourpad.core.identity.passwords import SHORTEST_STEM, digest

OWN = Path(__file__).resolve().parent / "common_passwords.txt"
TARGET = Path(__file__).resolve().parent.parent / "tourpad" / "core" / "identity" / "data" / "common_passwords.bin"


def published(folder: Path) -> Iterator[str]:
    """The passwords of every list in a folder of downloaded packages."""
    (zxcvbn,) = folder.glob("zxcvbn-*.whl")
    with zipfile.ZipFile(zxcvbn) as wheel:
        text = wheel.read("zxcvbn/frequency_lists.py").decode()
    listed = re.search(r'"passwords": (".*?")\.split', text, re.DOTALL)
    if listed is None:
        raise ValueError(text[:80])
    yield from ast.literal_eval(listed[1]).split(",")
    (django,) = folder.glob("[dD]jango-*.whl")
    with zipfile.ZipFile(django) as wheel:
        yield from gzip.decompress(wheel.read("django/contrib/auth/common-passwords.txt.gz")).decode().split("\n")
    (typescript,) = folder.glob("zxcvbn-ts-language-common-*.tgz")
    with tarfile.open(typescript) as packed:
        file = packed.extractfile("package/src/passwords.json")
        if file is None:
            raise FileNotFoundError(typescript)
        yield from json.load(file)


def main() -> None:
    """Write the file, and say how many are in it."""
    own = [line for line in OWN.read_text("utf-8").splitlines() if line and not line.startswith("#")]
    words = {word.strip().casefold() for word in (*published(Path(sys.argv[1])), *own)}
    digests = sorted({digest(word) for word in words if len(word) >= SHORTEST_STEM})
    TARGET.write_bytes(b"".join(digests))
    print(f"{len(digests):,} passwords, {TARGET.stat().st_size:,} bytes: {TARGET}")


if __name__ == "__main__":
    main()
