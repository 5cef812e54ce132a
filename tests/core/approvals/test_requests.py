"""One asks, another approves: who may, for what, for how long; and what the database itself refuses."""

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.factories.identity import make_user
from tourpad.core.actors import Actor, operator, person
from tourpad.core.approvals import queries, rules, service
from tourpad.core.approvals.errors import NotAnAdminError, NotOpenError, SamePersonError
from tourpad.core.approvals.models import Approval
from tourpad.core.approvals.states import ApprovalKind, ApprovalState
from tourpad.core.errors import InvalidInputError
from tourpad.core.money import usd
from tourpad.core.outbox.models import Mail

if TYPE_CHECKING:
    from tourpad.core.clock import VirtualClock
    from tourpad.core.work import Work


@pytest.fixture
def mara(work: "Work") -> Actor:
    return person(make_user(work, "admin").id, "admin")


@pytest.fixture
def ben(work: "Work") -> Actor:
    return person(make_user(work, "admin").id, "admin")


def ask(work: "Work", actor: Actor, *, cents: int = 4800, reason: str = "The bank is gone.") -> Approval:
    work.actor = actor
    return service.ask(
        work,
        kind=ApprovalKind.WRITE_OFF,
        params={"amount_cents": cents},
        amount=usd(cents),
        summary="write off a debt",
        reason=reason,
    )


def approve(work: "Work", actor: Actor, approval: Approval) -> Approval:
    work.actor = actor
    return service.approve(work, approval_id=approval.id)


def test_another_admin_approves_once(work: "Work", mara: Actor, ben: Actor) -> None:
    request = ask(work, mara)

    with pytest.raises(SamePersonError):
        approve(work, mara, request)
    approve(work, ben, request)
    service.use(work, request)

    assert (request.state, request.decided_by_id, request.used_at) == (ApprovalState.USED, ben.user_id, work.now)
    with pytest.raises(NotOpenError):
        service.use(work, request)
    with pytest.raises(NotOpenError):
        approve(work, ben, request)


@pytest.mark.parametrize("who", ["login", "artist", "suspended admin"])
def test_only_an_admins_own_account_asks_and_approves(work: "Work", mara: Actor, who: str) -> None:
    if who == "login":
        other = operator("root")
    elif who == "artist":
        other = person(make_user(work, "artist").id, "admin")  # whatever a token may claim
    else:
        other = person(make_user(work, "admin", state="suspended").id, "admin")
    request = ask(work, mara)

    with pytest.raises(NotAnAdminError):
        approve(work, other, request)
    with pytest.raises(NotAnAdminError):
        ask(work, other)
    with pytest.raises(NotAnAdminError):
        service.refuse(work, approval_id=request.id, reason="no")


def test_the_same_is_asked_for_once(work: "Work", mara: Actor, ben: Actor) -> None:
    first = ask(work, mara)

    assert ask(work, mara).id == first.id
    assert ask(work, ben).id == first.id  # asking for what another asked for is not yet approving it
    assert ask(work, mara, cents=4801).id != first.id
    assert first.state is ApprovalState.ASKED


def test_it_is_good_for_seven_days(work: "Work", clock: "VirtualClock", mara: Actor, ben: Actor) -> None:
    asked, approved = ask(work, mara), ask(work, mara, cents=1)
    approve(work, ben, approved)
    clock.advance(rules.LIFE)
    assert len(queries.live(work, ApprovalKind.WRITE_OFF)) == 2
    clock.advance(timedelta(seconds=1))

    assert queries.live(work, ApprovalKind.WRITE_OFF) == []
    with pytest.raises(NotOpenError):
        approve(work, ben, asked)
    with pytest.raises(NotOpenError):
        service.use(work, approved)
    again = ask(work, mara)
    assert again.id != asked.id
    assert queries.get(work, asked.id).state is ApprovalState.EXPIRED


def test_a_no_is_final_and_a_yes_can_be_taken_back(work: "Work", mara: Actor, ben: Actor) -> None:
    request, other = ask(work, mara), ask(work, mara, cents=1)
    work.actor = ben
    service.refuse(work, approval_id=request.id, reason="She plays again in March.")
    approve(work, ben, other)
    service.refuse(work, approval_id=other.id, reason="Too quick.")

    for refused in (request, other):
        assert refused.state is ApprovalState.REFUSED
        with pytest.raises(NotOpenError):
            approve(work, ben, refused)
        with pytest.raises(NotOpenError):
            service.use(work, refused)
    with pytest.raises(InvalidInputError):
        ask(work, mara, reason="  ")


@pytest.mark.parametrize(
    ("change", "guard"),
    [
        ("decided_by_id = asked_by_id, decided_at = asked_at, state = 'approved'", "ck_approvals_two_people"),
        ("state = 'approved'", "ck_approvals_approved_by"),
        ("state = 'used', used_at = asked_at", "ck_approvals_approved_by"),
        ("params = '{\"amount_cents\": 480000}'", "stays as it was asked"),
        ("expires_at = expires_at + interval '1 year'", "stays as it was asked"),
        ("asked_by_id = (SELECT id FROM users WHERE id <> asked_by_id LIMIT 1)", "stays as it was asked"),
        (None, "stays as it was asked"),
    ],
    ids=["alone", "by nobody", "unapproved", "another amount", "longer", "by another", "deleted"],
)
def test_the_database_refuses(work: "Work", mara: Actor, ben: Actor, change: str | None, guard: str) -> None:
    ask(work, mara)
    statement = f"UPDATE approvals SET {change}" if change else "DELETE FROM approvals"  # noqa: S608 - from the table

    with pytest.raises(DBAPIError, match=guard):
        work.session.execute(text(statement))


def test_what_was_changed_past_the_databases_guards_is_approved_by_nobody(
    work: "Work", mara: Actor, ben: Actor
) -> None:
    request = ask(work, mara)
    work.session.execute(text("SET LOCAL session_replication_role = replica"))  # as only an owner of the server can
    work.session.execute(text("UPDATE approvals SET params = '{\"amount_cents\": 480000}'"))
    work.session.expire_all()

    with pytest.raises(NotOpenError, match="changed in the database"):
        approve(work, ben, request)

    assert request.state is ApprovalState.ASKED


def test_the_other_admins_are_asked_and_the_first_hears_of_it(work: "Work", mara: Actor, ben: Actor) -> None:
    request = ask(work, mara)
    ask(work, mara)
    approve(work, ben, request)

    mails = {(mail.user_id, mail.template): mail.text_body for mail in work.session.query(Mail)}
    assert set(mails) == {(ben.user_id, "approval_asked"), (mara.user_id, "approval_decided")}
    assert f"tourpad payouts approve {rules.short(request.id)}" in mails[ben.user_id, "approval_asked"]
    assert "The bank is gone." in mails[ben.user_id, "approval_asked"]
    assert " says yes" in mails[mara.user_id, "approval_decided"]
