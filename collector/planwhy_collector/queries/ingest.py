"""Stage 6c: a checked batch is stored, exactly once. In: the batch of one device. Out: the receipt.

All of it happens in the caller's transaction: ledger, epochs, sequence ranges, contexts, spans, gaps, dirty days.
Never: a span counted twice, whatever batch it comes in; a receipt that changes when a batch comes again.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

import msgspec
from planwhy_shared.times import HOUR_MS, day_of, days_between
from planwhy_shared.wire import Gap, Receipt, Rejected, Span
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from planwhy_collector.classify.contexts import context_id, context_of
from planwhy_collector.errors import InvalidInput
from planwhy_collector.facts import Context
from planwhy_collector.models import BatchRow, Device, Epoch, GapRow, SeqRange, Word
from planwhy_collector.queries.activity import STATES, TRACKS, intern_contexts
from planwhy_collector.queries.bulk import insert_rows
from planwhy_collector.queries.retention import changed
from planwhy_collector.queries.rollups import mark_dirty
from planwhy_collector.queries.secrets import secret
from planwhy_collector.queries.sequences import Runs, durable_through, joined, missing
from planwhy_collector.queries.upsert import chunks, inserting

MOST_EPOCHS = 32_000
"""Spool files of one device: the number that span rows carry for them is small."""
QUARTER_MS = HOUR_MS // 4
WORDS = 1000
"""More sources and marks than agents have; words after that are stored as none."""
_SEEN = frozenset({"active", "idle"})
"""States whose context is stored. In all others nothing was in front that is anyone's business."""
_SPAN_COLUMNS = {
    "device_id": "bigint", "start_ms": "bigint", "epoch_no": "smallint", "seq": "bigint", "end_ms": "bigint",
    "context_id": "bigint", "state": "smallint", "track": "smallint", "source": "smallint", "mark": "smallint",
}  # fmt: skip


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
    epoch_no = _epoch_no(session, batch, now_ms)
    before = _runs(session, batch.device_id, epoch_no)
    new = missing(before, (span.seq for span in batch.spans))
    fresh = tuple(span for span in batch.spans if span.seq in new)
    _store_spans(session, batch, epoch_no, fresh)
    _store_gaps(session, batch)
    after = joined(before, [(s.seq, s.seq) for s in fresh] + _lost(batch))
    _store_runs(session, batch.device_id, epoch_no, before, after)
    mark_dirty(session, batch.employee_id, _days(fresh, batch.zone))
    receipt = Receipt(
        batch_id=batch.batch_id,
        accepted=len(fresh),
        duplicates=len(batch.spans) - len(fresh) + batch.repeated,
        rejected=batch.rejected,
        durable_through=durable_through(after),
        policy_version=batch.policy_version,
        ignored_fields=batch.ignored_fields,
    )
    _remember(session, batch, receipt, now_ms)
    return receipt


def _lock_device(session: Session, device_id: int, now_ms: int) -> bool:
    """One batch of a device at a time; the row is written anyway. False where there is no such device any more."""
    return bool(changed(session, update(Device).where(Device.id == device_id).values(seen_ms=now_ms)))


def _known_receipt(session: Session, batch: NewBatch) -> Receipt | None:
    row = session.get(BatchRow, (batch.device_id, batch.batch_id))
    if row is None:
        return None
    if row.digest != batch.digest:
        raise BatchConflict(batch.batch_id)
    return msgspec.structs.replace(msgspec.json.decode(row.receipt, type=Receipt), duplicate=True)


def _epoch_no(session: Session, batch: NewBatch, now_ms: int) -> int:
    of_device = Epoch.device_id == batch.device_id
    known = session.scalar(select(Epoch.epoch_no).where(of_device, Epoch.epoch == batch.epoch))
    if known is not None:
        return known
    last = session.scalar(select(func.max(Epoch.epoch_no)).where(of_device))
    number = 0 if last is None else last + 1
    if number >= MOST_EPOCHS:
        raise InvalidInput(f"epoch: this device has used {MOST_EPOCHS} of them, enrol it anew")
    session.execute(
        insert(Epoch).values(device_id=batch.device_id, epoch_no=number, epoch=batch.epoch, first_ms=now_ms)
    )
    return number


def _runs(session: Session, device_id: int, epoch_no: int) -> Runs:
    query = select(SeqRange.first_seq, SeqRange.last_seq).where(
        SeqRange.device_id == device_id, SeqRange.epoch_no == epoch_no
    )
    return tuple((first, last) for first, last in session.execute(query.order_by(SeqRange.first_seq)))


def _lost(batch: NewBatch) -> list[tuple[int, int]]:
    """Numbers that were declared lost: they are not missing. A refused span is: its sender may correct it."""
    return [(g.first_seq, g.last_seq) for g in batch.gaps if g.first_seq is not None and g.last_seq is not None]


def _store_runs(session: Session, device_id: int, epoch_no: int, before: Runs, after: Runs) -> None:
    gone = [first for first, _ in set(before) - set(after)]
    for part in chunks(gone):
        session.execute(
            delete(SeqRange).where(
                SeqRange.device_id == device_id, SeqRange.epoch_no == epoch_no, SeqRange.first_seq.in_(part)
            )
        )
    rows = [
        {"device_id": device_id, "epoch_no": epoch_no, "first_seq": first, "last_seq": last}
        for first, last in sorted(set(after) - set(before))
    ]
    if rows:
        session.execute(insert(SeqRange), rows)


def _store_spans(session: Session, batch: NewBatch, epoch_no: int, spans: Sequence[Span]) -> None:
    if not spans:
        return
    ids, named = _contexts(secret(session, "context"), spans)
    newest = day_of(max(s.end_ms for s in spans), batch.zone)
    intern_contexts(session, named, newest.toordinal())
    words = _word_ids(session, {w for s in spans for w in (s.source, s.mark) if w})
    rows = [
        (batch.device_id, s.start_ms, epoch_no, s.seq, s.end_ms, context, STATES.index(s.state),
         TRACKS.index(s.track), words.get(s.source or "", 0), words.get(s.mark or "", 0))
        for s, context in zip(spans, ids, strict=True)
    ]  # fmt: skip
    insert_rows(session, "spans", _SPAN_COLUMNS, rows, "ON CONFLICT DO NOTHING")


def _contexts(key: bytes, spans: Iterable[Span]) -> tuple[list[int], dict[int, Context]]:
    """The context id of each span, 0 for none, and the contexts by id. Texts that repeat are read once."""
    read: dict[tuple[str | None, str | None, str | None], int] = {}
    named: dict[int, Context] = {}
    ids: list[int] = []
    for span in spans:
        texts = (span.app, span.url, span.title) if span.state in _SEEN else (None, None, None)
        if texts not in read:
            context = context_of(*texts)
            read[texts] = context_id(key, context)
            named[read[texts]] = context
        ids.append(read[texts])
    named.pop(0, None)
    return ids, named


def _word_ids(session: Session, words: set[str]) -> dict[str, int]:
    """Numbers of short words, 1 and up; new words get the next ones, also while others add theirs. 0: none."""
    known = _words(session)
    while (new := sorted(words - known.keys())) and len(known) < WORDS:
        one = {"id": max(known.values(), default=0) + 1, "word": new[0]}
        session.execute(inserting(session, Word).values(one).on_conflict_do_nothing())
        known = _words(session)
    return known


def _words(session: Session) -> dict[str, int]:
    return {row.word: row.id for row in session.execute(select(Word.word, Word.id))}


def _store_gaps(session: Session, batch: NewBatch) -> None:
    rows = [
        {"device_id": batch.device_id, "batch_id": batch.batch_id, "ordinal": at, "from_ms": g.from_ms,
         "to_ms": g.to_ms, "count": g.count, "reason": g.reason}
        for at, g in enumerate(batch.gaps)
    ]  # fmt: skip
    if rows:
        session.execute(insert(GapRow), rows)


def _days(spans: Sequence[Span], zone: ZoneInfo) -> tuple[date, ...]:
    """Days that the spans touch; a day more where a zone's midnight lies within a quarter of an hour."""
    edges = {edge // QUARTER_MS for s in spans for edge in (s.start_ms, max(s.start_ms, s.end_ms - 1))}
    days = {day_of(at * QUARTER_MS + more, zone) for at in edges for more in (0, QUARTER_MS - 1)}
    for span in spans:
        if span.end_ms - span.start_ms > 24 * HOUR_MS:
            days.update(days_between(day_of(span.start_ms, zone), day_of(span.end_ms - 1, zone)))
    return tuple(sorted(days))


def _remember(session: Session, batch: NewBatch, receipt: Receipt, now_ms: int) -> None:
    session.execute(
        insert(BatchRow).values(
            device_id=batch.device_id,
            batch_id=batch.batch_id,
            digest=batch.digest,
            received_ms=now_ms,
            receipt=msgspec.json.encode(receipt),
        )
    )
