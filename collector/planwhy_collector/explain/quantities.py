"""The measured quantities of the identity: from day totals, contacts, deals and tasks to one Measured.

In: totals of days, the calendar's working time, CRM facts of one person. Out: plan.measured types, and counts of
what could not be used. Never: an assumption.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from planwhy_collector.explain.lateness import late_contacts
from planwhy_collector.explain.task_life import Held
from planwhy_collector.explain.worktime import WorkTime
from planwhy_collector.facts import SALES_KINDS, Area, ContactFact, DealFact, Label, Presence, TaskFact
from planwhy_collector.plan.measured import SalesCounts, TimeSplit
from planwhy_collector.rollup.piece import Total


@dataclass(frozen=True, slots=True)
class DayTimes:
    """Totals of some days, and of each of them the calendar's working time and the approved absence in it (ms)."""

    totals: Sequence[Total]
    expected_ms: Mapping[date, int]
    absent_ms: Mapping[date, int]

    @property
    def split(self) -> TimeSplit:
        """The working time of all days together."""
        return time_split(self.totals, self.expected_ms, self.absent_ms)

    @property
    def by_day(self) -> dict[date, TimeSplit]:
        """The working time of each day that expects any."""
        told: defaultdict[date, list[Total]] = defaultdict(list)
        for total in self.totals:
            told[total.day].append(total)
        each = ((day, time_split(told[day], {day: ms}, self.absent_ms)) for day, ms in self.expected_ms.items())
        return {day: split for day, split in each if split.expected}

    def since(self, first: date) -> "DayTimes":
        """The days from a day on."""
        expected = {day: ms for day, ms in self.expected_ms.items() if day >= first}
        return DayTimes([total for total in self.totals if total.day >= first], expected, self.absent_ms)

    @property
    def recorded_from(self) -> date | None:
        """The first day on which a computer of the person said anything; calls and absences come from elsewhere."""
        silent = ("none", "absent", "call")
        return min((t.day for t in self.totals if t.presence not in silent and t.working_ms), default=None)


@dataclass(frozen=True, slots=True)
class SalesFacts:
    """CRM facts of one person within some bounds, their tasks over time, and the deals and tasks that they name.

    `not_employed` counts contacts and contracts of days before hiring or after leaving, which are not among them.
    """

    contacts: Sequence[ContactFact]
    won: Sequence[DealFact]
    tasks: Sequence[Held]
    deals_by_id: Mapping[str, DealFact]
    tasks_by_id: Mapping[str, TaskFact]
    not_employed: int = 0


@dataclass(frozen=True, slots=True)
class ContactRow:
    """A sales contact as counted: of which record and deal, when, whether late, whether only implied by a contract."""

    id: str
    at_ms: int
    deal_id: str | None
    late: bool
    implied: bool = False


@dataclass(frozen=True, slots=True)
class ContractRow:
    """A contract as counted, in the hands of a deal. `late`: the deal had a late contact."""

    deal_id: str
    closed_ms: int
    amount: Decimal | None
    currency: str | None
    late: bool


@dataclass(frozen=True, slots=True)
class Sales:
    """What was counted, row by row, and what was left out.

    Left out are contracts in another currency, contacts that name no card, and contacts and contracts of days on
    which the person was not employed. `no_amount` are contracts without an amount, counted as 0.
    """

    contacts: tuple[ContactRow, ...] = ()
    contracts: tuple[ContractRow, ...] = ()
    other_currency: int = 0
    no_amount: int = 0
    no_card: int = 0
    not_employed: int = 0

    @property
    def counts(self) -> SalesCounts:
        """The rows as numbers on either side of lateness (method, section 1)."""
        late, won_late = sum(c.late for c in self.contacts), sum(c.late for c in self.contracts)
        amounts = tuple(float(c.amount or 0) for c in self.contracts)
        return SalesCounts(len(self.contacts) - late, late, len(self.contracts) - won_late, won_late, amounts)


def kind_of(presence: Presence, label: Label | None, area: Area | None) -> str:
    """The field of TimeSplit that a stretch belongs to. A call whose context is not classified is general work."""
    if presence not in ("active", "call"):
        return presence
    if label == "work" or (presence == "call" and label is None):
        return area or "general"
    return label or "unclassified"


def time_split(totals: Iterable[Total], expected_ms: Mapping[date, int], absent_ms: Mapping[date, int]) -> TimeSplit:
    """Add up the working time of days. What the totals do not tell of a day is absent as far as approved, else none."""
    sums: defaultdict[str, int] = defaultdict(int)
    told: defaultdict[date, int] = defaultdict(int)
    for total in totals:
        sums[kind_of(total.presence, total.label, total.area)] += total.working_ms
        told[total.day] += total.working_ms
    for day, expected in expected_ms.items():
        rest = max(0, expected - told[day])
        away = min(rest, absent_ms.get(day, 0)) if not told[day] else 0
        sums["absent"] += away
        sums["none"] += rest - away
    return TimeSplit(**sums)


def deal_of(contact: ContactFact, tasks: Mapping[str, TaskFact]) -> str | None:
    """The deal a contact was made on: its own, else that of its task."""
    if contact.deal_id:
        return contact.deal_id
    task = tasks.get(contact.task_id or "")
    return task.entity_id if task and task.entity_type == "deal" and not contact.client_id else None


def is_sales(contact: ContactFact, facts: SalesFacts) -> bool:
    """Whether a contact was made on a sales entity: a lead, or a deal of new business; an unknown deal is one."""
    deal_id = deal_of(contact, facts.tasks_by_id)
    if deal_id is not None:
        deal = facts.deals_by_id.get(deal_id)
        return deal is None or deal.kind in SALES_KINDS
    task = facts.tasks_by_id.get(contact.task_id or "")
    return not contact.client_id and task is not None and task.entity_type == "lead"


def contracts_of(won: Iterable[DealFact], metric: str, currency: str | None) -> tuple[DealFact, ...]:
    """Won deals of new business; where revenue is the metric, only those in the plan's currency."""
    contracts = tuple(deal for deal in won if deal.kind in SALES_KINDS)
    if metric != "revenue" or currency is None:
        return contracts
    return tuple(deal for deal in contracts if deal.currency in (currency, None))


def sales_of(facts: SalesFacts, metric: str, currency: str | None, working: WorkTime) -> Sales:
    """Count contacts and contracts on either side of lateness (method, section 1).

    A contract without a contact in the bounds implies one at its closing, which may be late like any other.
    """
    won = contracts_of(facts.won, metric, currency)
    contacts = _contact_rows(facts, won, working)
    late_deals = {row.deal_id for row in contacts if row.late}
    return Sales(
        contacts,
        tuple(ContractRow(d.id, d.closed_ms or 0, d.amount, d.currency, d.id in late_deals) for d in won),
        other_currency=sum(d.kind in SALES_KINDS for d in facts.won) - len(won),
        no_amount=sum(deal.amount is None for deal in won) if metric == "revenue" else 0,
        no_card=sum(not (c.deal_id or c.client_id or c.task_id) for c in facts.contacts),
        not_employed=facts.not_employed,
    )


def _contact_rows(facts: SalesFacts, won: Sequence[DealFact], working: WorkTime) -> tuple[ContactRow, ...]:
    made = [(c.id, c.at_ms, deal_of(c, facts.tasks_by_id)) for c in facts.contacts if is_sales(c, facts)]
    reached = {deal for _, _, deal in made}
    implied = [(f"implied:{d.id}", d.closed_ms or 0, d.id) for d in won if d.id not in reached]
    everything: list[tuple[str, int, str | None]] = [*made, *implied]
    late = late_contacts(everything, facts.tasks, working)
    return tuple(ContactRow(*one, one[0] in late, n >= len(made)) for n, one in enumerate(everything))
