"""What the CRM knows. In: employees, ids, bounds. Out: facts about contacts, deals, tasks, clients and absences."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from itertools import groupby
from operator import attrgetter
from typing import Any
from zoneinfo import ZoneInfo

from planwhy_shared.times import Interval, day_bounds, day_of
from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import Session

from planwhy_collector.facts import AbsenceFact, ClientFact, ContactFact, DealFact, TaskFact
from planwhy_collector.models import Absence, Client, Contact, Deal, Task
from planwhy_collector.queries.upsert import chunks

_CONTACT: tuple[Any, ...] = (
    Contact.id, Contact.employee_id, Contact.at_ms, Contact.kind, Contact.direction, Contact.duration_s,
    Contact.deal_id, Contact.client_id, Contact.task_id,
)  # fmt: skip
_DEAL: tuple[Any, ...] = (
    Deal.id, Deal.employee_id, Deal.client_id, Deal.kind, Deal.title, Deal.amount, Deal.currency, Deal.created_ms,
    Deal.closed_ms, Deal.outcome, Deal.deleted_ms,
)  # fmt: skip
_TASK: tuple[Any, ...] = (
    Task.id, Task.employee_id, Task.title, Task.created_ms, Task.deadline_ms, Task.deadline_is_day, Task.closed_ms,
    Task.entity_type, Task.entity_id, Task.kind, Task.deleted_ms,
)  # fmt: skip
_CLIENT: tuple[Any, ...] = (
    Client.id, Client.name, Client.employee_id, Client.since, Client.until, Client.monthly_payment, Client.currency,
    Client.deleted_ms,
)  # fmt: skip

UTC = ZoneInfo("UTC")
LONGEST_TALK_S = 86_400
"""No call or meeting lasts longer; imports refuse it, so that a search need not look further back."""


def contacts_of(session: Session, employee_id: int, bounds: Interval) -> tuple[ContactFact, ...]:
    """Find contacts that start within the bounds, and talks that reach into them, in order of time."""
    reaches = and_(Contact.kind.in_(("call", "meeting")), Contact.at_ms + Contact.duration_s * 1000 > bounds.start_ms)
    query = select(*_CONTACT).where(
        Contact.employee_id == employee_id,
        Contact.at_ms >= bounds.start_ms - LONGEST_TALK_S * 1000,
        Contact.at_ms < bounds.end_ms,
        or_(Contact.at_ms >= bounds.start_ms, reaches),
    )
    return _contacts(session, query)


def contacts_by_id(session: Session, ids: Iterable[str]) -> dict[str, ContactFact]:
    """Find contacts by id; unknown ids are left out."""
    query = select(*_CONTACT)
    found = (_contacts(session, query.where(Contact.id.in_(part))) for part in chunks(sorted(set(ids))))
    return {contact.id: contact for part in found for contact in part}


def deals_won(
    session: Session, employee_id: int, bounds: Interval, as_of_ms: int | None = None
) -> tuple[DealFact, ...]:
    """Find deals of every kind that the person won within the bounds and that were not deleted as of then (None: now).

    In order of closing.
    """
    found = deals_won_by(session, {employee_id: bounds})
    return tuple(one for one in found if one.deleted_ms is None or (as_of_ms is not None and one.deleted_ms > as_of_ms))


def deals_won_by(session: Session, bounds: Mapping[int, Interval]) -> tuple[DealFact, ...]:
    """Find deals of every kind that people won within their bounds, also those deleted since, in order of closing."""
    spans = bounds.values()
    query = select(*_DEAL).where(
        Deal.closed_ms >= min((one.start_ms for one in spans), default=0),
        Deal.closed_ms < max((one.end_ms for one in spans), default=0),
        Deal.outcome == "won",
    )
    rows = (row for part in chunks(sorted(bounds)) for row in session.execute(query.where(Deal.employee_id.in_(part))))
    found = [DealFact(*row) for row in rows]
    won = [
        d
        for d in found
        if bounds[d.employee_id or 0].start_ms <= (d.closed_ms or 0) < bounds[d.employee_id or 0].end_ms
    ]
    return tuple(sorted(won, key=lambda deal: (deal.closed_ms or 0, deal.id)))


def deals_of(session: Session, employee_id: int) -> tuple[DealFact, ...]:
    """Find all deals of the person, in order of creation."""
    query = select(*_DEAL).where(Deal.employee_id == employee_id).order_by(Deal.created_ms, Deal.id)
    return tuple(DealFact(*row) for row in session.execute(query))


def deals_by_id(session: Session, ids: Iterable[str]) -> dict[str, DealFact]:
    """Find deals by id; unknown ids are left out."""
    parts = chunks(sorted(set(ids)))
    return {
        row.id: DealFact(*row) for part in parts for row in session.execute(select(*_DEAL).where(Deal.id.in_(part)))
    }


def clients_by_id(session: Session, ids: Iterable[str]) -> dict[str, ClientFact]:
    """Find clients by id; unknown ids are left out."""
    query, parts = select(*_CLIENT), chunks(sorted(set(ids)))
    return {row.id: ClientFact(*row) for part in parts for row in session.execute(query.where(Client.id.in_(part)))}


def tasks_of(session: Session, employee_id: int, bounds: Interval) -> tuple[TaskFact, ...]:
    """Find tasks that are the person's by now, created before the bounds end and still open at their start.

    In order of deadline.
    """
    return tasks_of_people(session, {employee_id: bounds})


def tasks_of_people(session: Session, bounds: Mapping[int, Interval]) -> tuple[TaskFact, ...]:
    """The same of several people, each within their bounds."""
    query = (
        select(*_TASK)
        .where(
            Task.created_ms < max((one.end_ms for one in bounds.values()), default=0),
            or_(Task.closed_ms.is_(None), Task.closed_ms >= min((one.start_ms for one in bounds.values()), default=0)),
        )
        .order_by(Task.deadline_ms, Task.id)
    )
    rows = (row for part in chunks(sorted(bounds)) for row in session.execute(query.where(Task.employee_id.in_(part))))
    return tuple(task for task in (TaskFact(*row) for row in rows) if _lives(task, bounds[task.employee_id or 0]))


def _lives(task: TaskFact, bounds: Interval) -> bool:
    return task.created_ms < bounds.end_ms and (task.closed_ms is None or task.closed_ms >= bounds.start_ms)


def tasks_by_id(session: Session, ids: Iterable[str]) -> dict[str, TaskFact]:
    """Find tasks by id; unknown ids are left out."""
    parts = chunks(sorted(set(ids)))
    return {
        row.id: TaskFact(*row) for part in parts for row in session.execute(select(*_TASK).where(Task.id.in_(part)))
    }


def absences_of(session: Session, employee_id: int, first: date, last: date) -> tuple[AbsenceFact, ...]:
    """Find absences, approved or not, that touch the days from first to last, in order."""
    return absences_of_people(session, [employee_id], first, last).get(employee_id, ())


def absences_of_people(
    session: Session, employee_ids: Iterable[int], first: date, last: date
) -> dict[int, tuple[AbsenceFact, ...]]:
    """The same of several people, by employee; people without any are left out."""
    query = select(Absence).where(Absence.first_day <= last, Absence.last_day >= first)
    ordered = query.order_by(Absence.employee_id, Absence.first_day, Absence.kind)
    parts = chunks(sorted(set(employee_ids)))
    rows = (row for ids in parts for row in session.scalars(ordered.where(Absence.employee_id.in_(ids))))
    return {
        key: tuple(AbsenceFact(a.first_day, a.last_day, a.kind, a.approved) for a in own)
        for key, own in groupby(rows, key=attrgetter("employee_id"))
    }


def client_names(session: Session) -> tuple[tuple[str, str], ...]:
    """Id and name of every client that is not deleted."""
    rows: Any = session.execute(select(Client.id, Client.name).where(Client.deleted_ms.is_(None)).order_by(Client.id))
    return tuple((key, name) for key, name in rows)


def clients_in_care(session: Session, employee_id: int, first: date, last: date) -> tuple[ClientFact, ...]:
    """Find the clients that are in the person's care on any of the days from first to last, by id.

    A client that was deleted in the CRM was in care until that day (UTC).
    """
    query = select(*_CLIENT).where(
        Client.employee_id == employee_id,
        or_(Client.deleted_ms.is_(None), Client.deleted_ms >= day_bounds(first, UTC).start_ms),
        or_(Client.since.is_(None), Client.since <= last),
        or_(Client.until.is_(None), Client.until >= first),
    )
    return tuple(_while_there(ClientFact(*row)) for row in session.execute(query.order_by(Client.id)))


def _while_there(client: ClientFact) -> ClientFact:
    if client.deleted_ms is None:
        return client
    gone = day_of(client.deleted_ms, UTC)
    return replace(client, until=gone if client.until is None else min(client.until, gone))


def _contacts(session: Session, query: Select[Any]) -> tuple[ContactFact, ...]:
    return tuple(ContactFact(*row) for row in session.execute(query.order_by(Contact.at_ms, Contact.id)))
