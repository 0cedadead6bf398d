"""Stage 4, the reading side of the spool: batches are closed, offered, acknowledged, halved, set aside.

In: what the recorder wrote. Out: batches whose id never names two different contents, across restarts too.
Never: a span forgotten: it is acknowledged, waits, or is set aside and declared as a gap.
"""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

import msgspec
from planwhy_shared import limits
from planwhy_shared.ids import new_uuid
from planwhy_shared.wire import Batch, Gap, Receipt, Span

from planwhy_agent.seals import intact
from planwhy_agent.spool import Spool, count, declare, dissolve

BATCH_SPANS = 500
BATCH_BYTES = 640 << 10
"""Of the spans as JSON before compression, so that a batch is below the wire limit even where nothing compresses."""
KEPT_MS = 24 * 3_600_000
"""How long an acknowledged batch is kept, so that a restored collector can be refilled."""
GAP_REFUSALS = 5
"""So often a gap is refused before it is given up."""
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
            gone = (new_uuid(), len(rejected), offer.no)
            tx.execute("UPDATE batches SET batch_id = ?, n = n - ? WHERE no = ?", gone)
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
    while spool.forget_acknowledged(now_ms - KEPT_MS):
        pass
    with spool.writing() as tx:
        tx.execute("DELETE FROM aside WHERE no <= (SELECT max(no) FROM aside) - ?", (ASIDE_KEPT,))


def spared(spool: Spool, offer: Offer) -> bool:
    """Whether a refused gap is offered once more: it says of much time that it is lost, and is given up slowly."""
    if offer.batch.spans or len(offer.batch.gaps) != 1:
        return False
    with spool.writing() as tx:
        tx.execute("UPDATE gaps SET refused = refused + 1 WHERE batch_no = ?", (offer.no,))
        times = tx.execute("SELECT max(refused) FROM gaps WHERE batch_no = ?", (offer.no,)).fetchone()[0]
    return times is not None and int(times) < GAP_REFUSALS


def halve(spool: Spool, offer: Offer, reason: str, detail: str, now_ms: int) -> bool:
    """Split a batch that was refused; a single span or gap is set aside. Whether something was set aside."""
    spans, gaps = offer.batch.spans, offer.batch.gaps
    with spool.writing() as tx:
        if len(spans) + len(gaps) <= 1:
            for span in spans:
                _set_aside(tx, offer, span, reason, detail, now_ms)
            if gaps:
                count(tx, f"gap_{reason}"[:64], len(gaps))
                tx.execute("DELETE FROM gaps WHERE batch_no = ?", (offer.no,))
            dissolve(tx, offer.no)
            return True
        epoch_no = tx.execute("SELECT epoch_no FROM batches WHERE no = ?", (offer.no,)).fetchone()[0]
        if spans:
            middle = len(spans) // 2
            for half in (spans[:middle], spans[middle:]):
                _split_spans(tx, offer.no, epoch_no, half, now_ms)
        if len(spans) > 1:  # the gaps go with a later batch
            tx.execute("UPDATE gaps SET batch_no = NULL WHERE batch_no = ?", (offer.no,))
        else:
            _split_gaps(tx, offer.no, epoch_no, whole=bool(spans), now_ms=now_ms)
        tx.execute("DELETE FROM batches WHERE no = ?", (offer.no,))
    return False


def _split_spans(tx: sqlite3.Connection, batch_no: int, epoch_no: int, half: tuple[Span, ...], now_ms: int) -> None:
    if half:
        first, last = half[0].seq, half[-1].seq
        no = _new_batch(tx, epoch_no, first, last, now_ms)
        where = "WHERE batch_no = ? AND seq BETWEEN ? AND ?"
        found = tx.execute(f"UPDATE spans SET batch_no = ? {where}", (no, batch_no, first, last)).rowcount  # noqa: S608  fixed text
        tx.execute("UPDATE batches SET n = ? WHERE no = ?", (found, no))


def _split_gaps(tx: sqlite3.Connection, batch_no: int, epoch_no: int, whole: bool, now_ms: int) -> None:
    """Gaps in two batches of their own, or in one where it is not known that they are at fault."""
    numbers = [row[0] for row in tx.execute("SELECT no FROM gaps WHERE batch_no = ? ORDER BY no", (batch_no,))]
    middle = 0 if whole else len(numbers) // 2
    for half in (numbers[:middle], numbers[middle:]):
        if half:
            no = _new_batch(tx, epoch_no, 0, 0, now_ms)
            where = "WHERE batch_no = ? AND no BETWEEN ? AND ?"
            tx.execute(f"UPDATE gaps SET batch_no = ? {where}", (no, batch_no, half[0], half[-1]))  # noqa: S608  fixed text


def rename(spool: Spool, offer: Offer) -> None:
    """Give a batch another id, because the collector holds something else under this one."""
    with spool.writing() as tx:
        tx.execute("UPDATE batches SET batch_id = ? WHERE no = ?", (new_uuid(), offer.no))
        count(tx, "conflict", 1)


def waiting_spans(spool: Spool, limit: int) -> list[Span]:
    """The oldest spans that wait, the open one included, as they will be sent; unreadable ones are left out."""
    rows = spool.connection.execute(
        "SELECT epoch_no, seq, start_ms, end_ms, body, crc FROM spans WHERE batch_no IS NULL OR batch_no IN"
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
        _declare_ends(tx, taken[0][0] if taken else spool.epoch_no, now_ms)
        if taken:
            _declare_skipped(tx, taken[0][0], [row[1] for row in taken], now_ms)
        gap = tx.execute("SELECT epoch_no FROM gaps WHERE batch_no IS NULL ORDER BY no LIMIT 1").fetchone()
        if not taken and gap is None:
            return None
        epoch_no = taken[0][0] if taken else gap[0] or spool.epoch_no
        first, last = (taken[0][1], taken[-1][1]) if taken else (0, 0)
        no = _new_batch(tx, epoch_no, first, last, now_ms)
        found = tx.execute(
            "UPDATE spans SET batch_no = ?"
            " WHERE epoch_no = ? AND seq BETWEEN ? AND ? AND batch_no IS NULL AND open = 0",
            (no, epoch_no, first, last),
        ).rowcount
        tx.execute("UPDATE batches SET n = ? WHERE no = ?", (found, no))
        tx.execute(
            "UPDATE gaps SET batch_no = ? WHERE no IN (SELECT no FROM gaps WHERE batch_no IS NULL"
            " AND (epoch_no IS NULL OR epoch_no = ?) ORDER BY no LIMIT ?)",
            (no, epoch_no, limits.GAPS),
        )
    return (no,)


def _declare_skipped(tx: sqlite3.Connection, epoch_no: int, taken: list[int], now_ms: int) -> None:
    """Numbers go up by one; where some are missing a disk has lost them, and that is said."""
    closed = tx.execute("SELECT closed_seq FROM epochs WHERE no = ?", (epoch_no,)).fetchone()[0]
    if closed is None:  # of a release that did not note it
        closed = taken[0] - 1
    absent = set(range(closed + 1, taken[-1] + 1)) - set(taken)
    if absent:
        _declare_absent(tx, epoch_no, sorted(absent - _named(tx, epoch_no, closed + 1, taken[-1])), now_ms)
    tx.execute("UPDATE epochs SET closed_seq = ? WHERE no = ?", (max(closed, taken[-1]), epoch_no))


def _declare_ends(tx: sqlite3.Connection, before_no: int, now_ms: int) -> None:
    """The same for the last numbers of epochs that are over."""
    rows = tx.execute(
        "SELECT no, closed_seq, next_seq FROM epochs WHERE no < ? AND closed_seq < next_seq - 1", (before_no,)
    ).fetchall()
    for no, closed, following in rows:
        _declare_absent(tx, no, range(closed + 1, following), now_ms)
        tx.execute("UPDATE epochs SET closed_seq = next_seq - 1 WHERE no = ?", (no,))


def _declare_absent(tx: sqlite3.Connection, epoch_no: int, seqs: Iterable[int], now_ms: int) -> None:
    """Declare numbers that no row holds, each run of them as one gap between its neighbours."""
    runs: list[tuple[int, int]] = []
    for seq in seqs:
        if runs and seq == runs[-1][1] + 1:
            runs[-1] = (runs[-1][0], seq)
        else:
            runs.append((seq, seq))
    for first, last in runs:
        from_ms, to_ms = _between(tx, epoch_no, first, last, (now_ms, now_ms))
        declare(tx, epoch_no, from_ms, to_ms, last - first + 1, "corrupt", (first, last))
        count(tx, "corrupt", last - first + 1)


def _between(tx: sqlite3.Connection, epoch_no: int, first: int, last: int, own: tuple[int, int]) -> tuple[int, int]:
    """When spans were that cannot be read: from the end of the one before to the start of the one after."""
    columns = "epoch_no, seq, start_ms, end_ms, body, crc"
    times: list[int | None] = []
    for seq, at in ((first - 1, 3), (last + 1, 2)):
        row = tx.execute(f"SELECT {columns} FROM spans WHERE epoch_no = ? AND seq = ?", (epoch_no, seq)).fetchone()  # noqa: S608  fixed text
        times.append(row[at] if row is not None and intact(*row) else None)
    before, after = times
    from_ms = before if before is not None else min(own[0], after) if after is not None else own[0]
    return from_ms, after if after is not None else max(own[1], from_ms)


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
        "SELECT b.batch_id, e.epoch, b.closed_ms, b.n FROM batches b JOIN epochs e ON e.no = b.epoch_no WHERE b.no = ?",
        row,
    ).fetchone()
    rows = one(
        "SELECT epoch_no, seq, start_ms, end_ms, body, crc FROM spans WHERE batch_no = ? ORDER BY seq", row
    ).fetchall()
    spans = tuple(_span(*r) for r in rows)
    gaps = tuple(
        Gap(f, t, n, str(reason, "ascii", "replace"), a, b)
        for f, t, n, reason, a, b in one(
            "SELECT from_ms, to_ms, count, reason, first_seq, last_seq FROM gaps WHERE batch_no = ? ORDER BY no", row
        )
    )
    sound = tuple(s for s in spans if s is not None)
    whole = head[3] is None or head[3] == len(rows)
    if len(sound) < len(spans) or not whole or not (sound or gaps):
        _drop_unreadable(spool, row[0], [r for r, s in zip(rows, spans, strict=True) if s is None], now_ms)
        return None
    batch = Batch(1, head[0].decode(), head[1].decode(), head[2], sound, gaps)
    return Offer(row[0], batch, max((s.end_ms for s in sound if s.track == "focus"), default=0))


def _span(epoch_no: int, seq: int, start_ms: int, end_ms: int, body: bytes, crc: int) -> Span | None:
    if not intact(epoch_no, seq, start_ms, end_ms, body, crc):
        return None
    try:
        span = msgspec.json.decode(body, type=Span)
        return msgspec.convert(
            {**msgspec.structs.asdict(span), "seq": seq, "start_ms": start_ms, "end_ms": end_ms}, type=Span
        )
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None


def _drop_unreadable(spool: Spool, no: int, rows: list[tuple[int, int, int, int, object, object]], now_ms: int) -> None:
    with spool.writing() as tx:
        batch = tx.execute("SELECT epoch_no, first_seq, last_seq FROM batches WHERE no = ?", (no,)).fetchone()
        for epoch_no, seq, start_ms, end_ms, body, _ in rows:
            tx.execute(
                "INSERT INTO aside (epoch_no, seq, reason, detail, body, at_ms) VALUES (?, ?, 'corrupt', '', ?, ?)",
                (epoch_no, seq, body, now_ms),
            )
            bounds = [t if isinstance(t, int) and 0 <= t <= limits.MAX_MS else now_ms for t in (start_ms, end_ms)]
            from_ms, to_ms = _between(tx, epoch_no, seq, seq, (min(bounds), max(bounds)))
            declare(tx, epoch_no, from_ms, to_ms, 1, "corrupt", (seq, seq))
            count(tx, "corrupt", 1)
            tx.execute("DELETE FROM spans WHERE epoch_no = ? AND seq = ?", (epoch_no, seq))
        dissolve(tx, no)
        if batch[2]:
            _declare_absent(tx, batch[0], _unknown(tx, *batch), now_ms)


def _unknown(tx: sqlite3.Connection, epoch_no: int, first: int, last: int) -> list[int]:
    """Numbers of a range that no row holds and no gap names."""
    known = {
        row[0]
        for row in tx.execute(
            "SELECT seq FROM spans WHERE epoch_no = ? AND seq BETWEEN ? AND ?", (epoch_no, first, last)
        )
    }
    known |= _named(tx, epoch_no, first, last)
    return [seq for seq in range(first, last + 1) if seq not in known]


def _named(tx: sqlite3.Connection, epoch_no: int, first: int, last: int) -> set[int]:
    """Numbers of a range that gaps name."""
    rows = tx.execute(
        "SELECT first_seq, last_seq FROM gaps WHERE epoch_no = ? AND last_seq >= ? AND first_seq <= ?",
        (epoch_no, first, last),
    )
    return {seq for start, end in rows for seq in range(max(first, start), min(last, end) + 1)}


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
