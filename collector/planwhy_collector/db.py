"""The database: sessions that commit as a whole or not at all, and the schema's upgrade.

Writers of one process take turns before they ask SQLite, which would let each of them poll for its lock; they share one
connection, whose pages stay in memory because nobody else changes them.
"""

import sqlite3
import threading
from collections.abc import Iterable, Iterator
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

from planwhy_collector.engines import BUSY_MS, COMMANDS, WRITER, Pool, make_engine
from planwhy_collector.errors import ConfigError, Unavailable


class Database:
    """An engine and its sessions; `writer` is the engine of transactions that write."""

    def __init__(self, url: str, pool: Pool = COMMANDS) -> None:
        self.url = url
        self.engine = make_engine(url, pool)
        self.writer = make_engine(url, WRITER) if self.path.name else self.engine
        self._turn = threading.Lock()

    def beside(self, pool: Pool) -> "Database":
        """The same database through another pool. Its writers take turns with those of this one."""
        other = Database(self.url, pool)
        other._turn = self._turn
        if self.path.name:
            other.writer = self.writer
        return other

    @property
    def embedded(self) -> bool:
        """Whether this is SQLite."""
        return self.engine.dialect.name == "sqlite"

    @property
    def path(self) -> Path:
        """The file of an embedded database; without a name for a server, and for one in memory."""
        name = self.engine.url.database or ""
        return Path(name) if self.embedded and name != ":memory:" else Path()

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A transaction that commits at the end, or rolls back on any error.

        Raises Unavailable where another writer keeps the embedded database for too long.
        """
        turn: AbstractContextManager[None] = self._my_turn() if self.embedded else nullcontext()
        with turn, Session(self.writer, expire_on_commit=False) as session, session.begin():
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

    def scrub(self, tables: Iterable[str] = ()) -> bool:
        """Overwrite what deleted rows left behind in the files, of these tables on a server; False where it is in use.

        SQLite is written anew, and its log emptied. PostgreSQL frees the rows that no transaction can see any more.
        """
        if not self.embedded:
            with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                for table in tables:
                    connection.exec_driver_sql(f"VACUUM (ANALYZE) {table}")
            return True
        with closing(sqlite3.connect(self.path, timeout=BUSY_MS / 1000, isolation_level=None)) as raw:
            try:
                raw.execute("VACUUM")
                (busy, *_) = raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            except sqlite3.OperationalError:
                return False
        return not busy

    def __enter__(self) -> Self:
        """Use the database for a block of code, which closes it."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close all connections."""
        self.close()

    def revision(self) -> str | None:
        """The schema's revision; None where there is no schema yet."""
        with self.engine.connect() as connection:
            found: str | None = MigrationContext.configure(connection).get_current_revision()
            return found

    def empty(self) -> bool:
        """Whether there is no schema yet."""
        return self.revision() is None

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()
        self.writer.dispose()

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


def known_revisions() -> tuple[str, ...]:
    """The schema revisions that this release can start from, the newest first."""
    scripts = ScriptDirectory.from_config(alembic_config("sqlite://"))
    return tuple(script.revision for script in scripts.walk_revisions())


def upgrade_within(connection: Connection, revision: str = "head") -> None:
    """Bring the schema to a revision in the transaction of this connection; nothing is committed."""
    config = alembic_config("")
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


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
