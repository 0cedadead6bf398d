"""Whether a plan is a case (method, section 6). In: what was reached, overdue hours, thresholds. Out: yes or no.

The mission speaks of a plan that is missed *and* of tasks that are plainly overdue: neither alone is a case, neither
after the period nor within it. Never: a conclusion; that is a person's.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from math import isfinite

from planwhy_collector.errors import InvalidInput
from planwhy_collector.plan.pace import Running


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From when on a plan is a case. Shares are 0-1.

    `miss_share` of the target missed at the end; before it, a pace below `pace_share` once `pace_after` of the
    period's hours have passed; and with either, so many overdue tasks or overdue working hours.
    """

    miss_share: float
    miss_overdue_tasks: int
    miss_overdue_hours: float
    pace_share: float
    pace_after: float


@dataclass(frozen=True, slots=True)
class OwnThresholds:
    """What a team has of its own; None takes the setting."""

    miss_share: float | None = None
    miss_overdue_tasks: int | None = None
    miss_overdue_hours: float | None = None
    pace_share: float | None = None
    pace_after: float | None = None

    def over(self, common: Thresholds) -> Thresholds:
        """What is in force where these are the team's own."""
        own = {name: value for name in NAMES if (value := getattr(self, name)) is not None}
        return replace(common, **own)


NAMES = tuple(field.name for field in fields(Thresholds))
SHARES = ("miss_share", "pace_share", "pace_after")
MOST = 10_000


def checked(own: OwnThresholds) -> OwnThresholds:
    """The same thresholds. Raises InvalidInput that names the one out of its range."""
    for name in NAMES:
        value = getattr(own, name)
        low, high = (1 if name == "miss_overdue_tasks" else 0), (1 if name in SHARES else MOST)
        if value is not None and not (isfinite(value) and low <= value <= high):
            raise InvalidInput(f"{name} {value:g}: expected a number from {low} to {high}")
    return own


def missed(target: float, actual: float, limits: Thresholds) -> bool:
    """Whether a plan that has ended was missed by more than the share."""
    return target - actual > max(0.0, limits.miss_share * target)


def behind(run: Running, limits: Thresholds) -> bool:
    """Whether a running plan is clearly behind: enough of it has passed, and the pace is below the share."""
    return run.share >= limits.pace_after and run.pace is not None and run.pace < limits.pace_share


def plainly_overdue(hours: Sequence[float], limits: Thresholds) -> bool:
    """Whether tasks overdue for these working hours, one each, reach the number or the sum."""
    enough = len(hours) >= limits.miss_overdue_tasks or sum(hours) >= limits.miss_overdue_hours
    return bool(hours) and enough
