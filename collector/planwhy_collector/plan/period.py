"""Periods as people write them: `2026-10`, `2026-W43`, `2026-Q4`, `2026-10-01..2026-10-15`.

In: text. Out: first and last day. Never: today's date.
"""

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta

from planwhy_collector.errors import InvalidInput

_MONTH = re.compile(r"(\d{4})-(\d{2})")
_WEEK = re.compile(r"(\d{4})-W(\d{2})")
_QUARTER = re.compile(r"(\d{4})-Q([1-4])")
_RANGE = re.compile(r"(\d{4}-\d{2}-\d{2})\.\.(\d{4}-\d{2}-\d{2})")
_LONGEST_DAYS = 400
_YEARS = (1970, 9000)
"""Calendars compute a little beyond a period's ends, and there are no days outside of the years 1 to 9999."""


@dataclass(frozen=True, slots=True)
class Period:
    """Days from `first` to `last`, both included, and the text that named them."""

    text: str
    first: date
    last: date

    def holds(self, other: "Period") -> bool:
        """Whether the other period lies within this one."""
        return self.first <= other.first and other.last <= self.last


def parse_period(text: str) -> Period:
    """Read a period. Raises InvalidInput that names the text and the forms there are."""
    try:
        first, last = _days(text.strip())
    except ValueError as error:
        raise InvalidInput(f"period {text!r}: {error}") from None
    if last < first:
        raise InvalidInput(f"period {text!r}: ends before it begins")
    if (last - first).days >= _LONGEST_DAYS:
        raise InvalidInput(f"period {text!r}: longer than {_LONGEST_DAYS} days")
    if first.year < _YEARS[0] or last.year > _YEARS[1]:
        raise InvalidInput(f"period {text!r}: outside of the years {_YEARS[0]} to {_YEARS[1]}")
    return Period(text.strip(), first, last)


def month_of(day: date) -> Period:
    """The calendar month of a day."""
    return parse_period(f"{day:%Y-%m}")


def months_before(first: date, count: int) -> tuple[Period, ...]:
    """The `count` calendar months that end before the month of `first`, the latest last."""
    out: list[Period] = []
    at = first.replace(day=1)
    for _ in range(count):
        at = (at - timedelta(days=1)).replace(day=1)
        out.append(month_of(at))
    return tuple(reversed(out))


def previous(period: Period) -> Period:
    """The period of the same length just before: of a month the month, of a quarter the quarter, else as many days."""
    last = period.first - timedelta(days=1)
    for whole_of in (month_of, quarter_of):
        whole = whole_of(period.first)
        if (whole.first, whole.last) == (period.first, period.last):
            return whole_of(last)
    first = last - (period.last - period.first)
    return Period(f"{first}..{last}", first, last)


def quarter_of(day: date) -> Period:
    """The calendar quarter of a day."""
    return parse_period(f"{day.year:04}-Q{(day.month + 2) // 3}")


def _days(text: str) -> tuple[date, date]:
    if found := _MONTH.fullmatch(text):
        return _month(int(found[1]), int(found[2]))
    if found := _WEEK.fullmatch(text):
        monday = date.fromisocalendar(int(found[1]), int(found[2]), 1)
        return monday, monday + timedelta(days=6)
    if found := _QUARTER.fullmatch(text):
        quarter = int(found[2])
        return _month(int(found[1]), quarter * 3 - 2)[0], _month(int(found[1]), quarter * 3)[1]
    if found := _RANGE.fullmatch(text):
        return date.fromisoformat(found[1]), date.fromisoformat(found[2])
    raise ValueError("expected such as 2026-10, 2026-W43, 2026-Q4 or 2026-10-01..2026-10-15")


def _month(year: int, month: int) -> tuple[date, date]:
    first = date(year, month, 1)
    return first, date(year, month, calendar.monthrange(year, month)[1])
