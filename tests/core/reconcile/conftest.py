"""The season that every test of `reconcile` has a copy of: played once by each worker."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.conftest import START
from tests.core.reconcile.seasons import Season, play

if TYPE_CHECKING:
    from tests.factories.payouts import Show
    from tests.postgres import TestServer
    from tests.stripe_sandbox import Sandbox


@pytest.fixture(scope="session")
def played(server: "TestServer", tmp_path_factory: pytest.TempPathFactory) -> Season:
    """A show that was paid, settled and paid out, a refund and a dispute that was won: all heard of, at rest."""
    return play(server, tmp_path_factory.mktemp("season"), START)


@pytest.fixture
def season(played: Season, tmp_path: Path) -> Iterator[tuple["Sandbox", "Show"]]:
    """A copy of it to do things to: its Stripe and its books, and the show."""
    with played.copy(tmp_path) as sandbox:
        yield sandbox, played.show
