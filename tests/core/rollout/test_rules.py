"""Who is let in at which stage, and what a list of addresses is."""

import pytest

from tourpad.core.errors import InvalidInputError
from tourpad.core.identity.states import UserType
from tourpad.core.rollout.rules import addresses_in, checked_addresses, is_let_in
from tourpad.core.rollout.states import RolloutStage


def test_the_doors_open_step_by_step() -> None:
    people = {
        "an admin": (UserType.ADMIN, False),
        "an artist of the group": (UserType.ARTIST, True),
        "somebody of the group who has no role yet": (None, True),
        "an artist": (UserType.ARTIST, False),
        "a host": (UserType.HOST, False),
        "a fan": (UserType.FAN, False),
        "somebody who has no role yet": (None, False),
    }
    let_in = {
        stage: {who for who, (role, listed) in people.items() if is_let_in(stage, user_type=role, is_listed=listed)}
        for stage in RolloutStage
    }
    assert let_in == {
        RolloutStage.ADMINS: {"an admin"},
        RolloutStage.BETA: {"an admin", "an artist of the group", "somebody of the group who has no role yet"},
        RolloutStage.EVERYONE: set(people),
    }


def test_a_list_is_read_line_by_line() -> None:
    text = "# friends of the house\nAda@Shows.test\n\n  ben@shows.test  # plays the fiddle\nada@shows.TEST\r\n"
    assert addresses_in(text) == ["Ada@Shows.test", "ben@shows.test", "ada@shows.TEST"]
    assert checked_addresses(addresses_in(text), field="add", local=True) == ["ada@shows.test", "ben@shows.test"]


def test_every_address_that_is_none_is_named() -> None:
    with pytest.raises(InvalidInputError) as caught:
        checked_addresses(["ada@shows.test", "ben", "c@d@e"], field="add", local=True)
    assert [(e.field, e.message.partition(":")[0]) for e in caught.value.errors] == [("add", "ben"), ("add", "c@d@e")]
