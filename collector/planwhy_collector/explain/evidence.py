"""Everything that one explanation is made from, in one place. In: nothing. Out: types. Never: a result."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from planwhy_shared.times import Interval

from planwhy_collector.explain.comparing import Figures
from planwhy_collector.explain.hidden import Hidden
from planwhy_collector.explain.interval import NOTHING_HIDDEN
from planwhy_collector.explain.overdue import TaskTime
from planwhy_collector.explain.quantities import Sales
from planwhy_collector.explain.task_history import NO_HISTORY, TaskHistory
from planwhy_collector.facts import Person, TaskFact
from planwhy_collector.plan.measured import Measured
from planwhy_collector.plan.period import Period
from planwhy_collector.plan.target import Target


@dataclass(frozen=True, slots=True)
class JudgedTask:
    """An overdue task with its verdict, window, the time overdue, and how both were spent (ms).

    `task` has the deadline that ran out, and is closed only if it was as of then.
    """

    task: TaskFact
    verdict: str
    window: Interval
    time: TaskTime
    overdue_time: TaskTime
    effort_ms: int
    history: TaskHistory = NO_HISTORY


@dataclass(frozen=True, slots=True)
class Evidence:
    """Facts of one person and period, up to `as_of_ms`. `absence_ms` is approved working time by kind of absence.

    `revised` are days that came out differently after they had been settled, and when they did.

    `hidden` tells of time that is not known, `limit` is the coverage from which time may be spoken of, 0-1.
    """

    person: Person
    period: Period
    as_of_ms: int
    target: Target
    measured: Measured
    sales: Sales
    own_trailing: Figures
    met_plan: Figures
    absence_ms: Mapping[str, int]
    overdue: Sequence[JudgedTask]
    limit: float
    rules_version: str
    hidden: Hidden = NOTHING_HIDDEN
    revised: Sequence[tuple[date, int]] = ()
