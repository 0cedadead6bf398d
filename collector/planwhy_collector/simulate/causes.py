"""The causes of a missed plan that a simulated month can have, and what each does to the person's usual figures.

In: names of causes. Out: the table of causes and who gets which. Never: a random choice; a seed decides elsewhere.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from planwhy_collector.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class Cause:
    """Factors multiply the person's usual figures; `late_share` replaces the usual one where given.

    `dominant` names the factor that ought to carry most of the shortfall; None where no single one does.
    `overdue` counts extra overdue tasks by the verdict they are laid out for. `silent_days` is the share of working
    days without any word from the agent, `luck` asks for a number of contracts that chance alone explains. `parts`
    names what a mixture is made of.
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
    parts: tuple[str, ...] = ()


NONE = Cause("none", overdue={"had_capacity": 1})

MIXTURES = (
    Cause("mixture", focus=0.72, contact_rate=0.75, overdue={"had_capacity": 3}, parts=("distraction", "few_contacts")),
    Cause(
        "mixture", sales_share=0.7, late_share=0.4, overdue={"no_capacity": 3},
        parts=("service_overload", "late_follow_up"),
    ),
    Cause(
        "mixture", absent_days=5, conversion=0.7, overdue={"absent": 2, "had_capacity": 1},
        parts=("absence", "weak_conversion"),
    ),
    Cause(
        "mixture", stretch=1.2, focus=0.75, overdue={"had_capacity": 2, "unclear": 1},
        parts=("over_set_plan", "distraction"),
    ),
    Cause(
        "mixture", silent_days=0.25, conversion=0.65, overdue={"had_capacity": 3},
        parts=("agent_off", "weak_conversion"),
    ),
)  # fmt: skip
"""The cause `mixture` is one of these in turn."""

CAUSES = (
    Cause("distraction", "focus", focus=0.55, overdue={"had_capacity": 4}),
    Cause("service_overload", "sales_share", sales_share=0.5, overdue={"no_capacity": 4}),
    Cause("late_follow_up", "follow_up", late_share=0.6),
    Cause("weak_conversion", "conversion", conversion=0.55, overdue={"had_capacity": 3}),
    Cause("absence", "attendance", absent_days=8, overdue={"absent": 3, "had_capacity": 1}),
    NONE,
    Cause("over_set_plan", "plan_stretch", stretch=1.4, overdue={"no_capacity": 2, "unclear": 1}),
    Cause("few_contacts", "contact_rate", contact_rate=0.55, overdue={"had_capacity": 3, "unclear": 1}),
    Cause("tasks_not_closed", "conversion", conversion=0.65, overdue={"worked_not_closed": 5}),
    Cause("agent_off", "contact_rate", contact_rate=0.6, silent_days=0.6, overdue={"had_capacity": 4}),
    Cause("bad_luck", "conversion", luck=True, overdue={"had_capacity": 1}),
    MIXTURES[0],
)
NAMES = tuple(cause.name for cause in CAUSES)


def cause_of(employee: int, months_back: int, causes: Sequence[str] = ()) -> Cause:
    """Choose the cause of a month; the month in progress (0 back) has none.

    With `causes`, every month has one of them in turn. Without, the last full month goes through the table, and of
    the months before every third has a cause.
    """
    if months_back < 1:
        return NONE
    if causes:
        return _meant(NAMES.index(causes[(employee + months_back) % len(causes)]), employee, months_back)
    if months_back == 1:
        return _meant(employee % len(CAUSES), employee, months_back)
    if (employee + months_back) % 3 == 0:
        return _meant((employee + 5 * months_back) % len(CAUSES), employee, months_back)
    return NONE


def known_causes(text: str) -> tuple[str, ...]:
    """Read names separated by commas. Raises InvalidInput that names the unknown one and the known ones."""
    names = tuple(name.strip() for name in text.split(",") if name.strip())
    for name in names:
        if name not in NAMES:
            raise InvalidInput(f"causes: {name!r} is not one of {', '.join(NAMES)}")
    return names


def _meant(place: int, employee: int, months_back: int) -> Cause:
    cause = CAUSES[place]
    return MIXTURES[(employee + months_back // len(CAUSES)) % len(MIXTURES)] if cause.parts else cause
