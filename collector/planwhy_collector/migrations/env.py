"""Runs migrations against the address that `db.alembic_config` was given."""

from contextlib import nullcontext
from typing import Any, Literal

from alembic import context
from sqlalchemy import Connection

from planwhy_collector.db import make_engine
from planwhy_collector.models import Base
from planwhy_collector.models.base import Money


def plain_type(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """Write the database's own type into a migration, never a class of today's models."""
    return "sa.BigInteger()" if kind == "type" and isinstance(item, Money) else False


def run() -> None:
    """Run all pending migrations, each in its own transaction, schema changes included.

    The write lock is taken before the schema's revision is read, so that two upgrades at once follow each other.
    On a connection that the caller brings, everything happens in the caller's transaction.
    """
    given = context.config.attributes.get("connection")
    if given is not None:
        run_on(given)
        return
    engine = make_engine(context.config.attributes["url"])
    with engine.connect() as connection:
        run_on(connection)
    engine.dispose()


def run_on(connection: Connection) -> None:
    """Run what the revision of this database lacks."""
    within = connection.in_transaction()
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        transaction_per_migration=True,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
        render_item=plain_type,
    )
    if within:  # what a migration would commit half-way, for the sake of others at work, belongs to the caller too
        context.get_context().autocommit_block = nullcontext  # type: ignore[method-assign,assignment]  # of this run only
    with context.begin_transaction():
        context.run_migrations()


run()
