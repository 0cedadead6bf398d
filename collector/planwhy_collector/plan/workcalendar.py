"""A person's working calendar: which instants are working time, which of them are approved absence.

In: a person, absences. Out: intervals. Sources: the person's working hours, calendar exceptions, the public holidays
of the country (library `holidays`), the days of hiring and leaving. Never: what was recorded.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache

import holidays
from planwhy_shared.hours import DAYS, WorkingHours
from planwhy_shared.times import Interval, clipped, day_bounds, day_of, days_between, intersected, merged

from planwhy_collector.facts import AbsenceFact, Person
from planwhy_collector.plan.exceptions import Turns, decides, turns_of


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """Working time of one person."""

    person: Person
    _own: Turns = field(init=False, repr=False, compare=False)
    _common: Turns = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Prepare the exceptions: a day is asked for many times."""
        exceptions = self.person.exceptions
        object.__setattr__(self, "_own", turns_of(tuple(e for e in exceptions if not e.everybody)))
        object.__setattr__(self, "_common", turns_of(tuple(e for e in exceptions if e.everybody)))

    def hours_on(self, day: date) -> WorkingHours | None:
        """The weekly hours by which a day goes; None where it is free.

        What counts, the first that says anything: not employed; the own exception that decides the day; everybody's;
        a public holiday; the own exception in place of the usual hours; everybody's; the usual hours.
        """
        person = self.person
        if (person.hired_on and day < person.hired_on) or (person.left_on and day > person.left_on):
            return None
        own, common = self._own.on(day), self._common.on(day)
        for exception in (own, common):
            if exception is not None and decides(exception):
                return exception.hours
        if person.country and day in _holidays(person.country, day.year):
            return None
        pattern = own or common
        return pattern.hours if pattern else person.hours

    def of_day(self, day: date) -> tuple[Interval, ...]:
        """Working intervals of a day; none where it is free."""
        hours = self.hours_on(day)
        return hours.of_day(day, self.person.zone) if hours else ()

    def week_from(self, first: date) -> WorkingHours:
        """The hours of the seven days from a day on, each under its weekday."""
        weekdays: dict[int, tuple[tuple[int, int], ...]] = {}
        for day in days_between(first, first + timedelta(days=len(DAYS) - 1)):
            hours = self.hours_on(day)
            weekdays[day.weekday()] = hours.weekdays[day.weekday()] if hours else ()
        return WorkingHours(tuple(weekdays[at] for at in range(len(DAYS))))

    def of_days(self, first: date, last: date) -> tuple[Interval, ...]:
        """Working intervals from the first to the last day, both included."""
        return tuple(i for day in days_between(first, last) for i in self.of_day(day))

    def within(self, bounds: Interval) -> tuple[Interval, ...]:
        """Working intervals between two instants."""
        if not bounds.ms:
            return ()
        first, last = day_of(bounds.start_ms, self.person.zone), day_of(bounds.end_ms, self.person.zone)
        return clipped(self.of_days(first, last), bounds)

    def ms_between(self, start_ms: int, end_ms: int) -> int:
        """Working milliseconds between two instants; 0 where the second is not later."""
        return sum(i.ms for i in self.within(Interval(start_ms, max(start_ms, end_ms))))

    def after(self, start_ms: int, working_ms: int, horizon_days: int = 60) -> int:
        """The instant at which that much working time has passed since `start_ms`.

        Where the calendar holds too little within the horizon, the horizon's end.
        """
        left = working_ms
        zone = self.person.zone
        day = day_of(start_ms, zone)
        for one in days_between(day, day + timedelta(days=horizon_days)):
            for part in clipped(self.of_day(one), Interval(start_ms, day_bounds(one, zone).end_ms)):
                if part.ms >= left:
                    return part.start_ms + left
                left -= part.ms
        return day_bounds(day + timedelta(days=horizon_days), zone).end_ms

    def absent(self, absences: Iterable[AbsenceFact], bounds: Interval) -> tuple[Interval, ...]:
        """Working time of approved absences between two instants."""
        zone = self.person.zone
        away = merged(
            Interval(day_bounds(a.first_day, zone).start_ms, day_bounds(a.last_day, zone).end_ms)
            for a in absences
            if a.approved
        )
        return intersected(self.within(bounds), away)


@lru_cache(maxsize=256)
def _holidays(country: str, year: int) -> holidays.HolidayBase:
    return holidays.country_holidays(country, years=year)


def known_country(country: str) -> bool:
    """Whether public holidays of the ISO country code are known; the empty code (no holidays) is."""
    return not country or country in holidays.list_supported_countries()
