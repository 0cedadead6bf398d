"""A backup into one file, while the database is in use. In: a database. Out: a sealed file. Never: half a file.

SQLite is copied by its own means and stays a SQLite file. PostgreSQL becomes an archive of COPY texts, all read in one
transaction that sees one moment. `pg_dump` is not used: it refuses servers newer than itself, and is rarely installed
where a collector is.
"""

from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from zipfile import ZipFile

from sqlalchemy import Connection

from planwhy_collector.backup import embedded
from planwhy_collector.backup.archive import FORMAT, Manifest, Partition, Tell, new_archive, write_manifest, write_table
from planwhy_collector.backup.seal import placed
from planwhy_collector.db import Database
from planwhy_collector.errors import InvalidInput
from planwhy_collector.queries import copying


def quiet(_table: str, _size: int) -> None:
    """Tell nobody."""


def make_backup(database: Database, file: Path, tell: Tell = quiet) -> None:
    """Write everything that a database holds, its keys too, to a new file that only its owner may read.

    Raises InvalidInput where the file exists or cannot be written, or where there is nothing to back up.
    """
    revision = database.revision()
    if revision is None:
        raise InvalidInput("the database is empty: there is nothing to back up")
    with placed(file) as target:
        if database.embedded:
            embedded.copy_out(database.path, target)
            return
        with (
            new_archive(target) as archive,
            database.engine.connect().execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            ) as connection,
        ):
            _write(archive, connection, revision, tell)


def _write(archive: ZipFile, connection: Connection, revision: str, tell: Tell) -> None:
    copying.speak_plainly(connection)
    entries = []
    for table in copying.tables_there(connection):
        columns = copying.columns_of(connection, table)
        entries.append(write_table(archive, table, columns, copying.copy_out(connection, table, columns)))
        tell(table, entries[-1].bytes)
    parts = tuple(Partition(*part) for part in copying.partitions_there(connection))
    created = datetime.now(UTC).isoformat(timespec="seconds")
    release = version("planwhy-collector")
    write_manifest(archive, Manifest(FORMAT, release, revision, created, tuple(entries), parts))
