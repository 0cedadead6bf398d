"""The whole simulated history of one person: months with their causes, plans, truth. Pure.

In: a member, first and last day, a seed. Out: a History; the same for the same arguments. Never: a file.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from planwhy_collector.plan.period import Period, month_of, parse_period
from planwhy_collector.simulate.causes import Cause, cause_of
from planwhy_collector.simulate.month import Month, lived
from planwhy_collector.simulate.roster import Member
from planwhy_collector.simulate.truth import SimulatedPlan, TrueMonth, planned, truth_of
from planwhy_collector.simulate.verdicts import end_of, overdue


@dataclass(frozen=True, slots=True)
class History:
    """A person's months in order, the plans of those that began within the simulated days, and the truth."""

    member: Member
    months: tuple[Month, ...]
    plans: tuple[SimulatedPlan, ...]
    truth: tuple[TrueMonth, ...]


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


def history(member: Member, first: date, last: date, seed: int) -> History:
    """Live through all days from first to last."""
    months: list[Month] = []
    plans: list[SimulatedPlan] = []
    truth: list[TrueMonth] = []
    for number, part in enumerate(parts(first, last)):
        cause = cause_of(member.number, part.months_back)
        rng = Random(f"{seed}/month/{member.number}/{part.period.first}")  # noqa: S311  a simulation, not a secret
        month = lived(rng, member, part.period, cause, number)
        months.append(month)
        if part.plan is not None:
            plans.append(_plan(member, part, cause))
            if part.full:
                truth.append(truth_of(month, plans[-1], overdue(month, end_of(month))))
    return History(member, tuple(months), tuple(plans), tuple(truth))


def _plan(member: Member, part: Part, cause: Cause) -> SimulatedPlan:
    assert part.plan is not None  # noqa: S101  the caller looked
    return planned(member, part.plan, cause)


def _months(first: date, last: date) -> list[Period]:
    out = [month_of(first)]
    while out[-1].last < last:
        out.append(month_of(out[-1].last + timedelta(days=1)))
    return out


def _cut(month: Period, first: date, last: date) -> Period:
    if first <= month.first and month.last <= last:
        return month
    return parse_period(f"{max(first, month.first)}..{min(last, month.last)}")
