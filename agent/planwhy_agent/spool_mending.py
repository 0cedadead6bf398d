"""Stage 4, the start of the spool: what a damaged disk did to its rows is found and mended before anything is sent.

In: an open connection. Out: a spool whose parts fit together; what was lost is declared as a gap and counted.
Never: a guess about a span. Where something is doubtful, spans are offered once more: the collector knows them.
"""

import sqlite3

from planwhy_agent.seals import resealed, seal

INDEX_DAMAGE = ("index", "wrong # of entries")

_EPOCH = "no, CAST(epoch AS BLOB), next_seq, end_ms, closed_seq"
_BATCH = "no, CAST(batch_id AS BLOB), epoch_no, first_seq, last_seq, closed_ms, acked_ms, n"
_GAP = "no, epoch_no, from_ms, to_ms, count, CAST(reason AS BLOB), first_seq, last_seq, batch_no"
SEALED = {"epochs": _EPOCH, "batches": _BATCH, "gaps": _GAP}
"""What the seal of a row is made of, by table; spans have one of their own."""

COLUMNS = {
    "epochs": "no, epoch, next_seq, end_ms, closed_seq, crc",
    "spans": "epoch_no, seq, start_ms, end_ms, body, crc, open, batch_no",
    "open_now": "start_ms, end_ms, body, crc",
    "batches": "no, batch_id, epoch_no, first_seq, last_seq, closed_ms, acked_ms, offered_again, n, crc",
    "gaps": "no, epoch_no, from_ms, to_ms, count, reason, first_seq, last_seq, batch_no, crc, refused",
    "aside": "no, epoch_no, seq, reason, detail, body, at_ms",
    "counts": "reason, n",
}


def register(connection: sqlite3.Connection) -> None:
    """Make the sums known to a connection; without them it can read, not write."""
    connection.create_function("seal", -1, seal, deterministic=True)
    connection.create_function("resealed", 8, resealed, deterministic=True)


def triggers() -> str:
    """Every change of a small table seals the row anew, wherever in the code it is made."""
    made = []
    for table, columns in SEALED.items():
        for verb in ("INSERT", "UPDATE"):
            sealing = f"UPDATE {table} SET crc = seal({columns}) WHERE no = NEW.no"  # noqa: S608  fixed text
            made.append(f"CREATE TRIGGER IF NOT EXISTS {table}_{verb} AFTER {verb} ON {table} BEGIN {sealing}; END;")
    return "".join(made)


def sound_structure(connection: sqlite3.Connection) -> bool:
    """Whether the file's pages fit together. Only an index is made anew; it holds nothing of its own."""
    for _ in range(2):
        found = [str(row[0], "utf-8", "replace") for row in connection.execute("PRAGMA integrity_check(50)")]
        if found == ["ok"]:
            return True
        if not all(any(sign in line for sign in INDEX_DAMAGE) for line in found):
            return False
        connection.execute("REINDEX")
    return False


def known_tables(connection: sqlite3.Connection) -> None:
    """Ask every table for every column. Raises sqlite3.OperationalError where the tables are not those of a spool."""
    for table, columns in COLUMNS.items():
        connection.execute(f"SELECT {columns} FROM {table} LIMIT 0")  # noqa: S608  fixed text


def known_epochs(connection: sqlite3.Connection) -> bool:
    """Whether every epoch is as it was written: under another name all its spans would be counted twice."""
    wrong = f"SELECT count(*) FROM epochs WHERE crc IS NOT seal({_EPOCH})"  # noqa: S608  fixed text
    return not connection.execute(wrong).fetchone()[0]


def mend(connection: sqlite3.Connection, spans_too: bool, now_ms: int) -> None:
    """Bring batches, gaps and, where asked, the places of all spans in order again, in one transaction."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        _mend_batches(connection)
        _mend_gaps(connection, now_ms)
        if spans_too:
            _mend_spans(connection)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _mend_batches(tx: sqlite3.Connection) -> None:
    """A batch that is not as it was written is none: its spans go into later ones."""
    wrong = f"SELECT no FROM batches WHERE crc IS NOT seal({_BATCH}) OR epoch_no NOT IN (SELECT no FROM epochs)"  # noqa: S608  fixed text
    for (no,) in tx.execute(wrong).fetchall():
        tx.execute("UPDATE spans SET batch_no = NULL WHERE batch_no = ?", (no,))
        tx.execute("DELETE FROM batches WHERE no = ?", (no,))


def _mend_gaps(tx: sqlite3.Connection, now_ms: int) -> None:
    """A gap that is not as it was written says no more than that something between the first span and now is lost."""
    begun = tx.execute("SELECT min(start_ms) FROM spans").fetchone()[0]
    begun = begun if isinstance(begun, int) and 0 <= begun <= now_ms else now_ms
    for (no,) in tx.execute(f"SELECT no FROM gaps WHERE crc IS NOT seal({_GAP})").fetchall():  # noqa: S608  fixed text
        tx.execute("DELETE FROM gaps WHERE no = ?", (no,))
        tx.execute("INSERT INTO gaps (from_ms, to_ms, count, reason) VALUES (?, ?, 0, 'corrupt')", (begun, now_ms))
    tx.execute("UPDATE gaps SET batch_no = NULL WHERE batch_no NOT IN (SELECT no FROM batches)")


def _mend_spans(tx: sqlite3.Connection) -> None:
    """No span belongs to a batch that does not hold its number, and none is open but the last one."""
    tx.execute(
        "UPDATE spans SET batch_no = NULL WHERE batch_no IS NOT NULL AND NOT EXISTS (SELECT 1 FROM batches b"
        " WHERE b.no = spans.batch_no AND b.epoch_no = spans.epoch_no AND spans.seq BETWEEN b.first_seq AND b.last_seq)"
    )
    last = "(SELECT no FROM epochs ORDER BY no DESC LIMIT 1)"
    open_at = f"(SELECT next_seq FROM epochs WHERE no = {last})"  # noqa: S608  fixed text
    tx.execute(f"UPDATE spans SET open = 0 WHERE open <> 0 AND NOT (epoch_no = {last} AND seq = {open_at})")  # noqa: S608  fixed text
    strays = f"epoch_no NOT IN (SELECT no FROM epochs) OR (epoch_no = {last} AND seq > {open_at})"  # noqa: S608  fixed text
    gone = tx.execute(f"DELETE FROM spans WHERE {strays}").rowcount  # noqa: S608  fixed text
    if gone:  # their numbers are missed, and declared, when the next batch is closed
        tx.execute(
            "INSERT INTO counts VALUES ('corrupt', ?) ON CONFLICT (reason) DO UPDATE SET n = n + excluded.n", (gone,)
        )
