"""What preview says is what run then sends, payout by payout and to the cent: by rule, and over random worlds."""

import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories.payouts import Show, dispute, onboard, owe
from tests.factories.seasons import Season
from tourpad.core.money import Money, usd
from tourpad.core.payouts import service
from tourpad.core.payouts.rules import Allowance, Budget, Consent, DisputeFact, Pay, PayeeFacts, PayoutFacts, decide_all
from tourpad.core.values import replace

NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)
MINIMUM = usd(2500)


@dataclass
class World:
    payees: list[tuple[PayeeFacts, list[PayoutFacts]]]
    available: Money
    budget: Budget
    allowance: Allowance | None


@st.composite
def worlds(draw: Any) -> World:
    number = 0
    payees: list[tuple[PayeeFacts, list[PayoutFacts]]] = []
    for _ in range(draw(st.integers(1, 3))):
        payouts: list[PayoutFacts] = []
        for _ in range(draw(st.integers(0, 5))):
            number += 1
            cents = draw(st.integers(-3000, 9000))
            asked = draw(st.sampled_from([None, None, cents, cents + 1]))
            consent = asked and Consent(UUID(int=900 + number), "ap", usd(asked), "Mara", draw(st.booleans()))
            payouts.append(
                PayoutFacts(
                    payout_id=UUID(int=number),
                    base=usd(cents),
                    due_at=NOW + timedelta(days=draw(st.sampled_from([-2, -1, -1, 1]))),
                    held_note=draw(st.sampled_from([None] * 5 + ["wait"])),
                    disputes=draw(st.sampled_from([()] * 5 + [(DisputeFact("dp_1", None),)])),
                    consents=(consent,) if consent else (),
                )
            )
        payee = PayeeFacts(
            user_id=UUID(int=number + 500),
            email="a@example.org",
            can_receive=draw(st.sampled_from([True] * 4 + [False])),
            has_account=True,
            adjustment=usd(draw(st.sampled_from([0, 0, -4000, 4000]))),
        )
        payees.append((payee, payouts))
    budget = Budget(
        limit=draw(st.none() | st.integers(1, 5)),
        max_total=draw(st.none() | st.integers(0, 20_000).map(usd)),
        only=draw(st.none() | st.frozensets(st.integers(1, 15).map(lambda n: UUID(int=n)))),
    )
    limit = draw(st.none() | st.integers(2000, 12_000))
    allowance = Allowance(usd(limit), usd(draw(st.integers(0, limit)))) if limit else None
    return World(payees, usd(draw(st.integers(0, 40_000))), budget, allowance)


def previewed(world: World) -> dict[UUID, Money]:
    """All payees at once, as preview decides."""
    budget, left = world.budget.copy(), world.available
    allowance = replace(world.allowance) if world.allowance else None
    pays: dict[UUID, Money] = {}
    for payee, payouts in world.payees:
        decided = decide_all(
            payouts, payee, now=NOW, minimum=MINIMUM, available=left, budget=budget, allowance=allowance
        )
        for facts, decision in decided:
            if isinstance(decision, Pay):
                pays[facts.payout_id] = decision.amount
                left -= decision.amount
    return pays


def ran(world: World) -> dict[UUID, Money]:
    """One claim after the other, each decided anew on what is left, as a run does."""
    budget, left = world.budget.copy(), world.available
    room = world.allowance.left if world.allowance else None
    pays: dict[UUID, Money] = {}
    for first, payouts in world.payees:
        payee, waiting = first, payouts
        while True:
            allowance = replace(world.allowance, left=room) if world.allowance and room is not None else None
            decided = decide_all(
                waiting, payee, now=NOW, minimum=MINIMUM, available=left, budget=budget.copy(), allowance=allowance
            )
            found = next(((f, d) for f, d in decided if isinstance(d, Pay)), None)
            if found is None:
                break
            facts, pay = found
            pays[facts.payout_id] = pay.amount
            budget.take(pay.amount)
            left -= pay.amount
            if room is not None and pay.approval_id is None:
                room -= pay.amount
            if pay.adjusts:
                payee = replace(payee, adjustment=usd(0))
            waiting = [f for f in waiting if f.payout_id not in {facts.payout_id, *pay.carries}]
    return pays


@given(world=worlds())
def test_deciding_at_once_is_deciding_one_by_one(world: World) -> None:
    assert ran(world) == previewed(world)


@pytest.fixture
def environment(environment: dict[str, str]) -> dict[str, str]:
    return {**environment, "TOURPAD_PAYOUT_APPROVAL_CENTS": "40000"}


@pytest.mark.parametrize("seed", range(4))
def test_what_preview_says_is_what_run_sends(season: Season, seed: int) -> None:
    """Shows of a few payees with debts, disputes, holds, small shares; bounds on the run; then all the rest."""
    dice = random.Random(seed)
    shows: list[Show] = []
    for day in range(1, 8):
        like = dice.choice([None, *shows])
        show = season.show(like=like, days_ago=day + 2, door=(1500,) * dice.randint(1, 14))
        shows.append(show)
        if like is None and dice.random() < 0.8:
            onboard(season.platform, show.artist_user, show.host_user)
    with season.platform.work(season.me) as work:
        for show in shows:
            match dice.randint(0, 5):
                case 0:
                    owe(work, show.artist_user, dice.choice([300, 20_000, -2500]))
                case 1:
                    dispute(work, show.payments[0])
                case 2:
                    service.hold(work, payout_id=season.payout(show, show.host_user).payout.id, reason="a look first")
                case _:
                    pass
        work.commit()
    ids = list(season.preview())
    bounds: dict[str, Any] = dice.choice(
        [
            {},
            {"limit": 2},
            {"max_total": usd(dice.randint(3000, 30_000))},
            {"only": frozenset(dice.sample(ids, len(ids) // 2)), "limit": 3},
        ]
    )

    for options in (bounds, {}):
        before = season.preview(**options)
        result = season.run(**options)
        said = {row.payout_id: row.pays for row in before.values() if row.pays}
        assert {row.payout_id: row.amount for row in result.rows} == said
        assert all(row.earned + row.carried == row.pays + row.held for row in before.values())
    assert not any(row.pays for row in season.preview().values())
