"""The database: one engine per process, sessions that commit as a whole or not at all, and the schema's upgrade.

SQLite runs in WAL mode with `synchronous=FULL` and takes its write lock at the beginning of a transaction, so
that a transaction never fails half-way for want of it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, create_engine, event, make_url
from sqlalchemy.orm import Session

BUSY_MS = 15_000
"""How long a SQLite writer waits for another one."""


class Database:
    """An engine and its sessions."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.engine = _engine(url)

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A transaction that commits at the end, or rolls back on any error."""
        with Session(self.engine, expire_on_commit=False) as session, session.begin():
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A transaction for queries only; it takes no write lock."""
        engine = self.engine.execution_options(planwhy_reading=True)
        with Session(engine, expire_on_commit=False) as session:
            yield session

    def upgrade(self) -> None:
        """Bring the schema to this release. Safe to call again."""
        command.upgrade(alembic_config(self.url), "head")

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()


def alembic_config(url: str) -> Config:
    """Alembic's configuration for a database address; the migrations travel inside the package."""
    config = Config()
    config.set_main_option("script_location", str(resources.files("planwhy_collector") / "migrations"))
    config.attributes["url"] = url
    return config


def _engine(url: str) -> Engine:
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return create_engine(parsed, pool_pre_ping=True, pool_size=10, max_overflow=10)
    if parsed.database and parsed.database != ":memory:":
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(parsed)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # this module says BEGIN itself
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={BUSY_MS}"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Any) -> None:
    reading = connection.get_execution_options().get("planwhy_reading")
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")
