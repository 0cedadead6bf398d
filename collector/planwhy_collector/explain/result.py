"""The explanation as outside tools see it: the contract's JSON, one struct per object.

Hours are floats, shares 0–1, instants RFC 3339 with an offset, days ISO dates.
"""

from msgspec import Struct


class PeriodOut(Struct, frozen=True, rename={"first": "from", "last": "to"}):
    """The days explained, both included; JSON names `from` and `to`."""

    first: str
    last: str


class PlanOut(Struct, frozen=True, omit_defaults=True):
    """Plan and fact in the metric's unit. `shortfall` = target − actual, negative where the plan was beaten.

    `prorated_from` names the plan whose share of working hours this target is, where the period is a part of it.
    """

    metric: str
    target: float
    actual: float
    shortfall: float
    missed: bool
    currency: str | None = None
    prorated_from: str | None = None


class CoverageOut(Struct, frozen=True):
    """How much of the expected time was recorded. Not conclusive: no time factors are given."""

    expected_hours: float
    approved_absence_hours: float
    recorded_hours: float
    share: float
    conclusive: bool


class WorkOut(Struct, frozen=True):
    """Working hours at work, by area."""

    sales: float
    service: float
    general: float


class TimeOut(Struct, frozen=True):
    """A partition of the expected hours: all fields add up to `coverage.expected_hours`. Calls are work."""

    work: WorkOut
    non_work: float
    neutral: float
    unclassified: float
    idle: float
    locked: float
    asleep: float
    private: float
    absent: float
    unrecorded: float


class FactorOut(Struct, frozen=True):
    """One factor: its value in plan and fact, and its exact part of the shortfall with an interval.

    `low` and `high` hold the truth as often as `level` says; hidden time is taken to be like the rest, within what days
    and programs differ. `bound_low` and `bound_high` assume nothing of it: unrecorded time all absent or all present,
    unclassified time all work or all non-work. Negative contributions
    helped. `source` says where the plan's value came from: given, own, team, none. `alone` is
    the actual figure with everything else as planned, where that is not `actual`: contracts per contact, had as many
    contacts been late as planned.
    """

    name: str
    plan: float
    actual: float
    unit: str
    contribution: float
    low: float
    high: float
    level: float = 0.9
    bound_low: float | None = None
    bound_high: float | None = None
    own_trailing: float | None = None
    met_plan_median: float | None = None
    source: str = "given"
    alone: float | None = None


class ChanceOut(Struct, frozen=True):
    """How unusual so few contracts are, given the contacts made and the planned conversion."""

    expected_contracts: float
    actual_contracts: int
    probability_actual_or_fewer: float
    within_chance: bool


class WindowOut(Struct, frozen=True, rename={"start": "from", "end": "to"}):
    """The window a verdict was judged on; JSON names `from` and `to`."""

    start: str
    end: str


class OverdueTimeOut(Struct, frozen=True):
    """A partition of the window's working hours; `own_card` is time on the task's own CRM card."""

    own_card: float
    sales: float
    service: float
    general: float
    non_work: float
    neutral: float
    unclassified: float
    idle: float
    locked: float
    asleep: float
    absent: float
    private: float
    unrecorded: float


class MoveOut(Struct, frozen=True, rename={"before": "from", "after": "to"}):
    """A deadline that was moved: when, from what, to what; null stands for no deadline. JSON names `from` and `to`."""

    at: str
    before: str | None
    after: str | None


class HeldOut(Struct, frozen=True, rename={"start": "from", "end": "to"}):
    """When a task was the person's; JSON names `from` and `to`, null for still."""

    start: str
    end: str | None


class OverdueOut(Struct, frozen=True):
    """One overdue task with its verdict, the time it was judged on and the time while it stayed overdue.

    `deadline` is the one that ran out, `overdue_hours` are those in this person's hands. `held` is null for a task that
    was theirs all the time. `entity_deleted`: the deal or client it is about was deleted.
    """

    task_id: str
    title: str
    deadline: str
    closed_at: str | None
    overdue_hours: float
    verdict: str
    window: WindowOut
    time: OverdueTimeOut
    effort_hours: float
    overdue_time: OverdueTimeOut
    deadline_moves: tuple[MoveOut, ...] = ()
    reopened: int = 0
    held: HeldOut | None = None
    entity_deleted: bool = False


class CircumstanceOut(Struct, frozen=True, omit_defaults=True):
    """Something that speaks for itself: an approved absence, a surge of service work, what was not counted.

    `detail` is the kind of absence. `count` counts what has no hours, such as contracts in another currency.
    """

    kind: str
    hours: float
    detail: str | None = None
    count: int = 0


class RevisedOut(Struct, frozen=True):
    """A day that came out differently after it had been settled, because of late records or other rules; and when."""

    day: str
    at: str


class ObjectionOut(Struct, frozen=True):
    """An open objection of the person beside the data: what it is about, and how much of the period it contests.

    `kind` is `host` or `program`. `label`, `category`, `area` are what was said when the person objected, null for not
    classified; `hours_by_label` is what its time within working hours counts for now, `hours` all of it. `subject`
    and `text` are null, and `category` is `personal`, where a personal category may not be named to this reader.
    """

    id: str
    at: str
    kind: str
    subject: str | None
    label: str | None
    category: str | None
    area: str | None
    text: str | None
    hours: float
    hours_by_label: dict[str, float]


class ObjectionSum(Struct, frozen=True):
    """Open objections of some people, without whose and to what: how many, and the hours contested by label.

    `hours` is None where the hours themselves are not shown.
    """

    count: int
    hours: dict[str, float] | None


class Explanation(Struct, frozen=True):
    """Why a plan was missed, for one employee and period, with evidence and what is not known."""

    employee_id: str
    period: PeriodOut
    as_of: str
    plan: PlanOut
    coverage: CoverageOut
    time: TimeOut
    factors: tuple[FactorOut, ...]
    chance: ChanceOut | None
    overdue: tuple[OverdueOut, ...]
    circumstances: tuple[CircumstanceOut, ...]
    rules_version: str
    summary: str
    revised: tuple[RevisedOut, ...] = ()
    objections: tuple[ObjectionOut, ...] = ()
