"""A simulated history as rows of the import's CSV files. Pure.

In: a history. Out: rows by file, in the columns' order. Never: a computed figure; plans and facts are written as made.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from planwhy_shared.hours import DEFAULT
from planwhy_shared.times import day_of, rfc3339

from planwhy_collector.facts import ContactFact, DealFact, TaskFact
from planwhy_collector.simulate.history import History
from planwhy_collector.simulate.month import CURRENCY, client_ids
from planwhy_collector.simulate.truth import SimulatedPlan

_ASSUMPTIONS = (
    "expected_hours", "attendance", "focus", "sales_share", "contact_rate", "late_share", "conversion_on_time",
    "conversion_late", "deal_value",
)  # fmt: skip
COLUMNS = {
    "employees.csv": (
        "employee_id", "name", "email", "team", "supervisor_email", "position", "time_zone", "working_hours",
        "country", "crm_user_id", "hired_on", "left_on",
    ),
    "plans.csv": ("employee_id", "period", "metric", "target", "currency", *_ASSUMPTIONS),
    "clients.csv": ("client_id", "name", "employee_id", "since", "until", "monthly_payment", "currency"),
    "deals.csv": (
        "deal_id", "employee_id", "client_id", "kind", "title", "amount", "currency", "created_at", "closed_at",
        "outcome",
    ),
    "tasks.csv": (
        "task_id", "employee_id", "title", "created_at", "deadline", "closed_at", "entity_type", "entity_id", "kind",
    ),
    "task_changes.csv": ("task_id", "at", "field", "old", "new"),
    "contacts.csv": (
        "contact_id", "employee_id", "at", "kind", "direction", "duration_s", "deal_id", "client_id", "task_id",
    ),
    "absences.csv": ("employee_id", "from", "to", "kind", "approved"),
}  # fmt: skip
Cells = tuple[object, ...]


def rows(lived: History) -> Iterator[tuple[str, list[Cells]]]:
    """All rows of a person, file by file."""
    person = lived.member.person
    key, zone = person.key, person.zone
    yield "employees.csv", [_employee(lived)]
    yield "plans.csv", [_plan(key, plan) for plan in lived.plans]
    yield "clients.csv", _clients(lived)
    for month in lived.months:
        yield "deals.csv", [_deal(key, zone, deal) for deal in month.deals]
        yield "tasks.csv", [_task(key, zone, task) for task in month.tasks]
        yield "contacts.csv", [_contact(key, zone, contact) for contact in month.contacts]
        if away := month.frame.absence:
            yield "absences.csv", [(key, away.first_day, away.last_day, away.kind, "true")]
    yield "tasks.csv", [_task(key, zone, task) for task in lived.ahead.tasks]
    yield "task_changes.csv", [(m.task_id, rfc3339(m.at_ms, zone), "deadline", m.old, m.new) for m in lived.ahead.moves]


def _employee(lived: History) -> Cells:
    p = lived.member.person
    return (
        p.key, p.name, p.email, p.team, p.supervisor_email, p.position, p.zone.key, DEFAULT, p.country,
        lived.member.number + 1, "", "",
    )  # fmt: skip


def _plan(key: str, plan: SimulatedPlan) -> Cells:
    currency = CURRENCY if plan.metric == "revenue" else ""
    given = [n for n in _ASSUMPTIONS if not plan.bare and (currency or n != "deal_value")]
    assumed = (f"{plan.assumptions[n]:.6g}" if n in given else "" for n in _ASSUMPTIONS)
    return (key, plan.period.text, plan.metric, f"{plan.target:.2f}", currency, *assumed)


def _clients(lived: History) -> list[Cells]:
    since = _first_day(lived) - timedelta(days=400)
    return [
        (client, f"Клиент {client}", lived.member.person.key, since, "", f"{8_000 + 500 * n}.00", CURRENCY)
        for n, client in enumerate(client_ids(lived.member))
    ]


def _first_day(lived: History) -> date:
    return lived.months[0].frame.period.first


def _deal(key: str, zone: ZoneInfo, d: DealFact) -> Cells:
    return (
        d.id, key, d.client_id, d.kind, d.title, d.amount, d.currency, rfc3339(d.created_ms, zone),
        _moment(d.closed_ms, zone), d.outcome,
    )  # fmt: skip


def _task(key: str, zone: ZoneInfo, t: TaskFact) -> Cells:
    due: object = _moment(t.deadline_ms, zone)
    if t.deadline_is_day and t.deadline_ms is not None:
        due = day_of(t.deadline_ms - 1, zone)
    return (
        t.id, key, t.title, rfc3339(t.created_ms, zone), due, _moment(t.closed_ms, zone), t.entity_type,
        t.entity_id, t.kind,
    )  # fmt: skip


def _contact(key: str, zone: ZoneInfo, c: ContactFact) -> Cells:
    return (
        c.id, key, rfc3339(c.at_ms, zone), c.kind, c.direction, c.duration_s, c.deal_id, c.client_id, c.task_id,
    )  # fmt: skip


def _moment(ms: int | None, zone: ZoneInfo) -> str:
    return "" if ms is None else rfc3339(ms, zone)
