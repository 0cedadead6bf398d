"""Stage 4, the spool file: opening it, its tables, and what happens when it cannot be read.

In: a path. Out: a connection to a sound spool, and whether the old file had to be moved aside. Never: spans.
"""

import os
import sqlite3
from pathlib import Path

from planwhy_shared.ids import new_uuid

from planwhy_agent.files import move

FORMAT = 1
QUICK_CHECK_BYTES = 64 << 20
"""A file up to this size is checked page by page at the start."""

_TABLES = """
CREATE TABLE IF NOT EXISTS epochs (
    no INTEGER PRIMARY KEY, epoch TEXT NOT NULL, next_seq INTEGER NOT NULL, end_ms INTEGER);
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
    acked_ms INTEGER, offered_again INTEGER NOT NULL DEFAULT 0);
CREATE INDEX IF NOT EXISTS batches_acked ON batches (acked_ms, epoch_no, first_seq);
CREATE TABLE IF NOT EXISTS gaps (
    no INTEGER PRIMARY KEY AUTOINCREMENT, epoch_no INTEGER, from_ms INTEGER NOT NULL, to_ms INTEGER NOT NULL,
    count INTEGER NOT NULL, reason TEXT NOT NULL, first_seq INTEGER, last_seq INTEGER, batch_no INTEGER);
CREATE INDEX IF NOT EXISTS gaps_batch ON gaps (batch_no, no);
CREATE TABLE IF NOT EXISTS aside (
    no INTEGER PRIMARY KEY AUTOINCREMENT, epoch_no INTEGER, seq INTEGER, reason TEXT NOT NULL, detail TEXT NOT NULL,
    body BLOB, at_ms INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS counts (reason TEXT PRIMARY KEY, n INTEGER NOT NULL);
"""
_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "busy_timeout=10000",
    "cache_size=-512",
    "journal_size_limit=4194304",
)


class _Damaged(sqlite3.DatabaseError):
    """The file opens, but what is in it cannot be a spool of this release."""


def connect(path: Path, recover: bool) -> tuple[sqlite3.Connection, Path | None]:
    """Open the spool, making it where there is none; a damaged file is moved aside and its new name returned.

    Only one connection, the recorder's, may `recover`: for all others a damaged file is an error.
    Raises sqlite3.OperationalError where the disk is full or the folder cannot be written.
    """
    try:
        return _opened(path, recover), None
    except sqlite3.DatabaseError as error:
        if not recover or not damaged(error):
            raise
    moved = _moved_aside(path)
    return _opened(path, recover), moved


def damaged(error: sqlite3.Error) -> bool:
    """Whether an error says that the file itself is broken, rather than busy, full or out of reach."""
    code = getattr(error, "sqlite_errorcode", None)
    return isinstance(error, _Damaged) or (
        code is not None and code & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
    )


def begin_epoch(connection: sqlite3.Connection) -> int:
    """Begin an epoch, a new count of sequence numbers; returns its number."""
    cursor = connection.execute("INSERT INTO epochs (epoch, next_seq) VALUES (?, 1)", (new_uuid(),))
    return int(cursor.lastrowid or 0)


def _opened(path: Path, thorough: bool) -> sqlite3.Connection:
    _make_own(path)
    connection = sqlite3.connect(path, isolation_level=None, timeout=10)
    connection.text_factory = bytes
    try:
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")
        _check(connection, path, thorough)
        connection.executescript(_TABLES)
        if connection.execute("SELECT count(*) FROM epochs").fetchone()[0] == 0:
            begin_epoch(connection)
        connection.execute(f"PRAGMA user_version={FORMAT}")
    except BaseException:
        connection.close()
        raise
    return connection


def _make_own(path: Path) -> None:
    """Make a file that only its owner can read. One that is there is never opened here.

    Closing any descriptor of a file drops all POSIX locks of the process on it, those of SQLite's other connections
    too; then another process, believing itself the last one, would remove the log that they still write to.
    """
    if not path.exists():
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))


def _check(connection: sqlite3.Connection, path: Path, thorough: bool) -> None:
    if connection.execute("PRAGMA user_version").fetchone()[0] > FORMAT:
        raise _Damaged("written by a newer release")
    if thorough and path.stat().st_size <= QUICK_CHECK_BYTES:
        found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
        if found != b"ok":
            raise _Damaged("quick_check failed")


def _moved_aside(path: Path) -> Path:
    number = 1
    while (target := path.with_name(f"{path.name}.damaged-{number}")).exists():
        number += 1
    move(path, target)
    for suffix in ("-wal", "-shm"):
        side = path.with_name(path.name + suffix)
        if side.exists():
            move(side, target.with_name(target.name + suffix))
    return target
