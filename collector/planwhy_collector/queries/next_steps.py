"""What the CRM holds of people's clients, deals and tasks that stood open lately. A fixed number of queries.

In: employees, whether nobody's things are asked for too, and the earliest instant of interest. Out: a Board. Never: a
query for each person, deal or task; a judgement.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import fields
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from planwhy_collector.explain.board import Board
from planwhy_collector.facts import ClientFact, DealFact, EntityRef, TaskFact
from planwhy_collector.models import Client, Contact, Deal, Task, TaskChange
from planwhy_collector.queries.crm import clients_by_id, deals_by_id
from planwhy_collector.queries.task_changes import changes_of
from planwhy_collector.queries.upsert import chunks


def board(session: Session, owners: Collection[int], nobodys: bool, from_ms: int, until_ms: int) -> Board:
    """Read all that decides about the next steps of people at instants from one to another (ms).

    With `nobodys` also what has no owner. Everything that a client or deal of these people is judged by comes along,
    whoever owns it.
    """
    of_them = [_owned(Task.employee_id, owners, nobodys), _owned_before(owners, nobodys, from_ms)]
    tasks = _tasks(session, of_them, from_ms)
    clients = _clients(session, _owned(Client.employee_id, owners, nobodys), from_ms)
    deals = _deals(session, [_owned(Deal.employee_id, owners, nobodys), *_any_of(Deal.client_id, clients)], from_ms)
    deals |= deals_by_id(session, _cards(tasks, "deal") - deals.keys())
    named = _cards(tasks, "client") | {deal.client_id for deal in deals.values() if deal.client_id}
    clients |= clients_by_id(session, named - clients.keys())
    tasks |= _tasks(session, _any_of(Task.entity_id, {**deals, **clients}), from_ms)
    refs = {*(EntityRef("deal", key) for key in deals), *(EntityRef("client", key) for key in clients)}
    return Board(
        tuple(clients.values()), tuple(deals.values()), tuple(tasks.values()), changes_of(session, tasks),
        _last_contacts(session, deals, clients, until_ms), _last_ends(session, refs, until_ms),
    )  # fmt: skip


def _cards(tasks: Mapping[str, TaskFact], kind: str) -> set[str]:
    return {task.entity_id for task in tasks.values() if task.entity_type == kind}


def _clients(session: Session, of: ColumnElement[bool], from_ms: int) -> dict[str, ClientFact]:
    query = select(*_columns(Client, ClientFact)).where(of, _lives(Client.deleted_ms, from_ms))
    return {row.id: ClientFact(*row) for row in session.execute(query)}


def _deals(session: Session, of: Iterable[ColumnElement[bool]], from_ms: int) -> dict[str, DealFact]:
    was_open = or_(Deal.outcome == "open", Deal.closed_ms > from_ms)
    query = select(*_columns(Deal, DealFact)).where(was_open, _lives(Deal.deleted_ms, from_ms))
    return {row.id: DealFact(*row) for part in of for row in session.execute(query.where(part))}


def _tasks(session: Session, of: Iterable[ColumnElement[bool]], from_ms: int) -> dict[str, TaskFact]:
    query = select(*_columns(Task, TaskFact)).where(_lives(Task.closed_ms, from_ms), _lives(Task.deleted_ms, from_ms))
    return {row.id: TaskFact(*row) for part in of for row in session.execute(query.where(part))}


def _last_contacts(
    session: Session, deals: Collection[str], clients: Collection[str], until_ms: int
) -> dict[EntityRef, int]:
    """When each deal and client was last contacted."""
    found: dict[EntityRef, int] = {}
    made: tuple[tuple[Callable[[str], EntityRef], Any, Collection[str]], ...] = (
        (lambda key: EntityRef("deal", key), Contact.deal_id, deals),
        (lambda key: EntityRef("client", key), Contact.client_id, clients),
    )
    for ref, column, ids in made:
        query = select(column, func.max(Contact.at_ms)).where(Contact.at_ms <= until_ms).group_by(column)
        found |= {ref(key): at_ms for key, at_ms in _rows(session, query, column, ids)}
    return found


def _last_ends(session: Session, refs: Collection[EntityRef], until_ms: int) -> dict[EntityRef, int]:
    """When the last task on each deal and client was closed or deleted."""
    end = func.coalesce(Task.closed_ms, Task.deleted_ms)
    query = select(Task.entity_type, Task.entity_id, func.max(end)).where(end <= until_ms)
    rows = _rows(session, query.group_by(Task.entity_type, Task.entity_id), Task.entity_id, {ref.id for ref in refs})
    return {ref: at_ms for kind, key, at_ms in rows if (ref := EntityRef(kind, key)) in refs}


def _columns(model: type[Any], fact: type[Any]) -> list[Any]:
    """The columns that a fact is made of: its fields have their names."""
    return [getattr(model, field.name) for field in fields(fact)]


def _owned(column: InstrumentedAttribute[int | None], owners: Collection[int], nobodys: bool) -> ColumnElement[bool]:
    theirs = column.in_(owners)
    return or_(theirs, column.is_(None)) if nobodys else theirs


def _owned_before(owners: Collection[int], nobodys: bool, from_ms: int) -> ColumnElement[bool]:
    """Tasks that went to somebody else since."""
    before = _owned(TaskChange.old_owner, owners, nobodys)
    gone = select(TaskChange.task_id).where(before, TaskChange.field == "owner", TaskChange.at_ms > from_ms)
    return Task.id.in_(gone)


def _lives(end: InstrumentedAttribute[int | None], from_ms: int) -> ColumnElement[bool]:
    return or_(end.is_(None), end > from_ms)


def _any_of(column: InstrumentedAttribute[Any], ids: Iterable[str]) -> list[ColumnElement[bool]]:
    return [column.in_(part) for part in chunks(sorted(ids))]


def _rows(session: Session, query: Select[*tuple[Any, ...]], column: Any, ids: Iterable[str]) -> Iterator[Any]:
    for part in chunks(sorted(ids)):
        yield from session.execute(query.where(column.in_(part)))
