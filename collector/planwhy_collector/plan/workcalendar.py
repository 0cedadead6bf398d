"""A person's working calendar: which instants are working time, which of them are approved absence.

In: a person, absences. Out: intervals. Sources: the person's working hours, the public holidays of the country
(library `holidays`), the days of hiring and leaving. Never: what was recorded.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

import holidays
from planwhy_shared.times import Interval, clipped, day_bounds, day_of, days_between, intersected, merged

from planwhy_collector.facts import AbsenceFact, Person


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """Working time of one person."""

    person: Person

    def of_day(self, day: date) -> tuple[Interval, ...]:
        """Working intervals of a day; none on holidays, before hiring and after leaving."""
        person = self.person
        if (person.hired_on and day < person.hired_on) or (person.left_on and day > person.left_on):
            return ()
        if person.country and day in _holidays(person.country, day.year):
            return ()
        return person.hours.of_day(day, person.zone)

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
