"""Exact limits: counted once each, whoever asks and however many at once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import TYPE_CHECKING

import pytest

from tourpad.core.requests.limits import LOGIN, Policy, Usage, subject_of, take

if TYPE_CHECKING:
    from tourpad.core.clock import VirtualClock
    from tourpad.core.platform import Platform

THREE = Policy("three", 3, timedelta(minutes=5), "Too many.")


def tries(platform: "Platform", count: int, subject: str = "ada", *, factor: int = 1) -> list[Usage]:
    return [take(platform.autocommit, THREE, subject, now=platform.clock.now(), factor=factor) for _ in range(count)]


def test_three_are_fine_and_the_fourth_is_not(platform: "Platform") -> None:
    assert [(u.exceeded, u.remaining, u.resets_in) for u in tries(platform, 4)] == [
        (False, 2, 300),
        (False, 1, 300),
        (False, 0, 300),
        (True, 0, 300),
    ]


def test_subjects_and_policies_do_not_mix(platform: "Platform") -> None:
    tries(platform, 3)
    assert tries(platform, 1, "mara")[0].used == 1
    other = Policy("four", 4, timedelta(minutes=5), "Too many.")
    assert take(platform.autocommit, other, "ada", now=platform.clock.now()).used == 1


def test_a_window_begins_with_the_first_try_and_ends_a_period_later(
    platform: "Platform", clock: "VirtualClock"
) -> None:
    tries(platform, 3)
    clock.advance(timedelta(minutes=4, seconds=59, milliseconds=500))
    late = tries(platform, 1)[0]
    assert (late.exceeded, late.resets_in) == (True, 1)
    clock.advance(timedelta(milliseconds=500))
    assert [u.used for u in tries(platform, 2)] == [1, 2]


def test_a_clock_that_was_set_far_back_begins_anew(platform: "Platform", clock: "VirtualClock") -> None:
    tries(platform, 4)
    clock.advance(-timedelta(days=1))
    assert tries(platform, 1)[0].used == 1


def test_a_factor_allows_more(platform: "Platform") -> None:
    assert [u.exceeded for u in tries(platform, 7, factor=2)] == [False] * 6 + [True]


@pytest.mark.parametrize("threads", [2, 8])
def test_exactly_so_many_pass_however_many_try_at_once(platform: "Platform", threads: int) -> None:
    together = Barrier(threads)

    def hammer(_: int) -> int:
        together.wait()
        return sum(
            not take(platform.autocommit, LOGIN, "ada", now=platform.clock.now()).exceeded for _ in range(40 // threads)
        )

    with ThreadPoolExecutor(threads) as pool:
        passed = sum(pool.map(hammer, range(threads)))
    assert passed == LOGIN.limit


def test_a_subject_in_the_table_names_nobody() -> None:
    assert "ada" not in subject_of("192.0.2.7", "ada@shows.test")
    assert subject_of("a", "bc") != subject_of("ab", "c")


def test_the_refusal_says_when_to_come_back(platform: "Platform") -> None:
    error = tries(platform, 4)[3].error()
    assert (error.message, error.hint) == ("Too many.", "Try again in 5 minutes.")
    assert error.details == {"policy": "three", "retry_after": 300}
