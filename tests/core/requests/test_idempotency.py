"""Claims of idempotency keys: one does the work, the others get its answer."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import TYPE_CHECKING
from uuid import UUID

import pytest

from tourpad.core.requests import idempotency
from tourpad.core.requests.idempotency import Answer, AnswerLost, KeyBusy, KeyReused

if TYPE_CHECKING:
    from tourpad.core.clock import VirtualClock
    from tourpad.core.platform import Platform

SECRETS = ("a secret for hashes", "an older one")
DONE = Answer(201, "application/json", b'{"id": 1}')


def claim(platform: "Platform", *, caller: str = "ada", key: str = "k", body: bytes = b"{}") -> UUID | Answer:
    hashes = idempotency.request_hash(SECRETS, b"POST /x\n" + body)
    return idempotency.claim(platform.autocommit, caller=caller, key=key, hashes=hashes, now=platform.clock.now())


def mine(platform: "Platform", **more: str) -> UUID:
    claimed = claim(platform, **more)  # type: ignore[arg-type]
    assert isinstance(claimed, UUID)
    return claimed


def mark(platform: "Platform", claimed: UUID) -> None:
    with platform.autocommit.connect() as connection:
        connection.exec_driver_sql(idempotency.MARK, (claimed,))


def test_the_second_gets_the_answer_of_the_first(platform: "Platform") -> None:
    idempotency.finish(platform.autocommit, mine(platform), DONE)
    assert claim(platform) == DONE
    assert claim(platform) == DONE


def test_another_request_with_the_key_is_refused(platform: "Platform") -> None:
    idempotency.finish(platform.autocommit, mine(platform), DONE)
    with pytest.raises(KeyReused):
        claim(platform, body=b'{"other": true}')


def test_whoever_comes_while_the_first_is_at_work_is_told_so(platform: "Platform") -> None:
    mine(platform)
    with pytest.raises(KeyBusy):
        claim(platform)
    with pytest.raises(KeyReused):
        claim(platform, body=b"other")


def test_the_same_key_of_another_caller_is_another_key(platform: "Platform") -> None:
    mine(platform)
    assert isinstance(claim(platform, caller="mara"), UUID)


def test_a_released_key_is_free(platform: "Platform") -> None:
    idempotency.release(platform.autocommit, mine(platform))
    assert isinstance(claim(platform, body=b"mended"), UUID)


def test_answers_are_kept_for_a_day(platform: "Platform", clock: "VirtualClock") -> None:
    idempotency.finish(platform.autocommit, mine(platform), DONE)
    clock.advance(timedelta(hours=23, minutes=59))
    assert claim(platform) == DONE
    clock.advance(timedelta(minutes=1))
    assert isinstance(claim(platform), UUID)


def test_what_a_dead_process_had_not_done_is_done_by_the_next(platform: "Platform", clock: "VirtualClock") -> None:
    mine(platform)
    clock.advance(idempotency.LEASE)
    assert isinstance(claim(platform), UUID)


def test_what_a_dead_process_had_done_is_not_done_again(platform: "Platform", clock: "VirtualClock") -> None:
    mark(platform, mine(platform))
    with pytest.raises(KeyBusy):
        claim(platform)
    clock.advance(idempotency.LEASE)
    with pytest.raises(AnswerLost):
        claim(platform)


def test_a_rotated_secret_still_knows_the_request(platform: "Platform") -> None:
    old = idempotency.request_hash(SECRETS[1:], b"POST /x\n{}")
    claimed = idempotency.claim(platform.autocommit, caller="ada", key="k", hashes=old, now=platform.clock.now())
    assert isinstance(claimed, UUID)
    idempotency.finish(platform.autocommit, claimed, DONE)
    assert claim(platform) == DONE


def test_of_many_at_once_one_gets_the_work(platform: "Platform") -> None:
    together = Barrier(8)

    def go(_: int) -> bool:
        together.wait()
        try:
            return isinstance(claim(platform), UUID)
        except KeyBusy:
            return False

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(go, range(8))) == 1
