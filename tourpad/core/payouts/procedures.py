"""What payouts call at Stripe, between units of work: transfers, and the accounts of payees.

A transfer: claimed and posted in one transaction, called outside any, recorded in another. A claim is committed only
while Stripe's balance has the amount beside all calls under way (payments/funds.py), so several are called at once.
Whoever dies in between leaves a call that `resume` goes on with.
"""

from datetime import date, datetime
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

from tourpad.core.actors import Actor
from tourpad.core.checkpoints import reached
from tourpad.core.errors import RefusedError
from tourpad.core.gateways.stripe import StripeDeclined, StripeDict, StripeGateway, StripeUncertain
from tourpad.core.identity import queries as people
from tourpad.core.ids import new_id
from tourpad.core.money import Money
from tourpad.core.payments import behind, funds, intents, limits
from tourpad.core.payments import procedures as calls
from tourpad.core.payments.models import MoneyIntent
from tourpad.core.payments.states import IntentOperation
from tourpad.core.payouts import queries, service
from tourpad.core.payouts.rules import Budget
from tourpad.core.payouts.service import CURRENCY, Claim
from tourpad.core.payouts.states import PayoutState
from tourpad.core.values import Value
from tourpad.core.work import Work

if TYPE_CHECKING:
    from tourpad.core.platform import Platform

GIVE_UP_AFTER = 3
"""Calls in a row of unknown outcome: Stripe is down, and more of them only leave more to look up."""

SENDERS = 6
"""Calls of one run under way at once: with answers in 200 ms enough for 25 a second."""
LOOKS = 5
"""Looks at Stripe's balance for one payee, where others take it meanwhile."""

SETTLE_AT_ONCE = 1000
RECIPIENT = ("configuration.recipient", "requirements")


class SentRow(Value, kw_only=True):
    """What became of one transfer in a run."""

    payout_id: UUID
    user_id: UUID
    payee: str
    email: str
    concert_date: date
    amount: Money
    state: PayoutState
    stripe_transfer_id: str | None
    failure_code: str | None = None
    failure_message: str | None = None

    @property
    def is_sent(self) -> bool:
        """Whether the money has left (by our record, or already by Stripe's event)."""
        return self.state in (PayoutState.SENT, PayoutState.SETTLED)


class RunResult(Value):
    """What a run did."""

    rows: tuple[SentRow, ...]
    stopped: str | None = None
    """Why it ended early."""
    waiting: int = 0
    """Payouts that wait for a second admin."""

    def rows_in(self, *states: PayoutState) -> list[SentRow]:
        """Those that ended in one of these states."""
        return [row for row in self.rows if row.state in states]

    @property
    def sent(self) -> Money:
        """What was sent in all."""
        return Money(sum(row.amount.cents for row in self.rows if row.is_sent), CURRENCY)

    @property
    def counts(self) -> dict[str, int]:
        """For a job's record."""
        sent = sum(row.is_sent for row in self.rows)
        failed = len(self.rows_in(PayoutState.FAILED))
        uncertain = len(self.rows_in(PayoutState.SENDING))
        return {
            "sent": sent,
            "failed": failed,
            "uncertain": uncertain,
            "waiting_for_approval": self.waiting,
            "sent_cents": self.sent.cents,
        }


def available_balance(platform: "Platform", currency: str = CURRENCY) -> Money:
    """What Stripe would let us send now beside the calls under way.

    Raises:
        StripeUncertain: Stripe does not answer.
    """
    return funds.available(platform, currency)


def run_payouts(
    platform: "Platform",
    actor: Actor,
    *,
    limit: int | None = None,
    max_total: Money | None = None,
    only: frozenset[UUID] | None = None,
) -> RunResult:
    """Send every payout that may leave, payee by payee, those whose earliest fell due first.

    Claimed one after the other, as `preview` lists them; called several at a time. Any number of runs may go on at
    once; each payout is sent by one of them. What stays gets its reason written down.

    Args:
        platform: the platform.
        actor: who runs it.
        limit: at most so many transfers.
        max_total: at most so much in all.
        only: these payouts, and no others.

    Raises:
        BooksBehindError: the books are behind Stripe: some of it may have been sent before.
        StripeUncertain: Stripe did not answer before anything was sent.
    """
    budget = Budget(limit=limit, max_total=max_total, only=only)
    with platform.work(actor) as work:
        user_ids = queries.payees_with_open(work)
    if user_ids:
        behind.check(platform, actor)
    with limits.Window[SentRow](SENDERS, is_known=_is_known, give_up_after=GIVE_UP_AFTER) as window:
        for user_id in user_ids:
            _send_all(platform, actor, user_id, budget, window)
            if window.is_over:
                break
    rows = tuple(window.results())
    if window.is_over:
        return RunResult(rows, stopped=f"Stripe did not answer {window.unknown} times in a row.")
    with platform.work(actor) as work:
        waiting = service.tell_who_waits(work)
        work.commit()
    return RunResult(rows, waiting=waiting)


def payouts_run(platform: "Platform", actor: Actor) -> dict[str, int]:
    """The daily job: everything that may leave."""
    return run_payouts(platform, actor).counts


def resume(platform: "Platform", actor: Actor) -> dict[str, int]:
    """Go on with transfers whose sender was lost, or whose outcome is unknown. The job `payouts-resume`."""
    # What they take is counted since they were claimed, so they need not wait for anybody's turn.
    return calls.drain(
        platform,
        actor,
        operation=IntentOperation.TRANSFER,
        call=_call,
        record=service.record,
        refuse=service.refuse,
        find=_find,
    )


def settle_due(platform: "Platform", actor: Actor) -> dict[str, int]:
    """Divide the money of every concert that waits for it. The job `payouts-settle`."""
    with platform.work(actor) as work:
        concert_ids = queries.to_settle(work, limit=SETTLE_AT_ONCE)
    counts = {"settled": 0, "waiting": 0}
    for concert_id in concert_ids:
        with platform.work(actor) as work:
            try:
                service.settle(work, concert_id=concert_id)
            except RefusedError:
                counts["waiting"] += 1
                continue
            reached("settlement.settling")
            work.commit()
        reached("settlement.settled")
        counts["settled"] += 1
    return counts


class OnboardingLink(Value):
    """A page of Stripe's on which a payee tells who they are and where their bank is."""

    url: str
    expires_at: datetime


def start_onboarding(platform: "Platform", actor: Actor, *, user_id: UUID) -> OnboardingLink:
    """Make a payee's connected account if there is none, and a fresh link to Stripe's pages for it.

    The account's call has a key made of the payee's row, which is stored first: however often this is tried,
    there is one account.

    Raises:
        NotFoundError: nobody has that id.
        StripeDeclined, StripeUncertain: Stripe refused, or did not answer.
    """
    with platform.work(actor) as work:
        payee = service.ensure_payee(work, user_id=user_id)
        person = people.get_user(work, user_id)
        payee_id, account_id = payee.id, payee.stripe_account_id
        params = _account_params(user_id=user_id, email=person.email, name=person.name)
        work.commit()
    if account_id is None:
        made = platform.stripe.create_account(params, key=f"tp1:account:{payee_id}:1")
        with platform.work(actor) as work:
            account_id = service.connect(work, user_id=user_id, account_id=made["id"]).stripe_account_id
            service.take_account(work, account=made)
            work.commit()
    base = platform.settings.base_url.rstrip("/")
    link = platform.stripe.create_account_link(
        {
            "account": account_id,
            "use_case": {
                "type": "account_onboarding",
                "account_onboarding": {
                    "configurations": ["recipient"],
                    "refresh_url": f"{base}/connect/refresh",
                    "return_url": f"{base}/connect/return",
                },
            },
        },
        key=f"tp1:account_link:{new_id()}:1",  # each link works once
    )
    return OnboardingLink(link["url"], datetime.fromisoformat(link["expires_at"]))


def _account_params(*, user_id: UUID, email: str, name: str) -> StripeDict:
    return {
        "contact_email": email,
        "display_name": name,
        "dashboard": "express",
        "identity": {"country": "us"},
        "configuration": {"recipient": {"capabilities": {"stripe_balance": {"stripe_transfers": {"requested": True}}}}},
        "defaults": {
            "currency": CURRENCY.lower(),
            "responsibilities": {"fees_collector": "application", "losses_collector": "application"},
        },
        "metadata": {"user_id": str(user_id)},
        "include": list(RECIPIENT),
    }


def _send_all(
    platform: "Platform", actor: Actor, user_id: UUID, budget: Budget, window: limits.Window[SentRow]
) -> None:
    """Send what may leave of a payee's payouts; begun when this returns, not ended."""
    while window.wait():
        claim = _claim_next(platform, actor, user_id, budget, window)
        if claim is None:
            return
        window.begin(partial(_send, platform, actor, claim))
        if not claim.has_more:
            return


def _claim_next(
    platform: "Platform", actor: Actor, user_id: UUID, budget: Budget, window: limits.Window[SentRow]
) -> Claim | None:
    """Claim a payee's next payout that may leave; None when there is none.

    Decided without Stripe's balance first: where a recent look at it says that the amount is there, it is taken.
    Else Stripe is asked, once all calls that might count twice are over, and it is decided again with what is left.

    Raises:
        StripeUncertain: Stripe does not answer.
    """
    has_looked = False
    for _ in range(LOOKS):
        wanted = budget.copy()
        with platform.work(actor) as work:
            available = funds.free(work, CURRENCY) if has_looked else None
            claim = service.claim(work, user_id=user_id, available=available, budget=wanted)
            has_taken = claim is not None and funds.take(work, claim.amount)
            # From here on no other claim is committed before this one.
            if claim is None or (has_taken and not service.overdraws(work, claim)):
                reached("payout.claiming")
                work.commit()
                budget.sent, budget.total = wanted.sent, wanted.total
                if claim is not None:
                    reached("payout.claimed")
                return claim
            is_short = not has_taken and funds.free(work, CURRENCY) is not None
        # Nothing was committed: the balance is not known, or not enough as far as it is, or another was faster.
        if has_taken:
            continue
        if is_short:
            window.settle()
        funds.look(platform, CURRENCY, is_patient=is_short)
        has_looked = is_short
    return None


def _send(platform: "Platform", actor: Actor, claim: Claim) -> SentRow:
    """Make one call and write down what came of it. A lost answer leaves it `sending`, for `resume`."""
    intent = claim.intent
    limits.pace(platform, intent.operation)
    reached("payout.calling")
    try:
        transfer = _call(intent, platform.stripe)
    except StripeDeclined as error:
        with platform.work(actor) as work:
            intents.refuse(work, intent_id=intent.id, error=error, undo=service.refuse)
            row = _row(work, claim)
            reached("payout.refusing")
            work.commit()
        reached("payout.refused")
    except StripeUncertain as error:
        with platform.work(actor) as work:
            intents.postpone(work, intent_id=intent.id, message=error.message)
            row = _row(work, claim)
            reached("payout.postponing")
            work.commit()
        reached("payout.postponed")
    else:
        reached("payout.called")
        with platform.work(actor) as work:
            intents.settle(work, intent_id=intent.id, found=transfer, record=service.record)
            row = _row(work, claim)
            reached("payout.recording")
            work.commit()
        reached("payout.recorded")
    return row


def _row(work: Work, claim: Claim) -> SentRow:
    """A claimed payout as it stands now: by our record, or by an event that was faster."""
    payout = queries.get(work, claim.payout.payout.id)
    return SentRow(
        payout_id=payout.id,
        user_id=payout.user_id,
        payee=claim.payout.name,
        email=claim.payout.email,
        concert_date=claim.payout.concert_date,
        amount=claim.amount,
        state=payout.state,
        stripe_transfer_id=payout.stripe_transfer_id,
        failure_code=payout.failure_code,
        failure_message=payout.failure_message,
    )


def _is_known(row: SentRow) -> bool:
    return row.state is not PayoutState.SENDING


def _call(intent: MoneyIntent, stripe: StripeGateway) -> StripeDict:
    return stripe.create_transfer(intent.params, key=intent.idempotency_key)


def _find(intent: MoneyIntent, stripe: StripeGateway) -> StripeDict | None:
    """The transfer that an older try has made, by the intent's id in its metadata."""
    made = stripe.list_transfers(
        transfer_group=intent.params["transfer_group"],
        destination=intent.params["destination"],
        expand=["data.balance_transaction"],
    )
    return next((t for t in made if t.get("metadata", {}).get("intent_id") == str(intent.id)), None)
