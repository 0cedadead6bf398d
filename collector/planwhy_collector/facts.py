"""Plain facts that the stages hand to each other. In: rows that queries read. Never: a session, a clock, a file."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal
from zoneinfo import ZoneInfo

from msgspec import Struct
from planwhy_shared.hours import DEFAULT as DEFAULT_HOURS
from planwhy_shared.hours import WorkingHours
from planwhy_shared.times import Interval

Label = Literal["work", "non_work", "neutral"]
Area = Literal["sales", "service", "general"]
EntityType = Literal["deal", "lead", "client", "task"]
Presence = Literal["active", "call", "idle", "locked", "asleep", "private", "absent", "off", "none"]
"""The partition of a person's time. `off` and `none` together are "unrecorded"; `active` and `call` "present"."""

CALL_APP = "planwhy.call"
"""The program name of the context that stands for a call or meeting; its path is `/deal/5121`, `/client/7` or None."""

SALES_KINDS = frozenset({"new", "upsell"})
"""Kinds of deals whose contracts count towards the plan; all others are service."""


@dataclass(frozen=True, slots=True)
class EntityRef:
    """A card of the CRM."""

    type: EntityType
    id: str


@dataclass(frozen=True, slots=True)
class Context:
    """What was in front: a program, and in a browser the host (lower case, IDNA decoded), path and title."""

    app: str | None = None
    host: str | None = None
    path: str | None = None
    title: str | None = None


EVERYBODY = 0
"""Stands for the employee in calendar exceptions that hold for all people."""


@dataclass(frozen=True, slots=True)
class ExceptionFact:
    """Other hours than the usual ones from `first_day` to `last_day` (None: until further notice); `hours` None: free.

    `everybody`: it holds for all people; else it is the person's own.
    """

    first_day: date
    last_day: date | None
    hours: WorkingHours | None
    everybody: bool = False

    def holds(self, day: date) -> bool:
        """Whether the day is one of its days."""
        return self.first_day <= day and (self.last_day is None or day <= self.last_day)


@dataclass(frozen=True, slots=True)
class ExceptionRecord:
    """An exception as imports and administrators write it: whose (EVERYBODY: all), hours as text ("" for free days)."""

    employee_id: int
    first_day: date
    last_day: date | None
    working_hours: str
    note: str = ""

    @property
    def key(self) -> tuple[int, date]:
        """What an exception is matched by: employee and first day."""
        return self.employee_id, self.first_day


@dataclass(frozen=True, slots=True)
class TransferRecord:
    """The team of a person from a day on, until the next such record; `team` None: none."""

    employee_id: int
    since: date
    team: str | None

    @property
    def key(self) -> tuple[int, date]:
        """What a transfer is matched by: employee and day."""
        return self.employee_id, self.since


@dataclass(frozen=True, slots=True)
class Person:
    """An employee, with the calendar's raw material. `id` is the database key, `key` the public id.

    `team` is that of the day the person was asked for; `exceptions` are the own ones and everybody's.
    """

    id: int
    key: str
    name: str
    team: str | None
    position: str
    zone: ZoneInfo
    hours: WorkingHours
    country: str
    hired_on: date | None = None
    left_on: date | None = None
    email: str | None = None
    supervisor_email: str | None = None
    exceptions: tuple[ExceptionFact, ...] = ()


@dataclass(frozen=True, slots=True)
class EmployeeRecord:
    """An employee as imports and administrators write them: texts already checked, `country` "" for no holidays."""

    key: str
    name: str
    email: str | None = None
    team: str | None = None
    supervisor_email: str | None = None
    position: str = ""
    time_zone: str = "UTC"
    working_hours: str = DEFAULT_HOURS
    country: str = ""
    crm_user_id: str | None = None
    hired_on: date | None = None
    left_on: date | None = None


class SpanFact(Struct, frozen=True, gc=False):
    """A span as stored. `context_id` 0: none. `track` is `focus` or `open`; `count` belongs to `open`."""

    device_id: int
    start_ms: int
    end_ms: int
    state: str
    context_id: int
    track: str = "focus"
    mark: str | None = None
    source: str | None = None
    count: int = 1


@dataclass(frozen=True, slots=True)
class GapFact:
    """Spans that a device declared lost."""

    device_id: int
    from_ms: int
    to_ms: int
    count: int
    reason: str


@dataclass(frozen=True, slots=True)
class ContactFact:
    """A completed call, meeting, letter or message."""

    id: str
    employee_id: int
    at_ms: int
    kind: str
    direction: str
    duration_s: int
    deal_id: str | None
    client_id: str | None
    task_id: str | None

    @property
    def talk(self) -> Interval | None:
        """The time a call or meeting took; None for letters, messages and calls without a duration."""
        if self.kind not in ("call", "meeting") or self.duration_s <= 0:
            return None
        return Interval(self.at_ms, self.at_ms + self.duration_s * 1000)


@dataclass(frozen=True, slots=True)
class DealFact:
    """A deal; a contract if won and of a kind in SALES_KINDS, until it is deleted."""

    id: str
    employee_id: int | None
    client_id: str | None
    kind: str
    title: str
    amount: Decimal | None
    currency: str | None
    created_ms: int
    closed_ms: int | None
    outcome: str
    deleted_ms: int | None = None


@dataclass(frozen=True, slots=True)
class ClientFact:
    """A client in someone's care from `since` to `until`, both days included; None where not known."""

    id: str
    name: str
    employee_id: int | None
    since: date | None
    until: date | None
    monthly_payment: Decimal | None
    currency: str | None
    deleted_ms: int | None = None


@dataclass(frozen=True, slots=True)
class TaskFact:
    """A task in its newest state. `deadline_ms` of a date-only deadline is the end of that day in the person's zone."""

    id: str
    employee_id: int | None
    title: str
    created_ms: int
    deadline_ms: int | None
    deadline_is_day: bool
    closed_ms: int | None
    entity_type: str
    entity_id: str
    kind: str
    deleted_ms: int | None = None


TaskField = Literal["deadline", "owner", "closed", "reopened", "deleted"]


@dataclass(frozen=True, slots=True)
class TaskChangeFact:
    """What happened to a task at `at_ms`. A deadline has both instants, an owner both people; None stands for none."""

    task_id: str
    at_ms: int
    field: TaskField
    old_ms: int | None = None
    new_ms: int | None = None
    old_owner: int | None = None
    new_owner: int | None = None

    @property
    def key(self) -> tuple[str, int, str]:
        """What a change is matched by: task, instant, field."""
        return self.task_id, self.at_ms, self.field


@dataclass(frozen=True, slots=True)
class AbsenceFact:
    """Days away, first and last included."""

    first_day: date
    last_day: date
    kind: str
    approved: bool


@dataclass(frozen=True, slots=True)
class AbsenceRecord:
    """An absence with whose it is."""

    employee_id: int
    absence: AbsenceFact

    @property
    def key(self) -> tuple[int, date, str]:
        """What an absence is matched by: employee, first day, kind."""
        return self.employee_id, self.absence.first_day, self.absence.kind


@dataclass(frozen=True, slots=True)
class Assumptions:
    """What a plan was made from; None where nothing was given and no history tells. Shares 0–1, rates per hour."""

    expected_hours: float | None = None
    attendance: float | None = None
    focus: float | None = None
    sales_share: float | None = None
    contact_rate: float | None = None
    late_share: float | None = None
    conversion_on_time: float | None = None
    conversion_late: float | None = None
    deal_value: float | None = None


@dataclass(frozen=True, slots=True)
class Workload:
    """What a plan made from workload rests on beside its assumptions.

    `clients` in care, averaged over the period's working days, and the service hours that one of them takes in it.
    """

    clients: float
    hours_per_client: float


@dataclass(frozen=True, slots=True)
class PlanFact:
    """A target for the days `first` to `last`. `sources`: assumption → given, own, team, none.

    `workload` None: the target was given and not made from workload. `made_by`: who, or what, stored it.
    """

    employee_id: int
    period: str
    first: date
    last: date
    metric: Literal["contracts", "revenue"]
    target: float
    currency: str | None
    assumptions: Assumptions
    sources: dict[str, str]
    filled: bool
    workload: Workload | None = None
    made_by: str = ""


@dataclass(frozen=True, slots=True)
class PlanChange:
    """A target that was changed after it was set: when, from what to what, by whom, why; in a case or not."""

    at_ms: int
    old_target: float
    new_target: float
    changed_by: str
    reason: str
    case_id: int | None = None
