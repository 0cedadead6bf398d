"""The last step of an import: compare with what is stored, store what differs, mark the days that change with it.

In: checked facts by file. Out: counts. Never: a write of a row that is the same already.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from operator import attrgetter
from typing import Any, Literal

from sqlalchemy.orm import Session

from planwhy_collector.csvimport.changes import Changes, compared
from planwhy_collector.csvimport.chats import days_of_chats
from planwhy_collector.csvimport.dirty import days_to_settle
from planwhy_collector.csvimport.history import counted, noticed
from planwhy_collector.csvimport.report import HistoryReport
from planwhy_collector.facts import PlanFact
from planwhy_collector.queries import calendars, crm, crm_store, people, plans, teams
from planwhy_collector.queries.rollups import mark_dirty
from planwhy_collector.queries.task_changes import append_changes, changes_of

Facts = tuple[Any, ...]
Ids = Mapping[str, int]
Silent = Collection[str]
by_id = attrgetter("id")


@dataclass(slots=True)
class Stored:
    """What was stored: (new, changed, unchanged) for each file, how many days wait for settlement, what was noticed."""

    counts: dict[str, tuple[int, int, int]] = field(default_factory=dict)
    days: int = 0
    history: HistoryReport = field(default_factory=HistoryReport)


def store(
    session: Session, facts: Mapping[str, Facts], ids: Ids, now_ms: int, correct: bool = False, silent: Silent = ()
) -> Stored:
    """Store everything of an import within the caller's transaction. Files come in the order of their references.

    `correct`: other deadlines and owners than before correct mistakes and are no history. `silent` files say nothing
    about what was deleted: that stays as it is.
    """
    given = {file: _still_deleted(session, file, found) if file in silent else found for file, found in facts.items()}
    changes = {file: _STORE[file](session, found, ids, now_ms) for file, found in given.items()}
    session.flush()
    stored = Stored({file: (len(c.new), len(c.changed), c.unchanged) for file, c in changes.items()})
    if "tasks.csv" in changes:
        stored.history = _notice(session, changes["tasks.csv"], now_ms, correct)
    chats = days_of_chats(session, changes["clients.csv"]) if "clients.csv" in changes else ()
    for employee_id, days in days_to_settle(session, changes, ids, now_ms, chats).items():
        mark_dirty(session, employee_id, days)
        stored.days += len(days)
    return stored


def _notice(session: Session, tasks: Changes, now_ms: int, correct: bool) -> HistoryReport:
    """Keep what happened to tasks since they were imported last, after the history of the same import is stored."""
    known = changes_of(session, (after.id for _, after in tasks.changed))
    found = noticed(tasks.changed, known, now_ms)
    if not correct:
        append_changes(session, found, now_ms)
    return counted(tasks.changed, found, recorded=not correct)


def _still_deleted(session: Session, file: str, facts: Facts) -> Facts:
    gone = crm_store.deleted(session, _DELETABLE[file])
    return tuple(replace(fact, deleted_ms=gone[fact.id]) if fact.id in gone else fact for fact in facts)


def _employees(session: Session, facts: Facts, ids: Ids, now_ms: int) -> Changes:
    changes = compared(people.records(session), facts, attrgetter("key"))
    people.store_employees(session, changes.to_store, ids, now_ms)
    return changes


def _transfers(session: Session, facts: Facts, _ids: Ids, _now_ms: int) -> Changes:
    known = teams.team_histories(session, {fact.employee_id for fact in facts}).values()
    changes = compared({one.key: one for history in known for one in history}, facts, attrgetter("key"))
    teams.store_transfers(session, changes.to_store)
    return changes


def _calendars(session: Session, facts: Facts, _ids: Ids, _now_ms: int) -> Changes:
    stored = calendars.exceptions_by_key(session, {fact.employee_id for fact in facts})
    changes = compared(stored, facts, attrgetter("key"))
    calendars.store_exceptions(session, changes.to_store)
    return changes


def _clients(session: Session, facts: Facts, _ids: Ids, _now_ms: int) -> Changes:
    changes = compared(crm.clients_by_id(session, map(by_id, facts)), facts, by_id)
    crm_store.store_clients(session, changes.to_store)
    return changes


def _deals(session: Session, facts: Facts, _ids: Ids, _now_ms: int) -> Changes:
    changes = compared(crm.deals_by_id(session, map(by_id, facts)), facts, by_id)
    crm_store.store_deals(session, changes.to_store)
    return changes


def _tasks(session: Session, facts: Facts, _ids: Ids, _now_ms: int) -> Changes:
    changes = compared(crm.tasks_by_id(session, map(by_id, facts)), facts, by_id)
    crm_store.store_tasks(session, changes.to_store)
    return changes


def _task_changes(session: Session, facts: Facts, _ids: Ids, now_ms: int) -> Changes:
    known = changes_of(session, (fact.task_id for fact in facts))
    changes = compared({c.key: c for found in known.values() for c in found}, facts, attrgetter("key"))
    append_changes(session, changes.to_store, now_ms)
    return changes


def _contacts(session: Session, facts: Facts, _ids: Ids, _now_ms: int) -> Changes:
    changes = compared(crm.contacts_by_id(session, map(by_id, facts)), facts, by_id)
    crm_store.store_contacts(session, changes.to_store)
    return changes


def _absences(session: Session, facts: Facts, _ids: Ids, _now_ms: int) -> Changes:
    stored = crm_store.absences_by_key(session, {fact.employee_id for fact in facts})
    changes = compared(stored, facts, attrgetter("key"))
    crm_store.store_absences(session, changes.to_store)
    return changes


def _plans(session: Session, facts: Facts, _ids: Ids, now_ms: int) -> Changes:
    stored = plans.plans_of(session, {fact.employee_id for fact in facts})
    changes = compared(stored, (_merged(stored, fact) for fact in facts), plans.plan_key)
    plans.store_plans(session, changes.to_store, now_ms)
    return changes


def _merged(stored: Mapping[plans.PlanKey, PlanFact], given: PlanFact) -> PlanFact:
    before = stored.get(plans.plan_key(given))
    return plans.corrected(before, given) if before else given


_DELETABLE: Mapping[str, Literal["clients", "deals", "tasks"]] = {
    "clients.csv": "clients",
    "deals.csv": "deals",
    "tasks.csv": "tasks",
}
_STORE: dict[str, Callable[[Session, Facts, Ids, int], Changes]] = {
    "employees.csv": _employees,
    "transfers.csv": _transfers,
    "calendars.csv": _calendars,
    "clients.csv": _clients,
    "deals.csv": _deals,
    "tasks.csv": _tasks,
    "task_changes.csv": _task_changes,
    "contacts.csv": _contacts,
    "absences.csv": _absences,
    "plans.csv": _plans,
}
