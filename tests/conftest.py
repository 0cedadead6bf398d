"""What every test may ask for: an upgraded database of its own, embedded and on a real PostgreSQL server."""

import locale
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from planwhy_collector.db import Database
from postgres_server import PostgresServer, need_server


@pytest.fixture(autouse=True)
def characters_as_before() -> Iterator[None]:
    """Tests that change the environment's language must not change how later tests read what programs print.

    Libraries that a test loads set the locale of the whole process by what the environment says at that moment.
    """
    before = locale.setlocale(locale.LC_CTYPE)
    yield
    locale.setlocale(locale.LC_CTYPE, before)


@pytest.fixture(scope="session")
def upgraded_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database at the newest schema, made once by the real migrations."""
    path = tmp_path_factory.mktemp("schema") / "empty.sqlite3"
    database = Database(f"sqlite:///{path}")
    database.upgrade()
    database.close()
    return path


@pytest.fixture
def database(upgraded_sqlite: Path, tmp_path: Path) -> Iterator[Database]:
    """A fresh copy of the empty database."""
    path = tmp_path / "planwhy.sqlite3"
    shutil.copyfile(upgraded_sqlite, path)
    database = Database(f"sqlite:///{path}")
    yield database
    database.close()


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


@pytest.fixture
def on_postgres(postgres: PostgresServer) -> Iterator[Database]:
    """An empty database at the newest schema, on a server."""
    url = postgres.copy()
    with Database(url) as database:
        yield database
    postgres.drop(url)


@pytest.fixture(params=["sqlite", "postgresql"])
def either(request: pytest.FixtureRequest) -> Iterator[Database]:
    """An empty database at the newest schema, embedded and on a server."""
    yield request.getfixturevalue("database" if request.param == "sqlite" else "on_postgres")
