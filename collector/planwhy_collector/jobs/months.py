"""Makes the months that spans will go to, and drops those that retention does not keep. Query → pure → query.

It has a tick of its own, apart from pruning, so that whatever holds up pruning never leaves a month unmade. Safe to
run twice, and by several processes at once. Never: a month dropped whose days were not settled first (`jobs/prune.py`).
"""

import time
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from planwhy_shared.times import day_bounds, from_ms
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from planwhy_collector.config import Settings
from planwhy_collector.db import Database
from planwhy_collector.queries import months

MONTH_DAYS = 31
PAUSES_S = (0.5, 2.0, 5.0)
"""A table that someone reads for long is let be for a moment before it is asked for again."""


def kept_since(settings: Settings, now_ms: int) -> date:
    """The first day of which spans are kept."""
    return from_ms(now_ms).date() - timedelta(days=settings.span_months * MONTH_DAYS)


def start_of(day: date) -> int:
    """When a day begins in UTC."""
    return day_bounds(day, ZoneInfo("UTC")).start_ms


def make_months(database: Database, settings: Settings, now_ms: int) -> int:
    """Make the months that are kept or will be needed next, where they are missing; how many."""
    since_ms = start_of(kept_since(settings, now_ms))
    return _patiently(database, lambda session: months.make_months(session, since_ms, now_ms))


def drop_months(database: Database, before: date) -> int:
    """Drop the months that ended before a day began; how many rows went."""
    with database.reading() as session:
        old = months.months_before(session, start_of(before))
    return sum(_patiently(database, partial(months.drop_month, table=table)) for table in old)


def _patiently(database: Database, work: Callable[[Session], int]) -> int:
    for pause_s in PAUSES_S:
        try:
            with database.writing() as session:
                return work(session)
        except OperationalError:
            time.sleep(pause_s)
    with database.writing() as session:
        return work(session)
