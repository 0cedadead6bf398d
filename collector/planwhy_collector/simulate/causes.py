"""The causes of a missed plan that a simulated month can have, and what each does to the person's usual figures.

In: nothing. Out: the table of causes and who gets which. Never: a random choice; a seed decides elsewhere.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Cause:
    """Factors multiply the person's usual figures; `late_share` replaces the usual one where given.

    `dominant` names the factor that ought to carry most of the shortfall; None where no single one does.
    `overdue` counts extra overdue tasks by the verdict they deserve. `silent_days` is the share of working days
    without any word from the agent, `luck` asks for a number of contracts that chance alone explains.
    """

    name: str
    dominant: str | None = None
    absent_days: int = 0
    focus: float = 1.0
    sales_share: float = 1.0
    contact_rate: float = 1.0
    late_share: float | None = None
    conversion: float = 1.0
    stretch: float = 1.0
    silent_days: float = 0.0
    luck: bool = False
    overdue: Mapping[str, int] = field(default_factory=dict)


NONE = Cause("none", overdue={"had_capacity": 1})

CAUSES = (
    Cause("distraction", "focus", focus=0.55, overdue={"had_capacity": 4}),
    Cause("service_overload", "sales_share", sales_share=0.5, overdue={"no_capacity": 4}),
    Cause("late_follow_up", "follow_up", late_share=0.6),
    Cause("weak_conversion", "conversion", conversion=0.55, overdue={"had_capacity": 3}),
    Cause("absence", "attendance", absent_days=8, overdue={"absent": 3, "had_capacity": 1}),
    NONE,
    Cause("over_set_plan", "plan_stretch", stretch=1.4, overdue={"no_capacity": 3}),
    Cause("few_contacts", "contact_rate", contact_rate=0.55, overdue={"had_capacity": 4}),
    Cause("tasks_not_closed", "conversion", conversion=0.65, overdue={"worked_not_closed": 5}),
    Cause("agent_off", "contact_rate", contact_rate=0.6, silent_days=0.6, overdue={"had_capacity": 4}),
    Cause("bad_luck", "conversion", luck=True, overdue={"had_capacity": 1}),
    Cause("mixture", focus=0.72, contact_rate=0.75, overdue={"had_capacity": 3}),
)


def cause_of(employee: int, months_back: int) -> Cause:
    """Choose the cause of a month: the month in progress has none, the last full one goes through the table.

    Of the months before, every third has a cause.
    """
    if months_back == 1:
        return CAUSES[employee % len(CAUSES)]
    if months_back > 1 and (employee + months_back) % 3 == 0:
        return CAUSES[(employee + 5 * months_back) % len(CAUSES)]
    return NONE
