"""Databases of both kinds: what is stored must be the same on each."""

from collections.abc import Iterator

import pytest
from planwhy_collector.db import Database
from postgres_server import PostgresServer, why_not


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """One server for all tests of this run; skips with the reason where there is none."""
    if reason := why_not():
        pytest.skip(reason)
    server = PostgresServer()
    yield server
    server.stop()


@pytest.fixture(params=["sqlite", "postgresql"])
def either(request: pytest.FixtureRequest) -> Iterator[Database]:
    """An empty database at the newest schema, embedded and on a server."""
    if request.param == "sqlite":
        yield request.getfixturevalue("database")
        return
    server = request.getfixturevalue("postgres")
    url = server.copy()
    database = Database(url)
    yield database
    database.close()
    server.drop(url)
