"""Unpaid renewals: one mail for each of Stripe's tries, none for one's own, and nothing left over afterwards."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from tests.factories.memberships import (
    ACTOR,
    FAILING,
    begin,
    change_card,
    mails_to,
    make_joiner,
    make_member,
    membership_of,
    pay,
    templates_to,
    user_state,
)
from tests.stripe_sandbox import Sandbox
from tourpad.core.audit.models import AuditEntry
from tourpad.core.gateways.stripe import StripeDeclined, StripeDict
from tourpad.core.identity.states import UserState
from tourpad.core.memberships.errors import NothingToCancel
from tourpad.core.memberships.procedures import cancel, end_subscriptions, expire_memberships, resume
from tourpad.core.memberships.service import following
from tourpad.core.memberships.service.invoices import apply_invoice
from tourpad.core.memberships.states import MembershipState
from tourpad.core.payments.models import Payment
from tourpad.core.payments.procedures import send_refunds

S = MembershipState
DAYS = timedelta(days=1)


def _open_invoice(sandbox: Sandbox) -> str:
    return next(i["id"] for i in sandbox.state()["invoice"] if i["status"] == "open")


def _pay_by_themselves(sandbox: Sandbox, card: str, n: int = 0) -> StripeDict:
    invoice_id = _open_invoice(sandbox)
    return sandbox.stripe._post(  # type: ignore[attr-defined]  # what the payer does on Stripe's page
        f"/v1/invoices/{invoice_id}/pay", {"payment_method": card}, key=f"own-{invoice_id}-{card}-{n}"
    )


def _late(sandbox: Sandbox) -> UUID:
    user_id = make_member(sandbox)
    change_card(sandbox, user_id, FAILING)
    sandbox.advance(31 * DAYS)
    sandbox.news()
    return user_id


def test_one_mail_for_each_try_and_none_for_one_s_own(sandbox: Sandbox) -> None:
    user_id = _late(sandbox)
    for n in range(3):
        with pytest.raises(StripeDeclined):
            _pay_by_themselves(sandbox, FAILING, n)
        assert sandbox.news()["processed"] >= 1
    assert templates_to(sandbox.platform, user_id)[1:] == ["membership_payment_failed"]
    sandbox.advance(3 * DAYS)
    sandbox.news()
    sandbox.advance(5 * DAYS)
    sandbox.news()
    assert templates_to(sandbox.platform, user_id)[1:] == ["membership_payment_failed"] * 3
    # The third try is made after the grace: nothing stays open any more.
    told = mails_to(sandbox.platform, user_id)["membership_payment_failed"]
    assert ("stays open" in told, "has ended meanwhile" in told) == (False, True)


def test_a_bank_that_asks_for_its_customer_is_said_as_that(sandbox: Sandbox) -> None:
    user_id = make_joiner(sandbox.platform)
    page = begin(sandbox, user_id, "monthly")
    pay(sandbox, page, "pm_card_authenticationRequired")
    (intent,) = sandbox.state()["payment_intent"]
    sandbox.control(f"payment_intents/{intent['id']}/authenticate", {"success": True})
    sandbox.news()
    sandbox.advance(31 * DAYS)
    sandbox.news()
    assert membership_of(sandbox.platform, user_id).state is S.PAST_DUE
    assert templates_to(sandbox.platform, user_id) == ["membership_begun", "membership_action_required"]


def _cancel(sandbox: Sandbox, user_id: UUID) -> None:
    cancel(sandbox.platform, ACTOR, user_id=user_id)


def _cancel_on_stripes_page(sandbox: Sandbox, user_id: UUID) -> None:
    subscription_id = str(membership_of(sandbox.platform, user_id).stripe_subscription_id)
    sandbox.stripe.update_subscription(subscription_id, {"cancel_at_period_end": True}, key="on-its-page")
    sandbox.news()
    end_subscriptions(sandbox.platform, ACTOR)


@pytest.mark.parametrize("by", [_cancel, _cancel_on_stripes_page])
def test_whoever_cancels_while_late_is_out_at_once_and_never_charged(
    sandbox: Sandbox, by: Callable[[Sandbox, UUID], None]
) -> None:
    user_id = _late(sandbox)
    change_card(sandbox, user_id, "pm_card_visa")
    invoice_id = _open_invoice(sandbox)
    by(sandbox, user_id)
    assert membership_of(sandbox.platform, user_id).state is S.EXPIRED
    assert user_state(sandbox.platform, user_id) is UserState.APPROVED
    said = mails_to(sandbox.platform, user_id)["membership_ended"]
    assert ("as you wished" in said, "do not try to collect" in said) == (True, True)
    before = templates_to(sandbox.platform, user_id)
    with pytest.raises(StripeDeclined):  # by the link of an earlier mail
        sandbox.stripe._post(f"/v1/invoices/{invoice_id}/pay", {}, key="late")  # type: ignore[attr-defined]  # the payer
    sandbox.advance(40 * DAYS)
    sandbox.news()
    assert templates_to(sandbox.platform, user_id) == before
    with sandbox.platform.work(ACTOR) as work:
        assert list(work.session.scalars(select(Payment.amount_cents).where(Payment.user_id == user_id))) == [300]
    with pytest.raises(NothingToCancel):
        cancel(sandbox.platform, ACTOR, user_id=user_id)
    pay(sandbox, begin(sandbox, user_id, "monthly"))
    sandbox.news()
    assert membership_of(sandbox.platform, user_id).state is S.ACTIVE


def test_stripe_s_silence_does_not_keep_a_late_member_in(sandbox: Sandbox) -> None:
    user_id = _late(sandbox)
    sandbox.fault(operation="POST /v1/invoices/{invoice}/void", fault="status", status=503, times=10)
    cancel(sandbox.platform, ACTOR, user_id=user_id)
    assert membership_of(sandbox.platform, user_id).state is S.EXPIRED
    sandbox.control("faults", method="DELETE")
    sandbox.advance(timedelta(minutes=3))
    assert end_subscriptions(sandbox.platform, ACTOR)["ended"] == 1
    assert [i["status"] for i in sandbox.state()["invoice"]] == ["paid", "void"]


def test_what_was_paid_in_the_moment_of_cancelling_goes_back(sandbox: Sandbox) -> None:
    user_id = _late(sandbox)
    _pay_by_themselves(sandbox, "pm_card_visa")  # its news is still on the way
    cancel(sandbox.platform, ACTOR, user_id=user_id)
    sandbox.news()
    sandbox.advance(timedelta(minutes=1))
    end_subscriptions(sandbox.platform, ACTOR)
    send_refunds(sandbox.platform, ACTOR)
    sandbox.news()
    assert membership_of(sandbox.platform, user_id).state is S.EXPIRED
    with sandbox.platform.work(ACTOR) as work:
        back = list(work.session.scalars(select(Payment.refunded_cents).where(Payment.user_id == user_id)))
    assert sorted(back) == [0, 300]


@pytest.mark.parametrize(
    ("code", "words", "said"),
    [
        ("insufficient_funds", "Your card has insufficient funds.", "Your card has insufficient funds."),
        ("stolen_card", "Your card was reported stolen.", "Your card was declined."),
    ],
)
def test_a_mail_says_why_in_words_that_any_holder_may_read(sandbox: Sandbox, code: str, words: str, said: str) -> None:
    user_id = _late(sandbox)
    assert "“Your card was declined.”" in mails_to(sandbox.platform, user_id)["membership_payment_failed"]
    invoice = sandbox.stripe.get_invoice(_open_invoice(sandbox))
    invoice["attempt_count"] += 1
    with sandbox.platform.work(ACTOR) as work:
        refusal = {"code": "card_declined", "decline_code": code, "message": words}
        kind = "invoice.payment_failed"
        assert apply_invoice(work, type=kind, invoice=invoice, payment_intent=None, refusal=refusal) == "told"
        work.commit()
    mail = mails_to(sandbox.platform, user_id)["membership_payment_failed"]
    assert (f"“{said}”" in mail, "stolen" in mail) == (True, False)


def test_a_try_that_is_told_late_and_twice_is_told_once(sandbox: Sandbox) -> None:
    user_id = make_member(sandbox)
    change_card(sandbox, user_id, FAILING)
    sandbox.advance(31 * DAYS)
    news = sandbox.pending()
    for delivery in [*reversed(news), *news]:
        sandbox.receive([delivery])
        sandbox.process()
    assert templates_to(sandbox.platform, user_id) == ["membership_begun", "membership_payment_failed"]


def test_a_recovery_is_one_move_one_mail_and_one_payment(sandbox: Sandbox) -> None:
    """After weeks of failed tries nothing is made up for: no second mail, no month that was never had."""
    user_id = _late(sandbox)
    sandbox.advance(7 * DAYS + timedelta(minutes=1))
    expire_memberships(sandbox.platform, ACTOR)
    sandbox.news()
    before = len(templates_to(sandbox.platform, user_id))
    _pay_by_themselves(sandbox, "pm_card_visa")
    sandbox.news()
    for _ in range(3):
        expire_memberships(sandbox.platform, ACTOR)
        end_subscriptions(sandbox.platform, ACTOR)
        sandbox.news()
    assert sorted(templates_to(sandbox.platform, user_id)[before:]) == ["membership_begun", "membership_renewed"]
    with sandbox.platform.work(ACTOR) as work:
        moves = [
            (entry.details["from"], entry.details["to"])
            for entry in work.session.scalars(
                select(AuditEntry).where(AuditEntry.action == "membership.move").order_by(AuditEntry.id)
            )
        ]
        paid = list(work.session.scalars(select(Payment.amount_cents).where(Payment.user_id == user_id)))
    assert moves == [("incomplete", "active"), ("active", "past_due"), ("past_due", "expired"), ("expired", "active")]
    assert paid == [300, 300]


def _fresh(sandbox: Sandbox, user_id: UUID) -> None:
    """The row says what a row would say that had never heard of anything but the subscription as it is now."""
    kept = membership_of(sandbox.platform, user_id)
    found = sandbox.stripe.get_subscription(str(kept.stripe_subscription_id))
    names = ("state", "plan_code", "cancels_at", "grace_until", "trial_ends_at", "ended_at", "current_period_end")
    before = {name: getattr(kept, name) for name in names}
    with sandbox.platform.work(ACTOR) as work:
        row = work.session.merge(kept)
        row.state = S.INCOMPLETE
        row.cancels_at = row.grace_until = row.trial_ends_at = row.ended_at = row.current_period_end = None
        work.session.flush()
        following.apply_subscription(work, found)
        after = {name: getattr(row, name) for name in names}
    assert before == after


def test_pausing_cancelling_and_taking_it_back_leaves_nothing_stale(sandbox: Sandbox) -> None:
    user_id = make_member(sandbox)
    subscription_id = str(membership_of(sandbox.platform, user_id).stripe_subscription_id)

    def change(n: int, **params: object) -> None:
        sandbox.stripe.update_subscription(subscription_id, params, key=f"by-hand-{n}")
        sandbox.news()
        _fresh(sandbox, user_id)

    change(1, pause_collection={"behavior": "void"})
    cancel(sandbox.platform, ACTOR, user_id=user_id)
    _fresh(sandbox, user_id)
    resume(sandbox.platform, ACTOR, user_id=user_id)
    _fresh(sandbox, user_id)
    assert sandbox.stripe.get_subscription(subscription_id)["pause_collection"] is None
    change(2, cancel_at=int((sandbox.clock.now() + 3 * DAYS).timestamp()))
    resume(sandbox.platform, ACTOR, user_id=user_id)
    _fresh(sandbox, user_id)
    sandbox.advance(31 * DAYS)
    sandbox.news()
    _fresh(sandbox, user_id)
    membership = membership_of(sandbox.platform, user_id)
    assert (membership.state, membership.cancels_at) == (S.ACTIVE, None)
    with sandbox.platform.work(ACTOR) as work:
        paid = list(work.session.scalars(select(Payment.amount_cents).where(Payment.user_id == user_id)))
    assert paid == [300, 300]  # what was paused is billed again
