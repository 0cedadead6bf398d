"""From a row's values to a fact, pure: one function for each file.

In: values by column, already parsed, and employees' database keys. Out: a fact. Never: an error; the rows are good.
"""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from planwhy_collector.facts import (
    EVERYBODY,
    AbsenceFact,
    AbsenceRecord,
    Assumptions,
    ClientFact,
    ContactFact,
    DealFact,
    EmployeeRecord,
    ExceptionRecord,
    PlanFact,
    TaskChangeFact,
    TaskFact,
    TransferRecord,
)  # fmt: skip

LONGEST_ABSENCE_DAYS = 4_000
"""Longer absences, and exceptions of a calendar that have an end, are typing errors."""

Values = Mapping[str, Any]
Ids = Mapping[str, int]


def employee(r: Values, _ids: Ids) -> EmployeeRecord:
    """An employee as written."""
    return EmployeeRecord(key=r["employee_id"], **{k: value for k, value in r.items() if k != "employee_id"})


def client(r: Values, ids: Ids) -> ClientFact:
    """A client."""
    return ClientFact(
        r["client_id"], r["name"], _owner(r, ids), r["since"], r["until"], r["monthly_payment"], r["currency"],
        r["deleted_at"],
    )  # fmt: skip


def deal(r: Values, ids: Ids) -> DealFact:
    """A deal."""
    return DealFact(
        r["deal_id"], _owner(r, ids), r["client_id"], r["kind"], r["title"], r["amount"], r["currency"],
        r["created_at"], r["closed_at"], r["outcome"], r["deleted_at"],
    )  # fmt: skip


def task(r: Values, ids: Ids) -> TaskFact:
    """A task; without a deadline it is never overdue."""
    deadline_ms, is_day = r["deadline"] or (None, False)
    return TaskFact(
        r["task_id"], _owner(r, ids), r["title"], r["created_at"], deadline_ms, is_day, r["closed_at"],
        r["entity_type"], r["entity_id"], r["kind"], r["deleted_at"],
    )  # fmt: skip


def task_change(r: Values, ids: Ids) -> TaskChangeFact:
    """Something that happened to a task."""
    task_id, at_ms, old, new = r["task_id"], r["at"], r["old"], r["new"]
    match r["field"]:
        case "deadline":
            return TaskChangeFact(task_id, at_ms, "deadline", old_ms=old, new_ms=new)
        case "owner":
            return TaskChangeFact(task_id, at_ms, "owner", old_owner=ids.get(old), new_owner=ids.get(new))
    return TaskChangeFact(task_id, at_ms, r["field"])


def contact(r: Values, ids: Ids) -> ContactFact:
    """A completed contact."""
    return ContactFact(
        r["contact_id"], ids[r["employee_id"]], r["at"], r["kind"], r["direction"], r["duration_s"],
        r["deal_id"], r["client_id"], r["task_id"],
    )  # fmt: skip


def absence(r: Values, ids: Ids) -> AbsenceRecord:
    """An absence with whose it is."""
    return AbsenceRecord(ids[r["employee_id"]], AbsenceFact(r["from"], r["to"], r["kind"], r["approved"]))


def transfer(r: Values, ids: Ids) -> TransferRecord:
    """A transfer to a team, or out of all."""
    return TransferRecord(ids[r["employee_id"]], r["since"], r["team"])


def calendar(r: Values, ids: Ids) -> ExceptionRecord:
    """An exception of one person's calendar or, without an employee, of everybody's."""
    whose = ids[r["employee_id"]] if r["employee_id"] else EVERYBODY
    return ExceptionRecord(whose, r["from"], r["to"], r["working_hours"], r["note"])


def plan(r: Values, ids: Ids) -> PlanFact:
    """A plan, with the assumptions that were given marked as given."""
    given = {name: r[name] for name in (f.name for f in fields(Assumptions))}
    sources = {name: "given" for name, value in given.items() if value is not None}
    when = r["period"]
    return PlanFact(
        ids[r["employee_id"]], when.text, when.first, when.last, r["metric"], r["target"], r["currency"],
        Assumptions(**given), sources, filled=False,
    )  # fmt: skip


def _owner(r: Values, ids: Ids) -> int | None:
    return ids[r["employee_id"]] if r["employee_id"] else None
