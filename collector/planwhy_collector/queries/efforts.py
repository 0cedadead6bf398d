"""How long CRM cards were in front. In: people and days. Out: time by person, day and card. Never: anything finer."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from planwhy_collector.facts import EntityRef
from planwhy_collector.models import DayTotal

CardDays = dict[tuple[int, EntityRef], dict[date, int]]
"""Milliseconds by employee and card, then by day."""


def card_days(session: Session, employee_ids: Sequence[int], first: date, last: date) -> CardDays:
    """Add up the settled time on cards, within and outside working hours."""
    spent = func.sum(DayTotal.working_ms + DayTotal.other_ms)
    where = (DayTotal.employee_id.in_(employee_ids), DayTotal.day >= first, DayTotal.day <= last)
    keys = (DayTotal.employee_id, DayTotal.entity_type, DayTotal.entity_id, DayTotal.day)
    found: CardDays = {}
    rows = session.execute(select(*keys, spent).where(*where, DayTotal.entity_type != "").group_by(*keys))
    for employee_id, kind, key, day, ms in rows:
        found.setdefault((employee_id, EntityRef(kind, key)), {})[day] = int(ms)
    return found
