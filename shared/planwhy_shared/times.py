"""Instants, days, weeks and intervals. Everything is pure: the zone and the moment are arguments.

Instants are Unix epoch milliseconds, UTC. Days are dates in a person's zone; a day's bounds respect daylight
saving, so that a day lasts 23, 24 or 25 hours.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

HOUR_MS = 3_600_000


@dataclass(frozen=True, slots=True, order=True)
class Interval:
    """From `start_ms` up to, not including, `end_ms`."""

    start_ms: int
    end_ms: int

    @property
    def ms(self) -> int:
        """Its length, never negative."""
        return max(0, self.end_ms - self.start_ms)

    def cut(self, other: "Interval") -> "Interval":
        """Cut it down to the part shared with another; of length 0 where there is none."""
        start = max(self.start_ms, other.start_ms)
        return Interval(start, max(start, min(self.end_ms, other.end_ms)))


def total_ms(intervals: Iterable[Interval]) -> int:
    """Add up lengths. The intervals are taken as they are: overlaps count twice."""
    return sum(i.ms for i in intervals)


def merged(intervals: Iterable[Interval]) -> tuple[Interval, ...]:
    """Sort, join what overlaps or touches, and drop the empty."""
    out: list[Interval] = []
    for one in sorted(i for i in intervals if i.ms):
        if out and one.start_ms <= out[-1].end_ms:
            out[-1] = Interval(out[-1].start_ms, max(out[-1].end_ms, one.end_ms))
        else:
            out.append(one)
    return tuple(out)


def clipped(intervals: Iterable[Interval], bounds: Interval) -> tuple[Interval, ...]:
    """Keep the part within the bounds of each interval, without the empty."""
    return tuple(part for i in intervals if (part := i.cut(bounds)).ms)


def intersected(left: Iterable[Interval], right: Iterable[Interval]) -> tuple[Interval, ...]:
    """Keep what lies in both sets."""
    a, b = merged(left), merged(right)
    out: list[Interval] = []
    i = j = 0
    while i < len(a) and j < len(b):
        if (part := a[i].cut(b[j])).ms:
            out.append(part)
        if a[i].end_ms <= b[j].end_ms:
            i += 1
        else:
            j += 1
    return tuple(out)


def subtracted(left: Iterable[Interval], right: Iterable[Interval]) -> tuple[Interval, ...]:
    """Keep what lies in the first set and not in the second."""
    out: list[Interval] = []
    holes = merged(right)
    for one in merged(left):
        at = one.start_ms
        for hole in holes:
            if hole.end_ms <= at or hole.start_ms >= one.end_ms:
                continue
            if hole.start_ms > at:
                out.append(Interval(at, hole.start_ms))
            at = max(at, hole.end_ms)
        if at < one.end_ms:
            out.append(Interval(at, one.end_ms))
    return tuple(out)


def to_ms(moment: datetime) -> int:
    """Milliseconds of an aware datetime. Raises ValueError for a naive one."""
    if moment.tzinfo is None:
        raise ValueError("a time without an offset")
    return round(moment.timestamp() * 1000)


def from_ms(ms: int, zone: ZoneInfo | None = None) -> datetime:
    """Make an aware datetime in the zone, UTC by default."""
    moment = datetime.fromtimestamp(ms // 1000, tz=zone or UTC)
    return moment.replace(microsecond=ms % 1000 * 1000) if ms % 1000 else moment


def rfc3339(ms: int, zone: ZoneInfo | None = None) -> str:
    """Write an instant as `2026-10-31T18:00:00+03:00`; milliseconds only where there are some."""
    spec = "milliseconds" if ms % 1000 else "seconds"
    return from_ms(ms, zone).isoformat(timespec=spec)


def local_ms(day: date, clock: time, zone: ZoneInfo) -> int:
    """Find the instant of a wall-clock time; a time that DST skips moves forward, one it repeats is the first."""
    return to_ms(datetime.combine(day, clock, tzinfo=zone))


@lru_cache(maxsize=4096)  # a report asks for the same months again and again
def day_bounds(day: date, zone: ZoneInfo) -> Interval:
    """Find a day's first instant and the next day's."""
    return Interval(local_ms(day, time(), zone), local_ms(day + timedelta(days=1), time(), zone))


def days_bounds(first: date, last: date, zone: ZoneInfo) -> Interval:
    """Bounds of the days from first to last, both included."""
    return Interval(day_bounds(first, zone).start_ms, day_bounds(last, zone).end_ms)


def day_of(ms: int, zone: ZoneInfo) -> date:
    """Find the day in the zone on which an instant falls."""
    return from_ms(ms, zone).date()


def days_between(first: date, last: date) -> Iterator[date]:
    """Days from first to last, both included."""
    for offset in range((last - first).days + 1):
        yield first + timedelta(days=offset)
