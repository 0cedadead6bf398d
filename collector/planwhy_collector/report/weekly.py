"""Stage 11, pure: what a team's weekly report says. In: facts of the week. Out: view data whose numbers add up.

Never: a person's work and non-work time, a score, a ranking: people stand in the order of their names, and time by
kind is given for the team as a whole, and only where enough people stand behind it.
"""

from collections.abc import Iterable, Sequence

from msgspec import Struct, structs

from planwhy_collector.explain.result import ObjectionSum, RevisedOut
from planwhy_collector.plan.measured import TimeSplit
from planwhy_collector.report.words import KINDS

LEAST_PEOPLE = 3
"""A team total of fewer people would tell of one of them."""
_HOUR_MS = 3_600_000


class OverdueRow(Struct, frozen=True):
    """An overdue task of the CRM; the supervisor sees it there too."""

    task_id: str
    title: str
    deadline: str
    overdue_hours: float


class PersonRow(Struct, frozen=True):
    """One person's week: plan and fact of the running plan period to date, overdue tasks, coverage, case.

    `revised` are days that came out differently after they had been settled.
    `target` and `actual` are None without a plan. `coverage` None: no working time in the week.
    """

    employee_id: str
    name: str
    metric: str | None
    target: float | None
    actual: float | None
    currency: str | None
    plan_note: str | None
    overdue: tuple[OverdueRow, ...]
    coverage: float | None
    case_id: str | None
    deals_without_step: int
    revised: tuple[RevisedOut, ...] = ()


class WeeklyReport(Struct, frozen=True):
    """A team's week. `time_hours` by kind adds up to the team's expected hours; None for a small team.

    `objections` sums up the people's open objections to time of the week; their hours stand only beside `time_hours`.
    """

    team: str
    week: str
    first: str
    last: str
    as_of: str
    people: tuple[PersonRow, ...]
    time_hours: dict[str, float] | None
    coverage: float | None
    objections: ObjectionSum | None = None

    @property
    def overdue_count(self) -> int:
        """Overdue tasks of the whole team."""
        return sum(len(person.overdue) for person in self.people)

    @property
    def revised_people(self) -> tuple[PersonRow, ...]:
        """Who has days that were revised."""
        return tuple(person for person in self.people if person.revised)

    @property
    def without_step(self) -> int:
        """Open deals without an open task, of the whole team."""
        return sum(person.deals_without_step for person in self.people)


def without_time(report: WeeklyReport) -> WeeklyReport:
    """The report without the team's hours, contested ones too."""
    found = report.objections
    return structs.replace(report, time_hours=None, objections=found and ObjectionSum(found.count, None))


def team_hours(splits: Sequence[TimeSplit]) -> dict[str, float] | None:
    """Hours by kind of everyone added up; None where fewer than LEAST_PEOPLE have recorded time."""
    if sum(split.recorded > 0 for split in splits) < LEAST_PEOPLE:
        return None
    whole = _added(splits)
    hours = {kind: getattr(whole, kind) / _HOUR_MS for kind in KINDS if kind != "unrecorded"}
    return hours | {"unrecorded": whole.unrecorded / _HOUR_MS}


def team_coverage(splits: Sequence[TimeSplit]) -> float | None:
    """Recorded time of everyone over their expected time without approved absence."""
    whole = _added(splits)
    return whole.coverage if whole.expected > whole.absent else None


def _added(splits: Iterable[TimeSplit]) -> TimeSplit:
    whole = TimeSplit()
    for split in splits:
        whole = whole.plus(split)
    return whole
