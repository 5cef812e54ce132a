"""Planting a difference, looking for it, and what `reconcile` must say of one."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from tests.core.reconcile.seasons import ME
from tests.factories.payments import balances
from tourpad.core.reconcile.advice import can_be_replayed
from tourpad.core.reconcile.procedures import Report, reconcile

if TYPE_CHECKING:
    from tests.factories.payouts import Show
    from tests.stripe_sandbox import Sandbox

Plant = Callable[["Sandbox", "Show"], list[str]]
"""Makes a difference in a season; answers the codes of what must be found, and nothing else."""


def look(sandbox: "Sandbox", **options: Any) -> Report:
    return reconcile(sandbox.platform, ME, **options)


def codes(report: Report) -> list[str]:
    return [finding.code for finding in report.findings]


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


def found(sandbox: "Sandbox", expected: list[str]) -> None:
    """Each is found by its name with words and a hint, nothing else is, and looking changes nothing."""
    before = balances(sandbox.platform)

    report = look(sandbox)

    assert sorted(codes(report)) == sorted(expected)
    assert all(finding.message.endswith(".") for finding in report.findings)
    assert [finding.code for finding in report.findings if not finding.hint] == []
    assert balances(sandbox.platform) == before  # looking changes nothing


def found_and_left(sandbox: "Sandbox", expected: list[str]) -> None:
    """Each is found, and `--fix` leaves all of it to a person: what was done and did not help is not advised again."""
    found(sandbox, expected)

    left = look(sandbox, fix=True)

    assert sorted(codes(left)) == sorted(expected)
    assert [finding.code for finding in left.findings if can_be_replayed(finding)] == []
