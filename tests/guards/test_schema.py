"""Guards the schema: migrations are linear, equal to the models, and travel inside the package."""

from alembic import command
from alembic.script import ScriptDirectory
from planwhy_collector.db import Database, alembic_config


def test_migrations_are_linear() -> None:
    scripts = ScriptDirectory.from_config(alembic_config("sqlite://"))
    revisions = list(scripts.walk_revisions())
    assert len(scripts.get_heads()) == 1
    assert all(not isinstance(r.down_revision, tuple) for r in revisions)


def test_migrations_make_exactly_the_models(database: Database) -> None:
    command.check(alembic_config(database.url))
