"""A full inbox: how fast it drains, by how many workers, and how much of that is Stripe's (here the sandbox's) time."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec
import psycopg

from bench.bulk import written
from bench.harness import Bench
from bench.money.world import PRICE, StripeWorld, copy_rows, open_platform
from bench.processes import SandboxProcess, run_together

PAYMENT = "0" * 32
"""Stands for our payment's id in the objects that are copied."""


def run(bench: Bench, events: int, *, crews: Sequence[int]) -> None:
    """Drain `events` events of half as many door fees: each payment's success, and its charge's balance transaction.

    `crews` of so many workers follow one another; each gets its share of the events.
    """
    payments = events // 2
    bench.report.say(f"{events:,} events: making {payments:,} payments")
    database = bench.database()
    stripe = StripeWorld(bench, "stripe-webhooks")
    stripe.start()
    intent = stripe.api().create_payment_intent(
        {
            "amount": PRICE,
            "currency": "usd",
            "confirm": True,
            "payment_method": "pm_card_visa",
            "off_session": True,
            "metadata": {"charge_id": PAYMENT, "kind": "door_fee"},
        },
        key="bench-door-fee",
    )
    found = stripe.api().get_payment_intent(intent["id"], expand=("latest_charge.balance_transaction",))
    stripe.stop()
    originals = [found["id"], found["latest_charge"]["id"], found["latest_charge"]["balance_transaction"]["id"]]
    told = [msgspec.json.decode(event) for event in stripe.objects("event")]
    wanted = [event for event in told if event["type"] in ("payment_intent.succeeded", "charge.updated")]
    ids = _make_payments(database, payments, intent=originals[0], events=wanted)
    stripe.copy_objects(
        originals,
        (
            {PAYMENT: payment, **{name: f"{name}x{number}" for name in originals}}
            for number, payment in enumerate(ids, 1)
        ),
    )
    process = stripe.start()
    rows: list[list[Any]] = []
    begin = 0
    for place, crew in enumerate(crews):
        # More for larger crews, and what is left for the last one.
        until = payments if crew == crews[-1] else begin + payments * (place + 1) // sum(range(1, len(crews) + 1))
        rows.append(_drain(bench, database, process, crew, range(begin, until)))
        begin = until
    alone = _fetch_rate(process, originals[0], min(payments, 500))
    bench.report.table(
        "webhooks",
        f"{events:,} webhooks in the inbox, drained",
        [
            "workers",
            "events",
            "seconds",
            "events a second",
            "worker core ms an event",
            "sandbox core ms an event",
            "sandbox of both",
        ],
        rows,
        f"fetching alone, 4 at a time by one process: {alone:,.0f} objects a second",
    )
    bench.report.table("webhooks_checked", "What is there afterwards", *_check(database, payments))
    stripe.stop()


def _drain(bench: Bench, database: str, process: SandboxProcess, crew: int, which: range) -> list[Any]:
    bench.report.say(f"{2 * len(which):,} events, {crew} at work")
    with psycopg.connect(database) as connection:
        connection.execute(
            "UPDATE stripe_events AS e SET due_at = received_at FROM bench_seats AS s"
            " WHERE s.i > %s AND s.i <= %s AND e.object_id IN (s.intent, s.charge)",
            (which.start, which.stop),
        )
        connection.commit()
        connection.autocommit = True
        connection.execute("VACUUM ANALYZE stripe_events")
    before = process.cpu_seconds()
    done, seconds = run_together(_work, [(database, process.url)] * crew)
    events = sum(worker.result["processed"] for worker in done)
    own = 1000 * sum(worker.cpu_seconds for worker in done) / events
    theirs = 1000 * (process.cpu_seconds() - before) / events
    return [crew, events, seconds, events / seconds, own, theirs, theirs / (own + theirs)]


def _work(begin: Callable[[], None], database: str, stripe: str) -> dict[str, int]:
    """One worker: open, wait for the others, drain."""
    from tourpad.core.actors import STRIPE
    from tourpad.core.payments.inbox import procedures

    platform = open_platform(database, stripe)
    with platform.work(STRIPE) as work:
        assert work.now
    platform.stripe.get_balance()
    begin()
    return procedures.work_inbox(platform, STRIPE)


def _make_payments(database: str, count: int, *, intent: str, events: Sequence[dict[str, Any]]) -> list[str]:
    """Seats that wait for their door fee, each with a payment and two events that are not due yet; payments' ids."""
    from tests.factories.concerts import ask, fan_of, make_concert
    from tourpad.core.actors import operator
    from tourpad.core.concerts.models import Concert
    from tourpad.core.money import usd
    from tourpad.core.payments import queries, service
    from tourpad.core.payments.rules import Due
    from tourpad.core.payments.states import PaymentKind

    platform = open_platform(database, "http://127.0.0.1:9")
    with platform.work(operator("bench")) as work:
        concert = make_concert(work)
        rsvp = ask(work, concert)
        fan, person, booking = rsvp.fan_id, fan_of(work, rsvp), work.session.get_one(Concert, concert.id).booking_id
        due = Due(
            kind=PaymentKind.DOOR_FEE,
            reference_type="rsvp",
            reference_id=rsvp.id,
            concert_id=concert.id,
            amount=usd(PRICE),
            description="Door fee",
        )
        payment = service.open_payment(work, due=due, user_id=person)
        for event in events:
            service.store_event(work, event, endpoint=service.PLATFORM)
        work.session.flush()
        stored = [queries.event_for_update(work, event["id"]) for event in events]
        templates = [(row.id, row.type) for row in stored if row is not None]
        work.commit()
    platform.close()
    side = int(count**0.5) + 1
    charge = next(str(e["data"]["object"]["id"]) for e in events if e["type"] == "charge.updated")
    with psycopg.connect(database) as connection:
        connection.execute(
            "CREATE TABLE bench_people AS SELECT i, uuidv7() AS person, uuidv7() AS fan"
            " FROM generate_series(0, %s) AS i",
            (side,),
        )
        connection.execute(
            "CREATE TABLE bench_shows AS SELECT i, uuidv7() AS concert, uuidv7() AS booking"
            " FROM generate_series(0, %s) AS i",
            (side,),
        )
        seats = (
            f"CREATE TABLE bench_seats AS SELECT n AS i, uuidv7() AS rsvp, uuidv7() AS payment, p.person, p.fan,"
            f" s.concert, '{intent}x' || n AS intent, '{charge}x' || n AS charge FROM generate_series(1, {count}) AS n"
            f" JOIN bench_people p ON p.i = n % {side} JOIN bench_shows s ON s.i = n / {side}"
        )
        connection.execute(written(seats))
        copy_rows(connection, "users", person, "bench_people", id="c.person", email="'fan-' || c.i || '@bench.example'")
        copy_rows(connection, "fans", fan, "bench_people", id="c.fan", user_id="c.person")
        copy_rows(
            connection,
            "bookings",
            booking,
            "bench_shows",
            id="c.booking",
            concert_id="c.concert",
            requested_date="o.requested_date + row_number() OVER ()::int",
        )
        copy_rows(connection, "concerts", concert.id, "bench_shows", id="c.concert", booking_id="c.booking")
        copy_rows(connection, "rsvps", rsvp.id, "bench_seats", id="c.rsvp", fan_id="c.fan", concert_id="c.concert")
        copy_rows(
            connection,
            "payments",
            payment.id,
            "bench_seats",
            id="c.payment",
            user_id="c.person",
            reference_id="c.rsvp",
            concert_id="c.concert",
            stripe_payment_intent_id="c.intent",
        )
        for template, type in templates:
            about = "c.intent" if type == "payment_intent.succeeded" else "c.charge"
            copy_rows(
                connection,
                "stripe_events",
                template,
                "bench_seats",
                id="uuidv7()",
                stripe_event_id="o.stripe_event_id || c.i",
                object_id=about,
                due_at="'infinity'",
                payload=f"replace(replace(replace(o.payload::text, '{intent}', c.intent), '{charge}', c.charge),"
                f" '{PAYMENT}', c.payment::text)::jsonb",
            )
            connection.execute("DELETE FROM stripe_events WHERE id = %s", (template,))
        connection.execute("CREATE INDEX ON bench_seats (intent)")
        connection.execute("CREATE INDEX ON stripe_events (object_id)")
        ids = connection.execute("SELECT payment FROM bench_seats ORDER BY i").fetchall()
        connection.commit()
        connection.autocommit = True
        connection.execute("VACUUM ANALYZE")
    return [str(row[0]) for row in ids]


def _fetch_rate(process: SandboxProcess, intent: str, count: int) -> float:
    """Objects a second that one process fetches, as the worker does, doing nothing with them."""
    from tourpad.core.gateways.stripe.client import StripeApi
    from tourpad.core.payments.inbox.subjects import PAID
    from tourpad.core.settings import SANDBOX_SECRET_KEY

    stripe = StripeApi(SANDBOX_SECRET_KEY, base_url=process.url, is_sandbox=True)
    names, began = [f"{intent}x{number}" for number in range(1, count + 1)], time.monotonic()
    with ThreadPoolExecutor(4) as pool:
        for _ in pool.map(lambda name: stripe.get_payment_intent(name, expand=PAID), names):
            pass
    return len(names) / (time.monotonic() - began)


def _check(database: str, payments: int) -> tuple[list[str], list[list[Any]]]:
    """All done, each payment completed and posted once, each seat paid."""
    with psycopg.connect(database) as connection:
        row = connection.execute(
            "SELECT (SELECT count(*) FROM stripe_events WHERE item_state <> 'done'),"
            " (SELECT count(*) FROM payments WHERE state = 'completed'),"
            " (SELECT count(*) FROM ledger_journals WHERE purpose = 'paid'),"
            " (SELECT count(*) FROM rsvps WHERE paid_at IS NOT NULL),"
            " (SELECT count(*) FROM ("
            "   SELECT journal_id FROM ledger_lines GROUP BY journal_id HAVING sum(amount_cents) <> 0"
            " ) AS off)"
        ).fetchone()
    assert row is not None
    columns = ["payments", "events left", "completed", "posted", "seats paid", "journals off"]
    return columns, [[payments, *row]]
