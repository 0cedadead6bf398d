"""The monthly partitions of spans on PostgreSQL. In: instants. Out: how many were made, how many spans went with one.

A month in UTC is a table of its own, so that retention drops it instead of deleting row by row. What no month covers
lies in the default partition: nothing is ever refused for want of a month. Never: a wait for a lock that holds up
writers for longer than LOCK_TIMEOUT; two processes at it at once. An embedded database has no partitions.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from planwhy_shared.times import from_ms, to_ms
from sqlalchemy import text
from sqlalchemy.orm import Session

AHEAD = 2
"""Months made ahead of the one that runs."""
LOCK_TIMEOUT = "2s"
_TURN = 0x5BA25
"""The advisory lock of whoever makes or drops months."""
_BOUNDS = re.compile(r"FROM \('(\d+)'\) TO \('(\d+)'\)")


@dataclass(frozen=True, slots=True)
class Part:
    """A partition: its table, and the starts of spans that it takes, up to, not including, `to_ms`."""

    table: str
    from_ms: int
    to_ms: int


def partitioned(session: Session) -> bool:
    """Whether this database has partitions at all."""
    return session.get_bind().dialect.name == "postgresql"


def parts(session: Session) -> tuple[Part, ...]:
    """All partitions with bounds, by time; the default one has none and is left out."""
    query = """
        SELECT c.oid::regclass::text, pg_get_expr(c.relpartbound, c.oid)
        FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = 'span_blocks'::regclass"""
    rows = session.execute(text(query))
    found = [(table, _BOUNDS.search(bounds or "")) for table, bounds in rows]  # none where it is dropped just now
    bounded = (Part(table, int(match[1]), int(match[2])) for table, match in found if match)
    return tuple(sorted(bounded, key=lambda part: part.to_ms))


def make_months(session: Session, since_ms: int, now_ms: int) -> int:
    """Make the months that are missing, from that of one instant to AHEAD months after that of another; how many.

    Rows of a new month that lie in the default partition move there in the same transaction.
    """
    wanted = tuple(_months(since_ms, now_ms))
    if not partitioned(session) or not _missing(session, wanted):
        return 0
    _take_turn(session)
    missing = _missing(session, wanted)
    session.execute(text("LOCK TABLE ONLY span_blocks IN SHARE UPDATE EXCLUSIVE MODE"))
    session.execute(text("LOCK TABLE span_blocks_default IN ACCESS EXCLUSIVE MODE"))
    for month in missing:
        _make(session, month)
    return len(missing)


def months_before(session: Session, before_ms: int) -> tuple[str, ...]:
    """The tables of partitions that hold nothing from an instant on."""
    return tuple(part.table for part in parts(session) if part.to_ms <= before_ms) if partitioned(session) else ()


def drop_month(session: Session, table: str) -> int:
    """Drop a partition that `months_before` named; how many spans went with it. 0 where another process was first."""
    _take_turn(session)
    if table not in {part.table for part in parts(session)}:
        return 0
    rows = session.scalar(text(f"SELECT sum(spans) FROM {table}"))  # noqa: S608  a name from the catalogue, quoted there
    session.execute(text(f"DROP TABLE {table}"))
    return int(rows or 0)


def _take_turn(session: Session) -> None:
    """Wait for other processes at this work; from here on no lock is waited for much longer than writers can wait."""
    session.execute(text("SELECT pg_advisory_xact_lock(:turn)"), {"turn": _TURN})
    session.execute(text(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'"))


def _months(since_ms: int, now_ms: int) -> Iterator[Part]:
    first, now = (from_ms(ms).astimezone(UTC) for ms in (since_ms, now_ms))
    for number in range(first.year * 12 + first.month - 1, now.year * 12 + now.month + AHEAD):
        bounds = [to_ms(datetime(at // 12, at % 12 + 1, 1, tzinfo=UTC)) for at in (number, number + 1)]
        yield Part(f"span_blocks_{number // 12:04}_{number % 12 + 1:02}", *bounds)


def _missing(session: Session, wanted: tuple[Part, ...]) -> list[Part]:
    known = parts(session)
    return [one for one in wanted if not any(part.from_ms <= one.from_ms < part.to_ms for part in known)]


def _make(session: Session, month: Part) -> None:
    within = f"start_ms >= {month.from_ms} AND start_ms < {month.to_ms}"
    for statement in (
        f"CREATE TABLE {month.table} (LIKE span_blocks_default INCLUDING INDEXES)",
        f"WITH moved AS (DELETE FROM span_blocks_default WHERE {within} RETURNING *)"  # noqa: S608  numbers only
        f" INSERT INTO {month.table} TABLE moved",
        f"ALTER TABLE span_blocks ATTACH PARTITION {month.table} FOR VALUES FROM ({month.from_ms}) TO ({month.to_ms})",
    ):
        session.execute(text(statement))
