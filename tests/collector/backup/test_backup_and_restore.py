"""A backup holds one moment and comes back row by row; what is no whole backup changes nothing."""

import random
import signal
import subprocess
import sys
import tempfile
import threading
import zipfile
from pathlib import Path

import pytest
from all_tables import everything, fill_every_table
from planwhy_collector.backup.making import make_backup
from planwhy_collector.backup.restoring import restore
from planwhy_collector.backup.seal import SEAL_BYTES, placed
from planwhy_collector.db import Database, upgrade_within
from planwhy_collector.errors import InvalidInput, Unavailable
from planwhy_collector.models import Base, Team, Word
from planwhy_collector.queries import copying
from postgres_server import PostgresServer
from sqlalchemy import delete, func, select, text


def back(database: Database, file: Path) -> int:
    return restore(database, file, lambda _session: 0)


def change(database: Database) -> dict[str, list[tuple[object, ...]]]:
    """Use the database after its backup, and tell what it holds then."""
    with database.writing() as session:
        session.execute(delete(Word))
        session.add(Team(id=99, name="Later"))
    return everything(database)


@pytest.fixture
def kept(either: Database, tmp_path: Path) -> Path:
    fill_every_table(either)
    make_backup(either, tmp_path / "copy")
    return tmp_path / "copy"


def test_every_row_of_every_table_comes_back_over_a_used_database(either: Database, kept: Path) -> None:
    before = everything(either)
    assert change(either) != before
    back(either, kept)
    assert all(before.values())
    assert everything(either) == before


def test_a_backup_is_for_its_owner_only_and_never_written_over_a_file(either: Database, kept: Path) -> None:
    assert kept.stat().st_mode & 0o777 == 0o600
    with pytest.raises(InvalidInput, match="exists already"):
        make_backup(either, kept)
    assert [path.name for path in kept.parent.iterdir() if path.name.startswith(".copy")] == []


def test_a_backup_made_while_someone_writes_holds_one_moment(either: Database, tmp_path: Path) -> None:
    """The writer adds to two tables in one transaction each time; the copy never holds one without the other."""
    fill_every_table(either)
    stop = threading.Event()

    def write() -> None:
        for number in range(1_000, 9_000):
            with either.writing() as session:
                session.add_all([Team(id=number, name=f"t{number}"), Word(id=number, word=f"w{number}")])
            if stop.is_set():
                return

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for turn in range(5):
            make_backup(either, tmp_path / f"copy{turn}")
    finally:
        stop.set()
        writer.join()
    for turn in range(5):
        back(either, tmp_path / f"copy{turn}")
        with either.reading() as session:
            counts = [session.scalar(select(func.count()).select_from(model)) for model in (Team, Word)]
        assert counts[0] == counts[1]


@pytest.mark.parametrize("kind", ["flipped", "cut", "appended", "other zip", "nonsense", "empty"])
def test_a_spoiled_backup_is_refused_and_nothing_changes(either: Database, kept: Path, kind: str) -> None:
    now = change(either)
    whole = kept.read_bytes()
    for turn in range(25 if kind in ("flipped", "cut") else 1):
        kept.write_bytes(spoilt(whole, kind, random.Random(turn)))
        with pytest.raises(InvalidInput, match=r"is damaged|is not a whole backup"):
            back(either, kept)
    assert everything(either) == now


def spoilt(whole: bytes, kind: str, chance: random.Random) -> bytes:
    at = chance.randrange(len(whole))
    if kind == "flipped":
        return whole[:at] + bytes([whole[at] ^ 1 << chance.randrange(8)]) + whole[at + 1 :]
    if kind == "other zip":
        return other_zip()
    return {"cut": whole[:at], "appended": whole + b"x", "nonsense": b"hello", "empty": b""}[kind]


def other_zip() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        with placed(Path(folder) / "other.zip") as file, zipfile.ZipFile(file, "w") as archive:
            archive.writestr("notes.txt", "hello")
        return (Path(folder) / "other.zip").read_bytes()


def test_an_archive_changed_and_sealed_again_is_refused_by_its_manifest(
    postgres: PostgresServer, tmp_path: Path
) -> None:
    with Database(postgres.copy()) as database:
        fill_every_table(database)
        make_backup(database, tmp_path / "copy")
        now = everything(database)
        with (
            zipfile.ZipFile(tmp_path / "copy") as old,
            placed(tmp_path / "forged") as file,
            zipfile.ZipFile(file, "w") as new,
        ):
            for name in old.namelist():
                content = old.read(name)
                new.writestr(name, content.replace(b"1", b"7", 1) if name == "tables/epochs.copy" else content)
        with pytest.raises(InvalidInput, match="epochs of the backup is damaged"):
            back(database, tmp_path / "forged")
        assert everything(database) == now


def test_a_plain_copy_of_the_file_without_a_seal_is_taken_while_it_is_whole(database: Database, tmp_path: Path) -> None:
    """Such as backups made before there was a seal, or by SQLite's own tools."""
    fill_every_table(database)
    make_backup(database, tmp_path / "copy")
    before, plain = everything(database), (tmp_path / "copy").read_bytes()[:-SEAL_BYTES]
    (tmp_path / "plain").write_bytes(plain)
    change(database)
    back(database, tmp_path / "plain")
    assert everything(database) == before
    (tmp_path / "plain").write_bytes(plain[:-1])
    with pytest.raises(InvalidInput, match="is not a whole backup"):
        back(database, tmp_path / "plain")


def test_a_backup_of_another_release_is_refused(either: Database, tmp_path: Path) -> None:
    with either.writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    make_backup(either, tmp_path / "later")
    with either.writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    with pytest.raises(InvalidInput, match="another release"):
        back(either, tmp_path / "later")


def test_a_backup_of_sqlite_moves_into_postgresql(database: Database, postgres: PostgresServer, tmp_path: Path) -> None:
    fill_every_table(database)
    make_backup(database, tmp_path / "copy")
    with Database(postgres.copy()) as server:
        back(server, tmp_path / "copy")
        assert everything(server) == everything(database)


def test_a_backup_of_postgresql_is_refused_by_sqlite(
    database: Database, postgres: PostgresServer, tmp_path: Path
) -> None:
    with Database(postgres.copy()) as server:
        make_backup(server, tmp_path / "copy")
    with pytest.raises(InvalidInput, match="a backup of PostgreSQL"):
        back(database, tmp_path / "copy")


def test_nothing_is_restored_while_another_has_the_database_open(either: Database, kept: Path) -> None:
    now = change(either)
    with Database(either.url) as other:
        with other.reading() as session:
            assert session.scalar(select(func.count()).select_from(Team))
        with pytest.raises(Unavailable, match="stop"):
            back(either, kept)
    assert everything(either) == now


def test_a_backup_of_the_first_schema_comes_back_at_this_one(either: Database, tmp_path: Path) -> None:
    with either.engine.connect() as connection, connection.begin():
        for table in (*reversed(Base.metadata.sorted_tables), "alembic_version"):
            connection.exec_driver_sql(f"DROP TABLE {getattr(table, 'name', table)}")
        upgrade_within(connection, "0001")
        connection.exec_driver_sql("INSERT INTO teams (id, name) VALUES (7, 'Old')")
    make_backup(either, tmp_path / "old")
    either.upgrade()
    fill_every_table(either)
    back(either, tmp_path / "old")
    assert either.current()
    found = everything(either)
    assert found.pop("teams") == [(7, "Old")]
    assert not any(found.values())


KILLED = """
import os, signal, sys
from pathlib import Path
from planwhy_collector.backup.restoring import restore
from planwhy_collector.backup import embedded
from planwhy_collector.db import Database

def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)

at = sys.argv[3]
if at == "change over":
    real = embedded.sqlite3.connect
    class Dying:
        def __init__(self, connection): self.connection = connection
        def backup(self, held): self.connection.backup(held, pages=3, progress=die)
        def close(self): pass
    embedded.change_over = lambda copy, held: Dying(real(copy)).backup(held)
    die_at_end = lambda session: 0
else:
    die_at_end = die
restore(Database(sys.argv[1]), Path(sys.argv[2]), die_at_end)
"""


def test_a_restore_that_is_killed_leaves_the_old_content(either: Database, kept: Path) -> None:
    now = change(either)
    for at in ("before it is kept", "change over") if either.embedded else ("before it is kept",):
        either.close()
        done = subprocess.run([sys.executable, "-c", KILLED, either.url, str(kept), at], check=False, timeout=60)
        assert done.returncode == -signal.SIGKILL
        assert everything(either) == now
    either.close()
    back(either, kept)
    assert everything(either) != now


def test_a_disk_that_fails_leaves_no_half_backup(tmp_path: Path) -> None:
    def fail() -> None:
        with placed(tmp_path / "copy") as file:
            file.write_bytes(b"half")
            raise OSError(28, "No space left on device")

    with pytest.raises(InvalidInput, match="No space left"):
        fail()
    assert list(tmp_path.iterdir()) == []


def test_no_table_has_a_sequence_that_a_restore_would_have_to_set(postgres: PostgresServer) -> None:
    with Database(postgres.copy()) as database, database.reading() as session:
        assert session.scalar(text("SELECT count(*) FROM pg_class WHERE relkind = 'S'")) == 0


def test_the_parts_of_a_partitioned_table_are_one_table_and_can_be_made_again(postgres: PostgresServer) -> None:
    made = (
        "TABLE parted (m bigint PRIMARY KEY, v text) PARTITION BY RANGE (m)",
        "TABLE part_1 PARTITION OF parted FOR VALUES FROM ('1') TO ('9')",
    )
    with Database(postgres.copy()) as database, database.engine.connect() as connection:
        for what in made:
            connection.exec_driver_sql(f"CREATE {what}")
        connection.exec_driver_sql("INSERT INTO parted VALUES (3, 'x')")
        assert {"parted", "part_1"} & set(copying.tables_there(connection)) == {"parted"}
        assert b"".join(copying.copy_out(connection, "parted", ("m", "v"))) == b"3\tx\n"
        parts = copying.partitions_there(connection)
        connection.exec_driver_sql("DROP TABLE part_1")
        copying.add_partitions(connection, parts)
        assert copying.partitions_there(connection) == parts
        with pytest.raises(InvalidInput, match="strange bounds"):
            copying.add_partitions(connection, [("parted", "part_2", "DEFAULT; DROP TABLE parted")])
