"""A simulated person's working day as it really was, to the millisecond. Pure.

In: working hours, how much time of each kind, talks and visits of cards. Out: a partition of the working hours.
Never: what an agent saw of it (see `spans`).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from random import Random

from planwhy_shared.times import Interval, subtracted, total_ms

from planwhy_collector.simulate.screens import BLANK, Cards, Kind, Screen, screen

MINUTE = 60_000
_CHUNK_MINUTES: Mapping[Kind, tuple[float, float]] = {
    "sales": (2, 10), "service": (2, 10), "general": (2, 9), "non_work": (2, 12), "neutral": (1, 3),
    "unclassified": (1, 3), "idle": (4, 14), "locked": (6, 20),
}  # fmt: skip
"""How long a stretch of each kind lasts, shortest and longest."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Some time of one kind with one screen."""

    start_ms: int
    end_ms: int
    kind: Kind
    screen: Screen

    @property
    def ms(self) -> int:
        """Its length."""
        return self.end_ms - self.start_ms


@dataclass(frozen=True, slots=True)
class Visit:
    """Time on one card that the day must hold; `kind` is the area it counts to."""

    kind: Kind
    screen: Screen
    ms: int


@dataclass(frozen=True, slots=True)
class Shares:
    """A day's figures, as in the method: attendance, focus, sales share."""

    attendance: float
    focus: float
    sales_share: float

    @property
    def sales(self) -> float:
        """The share of the day that counts as sales hours by the identity."""
        return self.attendance * self.focus * self.sales_share


def budget(shares: Shares, whole_ms: int) -> dict[Kind, int]:
    """Divide a day's working time among the kinds. What is left over is locked.

    Of the present time 6 % is neutral and 2 % unclassified; of the work 18 % is general.
    """
    present = shares.attendance * whole_ms
    judged = 0.92 * present
    work = shares.focus * judged
    named = 0.82 * work
    parts: dict[Kind, float] = {
        "sales": shares.sales_share * named,
        "service": (1 - shares.sales_share) * named,
        "general": work - named,
        "non_work": judged - work,
        "neutral": 0.06 * present,
        "unclassified": 0.02 * present,
        "idle": 0.6 * (whole_ms - present),
    }
    return {kind: int(ms) for kind, ms in parts.items()}


def live(
    rng: Random,
    working: tuple[Interval, ...],
    shares: Shares,
    talks: tuple[Stretch, ...],
    visits: tuple[Visit, ...],
    cards: Cards,
) -> tuple[Stretch, ...]:
    """Fill the working hours: talks where they stand, everything else cut into stretches and shuffled around them."""
    needs = budget(shares, total_ms(working))
    for talk in talks:
        needs["sales" if talk.kind == "sales_call" else "service"] -= talk.ms
    for visit in visits:
        needs[visit.kind] -= visit.ms
    free = subtracted(working, (Interval(t.start_ms, t.end_ms) for t in talks))
    chunks = [*visits, *(c for kind, ms in needs.items() for c in _chunks(rng, kind, ms, cards))]
    left = total_ms(free) - sum(c.ms for c in chunks)
    chunks += list(_chunks(rng, "locked", left, cards))
    rng.shuffle(chunks)
    return tuple(sorted([*talks, *_poured(free, chunks)], key=lambda s: s.start_ms))


def _chunks(rng: Random, kind: Kind, ms: int, cards: Cards) -> Iterator[Visit]:
    shortest, longest = _CHUNK_MINUTES[kind]
    while ms > 0:
        part = int(rng.uniform(shortest, longest) * MINUTE)
        part = ms if ms - part < shortest * MINUTE else part
        yield Visit(kind, screen(rng, kind, cards) if kind not in ("idle", "locked") else BLANK, part)
        ms -= part


def _poured(free: tuple[Interval, ...], chunks: list[Visit]) -> Iterator[Stretch]:
    """Lay the chunks one after another into the free intervals; what does not fit any more is cut off."""
    waiting = iter(chunks)
    chunk, left = next(waiting, None), 0
    left = chunk.ms if chunk else 0
    for gap in free:
        at = gap.start_ms
        while chunk and at < gap.end_ms:
            end = min(at + left, gap.end_ms)
            yield Stretch(at, end, chunk.kind, chunk.screen)
            left -= end - at
            at = end
            if not left:
                chunk = next(waiting, None)
                left = chunk.ms if chunk else 0
