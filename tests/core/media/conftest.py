"""Platforms whose files lie in a folder, or in S3; with a scanner, or without."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from tests.factories.media import FakeClamd
from tests.storages import s3_server, s3_variables


@pytest.fixture(scope="session")
def s3() -> Iterator[str]:
    """An S3 protocol server."""
    with s3_server() as address:
        yield address


@pytest.fixture
def in_s3(environment: dict[str, str], s3: str) -> None:
    """The platform of this test keeps its files in S3."""
    environment.update(s3_variables(s3, uuid4().hex[:12]))


@pytest.fixture
def clamd(environment: dict[str, str], tmp_path: Path) -> Iterator[FakeClamd]:
    """The platform of this test scans."""
    fake = FakeClamd(tmp_path)
    environment["CLAMD_SOCKET"] = str(fake.path)
    with fake.running():
        yield fake


@pytest.fixture(params=["local", "s3"])
def stored(request: pytest.FixtureRequest) -> None:
    """Once in a folder, once in S3."""
    if request.param == "s3":
        request.getfixturevalue("in_s3")
