"""The last step of an import: compare with what is stored, store what differs, mark the days that change with it.

In: checked facts by file. Out: counts. Never: a write of a row that is the same already.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any

from sqlalchemy.orm import Session

from planwhy_collector.csvimport.changes import Changes, compared
from planwhy_collector.csvimport.dirty import days_to_settle
from planwhy_collector.facts import PlanFact
from planwhy_collector.queries import calendars, crm, crm_store, people, plans, teams
from planwhy_collector.queries.rollups import mark_dirty

Facts = tuple[Any, ...]
Ids = Mapping[str, int]
by_id = attrgetter("id")


@dataclass(slots=True)
class Stored:
    """What was stored: (new, changed, unchanged) for each file, and how many days wait for settlement."""

    counts: dict[str, tuple[int, int, int]] = field(default_factory=dict)
    days: int = 0


def store(session: Session, facts: Mapping[str, Facts], ids: Ids, now_ms: int) -> Stored:
    """Store everything of an import within the caller's transaction. Files come in the order of their references."""
    changes = {file: _STORE[file](session, found, ids, now_ms) for file, found in facts.items()}
    session.flush()
    stored = Stored({file: (len(c.new), len(c.changed), c.unchanged) for file, c in changes.items()})
    for employee_id, days in days_to_settle(session, changes, ids, now_ms).items():
        mark_dirty(session, employee_id, days)
        stored.days += len(days)
    return stored


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


_STORE: dict[str, Callable[[Session, Facts, Ids, int], Changes]] = {
    "employees.csv": _employees,
    "transfers.csv": _transfers,
    "calendars.csv": _calendars,
    "clients.csv": _clients,
    "deals.csv": _deals,
    "tasks.csv": _tasks,
    "contacts.csv": _contacts,
    "absences.csv": _absences,
    "plans.csv": _plans,
}
