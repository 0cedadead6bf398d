"""CRM records in. In: facts already checked. Out: nothing, or what is stored already. Never: a check of references."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import date
from typing import Any, Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from planwhy_collector.facts import AbsenceFact, AbsenceRecord, ClientFact, ContactFact, DealFact, TaskFact
from planwhy_collector.models import Absence, Client, Contact, Day, DayTotal, Deal, Task
from planwhy_collector.queries.upsert import chunks, upsert


def store_clients(session: Session, facts: Iterable[ClientFact]) -> None:
    """Insert or update clients by id."""
    upsert(session, Client, map(_columns, facts))


def store_deals(session: Session, facts: Iterable[DealFact]) -> None:
    """Insert or update deals by id."""
    upsert(session, Deal, map(_columns, facts))


def store_tasks(session: Session, facts: Iterable[TaskFact]) -> None:
    """Insert or update tasks by id."""
    upsert(session, Task, map(_columns, facts))


def store_contacts(session: Session, facts: Iterable[ContactFact]) -> None:
    """Insert or update contacts by id."""
    upsert(session, Contact, map(_columns, facts))


def store_absences(session: Session, records: Iterable[AbsenceRecord]) -> None:
    """Insert or update absences by employee, first day and kind."""
    upsert(session, Absence, ({"employee_id": r.employee_id} | _columns(r.absence) for r in records))


def absences_by_key(session: Session, employee_ids: Iterable[int]) -> dict[tuple[int, date, str], AbsenceRecord]:
    """Find all absences of these employees."""
    query, parts = select(Absence), chunks(sorted(set(employee_ids)))
    rows = (row for part in parts for row in session.scalars(query.where(Absence.employee_id.in_(part))))
    found = (AbsenceRecord(a.employee_id, AbsenceFact(a.first_day, a.last_day, a.kind, a.approved)) for a in rows)
    return {record.key: record for record in found}


def deleted(session: Session, what: Literal["clients", "deals", "tasks"]) -> dict[str, int]:
    """Find everything that was deleted, with the instant."""
    columns: dict[str, tuple[Any, Any]] = {
        "clients": (Client.id, Client.deleted_ms),
        "deals": (Deal.id, Deal.deleted_ms),
        "tasks": (Task.id, Task.deleted_ms),
    }
    key, deleted_ms = columns[what]
    return {row[0]: row[1] for row in session.execute(select(key, deleted_ms).where(deleted_ms.is_not(None)))}


def days_known(session: Session, employee_id: int) -> tuple[date, ...]:
    """Find the days of a person that were settled or wait for it."""
    return tuple(session.scalars(select(Day.day).where(Day.employee_id == employee_id)))


def tasks_on_deals(session: Session, deal_ids: Iterable[str]) -> tuple[str, ...]:
    """Find the tasks that are about these deals."""
    query = select(Task.id).where(Task.entity_type == "deal")
    parts = chunks(sorted(set(deal_ids)))
    return tuple(key for part in parts for key in session.scalars(query.where(Task.entity_id.in_(part))))


def days_on_cards(session: Session, entity_type: str, ids: Iterable[str]) -> tuple[tuple[int, date], ...]:
    """Find the (employee, day) pairs whose totals hold time on these cards of the CRM."""
    query = select(DayTotal.employee_id, DayTotal.day).distinct().where(DayTotal.entity_type == entity_type)
    parts = chunks(sorted(set(ids)))
    return tuple(
        (row.employee_id, row.day)
        for part in parts
        for row in session.execute(query.where(DayTotal.entity_id.in_(part)))
    )


def _columns(fact: Any) -> dict[str, Any]:
    return asdict(fact)
