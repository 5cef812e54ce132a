"""Stripe's customers follow the people: another address, and none once they are erased."""

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from tests.factories.payments import ACTOR, make_payer
from tourpad.core.identity.events import AddressChanged
from tourpad.core.identity.models import User
from tourpad.core.identity.states import UserState
from tourpad.core.payments import service
from tourpad.core.payments.customers.procedures import tell_customers
from tourpad.core.payments.procedures import ensure_customer

if TYPE_CHECKING:
    from tests.stripe_sandbox import Sandbox

TOLD = {"told": 1, "retried": 0, "dead": 0}
NOTHING = {"told": 0, "retried": 0, "dead": 0}


def move_to(sandbox: "Sandbox", user_id: UUID, email: str) -> None:
    """The person has another address, as the house announces it."""
    with sandbox.platform.work(ACTOR) as work:
        user = work.session.get_one(User, user_id, with_for_update=True)
        old, user.email = user.email, email
        work.session.flush()
        work.emit(AddressChanged(user_id=user_id, old_email=old, new_email=email))
        work.commit()


def at_stripe(sandbox: "Sandbox", customer: str) -> tuple[Any, Any]:
    found = sandbox.stripe.get_customer(customer)
    return found["name"], found["email"]


def while_calling(monkeypatch: pytest.MonkeyPatch, sandbox: "Sandbox", name: str, then: Callable[[], None]) -> None:
    """Something happens right after Stripe has done what it was asked, once."""
    call = getattr(sandbox.stripe, name)
    waiting = [then]

    def called(*args: Any, **options: Any) -> Any:
        made = call(*args, **options)
        while waiting:
            waiting.pop()()
        return made

    monkeypatch.setattr(sandbox.stripe, name, called)


def test_another_address_is_told_once_after_the_commit(sandbox: "Sandbox") -> None:
    person = make_payer(sandbox.platform)
    customer = ensure_customer(sandbox.platform, ACTOR, user_id=person)
    name, old = at_stripe(sandbox, customer)
    assert tell_customers(sandbox.platform, ACTOR) == NOTHING

    move_to(sandbox, person, "new@tourpad.example")
    assert at_stripe(sandbox, customer) == (name, old)

    assert tell_customers(sandbox.platform, ACTOR) == TOLD
    assert at_stripe(sandbox, customer) == (name, "new@tourpad.example")
    assert tell_customers(sandbox.platform, ACTOR) == NOTHING
    move_to(sandbox, person, str(old))  # and back: the first call's stored answer is no answer to this one
    sandbox.advance(timedelta(seconds=1))
    assert tell_customers(sandbox.platform, ACTOR) == TOLD
    assert at_stripe(sandbox, customer) == (name, old)


def test_a_stripe_that_is_down_hears_it_later(sandbox: "Sandbox") -> None:
    person = make_payer(sandbox.platform)
    customer = ensure_customer(sandbox.platform, ACTOR, user_id=person)
    move_to(sandbox, person, "new@tourpad.example")
    sandbox.fault(operation="POST /v1/customers/{customer}", fault="status", status=503, times=3)

    assert tell_customers(sandbox.platform, ACTOR) == {"told": 0, "retried": 1, "dead": 0}
    assert tell_customers(sandbox.platform, ACTOR) == NOTHING  # not at once
    sandbox.advance(timedelta(seconds=11))
    assert tell_customers(sandbox.platform, ACTOR) == TOLD
    assert at_stripe(sandbox, customer)[1] == "new@tourpad.example"


def test_a_change_while_stripe_is_told_of_another_is_told_too(
    sandbox: "Sandbox", monkeypatch: pytest.MonkeyPatch
) -> None:
    person = make_payer(sandbox.platform)
    customer = ensure_customer(sandbox.platform, ACTOR, user_id=person)
    move_to(sandbox, person, "first@tourpad.example")
    while_calling(monkeypatch, sandbox, "update_customer", lambda: move_to(sandbox, person, "second@tourpad.example"))

    tell_customers(sandbox.platform, ACTOR)
    tell_customers(sandbox.platform, ACTOR)

    assert at_stripe(sandbox, customer)[1] == "second@tourpad.example"


def test_a_change_while_the_customer_is_made_is_told(sandbox: "Sandbox", monkeypatch: pytest.MonkeyPatch) -> None:
    person = make_payer(sandbox.platform)
    while_calling(monkeypatch, sandbox, "create_customer", lambda: move_to(sandbox, person, "new@tourpad.example"))

    customer = ensure_customer(sandbox.platform, ACTOR, user_id=person)

    assert tell_customers(sandbox.platform, ACTOR) == TOLD
    assert at_stripe(sandbox, customer)[1] == "new@tourpad.example"


def test_of_an_erased_payer_stripe_keeps_neither_name_nor_address(sandbox: "Sandbox") -> None:
    person = make_payer(sandbox.platform)
    customer = ensure_customer(sandbox.platform, ACTOR, user_id=person)
    with sandbox.platform.work(ACTOR) as work:
        user = work.session.get_one(User, person)
        user.state, user.name, user.email = UserState.ERASED, "Somebody", f"erased:{person}"
        service.customer_changed(work, user_id=person)
        work.commit()

    assert tell_customers(sandbox.platform, ACTOR) == TOLD
    assert at_stripe(sandbox, customer) == ("Somebody", f"{person}@erased.invalid")
