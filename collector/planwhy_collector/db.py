"""The database: one engine per process, sessions that commit as a whole or not at all, and the schema's upgrade.

SQLite runs in WAL mode with `synchronous=FULL` and takes its write lock at the beginning of a transaction, so
that a transaction never fails half-way for want of it. Writers of one process take turns before they ask SQLite,
which would let each of them poll for its lock. What is deleted is overwritten in the file.
"""

import sqlite3
import threading
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from importlib import resources
from pathlib import Path
from typing import Any, Self

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.orm import Session

from planwhy_collector.errors import ConfigError, Unavailable

BUSY_MS = 15_000
"""How long a SQLite writer waits for another one."""


class Database:
    """An engine and its sessions."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.engine = make_engine(url)
        self._turn = threading.Lock()

    @property
    def embedded(self) -> bool:
        """Whether this is SQLite."""
        return self.engine.dialect.name == "sqlite"

    @property
    def path(self) -> Path:
        """The file of an embedded database."""
        return Path(self.engine.url.database or "")

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
        engine = self.engine.execution_options(planwhy_reading=True)
        with Session(engine, expire_on_commit=False) as session:
            yield session

    def upgrade(self) -> None:
        """Bring the schema to this release, whole or not at all. Safe to call again, and by two at once.

        Raises ConfigError for a schema that this release does not know.
        """
        try:
            if not self.current():
                command.upgrade(alembic_config(self.url), "head")
        except CommandError:
            raise ConfigError("the database belongs to another release of Planwhy: install that one") from None

    def current(self) -> bool:
        """Whether the schema is at this release."""
        head = ScriptDirectory.from_config(alembic_config(self.url)).get_current_head()
        with self.engine.connect() as connection:
            return MigrationContext.configure(connection).get_current_revision() == head

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


def alembic_config(url: str) -> Config:
    """Alembic's configuration for a database address; the migrations travel inside the package."""
    config = Config()
    config.set_main_option("script_location", str(resources.files("planwhy_collector") / "migrations"))
    config.attributes["url"] = url
    return config


def make_engine(url: str) -> Engine:
    """Make an engine whose transactions behave as this module says. Raises ConfigError for a wrong address."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise ConfigError("database_url: not an address such as sqlite:///planwhy.sqlite3") from None
    if parsed.get_backend_name() == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
        return create_engine(parsed, pool_pre_ping=True, pool_size=10, max_overflow=10, hide_parameters=True)
    if parsed.get_backend_name() != "sqlite":
        raise ConfigError(f"database_url: {parsed.get_backend_name()!r} is neither sqlite nor postgresql")
    if parsed.database and parsed.database != ":memory:":
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(parsed, hide_parameters=True)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


_PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON")


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # this module says BEGIN itself
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "secure_delete=ON",
        f"busy_timeout={BUSY_MS}",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Any) -> None:
    reading = connection.get_execution_options().get("planwhy_reading")
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")
