"""What only real transactions show: many who want one date, and two hands on one booking."""

from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

import pytest

from tests.factories.bookings import make_booking, make_pair, make_request, pay
from tourpad.core.actors import operator
from tourpad.core.errors import TourPadError
from tourpad.core.values import replace

if TYPE_CHECKING:
    from tourpad.core.platform import Platform

ME = operator("test")
T = TypeVar("T")


@pytest.fixture
def environment(environment: dict[str, str]) -> dict[str, str]:
    return environment | {"TOURPAD_DATABASE_POOL": "60"}


def at_once(platform: "Platform", things: Iterable[T], do: Callable[["Platform", T], str]) -> Counter[str]:
    """Do it with every thing in the same instant; answers how often each outcome came."""
    todo = list(things)
    barrier = Barrier(len(todo))

    def one(thing: T) -> str:
        barrier.wait()
        try:
            return do(platform, thing)
        except TourPadError as refusal:
            return refusal.code

    with ThreadPoolExecutor(len(todo)) as pool:
        return Counter(pool.map(one, todo))


def _states(platform: "Platform", ids: list) -> Counter[str]:
    from tourpad.core.bookings import queries

    with platform.work(ME) as work:
        return Counter(queries.get_view(work, i).booking.state.value for i in ids)


def test_of_fifty_who_confirm_one_date_at_once_one_wins(platform: "Platform") -> None:
    from tourpad.core.bookings import service
    from tourpad.core.bookings.service.steps import OVERTAKEN

    with platform.work(ME) as work:
        host = make_pair(work)
        asked = [
            make_booking(
                work, replace(make_pair(work), host_id=host.host_id, host_user=host.host_user), state="approved", fee=0
            )
            for _ in range(50)
        ]
        ids = [booking.id for booking in asked]
        work.commit()

    said: set[str] = set()

    def confirm(platform: "Platform", booking_id: UUID) -> str:
        try:
            with platform.work(ME) as work:
                service.confirm(work, booking_id=booking_id, user_id=host.host_user)
                work.commit()
        except TourPadError as refusal:
            said.add(f"{refusal.message} {refusal.hint}")
            raise
        return "confirmed"

    assert at_once(platform, ids, confirm) == {"confirmed": 1, "date_taken": 49}
    assert said == {f"You already have a confirmed show on {asked[0].requested_date}. {OVERTAKEN}"}
    assert _states(platform, ids) == {"confirmed": 1, "approved": 49}


def test_of_payments_for_one_date_at_once_one_confirms_and_the_others_go_back(platform: "Platform") -> None:
    from tourpad.core.bookings import queries

    with platform.work(ME) as work:
        host = make_pair(work)
        pairs = [replace(make_pair(work), host_id=host.host_id, host_user=host.host_user) for _ in range(8)]
        ids = [make_booking(work, pair, state="approved").id for pair in pairs]
        work.commit()

    def paid(platform: "Platform", booking_id: UUID) -> str:
        with platform.work(ME) as work:
            payment = pay(work, queries.get_view(work, booking_id).booking, host.host_user)
            work.commit()
            return f"{payment.refunded_cents} back"

    assert at_once(platform, ids, paid) == {"0 back": 1, "20000 back": 7}
    assert _states(platform, ids) == {"confirmed": 1, "expired": 7}


def test_one_artist_asks_one_host_for_one_date_once_however_often_the_button_is_pressed(platform: "Platform") -> None:
    with platform.work(ME) as work:
        pair = make_pair(work)
        work.commit()

    def ask(platform: "Platform", _: int) -> str:
        with platform.work(ME) as work:
            make_request(work, pair)
            work.commit()
        return "asked"

    assert at_once(platform, range(12), ask) == {"asked": 1, "already_requested": 11}


def test_an_answer_and_a_withdrawal_at_once_leave_one_story(platform: "Platform") -> None:
    from tourpad.core.bookings import queries, service
    from tourpad.core.bookings.service.answering import Answer

    for _ in range(5):
        with platform.work(ME) as work:
            pair = make_pair(work)
            booking_id = make_request(work, pair).id
            work.commit()

        def act(platform: "Platform", what: str, booking_id: UUID = booking_id, pair: Any = pair) -> str:
            with platform.work(ME) as work:
                if what == "cancel":
                    service.cancel(work, booking_id=booking_id, user_id=pair.artist_user)
                else:
                    service.respond(
                        work, booking_id=booking_id, user_id=pair.host_user, status=Answer(what), response=None
                    )
                work.commit()
            return what

        came = at_once(platform, ["approved", "rejected", "cancel"], act)
        with platform.work(ME) as work:
            booking = queries.get_view(work, booking_id).booking
            accepted = [offer.accepted_at is not None for offer in queries.offers(work, booking_id)]
        assert booking.state in ("rejected", "cancelled")
        assert accepted == [came["approved"] == 1]
        assert came["rejected"] + came["cancel"] == 1
