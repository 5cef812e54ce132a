"""Calling off a show for very many: planned and sent one by one, cut short anywhere, taken up again, each once."""

from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from tests.factories.bookings import told
from tests.factories.concerts import fan_of, make_concert, seat
from tourpad.core.actors import job_actor, operator
from tourpad.core.gateways.stripe import StripeDict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tourpad.core.concerts.queries.refunding import Refunding
    from tourpad.core.platform import Platform

ME, JOB = operator("test"), job_actor("test")
PARTIES = 17


class Killed(BaseException):
    """The process is gone: nothing catches this."""


class Bank:
    """What Stripe does with refunds, and a process that dies after one of them was made."""

    def __init__(self, clock: Any) -> None:
        self.clock, self.by_key, self.die_after = clock, dict[str, StripeDict](), -1

    def create_refund(self, params: StripeDict, *, key: str) -> StripeDict:
        number = len(self.by_key) + 1
        made = self.by_key.setdefault(key, self._made(params, number))
        if len(self.by_key) == self.die_after:
            self.die_after = -1
            raise Killed
        return made

    def list_transfers(self, **_: Any) -> "Iterator[StripeDict]":
        """None: there is nothing that these books do not know."""
        return iter(())

    list_refunds = list_balance_transactions = list_transfers

    def close(self) -> None:
        """Nothing is open."""

    def _made(self, params: StripeDict, number: int) -> StripeDict:
        at = int(self.clock.now().timestamp())
        entry = {
            "id": f"txn_{number}",
            "type": "refund",
            "source": f"re_{number}",
            "amount": -params["amount"],
            "net": -params["amount"],
            "fee": 0,
            "currency": "usd",
            "created": at,
            "available_on": at,
        }
        return {"id": f"re_{number}", "status": "succeeded", "balance_transaction": entry}


def called_off(platform: "Platform") -> tuple[UUID, list[UUID]]:
    from tourpad.core.concerts import service

    with platform.work(ME) as work:
        concert = make_concert(work, capacity=30)
        fans = [fan_of(work, seat(work, concert)) for _ in range(PARTIES)]
        service.cancel(work, concert_id=concert.id, user_id=None, reason="A flood.")
        work.commit()
    return concert.id, fans


def dying_at(number: int) -> "Callable[[Refunding], None]":
    reports = iter(range(1, 1_000))

    def report(_: "Refunding") -> None:
        if next(reports) == number:
            raise Killed

    return report


def test_killed_while_planning_and_while_sending_it_goes_on_and_doubles_nothing(platform: "Platform") -> None:
    from datetime import timedelta

    from tourpad.core.clock import VirtualClock
    from tourpad.core.concerts.procedures import refund_cancelled, refund_concert
    from tourpad.core.concerts.queries import refunding, shows
    from tourpad.core.payments.procedures import send_refunds

    concert_id, fans = called_off(platform)
    bank = Bank(platform.clock)
    platform._stripe = bank  # type: ignore[assignment]

    def so_far() -> "Refunding":
        with platform.work(ME) as work:
            return refunding.refunding(work, shows.get_view(work, concert_id).concert)

    start = so_far()
    assert (start.total, start.total_cents, start.sent, start.to_tell, start.is_done) == (
        PARTIES,
        PARTIES * 1_500,
        0,
        PARTIES,
        False,
    )
    with pytest.raises(Killed):
        refund_concert(platform, ME, concert_id=concert_id, on_progress=dying_at(3))
    assert (so_far().to_tell, so_far().sent) == (PARTIES - 10, 0)
    assert refund_cancelled(platform, JOB) == {"guests": PARTIES - 10, "left": 0, "concerts": 1}
    bank.die_after = 9
    with pytest.raises(Killed):
        refund_concert(platform, ME, concert_id=concert_id, on_progress=lambda _: None)
    assert (so_far().sent, so_far().sent_cents, so_far().is_done) == (8, 8 * 1_500, False)  # the 9th was not recorded
    assert isinstance(platform.clock, VirtualClock)
    platform.clock.advance(timedelta(minutes=6))  # its lease ends
    assert send_refunds(platform, JOB)["sent"] == PARTIES - 8
    done = refund_concert(platform, ME, concert_id=concert_id, on_progress=lambda _: None)
    assert (done.sent, done.sent_cents, done.failed, done.is_done) == (PARTIES, PARTIES * 1_500, 0, True)
    assert len(bank.by_key) == PARTIES
    with platform.work(ME) as work:
        for fan in fans:
            assert told(work, fan).count("concert_cancelled") == 1
            assert told(work, fan).count("payment_refunded") == 1


def test_a_refund_that_fails_is_left_to_a_person(platform: "Platform") -> None:
    from tourpad.core.concerts.procedures import refund_cancelled, refund_concert
    from tourpad.core.gateways.stripe import StripeDeclined

    class Closed(Bank):
        def create_refund(self, params: StripeDict, *, key: str) -> StripeDict:
            if params["amount"] == 3_000:
                raise StripeDeclined("The card is closed.", code="charge_not_refundable", status=400)
            return super().create_refund(params, key=key)

    from tourpad.core.concerts import service

    with platform.work(ME) as work:
        concert = make_concert(work)
        seat(work, concert, 2)
        seat(work, concert)
        service.cancel(work, concert_id=concert.id, user_id=None)
        work.commit()
    bank = Closed(platform.clock)
    platform._stripe = bank  # type: ignore[assignment]
    state = refund_concert(platform, ME, concert_id=concert.id, on_progress=lambda _: None)
    assert (state.sent, state.total, state.failed, state.is_done) == (1, 2, 1, False)
    assert refund_cancelled(platform, JOB) == {"guests": 0, "left": 0, "concerts": 0}
    again = refund_concert(platform, ME, concert_id=concert.id, on_progress=lambda _: None)
    assert (again.failed, len(bank.by_key)) == (1, 1)
