from typing import TYPE_CHECKING, Any

import pytest

from tests.factories.profiles import make_person
from tourpad.core.errors import InvalidInputError, NotFoundError

if TYPE_CHECKING:
    from tourpad.core.work import Work


def test_what_is_not_mentioned_stays_and_null_clears(work: "Work") -> None:
    from tourpad.core.fans import service

    user = make_person(work, "fan")
    changes: tuple[dict[str, Any], ...] = (
        {"favorite_genres": ["Folk"], "city": "Troy NY", "travel_radius": 80},
        {"travel_radius": None},
        {"city": None},
    )
    seen = [
        (fan.favorite_genres, fan.city, fan.state, fan.travel_radius)
        for change in changes
        for fan in [service.edit(work, user_id=user.id, changes=change)]
    ]
    assert seen == [
        (["folk"], "Troy", "NY", 80),
        (["folk"], "Troy", "NY", None),
        (["folk"], None, None, None),
    ]


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"travel_radius": 5001}, "travel_radius"), ({"state": "NY"}, "city"), ({"membership": "yes"}, "membership")],
)
def test_a_wrong_field_is_named(work: "Work", changes: dict[str, Any], field: str) -> None:
    from tourpad.core.fans import service

    with pytest.raises(InvalidInputError) as refusal:
        service.edit(work, user_id=make_person(work, "fan").id, changes=changes)
    assert [e.field for e in refusal.value.errors] == [field]


def test_a_forgotten_fan_likes_nothing(work: "Work") -> None:
    from tourpad.core.fans import service

    user = make_person(work, "fan")
    service.edit(work, user_id=user.id, changes={"favorite_genres": ["folk"], "city": "Troy", "state": "NY"})
    service.forget(work, user_id=user.id)
    fan = service.ensure(work, user_id=user.id)
    assert (fan.favorite_genres, fan.city, fan.state) == ([], None, None)


def test_only_fans_have_them(work: "Work") -> None:
    from tourpad.core.fans import service

    with pytest.raises(NotFoundError):
        service.ensure(work, user_id=make_person(work, "artist").id)
