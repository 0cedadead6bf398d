"""A simulated month before anything happens in it: working days, absence, and each day's figures. Pure.

In: a member, the days, a cause, chance. Out: a Frame. Never: deals, tasks or screens.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from random import Random

from planwhy_shared.times import HOUR_MS, Interval, days_between, total_ms

from planwhy_collector.facts import AbsenceFact
from planwhy_collector.plan.period import Period
from planwhy_collector.plan.workcalendar import WorkCalendar
from planwhy_collector.simulate.causes import Cause
from planwhy_collector.simulate.day import MINUTE, Shares
from planwhy_collector.simulate.roster import Member


@dataclass(frozen=True, slots=True)
class Workday:
    """A day at work. `packed`: not a minute free. `silent`: the agent was switched off; `hole`: for that while."""

    day: date
    working: tuple[Interval, ...]
    shares: Shares
    packed: bool
    silent: bool
    hole: Interval

    def at(self, hours: float) -> int:
        """The instant that many hours after the day's beginning of work."""
        return self.working[0].start_ms + int(hours * HOUR_MS)

    @property
    def hours(self) -> float:
        """Working hours of the day."""
        return total_ms(self.working) / HOUR_MS


@dataclass(frozen=True, slots=True)
class Frame:
    """A month, or the part of it that was simulated."""

    member: Member
    period: Period
    cause: Cause
    days: tuple[Workday, ...]
    absence: AbsenceFact | None
    expected_ms: int
    absent_ms: int


def framed(rng: Random, member: Member, period: Period, cause: Cause) -> Frame:
    """Lay out a month."""
    calendar = WorkCalendar(member.person)
    dates = [d for d in days_between(period.first, period.last) if calendar.of_day(d)]
    away = _away(dates, cause)
    here = [d for d in dates if d not in away]
    packed = _spread(here, cause.overdue.get("no_capacity", 0))
    silent = set(rng.sample(here, round(cause.silent_days * len(here))))
    shares = _usual(member, cause, len(here), len(packed))
    days = tuple(_day(rng, d, calendar.of_day(d), shares, d in packed, d in silent) for d in here)
    absence = AbsenceFact(away[0], away[-1], rng.choice(("vacation", "sick")), approved=True) if away else None
    whole = {d: total_ms(calendar.of_day(d)) for d in dates}
    return Frame(member, period, cause, days, absence, sum(whole.values()), sum(whole[d] for d in away))


def _away(dates: list[date], cause: Cause) -> list[date]:
    """Absent days in a row, not at the month's edge; none where the month is too short for them."""
    start = len(dates) // 3
    return dates[start : start + cause.absent_days] if len(dates) >= cause.absent_days + 6 else []


def _spread(dates: list[date], count: int) -> set[date]:
    """Choose days evenly, leaving out the first and the last three."""
    inner = dates[1:-3]
    return {inner[i * len(inner) // count] for i in range(count)} if count and len(inner) >= count else set()


def _usual(member: Member, cause: Cause, days: int, packed: int) -> Shares:
    """Figures of a day that is not packed, so that the month as a whole has the person's figures."""
    t = member.traits
    attendance = max(0.3, (t.attendance * days - packed) / max(1, days - packed))
    lost = (1 - t.focus * cause.focus) * t.attendance * days / max(1, attendance * (days - packed))
    return Shares(attendance, max(0.1, 1 - lost), t.sales_share * cause.sales_share)


def _day(rng: Random, day: date, working: tuple[Interval, ...], usual: Shares, packed: bool, silent: bool) -> Workday:
    """One day; on every tenth that is not packed the agent misses some of an hour."""
    start = rng.randint(working[0].start_ms, working[0].end_ms)
    missed = rng.randint(10, 50) * MINUTE if rng.random() < 0.1 and not packed else 0
    return Workday(day, working, _of_day(rng, usual, packed), packed, silent, Interval(start, start + missed))


def _of_day(rng: Random, usual: Shares, packed: bool) -> Shares:
    sales_share = _near(rng, usual.sales_share, 0.03)
    if packed:
        return Shares(1.0, 1.0, sales_share)
    return Shares(_near(rng, usual.attendance, 0.02), _near(rng, usual.focus, 0.02), sales_share)


def _near(rng: Random, value: float, spread: float) -> float:
    return min(0.99, max(0.05, rng.uniform(value - spread, value + spread)))


def numbered(frame: Frame) -> Iterator[tuple[int, Workday]]:
    """The working days with their numbers from 0."""
    yield from enumerate(frame.days)
