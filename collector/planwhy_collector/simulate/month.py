"""A simulated month of one person: what happened, in the CRM's records and minute by minute. Pure.

In: a member, a period, a cause, chance. Out: a Month. Never: what an agent saw of it, or a conclusion.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from random import Random

from planwhy_collector.facts import ContactFact, DealFact, TaskFact
from planwhy_collector.plan.period import Period
from planwhy_collector.simulate.causes import Cause
from planwhy_collector.simulate.contacting import Slot, slots
from planwhy_collector.simulate.day import Stretch, Visit, live
from planwhy_collector.simulate.dealing import Deal, deals
from planwhy_collector.simulate.frame import Frame, framed, numbered
from planwhy_collector.simulate.roster import Member
from planwhy_collector.simulate.screens import BLANK, Cards, Kind, Screen, client_card, deal_card
from planwhy_collector.simulate.tasking import RESERVED, Numbers, tasked

CURRENCY = "RUB"
_RECURRING = 900
"""Deals from this number on are recurring payments: service, no contracts."""


@dataclass(frozen=True, slots=True)
class Month:
    """What happened. `days` holds the working hours of each day at work as a partition."""

    frame: Frame
    days: tuple[tuple[Stretch, ...], ...]
    deals: tuple[DealFact, ...]
    tasks: tuple[TaskFact, ...]
    contacts: tuple[ContactFact, ...]
    late_deals: frozenset[str]


def client_ids(member: Member) -> tuple[str, ...]:
    """The clients in a member's care."""
    return tuple(str((member.number + 1) * 1000 + n) for n in range(member.clients))


def lived(rng: Random, member: Member, period: Period, cause: Cause, number: int, typical: bool = False) -> Month:
    """Live through a month; `number` counts the months from 0 and makes the ids.

    `typical` leaves the chance out of the numbers of contacts and contracts.
    """
    frame = framed(rng, member, period, cause)
    ids = Numbers((member.number + 1) * 100_000 + number * 1_000)
    clients = client_ids(member)
    sales, service = slots(rng, frame, typical)
    made = deals(rng, frame, sales, typical)
    work = tasked(rng, frame, made, clients, ids)
    about = {slot: deal for deal in made for slot in deal.contacts}
    served = {slot: rng.choice(clients[:-RESERVED]) for slot in service}
    talks = _talks(rng, about, served, ids)
    fixed = {n: (*day.rhythm.away, *talks.get(n, ())) for n, day in numbered(frame)}
    days = tuple(
        live(rng, day.working, day.shares, fixed[n], _visits(work.visits, n), _cards(made, clients, n, ids))
        for n, day in numbered(frame)
    )
    facts = (*_deal_facts(frame, made, clients, ids), *_recurring(rng, frame, clients, ids))
    late = frozenset(ids.id(d.number) for d in made if d.late)
    return Month(frame, days, facts, work.tasks, tuple(_contact_facts(frame, about, served, ids)), late)


def _talks(
    rng: Random, about: dict[Slot, Deal], served: dict[Slot, str], ids: Numbers
) -> dict[int, tuple[Stretch, ...]]:
    """Calls and meetings by the number of their day; in every third call the card is in front and used."""
    out: dict[int, tuple[Stretch, ...]] = {}
    cards: list[tuple[Slot, Kind, Screen]] = []
    cards += [(slot, "sales_call", deal_card(ids.id(deal.number))) for slot, deal in about.items()]
    cards += [(slot, "service_call", client_card(client)) for slot, client in served.items()]
    for slot, kind, card in cards:
        if slot.duration_s:
            shown = card if slot.kind == "call" and rng.random() < 0.35 else BLANK
            out[slot.day] = (*out.get(slot.day, ()), Stretch(slot.at_ms, slot.end_ms, kind, shown))
    return out


def _visits(visits: tuple[tuple[int, Visit], ...], number: int) -> tuple[Visit, ...]:
    return tuple(visit for day, visit in visits if day == number)


def _cards(made: tuple[Deal, ...], clients: tuple[str, ...], number: int, ids: Numbers) -> Cards:
    """The deals that were talked about on this day, or will be on the next."""
    now = tuple(ids.id(d.number) for d in made if any(s.day in (number, number + 1) for s in d.contacts))
    return Cards(now, clients[:-RESERVED])


def _deal_facts(frame: Frame, made: tuple[Deal, ...], clients: tuple[str, ...], ids: Numbers) -> Iterator[DealFact]:
    for deal in made:
        client = clients[deal.number % len(clients)] if deal.upsell else None
        kind, title = ("upsell", "Дополнительные услуги") if deal.upsell else ("new", "Новый клиент")
        yield DealFact(
            ids.id(deal.number), frame.member.person.id, client, kind, f"{title} {ids.id(deal.number)}", deal.amount,
            CURRENCY, deal.created_ms, deal.closed_ms, deal.outcome,
        )  # fmt: skip


def _recurring(rng: Random, frame: Frame, clients: tuple[str, ...], ids: Numbers) -> Iterator[DealFact]:
    for n, day in enumerate(rng.sample(frame.days, min(2, len(frame.days)))):
        amount = Decimal(rng.randrange(10_000, 40_000, 1_000))
        yield DealFact(
            ids.id(_RECURRING + n), frame.member.person.id, rng.choice(clients), "recurring", "Ежемесячный платёж",
            amount, CURRENCY, day.at(0.5), day.at(3), "won",
        )  # fmt: skip


def _contact_facts(
    frame: Frame, about: dict[Slot, Deal], served: dict[Slot, str], ids: Numbers
) -> Iterator[ContactFact]:
    everything = sorted([*about, *served], key=lambda s: s.at_ms)
    for n, slot in enumerate(everything):
        deal = ids.id(about[slot].number) if slot in about else None
        yield ContactFact(
            ids.id(n), frame.member.person.id, slot.at_ms, slot.kind, slot.direction, slot.duration_s,
            deal, served.get(slot), None,
        )  # fmt: skip
