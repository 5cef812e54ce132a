"""A season for tests of runs: money at the sandbox, and books that must hold at the end."""

from collections.abc import Iterator

import pytest

from tests.factories.payouts import fund
from tests.factories.seasons import ME, Season
from tourpad.core.clock import VirtualClock
from tourpad.core.ledger import service as ledger
from tourpad.core.payouts import service
from tourpad.core.platform import Platform


@pytest.fixture
def season(platform: Platform, clock: VirtualClock) -> Iterator[Season]:
    """A platform with $5,000 in Stripe's balance. Whatever the test does, the books hold afterwards."""
    fund(platform, 500_000)
    made = Season(platform, clock)
    yield made
    with platform.work(ME) as work:
        assert [f.message for f in (*service.verify(work), *ledger.verify(work))] == []
