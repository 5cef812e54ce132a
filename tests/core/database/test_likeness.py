"""A server that does not have what search needs, or does not let us have it."""

import pytest
from sqlalchemy import create_engine, text

from tests.postgres import TestServer
from tourpad.core.database.engine import driver_url
from tourpad.core.database.likeness import is_installed, require_extension
from tourpad.core.errors import ConfigurationError


def test_a_user_who_may_not_create_is_told_what_an_administrator_runs(server: TestServer) -> None:
    address = server.empty()
    engine = create_engine(driver_url(address))
    try:
        with engine.connect() as connection:
            connection.execute(text("CREATE ROLE tourpad_test_lodger"))
            connection.execute(text("SET ROLE tourpad_test_lodger"))
            with pytest.raises(ConfigurationError, match="may not create the extension pg_trgm") as caught:
                require_extension(connection)
            assert caught.value.hint == "Let an administrator of the database run: CREATE EXTENSION pg_trgm;"
            connection.rollback()
            assert not is_installed(connection)
            require_extension(connection)
            require_extension(connection)
            assert is_installed(connection)
    finally:
        engine.dispose()
        server.drop(address)
