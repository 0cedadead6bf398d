"""A simulated month before anything happens in it: working days, absence, and each day's figures. Pure.

In: a member, the days, a cause, chance. Out: a Frame. Never: deals, tasks or screens.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from random import Random
from typing import Literal

from planwhy_shared.times import HOUR_MS, Interval, days_between, subtracted, total_ms

from planwhy_collector.facts import AbsenceFact
from planwhy_collector.plan.period import Period
from planwhy_collector.plan.workcalendar import WorkCalendar
from planwhy_collector.simulate.causes import Cause
from planwhy_collector.simulate.day import MINUTE, Shares
from planwhy_collector.simulate.drawing import near
from planwhy_collector.simulate.latent import latent_of
from planwhy_collector.simulate.rhythm import Rhythm, rhythm
from planwhy_collector.simulate.roster import Member

Mood = Literal["plain", "packed", "vague"]
"""Packed and vague days have hardly a minute free; on vague ones the rules do not know the programs of general work."""
_BREATHERS = 0.35
_SPREADS = {"attendance": 0.035, "focus": 0.035, "sales_share": 0.06}
"""Standard deviations of a day's figures around the person's."""


@dataclass(frozen=True, slots=True)
class Workday:
    """A day at work."""

    day: date
    working: tuple[Interval, ...]
    shares: Shares
    mood: Mood
    rhythm: Rhythm

    def at(self, hours: float) -> int:
        """The instant that many hours after the day's beginning of work."""
        return self.working[0].start_ms + int(hours * HOUR_MS)

    @property
    def hours(self) -> float:
        """Working hours of the day."""
        return total_ms(self.working) / HOUR_MS

    @property
    def there(self) -> tuple[Interval, ...]:
        """Working hours in which the person has come and not left."""
        return subtracted(self.working, (Interval(s.start_ms, s.end_ms) for s in self.rhythm.away))


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
    away = _away(rng, dates, cause)
    here = [d for d in dates if d not in away]
    moods = _moods(here, cause)
    usual = _usual(member, cause, len(here), len(moods))
    days = tuple(_day(rng, d, calendar.of_day(d), usual, moods.get(d, "plain")) for d in here)
    absence = AbsenceFact(away[0], away[-1], rng.choice(("vacation", "sick")), approved=True) if away else None
    whole = {d: total_ms(calendar.of_day(d)) for d in dates}
    return Frame(member, period, cause, days, absence, sum(whole.values()), sum(whole[d] for d in away))


def numbered(frame: Frame) -> Iterator[tuple[int, Workday]]:
    """The working days with their numbers from 0."""
    yield from enumerate(frame.days)


def _away(rng: Random, dates: list[date], cause: Cause) -> list[date]:
    """Absent days in a row, not at the month's edge; fewer, or none, where the month is too short for them."""
    count = min(cause.absent_days, len(dates) - 8)
    if count < 1:
        return []
    start = rng.randint(3, len(dates) - count - 5)
    return dates[start : start + count]


def _moods(dates: list[date], cause: Cause) -> dict[date, Mood]:
    """Days that are not plain, spread evenly, without the first and the last three."""
    packed, vague = (cause.overdue.get(verdict, 0) for verdict in ("no_capacity", "unclear"))
    count, inner = packed + vague, dates[1:-3]
    if not count or len(inner) < 2 * count:
        return {}
    return {inner[i * len(inner) // count]: "packed" if i < packed else "vague" for i in range(count)}


def _usual(member: Member, cause: Cause, days: int, full: int) -> Shares:
    """Figures of a plain day, so that the month with its `full` days as a whole has the person's figures."""
    t = latent_of(member, cause)
    attendance = max(0.3, (t.attendance * days - full) / max(1, days - full))
    lost = (1 - t.focus) * t.attendance * days / max(1, attendance * (days - full))
    return Shares(attendance, max(0.1, 1 - lost), t.sales_share)


def _breather(rng: Random) -> int:
    """Some packed days hold a break about as long as a task takes, so that verdicts are not all clear-cut."""
    return int(rng.uniform(4, 20) * MINUTE) if rng.random() < _BREATHERS else 0


def _day(rng: Random, day: date, working: tuple[Interval, ...], usual: Shares, mood: Mood) -> Workday:
    sales_share = near(rng, usual.sales_share, _SPREADS["sales_share"])
    shares = Shares(1 - _breather(rng) / total_ms(working) if mood == "packed" else 1.0, 1.0, sales_share)
    if mood == "plain":
        attendance, focus = (near(rng, getattr(usual, n), _SPREADS[n]) for n in ("attendance", "focus"))
        shares = Shares(attendance, focus, sales_share)
    spare = int((1 - shares.attendance) * total_ms(working))
    return Workday(day, working, shares, mood, rhythm(rng, working, spare))
