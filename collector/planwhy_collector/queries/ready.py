"""What the state of a collector is told from. In: nothing. Out: a few numbers. Never: anything about one person."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from planwhy_collector.models import Device, JobRun
from planwhy_collector.queries.rollups import days_asking

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
OVER_MS = 36 * HOUR_MS
"""After its beginning in UTC a day is over in every zone."""


@dataclass(frozen=True, slots=True)
class StateFacts:
    """Days over that ask to be settled, devices seen in the last day, and the time of each job's last tick done."""

    days_waiting: int
    devices_seen: int
    last_done_ms: Mapping[str, int]


def state_facts(session: Session, now_ms: int) -> StateFacts:
    """Read what the metrics tell of the database."""
    seen = select(func.count()).select_from(Device).where(Device.seen_ms >= now_ms - DAY_MS)
    done = select(JobRun.job, func.max(JobRun.slot_ms)).where(JobRun.status == "done").group_by(JobRun.job)
    last = {row[0]: row[1] for row in session.execute(done)}
    over = datetime.fromtimestamp((now_ms - OVER_MS) / 1000, UTC).date()
    return StateFacts(days_asking(session, over), session.scalar(seen) or 0, last)
