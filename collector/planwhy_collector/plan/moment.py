"""An instant as people and scripts write it. In: a text, a zone. Out: milliseconds. Never: what time it is now."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from planwhy_shared.times import to_ms

from planwhy_collector.errors import InvalidInput

FIRST_YEAR, LAST_YEAR = 2000, 9000
LONGEST = 40
DAY = len("2026-10-05")


def instant_of(text: str, zone: ZoneInfo, clock: time = time.min) -> int:
    """Read a time, in the zone where it has no offset, or a day, of which `clock` is meant. Raises InvalidInput."""
    try:
        if len(text) == DAY:
            found = datetime.combine(date.fromisoformat(text), clock)
        else:
            found = datetime.fromisoformat(text[:LONGEST])
        if not FIRST_YEAR <= found.year < LAST_YEAR:
            raise ValueError(text)
    except ValueError:
        expected = "2026-10-05, 2026-10-05T10:00 or 2026-10-05T10:00:00+03:00"
        raise InvalidInput(f"time {text[:LONGEST]!r}: expected such as {expected}") from None
    return to_ms(found if found.tzinfo else found.replace(tzinfo=zone))
