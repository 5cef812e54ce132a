"""What an admin decides by hand: hold, release, try again."""

from uuid import UUID

from tourpad.core.errors import invalid
from tourpad.core.payouts import queries
from tourpad.core.payouts.errors import PayoutBusyError, PayoutStateError
from tourpad.core.payouts.models import Payee, Payout
from tourpad.core.payouts.rules import short
from tourpad.core.payouts.service.payees import ensure_payee
from tourpad.core.payouts.service.sending import move
from tourpad.core.payouts.states import HoldReason, PayoutState
from tourpad.core.work import Work

LONGEST_REASON = 500


def hold(work: Work, *, payout_id: UUID, reason: str) -> Payout:
    """Keep one payout back until it is released. Holding it again changes the reason.

    Raises:
        NotFoundError: there is no such payout.
        InvalidInputError: without a reason.
        PayoutBusyError: it is being sent.
        PayoutStateError: it has left, or was taken along by another.
    """
    reason = _reason(reason)
    payout = _locked(work, payout_id)
    if payout.state not in queries.OPEN:
        raise _unfit(work, payout, "held", "Only a payout that is planned or held can be.")
    if payout.state is PayoutState.PLANNED:
        move(work, payout, PayoutState.HELD)
    payout.hold_reason, payout.hold_note = HoldReason.MANUAL, reason
    payout.updated_at = work.now
    work.audit("payout.hold", target_type="payout", target_id=payout.id, reason=reason)
    work.session.flush()
    return payout


def release(work: Work, *, payout_id: UUID) -> Payout:
    """Let go of a payout that was held by hand.

    Raises:
        NotFoundError: there is no such payout.
        PayoutStateError: nobody held it by hand.
    """
    payout = _locked(work, payout_id)
    if payout.state is not PayoutState.HELD or payout.hold_reason is not HoldReason.MANUAL:
        held_for = f"It is held for another reason: {payout.hold_note}" if payout.hold_reason else ""
        raise _unfit(work, payout, "released", held_for or "Nobody holds it by hand.")
    move(work, payout, PayoutState.PLANNED)
    was, payout.hold_reason, payout.hold_note = payout.hold_note, None, None
    work.audit("payout.release", target_type="payout", target_id=payout.id, reason=_was_held(was))
    work.session.flush()
    return payout


def hold_payee(work: Work, *, user_id: UUID, reason: str) -> Payee:
    """Keep everything back that a payee is due, until it is released.

    Raises:
        NotFoundError: nobody has that id.
        InvalidInputError: without a reason.
    """
    payee = ensure_payee(work, user_id=user_id)
    payee.held_reason = _reason(reason)
    payee.updated_at = work.now
    work.audit("payee.hold", target_type="user", target_id=user_id, reason=payee.held_reason)
    work.session.flush()
    return payee


def release_payee(work: Work, *, user_id: UUID) -> Payee:
    """Let go of a payee who was held.

    Raises:
        NotFoundError: nobody has that id.
        PayoutStateError: nobody holds that payee.
    """
    payee = ensure_payee(work, user_id=user_id)
    if payee.held_reason is None:
        raise PayoutStateError("This payee is not held.", hint="tourpad payouts preview says what keeps them.")
    was, payee.held_reason = payee.held_reason, None
    payee.updated_at = work.now
    work.audit("payee.release", target_type="user", target_id=user_id, reason=_was_held(was))
    work.session.flush()
    return payee


def retry(work: Work, *, payout_id: UUID) -> Payout:
    """Plan a payout again whose transfer Stripe refused, or that came back. The next run sends it.

    One that came back is planned anew, under the next number of its concert and payee: it takes along what the
    ledger owes the payee.

    Returns:
        The payout that is planned now: the same one, or the new one.

    Raises:
        NotFoundError: there is no such payout.
        PayoutBusyError: it is being sent.
        PayoutStateError: there is nothing to try again.
    """
    payout = _locked(work, payout_id)
    if payout.state is PayoutState.FAILED:
        move(work, payout, PayoutState.PLANNED)
        work.audit("payout.retry", target_type="payout", target_id=payout.id, failed_with=payout.failure_code)
        work.session.flush()
        return payout
    if payout.state is not PayoutState.REVERSED:
        raise _unfit(work, payout, "retried", "Only one that failed or came back can be.")
    seq = queries.next_seq(work, payout.concert_id, payout.user_id)
    if seq != payout.seq + 1:
        raise _unfit(work, payout, "retried", "That was done before.")
    again = Payout(
        concert_id=payout.concert_id,
        user_id=payout.user_id,
        side=payout.side,
        seq=seq,
        earned_cents=0,
        carried_cents=0,
        amount_cents=0,
        currency=payout.currency,
        state=PayoutState.PLANNED,
        due_at=work.now,
        created_at=work.now,
        updated_at=work.now,
    )
    work.add(again)
    work.audit("payout.retry", target_type="payout", target_id=payout.id, new_payout_id=str(again.id))
    return again


def _locked(work: Work, payout_id: UUID) -> Payout:
    """A payout under its payee's lock, so that no run decides on it meanwhile."""
    payout = queries.get(work, payout_id)
    queries.payee_for_update(work, payout.user_id)
    return queries.get_for_update(work, payout_id)


def _reason(reason: str) -> str:
    text = " ".join(reason.split())
    if not text:
        raise invalid("reason", "say why, for whoever looks at it later")
    if len(text) > LONGEST_REASON:
        raise invalid("reason", f"at most {LONGEST_REASON} characters")
    return text


def _unfit(work: Work, payout: Payout, verb: str, why: str) -> PayoutBusyError | PayoutStateError:
    name = short(payout.id)
    see = f"tourpad payouts show {name}"
    if payout.state is PayoutState.SENDING:
        intent = queries.transfer_intent(work, payout.id)
        since, until = (intent.first_sent_at, intent.lease_until) if intent else (None, None)
        times = ", ".join(
            text
            for text in (
                f"since {since:%H:%M:%S}" if since else "",
                f"lease until {until:%H:%M:%S} UTC" if until else "",
            )
            if text
        )
        msg = f"{name} can't be {verb}: it is still being sent{f' ({times})' if times else ''}."
        return PayoutBusyError(msg, hint=f"Wait, or see  {see}", payout_id=str(payout.id))
    msg = f"{name} can't be {verb}: it is {payout.state}. {why}"
    return PayoutStateError(msg, hint=see, payout_id=str(payout.id), state=payout.state.value)


def _was_held(note: str | None) -> str | None:
    """The words of a hold that ends, for the audit log."""
    return None if note is None else f"was held: {note}"
