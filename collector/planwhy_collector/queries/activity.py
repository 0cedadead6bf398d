"""What agents recorded, read back. In: a person and bounds. Out: spans, gaps, contexts. Never: a judgement on them."""

from collections.abc import Collection, Iterable, Mapping
from heapq import merge
from operator import attrgetter

from planwhy_shared.times import Interval
from sqlalchemy import select
from sqlalchemy.orm import Session

from planwhy_collector.facts import Context, GapFact, SpanFact
from planwhy_collector.models import ContextRow, Device, GapRow
from planwhy_collector.queries.bulk import insert_rows, rows_among
from planwhy_collector.queries.spans import STATES, TRACKS, spans_touching
from planwhy_collector.queries.upsert import chunks
from planwhy_collector.queries.words import words_by_name

_CONTEXT_COLUMNS = {
    "id": "bigint",
    "app": "text",
    "host": "text",
    "path": "text",
    "title": "text",
    "seen_day": "integer",
}
_SEEN_LATER = """ON CONFLICT (id) DO UPDATE
    SET path = excluded.path, title = excluded.title, seen_day = excluded.seen_day
    WHERE contexts.seen_day < excluded.seen_day"""
_SEEN_DAYS = "SELECT id, seen_day FROM contexts WHERE id"


def spans_of(session: Session, employee_id: int, bounds: Interval, track: str = "focus") -> tuple[SpanFact, ...]:
    """Find the spans of one track that touch the bounds, of all devices of the person, in order of start.

    Devices that are revoked now count too. One read by key for each device.
    """
    words = {number: word for word, number in words_by_name(session).items()}
    code = TRACKS.index(track)
    by_device = [
        [
            SpanFact(device, start_ms, end_ms, STATES[state], context, track, words.get(mark), words.get(source), count)
            for start_ms, end_ms, _, context, state, source, mark, count in spans_touching(
                session, device, code, bounds
            )
        ]
        for device in _devices(session, employee_id)
    ]
    return tuple(merge(*by_device, key=attrgetter("start_ms")))


def spans_told_by(
    session: Session, employee_id: int, bounds: Interval, sources: Collection[str]
) -> tuple[SpanFact, ...]:
    """Find the spans with the focus that one of these sources told, of each device in order of start."""
    words = {number: word for word, number in words_by_name(session).items() if word in sources}
    if not words:
        return ()
    return tuple(
        SpanFact(device, span.start_ms, span.end_ms, STATES[span.state], span.context_id, source=words[span.source])
        for device in _devices(session, employee_id)
        for span in spans_touching(session, device, TRACKS.index("focus"), bounds)
        if span.source in words
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
    seen = dict(rows_among(session, _SEEN_DAYS, sorted(contexts.keys() - {0})))
    rows = [
        (key, context.app, context.host, context.path, context.title, seen_day)
        for key, context in sorted(contexts.items())
        if key and seen.get(key, -1) < seen_day
    ]
    insert_rows(session, ContextRow.__tablename__, _CONTEXT_COLUMNS, rows, _SEEN_LATER)


def _devices(session: Session, employee_id: int) -> list[int]:
    return list(session.scalars(select(Device.id).where(Device.employee_id == employee_id).order_by(Device.id)))
