"""A simulated person's working day as it really was, to the millisecond. Pure.

In: working hours, how much time of each kind, what stands fixed, visits of cards. Out: a partition of the working
hours. Never: what an agent saw of it (see `seeing`).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from random import Random

from planwhy_shared.times import Interval, subtracted, total_ms

from planwhy_collector.simulate.screens import AWAY, BLANK, Cards, Kind, Screen, screen

MINUTE = 60_000
SECOND = 1_000
_CHUNK_MINUTES: Mapping[Kind, tuple[float, float]] = {
    "sales": (2, 11), "service": (2, 11), "general": (2, 10), "non_work": (1, 13), "neutral": (0.5, 3),
    "idle": (3.5, 14), "locked": (5, 20),
}  # fmt: skip
"""How long a stretch of each kind lasts, shortest and longest."""
_FLURRY = 0.1
"""Share of the chunks that are short visits of seconds, one window after another."""


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
    """Divide a day's present time among the kinds: 6 % of it is neutral, 18 % of the work is general."""
    present = shares.attendance * whole_ms
    judged = 0.94 * present
    work = shares.focus * judged
    named = 0.82 * work
    parts: dict[Kind, float] = {
        "sales": shares.sales_share * named,
        "service": (1 - shares.sales_share) * named,
        "general": work - named,
        "non_work": judged - work,
        "neutral": 0.06 * present,
    }
    return {kind: int(ms) for kind, ms in parts.items()}


def live(
    rng: Random,
    working: tuple[Interval, ...],
    shares: Shares,
    fixed: tuple[Stretch, ...],
    visits: tuple[Visit, ...],
    cards: Cards,
) -> tuple[Stretch, ...]:
    """Fill the working hours: talks and absences stand where they are, all else is cut up and shuffled around them.

    What is left over is a break, idle or locked.
    """
    needs = budget(shares, total_ms(working))
    for one in fixed:
        if one.kind not in AWAY:
            needs["sales" if one.kind == "sales_call" else "service"] -= one.ms
    for visit in visits:
        needs[visit.kind] -= visit.ms
    free = subtracted(working, (Interval(t.start_ms, t.end_ms) for t in fixed))
    chunks = [*visits, *(c for kind, ms in needs.items() for c in _chunks(rng, kind, ms, cards))]
    left = total_ms(free) - sum(c.ms for c in chunks)
    chunks += [*_chunks(rng, "idle", int(0.6 * left), cards), *_chunks(rng, "locked", left - int(0.6 * left), cards)]
    rng.shuffle(chunks)
    return tuple(sorted([*fixed, *_poured(free, chunks)], key=lambda s: s.start_ms))


def _chunks(rng: Random, kind: Kind, ms: int, cards: Cards) -> Iterator[Visit]:
    shortest, longest = _CHUNK_MINUTES[kind]
    while ms > 0:
        part = int(rng.uniform(shortest, longest) * MINUTE)
        part = ms if ms - part < shortest * MINUTE else part
        ms -= part
        if kind in AWAY:
            yield Visit(kind, BLANK, part)
        elif rng.random() < _FLURRY:
            yield from _flurry(rng, kind, part, cards)
        else:
            yield Visit(kind, screen(rng, kind, cards), part)


def _flurry(rng: Random, kind: Kind, ms: int, cards: Cards) -> Iterator[Visit]:
    """Several windows in quick succession, the last of them for the rest of the time."""
    for _ in range(rng.randint(3, 7)):
        part = min(ms, rng.randint(2, 45) * SECOND)
        if part:
            yield Visit(kind, screen(rng, kind, cards), part)
        ms -= part
    if ms:
        yield Visit(kind, screen(rng, kind, cards), ms)


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
