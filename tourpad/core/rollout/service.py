"""Open the doors further, or less far. Whoever is not let in any more is signed out by the same change."""

from collections.abc import Iterable, Sequence

from sqlalchemy import and_, delete, not_

from tourpad.core.errors import NotFoundError
from tourpad.core.identity.service import sessions
from tourpad.core.identity.states import UserType
from tourpad.core.rollout import queries, rules
from tourpad.core.rollout.models import BetaAddress, RolloutChange
from tourpad.core.rollout.states import RolloutStage
from tourpad.core.values import Value, replace
from tourpad.core.work import Work


class Changed(Value):
    """What a change of the doors did."""

    before: RolloutStage
    stage: RolloutStage
    added: Sequence[str]
    """Addresses that were not in the group before."""
    removed: Sequence[str]
    shut_out: int
    """People who were let in before and are not now."""
    let_in: int
    """People who are let in now and were not before."""
    sessions_ended: int
    under_way: queries.UnderWay
    """What those who are shut out have under way."""

    @property
    def is_nothing(self) -> bool:
        """Whether all of it was so before."""
        return self.before is self.stage and not self.added and not self.removed


def current(work: Work) -> RolloutStage:
    """How far the doors are open."""
    change = queries.latest(work)
    return change.stage if change else rules.FIRST


def lets_in(work: Work, *, email: str, user_type: UserType | None) -> bool:
    """Whether somebody may come in now.

    Args:
        work: the unit of work.
        email: their mail address, with or without an account.
        user_type: their role; None where they have not said which they will have.
    """
    stage, is_listed = queries.standing(work, email)
    return rules.is_let_in(stage, user_type=user_type, is_listed=is_listed)


def change(
    work: Work,
    *,
    stage: RolloutStage | None = None,
    add: Iterable[str] = (),
    remove: Iterable[str] = (),
    reason: str | None = None,
) -> Changed:
    """Set the stage, change the group, or both. Sessions of whoever is not let in any more end.

    While it lasts nobody comes in, and whoever is on the way in is waited for: no session outlives it that should not.
    Shows, money, jobs and mails go on, whoever is shut out.

    Args:
        work: the unit of work; not committed, it says what would be done.
        stage: the new one; None leaves it.
        add: mail addresses for the group, of people with and without an account.
        remove: mail addresses to take out of it.
        reason: why, for the audit log.

    Raises:
        InvalidInputError: naming every address that is none.
        NotFoundError: one to be removed is not in the group.
    """
    queries.hold_shut(work)
    before = current(work)
    after = stage or before
    added, removed = _group(work, add, remove)
    was = queries.let_in(before)
    becomes = queries.let_in(after, added=added, removed=removed)
    lost = and_(was, not_(becomes))
    done = Changed(
        before=before,
        stage=after,
        added=added,
        removed=removed,
        shut_out=queries.count_people(work, lost),
        let_in=queries.count_people(work, and_(not_(was), becomes)),
        sessions_ended=0,
        under_way=queries.under_way(work, lost),
    )
    if done.is_nothing:
        return done
    work.session.execute(delete(BetaAddress).where(BetaAddress.email.in_(removed)))
    work.add(*(BetaAddress(email=one, added_at=work.now, added_by=work.actor.label) for one in added))
    if after is not before:
        work.add(RolloutChange(stage=after, set_at=work.now, set_by=work.actor.label))
    ended = sessions.end_of(work, people=queries.people(not_(queries.let_in(after))), reason=sessions.NOT_OPEN_YET)
    work.audit(
        "rollout.set",
        target_type="rollout",
        reason=reason,
        before=before.value,
        stage=after.value,
        added=len(added),
        removed=len(removed),
        shut_out=done.shut_out,
        let_in=done.let_in,
        sessions_ended=ended,
    )
    return replace(done, sessions_ended=ended)


def _group(work: Work, add: Iterable[str], remove: Iterable[str]) -> tuple[list[str], list[str]]:
    """What of the group really changes; what is in both lists stays as it is named last, which is out."""
    local = work.settings.is_local
    removed = rules.checked_addresses(remove, field="remove", local=local)
    wanted = [one for one in rules.checked_addresses(add, field="add", local=local) if one not in removed]
    there = queries.listed(work, [*wanted, *removed])
    if missing := [one for one in removed if one not in there]:
        raise NotFoundError(f"{missing[0]} is not in the group.", hint="tourpad rollout show lists it.")
    return [one for one in wanted if one not in there], removed
