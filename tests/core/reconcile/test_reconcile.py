"""Planted differences between Stripe and the books: each is found by its name, and nothing else is."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from tests.conftest import START
from tests.core.reconcile.seasons import Season, play
from tests.factories.payments import balances, begin, fresh, refund
from tests.factories.payouts import Show, fund
from tourpad.core.actors import operator
from tourpad.core.ids import new_id
from tourpad.core.ledger import rules as accounts
from tourpad.core.ledger import service as ledger
from tourpad.core.money import usd
from tourpad.core.payouts import queries as payout_queries
from tourpad.core.reconcile.procedures import Report, reconcile, reconcile_nightly

if TYPE_CHECKING:
    from tests.postgres import TestServer
    from tests.stripe_sandbox import Sandbox
    from tourpad.core.work import Work

ME = operator("test")


@pytest.fixture(scope="module")
def played(server: "TestServer", tmp_path_factory: pytest.TempPathFactory) -> Iterator[Season]:
    """The season that every test here has a copy of."""
    season = play(server, tmp_path_factory.mktemp("season"), START)
    yield season
    server.drop(season.url)


@pytest.fixture
def season(played: Season, tmp_path: Path) -> Iterator[tuple["Sandbox", Show]]:
    """A show that was paid, settled and paid out, a refund and a dispute that was won: all heard of."""
    with played.copy(tmp_path) as sandbox:
        yield sandbox, played.show


def look(sandbox: "Sandbox", **options: Any) -> Report:
    return reconcile(sandbox.platform, ME, **options)


def codes(report: Report) -> list[str]:
    return [finding.code for finding in report.findings]


def test_a_season_agrees_to_the_cent(season: tuple["Sandbox", Show]) -> None:
    sandbox, _ = season

    report = look(sandbox)

    assert [f.message for f in report.findings] == []
    assert report.ledger == report.balance == {"USD": balances(sandbox.platform)["stripe_balance"]}
    assert report.checked["transfers"] == 2
    assert report.checked["refunds"] == report.checked["disputes"] == 1
    again = look(sandbox)  # from two days before the last time that all was well
    assert again.since is not None
    assert again.is_clean


def post(work: "Work", cents: int, *, against: str, name: str | None) -> None:
    ledger.post(
        work,
        source_type=accounts.Source.BALANCE_TRANSACTION,
        source_id=str(new_id()),
        purpose="planted",
        lines=[(accounts.STRIPE_BALANCE, usd(cents)), (against, usd(-cents))],
        description="planted",
        details={"balance_transaction": name} if name else {},
    )


def a_cent_off(sandbox: "Sandbox", show: Show) -> list[str]:
    """Somebody posts a cent by hand."""
    with sandbox.platform.work(ME) as work:
        post(work, 1, against=accounts.STRIPE_FEES, name=None)
        work.commit()
    return ["journal_unproven", "ledger_sum", "cents_off"]


def a_transaction_that_never_was(sandbox: "Sandbox", show: Show) -> list[str]:
    with sandbox.platform.work(ME) as work:
        post(work, 1, against=accounts.STRIPE_FEES, name="txn_invented")
        work.commit()
    return ["journal_without_transaction", "ledger_sum", "cents_off"]


def posted_twice(sandbox: "Sandbox", show: Show) -> list[str]:
    name = next(iter(sandbox.stripe.list_balance_transactions()))["id"]
    with sandbox.platform.work(ME) as work:
        post(work, 7, against=accounts.STRIPE_FEES, name=name)
        work.commit()
    return ["posted_twice", "ledger_sum", "cents_off"]


def a_charge_that_nobody_heard_of(sandbox: "Sandbox", show: Show) -> list[str]:
    """Paid at Stripe; its events are lost."""
    sandbox.pay(begin(sandbox))
    sandbox.pending()
    return ["missing_journal"]


def a_refund_made_in_the_dashboard(sandbox: "Sandbox", show: Show) -> list[str]:
    charge = next(c for c in sandbox.stripe.list_balance_transactions(type="charge") if c["amount"] == 5000)
    sandbox.stripe.create_refund({"charge": charge["source"], "amount": 700}, key="by hand")
    sandbox.pending()
    return ["missing_journal", "unknown_refund"]


def a_transfer_made_in_the_dashboard(sandbox: "Sandbox", show: Show) -> list[str]:
    with sandbox.platform.work(ME) as work:
        payee = payout_queries.payee_of(work, show.host_user)
    assert payee is not None
    sandbox.stripe.create_transfer(
        {"amount": 100, "currency": "usd", "destination": payee.stripe_account_id}, key="by hand"
    )
    sandbox.news()
    return ["missing_journal", "unknown_transfer"]


def a_transfer_taken_back_unheard(sandbox: "Sandbox", show: Show) -> list[str]:
    transfer = next(iter(sandbox.stripe.list_transfers()))
    sandbox.stripe.reverse_transfer(transfer["id"], {"amount": 300}, key="by hand")
    sandbox.pending()
    return ["missing_journal", "transfer_differs"]


def a_dispute_that_nobody_heard_of(sandbox: "Sandbox", show: Show) -> list[str]:
    charge = fresh(sandbox.platform, show.payments[1]).stripe_charge_id
    sandbox.control(f"charges/{charge}/dispute", {})
    sandbox.pending()
    return ["missing_journal", "unknown_dispute"]


def a_payout_of_ours_unheard(sandbox: "Sandbox", show: Show) -> list[str]:
    sandbox.stripe.create_payout({"amount": 100, "currency": "usd"}, key="by hand")
    return ["missing_journal"]


def a_payee_who_can_no_longer_receive(sandbox: "Sandbox", show: Show) -> list[str]:
    with sandbox.platform.work(ME) as work:
        payee = payout_queries.payee_of(work, show.artist_user)
    assert payee is not None
    sandbox.control(f"accounts/{payee.stripe_account_id}/onboard", {"requirements": ["identity.individual.address"]})
    sandbox.pending()
    return ["payee_ability"]


def an_event_that_lies_about(sandbox: "Sandbox", show: Show) -> list[str]:
    sandbox.pay(begin(sandbox))
    sandbox.receive()
    sandbox.advance(timedelta(minutes=11))
    sandbox.pending()
    return ["missing_journal", *["event_unhandled"] * 2]


def an_event_that_was_given_up(sandbox: "Sandbox", show: Show) -> list[str]:
    an_event_that_lies_about(sandbox, show)
    change(sandbox, "UPDATE stripe_events SET item_state = 'dead', last_error = 'boom' WHERE item_state = 'waiting'")
    return ["missing_journal", *["event_dead"] * 2]


def a_refund_that_failed_unheard(sandbox: "Sandbox", show: Show) -> list[str]:
    charge = fresh(sandbox.platform, show.payments[1]).stripe_charge_id
    made = sandbox.stripe.create_refund({"charge": charge, "amount": 700}, key="by hand")
    sandbox.news()
    sandbox.control(f"refunds/{made['id']}/resolve", {"outcome": "failed"})
    sandbox.pending()
    return ["missing_journal", "refund_differs"]


def a_dispute_that_was_lost_unheard(sandbox: "Sandbox", show: Show) -> list[str]:
    charge = fresh(sandbox.platform, show.payments[1]).stripe_charge_id
    dispute = sandbox.control(f"charges/{charge}/dispute", {})
    sandbox.news()
    sandbox.control(f"disputes/{dispute['id']}/resolve", {"outcome": "lost"})
    sandbox.pending()
    return ["dispute_differs"]


def a_subscription_that_is_nobody_s_membership(sandbox: "Sandbox", show: Show) -> list[str]:
    """Somebody joined; nothing of it was heard."""
    from tests.factories import memberships

    memberships.pay(sandbox, memberships.begin(sandbox, memberships.make_joiner(sandbox.platform), "monthly"))
    sandbox.pending()
    return ["missing_journal", "unknown_subscription"]


def a_charge_made_twice(sandbox: "Sandbox", show: Show) -> list[str]:
    """Somebody charges the card again at the dashboard, for what is paid."""
    intent = sandbox.stripe.get_payment_intent(str(fresh(sandbox.platform, show.payments[1]).stripe_payment_intent_id))
    again = {name: intent[name] for name in ("amount", "currency", "customer", "metadata", "transfer_group")}
    more = {"payment_method": "pm_card_visa", "confirm": True, "off_session": True}
    sandbox.stripe.create_payment_intent({**again, **more}, key="again")
    return ["charged_twice"]


def a_charge_of_somebody_unknown(sandbox: "Sandbox", show: Show) -> list[str]:
    fund(sandbox.platform, 900)
    return ["unknown_charge"]


def a_kind_of_line_that_is_new(sandbox: "Sandbox", show: Show) -> list[str]:
    def plant(tx: Any) -> None:
        money.post(tx, "climate_order_purchase", amount=-5, source="climorder_1", currency="usd")

    from tourpad.sandbox import money

    at_stripe(sandbox, plant)
    return ["unknown_type"]


A_CENT_LESS = """
    UPDATE balances SET net = net - 1 WHERE account = '' AND available_on = (
        SELECT min(available_on) FROM balances WHERE account = '')
"""


def a_cent_off_at_stripe(sandbox: "Sandbox", show: Show) -> list[str]:
    """Stripe has changed a fee after the fact."""

    def plant(tx: Any) -> None:
        entry = tx.select("balance_transaction", {"type": "charge"})[0]
        tx.save({**entry, "fee": entry["fee"] + 1, "net": entry["net"] - 1})
        tx.db.execute(A_CENT_LESS)

    at_stripe(sandbox, plant)
    return ["amount_differs", "cents_off"]


def a_balance_that_is_not_its_sum(sandbox: "Sandbox", show: Show) -> list[str]:
    def plant(tx: Any) -> None:
        tx.db.execute(A_CENT_LESS)

    at_stripe(sandbox, plant)
    return ["balance_differs", "cents_off"]


def a_transfer_that_stripe_never_made(sandbox: "Sandbox", show: Show) -> list[str]:
    change(sandbox, "UPDATE payouts SET stripe_transfer_id = 'tr_never' WHERE side = 'host'")
    return ["transfer_missing", "unknown_transfer"]


def a_refund_that_stripe_never_made(sandbox: "Sandbox", show: Show) -> list[str]:
    change(sandbox, "UPDATE refunds SET stripe_refund_id = 're_never'")
    return ["refund_missing", "unknown_refund"]


def a_dispute_that_stripe_never_had(sandbox: "Sandbox", show: Show) -> list[str]:
    change(sandbox, "UPDATE disputes SET stripe_dispute_id = 'du_never'")
    return ["dispute_missing", "unknown_dispute"]


def a_payee_whom_stripe_does_not_know(sandbox: "Sandbox", show: Show) -> list[str]:
    change(sandbox, "UPDATE payees SET stripe_account_id = 'acct_never' WHERE user_id = :host", host=show.host_user)
    return ["payee_unknown"]


def a_charge_that_says_it_is_posted(sandbox: "Sandbox", show: Show) -> list[str]:
    change(sandbox, "UPDATE payments SET stripe_charge_id = 'ch_never' WHERE id = :id", id=show.payments[1])
    return ["charge_not_posted", "charge_unknown"]


def a_refund_that_is_forgotten(sandbox: "Sandbox", show: Show) -> list[str]:
    change(sandbox, "DELETE FROM refunds")
    return ["payment_returned", "unknown_refund"]


def a_refund_that_says_it_failed(sandbox: "Sandbox", show: Show) -> list[str]:
    """Planned, then changed by hand: its money stays in clearing."""
    refund_id = refund(sandbox.platform, show.payments[1], 700)
    change(sandbox, "UPDATE money_intents SET state = 'failed' WHERE subject_id = :id", id=refund_id)
    change(sandbox, "UPDATE refunds SET state = 'failed' WHERE id = :id", id=refund_id)
    return ["payment_returned", "refund_clearing"]


def a_posting_of_a_refund_that_is_not_there(sandbox: "Sandbox", show: Show) -> list[str]:
    with sandbox.platform.work(ME) as work:
        ledger.post(
            work,
            source_type=accounts.Source.REFUND,
            source_id=new_id(),
            purpose="intent",
            lines=[(accounts.REFUND_CLEARING, usd(-5)), (accounts.PLATFORM_REVENUE, usd(5))],
            description="planted",
        )
        work.commit()
    return ["refund_unknown"]


def a_dispute_that_holds_too_much(sandbox: "Sandbox", show: Show) -> list[str]:
    change(sandbox, "UPDATE disputes SET withdrawn_cents = withdrawn_cents + 5")
    return ["dispute_held"]


def a_posting_of_a_dispute_that_is_not_there(sandbox: "Sandbox", show: Show) -> list[str]:
    with sandbox.platform.work(ME) as work:
        ledger.post(
            work,
            source_type=accounts.Source.DISPUTE,
            source_id="du_never",
            purpose="planted",
            lines=[(accounts.DISPUTES_HELD, usd(5)), (accounts.PLATFORM_REVENUE, usd(-5))],
            description="planted",
        )
        work.commit()
    return ["dispute_unknown"]


def a_call_that_somebody_changed(sandbox: "Sandbox", show: Show) -> list[str]:
    refund(sandbox.platform, show.payments[1], 700)
    change(sandbox, "UPDATE money_intents SET params = jsonb_set(params, '{amount}', '7000') WHERE state = 'planned'")
    return ["call_changed"]


def a_payee_who_is_owed_something_else(sandbox: "Sandbox", show: Show) -> list[str]:
    with sandbox.platform.work(ME) as work:
        ledger.post(
            work,
            source_type=accounts.Source.TRANSFER,
            source_id="planted:1",
            purpose="intent",
            lines=[(accounts.payable(show.host_user), usd(5)), (accounts.PLATFORM_REVENUE, usd(-5))],
            description="planted",
        )
        work.commit()
    return ["payable_differs"]


def a_payout_that_is_not_its_parts(sandbox: "Sandbox", show: Show) -> list[str]:
    change(sandbox, "UPDATE payouts SET carried_cents = carried_cents + 5 WHERE side = 'host'")
    return ["payout_differs"]


def money_left_of_a_cancelled_show(sandbox: "Sandbox", show: Show) -> list[str]:
    from tests.factories.payments import make_due, paid
    from tests.factories.payouts import make_show

    with sandbox.platform.work(ME) as work:
        other = make_show(work, days_ago=1, state="cancelled", cancelled_by="artist")
        work.commit()
    paid(sandbox, make_due(1500, concert_id=other.concert_id))
    return ["held_on_cancelled"]


def change(sandbox: "Sandbox", statement: str, **values: Any) -> None:
    """Somebody writes to the database."""
    with sandbox.platform.work(ME) as work:
        work.session.execute(text(statement), values)
        work.commit()


def at_stripe(sandbox: "Sandbox", plant: Callable[[Any], None]) -> None:
    """Something happens inside of Stripe."""
    from tourpad.sandbox.store import Tx

    store = sandbox.running.store
    with store.transaction():
        plant(Tx(store, store.now()))


Plant = Callable[["Sandbox", Show], list[str]]
FIXABLE: list[Plant] = [
    a_charge_that_nobody_heard_of,
    a_refund_made_in_the_dashboard,
    a_refund_that_failed_unheard,
    a_transfer_taken_back_unheard,
    a_dispute_that_nobody_heard_of,
    a_dispute_that_was_lost_unheard,
    a_subscription_that_is_nobody_s_membership,
    a_payout_of_ours_unheard,
    a_payee_who_can_no_longer_receive,
    an_event_that_lies_about,
    an_event_that_was_given_up,
]
LASTING: list[Plant] = [
    a_cent_off,
    a_cent_off_at_stripe,
    a_balance_that_is_not_its_sum,
    a_transaction_that_never_was,
    a_kind_of_line_that_is_new,
    posted_twice,
    a_charge_made_twice,
    a_charge_of_somebody_unknown,
    a_charge_that_says_it_is_posted,
    a_transfer_made_in_the_dashboard,
    a_transfer_that_stripe_never_made,
    a_refund_that_stripe_never_made,
    a_refund_that_is_forgotten,
    a_refund_that_says_it_failed,
    a_posting_of_a_refund_that_is_not_there,
    a_dispute_that_stripe_never_had,
    a_dispute_that_holds_too_much,
    a_posting_of_a_dispute_that_is_not_there,
    a_call_that_somebody_changed,
    a_payee_whom_stripe_does_not_know,
    a_payee_who_is_owed_something_else,
    a_payout_that_is_not_its_parts,
    money_left_of_a_cancelled_show,
]


@pytest.mark.parametrize("plant", [*FIXABLE, *LASTING], ids=lambda f: f.__name__)
def test_what_was_planted_is_found_and_only_what_is_missing_is_mended(
    season: tuple["Sandbox", Show], plant: Callable[..., list[str]]
) -> None:
    sandbox, show = season
    expected = sorted(plant(sandbox, show))
    before = balances(sandbox.platform)

    report = look(sandbox)

    assert sorted(codes(report)) == expected
    assert all(finding.message.endswith(".") for finding in report.findings)
    assert [finding.code for finding in report.findings if not finding.hint] == []
    assert balances(sandbox.platform) == before  # looking changes nothing
    mended = look(sandbox, fix=True)
    if plant in FIXABLE:
        assert [f.message for f in mended.findings] == []
        assert sorted(f.code for f in mended.fixed) == expected
    else:
        assert sorted(codes(mended)) == expected


def test_events_that_have_just_come_are_given_time(season: tuple["Sandbox", Show]) -> None:
    sandbox, _ = season
    sandbox.pay(begin(sandbox))
    sandbox.receive()

    assert look(sandbox).is_clean
    sandbox.process()
    assert look(sandbox).is_clean


def test_money_stuck_in_clearing_is_told_after_an_hour(season: tuple["Sandbox", Show]) -> None:
    sandbox, show = season
    refund(sandbox.platform, show.payments[1], 1000)

    assert look(sandbox).is_clean
    sandbox.advance(timedelta(minutes=61))
    assert codes(look(sandbox)) == ["clearing_old"]


def test_a_membership_that_ended_unheard(sandbox: "Sandbox") -> None:
    from tests.factories.memberships import make_member
    from tourpad.core.memberships import queries as memberships
    from tourpad.core.memberships.states import MembershipState

    user_id = make_member(sandbox)
    assert look(sandbox).is_clean
    with sandbox.platform.work(ME) as work:
        membership = memberships.of_user(work, user_id)
    assert membership is not None
    sandbox.stripe.cancel_subscription(str(membership.stripe_subscription_id), key="by hand")
    sandbox.pending()

    assert codes(look(sandbox)) == ["membership_status"]
    assert look(sandbox, fix=True).is_clean
    with sandbox.platform.work(ME) as work:
        membership = memberships.of_user(work, user_id)
    assert membership is not None
    assert membership.state is MembershipState.EXPIRED


def test_the_nightly_job_counts(season: tuple["Sandbox", Show]) -> None:
    sandbox, show = season
    a_charge_that_nobody_heard_of(sandbox, show)

    counts = reconcile_nightly(sandbox.platform, ME, patience=timedelta(milliseconds=1))

    assert (counts["findings"], counts["fixed"]) == (0, 1)
