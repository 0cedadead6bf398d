"""Working time that no rule knows. In: people by profile, days. Out: milliseconds by host or program and person.

Never: a title or a path.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import and_, case, func, select
from sqlalchemy.orm import Session

from planwhy_collector.models import ContextRow, DayContext, VerdictRow
from planwhy_collector.queries.upsert import chunks


@dataclass(frozen=True, slots=True)
class Spent:
    """Active working milliseconds of one person at a host, or in a program where there is no address.

    `category` is what is known all the same: a browser that showed no address.
    """

    employee_id: int
    host: str | None
    app: str | None
    category: str
    ms: int


def unclassified_time(
    session: Session, employee_ids: Sequence[int], profile: str, first: date, last: date
) -> Iterator[Spent]:
    """Add up the settled time of some people of one profile that no rule knows."""
    program = case((ContextRow.host.is_(None), ContextRow.app))
    judged = and_(VerdictRow.context_id == DayContext.context_id, VerdictRow.profile == profile)
    query = (
        select(
            DayContext.employee_id, ContextRow.host, program, VerdictRow.category, func.sum(DayContext.working_ms)
        )
        .join(VerdictRow, judged)
        .join(ContextRow, ContextRow.id == DayContext.context_id)
        .where(DayContext.day >= first, DayContext.day <= last, DayContext.presence == "active")
        .where(VerdictRow.label == "", DayContext.working_ms > 0)
        .group_by(DayContext.employee_id, ContextRow.host, program, VerdictRow.category)
    )  # fmt: skip
    for part in chunks(sorted(employee_ids)):
        rows: Any = session.execute(query.where(DayContext.employee_id.in_(part)))
        for employee_id, host, app, category, ms in rows:
            yield Spent(employee_id, host, app, category, int(ms))
