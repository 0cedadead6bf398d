"""Stage 4, the spool file: opening it, its tables, and what happens when it cannot be read.

In: a path. Out: a connection to a sound spool, and what had to be done to it. Never: spans.
"""

import os
import sqlite3
import time
from dataclasses import dataclass
from pathlib import Path

from planwhy_shared.ids import new_uuid

from planwhy_agent import spool_log, spool_mending
from planwhy_agent.files import move, settle

FORMAT = 2
"""2: rows are sealed, batches know how many spans they hold, epochs know up to where batches were closed."""
MOST_DAMAGED = 5
"""Damaged files that are kept for whoever may read more of them; of more the oldest go."""
CHECK_BYTES = 64 << 20
"""A file up to this size is checked page by page at every start."""

_TABLES = """
CREATE TABLE IF NOT EXISTS epochs (
    no INTEGER PRIMARY KEY, epoch TEXT NOT NULL, next_seq INTEGER NOT NULL, end_ms INTEGER,
    closed_seq INTEGER, crc INTEGER);
CREATE TABLE IF NOT EXISTS spans (
    epoch_no INTEGER NOT NULL, seq INTEGER NOT NULL, start_ms INTEGER NOT NULL, end_ms INTEGER NOT NULL,
    body BLOB NOT NULL, crc INTEGER NOT NULL, open INTEGER NOT NULL DEFAULT 0, batch_no INTEGER,
    PRIMARY KEY (epoch_no, seq)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS spans_batch ON spans (batch_no, epoch_no, seq);
CREATE TABLE IF NOT EXISTS open_now (
    start_ms INTEGER NOT NULL, end_ms INTEGER NOT NULL, body BLOB NOT NULL, crc INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS batches (
    no INTEGER PRIMARY KEY AUTOINCREMENT, batch_id TEXT NOT NULL UNIQUE, epoch_no INTEGER NOT NULL,
    first_seq INTEGER NOT NULL, last_seq INTEGER NOT NULL, closed_ms INTEGER NOT NULL,
    acked_ms INTEGER, offered_again INTEGER NOT NULL DEFAULT 0, n INTEGER, crc INTEGER);
CREATE INDEX IF NOT EXISTS batches_acked ON batches (acked_ms, epoch_no, first_seq);
CREATE TABLE IF NOT EXISTS gaps (
    no INTEGER PRIMARY KEY AUTOINCREMENT, epoch_no INTEGER, from_ms INTEGER NOT NULL, to_ms INTEGER NOT NULL,
    count INTEGER NOT NULL, reason TEXT NOT NULL, first_seq INTEGER, last_seq INTEGER, batch_no INTEGER,
    crc INTEGER, refused INTEGER NOT NULL DEFAULT 0);
CREATE INDEX IF NOT EXISTS gaps_batch ON gaps (batch_no, no);
CREATE TABLE IF NOT EXISTS aside (
    no INTEGER PRIMARY KEY AUTOINCREMENT, epoch_no INTEGER, seq INTEGER, reason TEXT NOT NULL, detail TEXT NOT NULL,
    body BLOB, at_ms INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS counts (reason TEXT PRIMARY KEY, n INTEGER NOT NULL);
"""
_ADDED = (
    "ALTER TABLE epochs ADD COLUMN closed_seq INTEGER",
    "ALTER TABLE epochs ADD COLUMN crc INTEGER",
    "ALTER TABLE batches ADD COLUMN n INTEGER",
    "ALTER TABLE batches ADD COLUMN crc INTEGER",
    "ALTER TABLE gaps ADD COLUMN crc INTEGER",
    "ALTER TABLE gaps ADD COLUMN refused INTEGER NOT NULL DEFAULT 0",
)
"""What makes format 2 of format 1; the rows are sealed afterwards, as they stand."""
_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "busy_timeout=10000",
    "cache_size=-512",
    "journal_size_limit=4194304",
)


_SAY_DAMAGED = {
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_NOTADB,
    sqlite3.SQLITE_FORMAT,
    sqlite3.SQLITE_ERROR,
    sqlite3.SQLITE_CONSTRAINT,
    sqlite3.SQLITE_MISMATCH,
    sqlite3.SQLITE_TOOBIG,
}


class _Damaged(sqlite3.DatabaseError):
    """The file opens, but what is in it cannot be a spool of this release."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A connection; where a damaged file was moved to; whether something that was committed is missing."""

    connection: sqlite3.Connection
    moved_aside: Path | None = None
    torn: bool = False


def connect(path: Path, recover: bool, thorough: bool = False) -> Opened:
    """Open the spool, making it where there is none; a damaged file is moved aside and its new name returned.

    Only one connection, the recorder's, may `recover`: for all others a damaged file is an error. `thorough` checks
    a file of any size. Raises sqlite3.OperationalError where the disk is full or the folder cannot be written.
    """
    torn = recover and path.exists() and spool_log.torn(path.with_name(f"{path.name}-wal"))
    try:
        return Opened(_opened(path, recover, thorough), None, torn)
    except sqlite3.DatabaseError as error:
        if not recover or not damaged(error):
            raise
    moved = _moved_aside(path)
    return Opened(_opened(path, recover, thorough), moved)


def damaged(error: sqlite3.Error) -> bool:
    """Whether an error says that the file itself is broken, rather than busy, full or out of reach.

    The agent's statements are fixed: where one of them makes no sense to the database, its tables are not ours.
    """
    code = getattr(error, "sqlite_errorcode", None)
    return isinstance(error, _Damaged) or (code is not None and code & 0xFF in _SAY_DAMAGED)


def begin_epoch(connection: sqlite3.Connection) -> int:
    """Begin an epoch, a new count of sequence numbers; returns its number."""
    cursor = connection.execute("INSERT INTO epochs (epoch, next_seq, closed_seq) VALUES (?, 1, 0)", (new_uuid(),))
    return int(cursor.lastrowid or 0)


def _opened(path: Path, recover: bool, thorough: bool) -> sqlite3.Connection:
    _make_own(path)
    connection = sqlite3.connect(path, isolation_level=None, timeout=10)
    connection.text_factory = bytes
    try:
        spool_mending.register(connection)
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")
        small = thorough or path.stat().st_size <= CHECK_BYTES
        if recover and small and not spool_mending.sound_structure(connection):
            raise _Damaged("its pages do not fit together")
        _make_tables(connection)
        spool_mending.known_tables(connection)
        if recover and not spool_mending.known_epochs(connection):
            raise _Damaged("an epoch is not as it was written")
        if connection.execute("SELECT count(*) FROM epochs").fetchone()[0] == 0:
            begin_epoch(connection)
        if recover:
            spool_mending.mend(connection, small, time.time_ns() // 1_000_000)
    except BaseException:
        connection.close()
        raise
    return connection


def _make_tables(connection: sqlite3.Connection) -> None:
    """Bring the file to this release's format, in one transaction where there is anything to do."""
    found = connection.execute("PRAGMA user_version").fetchone()[0]
    if found > FORMAT:
        raise _Damaged("written by a newer release")
    if found == FORMAT:
        return
    sealing = "".join(f"UPDATE {table} SET no = no;" for table in spool_mending.SEALED)  # noqa: S608  fixed text
    columns = {bytes(row[1]) for row in connection.execute("PRAGMA table_info(batches)")}
    added = ";".join(_ADDED if columns and b"crc" not in columns else ()) + ";"
    connection.executescript(
        f"BEGIN IMMEDIATE; {added} {_TABLES} {spool_mending.triggers()} {sealing} PRAGMA user_version={FORMAT}; COMMIT;"
    )


def _make_own(path: Path) -> None:
    """Make a file that only its owner can read. One that is there is never opened here.

    Closing any descriptor of a file drops all POSIX locks of the process on it, those of SQLite's other connections
    too; then another process, believing itself the last one, would remove the log that they still write to.
    """
    if not path.exists():
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))


def _damaged_numbers(path: Path) -> list[int]:
    """Under which numbers damaged files lie, the oldest first."""
    beside = (file.name.rpartition(".damaged-") for file in path.parent.glob(f"{path.name}.damaged-*"))
    return sorted(int(number) for _, _, number in beside if number.isascii() and number.isdigit())


def _moved_aside(path: Path) -> Path:
    """Move the file aside under the next number; of those before it the oldest go, so that no disk fills with them."""
    numbers = _damaged_numbers(path)
    for number in numbers[: max(0, len(numbers) + 1 - MOST_DAMAGED)]:
        for suffix in ("-shm", "-wal", ""):
            path.with_name(f"{path.name}.damaged-{number}{suffix}").unlink(missing_ok=True)
    target = path.with_name(f"{path.name}.damaged-{max(numbers, default=0) + 1}")
    # the log first: beside a new file of the same name it would be taken for its own
    for suffix in ("-shm", "-wal", ""):
        side = path.with_name(path.name + suffix)
        if side.exists():
            move(side, target.with_name(target.name + suffix))
    settle(path.parent)
    return target
