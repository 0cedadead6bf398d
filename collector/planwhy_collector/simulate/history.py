"""The whole simulated history of one person: months with their causes, plans, truth. Pure.

In: a member, an order. Out: a History; the same for the same arguments. Never: a file.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from planwhy_collector.plan.period import Period, month_of, parse_period
from planwhy_collector.simulate.ahead import Ahead, ahead
from planwhy_collector.simulate.causes import cause_of
from planwhy_collector.simulate.month import Month, lived
from planwhy_collector.simulate.order import Order
from planwhy_collector.simulate.roster import Member
from planwhy_collector.simulate.seeing import View, view_of
from planwhy_collector.simulate.truth import SimulatedPlan, TrueMonth, planned, truth_of
from planwhy_collector.simulate.verdicts import end_of, overdue


@dataclass(frozen=True, slots=True)
class History:
    """A person's months in order, what was seen of them, plans of those that began within the days, the truth.

    `ahead`: what the person means to do next as the days end.
    """

    member: Member
    months: tuple[Month, ...]
    views: tuple[View, ...]
    plans: tuple[SimulatedPlan, ...]
    truth: tuple[TrueMonth, ...]
    ahead: Ahead


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of days within one month. `plan` is the period planned: the month, where its beginning is in it."""

    period: Period
    plan: Period | None
    months_back: int

    @property
    def full(self) -> bool:
        """Whether the planned period was simulated to its end, so that its truth is known."""
        return self.plan is not None and self.plan.last == self.period.last


def parts(first: date, last: date) -> tuple[Part, ...]:
    """Cut the days into months; where no month lies within them, all days are one period with a plan of its own."""
    whole = parse_period(f"{first}..{last}") if (last - first).days < 62 else None
    months = _months(first, last)
    if whole and not any(first <= m.first and m.last <= last for m in months):
        return (Part(whole, whole, 1),)
    running = months[-1].last > last
    return tuple(
        Part(_cut(m, first, last), m if m.first >= first else None, len(months) - n - (1 if running else 0))
        for n, m in enumerate(months)
    )


def history(member: Member, order: Order) -> History:
    """Live through all days of the order."""
    told = [_lived(member, order, part, number) for number, part in enumerate(parts(order.first, order.last))]
    months = tuple(month for month, _, _, _ in told)
    return History(
        member,
        months=months,
        views=tuple(view for _, view, _, _ in told),
        plans=tuple(plan for _, _, plan, _ in told if plan),
        truth=tuple(truth for _, _, _, truth in told if truth),
        ahead=ahead(_chance(order, "ahead", member.number), member, months, order.last),
    )


def _lived(
    member: Member, order: Order, part: Part, number: int
) -> tuple[Month, View, SimulatedPlan | None, TrueMonth | None]:
    """Live through one part, look at it, and where it is planned and full, tell the truth of it."""
    cause = cause_of(member.number, part.months_back, order.causes)
    chance = _chance(order, "month", member.number, part.period.first)
    month = lived(chance, member, part.period, cause, number, order.typical)
    view = view_of(month, order.seed, order.hidden(member.number, part.months_back))
    if part.plan is None:
        return month, view, None, None
    plan = planned(member, part.plan, cause, order.is_bare(member.number, part.months_back))
    return month, view, plan, truth_of(month, view, plan, overdue(month, view, end_of(month))) if part.full else None


def _chance(order: Order, *of: object) -> Random:
    """A source of chance of its own for each thing, so that none moves another."""
    return Random("/".join(str(one) for one in (order.seed, *of)))  # noqa: S311  a simulation, not a secret


def full_months(first: date, last: date) -> int:
    """How many periods of these days have a truth."""
    return sum(part.full for part in parts(first, last))


def _months(first: date, last: date) -> list[Period]:
    out = [month_of(first)]
    while out[-1].last < last:
        out.append(month_of(out[-1].last + timedelta(days=1)))
    return out


def _cut(month: Period, first: date, last: date) -> Period:
    if first <= month.first and month.last <= last:
        return month
    return parse_period(f"{max(first, month.first)}..{min(last, month.last)}")
