"""The judge of crashes: it sees what was never done, lets go what was done once, and sees what was done twice."""

import random
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from tests.factories.payments import ACTOR
from tools.chaos.judge import Verdict, judge
from tools.chaos.world import Builder, Due
from tourpad.core.concerts import procedures as concerts
from tourpad.core.evidence import procedures as evidence
from tourpad.core.payments import procedures as payments
from tourpad.core.payouts import procedures as payouts
from tourpad.core.payouts.returning import procedures as returning

if TYPE_CHECKING:
    from tests.stripe_sandbox import Sandbox


def look(sandbox: "Sandbox", due: Due) -> Verdict:
    return judge(sandbox.platform, sandbox.state(), due)


def work(sandbox: "Sandbox") -> None:
    sandbox.news()
    payouts.settle_due(sandbox.platform, ACTOR)
    concerts.refund_cancelled(sandbox.platform, ACTOR)
    evidence.send_answers(sandbox.platform, ACTOR)
    payouts.run_payouts(sandbox.platform, ACTOR)
    payments.send_refunds(sandbox.platform, ACTOR)
    returning.take_back(sandbox.platform, ACTOR)
    sandbox.advance(timedelta(days=4))
    payouts.run_payouts(sandbox.platform, ACTOR)
    sandbox.news()


def test_the_judge_sees_what_is_missing_and_what_is_there_twice(sandbox: "Sandbox") -> None:
    due = Builder(sandbox, random.Random("judge")).build()
    nothing_done = look(sandbox, due)
    sent_before = 2
    assert len(due.payees) >= 10
    owed = sum(cents > 0 for _, cents in due.payees.values()) - sent_before
    assert sum("was sent 0 cents" in line for line in nothing_done.lost) == owed
    assert sum("lacks one of" in line for line in nothing_done.lost) >= 10
    assert sum("never came in" in line for line in nothing_done.lost) >= 10
    assert sum("the bank was not answered" in line for line in nothing_done.lost) == 3
    assert sum("that there is no show" in line for line in nothing_done.lost) == 3
    assert len(nothing_done.doubled) == 1  # what one payee was sent is more than what stays due after the refunds

    work(sandbox)

    assert look(sandbox, due) == Verdict()

    told = next(row for row in sandbox.state()["dispute"] if row["evidence_details"]["submission_count"])
    answers = due.answers
    due.answers = {told["id"]: 0}
    assert look(sandbox, due).doubled == [f"the bank was answered 1 times on {told['id']}, not 0"]
    due.answers = answers

    made: Any = next(iter(sandbox.stripe.list_transfers()))
    again = {name: made[name] for name in ("amount", "currency", "destination", "transfer_group", "metadata")}
    sandbox.stripe.create_transfer(again, key="another key")
    back: Any = next(refund for refund in sandbox.stripe.list_refunds() if refund["amount"] < 400)  # part of a payment
    sandbox.stripe.create_refund(
        {"charge": back["charge"], "amount": back["amount"], "metadata": back["metadata"]}, key="another key, too"
    )

    seen = look(sandbox, due)
    assert any("was sent 2 times" in line for line in seen.doubled)
    assert any("too many among its refunds" in line for line in seen.doubled)
    assert any("is in no payout" in line for line in seen.lost)
    assert any("stripe_balance" in line for line in seen.findings)
