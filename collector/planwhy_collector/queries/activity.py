"""What agents recorded, read back. In: a person and bounds. Out: spans, gaps and contexts. Never: a judgement on them.

The numbers that span rows hold for states and tracks are places in STATES and TRACKS: their order never changes.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from planwhy_shared.times import HOUR_MS, Interval
from sqlalchemy import Row, Select, select
from sqlalchemy.orm import Session

from planwhy_collector.facts import Context, GapFact, SpanFact
from planwhy_collector.models import ContextRow, Device, GapRow, SpanRow, Word
from planwhy_collector.queries.upsert import chunks, inserting

STATES = ("active", "idle", "locked", "asleep", "private", "off")
TRACKS = ("focus", "open")
LOOK_BACK_MS = 24 * HOUR_MS
"""A longer span that reaches into the bounds (a machine asleep over the holidays) is found as the last one before."""


def spans_of(session: Session, employee_id: int, bounds: Interval, track: str = "focus") -> tuple[SpanFact, ...]:
    """Find the spans of one track that touch the bounds, of all devices of the person, in order of start.

    Devices that are revoked now count too. One read by key for each device.
    """
    words = _words(session)
    rows = [row for device in _devices(session, employee_id) for row in _touching(session, device, bounds, track)]
    return tuple(
        SpanFact(r.device_id, r.start_ms, r.end_ms, STATES[r.state], r.context_id, track, words.get(r.mark))
        for r in sorted(rows, key=lambda r: (r.start_ms, r.device_id, r.epoch_no, r.seq))
    )


def gaps_of(session: Session, employee_id: int, bounds: Interval) -> tuple[GapFact, ...]:
    """Find what the person's devices declared lost within the bounds, in order of start."""
    query = select(GapRow.device_id, GapRow.from_ms, GapRow.to_ms, GapRow.count, GapRow.reason).where(
        GapRow.device_id.in_(_devices(session, employee_id)),
        GapRow.from_ms < bounds.end_ms,
        GapRow.to_ms >= bounds.start_ms,
    )
    rows = session.execute(query.order_by(GapRow.from_ms, GapRow.batch_id, GapRow.ordinal))
    return tuple(GapFact(*row) for row in rows)


def contexts_by_id(session: Session, ids: Iterable[int]) -> dict[int, Context]:
    """Find contexts by id; ids that are not stored are left out."""
    query = select(ContextRow.id, ContextRow.app, ContextRow.host, ContextRow.path, ContextRow.title)
    found: dict[int, Context] = {}
    for part in chunks(sorted(set(ids) - {0})):
        rows = session.execute(query.where(ContextRow.id.in_(part)))
        found |= {key: Context(app, host, path, title) for key, app, host, path, title in rows}
    return found


def intern_contexts(session: Session, contexts: Mapping[int, Context], seen_day: int) -> None:
    """Store contexts under their ids and note the last day (proleptic ordinal) on which they were seen.

    One that retention had blanked and that is seen again gets its texts back.
    Sorted by id: two transactions that insert the same contexts then wait for each other instead of deadlocking.
    """
    rows = [
        {"id": key, "app": c.app, "host": c.host, "path": c.path, "title": c.title, "seen_day": seen_day}
        for key, c in sorted(contexts.items())
        if key
    ]
    statement = inserting(session, ContextRow)
    later = statement.on_conflict_do_update(
        index_elements=["id"],
        set_={name: statement.excluded[name] for name in ("path", "title", "seen_day")},
        where=ContextRow.seen_day < statement.excluded.seen_day,
    )
    for part in chunks(rows):
        session.execute(later, list(part))


def _devices(session: Session, employee_id: int) -> list[int]:
    return list(session.scalars(select(Device.id).where(Device.employee_id == employee_id).order_by(Device.id)))


def _touching(session: Session, device: int, bounds: Interval, track: str) -> list[Row[Any]]:
    query = _spans(device, track)
    near = query.where(
        SpanRow.start_ms >= bounds.start_ms - LOOK_BACK_MS,
        SpanRow.start_ms < bounds.end_ms,
        SpanRow.end_ms > bounds.start_ms,
    )
    before = query.where(SpanRow.start_ms < bounds.start_ms - LOOK_BACK_MS).order_by(SpanRow.start_ms.desc()).limit(1)
    reaching = [row for row in session.execute(before) if row.end_ms > bounds.start_ms]
    return [*reaching, *session.execute(near)]


def _spans(device: int, track: str) -> Select[*tuple[Any, ...]]:
    query = select(
        SpanRow.device_id, SpanRow.start_ms, SpanRow.epoch_no, SpanRow.seq, SpanRow.end_ms,
        SpanRow.context_id, SpanRow.state, SpanRow.mark,
    )  # fmt: skip
    return query.where(SpanRow.device_id == device, SpanRow.track == TRACKS.index(track))


def _words(session: Session) -> dict[int, str]:
    return dict(session.execute(select(Word.id, Word.word)).all())
