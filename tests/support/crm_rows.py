"""Plans, deals, tasks, contacts and absences put straight into the tables, for tests of what is explained by them."""

from datetime import date
from decimal import Decimal
from itertools import count

from activity_rows import at
from planwhy_collector.db import Database
from planwhy_collector.facts import Assumptions, Person, PlanFact
from planwhy_collector.models import Absence, Client, Contact, Deal, Task, TaskChange
from planwhy_collector.plan.period import parse_period
from planwhy_collector.queries.plans import store_plan
from planwhy_collector.queries.rollups import mark_dirty

_numbers = count(1)


def plan(database: Database, who: Person, period: str, target: float, **more: object) -> PlanFact:
    """Store a plan; `metric` and `currency` as given, everything else is an assumption."""
    days = parse_period(period)
    metric, currency = str(more.pop("metric", "contracts")), more.pop("currency", None)
    sources = dict.fromkeys(more, "given")
    fact = PlanFact(
        who.id, period, days.first, days.last, metric, target, currency, Assumptions(**more), sources, False  # type: ignore[arg-type]
    )  # fmt: skip
    with database.writing() as session:
        store_plan(session, fact, 0)
    return fact


def deal(database: Database, who: Person | None, key: str, won: str | None = None, **more: object) -> None:
    """Store a deal of new business, won at a time or open."""
    fields: dict[str, object] = {"kind": "new", "amount": Decimal(100), "currency": "RUB"} | more
    closed = None if won is None else at(won)
    with database.writing() as session:
        session.add(
            Deal(
                id=key, employee_id=who and who.id, title=key, created_ms=0, closed_ms=closed,
                outcome="open" if won is None else "won", **fields,
            )
        )  # fmt: skip


def clients(database: Database, who: Person | None, *keys: str, **more: object) -> None:
    """Store clients in care; `since` and `until` are days, everything else a column."""
    days = {name: date.fromisoformat(str(more.pop(name))) for name in ("since", "until") if name in more}
    with database.writing() as session:
        session.add_all(Client(id=key, name=key, employee_id=who and who.id, **days, **more) for key in keys)


def letters(database: Database, who: Person, deal_id: str | None, *times: str, **named: str) -> None:
    """Store letters sent on a deal."""
    with database.writing() as session:
        session.add_all(
            Contact(
                id=f"l{next(_numbers)}", employee_id=who.id, at_ms=at(time), kind="email", direction="out",
                duration_s=0, deal_id=deal_id, **named,
            )
            for time in times
        )  # fmt: skip


def task(database: Database, who: Person | None, key: str, created: str, deadline: str, **more: object) -> None:
    """Store a task; `closed` is a time, everything else a column."""
    closed = more.pop("closed", None)
    fields: dict[str, object] = {"title": key, "deadline_ms": at(deadline)} | more
    with database.writing() as session:
        session.add(
            Task(
                id=key, employee_id=who and who.id, created_ms=at(created),
                closed_ms=None if closed is None else at(str(closed)), **fields,
            )
        )  # fmt: skip


def away(database: Database, who: Person, first: str, last: str, kind: str = "vacation") -> None:
    """Store an approved absence and ask for its days anew."""
    days = date.fromisoformat(first), date.fromisoformat(last)
    with database.writing() as session:
        session.add(Absence(employee_id=who.id, first_day=days[0], last_day=days[1], kind=kind, approved=True))
        mark_dirty(session, who.id, [date.fromordinal(n) for n in range(days[0].toordinal(), days[1].toordinal() + 1)])


def changed(database: Database, key: str, when: str, field: str, **more: object) -> None:
    """Store a change of a task: `old` and `new` are times of a deadline, or people."""
    old, new = more.pop("old", None), more.pop("new", None)
    ends = {"old_ms": old, "new_ms": new} if field == "deadline" else {"old_owner": old, "new_owner": new}
    values = {name: at(v) if isinstance(v, str) else v.id if isinstance(v, Person) else v for name, v in ends.items()}
    with database.writing() as session:
        session.add(TaskChange(task_id=key, at_ms=at(when), field=field, seen_ms=at(when) + 1, **values))
