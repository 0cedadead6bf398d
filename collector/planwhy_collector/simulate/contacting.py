"""When a simulated person talks and writes to clients. Pure.

In: a frame, chance. Out: slots in order of time, of which talks never overlap. Never: which deal it is about.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from planwhy_collector.simulate.day import MINUTE
from planwhy_collector.simulate.drawing import poisson
from planwhy_collector.simulate.frame import Frame, Workday, numbered
from planwhy_collector.simulate.latent import latent_of

CELL_MS = 30 * MINUTE
"""At most one talk, or one burst of letters, begins and ends in each half hour."""
_KINDS = ("call",) * 11 + ("email",) * 4 + ("message",) * 3 + ("meeting",)
_BURSTS = (1, 1, 2, 3)
"""How many letters are sent one after another."""


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


def slots(rng: Random, frame: Frame, typical: bool) -> tuple[tuple[Slot, ...], tuple[Slot, ...]]:
    """Draw sales contacts and service contacts. Sales contacts come at the person's rate per sales hour.

    Their number is Poisson; `typical` takes what is to be expected instead.
    """
    sales: list[Slot] = []
    service: list[Slot] = []
    rate = latent_of(frame.member, frame.cause).contact_rate
    owed = rng.random()
    for number, day in numbered(frame):
        mean = rate * day.hours * day.shares.sales
        owed += mean if typical else poisson(rng, mean)
        cells = list(_cells(day))
        rng.shuffle(cells)
        drawn = list(_drawn(rng, number, cells, min(int(owed), len(cells) - 3)))
        owed -= len(drawn)
        sales += drawn
        service += _drawn(rng, number, cells, round(4 * (1 - day.shares.sales_share) * rng.uniform(1, 2)))
    return tuple(sorted(sales, key=lambda s: s.at_ms)), tuple(sorted(service, key=lambda s: s.at_ms))


def _cells(day: Workday) -> Iterator[int]:
    for part in day.there:
        yield from range(part.start_ms, part.end_ms - CELL_MS + 1, CELL_MS)


def _drawn(rng: Random, day: int, cells: list[int], wanted: int) -> Iterator[Slot]:
    """So many contacts, each in a cell taken off the list; letters in bursts."""
    while wanted > 0 and cells:
        kind, at_ms = rng.choice(_KINDS), cells.pop() + rng.randint(1, 4) * MINUTE
        for n in range(min(wanted, rng.choice(_BURSTS)) if kind == "email" else 1):
            yield _slot(rng, day, at_ms + n * 2 * MINUTE, kind)
            wanted -= 1


def _slot(rng: Random, day: int, at_ms: int, kind: str) -> Slot:
    seconds = {"call": rng.randint(40, 540), "meeting": 25 * 60}.get(kind, 0)
    return Slot(day, at_ms, kind, seconds, rng.choice(("in", "out", "out")))
