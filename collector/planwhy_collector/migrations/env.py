"""Runs migrations against the address that `db.alembic_config` was given."""

import sqlite3
import time
from typing import Any, Literal

from alembic import context
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError

from planwhy_collector.engines import make_engine
from planwhy_collector.errors import ConfigError
from planwhy_collector.models import Base
from planwhy_collector.models.base import Money

UPGRADE_TURN = 0x5C4E3A
"""The advisory lock of whoever changes the schema."""
LOCK_TIMEOUT, TRIES = "2s", 200
LOCKED = ("55P03", "40P01")
"""PostgreSQL's codes of a lock that was not to be had in time, and of a deadlock."""


def plain_type(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """Write the database's own type into a migration, never a class of today's models."""
    return "sa.BigInteger()" if kind == "type" and isinstance(item, Money) else False


def is_schema(name: str | None, kind: str, _parents: Any) -> bool:
    """Whether a table belongs to the schema: the months of spans come and go by themselves."""
    return not (kind == "table" and name and name.startswith("span_blocks_"))


def one_at_a_time(connection: Connection) -> None:
    """Wait for another upgrade, before the schema's revision is read. On SQLite the write lock does the same."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SELECT pg_advisory_lock({UPGRADE_TURN})"))
        connection.commit()  # the lock stays until the connection is closed


def without_references(connection: Connection) -> None:
    """Let a table of SQLite be replaced by a changed copy while others refer to it; `whole` looks at it afterwards."""
    if connection.dialect.name == "sqlite":
        raw = connection.connection.driver_connection
        assert isinstance(raw, sqlite3.Connection)  # noqa: S101  make_engine chose the driver
        raw.execute("PRAGMA foreign_keys=OFF")  # it counts only outside of a transaction


def whole(ctx: MigrationContext, *_: Any, **__: Any) -> None:
    """Refuse a migration of SQLite after which a row refers to one that is not there; it is rolled back."""
    connection = ctx.connection
    if connection and connection.dialect.name == "sqlite":
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
        if broken:
            raise ConfigError(f"rows of {broken[0]} refer to rows of {broken[2]} that are not there")


def run() -> None:
    """Run all pending migrations, each in its own transaction, schema changes included.

    On a connection that the caller brings, everything happens in the caller's transaction.
    """
    given = context.config.attributes.get("connection")
    if given is not None:
        run_on(given)
        return
    engine = make_engine(context.config.attributes["url"])
    try:
        with engine.connect() as connection:
            one_at_a_time(connection)
            without_references(connection)
            patiently(connection)
    finally:
        engine.dispose()


def patiently(connection: Connection) -> None:
    """Run migrations without holding up writers of the previous release behind a lock that someone else keeps.

    On PostgreSQL a lock that is not had soon is let go of, with all that its migration did, and asked for again.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SET lock_timeout = '{LOCK_TIMEOUT}'"))
        connection.commit()
    for _ in range(TRIES):
        try:
            return run_on(connection)
        except OperationalError as error:
            if getattr(error.orig, "sqlstate", None) not in LOCKED:
                raise
            connection.rollback()
            time.sleep(1)
    return run_on(connection)


def run_on(connection: Connection) -> None:
    """Run what the revision of this database lacks."""
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        transaction_per_migration=True,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
        render_item=plain_type,
        include_name=is_schema,
        on_version_apply=whole,
    )
    with context.begin_transaction():
        context.run_migrations()


run()
