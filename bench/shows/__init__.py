"""Shows: finding concerts, looking at one and asking for seats, over HTTP, with sign-in, limits and metrics on."""

import msgspec

from bench.harness import Bench, median
from bench.shows import fill, load, servers
from bench.shows.questions import Questions

CONNECTIONS = "1,16,64"
OF_PSYCOPG = 0.6
"""What each request reaches at least, of raw psycopg behind Litestar with the same SQL."""
GROWTH = 4.0
"""A page takes at most so many times as long with a million concerts as with ten thousand."""
SMALL, LARGE = 10_000, 1_000_000
START_SECONDS = 2.0
MEMORY_MB = 120.0
STARTS = 5


def run(
    bench: Bench, n: int = 10_000, *, seconds: int = 3, rounds: int = 3, connections: int | str = CONNECTIONS
) -> str | None:
    """Measure list, detail and RSVP beside pgbench and the bare framework, in turns, so that all see the same machine.

    Args:
        bench: where.
        n: concerts; a tenth as many artists and hosts, half as many fans.
        seconds: of load for each number.
        rounds: how often each is measured; the middle one counts.
        connections: at once, with commas between.

    Returns:
        What was aimed at and missed.
    """
    url = bench.database()
    bench.report.say(f"filling {n:,} concerts")
    filled = fill.fill(url, n)
    questions = Questions(url, n, bench.folder)
    crowd = [int(count) for count in str(connections).split(",")]
    began = [servers.timed(url, bench.folder) for _ in range(STARTS)]
    ours, raw = servers.tourpad(url, bench.folder), servers.bare(url, bench.folder)
    for server in (ours, raw):
        bench.defer(server.stop)
    start, cpu = median([one[0] for one in began]), median([one[1] for one in began])
    fresh = ours.memory_mb()
    rows: list[list[object]] = []
    for name in ("list", "detail", "rsvp"):
        for count in crowd:
            middle, share = _compared(name, count, rounds, seconds, questions=questions, ours=ours.port, raw=raw.port)
            rows.append([name, count, *(round(rate) for rate in middle.values()), share])
            bench.report.say(f"{name} × {count}: {middle}")
    columns = ("what", "connections", "TourPad", "psycopg behind Litestar", "the bytes alone", "pgbench", "of psycopg")
    bench.report.table(
        "requests", f"Requests a second, {n:,} concerts", columns, rows, note=f"filled in {filled:.0f} s"
    )
    memory = ours.memory_mb()
    bench.report.table(
        "process",
        f"A process of the API (start: the middle of {STARTS})",
        ("what", "value"),
        [
            ("seconds to the first answer", start),
            ("of CPU", cpu),
            ("MB at the start", fresh),
            ("MB after load", memory),
        ],
    )
    aims = [
        *(
            (f"{name}: {OF_PSYCOPG} of psycopg, worst of all numbers of connections", worst, worst >= OF_PSYCOPG)
            for name in ("list", "detail", "rsvp")
            for worst in [min(float(str(row[-1])) for row in rows if row[0] == name)]
        ),
        (f"start under {START_SECONDS:.0f} s", start, start < START_SECONDS),
        (f"under {MEMORY_MB:.0f} MB after load", memory, memory < MEMORY_MB),
        *_growth(bench, n, rows),
    ]
    bench.report.table(
        "aims",
        "What is aimed at",
        ("what", "measured", "holds"),
        [(*aim[:2], "yes" if aim[2] else "NO") for aim in aims],
    )
    missed = [what for what, _, holds in aims if not holds]
    return f"Missed: {'; '.join(missed)}." if missed else None


def _growth(bench: Bench, n: int, rows: list[list[object]]) -> list[tuple[str, float, bool]]:
    """How a page's time has grown since the run with ten thousand concerts, where one was kept."""
    kept = bench.results / f"shows-{SMALL}.json"
    if n != LARGE or not kept.is_file():
        return []
    before = msgspec.json.decode(kept.read_bytes())["results"]["requests"]
    rates = {row["connections"]: row["TourPad"] for row in before if row["what"] == "list"}
    grown = [rates[row[1]] / float(str(row[2])) for row in rows if row[0] == "list" and row[1] in rates]
    what = f"list: at most {GROWTH:.0f} times as slow as with {SMALL:,} concerts (the run that was kept)"
    return [(what, max(grown), max(grown) <= GROWTH)] if grown else []


def _compared(
    name: str, count: int, rounds: int, seconds: int, *, questions: Questions, ours: int, raw: int
) -> tuple[dict[str, float], float]:
    """The middle of some rounds, and the middle of our share of raw psycopg's rate.

    The share is taken within each round, in which the two have turns of a tenth of a second: a machine that is half
    as fast a moment later moves both.
    """
    took: dict[str, list[float]] = {who: [] for who in ("tourpad", "bare", "same bytes", "pgbench")}
    for _ in range(rounds):
        mine, theirs = load.rates(
            [
                load.Target(ours, questions.http(name, signed_in=True)),
                load.Target(raw, questions.http(name, signed_in=False)),
            ],
            count,
            seconds,
        )
        took["tourpad"].append(mine)
        took["bare"].append(theirs)
        took["same bytes"].append(load.rate(raw, questions.bytes(name), count, seconds))
        took["pgbench"].append(questions.pgbench(name, count, seconds))
    share = median([mine / theirs for mine, theirs in zip(took["tourpad"], took["bare"], strict=True)])
    return {who: median(values) for who, values in took.items()}, share
