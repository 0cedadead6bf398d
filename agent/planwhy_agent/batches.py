"""Stage 4, the reading side of the spool: batches are closed, offered, acknowledged, halved, set aside.

In: what the recorder wrote. Out: batches whose id never names two different contents, across restarts too.
Never: a span forgotten: it is acknowledged, waits, or is set aside and declared as a gap.
"""

import sqlite3
import zlib
from dataclasses import dataclass

import msgspec
from planwhy_shared import limits
from planwhy_shared.ids import new_uuid
from planwhy_shared.wire import Batch, Gap, Receipt, Span

from planwhy_agent.spool import Spool, count, declare, dissolve

BATCH_SPANS = 500
BATCH_BYTES = 640 << 10
"""Of the spans as JSON before compression, so that a batch is below the wire limit even where nothing compresses."""
KEPT_MS = 24 * 3_600_000
"""How long an acknowledged batch is kept, so that a restored collector can be refilled."""
ASIDE_KEPT = 10_000
"""How many set-aside spans keep their content; the count goes on."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A closed batch: its row in the spool and its content as it goes over the wire."""

    no: int
    batch: Batch
    end_ms: int

    @property
    def content(self) -> bytes:
        """The same bytes whenever the same batch is offered."""
        return msgspec.json.encode(self.batch)


def next_offer(spool: Spool, now_ms: int) -> Offer | None:
    """The oldest batch not yet acknowledged; else a new one of what has been closed; None where nothing waits."""
    while True:
        row = _oldest(spool)
        if row is None and (row := _close(spool, now_ms)) is None:
            return None
        offer = _offer(spool, row, now_ms)
        if offer is not None:
            return offer


def acknowledge(spool: Spool, offer: Offer, receipt: Receipt, now_ms: int) -> None:
    """Mark a batch as held by the collector; what it rejected is set aside and declared.

    Where the collector says that it misses what it once acknowledged, that is offered once more.
    """
    rejected = {r.seq: r for r in receipt.rejected if r.seq is not None}
    with spool.writing() as tx:
        for span in offer.batch.spans:
            if span.seq in rejected:
                _set_aside(tx, offer, span, rejected[span.seq].error, rejected[span.seq].detail, now_ms)
        tx.execute("UPDATE batches SET acked_ms = ? WHERE no = ?", (now_ms, offer.no))
        if rejected:  # should it be offered once more, it holds less than under this id
            tx.execute("UPDATE batches SET batch_id = ? WHERE no = ?", (new_uuid(), offer.no))
        if offer.batch.spans:
            _offer_again(tx, offer, receipt.durable_through)


def _offer_again(tx: sqlite3.Connection, offer: Offer, through: int) -> None:
    """Offer what the collector held and misses now, with all batches of gaps alone, which have no numbers.

    Once, until nothing is missing: a number that it will never take must not keep everything on its way for ever.
    """
    first = offer.batch.spans[0].seq
    same_epoch = "epoch_no = (SELECT epoch_no FROM batches WHERE no = ?)"
    if through >= first - 1:
        tx.execute(f"UPDATE batches SET offered_again = 0 WHERE offered_again = 1 AND {same_epoch}", (offer.no,))  # noqa: S608  fixed text
        return
    tx.execute(
        "UPDATE batches SET acked_ms = NULL, offered_again = 1 WHERE acked_ms IS NOT NULL AND no <> ?"  # noqa: S608  fixed text
        f" AND offered_again = 0 AND {same_epoch} AND (last_seq = 0 OR last_seq > ? AND first_seq < ?)",
        (offer.no, offer.no, through, first),
    )


def prune(spool: Spool, now_ms: int) -> None:
    """Let go of batches acknowledged more than a day ago, and of the content of very old set-aside spans."""
    old = now_ms - KEPT_MS
    with spool.writing() as tx:
        for table in ("spans", "gaps"):
            where = "WHERE batch_no IN (SELECT no FROM batches WHERE acked_ms < ?)"
            tx.execute(f"DELETE FROM {table} {where}", (old,))  # noqa: S608  fixed text
        tx.execute("DELETE FROM batches WHERE acked_ms < ?", (old,))
        tx.execute("DELETE FROM aside WHERE no <= (SELECT max(no) FROM aside) - ?", (ASIDE_KEPT,))


def halve(spool: Spool, offer: Offer, reason: str, detail: str, now_ms: int) -> bool:
    """Split a batch that was refused; a single span is set aside. Whether something was set aside."""
    spans = offer.batch.spans
    with spool.writing() as tx:
        if len(spans) <= 1:
            for span in spans:
                _set_aside(tx, offer, span, reason, detail, now_ms)
            if not spans:
                count(tx, f"gap_{reason}"[:64], len(offer.batch.gaps))
                tx.execute("DELETE FROM gaps WHERE batch_no = ?", (offer.no,))
            dissolve(tx, offer.no)
            return True
        middle = spans[len(spans) // 2].seq
        epoch_no = tx.execute("SELECT epoch_no FROM batches WHERE no = ?", (offer.no,)).fetchone()[0]
        for first, last in ((spans[0].seq, middle - 1), (middle, spans[-1].seq)):
            no = _new_batch(tx, epoch_no, first, last, now_ms)
            where = "WHERE batch_no = ? AND seq BETWEEN ? AND ?"
            tx.execute(f"UPDATE spans SET batch_no = ? {where}", (no, offer.no, first, last))  # noqa: S608  fixed text
        tx.execute("UPDATE gaps SET batch_no = NULL WHERE batch_no = ?", (offer.no,))
        tx.execute("DELETE FROM batches WHERE no = ?", (offer.no,))
    return False


def rename(spool: Spool, offer: Offer) -> None:
    """Give a batch another id, because the collector holds something else under this one."""
    with spool.writing() as tx:
        tx.execute("UPDATE batches SET batch_id = ? WHERE no = ?", (new_uuid(), offer.no))
        count(tx, "conflict", 1)


def waiting_spans(spool: Spool, limit: int) -> list[Span]:
    """The oldest spans that wait, the open one included, as they will be sent; unreadable ones are left out."""
    rows = spool.connection.execute(
        "SELECT seq, start_ms, end_ms, body, crc FROM spans WHERE batch_no IS NULL OR batch_no IN"
        " (SELECT no FROM batches WHERE acked_ms IS NULL) ORDER BY epoch_no, seq LIMIT ?",
        (limit,),
    )
    return [span for row in rows if (span := _span(*row)) is not None]


def _oldest(spool: Spool) -> tuple[int] | None:
    found: tuple[int] | None = spool.connection.execute(
        "SELECT no FROM batches WHERE acked_ms IS NULL ORDER BY epoch_no, first_seq, no LIMIT 1"
    ).fetchone()
    return found


def _close(spool: Spool, now_ms: int) -> tuple[int] | None:
    with spool.writing() as tx:
        rows = tx.execute(
            "SELECT epoch_no, seq, length(body) FROM spans WHERE batch_no IS NULL AND open = 0"
            " ORDER BY epoch_no, seq LIMIT ?",
            (BATCH_SPANS,),
        ).fetchall()
        taken = _fitting(rows)
        gap = tx.execute("SELECT epoch_no FROM gaps WHERE batch_no IS NULL ORDER BY no LIMIT 1").fetchone()
        if not taken and gap is None:
            return None
        epoch_no = taken[0][0] if taken else gap[0] or spool.epoch_no
        first, last = (taken[0][1], taken[-1][1]) if taken else (0, 0)
        no = _new_batch(tx, epoch_no, first, last, now_ms)
        tx.execute(
            "UPDATE spans SET batch_no = ?"
            " WHERE epoch_no = ? AND seq BETWEEN ? AND ? AND batch_no IS NULL AND open = 0",
            (no, epoch_no, first, last),
        )
        tx.execute(
            "UPDATE gaps SET batch_no = ? WHERE no IN (SELECT no FROM gaps WHERE batch_no IS NULL"
            " AND (epoch_no IS NULL OR epoch_no = ?) ORDER BY no LIMIT ?)",
            (no, epoch_no, limits.GAPS),
        )
    return (no,)


def _fitting(rows: list[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    taken: list[tuple[int, int, int]] = []
    size = 0
    for row in rows:
        size += row[2] + 128
        if taken and (size > BATCH_BYTES or row[0] != taken[0][0]):
            break
        taken.append(row)
    return taken


def _new_batch(tx: sqlite3.Connection, epoch_no: int, first: int, last: int, now_ms: int) -> int:
    cursor = tx.execute(
        "INSERT INTO batches (batch_id, epoch_no, first_seq, last_seq, closed_ms) VALUES (?, ?, ?, ?, ?)",
        (new_uuid(), epoch_no, first, last, now_ms),
    )
    return int(cursor.lastrowid or 0)


def _offer(spool: Spool, row: tuple[int], now_ms: int) -> Offer | None:
    """Read a batch back. Rows that cannot be read are set aside, and what is left goes under another id."""
    one = spool.connection.execute
    head = one(
        "SELECT b.batch_id, e.epoch, b.closed_ms FROM batches b JOIN epochs e ON e.no = b.epoch_no WHERE b.no = ?", row
    ).fetchone()
    rows = one("SELECT seq, start_ms, end_ms, body, crc FROM spans WHERE batch_no = ? ORDER BY seq", row).fetchall()
    spans = tuple(_span(*r) for r in rows)
    gaps = tuple(
        Gap(f, t, n, bytes(reason).decode(), a, b)
        for f, t, n, reason, a, b in one(
            "SELECT from_ms, to_ms, count, reason, first_seq, last_seq FROM gaps WHERE batch_no = ? ORDER BY no", row
        )
    )
    sound = tuple(s for s in spans if s is not None)
    if len(sound) < len(spans) or not (sound or gaps):
        _drop_unreadable(spool, row[0], [r for r, s in zip(rows, spans, strict=True) if s is None], now_ms)
        return None
    batch = Batch(1, head[0].decode(), head[1].decode(), head[2], sound, gaps)
    return Offer(row[0], batch, max((s.end_ms for s in sound if s.track == "focus"), default=0))


def _span(seq: int, start_ms: int, end_ms: int, body: object, crc: object) -> Span | None:
    if not isinstance(body, bytes) or zlib.crc32(body) != crc:
        return None
    try:
        span = msgspec.json.decode(body, type=Span)
        return msgspec.convert(
            {**msgspec.structs.asdict(span), "seq": seq, "start_ms": start_ms, "end_ms": end_ms}, type=Span
        )
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None


def _drop_unreadable(spool: Spool, no: int, rows: list[tuple[int, int, int, object, object]], now_ms: int) -> None:
    with spool.writing() as tx:
        epoch_no = tx.execute("SELECT epoch_no FROM batches WHERE no = ?", (no,)).fetchone()[0]
        for seq, start_ms, end_ms, body, _ in rows:
            bounds = [t if isinstance(t, int) and 0 <= t <= limits.MAX_MS else now_ms for t in (start_ms, end_ms)]
            declare(tx, epoch_no, min(bounds), max(bounds), 1, "corrupt", (seq, seq))
            count(tx, "corrupt", 1)
            tx.execute(
                "INSERT INTO aside (epoch_no, seq, reason, detail, body, at_ms) VALUES (?, ?, 'corrupt', '', ?, ?)",
                (epoch_no, seq, body, now_ms),
            )
            tx.execute("DELETE FROM spans WHERE epoch_no = ? AND seq = ?", (epoch_no, seq))
        dissolve(tx, no)


def _set_aside(tx: sqlite3.Connection, offer: Offer, span: Span, reason: str, detail: str, now_ms: int) -> None:
    row = tx.execute("SELECT epoch_no FROM batches WHERE no = ?", (offer.no,)).fetchone()
    if row is None:
        return
    tx.execute(
        "INSERT INTO aside (epoch_no, seq, reason, detail, body, at_ms) VALUES (?, ?, ?, ?, ?, ?)",
        (row[0], span.seq, reason[:64], detail[:500], msgspec.json.encode(span), now_ms),
    )
    declare(tx, row[0], span.start_ms, span.end_ms, 1, "rejected", (span.seq, span.seq))
    count(tx, "rejected", 1)
    tx.execute("DELETE FROM spans WHERE epoch_no = ? AND seq = ?", (row[0], span.seq))
