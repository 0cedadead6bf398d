"""The files of an import: their columns, what a row becomes, what must hold within a row. Pure.

In: rows of text, the zones and database keys of employees. Out: facts with their lines, and what was wrong.
Never: other rows (see `references`) or what is stored.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from zoneinfo import ZoneInfo

from planwhy_collector.csvimport import builders as b
from planwhy_collector.csvimport import values as v
from planwhy_collector.csvimport.report import BadRow
from planwhy_collector.csvimport.rows import RawTable, Row

UTC = ZoneInfo("UTC")


@dataclass(frozen=True, slots=True)
class Column:
    """A column: how a cell is read; whether the header must have it; whether it is read in the person's zone.

    `beside` names a column whose cell decides how this one is read.
    """

    name: str
    parse: Callable[..., Any]
    required: bool = False
    zoned: bool = False
    beside: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A file: its columns, which of them match a row with what is stored, and how a row becomes a fact.

    `build` takes a row's values and the database keys of employees. `checks` are (column, reason, holds). `same`
    gives what two facts may not share where that is more than the key as written.
    """

    file: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    build: Callable[[Mapping[str, Any], Mapping[str, int]], Any]
    checks: tuple[tuple[str, str, Callable[[Mapping[str, Any]], bool]], ...] = ()
    same: Callable[[Any], Hashable] | None = None

    @property
    def required(self) -> tuple[str, ...]:
        """Columns that the header must have."""
        return tuple(c.name for c in self.columns if c.required)

    @property
    def known(self) -> frozenset[str]:
        """Columns that mean something."""
        return frozenset(c.name for c in self.columns)


@dataclass(frozen=True, slots=True)
class Line:
    """A fact with the line it stood on."""

    line: int
    fact: Any


@dataclass(frozen=True, slots=True)
class People:
    """What other tables need of employees: database keys, zones, and whose each task is by its id."""

    ids: Mapping[str, int]
    zones: Mapping[str, ZoneInfo]
    of_tasks: Mapping[str, str] = field(default_factory=dict)

    def zone(self, row: Row) -> ZoneInfo:
        """The zone that a row's times are read in: that of its person, else of its task's person, else UTC."""
        key = row.cells.get("employee_id") or self.of_tasks.get(row.cells.get("task_id", ""), "")
        return self.zones.get(key, UTC)


def parse_table(table: Table, raw: RawTable, people: People) -> tuple[tuple[Line, ...], tuple[BadRow, ...]]:
    """Turn rows into facts. A row with anything wrong gives no fact and one error for each bad cell."""
    lines: list[Line] = []
    errors: list[BadRow] = list(raw.errors)
    for row in raw.rows:
        values, wrong = _values(table, row, people)
        wrong += [
            BadRow(table.file, row.line, c, reason) for c, reason, ok in table.checks if not wrong and not ok(values)
        ]
        errors += wrong
        if not wrong:
            lines.append(Line(row.line, table.build(values, people.ids)))
    return tuple(lines), tuple(errors)


def _values(table: Table, row: Row, people: People) -> tuple[dict[str, Any], list[BadRow]]:
    zone = people.zone(row)
    values: dict[str, Any] = {}
    wrong: list[BadRow] = []
    for column in table.columns:
        cell = row.cells.get(column.name, "")
        try:
            values[column.name] = column.parse(cell, *_more(column, row, zone))
        except ValueError as error:
            wrong.append(BadRow(table.file, row.line, column.name, str(error)))
    for name in _names_of_people(table, row):
        if (key := row.cells.get(name, "")) and key not in people.ids:
            wrong.append(BadRow(table.file, row.line, name, f"there is no employee {key[:40]!r}"))
    return values, wrong


def _more(column: Column, row: Row, zone: ZoneInfo) -> Iterator[Any]:
    if column.zoned:
        yield zone
    if column.beside:
        yield row.cells.get(column.beside, "")


def _names_of_people(table: Table, row: Row) -> tuple[str, ...]:
    """The columns of a row that name an employee who must exist."""
    if table is EMPLOYEES:
        return ()
    if table is TASK_CHANGES:
        return ("old", "new") if row.cells.get("field", "").lower() == "owner" else ()
    return ("employee_id",)


def _ordered(first: str, last: str) -> tuple[str, str, Callable[[Mapping[str, Any]], bool]]:
    return last, f"earlier than {first}", lambda r: r[first] is None or r[last] is None or r[first] <= r[last]


def _priced(amount: str) -> tuple[str, str, Callable[[Mapping[str, Any]], bool]]:
    return "currency", f"{amount} needs a currency", lambda r: r[amount] is None or r["currency"] is not None


def _not_overlong(first: str, last: str) -> tuple[str, str, Callable[[Mapping[str, Any]], bool]]:
    return (
        last,
        f"longer than {b.LONGEST_ABSENCE_DAYS} days",
        lambda r: r[last] is None or (r[last] - r[first]).days < b.LONGEST_ABSENCE_DAYS,
    )


def _opt(name: str, parse: Callable[[str], Any]) -> Column:
    return Column(name, v.optional(parse))


def _moment(name: str, parse: Callable[[str, ZoneInfo], Any] = v.moment, may_be_empty: bool = False) -> Column:
    def read(cell: str, zone: ZoneInfo) -> Any:
        return None if may_be_empty and not cell else parse(cell, zone)

    return Column(name, read, required=True, zoned=True)


def _must(column: Column) -> Column:
    return replace(column, required=True)


DELETED = Column("deleted_at", lambda cell, zone: v.ending(cell, zone) if cell else None, zoned=True)
"""When an entity was deleted. A file without the column says nothing about it; an empty cell says that it is there."""

EMPLOYEES = Table(
    "employees.csv",
    (
        Column("employee_id", v.identifier, required=True),
        Column("name", v.name, required=True),
        _opt("email", v.email),
        _opt("team", v.text),
        _opt("supervisor_email", v.email),
        Column("position", v.text),
        Column("time_zone", v.otherwise("UTC", v.time_zone)),
        Column("working_hours", v.working_hours),
        Column("country", v.otherwise("", v.country)),
        _opt("crm_user_id", v.identifier),
        _opt("hired_on", v.day),
        _opt("left_on", v.day),
    ),
    ("employee_id",),
    b.employee,
    (_ordered("hired_on", "left_on"),),
)

PLANS = Table(
    "plans.csv",
    (
        Column("employee_id", v.identifier, required=True),
        Column("period", v.period, required=True),
        Column("metric", v.one_of("contracts", "revenue"), required=True),
        Column("target", v.target, required=True),
        _opt("currency", v.currency),
        _opt("expected_hours", v.number),
        _opt("attendance", v.share),
        _opt("focus", v.share),
        _opt("sales_share", v.share),
        _opt("contact_rate", v.number),
        _opt("late_share", v.share),
        _opt("conversion_on_time", v.number),
        _opt("conversion_late", v.number),
        _opt("deal_value", v.number),
    ),
    ("employee_id", "period", "metric"),
    b.plan,
    (("currency", "a plan of revenue needs a currency", lambda r: r["metric"] != "revenue" or bool(r["currency"])),),
    same=lambda plan: (plan.employee_id, plan.first, plan.last, plan.metric),
)

CLIENTS = Table(
    "clients.csv",
    (
        Column("client_id", v.identifier, required=True),
        Column("name", v.name, required=True),
        _must(_opt("employee_id", v.identifier)),
        _opt("since", v.day),
        _opt("until", v.day),
        _opt("monthly_payment", v.amount),
        _opt("currency", v.currency),
        DELETED,
    ),
    ("client_id",),
    b.client,
    (_ordered("since", "until"), _priced("monthly_payment")),
)

DEALS = Table(
    "deals.csv",
    (
        Column("deal_id", v.identifier, required=True),
        _must(_opt("employee_id", v.identifier)),
        _opt("client_id", v.identifier),
        Column("kind", v.one_of("new", "upsell", "recurring"), required=True),
        Column("title", v.text),
        _opt("amount", v.amount),
        _opt("currency", v.currency),
        _moment("created_at", v.beginning),
        _moment("closed_at", v.ending, may_be_empty=True),
        Column("outcome", v.one_of("open", "won", "lost"), required=True),
        DELETED,
    ),
    ("deal_id",),
    b.deal,
    (
        _ordered("created_at", "closed_at"),
        _ordered("created_at", "deleted_at"),
        _priced("amount"),
        ("closed_at", "a deal won or lost needs it", lambda r: r["outcome"] == "open" or r["closed_at"] is not None),
        ("closed_at", "an open deal is not closed", lambda r: r["outcome"] != "open" or r["closed_at"] is None),
    ),
)

TASKS = Table(
    "tasks.csv",
    (
        Column("task_id", v.identifier, required=True),
        _must(_opt("employee_id", v.identifier)),
        Column("title", v.text),
        _moment("created_at", v.beginning),
        _moment("deadline", v.deadline, may_be_empty=True),
        _moment("closed_at", v.ending, may_be_empty=True),
        Column("entity_type", v.otherwise("", v.one_of("deal", "lead", "client"))),
        Column("entity_id", v.otherwise("", v.identifier)),
        Column("kind", v.text),
        DELETED,
    ),
    ("task_id",),
    b.task,
    (
        _ordered("created_at", "closed_at"),
        _ordered("created_at", "deleted_at"),
        (
            "entity_id",
            "entity_type and entity_id go together",
            lambda r: bool(r["entity_type"]) == bool(r["entity_id"]),
        ),
    ),
)

TASK_CHANGES = Table(
    "task_changes.csv",
    (
        Column("task_id", v.identifier, required=True),
        _moment("at"),
        Column("field", v.one_of("deadline", "owner", "closed", "reopened", "deleted"), required=True),
        Column("old", v.changed, required=True, zoned=True, beside="field"),
        Column("new", v.changed, required=True, zoned=True, beside="field"),
    ),
    ("task_id", "at", "field"),
    b.task_change,
    (("new", "the same as old", lambda r: r["field"] not in ("deadline", "owner") or r["old"] != r["new"]),),
    same=lambda change: change.key,
)

CONTACTS = Table(
    "contacts.csv",
    (
        Column("contact_id", v.identifier, required=True),
        Column("employee_id", v.identifier, required=True),
        _moment("at"),
        Column("kind", v.one_of("call", "meeting", "email", "message"), required=True),
        Column("direction", v.otherwise("", v.one_of("in", "out"))),
        Column("duration_s", v.otherwise(0, v.seconds)),
        _opt("deal_id", v.identifier),
        _opt("client_id", v.identifier),
        _opt("task_id", v.identifier),
    ),
    ("contact_id",),
    b.contact,
)

ABSENCES = Table(
    "absences.csv",
    (
        Column("employee_id", v.identifier, required=True),
        Column("from", v.day, required=True),
        Column("to", v.day, required=True),
        Column("kind", v.otherwise("other", v.one_of("vacation", "sick", "trip", "other"))),
        Column("approved", v.boolean, required=True),
    ),
    ("employee_id", "from", "kind"),
    b.absence,
    (
        _ordered("from", "to"),
        _not_overlong("from", "to"),
    ),
    same=lambda record: record.key,
)

TRANSFERS = Table(
    "transfers.csv",
    (
        Column("employee_id", v.identifier, required=True),
        Column("since", v.day, required=True),
        _must(_opt("team", v.text)),
    ),
    ("employee_id", "since"),
    b.transfer,
    same=lambda record: record.key,
)

CALENDARS = Table(
    "calendars.csv",
    (
        _must(_opt("employee_id", v.identifier)),
        Column("from", v.day, required=True),
        _must(_opt("to", v.day)),
        Column("working_hours", v.other_hours, required=True),
        Column("note", v.text),
    ),
    ("from", "employee_id"),
    b.calendar,
    (
        _ordered("from", "to"),
        _not_overlong("from", "to"),
        (
            "working_hours",
            "no day from the first to the last is one of these weekdays",
            lambda r: not r["working_hours"] or v.names_a_day(r["working_hours"], r["from"], r["to"]),
        ),
    ),
    same=lambda record: record.key,
)

TABLES: Iterable[Table] = (
    EMPLOYEES, TRANSFERS, CALENDARS, CLIENTS, DEALS, TASKS, TASK_CHANGES, CONTACTS, ABSENCES, PLANS,
)  # fmt: skip
"""In the order in which they refer to each other."""
