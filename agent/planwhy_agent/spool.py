"""Stage 4: the spool, where spans wait on disk until the collector has said that it holds them.

In: closed stretches and the open one. Out: batches with a fixed id and fixed content, until they are acknowledged.
Never: a network; a span dropped without being counted and declared as a gap.

The writing side belongs to the recorder, the batches to `batches`; both work on one file through connections of
their own. The open stretch is a row like all others, marked `open`, at the sequence number that it will keep.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import msgspec
from planwhy_shared.wire import Span

from planwhy_agent import spool_reserve, spool_schema
from planwhy_agent.errors import SpoolBroken, SpoolFull
from planwhy_agent.seals import intact, span_seal
from planwhy_agent.spans import Stretch

EVICT_SPANS = 2_000
"""How many spans go at once when the quota is exceeded."""

COARSE_MS = 2_500
"""How well the collector's clock is heard: its Date header shows whole seconds."""
FORGOTTEN_BATCHES = 10
"""How many acknowledged batches go at once."""

_EVER = 2**62
_DELETE_FROM = "DELETE FROM spans WHERE epoch_no = ? AND seq >= ?"
_INSERT = "INSERT INTO spans (epoch_no, seq, start_ms, end_ms, body, crc, open) VALUES (?, ?, ?, ?, ?, ?, ?)"
_INSERT_OPEN = "INSERT INTO open_now (start_ms, end_ms, body, crc) VALUES (?, ?, ?, ?)"
_OPEN_TRACK = b'"track":"open"'
"""Stands in the body of a span of that track, and in no other: quotes inside a text are escaped."""
_MOVE = (
    "UPDATE spans SET start_ms = start_ms + :start, end_ms = end_ms + :end,"
    " crc = resealed(epoch_no, seq, start_ms, end_ms, body, crc, :start, :end)"
)
_MOVE_OPEN = (
    "UPDATE open_now SET start_ms = start_ms + :by, end_ms = end_ms + :by,"
    " crc = resealed(0, 0, start_ms, end_ms, body, crc, :by, :by)"
)
_UNNUMBERED = (0, 0)
"""Epoch and number in the seal of what is open beside the focus: it gets them when it is closed."""
_GAP = "INSERT INTO gaps (epoch_no, from_ms, to_ms, count, reason, first_seq, last_seq) VALUES (?, ?, ?, ?, ?, ?, ?)"


_Row = tuple[int, int, int, int, bytes, int, int]


@dataclass(frozen=True, slots=True)
class Loss:
    """Stretches that were recorded but are gone before they got a sequence number."""

    from_ms: int
    to_ms: int
    count: int
    reason: str


@dataclass(frozen=True, slots=True)
class Before:
    """What lies before the first span of a run: so many spans `off`, and since when, where an earlier epoch tells."""

    pieces: int = 1
    since_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Counts:
    """How many spans wait, are kept although acknowledged, are set aside; and what was lost, by reason."""

    waiting: int
    waiting_batches: int
    kept: int
    aside: int
    by_reason: dict[str, int]


class Spool:
    """One connection to the spool file. Not to be shared between threads."""

    def __init__(self, path: Path, quota_bytes: int = 500 << 20, recover: bool = False, thorough: bool = False) -> None:
        """Open the file; a damaged one is moved aside if `recover`. Raises SpoolFull, SpoolBroken or OSError."""
        self.path = path
        self.quota_bytes = quota_bytes
        with translated():
            opened = spool_schema.connect(path, recover, thorough)
            self.connection, self.moved_aside, self.torn = opened.connection, opened.moved_aside, opened.torn
            row = self.connection.execute("SELECT no, epoch, next_seq, end_ms FROM epochs ORDER BY no DESC").fetchone()
        self.epoch_no, self.epoch, self.next_seq = int(row[0]), str(row[1], "ascii", "replace"), int(row[2])
        self.end_ms: int | None = row[3]
        self._writes = 0

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction that is on the disk when it ends. Raises SpoolFull or SpoolBroken."""
        with translated():
            self.connection.execute("BEGIN IMMEDIATE")
            try:
                yield self.connection
                self.connection.execute("COMMIT")
            except BaseException:
                if self.connection.in_transaction:
                    self.connection.execute("ROLLBACK")
                raise

    def settle_open(self) -> int | None:
        """Close what a killed agent left behind, as far as it was written down: the open stretch, and what was open.

        Returns the end of all that is accounted for; None where nothing was ever recorded.
        """
        with self.writing() as tx:
            key = (self.epoch_no, self.next_seq)
            found = tx.execute("UPDATE spans SET open = 0 WHERE epoch_no = ? AND seq = ?", key).rowcount
            left = tx.execute("SELECT start_ms, end_ms, body, crc FROM open_now").fetchall()
            whole = [
                (start, end, body) for start, end, body, crc in left if intact(*_UNNUMBERED, start, end, body, crc)
            ]
            rows = [self._sealed(self.next_seq + found + i, *one, 0) for i, one in enumerate(whole)]
            tx.executemany(_INSERT, rows)
            tx.execute("DELETE FROM open_now")
            if len(whole) < len(left):
                count(tx, "corrupt", len(left) - len(whole))
            next_seq = self.next_seq + found + len(rows)
            tx.execute("UPDATE epochs SET next_seq = ? WHERE no = ?", (next_seq, self.epoch_no))
        self.next_seq = next_seq
        return self.end_ms

    def write(
        self,
        closed: Sequence[Stretch],
        unfinished: Stretch | None,
        losses: Sequence[Loss] = (),
        standing: Sequence[Stretch] | None = None,
    ) -> None:
        """Write closed stretches down under the next sequence numbers, and the open one behind them.

        `standing` is what is open beside the focus, as it stands; None: as written down before. Those have no
        numbers yet, because what comes after them must not wait for them. Raises SpoolFull, and then nothing was
        written.
        """
        seq = self.next_seq + len(closed)
        rows = [self._row(self.next_seq + i, s, 0) for i, s in enumerate(closed)]
        last = unfinished or next((s for s in reversed(closed) if s.track == "focus"), None)
        end_ms = last.end_ms if last else self.end_ms
        with self.writing() as tx:
            tx.execute(_DELETE_FROM, (self.epoch_no, self.next_seq))
            tx.executemany(_INSERT, rows)
            if unfinished is not None:
                tx.execute(_INSERT, self._row(seq, unfinished, 1))
            tx.execute("UPDATE epochs SET next_seq = ?, end_ms = ? WHERE no = ?", (seq, end_ms, self.epoch_no))
            if standing is not None:
                tx.execute("DELETE FROM open_now")
                tx.executemany(_INSERT_OPEN, map(_unnumbered, standing))
            for loss in losses:
                declare(tx, None, loss.from_ms, loss.to_ms, loss.count, loss.reason)
        self.next_seq, self.end_ms = seq, end_ms
        self._writes += 1
        if self._writes % 50 == 1:
            with suppress(SpoolFull):  # what was written stays written
                self.keep_quota()

    def retime(self, first_seq: int, by_ms: int, before: Before | None = None) -> int:
        """Move the spans from a sequence number on, because the collector's clock was heard; returns by how much.

        0 where one of them is in a batch already: what may have been sent is never changed. The `off` spans before
        the first one stretch or shrink, so that no hole appears; they can shrink to nothing, not further.
        """
        before = before or Before()
        with self.writing() as tx:
            key = (self.epoch_no, first_seq - before.pieces)
            where = "FROM spans WHERE epoch_no = ? AND seq >= ?"
            if tx.execute(f"SELECT count(*) {where} AND batch_no IS NOT NULL", key).fetchone()[0]:
                return 0
            off = tx.execute(f"SELECT seq, start_ms, end_ms {where} AND seq < ? ORDER BY seq", (*key, first_seq))
            rows = off.fetchall()
            if rows:
                by_ms += _short_of(before.since_ms, rows, by_ms)
            moved = {"epoch_no": self.epoch_no, "seq": first_seq, "start": by_ms, "end": by_ms}
            tx.execute(f"{_MOVE} WHERE epoch_no = :epoch_no AND seq >= :seq", moved)
            for seq, start, end in _refitted(rows, by_ms, before.since_ms):
                fitted = {"epoch_no": self.epoch_no, "seq": seq, "start": start, "end": end}
                tx.execute(f"{_MOVE} WHERE epoch_no = :epoch_no AND seq = :seq", fitted)
            tx.execute(_MOVE_OPEN, {"by": by_ms})
            if self.end_ms is not None:
                tx.execute("UPDATE epochs SET end_ms = end_ms + ? WHERE no = ?", (by_ms, self.epoch_no))
                self.end_ms += by_ms
        return by_ms

    def begin_epoch(self) -> None:
        """Count from one again: the time before and the time after do not fit into one partition."""
        self.settle_open()
        with self.writing() as tx:
            self.epoch_no = spool_schema.begin_epoch(tx)
            row = tx.execute("SELECT epoch FROM epochs WHERE no = ?", (self.epoch_no,)).fetchone()
        self.next_seq, self.end_ms, self.epoch = 1, None, str(row[0], "ascii")

    def abandon_open(self) -> None:
        """Forget what is still open, because under its numbers something longer may have been sent already."""
        key = (self.epoch_no, self.next_seq)
        with self.writing() as tx:
            tx.execute("DELETE FROM open_now")
            row = tx.execute("SELECT start_ms FROM spans WHERE epoch_no = ? AND seq = ?", key).fetchone()
            if row is not None:
                tx.execute(_DELETE_FROM, key)
                tx.execute("UPDATE epochs SET end_ms = ? WHERE no = ?", (row[0], self.epoch_no))
                self.end_ms = row[0]

    def declare_lost(self, from_ms: int, to_ms: int, reason: str) -> None:
        """Declare that what was recorded between two moments can never arrive, and that nobody knows how much.

        With that the time up to the second one is accounted for. For an epoch that has just begun.
        """
        with self.writing() as tx:
            declare(tx, None, from_ms, to_ms, 0, reason)
            count(tx, reason, 1)
            tx.execute("UPDATE epochs SET end_ms = ? WHERE no = ?", (max(from_ms, to_ms), self.epoch_no))
        self.end_ms = max(from_ms, to_ms)

    def tally(self, reason: str, n: int) -> None:
        """Count what was left out on purpose."""
        with self.writing() as tx:
            count(tx, reason, n)

    def bytes_used(self) -> int:
        """Disk taken by what is stored, free pages not counted."""
        pages, free, size = (
            self.connection.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("page_count", "freelist_count", "page_size")
        )
        return int((pages - free) * size)

    def keep_quota(self) -> None:
        """Over quota, first let acknowledged batches go, then the oldest spans, these as a declared gap.

        In steps, so that neither the log on the disk grows by all that goes nor anyone waits for it.
        """
        while self.bytes_used() > self.quota_bytes:
            if not self.forget_acknowledged(None) and not self._evict():
                return

    def forget_acknowledged(self, before_ms: int | None) -> int:
        """Let go of some of the oldest batches that were acknowledged before a moment, or ever; returns how many."""
        with self.writing() as tx:
            rows = tx.execute(
                "SELECT no FROM batches WHERE acked_ms IS NOT NULL AND acked_ms < ? ORDER BY acked_ms LIMIT ?",
                (_EVER if before_ms is None else before_ms, FORGOTTEN_BATCHES),
            ).fetchall()
            for no in rows:
                for table in ("spans", "gaps"):
                    tx.execute(f"DELETE FROM {table} WHERE batch_no = ?", no)  # noqa: S608  fixed text
                tx.execute("DELETE FROM batches WHERE no = ?", no)
        return len(rows)

    def counts(self) -> Counts:
        """Count what waits, what is kept, what was set aside, and what was lost by reason."""
        one = self.connection.execute
        acked = "batch_no IN (SELECT no FROM batches WHERE acked_ms IS NOT NULL)"
        kept = one(f"SELECT count(*) FROM spans WHERE {acked}").fetchone()[0]  # noqa: S608  fixed text
        return Counts(
            waiting=one("SELECT count(*) FROM spans").fetchone()[0] - kept,
            waiting_batches=one("SELECT count(*) FROM batches WHERE acked_ms IS NULL").fetchone()[0],
            kept=kept,
            aside=one("SELECT count(*) FROM aside").fetchone()[0],
            by_reason={str(r, "ascii", "replace"): n for r, n in one("SELECT CAST(reason AS BLOB), n FROM counts")},
        )

    def reserve(self) -> None:
        """Set disk space aside for the day the disk is full. Quietly does nothing where there is none."""
        spool_reserve.reserve(self.path)

    def release(self) -> bool:
        """Give up the reserve; whether there was one."""
        return spool_reserve.release(self.path)

    def close(self) -> None:
        """Close the connection."""
        self.connection.close()

    def _row(self, seq: int, stretch: Stretch, still_open: int) -> _Row:
        return self._sealed(seq, stretch.start_ms, stretch.end_ms, body_of(stretch), still_open)

    def _sealed(self, seq: int, start_ms: int, end_ms: int, body: bytes, still_open: int) -> _Row:
        sum_of = span_seal(self.epoch_no, seq, start_ms, end_ms, body)
        return self.epoch_no, seq, start_ms, end_ms, body, sum_of, still_open

    def _evict(self) -> bool:
        with self.writing() as tx:
            rows = tx.execute(
                "SELECT epoch_no, seq, start_ms, end_ms, batch_no, instr(body, ?) FROM spans WHERE open = 0"
                " ORDER BY epoch_no, seq LIMIT ?",
                (_OPEN_TRACK, EVICT_SPANS),
            ).fetchall()
            rows = [r for r in rows if r[0] == rows[0][0]]
            if not rows:
                return False
            first, last = rows[0], rows[-1]
            told = [r for r in rows if not r[5]] or rows  # what was open began long before the time that is lost
            tx.execute("DELETE FROM spans WHERE epoch_no = ? AND seq BETWEEN ? AND ?", (first[0], first[1], last[1]))
            for batch_no in {r[4] for r in rows} - {None}:
                dissolve(tx, batch_no)
            tx.execute("UPDATE epochs SET closed_seq = max(closed_seq, ?) WHERE no = ?", (last[1], first[0]))
            declare(tx, first[0], told[0][2], told[-1][3], len(rows), "evicted", (first[1], last[1]))
            count(tx, "evicted", len(rows))
        return True


def _short_of(since_ms: int | None, rows: list[tuple[int, int, int]], by_ms: int) -> int:
    """How much further spans have to move to begin after what came before.

    Of an earlier epoch only a little: it may itself lie at a wrong time, but the collector's clock is heard coarsely.
    """
    boundary = rows[-1][2] + by_ms
    if since_ms is None:
        return max(0, rows[0][1] - boundary)
    return since_ms - boundary if 0 < since_ms - boundary <= COARSE_MS else 0


def _refitted(rows: list[tuple[int, int, int]], by_ms: int, since_ms: int | None) -> Iterator[tuple[int, int, int]]:
    """By how much start and end of each `off` span move, so that all of them reach up to the moved boundary."""
    for at, (seq, start, end) in enumerate(rows):
        boundary = rows[-1][2] + by_ms
        new_start = min(start if at or since_ms is None else since_ms, boundary)
        new_end = boundary if at == len(rows) - 1 else min(end, boundary)
        yield seq, new_start - start, new_end - end


def dissolve(tx: sqlite3.Connection, batch_no: int) -> None:
    """Take a batch apart: what is left of it goes into later batches under other ids."""
    tx.execute("UPDATE spans SET batch_no = NULL WHERE batch_no = ?", (batch_no,))
    tx.execute("UPDATE gaps SET batch_no = NULL WHERE batch_no = ?", (batch_no,))
    tx.execute("DELETE FROM batches WHERE no = ?", (batch_no,))


def declare(
    tx: sqlite3.Connection,
    epoch_no: int | None,
    from_ms: int,
    to_ms: int,
    n: int,
    reason: str,
    seqs: tuple[int | None, int | None] = (None, None),
) -> None:
    """Note a gap; it travels with the next batch of its epoch."""
    tx.execute(_GAP, (epoch_no, from_ms, max(from_ms, to_ms), n, reason, *seqs))


def count(tx: sqlite3.Connection, reason: str, n: int) -> None:
    """Add to the tally of a reason."""
    tx.execute("INSERT INTO counts VALUES (?, ?) ON CONFLICT (reason) DO UPDATE SET n = n + excluded.n", (reason, n))


@contextmanager
def translated() -> Iterator[None]:
    """Turn the database's errors into the agent's. Raises SpoolFull or SpoolBroken."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        if spool_schema.damaged(error):
            raise SpoolBroken(str(error)) from error
        if isinstance(error, sqlite3.OperationalError):
            raise SpoolFull(str(error)) from error
        raise


def body_of(stretch: Stretch) -> bytes:
    """The part of a span that is not times and number, as JSON."""
    kept, track = stretch.kept, stretch.track
    mark = stretch.mark or kept.mark
    span = Span(0, 0, 0, kept.state, kept.app, kept.title, kept.url, kept.source, track, mark, stretch.count)
    return msgspec.json.encode(span)


def _unnumbered(stretch: Stretch) -> tuple[int, int, bytes, int]:
    body = body_of(stretch)
    times = stretch.start_ms, stretch.end_ms
    return *times, body, span_seal(*_UNNUMBERED, *times, body)
