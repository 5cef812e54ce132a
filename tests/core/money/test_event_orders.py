"""Stripe's events come late, twice and in any order: every order of a story ends in the same state."""

from collections.abc import Generator
from contextlib import contextmanager
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings
from sqlalchemy import text

from tests.core.money.orders import Fact, Savepoints, Story, Telling, record
from tests.factories.payments import ACTOR, begin, make_due
from tests.factories.profiles import make_person
from tourpad.core.work import Work

if TYPE_CHECKING:
    from tests.stripe_sandbox import Sandbox

CHARGE = ("payment_intent.succeeded", "charge.updated")


def ending(work: Work) -> Fact:
    """All that an order may not change: states, sums, what is on each account, who was told what."""
    row = work.session.execute(text(ENDING)).one()
    return tuple(row)


def facts(table: str, *columns: str) -> str:
    line = " || ' ' || ".join(f"coalesce({column}::text, '-')" for column in columns)
    return f"(SELECT coalesce(string_agg(line, '; ' ORDER BY line), '') FROM (SELECT {line} AS line FROM {table}) t)"  # noqa: S608


MADE_UP = "'[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}', '…', 'g'"
MONEY = (
    facts(
        "payments",
        *("state", "amount_cents", "refunded_cents", "lost_cents", "fee_cents", "failure_code", "stripe_charge_id"),
        # A membership's payment is made of the news itself: its id, and so its number, is new each time.
        *("stripe_balance_transaction_id", "CASE kind WHEN 'membership' THEN '' ELSE receipt_number END"),
    ),
    facts("refunds", "stripe_refund_id", "amount_cents", "state", "failure_reason"),
    facts("disputes", "stripe_dispute_id", "state", "amount_cents", "withdrawn_cents", "fee_cents", "lost_cents"),
    facts("stripe_balance_transactions", "stripe_id", "net_cents", "(journal_id IS NOT NULL)"),
    facts("memberships", "state", "plan_code", "stripe_subscription_id", "current_period_end", "cancels_at"),
    facts("users", "id", "state"),
    # Of a refund that failed its payer may have been told before, when it was on its way; and of a membership that
    # was over when its first news came, nobody is told that it begins.
    facts(
        "mails WHERE template NOT IN ('membership_begun', 'membership_ended') AND "
        "(template <> 'payment_refunded' OR NOT EXISTS (SELECT 1 FROM refunds WHERE state = 'failed'))",
        *("template", f"regexp_replace(dedupe_key, {MADE_UP})"),
    ),
)
ENDING = "SELECT " + ", ".join(  # noqa: S608 - our own words
    (
        *MONEY,
        facts(
            "(SELECT account, sum(amount_cents) AS cents FROM ledger_lines GROUP BY 1 HAVING sum(amount_cents) <> 0) b",
            "account",
            "cents",
        ),
        facts("stripe_events", "stripe_event_id", "item_state"),
    )
)
STANDING = "SELECT " + ", ".join(
    (
        *MONEY,
        facts(
            "ledger_lines JOIN ledger_journals j ON j.id = journal_id",
            *("source_type", f"regexp_replace(source_id, {MADE_UP})", "purpose", "account", "amount_cents"),
        ),
        facts("money_intents", "id", "state", "attempt", "tries"),
        facts("stripe_events WHERE item_state <> 'done'", "stripe_event_id", "item_state"),
    )
)


def standing(work: Work) -> Fact:
    """All that what comes next can depend on: the rows as in `ENDING`, each posting, and what waits, in its order."""
    return tuple(work.session.execute(text(STANDING)).one())


@contextmanager
def telling(sandbox: "Sandbox", story: Story) -> Generator[Savepoints]:
    """The sandbox's platform, as it stands, with savepoints for units of work; all is undone at the end."""
    with sandbox.platform.engine.connect() as connection, connection.begin() as outer:
        yield Savepoints(
            connection=connection, settings=sandbox.platform.settings, clock=sandbox.clock, stripe=story.stripe
        )
        outer.rollback()


def paid_refunded_disputed(
    sandbox: "Sandbox", *, refund: str, disputed: int, outcome: str, telling: tuple[str, ...]
) -> Story:
    """$15 are paid; $4 go back by the dashboard, and come through or not; the bank takes money back, too."""
    with sandbox.platform.work(ACTOR) as work:
        make_person(work, "admin", state="active")
        work.commit()
    payment = begin(sandbox, make_due(1500))
    seen: dict[str, str] = {}

    def pay() -> None:
        seen["charge"] = sandbox.pay(payment, "pm_card_pendingRefund")["latest_charge"]

    def give_back() -> None:
        seen["refund"] = sandbox.stripe.create_refund({"charge": seen["charge"], "amount": 400}, key="by hand")["id"]

    def dispute() -> None:
        seen["dispute"] = sandbox.control(f"charges/{seen['charge']}/dispute", {"amount": disputed})["id"]

    return record(
        sandbox,
        [
            pay,
            give_back,
            lambda: sandbox.control(f"refunds/{seen['refund']}/resolve", {"outcome": refund}),
            dispute,
            lambda: sandbox.control(f"disputes/{seen['dispute']}/resolve", {"outcome": outcome}),
        ],
        telling=telling,
    )


REFUND = ("refund.created", "refund.updated")
DISPUTE = ("charge.dispute.created", "charge.dispute.closed")
IS_LONG = settings.get_current_profile_name() == "long"


@pytest.mark.parametrize("mishaps", [None, Random(1)], ids=["once, as early as can be", "twice, late, in batches"])
def test_every_order_of_six_events_ends_the_same(sandbox: "Sandbox", mishaps: Random | None) -> None:
    """720 orders; a refund that is told before its charge, a dispute that is told closed before it was opened."""
    story = paid_refunded_disputed(
        sandbox, refund="succeeded", disputed=1100, outcome="lost", telling=(*CHARGE, *REFUND, *DISPUTE)
    )
    with telling(sandbox, story) as platform:
        # With the profile `long` each order is told from its beginning to its end.
        all_of_them = Telling(story, platform, ending, None if IS_LONG else standing, mishaps)
        endings = all_of_them.every_order()
        held_up = Telling(story, platform, ending, mishaps=mishaps, from_the_end=True)
        endings += held_up.orders(720 if IS_LONG else 4, Random(2))

    assert endings.total() == (1440 if IS_LONG else 724)
    ((payment, refunds, disputes, *_),) = endings
    assert payment.startswith("refunded 1500 400 1100 74 ")
    assert refunds.endswith(" 400 succeeded -")
    assert " lost 1100 1100 1500 1100" in disputes


@pytest.mark.parametrize(
    ("refund", "disputed", "outcome", "telling_of"),
    [
        ("failed", 1500, "won", (*CHARGE, "refund.created", "refund.failed", *DISPUTE)),
        ("failed", 1500, "lost", (*CHARGE, "refund.created", "refund.failed", *DISPUTE)),
        ("succeeded", 1500, "lost", (*CHARGE, *REFUND, *DISPUTE)),
        ("succeeded", 1600, "won", (CHARGE[0], *REFUND, DISPUTE[0], "charge.dispute.funds_reinstated", DISPUTE[1])),
    ],
    ids=[
        "a refund that failed",
        "a refund that failed, and all was lost",
        "more disputed than was left",
        "more disputed than was paid",
    ],
)
def test_other_stories_end_the_same(
    sandbox: "Sandbox", refund: str, disputed: int, outcome: str, telling_of: tuple[str, ...]
) -> None:
    story = paid_refunded_disputed(sandbox, refund=refund, disputed=disputed, outcome=outcome, telling=telling_of)
    with telling(sandbox, story) as platform:
        for mishaps in (None, Random(3)):
            once = Telling(story, platform, ending, mishaps=mishaps)
            endings = once.orders(720 if IS_LONG else 5, Random(4))
            endings += Telling(story, platform, ending, from_the_end=True).orders(1, Random(5))
            assert len(endings) == 1, endings
            assert "dead" not in str(endings)


def test_a_membership_s_story_ends_the_same(sandbox: "Sandbox") -> None:
    """Somebody joins, is renewed, and is ended at Stripe: told in any order, access is what it is at the end."""
    from tests.factories import memberships

    page = memberships.begin(sandbox, memberships.make_joiner(sandbox.platform), "monthly")

    def end() -> None:
        (subscription,) = sandbox.stripe.list_subscriptions()
        sandbox.stripe.cancel_subscription(subscription["id"], key="by hand")

    story = record(
        sandbox,
        [lambda: memberships.pay(sandbox, page), lambda: sandbox.advance(timedelta(days=31, hours=2)), end],
        telling=(
            *("checkout.session.completed", "customer.subscription.created", "invoice.paid"),
            *("customer.subscription.updated", "invoice.paid", "customer.subscription.deleted"),
        ),
    )
    with telling(sandbox, story) as platform:
        endings = Telling(story, platform, ending).orders(720 if IS_LONG else 6, Random(6))
        endings += Telling(story, platform, ending, mishaps=Random(7)).orders(720 if IS_LONG else 6, Random(8))
        endings += Telling(story, platform, ending, from_the_end=True).orders(720 if IS_LONG else 2, Random(9))
    assert len(endings) == 1, endings
