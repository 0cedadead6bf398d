"""What one cell may hold, pure. In: a stripped cell. Out: its value. Never: a look at another cell.

Each function raises ValueError with the reason in words, to be shown beside file, line and column.
"""

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any, TypeVar
from zoneinfo import ZoneInfo, available_timezones

from planwhy_shared.hours import DEFAULT, FREE, parse_hours
from planwhy_shared.times import day_bounds, to_ms

from planwhy_collector.errors import InvalidInput
from planwhy_collector.plan.period import Period, parse_period
from planwhy_collector.plan.workcalendar import known_country

ID_CHARS = 128
TEXT_CHARS = 500
YEARS = range(1980, 2101)
"""Years that dates may lie in; others are typing errors."""

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})?", re.ASCII)
_NUMBER = re.compile(r"\d{1,14}(\.\d+)?", re.ASCII)
_TOO_LARGE = re.compile(r"\d{15,}(\.\d+)?", re.ASCII)
_MONEY = re.compile(r"\d{1,14}(\.\d{1,4})?", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_BOOLEANS = {"true": True, "1": True, "yes": True, "да": True, "false": False, "0": False, "no": False, "нет": False}

T = TypeVar("T")


def optional(parse: Callable[[str], T]) -> Callable[[str], T | None]:
    """Make a parser that takes an empty cell for None."""
    return lambda cell: parse(cell) if cell else None


def otherwise(value: T, parse: Callable[[str], T]) -> Callable[[str], T]:
    """Make a parser that takes an empty cell for a default."""
    return lambda cell: parse(cell) if cell else value


def one_of(*choices: str) -> Callable[[str], str]:
    """Make a parser of a word from a list; case does not matter."""

    def parse(cell: str) -> str:
        if cell.lower() not in choices:
            raise ValueError(f"{_shown(cell)} is not one of {', '.join(choices)}")
        return cell.lower()

    return parse


def identifier(cell: str) -> str:
    """An id: not empty, one line."""
    if not cell:
        raise ValueError("empty")
    if len(cell) > ID_CHARS or "\n" in cell or "\r" in cell:
        raise ValueError(f"an id is one line of at most {ID_CHARS} characters")
    return text(cell)


def text(cell: str) -> str:
    """Any text; what looks like a formula is text too. No control characters but line ends and tabs."""
    if len(cell) > TEXT_CHARS:
        raise ValueError(f"{len(cell)} characters, at most {TEXT_CHARS} are allowed")
    if _CONTROL.search(cell):
        raise ValueError("a control character")
    return cell


def name(cell: str) -> str:
    """Text that may not be empty."""
    if not cell:
        raise ValueError("empty")
    return text(cell)


def email(cell: str) -> str:
    """An address such as `name@example.org`, in lower case."""
    local, _, host = cell.partition("@")
    if not local or not host or "@" in host or len(cell) > 254 or re.search(r"\s", cell):
        raise ValueError(f"{_shown(cell)} is not an e-mail address")
    return text(cell).lower()


def day(cell: str) -> date:
    """A date such as 2026-10-31."""
    if not _DATE.fullmatch(cell):
        raise ValueError(f"{_shown(cell)} is not a date such as 2026-10-31")
    return _sane(_known(cell, date.fromisoformat))


def moment(cell: str, zone: ZoneInfo) -> int:
    """An instant in ms: RFC 3339; without an offset it is the wall clock of the zone."""
    if not _MOMENT.fullmatch(cell.upper()):
        raise ValueError(f"{_shown(cell)} is not a time such as 2026-10-31T18:00:00+03:00")
    read = _known(cell.upper(), datetime.fromisoformat)
    _sane(read.date())
    return to_ms(read if read.tzinfo else read.replace(tzinfo=zone))


def beginning(cell: str, zone: ZoneInfo) -> int:
    """An instant in ms; a date alone is that day's beginning in the zone."""
    return day_bounds(day(cell), zone).start_ms if _DATE.fullmatch(cell) else moment(cell, zone)


def ending(cell: str, zone: ZoneInfo) -> int:
    """An instant in ms; a date alone is that day's last millisecond in the zone, so that it falls on that day."""
    return day_bounds(day(cell), zone).end_ms - 1 if _DATE.fullmatch(cell) else moment(cell, zone)


def deadline(cell: str, zone: ZoneInfo) -> tuple[int, bool]:
    """An instant in ms, and whether it is the end of a day because only a date was given."""
    if _DATE.fullmatch(cell):
        return day_bounds(day(cell), zone).end_ms, True
    return moment(cell, zone), False


def changed(cell: str, zone: ZoneInfo, field: str) -> int | str | None:
    """What a task's deadline (ms) or owner (an id) was or became; empty stands for none. Other changes have neither."""
    if not cell:
        return None
    match field.lower():
        case "deadline":
            return deadline(cell, zone)[0]
        case "owner":
            return identifier(cell)
        case "closed" | "reopened" | "deleted":
            raise ValueError("only changes of deadline and owner have old and new")
    return None


def amount(cell: str) -> Decimal:
    """An amount of money, not negative, with a point and at most four decimals."""
    _in_range(cell)
    if not _MONEY.fullmatch(cell):
        raise ValueError(f"{_shown(cell)} is not an amount such as 1500.00")
    return Decimal(cell)


def currency(cell: str) -> str:
    """A currency code of three Latin letters."""
    if not re.fullmatch(r"[A-Za-z]{3}", cell):
        raise ValueError(f"{_shown(cell)} is not a currency code such as RUB")
    return cell.upper()


def number(cell: str) -> float:
    """A number, not negative, with a point."""
    _in_range(cell)
    if not _NUMBER.fullmatch(cell):
        raise ValueError(f"{_shown(cell)} is not a number such as 12.5")
    return float(cell)


def share(cell: str) -> float:
    """A share from 0 to 1."""
    if number(cell) > 1:
        raise ValueError(f"{_shown(cell)} is not a share from 0 to 1")
    return float(cell)


def target(cell: str) -> float:
    """A plan's target, above zero: nothing can be missed by a target of zero."""
    if not cell:
        raise ValueError("empty: a plan needs a target")
    if number(cell) <= 0:
        raise ValueError("a plan's target is above zero")
    return float(cell)


def seconds(cell: str) -> int:
    """Whole seconds, at most a day."""
    if not re.fullmatch(r"\d{1,9}", cell, re.ASCII) or int(cell) > 86_400:
        raise ValueError(f"{_shown(cell)} is not a number of whole seconds from 0 to 86400")
    return int(cell)


def boolean(cell: str) -> bool:
    """Yes or no, in English or Russian, or 1 and 0."""
    if cell.lower() not in _BOOLEANS:
        raise ValueError(f"{_shown(cell)} is not one of {', '.join(_BOOLEANS)}")
    return _BOOLEANS[cell.lower()]


def time_zone(cell: str) -> str:
    """A zone's name such as Europe/Moscow."""
    if cell not in _zones():
        raise ValueError(f"{_shown(cell)} is not a time zone such as Europe/Moscow")
    return cell


@lru_cache(maxsize=256)
def working_hours(cell: str) -> str:
    """Working hours as the contract writes them, kept as text."""
    parse_hours(cell or DEFAULT)
    return cell or DEFAULT


def other_hours(cell: str) -> str:
    """Working hours in place of the usual ones, kept as text; empty for free days, written `-` or not at all."""
    return "" if cell in ("", FREE) else working_hours(cell)


def names_a_day(hours: str, first: date, last: date | None) -> bool:
    """Whether working hours hold any time on a day from first to last; without a last day they do."""
    weekdays = parse_hours(hours).weekdays
    if last is None or (last - first).days >= len(weekdays):
        return True
    return any(weekdays[(first + timedelta(days=n)).weekday()] for n in range((last - first).days + 1))


def country(cell: str) -> str:
    """An ISO code of two letters whose public holidays are known, in upper case."""
    if len(cell) != 2 or not known_country(cell.upper()):
        raise ValueError(f"{_shown(cell)} is not an ISO country code with known public holidays, such as RU")
    return cell.upper()


def period(cell: str) -> Period:
    """A plan's period."""
    try:
        found = parse_period(cell)
    except InvalidInput as error:
        raise ValueError(error.detail) from None
    _sane(found.first)
    return found


def _known(cell: str, read: Callable[[str], Any]) -> Any:
    try:
        return read(cell)
    except ValueError:
        raise ValueError(f"{_shown(cell)} does not exist in the calendar") from None


def _sane(read: date) -> date:
    if read.year not in YEARS:
        raise ValueError(f"the year {read.year} lies outside {YEARS[0]}–{YEARS[-1]}")
    return read


def _in_range(cell: str) -> None:
    if cell.startswith("-"):
        raise ValueError(f"{_shown(cell)} is negative")
    if _TOO_LARGE.fullmatch(cell):
        raise ValueError(f"{_shown(cell)} has more than 14 digits before the point")


def _shown(cell: str) -> str:
    return repr(cell if len(cell) <= 40 else f"{cell[:40]}…") if cell else "empty"


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones() - {"localtime"})
