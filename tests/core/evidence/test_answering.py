"""A dispute is answered once and in time, given up for good, and nothing is sent twice."""

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.factories.memberships import make_member
from tests.factories.payments import ACTOR, balances, findings, fresh, make_due, paid
from tests.factories.profiles import make_person
from tourpad.core.errors import TourPadError
from tourpad.core.ledger import rules as accounts
from tourpad.core.payments.states import DisputeState, IntentState, PaymentState

if TYPE_CHECKING:
    from uuid import UUID

    from tests.stripe_sandbox import Sandbox
    from tourpad.core.payments.models import Dispute, MoneyIntent, Payment

CALL = "POST /v1/disputes/*"


def disputed(sandbox: "Sandbox", card: str = "pm_card_createDispute") -> "tuple[Payment, Dispute]":
    payment = paid(sandbox, make_due(1500), card=card)
    return payment, the_dispute(sandbox, payment.id)


def the_dispute(sandbox: "Sandbox", payment_id: "UUID") -> "Dispute":
    from tourpad.core.payments import queries

    with sandbox.platform.work(ACTOR) as work:
        (found,) = queries.disputes_of(work, payment_id)
        return found


def save(sandbox: "Sandbox", dispute: "Dispute", **fields: str) -> None:
    from tourpad.core.evidence import service

    with sandbox.platform.work(ACTOR) as work:
        drafted = service.draft(work, dispute_id=dispute.id).fields
        service.save(work, dispute_id=dispute.id, fields=drafted | fields)
        work.commit()


def submit(sandbox: "Sandbox", dispute: "Dispute") -> dict[str, int]:
    from tourpad.core.evidence import procedures

    return procedures.submit(sandbox.platform, ACTOR, dispute_id=dispute.id)


def accept(sandbox: "Sandbox", dispute: "Dispute") -> dict[str, int]:
    from tourpad.core.evidence import procedures

    return procedures.accept(sandbox.platform, ACTOR, dispute_id=dispute.id, reason="not worth it")


def calls(sandbox: "Sandbox", dispute: "Dispute") -> "list[MoneyIntent]":
    from tourpad.core.payments import queries

    with sandbox.platform.work(ACTOR) as work:
        return list(queries.intents_of(work, dispute.id))


def refusal(code: str, act: object, *arguments: object) -> None:
    with pytest.raises(TourPadError) as refused:
        act(*arguments)  # type: ignore[operator]
    assert refused.value.code == code


def at_stripe(sandbox: "Sandbox") -> dict[str, object]:
    (found,) = sandbox.state()["dispute"]
    return found


def test_the_bank_is_told_once(sandbox: "Sandbox") -> None:
    payment, dispute = disputed(sandbox)
    refusal("no_evidence", submit, sandbox, dispute)
    save(sandbox, dispute, uncategorized_text="They sang along.")

    assert submit(sandbox, dispute)["sent"] == 1

    told = at_stripe(sandbox)
    assert told["status"] == "under_review"
    assert told["evidence"]["uncategorized_text"] == "They sang along."  # type: ignore[index]
    assert told["evidence"]["customer_name"] == "Cleo Okafor"  # type: ignore[index]
    assert told["evidence_details"]["submission_count"] == 1  # type: ignore[index]
    now = the_dispute(sandbox, payment.id)
    assert (now.state, now.submissions) == (DisputeState.UNDER_REVIEW, 1)
    refusal("dispute_not_answerable", submit, sandbox, dispute)
    refusal("dispute_not_answerable", accept, sandbox, dispute)
    sandbox.news()
    assert the_dispute(sandbox, payment.id).state is DisputeState.UNDER_REVIEW
    assert findings(sandbox.platform) == []


def test_an_answer_whose_reply_was_lost_is_not_given_twice(sandbox: "Sandbox") -> None:
    from tourpad.core.evidence import procedures

    _, dispute = disputed(sandbox)
    save(sandbox, dispute)
    sandbox.fault(operation=CALL, fault="drop_reply", times=9)

    assert submit(sandbox, dispute)["uncertain"] == 1
    refusal("answer_under_way", submit, sandbox, dispute)
    sandbox.control("faults", method="DELETE")
    sandbox.advance(timedelta(minutes=20))
    assert procedures.send_answers(sandbox.platform, ACTOR)["sent"] == 1

    assert at_stripe(sandbox)["evidence_details"]["submission_count"] == 1  # type: ignore[index]
    (call,) = calls(sandbox, dispute)
    assert (call.state, call.attempt) == (IntentState.DONE, 1)


def test_after_a_day_an_answer_is_looked_up_before_it_is_tried_again(sandbox: "Sandbox") -> None:
    from tourpad.core.evidence import procedures

    _, dispute = disputed(sandbox)
    save(sandbox, dispute)
    sandbox.fault(operation=CALL, fault="drop_reply", times=9)
    submit(sandbox, dispute)
    sandbox.control("faults", method="DELETE")

    sandbox.advance(timedelta(days=2))
    assert procedures.send_answers(sandbox.platform, ACTOR)["sent"] == 1

    assert at_stripe(sandbox)["evidence_details"]["submission_count"] == 1  # type: ignore[index]


def test_nothing_is_sent_after_its_day(sandbox: "Sandbox") -> None:
    from tourpad.core.evidence import procedures, service

    _, dispute = disputed(sandbox)
    save(sandbox, dispute)
    with sandbox.platform.work(ACTOR) as work:
        service.plan_submission(work, dispute_id=dispute.id)
        work.commit()
    sandbox.clock.advance(timedelta(days=9, minutes=1))  # Stripe has not yet looked at the time

    assert procedures.send_answers(sandbox.platform, ACTOR) == {
        "sent": 0, "held": 1, "refused": 0, "uncertain": 0, "errors": 0,
    }  # fmt: skip
    (call,) = calls(sandbox, dispute)
    assert (call.state, call.error_code) == (IntentState.FAILED, "evidence_too_late")
    refusal("evidence_too_late", submit, sandbox, dispute)
    refusal("evidence_too_late", save, sandbox, dispute)


def test_what_stripe_refuses_can_be_tried_again(sandbox: "Sandbox") -> None:
    payment, dispute = disputed(sandbox)
    save(sandbox, dispute)
    sandbox.fault(operation=CALL, fault="status", status=400, times=1)

    assert submit(sandbox, dispute)["refused"] == 1
    assert the_dispute(sandbox, payment.id).state is DisputeState.NEEDS_RESPONSE
    assert submit(sandbox, dispute)["sent"] == 1


def test_an_inquiry_that_becomes_a_dispute_is_answered_again(sandbox: "Sandbox") -> None:
    payment, dispute = disputed(sandbox, "pm_card_createDisputeInquiry")
    assert dispute.is_inquiry
    assert balances(sandbox.platform).get(accounts.DISPUTES_HELD) is None
    save(sandbox, dispute, uncategorized_text="escalate_inquiry_evidence")
    submit(sandbox, dispute)
    sandbox.news()

    escalated = the_dispute(sandbox, payment.id)
    assert (escalated.state, escalated.is_inquiry) == (DisputeState.NEEDS_RESPONSE, False)
    assert balances(sandbox.platform)[accounts.DISPUTES_HELD] == 1500
    save(sandbox, dispute, uncategorized_text="winning_evidence")
    assert submit(sandbox, dispute)["sent"] == 1
    sandbox.news()

    assert the_dispute(sandbox, payment.id).state is DisputeState.WON
    assert fresh(sandbox.platform, payment.id).state is PaymentState.COMPLETED
    assert accounts.DISPUTES_HELD not in balances(sandbox.platform)
    assert findings(sandbox.platform) == []


def test_a_dispute_that_is_given_up_is_borne_by_whoever_would_have_borne_its_loss(sandbox: "Sandbox") -> None:
    from tourpad.core.payments import service

    payment, dispute = disputed(sandbox)
    with sandbox.platform.work(ACTOR) as work:
        bearers = service.borne_by(work, dispute_id=dispute.id)
    assert [(account, amount.cents) for account, amount in bearers] == [(f"held:{payment.concert_id}", 1500)]
    sandbox.fault(operation=CALL, fault="drop_reply", times=1)

    assert accept(sandbox, dispute)["sent"] == 1

    assert at_stripe(sandbox)["status"] == "lost"
    assert (the_dispute(sandbox, payment.id).state, fresh(sandbox.platform, payment.id).lost_cents) == (
        DisputeState.LOST,
        1500,
    )
    assert f"held:{payment.concert_id}" not in balances(sandbox.platform)
    sandbox.news()
    assert findings(sandbox.platform) == []


def test_admins_are_reminded_five_days_and_a_day_ahead_until_it_is_answered(sandbox: "Sandbox") -> None:
    from sqlalchemy import select

    from tourpad.core.evidence import procedures
    from tourpad.core.outbox.models import Mail

    with sandbox.platform.work(ACTOR) as work:
        admin = make_person(work, "admin").id
        work.commit()
    _, dispute = disputed(sandbox)
    _, other = disputed(sandbox)

    def reminded() -> int:
        procedures.remind_due(sandbox.platform, ACTOR)
        with sandbox.platform.work(ACTOR) as work:
            found = work.session.scalars(select(Mail).where(Mail.user_id == admin, Mail.template == "dispute_due"))
            return len(found.all())

    seen: list[int] = []
    for ahead in (timedelta(days=6), timedelta(days=5), timedelta(days=3), timedelta(hours=23)):
        assert dispute.evidence_due_at
        sandbox.clock.set(dispute.evidence_due_at - ahead)
        seen.append(reminded())
        if ahead == timedelta(days=3):
            save(sandbox, other)
            submit(sandbox, other)
    assert seen == [0, 2, 2, 3]
    assert reminded() == 3
    sandbox.clock.advance(timedelta(days=2))
    assert reminded() == 3


def test_a_membership_is_told_of_by_its_use(sandbox: "Sandbox") -> None:
    from sqlalchemy import select

    from tourpad.core.evidence import rules
    from tourpad.core.evidence.service import facts_of
    from tourpad.core.payments.models import Payment

    member = make_member(sandbox)
    with sandbox.platform.work(ACTOR) as work:
        payment = work.session.scalars(select(Payment).where(Payment.user_id == member)).one()
    sandbox.control(f"charges/{payment.stripe_charge_id}/dispute", {"reason": "subscription_canceled"})
    sandbox.news()

    with sandbox.platform.work(ACTOR) as work:
        facts = facts_of(work, dispute_id=the_dispute(sandbox, payment.id).id)
    said = rules.draft(facts)

    assert "Fan, by the month" in said["product_description"]
    assert said["service_date"] == "A month from Sunday, 1 March 2026"
    assert "was not cancelled" in said["cancellation_rebuttal"]
    assert rules.doubts(facts) == ["The membership was not used after this charge."]


PDF = b"%PDF-1.7 thirty guests, and they sang along"


def attach(sandbox: "Sandbox", dispute: "Dispute", *, field: str = "receipt", content: bytes = PDF) -> str:
    from tourpad.core.evidence import procedures

    saved = procedures.attach(
        sandbox.platform, ACTOR, dispute_id=dispute.id, field=field, name="receipt.pdf", content=content
    )
    return saved.fields[field]


def test_a_file_goes_to_the_bank_with_the_answer(sandbox: "Sandbox") -> None:
    _, dispute = disputed(sandbox)
    save(sandbox, dispute, uncategorized_text="They sang along.")

    name = attach(sandbox, dispute)

    assert [(file["id"], file["filename"], file["size"]) for file in sandbox.state()["file"]] == [
        (name, "receipt.pdf", len(PDF))
    ]
    assert sandbox.state()["dispute"][0]["evidence"]["receipt"] is None  # nothing is sent yet
    submit(sandbox, dispute)
    told = sandbox.state()["dispute"][0]["evidence"]
    assert (told["receipt"], told["uncategorized_text"]) == (name, "They sang along.")


def test_an_upload_whose_answer_was_lost_is_the_same_file(sandbox: "Sandbox") -> None:
    from tourpad.core.gateways.stripe import StripeUncertain

    _, dispute = disputed(sandbox)
    sandbox.fault(operation="POST /v1/files", fault="drop_reply", times=3)
    with pytest.raises(StripeUncertain):
        attach(sandbox, dispute)

    name = attach(sandbox, dispute)

    assert attach(sandbox, dispute) == name
    assert [file["id"] for file in sandbox.state()["file"]] == [name]


@pytest.mark.parametrize(
    ("field", "content", "words"),
    [
        ("uncategorized_text", PDF, "takes no file"),
        ("receipt", b"GIF89a", "none of PDF, JPEG, PNG"),
        ("receipt", PDF + bytes(5_000_000), "5,000,000 fit"),
    ],
    ids=["a text", "another kind", "too large"],
)
def test_what_can_be_no_evidence_is_not_uploaded(sandbox: "Sandbox", field: str, content: bytes, words: str) -> None:
    _, dispute = disputed(sandbox)
    with pytest.raises(TourPadError, match=words):
        attach(sandbox, dispute, field=field, content=content)
    assert "file" not in sandbox.state()


def test_after_the_answer_no_file_is_taken(sandbox: "Sandbox") -> None:
    _, dispute = disputed(sandbox)
    save(sandbox, dispute)
    submit(sandbox, dispute)
    with pytest.raises(TourPadError) as refused:
        attach(sandbox, dispute)
    assert refused.value.code == "dispute_not_answerable"
    assert "file" not in sandbox.state()
