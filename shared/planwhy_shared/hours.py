"""Working hours written as text, such as `Mon-Fri 09:00-13:00,14:00-18:00;Sat 10:00-14:00`.

In: the text. Out: the working intervals of a date in a zone. Never: holidays or absences, which the collector adds.
"""

import re
from dataclasses import dataclass
from datetime import date, time
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

from planwhy_shared.times import Interval, local_ms, merged

DEFAULT = "Mon-Fri 09:00-13:00,14:00-18:00"
FREE = "-"
"""A week without working hours."""
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)|24:00")


@dataclass(frozen=True, slots=True)
class WorkingHours:
    """For each weekday, Monday first, its stretches as (from, to) in minutes since midnight; `to` up to 1440."""

    weekdays: tuple[tuple[tuple[int, int], ...], ...]

    def of_day(self, day: date, zone: ZoneInfo) -> tuple[Interval, ...]:
        """Working intervals of a date in the zone, in order, not overlapping."""
        return _of_day(self.weekdays[day.weekday()], day, zone)

    def text(self) -> str:
        """Write the hours so that `parse_week` reads the same again; `-` where no day has any."""
        named = ((name, day) for name, day in zip(DAYS, self.weekdays, strict=True) if day)
        groups = (f"{name} {','.join(f'{_clock(a)}-{_clock(b)}' for a, b in day)}" for name, day in named)
        return ";".join(groups) or FREE


def parse_hours(text: str) -> WorkingHours:
    """Read working hours. Raises ValueError with what is wrong and where."""
    weekdays: list[list[tuple[int, int]]] = [[] for _ in DAYS]
    for group in filter(None, (g.strip() for g in text.split(";"))):
        days, _, stretches = group.partition(" ")
        if not stretches.strip():
            raise ValueError(f"working hours: {group!r} has no times, expected such as 'Mon-Fri 09:00-18:00'")
        parsed = tuple(_stretch(part.strip()) for part in stretches.split(","))
        for weekday in _weekdays(days):
            weekdays[weekday].extend(parsed)
    if not any(weekdays):
        raise ValueError("working hours: no day is named")
    return WorkingHours(tuple(_ordered(stretches) for stretches in weekdays))


def parse_week(text: str) -> WorkingHours:
    """Read the hours of one certain week, which may be free: as `parse_hours`, and `-`. Raises ValueError."""
    return WorkingHours(((),) * len(DAYS)) if text.strip() == FREE else parse_hours(text)


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _weekdays(text: str) -> list[int]:
    found: list[int] = []
    for part in text.split(","):
        first, _, last = part.partition("-")
        a, b = _weekday(first), _weekday(last or first)
        if a > b:
            raise ValueError(f"working hours: {part!r} runs backwards")
        found.extend(range(a, b + 1))
    return found


def _weekday(name: str) -> int:
    try:
        return DAYS.index(name.strip().capitalize())
    except ValueError:
        raise ValueError(f"working hours: {name!r} is not one of {', '.join(DAYS)}") from None


def _stretch(text: str) -> tuple[int, int]:
    first, dash, last = text.partition("-")
    a, b = _minutes(first), _minutes(last)
    if not dash or a >= b:
        raise ValueError(f"working hours: {text!r} does not end after it begins")
    return a, b


def _minutes(text: str) -> int:
    if not _CLOCK.fullmatch(text.strip()):
        raise ValueError(f"working hours: {text.strip()!r} is not a time such as 09:00")
    hours, minutes = text.strip().split(":")
    return int(hours) * 60 + int(minutes)


def _ordered(stretches: list[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    ordered = tuple(sorted(stretches))
    for (_, end), (start, _) in pairwise(ordered):
        if start < end:
            raise ValueError(f"working hours: two stretches overlap at {start // 60:02}:{start % 60:02}")
    return ordered


@lru_cache(maxsize=4096)  # a report asks for the same months again and again
def _of_day(stretches: tuple[tuple[int, int], ...], day: date, zone: ZoneInfo) -> tuple[Interval, ...]:
    return merged(Interval(_at(day, a, zone), _at(day, b, zone)) for a, b in stretches)


def _at(day: date, minutes: int, zone: ZoneInfo) -> int:
    if minutes == 24 * 60:
        return local_ms(date.fromordinal(day.toordinal() + 1), time(), zone)
    return local_ms(day, time(minutes // 60, minutes % 60), zone)
