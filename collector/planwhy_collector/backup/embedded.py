"""The embedded database as a file: a consistent copy out of it, a checked copy of a backup, and the change over.

In: paths and backups. Out: copies. Never: a target that is changed before the copy is whole, or while someone uses it.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from planwhy_collector.backup.seal import content_bytes, make_private
from planwhy_collector.errors import InvalidInput, Unavailable

MAGIC = b"SQLite format 3\x00"
LOCK_WAIT_S = 5.0
_BLOCK = 1 << 20
_BESIDE = ("", "-wal", "-shm", "-journal")


def copy_out(database: Path, file: Path) -> None:
    """Copy a database, also while others write, into a file that needs none beside it."""
    with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(file)) as target:
        source.backup(target)
        target.execute("PRAGMA journal_mode=DELETE")


def is_embedded(file: Path) -> bool:
    """Whether a file begins like a SQLite database."""
    with file.open("rb") as source:
        return source.read(len(MAGIC)) == MAGIC


@contextmanager
def staged(file: Path, copy: Path, known: tuple[str, ...]) -> Iterator[Path]:
    """Check a backup and give a copy of it to work on, which is gone at the end.

    Raises InvalidInput where the backup is damaged, not of Planwhy, or of a release that this one does not know.
    """
    size = content_bytes(file)
    if size is None and file.stat().st_size != _stated_bytes(file):
        raise InvalidInput(f"{file}: is not a whole backup of Planwhy")
    _forget(copy)
    try:
        _copy_bytes(file, copy, file.stat().st_size if size is None else size)
        _check(file, copy, known)
        yield copy
    finally:
        _forget(copy)


@contextmanager
def alone(database: Path) -> Iterator[sqlite3.Connection]:
    """Hold a database that nobody else has open, idle connections included. Raises Unavailable where someone has."""
    with closing(sqlite3.connect(database, timeout=LOCK_WAIT_S, isolation_level=None)) as connection:
        try:
            connection.execute("PRAGMA locking_mode=EXCLUSIVE")
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("BEGIN EXCLUSIVE")
            connection.execute("COMMIT")
        except sqlite3.OperationalError:
            raise Unavailable("the database is in use: stop the collector first") from None
        yield connection


def change_over(copy: Path, held: sqlite3.Connection) -> None:
    """Put the content of a copy in the place of a held database's, in one transaction."""
    with closing(sqlite3.connect(copy)) as source:
        source.backup(held)
    held.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def rows_of(copy: Path, table: str, columns: tuple[str, ...]) -> Iterator[tuple[object, ...]]:
    """Read a table's rows as stored; the names are those of the models."""
    with closing(sqlite3.connect(copy)) as source:
        yield from source.execute(f"SELECT {', '.join(columns)} FROM {table}")  # noqa: S608  names of the models


def _stated_bytes(file: Path) -> int:
    """The size that the file's own header states."""
    with file.open("rb") as source:
        head = source.read(32)
    page = int.from_bytes(head[16:18], "big")
    return (65_536 if page == 1 else page) * int.from_bytes(head[28:32], "big")


def _copy_bytes(file: Path, copy: Path, size: int) -> None:
    make_private(copy)
    with file.open("rb") as source, copy.open("wb") as target:
        while size > 0 and (block := source.read(min(_BLOCK, size))):
            target.write(block)
            size -= len(block)


def _check(file: Path, copy: Path, known: tuple[str, ...]) -> None:
    with closing(sqlite3.connect(copy)) as source:
        try:
            (revision,) = source.execute("SELECT version_num FROM alembic_version").fetchone()
            (state,) = source.execute("PRAGMA integrity_check(1)").fetchone()
        except (sqlite3.DatabaseError, TypeError):
            raise InvalidInput(f"{file}: is not a whole backup of Planwhy") from None
    if state != "ok":
        raise InvalidInput(f"{file}: is damaged")
    if revision not in known:
        raise InvalidInput(f"{file}: was made by another release of Planwhy")


def _forget(copy: Path) -> None:
    for end in _BESIDE:
        copy.with_name(copy.name + end).unlink(missing_ok=True)
