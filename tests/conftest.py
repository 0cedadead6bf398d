"""What every test may ask for: an upgraded embedded database of its own."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from planwhy_collector.db import Database


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
