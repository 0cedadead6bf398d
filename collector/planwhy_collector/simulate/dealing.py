"""Which deals the sales contacts are about, which follow-ups come late, and which deals are won. Pure.

In: sales slots, chance. Out: deals with their contacts and follow-up tasks. Never: a contact on a deal whose task
is overdue, but on the deals that are late by design.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import count
from math import exp, floor
from random import Random

from planwhy_collector.simulate.contacting import Slot
from planwhy_collector.simulate.day import MINUTE
from planwhy_collector.simulate.drawing import poisson, unlucky
from planwhy_collector.simulate.frame import Frame
from planwhy_collector.simulate.latent import latent_of, overall
from planwhy_collector.simulate.roster import Traits

DAY_MS = 86_400_000
PER_LATE_DEAL = 4
"""Contacts on one deal whose follow-up came late."""
_AMOUNT_SPREAD = 0.5
"""Amounts are lognormal; this is the standard deviation of their logarithm."""


@dataclass(slots=True)
class Deal:
    """A deal in the making. `follow_up` is (created, day of the deadline, closed) of its task."""

    number: int
    created_ms: int
    late: bool
    contacts: list[Slot] = field(default_factory=list)
    follow_up: tuple[int, int, int] | None = None
    outcome: str = "open"
    closed_ms: int | None = None
    amount: Decimal = Decimal(0)
    upsell: bool = False


def deals(rng: Random, frame: Frame, slots: tuple[Slot, ...], typical: bool) -> tuple[Deal, ...]:
    """Give every slot to a deal, then win and lose some; `typical` wins as many as are to be expected."""
    numbers = count()
    latent = latent_of(frame.member, frame.cause)
    wanted = latent.late_share * len(slots)
    late_slots = round(wanted) if typical else sum(rng.random() < latent.late_share for _ in slots)
    late = list(_late_deals(rng, frame, slots, late_slots, numbers))
    taken = {slot for deal in late for slot in deal.contacts}
    on_time = list(_on_time_deals(rng, [s for s in slots if s not in taken], numbers))
    wins = _wins(rng, frame, latent, (_contacts(on_time), _contacts(late)), typical)
    for side, won in zip((on_time, late), wins, strict=True):
        _decide(rng, side, won, frame.member.traits.deal_value)
    return tuple(sorted([*late, *on_time], key=lambda d: d.number))


def _late_deals(
    rng: Random, frame: Frame, slots: tuple[Slot, ...], wanted: int, numbers: Iterator[int]
) -> Iterator[Deal]:
    """Deals whose task ran out at the end of the second day; all contacts come later than the grace after that."""
    last_day = len(frame.days) - 3
    steps = max(1, round(wanted / PER_LATE_DEAL))
    free = list(slots)
    for step in [*range(steps), *range(steps)]:
        created = step * max(0, last_day) // steps
        open_slots = [s for s in free if created + 2 <= s.day <= created + 9 and _past_grace(frame, s)]
        chosen = sorted(rng.sample(open_slots, min(PER_LATE_DEAL, wanted, len(open_slots))), key=lambda s: s.at_ms)
        if not chosen or last_day < 0:
            continue
        wanted -= len(chosen)
        free = [s for s in free if s not in chosen]
        begun = frame.days[created].at(rng.uniform(0.1, 2))
        task = begun, created + 1, chosen[-1].end_ms + 5 * MINUTE
        yield Deal(next(numbers), begun - MINUTE, late=True, contacts=chosen, follow_up=task)


def _past_grace(frame: Frame, slot: Slot) -> bool:
    """Whether more than the grace of one working hour has passed since the day began."""
    return slot.at_ms > frame.days[slot.day].at(1.2)


def _on_time_deals(rng: Random, slots: list[Slot], numbers: Iterator[int]) -> Iterator[Deal]:
    pool: list[tuple[Deal, int]] = []
    for slot in slots:
        if len(pool) < 6 or rng.random() < 0.1:
            born = slot.at_ms - int(rng.uniform(0.01, 9) * DAY_MS)
            pool.append((Deal(next(numbers), born, late=False, upsell=rng.random() < 0.15), rng.randint(2, 5)))
        place = rng.randrange(len(pool))
        deal, quota = pool[place]
        deal.contacts.append(slot)
        if len(deal.contacts) == 2:
            deal.follow_up = deal.contacts[0].end_ms + MINUTE, slot.day, slot.end_ms + 5 * MINUTE
        if len(deal.contacts) == quota:
            yield pool.pop(place)[0]
    yield from (deal for deal, _ in pool if deal.contacts)


def _wins(rng: Random, frame: Frame, latent: Traits, contacts: tuple[int, int], typical: bool) -> tuple[int, int]:
    """Contracts on the on-time and on the late side: Poisson, unless chance is to be unlucky or is left out."""
    expected = contacts[0] * latent.conversion_on_time, contacts[1] * latent.conversion_late
    if frame.cause.luck:
        both = unlucky(rng, sum(contacts) * overall(frame.member.traits))
        late = min(both, poisson(rng, expected[1]))
        return both - late, late
    if typical:
        return floor(expected[0] + rng.random()), floor(expected[1] + rng.random())
    return poisson(rng, expected[0]), poisson(rng, expected[1])


def _decide(rng: Random, side: list[Deal], wins: int, value: float) -> None:
    rng.shuffle(side)
    for place, deal in enumerate(side):
        deal.outcome = "won" if place < wins else rng.choice(("lost", "open"))
        if deal.outcome != "open":
            deal.closed_ms = deal.contacts[-1].end_ms + 8 * MINUTE
        varied = exp(rng.gauss(-(_AMOUNT_SPREAD**2) / 2, _AMOUNT_SPREAD))
        deal.amount = Decimal(round(value * varied / 100) * 100)


def _contacts(side: list[Deal]) -> int:
    return sum(len(deal.contacts) for deal in side)
