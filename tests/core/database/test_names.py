"""From the beginning of one of Stripe's names to the name."""

import pytest

from tourpad.core.database.lookup import by_name_part
from tourpad.core.errors import RefusedError


@pytest.mark.parametrize(
    ("text", "found"),
    [("evt_1aaa", "evt_1aaa"), ("evt_1a", "evt_1aaa"), ("evt_2b", "evt_2b"), ("evt_3c", None)],
)
def test_what_begins_one_is_that_one(text: str, found: str | None) -> None:
    assert by_name_part(["evt_1aaa", "evt_2b", "evt_2bbb"], text, noun="event") == found


@pytest.mark.parametrize(
    ("text", "says"),
    [("evt_2", "too short"), ("evt_2bb", "not one event: evt_2bb1, evt_2bb2, evt_2bb3 …")],
)
def test_what_begins_several_or_all_is_refused(text: str, says: str) -> None:
    with pytest.raises(RefusedError, match=says):
        by_name_part([f"evt_2bb{n}" for n in range(1, 5)] if "bb" in text else ["evt_2b"], text, noun="event")
