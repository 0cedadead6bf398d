"""What commands start from: the settings in force and an opened database. Raises ConfigError, Unavailable."""

import os
from functools import cache
from pathlib import Path

from planwhy_collector.config import Settings, load_settings
from planwhy_collector.db import Database
from planwhy_collector.errors import ConfigError


@cache
def settings() -> Settings:
    """The settings in force: environment over the file over defaults."""
    return load_settings(os.environ, _file(os.environ.get("PLANWHY_CONFIG")))


def _file(named: str | None) -> Path | None:
    if named:
        return Path(named)
    here = Path("planwhy.toml")
    return here if here.is_file() else None


def existing_database() -> Database | None:
    """The database where there is one at this release's schema, for what can do without; nothing is made or changed."""
    database = Database(settings().database_url)
    if database.embedded and not database.path.is_file():
        return None
    if database.current():
        return database
    database.close()
    return None


def opened_database(chosen: Settings | None = None) -> Database:
    """Open the database at this release's schema. An embedded one is brought up to date, another one must be.

    Use it in a `with` block, which closes it.
    """
    database = Database((chosen or settings()).database_url)
    if database.embedded:
        database.upgrade()
    elif not database.current():
        raise ConfigError("the database is not at this release's schema: run `planwhy db upgrade`")
    return database
