"""The API in process, on a database of its own."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from tests.apps import client_of

if TYPE_CHECKING:
    from litestar.testing import TestClient

    from tourpad.core.platform import Platform


@pytest.fixture
def client(platform: "Platform") -> "Iterator[TestClient[Any]]":
    """A client of the whole application."""

    with client_of(platform) as opened:
        yield opened
