"""The measured quantities of the identity for any person and period, each with what it was divided from. Pure.

In: what was measured, row by row, and day by day. Out: one Measurement. Never: a plan, a comparison, or a figure whose
rows are not there to be looked at.
"""

from collections.abc import Mapping
from datetime import date

from msgspec import Struct
from planwhy_shared.times import HOUR_MS, rfc3339

from planwhy_collector.explain.quantities import ContactRow, ContractRow, Sales
from planwhy_collector.explain.result import CoverageOut, ObjectionOut, PeriodOut, TimeOut
from planwhy_collector.explain.times import coverage_out, time_out
from planwhy_collector.facts import Person
from planwhy_collector.plan.measured import Measured, TimeSplit, ratio
from planwhy_collector.plan.period import Period


class QuantityOut(Struct, frozen=True):
    """A quantity with its unit, as `part` over `whole` where it is a ratio. None: there was nothing to divide by.

    `low` and `high` bound it by what is not known of the time (method, section 3). `coverage` is the share of
    expected time that was recorded, None where the quantity rests on CRM records alone. `rows` names the list of the
    Measurement that holds its rows.
    """

    name: str
    value: float | None
    unit: str
    part: float | None
    part_unit: str
    whole: float | None
    whole_unit: str
    low: float | None
    high: float | None
    coverage: float | None
    rows: str


class DayRow(Struct, frozen=True):
    """A day's working time by kind, hours."""

    day: str
    expected_hours: float
    time: TimeOut


class ContactOut(Struct, frozen=True):
    """A sales contact as counted. `contact_id` None: implied by a contract that had no recorded contact."""

    contact_id: str | None
    at: str
    deal_id: str | None
    late: bool


class ContractOut(Struct, frozen=True):
    """A contract as counted; `amount` is a decimal text, None where the CRM knows none."""

    deal_id: str
    closed_at: str
    amount: str | None
    currency: str | None
    late: bool


class LeftOut(Struct, frozen=True):
    """How many records were not counted, or counted as nothing, and why."""

    other_currency: int
    contract_without_amount: int
    contact_without_card: int
    not_employed: int


class Measurement(Struct, frozen=True):
    """The quantities of a person and period, up to as-of, with all rows that they rest on."""

    employee_id: str
    period: PeriodOut
    as_of: str
    coverage: CoverageOut
    time: TimeOut
    quantities: tuple[QuantityOut, ...]
    days: tuple[DayRow, ...]
    contacts: tuple[ContactOut, ...]
    contracts: tuple[ContractOut, ...]
    left_out: LeftOut
    objections: tuple[ObjectionOut, ...] = ()


def measurement(
    person: Person,
    period: Period,
    as_of_ms: int,
    time: TimeSplit,
    sales: Sales,
    days: Mapping[date, TimeSplit],
    limit: float,
) -> Measurement:
    """Put the quantities together with their rows. `limit` is the coverage from which time may be spoken of, 0–1."""
    zone = person.zone
    return Measurement(
        employee_id=person.key,
        period=PeriodOut(period.first.isoformat(), period.last.isoformat()),
        as_of=rfc3339(as_of_ms, zone),
        coverage=coverage_out(time, time.expected > 0 and time.coverage >= limit),
        time=time_out(time),
        quantities=(*_time_quantities(time), *_sales_quantities(time, sales)),
        days=tuple(DayRow(day.isoformat(), split.expected / HOUR_MS, time_out(split)) for day, split in days.items()),
        contacts=tuple(_contact(row, person) for row in sales.contacts),
        contracts=tuple(_contract(row, person) for row in sales.contracts),
        left_out=LeftOut(sales.other_currency, sales.no_amount, sales.no_card, sales.not_employed),
    )


def _time_quantities(time: TimeSplit) -> tuple[QuantityOut, ...]:
    """Hours and shares of hours; they rest on the rows of `days`."""
    expected, cover = time.expected / HOUR_MS, time.coverage if time.expected else None
    hours = QuantityOut("expected_hours", expected, "hours", None, "", None, "", None, None, None, "days")
    sales = QuantityOut("sales_hours", time.sales_hours, "hours", None, "", None, "", None, None, cover, "days")
    return (
        hours,
        _share("attendance", time.present, time.coverage * time.expected, time.attendance_bounds, cover),
        _share("focus", time.work, time.work + time.non_work, time.focus_bounds, cover),
        _share("sales_share", time.sales, time.sales + time.service, (None, None), cover),
        sales,
    )


def _share(
    name: str, part: float, whole: float, bounds: tuple[float | None, float | None], cover: float | None
) -> QuantityOut:
    hours = part / HOUR_MS, whole / HOUR_MS
    return QuantityOut(name, ratio(part, whole), "share", hours[0], "hours", hours[1], "hours", *bounds, cover, "days")


def _sales_quantities(time: TimeSplit, sales: Sales) -> tuple[QuantityOut, ...]:
    """Counts and ratios of contacts and contracts; they rest on the rows of `contacts` and `contracts`."""
    counts = sales.counts
    known = Measured(time, counts)
    cover = time.coverage if time.expected else None
    return (
        QuantityOut("contacts", counts.contacts, "contacts", None, "", None, "", None, None, None, "contacts"),
        QuantityOut(
            "contact_rate", known.contact_rate, "per_hour", counts.contacts, "contacts", time.sales_hours, "hours",
            None, None, cover, "contacts",
        ),
        _counted("late_share", counts.contacts_late, "contacts", counts.contacts, "share", "contacts"),
        _counted("conversion_on_time", counts.contracts_on_time, "contracts", counts.contacts_on_time, "per_contact"),
        _counted("conversion_late", counts.contracts_late, "contracts", counts.contacts_late, "per_contact"),
        _counted("conversion", counts.contracts, "contracts", counts.contacts, "per_contact"),
        QuantityOut("contracts", counts.contracts, "contracts", None, "", None, "", None, None, None, "contracts"),
        _deal_value(sales),
    )  # fmt: skip


def _counted(name: str, part: int, part_unit: str, whole: int, unit: str, rows: str = "contracts") -> QuantityOut:
    return QuantityOut(name, ratio(part, whole), unit, part, part_unit, whole, "contacts", None, None, None, rows)


def _deal_value(sales: Sales) -> QuantityOut:
    """Revenue per contract, where all contracts are in one currency; else there is nothing to add up."""
    currencies = {row.currency for row in sales.contracts if row.currency}
    one = len(currencies) == 1
    revenue = sales.counts.revenue if one else None
    count = sales.counts.contracts
    value = ratio(revenue, count) if revenue is not None else None
    unit = currencies.pop() if one else "money"
    return QuantityOut("deal_value", value, unit, revenue, unit, count, "contracts", None, None, None, "contracts")


def _contact(row: ContactRow, person: Person) -> ContactOut:
    return ContactOut(None if row.implied else row.id, rfc3339(row.at_ms, person.zone), row.deal_id, row.late)


def _contract(row: ContractRow, person: Person) -> ContractOut:
    amount = None if row.amount is None else f"{row.amount:f}"
    return ContractOut(row.deal_id, rfc3339(row.closed_ms, person.zone), amount, row.currency, row.late)
