"""Guards the schema: migrations are linear, equal to the models, and travel inside the package."""

from alembic import command
from alembic.script import ScriptDirectory
from planwhy_collector.db import Database, alembic_config
from planwhy_collector.models import Base
from sqlalchemy import text


def test_migrations_are_linear() -> None:
    scripts = ScriptDirectory.from_config(alembic_config("sqlite://"))
    revisions = list(scripts.walk_revisions())
    assert len(scripts.get_heads()) == 1
    assert all(not isinstance(r.down_revision, tuple) for r in revisions)


def test_migrations_make_exactly_the_models(either: Database) -> None:
    command.check(alembic_config(either.url))


def test_migrations_partition_what_the_models_partition(on_postgres: Database) -> None:
    said = {name: table.dialect_options["postgresql"]["partition_by"] for name, table in Base.metadata.tables.items()}
    query = text("SELECT partrelid::regclass::text, pg_get_partkeydef(partrelid) FROM pg_partitioned_table")
    with on_postgres.reading() as session:
        assert dict(session.execute(query).all()) == {name: key for name, key in said.items() if key}
