"""Shows: finding concerts, looking at one and asking for seats, over HTTP, with sign-in, limits and metrics on."""

from bench.harness import Bench, median
from bench.shows import fill, load, servers
from bench.shows.questions import Questions

CONNECTIONS = "1,16,64"


def run(
    bench: Bench, n: int = 10_000, *, seconds: int = 3, rounds: int = 3, connections: int | str = CONNECTIONS
) -> None:
    """Measure list, detail and RSVP beside pgbench and the bare framework, in turns, so that all see the same machine.

    Args:
        bench: where.
        n: concerts; a tenth as many artists and hosts, half as many fans.
        seconds: of load for each number.
        rounds: how often each is measured; the middle one counts.
        connections: at once, with commas between.
    """
    url = bench.database()
    bench.report.say(f"filling {n:,} concerts")
    filled = fill.fill(url, n)
    questions = Questions(url, n, bench.folder)
    crowd = [int(count) for count in str(connections).split(",")]
    ours, raw = servers.tourpad(url, bench.folder), servers.bare(url, bench.folder)
    for server in (ours, raw):
        bench.defer(server.stop)
    bench.report.table(
        "start",
        "A start of the API",
        ("what", "value"),
        [("seconds to the first answer", ours.seconds), ("of CPU", ours.cpu_seconds)],
    )
    rows: list[list[object]] = []
    for name in ("list", "detail", "rsvp"):
        for count in crowd:
            middle = _compared(name, count, rounds, seconds, questions=questions, ours=ours.port, raw=raw.port)
            rows.append([name, count, *(round(rate) for rate in middle.values()), middle["tourpad"] / middle["bare"]])
            bench.report.say(f"{name} × {count}: {middle}")
    columns = ("what", "connections", "TourPad", "psycopg behind Litestar", "the bytes alone", "pgbench", "of psycopg")
    bench.report.table(
        "requests", f"Requests a second, {n:,} concerts", columns, rows, note=f"filled in {filled:.0f} s"
    )
    bench.report.table("memory", "Memory of the API after load", ("what", "MB"), [("resident", ours.memory_mb())])


def _compared(
    name: str, count: int, rounds: int, seconds: int, *, questions: Questions, ours: int, raw: int
) -> dict[str, float]:
    """The middle of some rounds, in which everybody has a turn."""
    took: dict[str, list[float]] = {who: [] for who in ("tourpad", "bare", "same bytes", "pgbench")}
    for _ in range(rounds):
        took["tourpad"].append(load.rate(ours, questions.http(name, signed_in=True), count, seconds))
        took["bare"].append(load.rate(raw, questions.http(name, signed_in=False), count, seconds))
        took["same bytes"].append(load.rate(raw, questions.bytes(name), count, seconds))
        took["pgbench"].append(questions.pgbench(name, count, seconds))
    return {who: median(values) for who, values in took.items()}
