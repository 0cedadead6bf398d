"""When a simulated person talks and writes to clients. Pure.

In: a frame, chance. Out: slots in order of time, of which talks never overlap. Never: which deal it is about.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from planwhy_collector.simulate.day import MINUTE
from planwhy_collector.simulate.frame import Frame, Workday, numbered

CELL_MS = 30 * MINUTE
"""At most one contact begins, and ends, in each half hour."""
_KINDS = ("call",) * 11 + ("email",) * 5 + ("message",) * 3 + ("meeting",)


@dataclass(frozen=True, slots=True)
class Slot:
    """A contact to be: the number of its working day, its instant, kind and length."""

    day: int
    at_ms: int
    kind: str
    duration_s: int
    direction: str

    @property
    def end_ms(self) -> int:
        """When it ended."""
        return self.at_ms + self.duration_s * 1000


def slots(rng: Random, frame: Frame) -> tuple[tuple[Slot, ...], tuple[Slot, ...]]:
    """Draw sales contacts and service contacts. Sales contacts come at the person's rate per sales hour."""
    sales: list[Slot] = []
    service: list[Slot] = []
    rate = frame.member.traits.contact_rate * frame.cause.contact_rate
    owed = rng.random()
    for number, day in numbered(frame):
        owed += rate * day.hours * day.shares.sales
        cells = list(_cells(day))
        wanted = min(int(owed), len(cells) - 3)
        owed -= wanted
        extra = min(round(4 * (1 - day.shares.sales_share) * rng.uniform(1, 2)), len(cells) - wanted)
        drawn = [_slot(rng, number, cell) for cell in rng.sample(cells, wanted + extra)]
        sales += drawn[:wanted]
        service += drawn[wanted:]
    return tuple(sorted(sales, key=lambda s: s.at_ms)), tuple(sorted(service, key=lambda s: s.at_ms))


def _cells(day: Workday) -> Iterator[int]:
    for part in day.working:
        yield from range(part.start_ms, part.end_ms - CELL_MS + 1, CELL_MS)


def _slot(rng: Random, day: int, cell: int) -> Slot:
    kind = rng.choice(_KINDS)
    seconds = {"call": rng.randint(120, 540), "meeting": 25 * 60}.get(kind, 0)
    return Slot(day, cell + rng.randint(1, 4) * MINUTE, kind, seconds, rng.choice(("in", "out", "out")))
