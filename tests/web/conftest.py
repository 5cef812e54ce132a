"""The API in process, on a database of its own."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from tests.apps import client_of

if TYPE_CHECKING:
    from litestar.testing import TestClient

    from tests.web.api import Api
    from tourpad.core.platform import Platform


@pytest.fixture
def client(platform: "Platform") -> "Iterator[TestClient[Any]]":
    """A client of the whole application."""

    with client_of(platform) as opened:
        yield opened


@pytest.fixture
def api(platform: "Platform") -> "Iterator[Api]":
    """The same, with people in every state who sign in."""
    from tests.web.api import opened

    with opened(platform) as api:
        yield api
