"""The database: sessions that commit as a whole or not at all, and the schema's upgrade.

Writers of one process take turns before they ask SQLite, which would let each of them poll for its lock.
"""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Self

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, Engine
from sqlalchemy.orm import Session

from planwhy_collector.engines import BUSY_MS, COMMANDS, Pool, make_engine
from planwhy_collector.errors import ConfigError, InvalidInput, Unavailable


class Database:
    """An engine and its sessions."""

    def __init__(self, url: str, pool: Pool = COMMANDS) -> None:
        self.url = url
        self.engine = make_engine(url, pool)
        self._turn = threading.Lock()

    def beside(self, pool: Pool) -> "Database":
        """The same database through another pool. Its writers take turns with those of this one."""
        other = Database(self.url, pool)
        other._turn = self._turn
        return other

    @property
    def embedded(self) -> bool:
        """Whether this is SQLite."""
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A transaction that commits at the end, or rolls back on any error.

        Raises Unavailable where another writer keeps the embedded database for too long.
        """
        turn: AbstractContextManager[None] = self._my_turn() if self.embedded else nullcontext()
        with turn, Session(self.engine, expire_on_commit=False) as session, session.begin():
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A transaction for queries only; it takes no write lock."""
        with Session(self._reading_engine, expire_on_commit=False) as session:
            yield session

    def upgrade(self) -> None:
        """Bring the schema to this release, whole or not at all. Safe to call again, and by two at once.

        Raises ConfigError for a schema that this release does not know, and where rows would refer to nothing.
        """
        try:
            if not self.current():
                command.upgrade(alembic_config(self.url), "head")
        except CommandError:
            raise ConfigError("the database belongs to another release of Planwhy: install that one") from None

    def current(self) -> bool:
        """Whether the schema is at this release."""
        with self._reading_engine.connect() as connection:
            return MigrationContext.configure(connection).get_current_revision() == newest_revision()

    def backup(self, file: Path) -> None:
        """Write a consistent copy of an embedded database to a new file, also while others write."""
        with self.engine.connect() as source, closing(sqlite3.connect(file)) as target:
            _raw(source).backup(target)

    def restore(self, file: Path) -> None:
        """Replace the content of an embedded database. Raises InvalidInput where the file is no whole copy of one."""
        known = {script.revision for script in ScriptDirectory.from_config(alembic_config(self.url)).walk_revisions()}
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as source:
            try:
                (revision,) = source.execute("SELECT version_num FROM alembic_version").fetchone()
                (state,) = source.execute("PRAGMA quick_check(1)").fetchone()
            except (sqlite3.DatabaseError, TypeError):
                raise InvalidInput(f"{file}: is not a whole backup of Planwhy") from None
            if state != "ok":
                raise InvalidInput(f"{file}: is damaged")
            if revision not in known:
                raise InvalidInput(f"{file}: was made by another release of Planwhy")
            with self.engine.connect() as target:
                source.backup(_raw(target))

    def __enter__(self) -> Self:
        """Use the database for a block of code, which closes it."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close all connections."""
        self.close()

    def empty(self) -> bool:
        """Whether there is no schema yet."""
        with self._reading_engine.connect() as connection:
            return MigrationContext.configure(connection).get_current_revision() is None

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()

    @property
    def _reading_engine(self) -> Engine:
        """The engine for transactions that ask for no write lock."""
        return self.engine.execution_options(planwhy_reading=True)

    @contextmanager
    def _my_turn(self) -> Iterator[None]:
        if not self._turn.acquire(timeout=BUSY_MS / 1000):
            raise Unavailable("another writer keeps the database")
        try:
            yield
        finally:
            self._turn.release()


def _raw(connection: Connection) -> sqlite3.Connection:
    raw = connection.connection.driver_connection
    assert isinstance(raw, sqlite3.Connection)  # noqa: S101  callers ask `embedded` first
    raw.rollback()
    return raw


@cache
def newest_revision() -> str | None:
    """The schema's revision in this release."""
    return ScriptDirectory.from_config(alembic_config("")).get_current_head()


def alembic_config(url: str) -> Config:
    """Alembic's configuration for a database address; the migrations travel inside the package."""
    config = Config()
    config.set_main_option("script_location", str(resources.files("planwhy_collector") / "migrations"))
    config.attributes["url"] = url
    return config
