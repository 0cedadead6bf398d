"""Every migration keeps every row, and runs while the previous release writes. A new migration is tested by itself."""

import sqlite3
import subprocess
import threading
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from earlier_release import SPANS, Writer, add_devices, writer_of
from filled_tables import all_rows, fill, lost
from planwhy_collector.db import Database, alembic_config
from planwhy_collector.errors import ConfigError, Unavailable
from planwhy_collector.queries.months import parts
from postgres_server import PostgresServer
from running import BIN, eventually
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

REVISIONS = [
    script.revision for script in reversed(list(ScriptDirectory.from_config(alembic_config("")).walk_revisions()))
]
STEPS = list(pairwise(REVISIONS))
MACHINES = range(1, 4)


@pytest.fixture
def empty_postgres(postgres: PostgresServer) -> Iterator[Database]:
    """A database on a server, without any schema."""
    url = postgres.copy("template0")
    with Database(url) as database:
        yield database
    postgres.drop(url)


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database without any schema, embedded and on a server."""
    if request.param == "postgresql":
        yield request.getfixturevalue("empty_postgres")
        return
    with Database(f"sqlite:///{tmp_path / 'empty.sqlite3'}") as database:
        yield database


def bring(database: Database, revision: str) -> None:
    command.upgrade(alembic_config(database.url), revision)


@pytest.mark.parametrize("revision", REVISIONS[:-1])
def test_an_upgrade_keeps_every_row_of_every_table(empty: Database, revision: str) -> None:
    bring(empty, revision)
    fill(empty.engine)
    before = all_rows(empty.engine)
    assert all(before.values())
    empty.upgrade()
    assert lost(before, all_rows(empty.engine)) == {}


def test_a_row_that_refers_to_nothing_stops_an_upgrade_before_it_changes_anything(tmp_path: Path) -> None:
    with Database(f"sqlite:///{tmp_path / 'broken.sqlite3'}") as database:
        bring(database, "0001")
        with sqlite3.connect(tmp_path / "broken.sqlite3") as raw:
            raw.execute("INSERT INTO devices VALUES (1, 77, 'i1', 'pc', 'linux', 'u', '0', 0, 0, NULL)")
        with pytest.raises(ConfigError, match="rows of devices refer to rows of employees that are not there"):
            database.upgrade()
        with database.reading() as session:
            assert session.scalar(text("SELECT version_num FROM alembic_version")) == "0001"


def stored(database: Database, sql: str) -> list[tuple[int, ...]]:
    with database.reading() as session:
        return [tuple(row) for row in session.execute(text(f"{sql} GROUP BY device_id ORDER BY device_id"))]


def check_each_once(database: Database, writers: list[Writer]) -> None:
    """Whatever was acknowledged is there once, in the ledger, in the sequence ranges and as spans."""
    sent = [(one.device, one.acknowledged) for one in writers]
    assert stored(database, "SELECT device_id, count(*) FROM batches") == sent
    spans = "SELECT device_id, count(*), count(DISTINCT seq), max(seq) FROM spans"
    assert stored(database, spans) == [(d, n * SPANS, n * SPANS, n * SPANS - 1) for d, n in sent]
    runs = "SELECT device_id, count(*), min(first_seq), max(last_seq) FROM seq_ranges"
    assert stored(database, runs) == [(d, 1, 0, n * SPANS - 1) for d, n in sent]


def writing(database: Database, revision: str) -> list[Writer]:
    """Some machines of the release of a revision, each with something stored."""
    bring(database, revision)
    with database.engine.begin() as connection:
        add_devices(connection, MACHINES)
    writers = [Writer(database, writer_of(revision), device) for device in MACHINES]
    for one in writers:
        one.wait_for_more()
    return writers


@pytest.mark.parametrize(("revision", "following"), STEPS)
def test_a_migration_runs_while_the_previous_release_writes(empty: Database, revision: str, following: str) -> None:
    writers = writing(empty, revision)
    try:
        bring(empty, following)
        for one in writers:
            one.wait_for_more()
    finally:
        for one in writers:
            one.stop()
    check_each_once(empty, writers)
    assert {type(error) for one in writers for error in one.errors} <= {
        OperationalError,
        Unavailable,
    }  # each is answered by a 503


def test_a_long_read_puts_the_upgrade_off_and_not_the_writers(empty_postgres: Database) -> None:
    writers = writing(empty_postgres, "0002")
    upgrade = threading.Thread(target=empty_postgres.upgrade)
    try:
        with empty_postgres.engine.begin() as reading:
            reading.execute(text("SELECT count(*) FROM devices"))
            upgrade.start()
            waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted AND mode = 'AccessExclusiveLock'"
            eventually(lambda: reading.scalar(text(waiting)))
            for one in writers:
                one.wait_for_more(30)
            assert upgrade.is_alive()
        upgrade.join(60)
        assert empty_postgres.current()
    finally:
        for one in writers:
            one.stop()
    check_each_once(empty_postgres, writers)


def test_upgrades_at_once_follow_each_other_from_nothing(empty: Database) -> None:
    programs = [
        subprocess.Popen(
            [BIN / "planwhy", "db", "upgrade"],
            env={"PLANWHY_DATABASE_URL": empty.url},
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    ended = [(one.wait(60), one.communicate()[1]) for one in programs]
    assert ended == [(0, "the schema is at this release\n")] * 2
    assert empty.current()
    command.check(alembic_config(empty.url))
    if not empty.embedded:
        with empty.reading() as session:
            assert len(parts(session)) == 16
