"""Stored spans. In: a device and its spans, or bounds. Out: blocks in the database, or spans.

Spans lie in blocks (`blocks`), clustered by device, track and time: a person's day is one range read. Rows of the
table `spans`, written by the release before, are read beside them until `pack_rows` has moved them.
Never: a question of whether a span is new; that is told by `sequences`.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from planwhy_shared.limits import SPAN_MS
from planwhy_shared.times import Interval
from sqlalchemy import Row, Select, select
from sqlalchemy.orm import Session

from planwhy_collector.models import SpanBlock, SpanRow
from planwhy_collector.queries.blocks import DAY_MS, StoredSpan, contexts_in, pack, unpack
from planwhy_collector.queries.bulk import insert_rows

STATES = ("active", "idle", "locked", "asleep", "private", "off")
TRACKS = ("focus", "open")
"""Stored spans hold places in STATES and TRACKS: their order never changes."""
LOOK_BACK_MS = DAY_MS
"""A longer span that reaches into the bounds (a machine asleep over the holidays) is found as the last one before."""
PACKED_ROWS = 20_000
READ_AT_ONCE = 1_000
_BLOCK_COLUMNS = {
    "device_id": "bigint", "track": "smallint", "start_ms": "bigint", "epoch_no": "smallint", "first_seq": "bigint",
    "end_ms": "bigint", "spans": "smallint", "body": "bytea",
}  # fmt: skip
_ROW = (
    SpanRow.start_ms, SpanRow.end_ms, SpanRow.seq, SpanRow.context_id, SpanRow.state, SpanRow.source, SpanRow.mark,
)  # fmt: skip
_BLOCK = (SpanBlock.start_ms, SpanBlock.first_seq, SpanBlock.end_ms, SpanBlock.body)


def store_spans(session: Session, device_id: int, epoch_no: int, tracks: Mapping[int, Iterable[StoredSpan]]) -> None:
    """Store new spans of one epoch, by the code of their track."""
    rows = [
        (device_id, track, one.start_ms, epoch_no, one.first_seq, one.end_ms, one.spans, one.body)
        for track, spans in tracks.items()
        for one in pack(spans)
    ]
    insert_rows(session, SpanBlock.__tablename__, _BLOCK_COLUMNS, rows, "ON CONFLICT DO NOTHING")


def spans_touching(session: Session, device_id: int, track: int, bounds: Interval) -> list[StoredSpan]:
    """Find the spans of a device that touch the bounds, in order of start. Two reads by key, and two for old rows.

    Rows are read first: those that are moved into a block meanwhile are then found in both places, never in none.
    """
    old = _from_rows(session, device_id, track, bounds)
    found = _from_blocks(session, device_id, track, bounds)
    return sorted({*old, *found} if old else found)


def spans_beginning(session: Session, device_id: int, epoch_no: int, bounds: Interval) -> list[StoredSpan]:
    """Find what is stored of an epoch and begins within the bounds, on any track, in no order."""
    in_blocks = select(*_BLOCK).where(
        SpanBlock.device_id == device_id,
        SpanBlock.track.in_(range(len(TRACKS))),
        SpanBlock.start_ms >= bounds.start_ms - DAY_MS,
        SpanBlock.start_ms < bounds.end_ms,
        SpanBlock.epoch_no == epoch_no,
    )
    in_rows = select(*_ROW).where(
        SpanRow.device_id == device_id,
        SpanRow.start_ms >= bounds.start_ms,
        SpanRow.start_ms < bounds.end_ms,
        SpanRow.epoch_no == epoch_no,
    )
    found = [StoredSpan(*row) for row in session.execute(in_rows)]
    for start_ms, first_seq, _, body in session.execute(in_blocks):
        found += unpack(start_ms, first_seq, body)
    return found


def seqs_stored(session: Session, device_id: int, epoch_no: int, seqs: Collection[int]) -> frozenset[int]:
    """Find which of these numbers any stored span of an epoch has. Reads the whole epoch: a question asked rarely."""
    if not seqs:
        return frozenset()
    in_blocks = select(SpanBlock.start_ms, SpanBlock.first_seq, SpanBlock.body).where(
        SpanBlock.device_id == device_id, SpanBlock.epoch_no == epoch_no
    )
    in_rows = select(SpanRow.seq).where(SpanRow.device_id == device_id, SpanRow.epoch_no == epoch_no)
    packed = (span.seq for block in session.execute(in_blocks) for span in unpack(*block))
    return frozenset(seqs) & frozenset(chain(packed, session.scalars(in_rows)))


def every_span(session: Session, device_id: int) -> Iterator[tuple[int, StoredSpan]]:
    """All spans of a device with the code of their track, track by track in order of start; read as they are used."""
    in_rows = select(SpanRow.track, *_ROW).where(SpanRow.device_id == device_id).order_by(SpanRow.start_ms)
    in_blocks = (
        select(SpanBlock.track, SpanBlock.start_ms, SpanBlock.first_seq, SpanBlock.body)
        .where(SpanBlock.device_id == device_id)
        .order_by(SpanBlock.track, SpanBlock.start_ms)
    )
    for track, *row in session.execute(in_rows.execution_options(yield_per=READ_AT_ONCE)):
        yield track, StoredSpan(*row)
    for track, start_ms, first_seq, body in session.execute(in_blocks.execution_options(yield_per=READ_AT_ONCE)):
        yield from ((track, span) for span in unpack(start_ms, first_seq, body))


def contexts_named(session: Session, devices: Collection[int], *, by_others: bool = False) -> set[int]:
    """The contexts that spans of some devices name, or of all others: then all blocks are read, no index helps."""
    of_blocks, of_rows = SpanBlock.device_id.in_(devices), SpanRow.device_id.in_(devices)
    in_blocks = select(SpanBlock.body).where(~of_blocks if by_others else of_blocks)
    in_rows = select(SpanRow.context_id).where(~of_rows if by_others else of_rows).distinct()
    found = set(session.scalars(in_rows))
    for body in session.scalars(in_blocks.execution_options(yield_per=READ_AT_ONCE)):
        found.update(contexts_in(body))
    return found - {0}


def pack_rows(session: Session) -> int:
    """Move up to PACKED_ROWS rows that the release before wrote into blocks; how many. 0: none are left."""
    oldest = select(SpanRow).order_by(*SpanRow.__table__.primary_key).limit(PACKED_ROWS)
    rows = list(session.scalars(oldest.with_for_update(skip_locked=True)))
    groups: dict[tuple[int, int, int], list[StoredSpan]] = {}
    for row in rows:
        span = StoredSpan(row.start_ms, row.end_ms, row.seq, row.context_id, row.state, row.source, row.mark)
        groups.setdefault((row.device_id, row.epoch_no, row.track), []).append(span)
    for (device_id, epoch_no, track), spans in groups.items():
        store_spans(session, device_id, epoch_no, {track: spans})
    for row in rows:
        session.delete(row)
    session.flush()
    return len(rows)


def _from_blocks(session: Session, device_id: int, track: int, bounds: Interval) -> list[StoredSpan]:
    """Blocks begin up to a day before a span in them, and that one up to a day before the bounds."""
    query = select(*_BLOCK).where(SpanBlock.device_id == device_id, SpanBlock.track == track)
    found: list[StoredSpan] = []
    for start_ms, first_seq, end_ms, body in _reaching(session, query, SpanBlock.start_ms, bounds, DAY_MS):
        if end_ms <= bounds.start_ms:
            continue
        spans = unpack(start_ms, first_seq, body)
        if start_ms < bounds.start_ms or end_ms > bounds.end_ms:
            spans = (span for span in spans if span.start_ms < bounds.end_ms and span.end_ms > bounds.start_ms)
        found += spans
    return found


def _from_rows(session: Session, device_id: int, track: int, bounds: Interval) -> list[StoredSpan]:
    query = select(*_ROW).where(SpanRow.device_id == device_id, SpanRow.track == track)
    rows = _reaching(session, query, SpanRow.start_ms, bounds, 0)
    return [StoredSpan(*row) for row in rows if row.end_ms > bounds.start_ms]


def _reaching(
    session: Session, query: Select[*tuple[Any, ...]], start: Any, bounds: Interval, held_ms: int
) -> Sequence[Row[*tuple[Any, ...]]]:
    """Rows that may reach into bounds: those near, and the last one before. `held_ms`: from a row to its last start."""
    near_ms = bounds.start_ms - LOOK_BACK_MS - held_ms
    before = query.where(start < near_ms, start > bounds.start_ms - SPAN_MS - held_ms)  # none is longer
    last = session.execute(before.order_by(start.desc()).limit(1)).all()
    return [*last, *session.execute(query.where(start >= near_ms, start < bounds.end_ms))]
