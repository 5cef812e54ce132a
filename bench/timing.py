"""Whether the time of an answer tells that a mail address is known: sign-in, registration, and both mailed links.

A real server in a process of its own; known and unknown addresses of a route take turns on one connection, so that
what else the machine does falls on both. Answers wait for a floor, so three routes are asked beside each other: all of
them at 200 tries each take five minutes instead of fourteen.
"""

import os
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import httpx

from bench.harness import Bench, median

PASSWORD = "seven green lanterns"  # noqa: S105 - of nobody
WRONG = "eight green lanterns"
VERIFIED, WAITING, OLD = "verified@shows.test", "waiting@shows.test", "old@shows.test"
MOST = 5.0
"""Per cent that two medians may be apart."""
AT_ONCE = 3
"""Routes beside each other: their work is a fraction of the floor that their answers wait for."""
Route = tuple[str, list[dict[str, Any]], list[dict[str, Any]]]
"""What it is called, and what is sent: with known addresses, and with unknown ones."""
Row = tuple[Any, ...]
_SERVE = (sys.executable, "-c", "from tourpad.cli.main import run; run()", "api", "serve", "--port", "0")


def run(bench: Bench, n: int = 200) -> str | None:
    """Ask each route `n` times with a known and `n` times with an unknown address, in turn.

    Args:
        bench: where.
        n: times each.

    Returns:
        Which routes tell: their medians are more than 5 % apart.

    Raises:
        RuntimeError: the answers differ.
    """
    url = bench.database()
    address = _serve(bench, url)
    with httpx.Client(base_url=address, timeout=30) as http:
        _people(url, http)

    def measured(route: Route) -> Row:
        with httpx.Client(base_url=address, timeout=30) as http:
            row = _measure(http, *route)
        bench.report.say(f"{route[0]}: {row[-1]:.1f} % apart")
        return row

    with ThreadPoolExecutor(AT_ONCE) as lanes:
        rows = list(lanes.map(measured, _routes(n)))
    columns = ("route", "times each", "known ms", "unknown ms", "per cent apart")
    note = f"Medians of turns; at most {MOST:.0f} % apart. A sign-in fails with the right address and a wrong password."
    bench.report.table("timing", "Does the time tell that an address is known?", columns, rows, note)
    telling = [row[0] for row in rows if row[-1] > MOST]
    return f"The time tells: {', '.join(telling)}" if telling else None


def _routes(n: int) -> list[Route]:
    def register(email: str) -> dict[str, Any]:
        return {"email": email, "password": PASSWORD, "name": "Nobody Much", "userType": "fan"}

    new = [f"new-{number}@shows.test" for number in range(n)]
    nobody = [f"nobody-{number}@shows.test" for number in range(n)]
    return [
        (
            "/api/auth/login",
            [{"email": VERIFIED, "password": WRONG}] * n,
            [{"email": email, "password": WRONG} for email in nobody],
        ),
        (
            "/api/auth/login, an old hash",
            [{"email": OLD, "password": WRONG}] * n,
            [{"email": email, "password": WRONG} for email in nobody],
        ),
        ("/api/auth/register", [register(VERIFIED)] * n, [register(email) for email in new]),
        ("/api/auth/password/forgot", [{"email": VERIFIED}] * n, [{"email": email} for email in nobody]),
        ("/api/auth/verify-email/resend", [{"email": WAITING}] * n, [{"email": email} for email in nobody]),
    ]


def _measure(http: httpx.Client, name: str, known: list[dict[str, Any]], unknown: list[dict[str, Any]]) -> Row:
    path = name.partition(",")[0]
    for body in (known[0], {**unknown[0], "email": "warm@shows.test"}) * 5:
        http.post(path, json=body)
    times: tuple[list[float], list[float]] = ([], [])
    statuses: tuple[set[int], set[int]] = (set(), set())
    for number, pair in enumerate(zip(known, unknown, strict=True)):
        # Which of both comes first takes turns as well.
        for side in (0, 1) if number % 2 else (1, 0):
            began = time.perf_counter()
            answer = http.post(path, json=pair[side])
            times[side].append((time.perf_counter() - began) * 1000)
            statuses[side].add(answer.status_code)
    if statuses[0] != statuses[1] or len(statuses[0]) > 1:
        raise RuntimeError(f"{name} answers {statuses[0]} to known addresses, {statuses[1]} to unknown ones")
    first, second = median(times[0]), median(times[1])
    return name, len(known), first, second, abs(first - second) / min(first, second) * 100


def _people(url: str, http: httpx.Client) -> None:
    import bcrypt
    import psycopg

    for email in (VERIFIED, WAITING, OLD):
        body = {"email": email, "password": PASSWORD, "name": "Somebody Known", "userType": "fan"}
        http.post("/api/auth/register", json=body).raise_for_status()
    with psycopg.connect(url) as connection:
        connection.execute(
            "UPDATE users SET email_verified_at = now(), state = 'approved' WHERE email IN (%s, %s)", (VERIFIED, OLD)
        )
        connection.execute(
            "UPDATE credentials SET password_hash = %s WHERE user_id = (SELECT id FROM users WHERE email = %s)",
            (bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(12)).decode(), OLD),
        )


def _serve(bench: Bench, url: str) -> str:
    """Start a server with the product's own cost of a password and without limits; answers its address."""
    environment = {
        **os.environ,
        "TOURPAD_ENV": "test",
        "TOURPAD_HOME": str(bench.folder / "home"),
        "TOURPAD_SECRET": "a secret of a benchmark that is long enough to sign with",
        "TOURPAD_RATE_LIMITS": "false",
        "DATABASE_URL": url,
    }
    server = subprocess.Popen(
        _SERVE, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=bench.folder
    )

    def stop() -> None:
        server.terminate()
        with suppress(subprocess.TimeoutExpired):
            server.wait(20)

    bench.defer(stop)
    line = server.stdout.readline() if server.stdout else ""
    found = re.search(r"http://127\.0\.0\.1:\d+", line)
    if found is None:
        raise RuntimeError(line)
    return found[0]
