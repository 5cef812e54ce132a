"""Due payouts against a Stripe that takes its time: the rate beside the permitted one, and whether memory grows."""

from collections.abc import Callable
from typing import Any

import psycopg

from bench.harness import Bench, median
from bench.money.world import StripeWorld, copy_rows, open_platform, post_many
from bench.processes import Worker, run_together

CENTS = 3_000
"""Each payout, above the minimum."""
ACCOUNT_CALL = {
    "contact_email": "payee@bench.example",
    "display_name": "Payee",
    "dashboard": "express",
    "identity": {"country": "us"},
    "configuration": {"recipient": {"capabilities": {"stripe_balance": {"stripe_transfers": {"requested": True}}}}},
    "defaults": {
        "currency": "usd",
        "responsibilities": {"fees_collector": "application", "losses_collector": "application"},
    },
}


def run(bench: Bench, n: int, *, workers: int, rate: int, answer_ms: int) -> None:
    """Send `n` payouts to half as many payees by some processes, and look whether all arrived once."""
    bench.report.say(f"{n:,} due payouts: making them")
    database = bench.database()
    stripe = StripeWorld(bench, "stripe-payouts")
    stripe.start()
    account = stripe.api().create_account(dict(ACCOUNT_CALL), key="bench-account")["id"]
    stripe.control(f"accounts/{account}/onboard", {})
    _fund(stripe, n * CENTS)
    stripe.stop()
    stripe.copy_objects([account], ({account: f"acct_bench{number}"} for number in range(1, n // 2 + 2)))
    _make_payouts(database, n)
    process = stripe.start()
    stripe.control("faults", {"operation": "POST /v1/transfers", "fault": "delay", "seconds": answer_ms / 1000})

    bench.report.say(f"{n:,} due payouts: {workers} processes send them, {n / rate:,.0f} s at the least")
    done, seconds = run_together(_send, [(database, process.url, rate)] * workers)
    found = _check(database, process.url)
    reached = n / seconds
    bench.report.table(
        "payouts",
        f"{n:,} due payouts, {workers} processes, Stripe answers in {answer_ms} ms",
        [
            "processes",
            "seconds",
            "sent a second",
            "permitted",
            "of permitted",
            "of it in the middle",
            "sandbox core seconds",
            "worker core seconds",
        ],
        [
            [
                workers,
                seconds,
                reached,
                rate,
                reached / rate,
                _middle(database) / rate,
                process.cpu_seconds(),
                sum(worker.cpu_seconds for worker in done),
            ]
        ],
    )
    bench.report.table(
        "payouts_memory",
        "Memory of each process over the run, MB",
        ["process", "sent", "after a tenth", "half way", "at the end", "growth"],
        [_memory(number, worker) for number, worker in enumerate(done, 1)],
    )
    bench.report.table("payouts_checked", "What is there afterwards", list(found), [list(found.values())])
    stripe.stop()


def _send(begin: Callable[[], None], database: str, stripe: str, rate: int) -> dict[str, int]:
    """One process: open, wait for the others, send."""
    from tourpad.core.actors import operator
    from tourpad.core.payouts import procedures

    platform = open_platform(database, stripe, TOURPAD_STRIPE_RATE=str(rate))
    with platform.work(operator("bench")) as work:
        assert work.now
    platform.stripe.get_balance()
    begin()
    return procedures.run_payouts(platform, operator("bench")).counts


def _memory(number: int, worker: Worker) -> list[Any]:
    seen = worker.memory_mb or [0.0]
    early = median(seen[len(seen) // 10 : len(seen) // 10 + 5])
    middle = median(seen[len(seen) // 2 : len(seen) // 2 + 5])
    late = median(seen[-5:])
    return [number, worker.result["sent"], early, middle, late, late - early]


def _fund(stripe: StripeWorld, cents: int) -> None:
    """At least so much that can be sent at once."""
    most, number = 90_000_000, 0
    left = cents
    while left > 0:
        number += 1
        part = min(most, left * 105 // 100 + 1_000)
        stripe.api().create_payment_intent(
            {
                "amount": part,
                "currency": "usd",
                "confirm": True,
                "payment_method": "pm_card_bypassPending",
                "off_session": True,
            },
            key=f"bench-fund-{number}",
        )
        left -= part * 95 // 100


def _make_payouts(database: str, n: int) -> None:
    """One settled show by the verbs, and `n` copies: each with its concert, its journals and one due payout."""
    from tests.factories.payouts import make_payee, make_show
    from tourpad.core.actors import operator
    from tourpad.core.payouts import queries, service

    platform = open_platform(database, "http://127.0.0.1:9")
    with platform.work(operator("bench")) as work:
        show = make_show(work, days_ago=10, door=(1500,) * 10)
        service.settle(work, concert_id=show.concert_id)
        payee = make_payee(work, show.artist_user).id
        opened = queries.open_payouts(work, [show.artist_user])
        payout, booking = opened[0].payout.id, show.concert_id
        work.commit()
    platform.close()
    with psycopg.connect(database) as connection:
        connection.execute(
            "CREATE TABLE bench_people AS SELECT i, uuidv7() AS person FROM generate_series(1, %s) AS i", (n // 2 + 1,)
        )
        connection.execute(
            "CREATE TABLE bench_shows AS SELECT i, uuidv7() AS concert, uuidv7() AS booking, person"
            " FROM generate_series(1, %s) AS s (n) JOIN bench_people ON i = n / 2 + 1",
            (n,),
        )
        booking = connection.execute("SELECT booking_id FROM concerts WHERE id = %s", (show.concert_id,)).fetchone()
        assert booking is not None
        copy_rows(
            connection,
            "users",
            show.artist_user,
            "bench_people",
            id="c.person",
            email="'payee-' || c.i || '@bench.example'",
        )
        copy_rows(
            connection,
            "payees",
            payee,
            "bench_people",
            id="uuidv7()",
            user_id="c.person",
            stripe_account_id="'acct_bench' || c.i",
        )
        copy_rows(
            connection,
            "bookings",
            booking[0],
            "bench_shows",
            id="c.booking",
            concert_id="c.concert",
            requested_date="o.requested_date - row_number() OVER ()::int",
        )
        copy_rows(connection, "concerts", show.concert_id, "bench_shows", id="c.concert", booking_id="c.booking")
        copy_rows(
            connection,
            "payouts",
            payout,
            "bench_shows",
            id="uuidv7()",
            concert_id="c.concert",
            user_id="c.person",
            earned_cents=str(CENTS),
            amount_cents=str(CENTS),
        )
        post_many(
            connection,
            "charge",
            "paid",
            "bench_shows",
            f"VALUES ('stripe_balance', {CENTS}), ('held:' || c.concert, -{CENTS})",
        )
        post_many(
            connection,
            "settlement",
            "settled",
            "bench_shows",
            f"VALUES ('held:' || c.concert, {CENTS}), ('payable:' || c.person, -{CENTS})",
        )
        # The show that was copied has done its work.
        connection.execute(
            "UPDATE payouts SET state = 'held', hold_reason = 'manual' WHERE concert_id = %s", (show.concert_id,)
        )
        connection.commit()
        connection.autocommit = True
        connection.execute("ANALYZE")


def _middle(database: str) -> float:
    """Payouts recorded a second from the first tenth of them to the last: without beginning and end."""
    with psycopg.connect(database) as connection:
        row = connection.execute(
            "SELECT count(*) * 0.8, extract(epoch FROM percentile_disc(0.9) WITHIN GROUP (ORDER BY sent_at)"
            " - percentile_disc(0.1) WITHIN GROUP (ORDER BY sent_at)) FROM payouts WHERE state = 'sent'"
        ).fetchone()
    return float(row[0]) / float(row[1]) if row and row[1] else 0.0


def _check(database: str, stripe: str) -> dict[str, Any]:
    """Sent once each, and every account where it must be."""
    from tourpad.core.actors import operator
    from tourpad.core.ledger import service as ledger

    platform = open_platform(database, stripe)
    with platform.work(operator("bench")) as work:
        standing = dict(ledger.balances(work, prefix="transfer_clearing"))
        findings = ledger.verify(work)
    with psycopg.connect(database) as connection:
        counted = connection.execute(
            "SELECT count(*) FILTER (WHERE state = 'sent'), count(DISTINCT stripe_transfer_id),"
            " (SELECT count(*) FROM ledger_journals WHERE source_type = 'transfer' AND purpose = 'failed'),"
            " (SELECT count(*) FROM money_intents WHERE tries > 1 OR attempt > 1) FROM payouts"
        ).fetchone()
    assert counted is not None
    made = list(platform.stripe.list_transfers())
    platform.close()
    return {
        "sent": counted[0],
        "transfers at Stripe": len(made),
        "payouts with their own": len({transfer["metadata"]["payout_id"] for transfer in made}),
        "refused": counted[2],
        "tried twice": counted[3],
        "in clearing": sum(amount.cents for amount in standing.values()),
        "ledger findings": len(findings),
    }
