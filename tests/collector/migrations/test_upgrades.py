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
from sqlalchemy import inspect, text
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


SPANS_STORED = "SELECT device_id, 1 AS spans, seq AS first, seq AS last FROM spans"
BLOCKS_STORED = "SELECT device_id, spans, first_seq, first_seq + spans - 1 FROM span_blocks"


def grouped(database: Database, sql: str) -> list[tuple[int, ...]]:
    with database.reading() as session:
        return [tuple(row) for row in session.execute(text(f"{sql} GROUP BY device_id ORDER BY device_id"))]


def check_each_once(database: Database, writers: list[Writer]) -> None:
    """Whatever was acknowledged is there once, in the ledger, in the sequence ranges and as spans."""
    sent = [(one.device, one.acknowledged) for one in writers]
    assert grouped(database, "SELECT device_id, count(*) FROM batches") == sent
    blocks = f" UNION ALL {BLOCKS_STORED}" if inspect(database.engine).has_table("span_blocks") else ""
    spans = f"SELECT device_id, sum(spans), min(first), max(last) FROM ({SPANS_STORED}{blocks}) AS stored"
    assert grouped(database, spans) == [(d, n * SPANS, 0, n * SPANS - 1) for d, n in sent]
    runs = "SELECT device_id, count(*), min(first_seq), max(last_seq) FROM seq_ranges"
    assert grouped(database, runs) == [(d, 1, 0, n * SPANS - 1) for d, n in sent]


def writing(database: Database, revision: str) -> list[Writer]:
    """Some machines of the release of a revision, each with something stored."""
    bring(database, revision)
    with database.engine.begin() as connection:
        add_devices(connection, MACHINES)
    writers = [Writer(database, writer_of(revision), device) for device in MACHINES]
    for one in writers:
        one.wait_for_more()
    return writers


@pytest.mark.parametrize(("revision", "following"), [*STEPS, (REVISIONS[-1], REVISIONS[-1])])
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
    answered_by_503 = {OperationalError, Unavailable}
    assert {type(error) for one in writers for error in one.errors} <= answered_by_503


@pytest.mark.parametrize(("revision", "following"), STEPS)
def test_a_long_read_may_put_an_upgrade_off_and_never_the_writers(
    empty_postgres: Database, revision: str, following: str
) -> None:
    writers = writing(empty_postgres, revision)
    upgrade = threading.Thread(target=bring, args=(empty_postgres, following))
    try:
        with empty_postgres.engine.begin() as reading:
            for table in inspect(reading).get_table_names():
                reading.execute(text(f"SELECT count(*) FROM {table}"))
            upgrade.start()
            waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted AND mode = 'AccessExclusiveLock'"
            eventually(lambda: reading.scalar(text(waiting)) or not upgrade.is_alive())
            for one in writers:
                one.wait_for_more(30)
        upgrade.join(60)
        assert not upgrade.is_alive()
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
