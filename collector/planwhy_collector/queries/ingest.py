"""Stage 6c: a checked batch is stored, exactly once. In: the batch of one device. Out: the receipt.

All of it happens in the caller's transaction: ledger, epochs, sequence ranges, contexts, spans, gaps, dirty days.
Never: a span counted twice, whatever batch it comes in; a receipt that changes when a batch comes again.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from zoneinfo import ZoneInfo

import msgspec
from planwhy_shared.times import Interval, day_of, days_between
from planwhy_shared.wire import Gap, Receipt, Rejected, Span
from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from planwhy_collector.classify.contexts import context_id, context_of
from planwhy_collector.facts import Context
from planwhy_collector.models import BatchRow, Device, GapRow
from planwhy_collector.queries import epochs
from planwhy_collector.queries.activity import intern_contexts
from planwhy_collector.queries.blocks import DAY_MS, StoredSpan
from planwhy_collector.queries.bulk import insert_rows
from planwhy_collector.queries.rollups import mark_dirty
from planwhy_collector.queries.secrets import secret
from planwhy_collector.queries.sequences import Runs, durable_through, joined, missing, missing_within, runs_of
from planwhy_collector.queries.spans import STATES, TRACKS, seqs_stored, spans_beginning, store_spans
from planwhy_collector.queries.words import word_ids

Tracks = dict[int, list[StoredSpan]]
"""Spans by the code of their track."""
CONTEXTS_HELD = 16_384
"""Contexts that this process remembers, because most windows come back: some ten megabytes."""
_SEEN = frozenset({"active", "idle"})
"""States whose context is stored. In all others nothing was in front that is anyone's business."""
_STATE = {state: code for code, state in enumerate(STATES)}
_TRACK = {track: code for code, track in enumerate(TRACKS)}
_FOCUS = _TRACK["focus"]
_BATCH_COLUMNS = {
    "device_id": "bigint", "batch_id": "text", "digest": "bytea", "received_ms": "bigint", "receipt": "bytea"
}  # fmt: skip
_GAP_COLUMNS = {
    "device_id": "bigint", "batch_id": "text", "ordinal": "smallint", "from_ms": "bigint", "to_ms": "bigint",
    "count": "bigint", "reason": "text",
}  # fmt: skip
_SEEN_NOW = update(Device).where(Device.id == bindparam("device")).values(seen_ms=bindparam("now"))
_RECEIPT = select(BatchRow.digest, BatchRow.receipt).where(
    BatchRow.device_id == bindparam("device"), BatchRow.batch_id == bindparam("batch")
)


@dataclass(frozen=True, slots=True)
class NewBatch:
    """What the checks let through, with the device it came from and the zone of its person's days."""

    device_id: int
    employee_id: int
    zone: ZoneInfo
    batch_id: str
    epoch: str
    digest: bytes
    spans: tuple[Span, ...]
    gaps: tuple[Gap, ...]
    rejected: tuple[Rejected, ...]
    repeated: int
    ignored_fields: int
    policy_version: str


class BatchConflict(Exception):
    """The batch id was used before, for other content."""


class DeviceGone(Exception):
    """The device was erased with its person after it had been recognised."""


def store_batch(session: Session, batch: NewBatch, now_ms: int) -> Receipt:
    """Store a batch and give its receipt; the same batch again gives the same receipt, marked as duplicate.

    Raises BatchConflict where the id was used for other content, DeviceGone where the person was erased meanwhile,
    InvalidInput for one epoch too many.
    """
    if not _lock_device(session, batch.device_id, now_ms):
        raise DeviceGone(batch.device_id)
    if (known := _known_receipt(session, batch)) is not None:
        return known
    fresh, durable = _store_new(session, batch, _stored(session, batch), now_ms)
    mark_dirty(session, batch.employee_id, _days(fresh.get(_FOCUS, []), batch.zone))  # no other track counts as time
    accepted = sum(map(len, fresh.values()))
    receipt = Receipt(
        batch_id=batch.batch_id,
        accepted=accepted,
        duplicates=len(batch.spans) - accepted + batch.repeated,
        rejected=batch.rejected,
        durable_through=durable,
        policy_version=batch.policy_version,
        ignored_fields=batch.ignored_fields,
    )
    _remember(session, batch, receipt, now_ms)
    return receipt


def _lock_device(session: Session, device_id: int, now_ms: int) -> bool:
    """One batch of a device at a time; the row is written anyway. False where there is no such device any more."""
    return bool(session.connection().execute(_SEEN_NOW, {"device": device_id, "now": now_ms}).rowcount)


def _known_receipt(session: Session, batch: NewBatch) -> Receipt | None:
    row = session.connection().execute(_RECEIPT, {"device": batch.device_id, "batch": batch.batch_id}).first()
    if row is None:
        return None
    if row.digest != batch.digest:
        raise BatchConflict(batch.batch_id)
    return msgspec.structs.replace(msgspec.json.decode(row.receipt, type=Receipt), duplicate=True)


def _stored(session: Session, batch: NewBatch) -> Tracks:
    """Turn the spans of a batch into numbers; their contexts and words are stored on the way."""
    tracks: Tracks = {}
    if not batch.spans:
        return tracks
    ids, named = _contexts(secret(session, "context"), batch.spans)
    intern_contexts(session, named, day_of(max(s.end_ms for s in batch.spans), batch.zone).toordinal())
    words = {None: 0} | word_ids(session, {word for s in batch.spans for word in (s.source, s.mark) if word})
    for one, context in zip(batch.spans, ids, strict=True):
        source, mark = words.get(one.source, 0), words.get(one.mark, 0)
        span = StoredSpan(one.start_ms, one.end_ms, one.seq, context, _STATE[one.state], source, mark, one.count)
        tracks.setdefault(_TRACK[one.track], []).append(span)
    return tracks


def _contexts(key: bytes, spans: Iterable[Span]) -> tuple[list[int], dict[int, Context]]:
    """The context id of each span, 0 for none, and the contexts by id. Texts that repeat are read once."""
    read: dict[tuple[str | None, str | None, str | None], int] = {(None, None, None): 0}
    named: dict[int, Context] = {}
    ids: list[int] = []
    for span in spans:
        texts = (span.app, span.url, span.title) if span.state in _SEEN else (None, None, None)
        found = read.get(texts)
        if found is None:
            found, context = _interned(key, *texts)
            read[texts], named[found] = found, context
        ids.append(found)
    named.pop(0, None)
    return ids, named


@lru_cache(maxsize=CONTEXTS_HELD)
def _interned(key: bytes, app: str | None, url: str | None, title: str | None) -> tuple[int, Context]:
    context = context_of(app, url, title)
    return context_id(key, context), context


def _store_new(session: Session, batch: NewBatch, arrived: Tracks, now_ms: int) -> tuple[Tracks, int]:
    """Store what has not arrived before; the spans stored, and the number up to which nothing is missing.

    A number that another span of this epoch holds already comes of a second machine that goes on with a copy of the
    same spool: such spans are kept too, as those of a copy of the epoch, and the device is flagged.
    """
    known = epochs.epochs_of(session, batch.device_id)
    fresh, durable, waiting = _store_in(session, batch, known, 0, arrived, now_ms)
    copy = 0
    while waiting:
        copy += 1
        epochs.flag_clone(session, batch.device_id, now_ms)
        more, _, waiting = _store_in(session, batch, known, copy, waiting, now_ms)
        fresh = {track: fresh.get(track, []) + more.get(track, []) for track in fresh | more}
    return fresh, durable


def _store_in(
    session: Session, batch: NewBatch, known: dict[str, epochs.EpochFact], copy: int, arrived: Tracks, now_ms: int
) -> tuple[Tracks, int, Tracks]:
    """Store what is new to one epoch, or copy of it; what was stored, durable_through, and what differs from it."""
    name = epochs.copy_name(batch.epoch, copy)
    before = known.get(name) or epochs.add_epoch(session, batch.device_id, known, name, now_ms)
    new = missing(before.runs, [span.seq for spans in arrived.values() for span in spans])
    fresh = {track: [span for span in spans if span.seq in new] for track, spans in arrived.items()}
    store_spans(session, batch.device_id, before.no, fresh)
    runs = joined(before.runs, runs_of(new))
    if not copy:
        _store_gaps(session, batch, runs)
        runs = joined(runs, _lost(batch))
    known[name] = _covering(replace(before, runs=runs), fresh.get(_FOCUS, []))
    epochs.update_epoch(session, batch.device_id, before, known[name])
    if any(epochs.recorded_together(known[name], other) for other in known.values()):
        epochs.flag_clone(session, batch.device_id, now_ms)
    held = {track: [span for span in spans if span.seq not in new] for track, spans in arrived.items()}
    return fresh, durable_through(runs), _others(session, batch, before.no, held)


def _covering(epoch: epochs.EpochFact, focus: Sequence[StoredSpan]) -> epochs.EpochFact:
    if not focus:
        return epoch
    return epochs.widened(epoch, min(span.start_ms for span in focus), max(span.end_ms for span in focus))


def _others(session: Session, batch: NewBatch, epoch_no: int, held: Tracks) -> Tracks:
    """Those of the spans whose number is stored for another one.

    A number that is held without any span was declared lost, or its span is gone by retention: it is nobody's.
    """
    spans = [span for of_track in held.values() for span in of_track]
    if not spans:
        return {}
    bounds = Interval(min(span.start_ms for span in spans), max(span.start_ms for span in spans) + 1)
    stored = {_identity(span) for span in spans_beginning(session, batch.device_id, epoch_no, bounds)}
    unknown = [span.seq for span in spans if _identity(span) not in stored]
    taken = seqs_stored(session, batch.device_id, epoch_no, unknown)
    others = {track: [s for s in of_track if s.seq in taken] for track, of_track in held.items()}
    return {track: of_track for track, of_track in others.items() if of_track}


def _identity(span: StoredSpan) -> tuple[int, int, int]:
    return span.seq, span.start_ms, span.end_ms


def _lost(batch: NewBatch) -> list[tuple[int, int]]:
    """Numbers that were declared lost: they are not missing. A refused span is: its sender may correct it."""
    return [(g.first_seq, g.last_seq) for g in batch.gaps if g.first_seq is not None and g.last_seq is not None]


def _store_gaps(session: Session, batch: NewBatch, held: Runs) -> None:
    """Store what was declared lost, once: numbers that have arrived or were declared before are no new loss.

    A gap without numbers is the same one where all it says is the same.
    """
    rows = []
    for at, gap in enumerate(batch.gaps):
        count = gap.count
        if gap.first_seq is not None and gap.last_seq is not None:
            lost = (gap.first_seq, gap.last_seq)
            count = min(gap.count, missing_within(held, *lost))
            held = joined(held, [lost])
        elif _declared(session, batch.device_id, gap):
            continue
        if count or not gap.count:
            rows.append((batch.device_id, batch.batch_id, at, gap.from_ms, gap.to_ms, count, gap.reason))
    insert_rows(session, GapRow.__tablename__, _GAP_COLUMNS, rows, "")


def _declared(session: Session, device_id: int, gap: Gap) -> bool:
    same = select(GapRow.ordinal).where(
        GapRow.device_id == device_id,
        GapRow.from_ms == gap.from_ms,
        GapRow.to_ms == gap.to_ms,
        GapRow.count == gap.count,
        GapRow.reason == gap.reason,
    )
    return session.execute(same.limit(1)).first() is not None


def _days(spans: Sequence[StoredSpan], zone: ZoneInfo) -> tuple[date, ...]:
    """Days that the spans touch. Of a stretch of a day at most also one between its ends that they may leave out."""
    if not spans:
        return ()
    first, last = min(span.start_ms for span in spans), max(max(span.start_ms, span.end_ms - 1) for span in spans)
    if last - first <= DAY_MS:
        return tuple(days_between(day_of(first, zone), day_of(last, zone)))
    days: set[date] = set()
    for span in spans:
        days.update(days_between(day_of(span.start_ms, zone), day_of(max(span.start_ms, span.end_ms - 1), zone)))
    return tuple(sorted(days))


def _remember(session: Session, batch: NewBatch, receipt: Receipt, now_ms: int) -> None:
    row = (batch.device_id, batch.batch_id, batch.digest, now_ms, msgspec.json.encode(receipt))
    insert_rows(session, BatchRow.__tablename__, _BATCH_COLUMNS, [row], "")
