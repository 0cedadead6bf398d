"""Databases of both kinds: what is stored must be the same on each."""

from collections.abc import Iterator

import pytest
from planwhy_collector.db import Database
from postgres_server import PostgresServer, need_server


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """One server for all tests of this run: the given one, or one of its own."""
    need_server()
    server = PostgresServer()
    yield server
    server.close()


@pytest.fixture
def durable_postgres() -> Iterator[PostgresServer]:
    """A server of one test, with the settings that PostgreSQL ships: to be killed, stopped and started again."""
    need_server(own=True)
    server = PostgresServer(durable=True)
    yield server
    server.close()


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
