"""A day as a strip of coloured stretches. In: judged pieces of a person's time. Out: few stretches per day.

Pieces are shorter than a pixel: each slot of some minutes shows what took most of it. Never: a figure; those come
from the totals of days.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from planwhy_shared.times import Interval, day_bounds, day_of, from_ms

from planwhy_collector.rollup.piece import Judged

SLOT_MS = 6 * 60_000


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a day with one kind; minutes count from the wall clock's midnight."""

    day: date
    from_minute: float
    to_minute: float
    kind: str


def kind_of(piece: Judged) -> str:
    """What a piece is shown as: an area of work, or what it is instead."""
    if piece.presence in ("active", "call"):
        if piece.label == "work":
            return piece.area or "general"
        return piece.label or "unclassified"
    return "unrecorded" if piece.presence in ("off", "none") else piece.presence


def strips(pieces: Iterable[Judged], zone: ZoneInfo, slot_ms: int = SLOT_MS) -> tuple[Stretch, ...]:
    """Stretches of each day, in order; neighbours of one kind are joined."""
    weights: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for piece in pieces:
        for slot, ms in _slots(piece, slot_ms):
            weights[slot][kind_of(piece)] += ms
    kinds = ((slot, max(sorted(found), key=found.__getitem__)) for slot, found in sorted(weights.items()))
    return tuple(_stretch(bounds, kind, zone) for bounds, kind in _joined(kinds, slot_ms, zone))


def _slots(piece: Judged, slot_ms: int) -> Iterator[tuple[int, int]]:
    for slot in range(piece.start_ms // slot_ms, -(-piece.end_ms // slot_ms)):
        start = slot * slot_ms
        yield slot, Interval(start, start + slot_ms).cut(Interval(piece.start_ms, piece.end_ms)).ms


def _joined(kinds: Iterable[tuple[int, str]], slot_ms: int, zone: ZoneInfo) -> Iterator[tuple[Interval, str]]:
    open_: tuple[Interval, str] | None = None
    for slot, kind in kinds:
        start, end = slot * slot_ms, (slot + 1) * slot_ms
        if open_ and open_[1] == kind and open_[0].end_ms == start and _one_day(open_[0].start_ms, end, zone):
            open_ = Interval(open_[0].start_ms, end), kind
            continue
        if open_:
            yield open_
        open_ = Interval(start, end), kind
    if open_:
        yield open_


def _one_day(start_ms: int, end_ms: int, zone: ZoneInfo) -> bool:
    return day_of(start_ms, zone) == day_of(end_ms - 1, zone)


def _stretch(bounds: Interval, kind: str, zone: ZoneInfo) -> Stretch:
    day = day_of(bounds.start_ms, zone)
    end = min(bounds.end_ms, day_bounds(day, zone).end_ms)
    start = from_ms(bounds.start_ms, zone)
    first = start.hour * 60 + start.minute + start.second / 60
    return Stretch(day, first, first + (end - bounds.start_ms) / 60_000, kind)
