"""Ask, approve, refuse, use. What a consent is for is the business of the feature that asks (payouts, so far).

Both sides are admins' accounts that have signed in: a login on a machine is no person here.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Select, case, update

from tourpad.core.actors import ActorKind
from tourpad.core.approvals import queries, rules
from tourpad.core.approvals.errors import NotAnAdminError, NotOpenError, SamePersonError
from tourpad.core.approvals.events import ApprovalAsked, ApprovalDecided
from tourpad.core.approvals.models import Approval
from tourpad.core.approvals.states import MOVES, ApprovalKind, ApprovalState
from tourpad.core.errors import invalid
from tourpad.core.identity import queries as people
from tourpad.core.identity.states import UserState, UserType
from tourpad.core.ids import new_id
from tourpad.core.money import Money
from tourpad.core.states import check_move
from tourpad.core.work import Work


def ask(
    work: Work,
    *,
    kind: ApprovalKind,
    params: Mapping[str, Any],
    amount: Money,
    summary: str,
    reason: str,
    subject_id: UUID | None = None,
) -> Approval:
    """Ask for another admin's consent to exactly these parameters. Asking for the same again answers the first.

    Args:
        work: the unit of work, of an admin who is signed in.
        kind: what sort of thing it is.
        params: exactly what is asked for, JSON-serialisable.
        amount: how much it is about in all.
        summary: for people, in one line, without a name.
        reason: why, in the words of who asks.
        subject_id: whom or what it is about, where that is one thing.

    Raises:
        NotAnAdminError: the actor is no admin's account.
        InvalidInputError: without a reason.
    """
    admin_id = _admin(work)
    reason = checked_text("reason", reason)
    digest = rules.params_hash(kind, params)
    same = queries.same_for_update(work, kind, digest)
    if same is not None and rules.state_at(same.state, same.expires_at, work.now) is ApprovalState.EXPIRED:
        _move(same, ApprovalState.EXPIRED)
        work.session.flush()
        same = None
    if same is not None:
        return same
    approval_id = new_id()
    values = {
        "id": approval_id,
        "kind": kind,
        "subject_id": subject_id,
        "params": dict(params),
        "params_hash": digest,
        "amount_cents": amount.cents,
        "currency": amount.currency,
        "summary": summary,
        "reason": reason,
        "state": ApprovalState.ASKED,
        "asked_by_id": admin_id,
        "asked_by": work.actor.label,
        "asked_at": work.now,
        "expires_at": work.now + rules.LIFE,
    }
    if not queries.write(work, values):
        found = queries.same_for_update(work, kind, digest)
        if found is None:
            raise NotOpenError("The same was asked for and decided at this moment.", hint="Look again and repeat.")
        return found
    work.audit(
        "approval.ask",
        target_type="approval",
        target_id=approval_id,
        reason=reason,
        kind=kind.value,
        amount_cents=amount.cents,
        summary=summary,
    )
    work.emit(ApprovalAsked(approval_id=approval_id, asked_by_id=admin_id))
    return queries.get(work, approval_id)


def approve(work: Work, *, approval_id: UUID) -> Approval:
    """Consent, as another admin than the one who asked.

    Raises:
        NotFoundError: there is no such request.
        NotAnAdminError: the actor is no admin's account.
        SamePersonError: it is the one who asked.
        NotOpenError: it was decided before, or its time is over.
    """
    admin_id = _admin(work)
    approval = queries.get_for_update(work, approval_id)
    if approval.asked_by_id == admin_id:
        msg = f"{rules.short(approval.id)} was asked for by you: another admin has to approve it."
        raise SamePersonError(msg, hint="tourpad users list --role admin shows who could.")
    if rules.params_hash(approval.kind, approval.params) != approval.params_hash:
        raise NotOpenError("What is asked for was changed in the database. Nobody can approve it.")
    _decide(work, approval, admin_id, ApprovalState.APPROVED, None)
    return approval


def refuse(work: Work, *, approval_id: UUID, reason: str) -> Approval:
    """Say no, or take back one's own request or a yes that was not used yet. Any admin may.

    Raises:
        NotFoundError: there is no such request.
        NotAnAdminError: the actor is no admin's account.
        InvalidInputError: without a reason.
        NotOpenError: it has been used or refused, or its time is over.
    """
    admin_id = _admin(work)
    note = checked_text("reason", reason)
    approval = queries.get_for_update(work, approval_id)
    _decide(work, approval, admin_id, ApprovalState.REFUSED, note)
    return approval


def use(work: Work, approval: Approval) -> None:
    """All that was approved has been done; it is good for nothing more. `approval` is locked by the caller.

    Raises:
        NotOpenError: nobody approved it, it was used before, or its time is over.
    """
    if rules.state_at(approval.state, approval.expires_at, work.now) is not ApprovalState.APPROVED:
        raise _not_open(work, approval)
    _move(approval, ApprovalState.USED)
    approval.used_at = work.now
    work.session.flush()


def forget(work: Work, *, approvals: Select[UUID]) -> None:
    """Somebody is erased whom requests are about: the words of who asked and decided go.

    Who, when, what and how much stays.
    """
    mine = Approval.id.in_(approvals)
    note = case((Approval.note.is_(None), None), else_=rules.ERASED)
    work.session.execute(update(Approval).where(mine).values(reason=rules.ERASED, note=note))


def checked_text(field: str, text: str) -> str:
    """A reason on one line.

    Raises:
        InvalidInputError: it is empty or too long.
    """
    text = " ".join(text.split())
    if not text:
        raise invalid(field, "say why, for whoever looks at it later")
    if len(text) > rules.LONGEST_TEXT:
        raise invalid(field, f"at most {rules.LONGEST_TEXT} characters")
    return text


def _admin(work: Work) -> UUID:
    """The admin's account behind the work: signed in, and an admin still."""
    actor = work.actor
    if actor.kind is ActorKind.PERSON and actor.user_id is not None:
        user = people.get_user(work, actor.user_id)
        if user.user_type is UserType.ADMIN and user.state is UserState.ACTIVE:
            return user.id
    msg = "This needs an admin's own account, not a login on the machine."
    raise NotAnAdminError(msg, hint="Say who you are: --as you@example.org asks for your password.")


def _decide(work: Work, approval: Approval, admin_id: UUID, to: ApprovalState, note: str | None) -> None:
    if rules.state_at(approval.state, approval.expires_at, work.now) is ApprovalState.EXPIRED:
        raise _not_open(work, approval)
    if to not in MOVES[approval.state]:
        raise _not_open(work, approval)
    _move(approval, to)
    if approval.asked_by_id != admin_id:
        approval.decided_by_id, approval.decided_by, approval.decided_at = admin_id, work.actor.label, work.now
    approval.note = note
    work.session.flush()
    work.audit(
        f"approval.{'approve' if to is ApprovalState.APPROVED else 'refuse'}",
        target_type="approval",
        target_id=approval.id,
        reason=note,
        kind=approval.kind.value,
        amount_cents=approval.amount_cents,
        summary=approval.summary,
        asked_by=approval.asked_by,
    )
    work.emit(ApprovalDecided(approval_id=approval.id, asked_by_id=approval.asked_by_id))


def _not_open(work: Work, approval: Approval) -> NotOpenError:
    state = rules.state_at(approval.state, approval.expires_at, work.now)
    msg = f"{rules.short(approval.id)} is {state}: {approval.summary}."
    return NotOpenError(msg, hint=f"{queries.LIST} --all shows what became of it.", state=state.value)


def _move(approval: Approval, to: ApprovalState) -> None:
    check_move(MOVES, entity="request", now=approval.state, to=to)
    approval.state = to
