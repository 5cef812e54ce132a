"""Make `tourpad/data/us_postcodes.tsv.gz`, the table of postcodes that is shipped, from the `zipcodes` package.

Run it in an environment of its own, because the product does not need the source:

    python -m venv /tmp/postcodes
    /tmp/postcodes/bin/pip install zipcodes
    /tmp/postcodes/bin/python tools/postcodes.py

One line a postcode: its five digits, its town, state, latitude, longitude, IANA zone; sorted, coordinates with three
decimals (about 100 m: they are an area's middle, nothing finer is meant). Left out are those of the military and of
the territories, those that are used no longer, and those without a place.
"""

import gzip
import sys
from pathlib import Path
from typing import Any

TARGET = Path(__file__).resolve().parent.parent / "tourpad" / "data" / "us_postcodes.tsv.gz"
TOWNS = TARGET.with_name("us_towns.tsv.gz")


def rows(codes: list[dict[str, Any]], states: set[str]) -> list[str]:
    """The lines of the table.

    Args:
        codes: the package's records.
        states: those that are kept.
    """
    kept = [
        code
        for code in codes
        if code["active"]
        and code["zip_code_type"] != "MILITARY"
        and code["state"] in states
        and code["timezone"]
        and (float(code["lat"]), float(code["long"])) != (0.0, 0.0)
    ]
    return [
        f"{c['zip_code']}\t{c['city']}\t{c['state']}\t{float(c['lat']):.3f}\t{float(c['long']):.3f}\t{c['timezone']}\n"
        for c in sorted(kept, key=lambda code: str(code["zip_code"]))
    ]


def main() -> int:
    """Write the table; the same source gives the same bytes."""
    try:
        import zipcodes  # pyright: ignore[reportMissingImports]  # see the top
    except ImportError:
        print("This needs zipcodes: see the top of this file.", file=sys.stderr)
        return 1
    states = {line.split("\t")[1] for line in gzip.decompress(TOWNS.read_bytes()).decode().splitlines()}
    lines = rows(zipcodes.list_all(), states)
    TARGET.write_bytes(gzip.compress("".join(lines).encode(), compresslevel=9, mtime=0))
    print(f"{len(lines)} postcodes, {TARGET.stat().st_size:,} bytes: {TARGET.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
