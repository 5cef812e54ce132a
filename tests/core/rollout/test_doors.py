"""Who gets in by which way at which stage, and what a change of the doors does to those who are in."""

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from tests.factories.bookings import make_booking, make_pair, told
from tests.factories.concerts import make_concert, make_fan, seat
from tests.factories.identity import PASSWORD, make_user, person, signed_in
from tests.factories.payouts import make_show
from tourpad.core.actors import operator
from tourpad.core.audit.models import AuditEntry
from tourpad.core.bookings.states import Side
from tourpad.core.errors import NotFoundError
from tourpad.core.gateways.oidc.protocol import Proved
from tourpad.core.identity import queries as people
from tourpad.core.identity import tokens
from tourpad.core.identity.errors import InvalidCredentials, InvalidToken, NotOpenYet
from tourpad.core.identity.events import (
    AddressChangeRequested,
    PasswordResetRequested,
    SessionsEnded,
    VerificationRequested,
)
from tourpad.core.identity.models import AuthSession, User
from tourpad.core.identity.service import account, oauth, registration, sessions, signin
from tourpad.core.identity.service import address as addresses
from tourpad.core.identity.states import UserType
from tourpad.core.payouts.models import Payout
from tourpad.core.payouts.states import HoldReason, PayoutState
from tourpad.core.rollout import queries, rules, service
from tourpad.core.rollout.states import RolloutStage
from tourpad.core.takeout.queries import held

if TYPE_CHECKING:
    from tourpad.core.platform import Platform
    from tourpad.core.work import Work

ADMINS, BETA, EVERYONE = RolloutStage
MARA, ADA, BEN = "mara@shows.test", "Ada@shows.test", "ben@shows.test"
"""An admin; an artist of the group; an artist."""
CLEO, DOT = "cleo@shows.test", "dot@shows.test"
"""Nobody yet: one of the group, one not."""


def ticket_of(work: "Work", email: str) -> str:
    """What a provider's word about somebody gets."""
    begun = oauth.begin(work, provider="club", user_type=UserType.FAN)
    row = people.get_sign_in_for_update(work, tokens.digest(begun.state))
    assert row is not None
    proved = Proved(issuer="https://club.test", subject=email, email=email, name="Somebody")
    return oauth.prove(work, sign_in_id=row.id, proved=proved)


def ways(work: "Work", email: str) -> dict[str, Callable[[], object]]:
    """Every way in for whoever has an address; those that need something of before have it from before."""

    def register() -> None:
        registration.register(
            work, email=email, password="four quiet rivers", name="Ada", user_type=UserType.HOST, is_adult=True
        )

    ticket = ticket_of(work, email)
    user = people.find_by_email(work, email)
    found: dict[str, Callable[[], object]] = {"register": register}
    if user is None or user.user_type is not UserType.ADMIN:
        found["provider"] = lambda: oauth.finish(work, ticket=ticket, is_adult=True)
    if user is not None:
        refresh_token = sessions.begin(work, user=user).refresh_token
        reset_token = signin.reset_link(work, user=user)[0]
        found |= {
            "login": lambda: signin.login(work, email=email, password=PASSWORD),
            "refresh": lambda: sessions.refresh(work, token=refresh_token),
            "reset": lambda: signin.reset_password(work, token=reset_token, password="four quiet rivers"),
            "token": lambda: account.issue_token(work, email=email),
        }
    return found


def refused(work: "Work", way: Callable[[], object]) -> bool:
    """Whether somebody does not get in; what they did is taken back."""
    with work.session.begin_nested() as savepoint:
        try:
            way()
        except NotOpenYet:
            return True
        finally:
            savepoint.rollback()
    return False


@pytest.mark.parametrize(
    ("stage", "shut_out"), [(ADMINS, {ADA, BEN, CLEO, DOT}), (BETA, {BEN, DOT}), (EVERYONE, set[str]())]
)
def test_every_way_in_is_open_or_shut_for_the_same_people(
    work: "Work", stage: RolloutStage, shut_out: set[str]
) -> None:
    make_user(work, "admin", email=MARA)
    for email in (ADA, BEN):
        make_user(work, "artist", email=email)
    everybody = (MARA, ADA, BEN, CLEO, DOT)
    all_ways = {email: ways(work, email) for email in everybody}
    service.change(work, stage=stage, add=[ADA, CLEO])
    found = {(email, way) for email in everybody for way, act in all_ways[email].items() if refused(work, act)}
    wanted = {(email, way) for email in shut_out for way in all_ways[email]}
    # An admin is made at the terminal: nobody registers with that address, and an account is not told by it.
    assert found == wanted | ({(MARA, "register")} if stage is not EVERYONE else set())


@pytest.mark.parametrize("stage", [ADMINS, BETA])
def test_nobody_learns_who_has_an_account(work: "Work", stage: RolloutStage) -> None:
    """With a wrong password, or by registering, an address says the same whether or not it has an account."""
    ben = make_user(work, "artist", email=BEN)
    service.change(work, stage=stage)
    before = len(told(work, ben.id))
    said: list[set[tuple[str, str, str | None]]] = []
    for email in (BEN, DOT):
        answers: set[tuple[str, str, str | None]] = set()
        for attempt in (
            lambda email=email: signin.login(work, email=email, password="a wrong one"),
            ways(work, email)["register"] if email == DOT else lambda: _register(work, BEN),
        ):
            with pytest.raises((InvalidCredentials, NotOpenYet)) as caught:
                attempt()
            answers.add((caught.value.code, caught.value.message, caught.value.hint))
        said.append(answers)
    assert said[0] == said[1]
    assert {code for code, _, _ in said[0]} == {"invalid_credentials", "not_open_yet"}
    assert len(told(work, ben.id)) == before


def _register(work: "Work", email: str) -> None:
    registration.register(
        work, email=email, password="four quiet rivers", name="Ada", user_type=UserType.HOST, is_adult=True
    )


def test_links_of_mails_that_wait(work: "Work") -> None:
    """An address is still proved, which opens nothing; whoever wants a new password hears why there is none."""
    _register(work, DOT)
    link = next(e.token for e in work.events if isinstance(e, VerificationRequested))
    service.change(work, stage=ADMINS)
    dot = registration.verify_email(work, token=link)
    assert dot.email_verified_at is not None
    work.events.clear()
    signin.forgot_password(work, email=DOT)
    assert told(work, dot.id)[-1] == "not_open_yet"
    assert not any(isinstance(e, PasswordResetRequested) for e in work.events)
    service.change(work, stage=BETA, add=[DOT])
    signin.forgot_password(work, email=DOT)
    assert told(work, dot.id)[-1] == "reset_password"


def test_a_refused_reset_does_not_spend_its_link(platform: "Platform") -> None:
    ben = person(platform, "artist", email=BEN)
    with platform.work(operator("test")) as work:
        link, _ = signin.reset_link(work, user=people.get_user(work, ben.id))
        service.change(work, stage=ADMINS)
        work.commit()
    with platform.work(operator("test")) as work, pytest.raises(NotOpenYet):
        signin.reset_password(work, token=link, password="four quiet rivers")
    with platform.work(operator("test")) as work:
        service.change(work, stage=EVERYONE)
        assert signin.reset_password(work, token=link, password="four quiet rivers").id == ben.id


def test_all_people_at_once_are_judged_as_one_by_one(work: "Work") -> None:
    """What the change does to sessions, and what the way in asks, are one rule in two languages."""
    for role in UserType:
        for email in (f"{role}-in@shows.test", f"{role}-out@shows.test"):
            make_user(work, role, email=email)
    service.change(work, add=[f"{role}-IN@shows.test" for role in UserType])
    everybody = work.session.scalars(select(User)).all()
    for stage in RolloutStage:
        by_rule = {
            one.id
            for one in everybody
            if rules.is_let_in(stage, user_type=one.user_type, is_listed=queries.standing(work, one.email)[1])
        }
        assert set(work.session.scalars(queries.people(queries.let_in(stage)))) == by_rule


def test_whoever_is_shut_out_is_signed_out_and_others_stay(work: "Work") -> None:
    mara, ada, ben = (make_user(work, r, email=e) for r, e in (("admin", MARA), ("artist", ADA), ("fan", BEN)))
    made = {one.id: [sessions.begin(work, user=one) for _ in range(2)] for one in (mara, ada, ben)}
    work.events.clear()
    done = service.change(work, stage=BETA, add=[ADA], reason="the first week")
    assert (done.before, done.stage, done.added, done.shut_out, done.let_in) == (EVERYONE, BETA, [ADA.lower()], 1, 0)
    assert done.sessions_ended == 2
    assert {one.id: len(people.live_sessions(work, one.id)) for one in (mara, ada, ben)} == {
        mara.id: 2,
        ada.id: 2,
        ben.id: 0,
    }
    assert [e.user_id for e in work.events if isinstance(e, SessionsEnded)] == [ben.id]  # sockets hear it by this
    # The token that would renew it says why; once they are let in again it is as any that has ended.
    with pytest.raises(NotOpenYet):
        sessions.refresh(work, token=made[ben.id][0].refresh_token)
    back = service.change(work, stage=EVERYONE)
    assert (back.shut_out, back.let_in, back.sessions_ended) == (0, 1, 0)
    with pytest.raises(InvalidToken):
        sessions.refresh(work, token=made[ben.id][0].refresh_token)
    (entry,) = (e for e in _audit(work) if e.reason == "the first week")
    assert (entry.action, entry.details["stage"], entry.details["sessions_ended"]) == ("rollout.set", "beta", 2)
    assert ADA.lower() not in str(entry.details)


def _audit(work: "Work") -> list[AuditEntry]:
    work.session.flush()
    return list(work.session.scalars(select(AuditEntry)))


def test_out_of_the_group_is_out_at_once(work: "Work") -> None:
    ada = make_user(work, "artist", email=ADA)
    service.change(work, stage=BETA, add=[ADA, CLEO])
    sessions.begin(work, user=ada)
    assert service.change(work, add=[ADA]).is_nothing
    done = service.change(work, remove=["ADA@shows.test"])
    assert (done.removed, done.shut_out, done.sessions_ended) == ([ADA.lower()], 1, 1)
    assert [guest.email for guest in queries.group(work)] == [CLEO]
    with pytest.raises(NotFoundError, match="ada@shows"):
        service.change(work, remove=[ADA])


def test_what_those_who_are_shut_out_have_under_way_is_counted(work: "Work") -> None:
    pair = make_pair(work)
    concert = make_concert(work, pair, capacity=6, fee=0, door=0)
    fan, idle = make_fan(work), make_fan(work)
    seat(work, concert, 2, fan=fan)
    make_booking(work, state="pending")
    assert service.change(work, stage=ADMINS).under_way == queries.UnderWay(
        shows=2, seats=1, bookings=2, payouts=0, people=5
    )
    service.change(work, stage=EVERYONE)
    kept = [people.get_user(work, one).email for one in (pair.artist_user, fan)]
    assert service.change(work, stage=BETA, add=kept).under_way == queries.UnderWay(
        shows=1, seats=0, bookings=2, payouts=0, people=3
    )
    assert idle


def test_whoever_waits_for_a_payout_is_counted(work: "Work") -> None:
    show = make_show(work)
    for side, user_id, state in (("artist", show.artist_user, "held"), ("host", show.host_user, "sent")):
        work.add(
            Payout(
                concert_id=show.concert_id,
                user_id=user_id,
                side=Side(side),
                earned_cents=100,
                amount_cents=100,
                currency="USD",
                state=PayoutState(state),
                hold_reason=HoldReason.MANUAL if state == "held" else None,
                due_at=work.now,
                created_at=work.now,
                updated_at=work.now,
            )
        )
    assert service.change(work, stage=ADMINS).under_way.payouts == 1


def test_a_new_address_stays_in_the_group_and_an_erased_one_leaves_it(work: "Work") -> None:
    ada = make_user(work, "artist", email=ADA)
    service.change(work, stage=BETA, add=[ADA, BEN])
    addresses.request_change(work, user_id=ada.id, password=PASSWORD, new_email="Ada@elsewhere.test")
    asked = next(e for e in reversed(work.events) if isinstance(e, AddressChangeRequested))
    assert asked.new_token is not None
    for token in (asked.old_token, asked.new_token):
        addresses.confirm_change(work, token=token)
    assert [guest.email for guest in queries.group(work)] == ["ada@elsewhere.test", BEN]
    assert signin.login(work, email="ada@elsewhere.test", password=PASSWORD)
    assert [row["email"] for name, rows in held(work, ada.id) if name == "beta_addresses" for row in rows] == [
        "ada@elsewhere.test"
    ]
    account.erase(work, user_id=ada.id)
    assert [guest.email for guest in queries.group(work)] == [BEN]


@pytest.mark.parametrize("way", ["login", "refresh"])
def test_nobody_slips_in_while_the_doors_are_shut(platform: "Platform", way: str) -> None:
    """Somebody is on the way in, asked and not yet committed, when the stage changes: the change waits, and ends it."""
    ben = person(platform, "artist", email=BEN)
    token = signed_in(platform, ben).refresh_token
    asked, done = threading.Event(), threading.Event()

    def shut() -> None:
        asked.wait(10)
        with platform.work(operator("test")) as work:
            service.change(work, stage=ADMINS)
            work.commit()
        done.set()

    closing = threading.Thread(target=shut)
    closing.start()
    with platform.work(operator("test")) as work:
        if way == "login":
            signin.login(work, email=BEN, password=PASSWORD)
        else:
            assert sessions.refresh(work, token=token)
        asked.set()
        assert not done.wait(0.2)
        work.commit()
    closing.join()
    with platform.work(operator("test")) as work:
        open_still = select(AuthSession.id).where(AuthSession.ended_at.is_(None))
        assert work.session.scalars(open_still).all() == []
        with pytest.raises(NotOpenYet):
            signin.login(work, email=BEN, password=PASSWORD)
