"""Postcodes of the United States, from the table that is shipped (`tourpad/data/README.md`)."""

import gzip
import re
from functools import cache
from importlib.resources import files

from tourpad.core.places.geometry import Point
from tourpad.core.values import Value

_CODE = re.compile(r"(\d{5})(?:-\d{4})?")


class Postcode(Value):
    """One postcode. Its coordinates are the middle of its area."""

    code: str
    """Five digits."""
    city: str
    state: str
    """Two letters."""
    latitude: float
    longitude: float
    time_zone: str
    """IANA name."""

    @property
    def point(self) -> Point:
        """Its middle."""
        return Point(self.latitude, self.longitude)

    @property
    def label(self) -> str:
        """As people write it: `Columbus OH 43215`."""
        return f"{self.city} {self.state} {self.code}"


def find_postcode(text: str) -> Postcode | None:
    """The postcode meant by `43215` or `43215-1234`; nothing for what is none, or none that is known."""
    found = _CODE.fullmatch(text.strip())
    if found is None:
        return None
    table = _table()
    # Looking for a line in 2 MB takes a fifth of a millisecond; forty thousand objects would take 20 MB for ever.
    start = table.find(b"\n" + found[1].encode() + b"\t") + 1
    if start == 0:
        return None
    code, city, state, latitude, longitude, zone = table[start : table.index(b"\n", start)].decode().split("\t")
    return Postcode(code, city, state, float(latitude), float(longitude), zone)


@cache
def _table() -> bytes:
    """All lines, each between two line ends. Read once a process, at the first call."""
    return b"\n" + gzip.decompress(files("tourpad").joinpath("data", "us_postcodes.tsv.gz").read_bytes())
