"""A backup put in the place of what a database holds, whole or not at all.

In: a file, and what must be done to its content before it is kept. Out: a database at this release's schema. Never: a
changed database where anything failed, or while anybody else has it open. PostgreSQL takes it all in one transaction,
its schema included; SQLite gets it from a finished copy in one transaction.
"""

import tempfile
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from planwhy_collector.backup import embedded
from planwhy_collector.backup.archive import Manifest, TableEntry, Tell, blocks_of, opened_archive
from planwhy_collector.backup.making import quiet
from planwhy_collector.backup.seal import content_bytes
from planwhy_collector.db import Database, known_revisions, upgrade_within
from planwhy_collector.errors import ConfigError, InvalidInput, Unavailable
from planwhy_collector.queries import copying

Finish = Callable[[Session], int]
"""Done to the restored content before it is kept; how many people it erased again."""


def restore(database: Database, file: Path, finish: Finish, tell: Tell = quiet) -> int:
    """Replace what the database holds by a backup; what `finish` gave.

    Raises InvalidInput where the file is damaged, not ours, of another release or another kind of database, and
    Unavailable where the database is in use.
    """
    if database.revision() not in (None, *known_revisions()):
        raise ConfigError("the database belongs to another release of Planwhy: install that one")
    from_embedded = embedded.is_embedded(file)
    if not from_embedded and content_bytes(file) is None:
        raise InvalidInput(f"{file}: is not a whole backup of Planwhy")
    database.close()
    if database.embedded:
        if not from_embedded:
            opened_archive(file)[0].close()
            raise InvalidInput(f"{file}: is a backup of PostgreSQL, which SQLite cannot take: set database_url")
        return _into_embedded(database, file, finish)
    with database.engine.connect() as connection, connection.begin():
        if others := copying.others_connected(connection):
            raise Unavailable(f"the database is in use by {others} other connections: stop every collector first")
        if from_embedded:
            return _from_embedded(connection, file, finish, tell)
        return _from_archive(connection, file, finish, tell)


def _into_embedded(database: Database, file: Path, finish: Finish) -> int:
    copy = database.path.with_name(f"{database.path.name}.restoring")
    with embedded.alone(database.path) as held, embedded.staged(file, copy, known_revisions()):
        with Database(f"sqlite:///{copy}") as staging:
            staging.upgrade()
            with staging.writing() as session:
                found = finish(session)
            staging.scrub()
        embedded.change_over(copy, held)
    return found


def _from_archive(connection: Connection, file: Path, finish: Finish, tell: Tell) -> int:
    archive, manifest = opened_archive(file)
    if manifest.revision not in known_revisions():
        raise InvalidInput(f"{file}: was made by another release of Planwhy")
    with archive:
        copying.clear_schema(connection)
        upgrade_within(connection, manifest.revision)
        copying.speak_plainly(connection)
        copying.add_partitions(connection, ((p.table, p.name, p.bounds) for p in manifest.partitions))
        for table in _ours(connection, manifest):
            copying.copy_in(connection, table.name, table.columns, blocks_of(archive, table, tell))
        upgrade_within(connection)
    return _finished(connection, finish)


def _from_embedded(connection: Connection, file: Path, finish: Finish, tell: Tell) -> int:
    """Move from SQLite to PostgreSQL: the copy is brought to this release first, then read row by row."""
    with (
        tempfile.TemporaryDirectory(prefix="planwhy-") as folder,
        embedded.staged(file, Path(folder) / "copy.sqlite3", known_revisions()) as copy,
    ):
        with Database(f"sqlite:///{copy}") as staging:
            staging.upgrade()
        copying.clear_schema(connection)
        upgrade_within(connection)
        for table, columns in copying.tables_to_fill().items():
            copying.rows_in(connection, table, columns, embedded.rows_of(copy, table, columns))
            tell(table, 0)
    return _finished(connection, finish)


def _finished(connection: Connection, finish: Finish) -> int:
    with Session(bind=connection) as session, session.begin():
        return finish(session)


def _ours(connection: Connection, manifest: Manifest) -> list[TableEntry]:
    """The tables of the backup that its revision makes; others stood beside ours and are nobody's business here."""
    there = set(copying.tables_there(connection))
    return [table for table in manifest.tables if table.name in there]
