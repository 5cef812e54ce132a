"""Postings in a real database: once, balanced, for ever; and the guards that say so below the code."""

import threading
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from tourpad.core.actors import operator
from tourpad.core.ids import new_id
from tourpad.core.ledger import rules
from tourpad.core.ledger import service as ledger
from tourpad.core.ledger.errors import PostingDiffersError, UnbalancedError, UnknownAccountError
from tourpad.core.ledger.queries import JournalFilter
from tourpad.core.money import usd

if TYPE_CHECKING:
    from tourpad.core.platform import Platform
    from tourpad.core.work import Work

ACTOR = operator("test")
CONCERT, OTHER, PERSON = new_id(), new_id(), new_id()


def post(work: "Work", cents: int = 1500, *, source_id: str = "ch_1", **more: Any) -> Any:
    return ledger.post(
        work,
        source_type=more.pop("source_type", rules.Source.CHARGE),
        source_id=source_id,
        purpose=more.pop("purpose", "paid"),
        lines=more.pop(
            "lines",
            [
                (rules.STRIPE_BALANCE, usd(cents - 74)),
                (rules.STRIPE_FEES, usd(74)),
                (rules.held(CONCERT), usd(-cents)),
            ],
        ),
        description="a door fee",
        **more,
    )


def insert_line(work: "Work", journal_id: object, cents: int) -> None:
    work.session.execute(
        text(
            "INSERT INTO ledger_lines (id, journal_id, account, amount_cents, currency)"
            " VALUES (:id, :journal, 'bank', :cents, 'USD')"
        ),
        {"id": new_id(), "journal": journal_id, "cents": cents},
    )


def insert_journal(work: "Work", source_id: str = "x") -> object:
    journal_id = new_id()
    work.session.execute(
        text(
            "INSERT INTO ledger_journals (id, source_type, source_id, purpose, occurred_at, description, details)"
            " VALUES (:id, 'charge', :source, 'paid', now(), '', '{}')"
        ),
        {"id": journal_id, "source": source_id},
    )
    return journal_id


def test_a_posting_moves_balances_by_its_lines(work: "Work") -> None:
    journal = post(work)

    assert journal.number > 0
    assert ledger.balances(work) == [
        (rules.STRIPE_BALANCE, usd(1426)),
        (rules.held(CONCERT), usd(-1500)),
        (rules.STRIPE_FEES, usd(74)),
    ]
    assert ledger.balance(work, rules.held(CONCERT)) == usd(-1500)
    assert ledger.verify(work) == []


def test_the_same_posting_again_is_none_and_changes_nothing(work: "Work") -> None:
    post(work)

    assert post(work) is None
    assert ledger.balance(work, rules.STRIPE_BALANCE) == usd(1426)


def test_the_same_source_with_other_lines_is_an_error(work: "Work") -> None:
    post(work)

    with pytest.raises(PostingDiffersError):
        post(work, 1600)


def test_another_purpose_of_the_same_source_is_another_posting(work: "Work") -> None:
    post(work)

    assert post(work, purpose="paid again") is not None
    assert ledger.balance(work, rules.STRIPE_BALANCE) == usd(2852)


def test_nothing_is_written_of_what_does_not_add_up(work: "Work") -> None:
    with pytest.raises(UnbalancedError):
        post(work, lines=[(rules.BANK, usd(5))])
    with pytest.raises(UnknownAccountError):
        post(work, lines=[("petty_cash", usd(5)), (rules.BANK, usd(-5))])
    with pytest.raises(UnknownAccountError):
        ledger.balance(work, "petty_cash")

    assert ledger.balances(work) == []


def test_balances_can_be_asked_as_of_an_instant_and_by_kind(work: "Work") -> None:
    post(work, occurred_at=work.now - timedelta(days=2))
    post(work, source_id="ch_2", lines=[(rules.BANK, usd(1)), (rules.PAYOUT_IN_TRANSIT, usd(-1))])

    assert [name for name, _ in ledger.balances(work, at=work.now - timedelta(days=1))] == [
        rules.STRIPE_BALANCE,
        rules.held(CONCERT),
        rules.STRIPE_FEES,
    ]
    assert ledger.balances(work, prefix="held:") == [(rules.held(CONCERT), usd(-1500))]


def test_journals_are_found_by_what_they_are_about(work: "Work") -> None:
    post(work, concert_id=CONCERT, person_id=PERSON)
    post(work, source_id="ch_2", concert_id=OTHER, occurred_at=work.now - timedelta(days=3))
    post(
        work,
        source_id="po_1",
        source_type=rules.Source.PLATFORM_PAYOUT,
        lines=[(rules.BANK, usd(1)), (rules.PAYOUT_IN_TRANSIT, usd(-1))],
    )

    def sources(**wanted: Any) -> list[str]:
        return [row.journal.source_id for row in ledger.journals(work, JournalFilter(**wanted))[0]]

    assert sources() == ["po_1", "ch_2", "ch_1"]
    assert sources(concert_id=OTHER) == ["ch_2"]
    assert sources(concert_id=CONCERT) == ["ch_2", "ch_1"]  # the first is about it, both touch its pot
    assert sources(person_id=PERSON) == ["ch_1"]
    assert sources(account="bank") == ["po_1"]
    assert sources(account="held:") == ["ch_2", "ch_1"]
    assert sources(source_type="platform_payout") == ["po_1"]
    assert sources(source_ids=["ch_2"]) == ["ch_2"]
    assert sources(since=work.now - timedelta(days=1)) == ["po_1", "ch_1"]
    assert sources(until=work.now - timedelta(days=1)) == ["ch_2"]


def test_journals_come_in_pages_with_their_lines(work: "Work") -> None:
    for number in range(5):
        post(work, source_id=f"ch_{number}")

    page, total = ledger.journals(work, JournalFilter(), page=2, limit=2)

    assert total == 5
    assert [row.journal.source_id for row in page] == ["ch_2", "ch_1"]
    assert page[0].lines == [
        (rules.STRIPE_BALANCE, usd(1426)),
        (rules.STRIPE_FEES, usd(74)),
        (rules.held(CONCERT), usd(-1500)),
    ]


CHANGES = st.lists(st.tuples(st.integers(0, 4), st.integers(-(10**7), 10**7).filter(bool)), min_size=1, max_size=10)
NAMES = [rules.STRIPE_BALANCE, rules.BANK, rules.held(CONCERT), rules.payable(PERSON), rules.PLATFORM_REVENUE]


@given(CHANGES)
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_after_any_history_balances_are_the_sums_and_all_of_them_zero(
    work: "Work", changes: list[tuple[int, int]]
) -> None:
    before = {name: ledger.balance(work, name).cents for name in NAMES}
    history = str(new_id())

    for number, (to, cents) in enumerate(changes):
        lines = [(NAMES[to], usd(cents)), (NAMES[(to + 1) % 5], usd(-cents))]
        for _ in range(2):  # each is sent twice
            post(work, source_id=f"{history}-{number}", lines=lines)

    expected = dict(before)
    for to, cents in changes:
        expected[NAMES[to]] += cents
        expected[NAMES[(to + 1) % 5]] -= cents
    assert {name: ledger.balance(work, name).cents for name in NAMES} == expected
    assert sum(expected.values()) == 0


# What the database refuses, whatever the code does. Each of these breaks when its guard is dropped.


def test_the_database_refuses_a_journal_that_does_not_add_up(platform: "Platform") -> None:
    with platform.work(ACTOR) as work:
        insert_line(work, insert_journal(work), 5)
        with pytest.raises(IntegrityError, match="does not add up to zero"):
            work.commit()


def test_the_database_refuses_a_journal_without_lines(platform: "Platform") -> None:
    with platform.work(ACTOR) as work:
        insert_journal(work)
        with pytest.raises(IntegrityError, match="has no lines"):
            work.commit()


def test_the_database_refuses_a_line_added_later(platform: "Platform") -> None:
    with platform.work(ACTOR) as work:
        journal = post(work)
        work.commit()
    with platform.work(ACTOR) as work:
        insert_line(work, journal.id, 5)
        with pytest.raises(IntegrityError, match="does not add up to zero"):
            work.commit()


def test_the_database_refuses_a_second_posting_of_one_source(work: "Work") -> None:
    insert_journal(work, "ch_1")
    with pytest.raises(IntegrityError, match="uq_ledger_journals_source_type_source_id_purpose"):
        insert_journal(work, "ch_1")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_journals SET description = 'nothing to see'",
        "UPDATE ledger_lines SET amount_cents = amount_cents * 2",
        "DELETE FROM ledger_lines",
        "DELETE FROM ledger_journals",
        "TRUNCATE ledger_lines",
        "TRUNCATE ledger_journals CASCADE",
    ],
)
def test_the_database_refuses_to_change_or_delete_what_was_posted(work: "Work", statement: str) -> None:
    post(work)
    work.session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
    with pytest.raises(DBAPIError, match="is append-only"):
        work.session.execute(text(statement))


@pytest.mark.parametrize("cents", [0])
def test_the_database_refuses_a_line_of_nothing(work: "Work", cents: int) -> None:
    journal_id = insert_journal(work)
    with pytest.raises(IntegrityError, match="ck_ledger_lines_amount"):
        insert_line(work, journal_id, cents)


def test_two_that_post_one_source_at_once_make_one_posting(platform: "Platform") -> None:
    gate = threading.Barrier(8)
    results: list[Any] = []

    def run() -> None:
        with platform.work(ACTOR) as work:
            gate.wait()
            journal = post(work)
            work.commit()
            results.append(journal)

    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with platform.work(ACTOR) as work:
        assert ledger.balance(work, rules.STRIPE_BALANCE) == usd(1426)
    assert len(results) == 8
    assert len([journal for journal in results if journal is not None]) == 1


# Verify finds what the guards would have refused: each fault is planted with its guard taken off.


def planted(work: "Work", *statements: str) -> list[str]:
    """Codes found after faults that the guards would refuse."""
    work.session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))  # nothing is left to check at the commit
    for table in ("ledger_journals", "ledger_lines"):
        work.session.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
    for statement in statements:
        work.session.execute(text(statement))
    return [finding.code for finding in ledger.verify(work)]


def test_verify_finds_a_changed_amount(work: "Work") -> None:
    post(work)
    found = planted(work, "UPDATE ledger_lines SET amount_cents = 75 WHERE account = 'stripe_fees'")
    assert found == ["unbalanced", "not_zero"]


def test_verify_finds_a_deleted_line(work: "Work") -> None:
    post(work)
    assert planted(work, "DELETE FROM ledger_lines") == ["no_lines"]


def test_verify_finds_an_account_that_is_not_in_the_chart(work: "Work") -> None:
    post(work)
    found = planted(work, "UPDATE ledger_lines SET account = 'petty_cash' WHERE account = 'stripe_fees'")
    assert found == ["unknown_account"]


def test_verify_finds_money_left_in_a_settled_pot(work: "Work") -> None:
    post(work)
    ledger.post(
        work,
        source_type=rules.Source.SETTLEMENT,
        source_id=CONCERT,
        purpose="settled",
        lines=[(rules.held(CONCERT), usd(1400)), (rules.PLATFORM_REVENUE, usd(-1400))],
        description="settled",
    )

    (finding,) = ledger.verify(work)

    assert finding.code == "settled_not_empty"
    assert finding.message == f"Concert {CONCERT} is settled, and its pot still has a credit of $1.00."
