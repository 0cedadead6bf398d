"""A plan from workload (method, section 4): service takes its hours first, the rest is sales time.

In: the working hours, approved absence and clients of a period, what history tells, what was given by hand. Out: a
Draft, which is a plan to be stored or the reason why there can be none. Never: a target of zero; a guess where a
quantity is missing; a change of what was given.

    usable_hours  = expected_hours x attendance x focus
    service_hours = clients x hours_per_client
    sales_hours   = usable_hours - service_hours                                  never below 0
    worth         = sales_hours x contact_rate x conversion [x deal_value]
    conversion    = (1 - late_share) x conversion_on_time + late_share x conversion_late
    target        = worth to the nearest step
    sales_share   = sales_hours / (sales_hours + service_hours)                   of the usable hours

Attendance is that of history apart from approved absence, times the share of the period's hours that no approved
absence known now takes. Hours per client are history's per client and working hour apart from approved absence, times
the period's working hours: clients want the same while the person is away, so an absence comes out of sales time.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import floor, isfinite
from typing import Literal

from planwhy_shared.times import HOUR_MS, days_between, days_bounds, total_ms

from planwhy_collector.errors import InvalidInput
from planwhy_collector.facts import AbsenceFact, Assumptions, ClientFact, Person, PlanFact, Workload
from planwhy_collector.plan.assume import CARE, PRESENCE, Known
from planwhy_collector.plan.care import mean_in_care
from planwhy_collector.plan.period import Period
from planwhy_collector.plan.workcalendar import WorkCalendar

MANY_CLIENTS = 20
"""From so many clients on, one person's hours become tight."""
STEPS: Mapping[str, float] = {"contracts": 1.0, "revenue": 1_000.0}
QUANTITIES = (
    "expected_hours", "attendance", "focus", "clients", "hours_per_client", "contact_rate", "late_share",
    "conversion_on_time", "conversion_late", "deal_value",
)  # fmt: skip
"""What a target is made from, in the order of the formulas; each may be given by hand."""
_OPTIONAL = frozenset({"late_share", "conversion_late"})
"""Without late contacts there is nothing to tell of them, and the conversion is that on time."""


@dataclass(frozen=True, slots=True)
class Order:
    """What to plan. `step` is what targets are multiples of."""

    period: Period
    metric: Literal["contracts", "revenue"]
    currency: str | None
    step: float


@dataclass(frozen=True, slots=True)
class Load:
    """A person's period: working hours of the calendar, those under approved absence, clients on average.

    `employed` says for how much of the period: `whole`, `part`, `none`.
    """

    expected_hours: float
    absent_hours: float
    clients: float
    employed: Literal["whole", "part", "none"] = "whole"


@dataclass(frozen=True, slots=True)
class Basis:
    """The quantities of the formulas, all known. `hours_per_client` are those of the whole period."""

    expected_hours: float
    attendance: float
    focus: float
    clients: float
    hours_per_client: float
    contact_rate: float
    conversion: float
    deal_value: float

    @property
    def usable_hours(self) -> float:
        """Hours of sales and service work."""
        return self.expected_hours * self.attendance * self.focus

    @property
    def service_hours(self) -> float:
        """Hours that the clients in care take."""
        return self.clients * self.hours_per_client

    @property
    def sales_hours(self) -> float:
        """What service leaves of the usable hours."""
        return max(0.0, self.usable_hours - self.service_hours)

    @property
    def worth(self) -> float:
        """The metric that these quantities give."""
        return self.sales_hours * self.contact_rate * self.conversion * self.deal_value


@dataclass(frozen=True, slots=True)
class Draft:
    """A person's plan before it is stored. `basis` None: a quantity of `missing` is not known.

    `refusal` None: there is a target. Else why there is none: `not_there` (hired later or left before), `no_hours`,
    `absent`, `missing`, `service` (it takes all usable hours), `nothing` (contacts or conversion are zero), `step`
    (less than half of one). `notes` are slugs of what a reader should know: `part` (hired or leaving within the
    period), `no_clients`, `many_clients`, `above_cap`.
    """

    load: Load
    values: Mapping[str, float | None]
    sources: Mapping[str, str]
    basis: Basis | None
    target: float | None
    refusal: str | None
    missing: tuple[str, ...]
    notes: tuple[str, ...]


def order_for(period: Period, metric: str, currency: str | None, step: float | None) -> Order:
    """Check what to plan. Raises InvalidInput that names the field."""
    if metric not in STEPS:
        raise InvalidInput(f"metric {metric[:40]!r}: expected one of {', '.join(STEPS)}")
    code = (currency or "").strip().upper()
    if metric == "revenue" and not (len(code) == 3 and code.isascii() and code.isalpha()):
        raise InvalidInput(f"currency {code[:40]!r}: a plan of revenue needs a code such as RUB")
    if step is not None and not (isfinite(step) and 0 < step <= 1e9):
        raise InvalidInput(f"step {step:g}: expected a number above zero, at most a milliard")
    revenue = metric == "revenue"
    return Order(
        period,
        "revenue" if revenue else "contracts",
        code if revenue else None,
        STEPS[metric] if step is None else step,
    )


def load_of(
    calendar: WorkCalendar, period: Period, absences: Iterable[AbsenceFact], clients: Sequence[ClientFact]
) -> Load:
    """A person's period by calendar and CRM; clients are averaged over the days with working hours."""
    first, last = period.first, period.last
    expected = total_ms(calendar.of_days(first, last)) / HOUR_MS
    absent = total_ms(calendar.absent(absences, days_bounds(first, last, calendar.person.zone))) / HOUR_MS
    working = [day for day in days_between(first, last) if calendar.of_day(day)]
    return Load(expected, absent, mean_in_care(clients, working), _employed(calendar.person, period))


def drafted(order: Order, load: Load, known: Mapping[str, Known], given: Mapping[str, float], cap: float) -> Draft:
    """Make a person's plan.

    `known` is what history tells, `given` replaces quantities by hand, above `cap` clients are too many for one person.
    """
    found = _found(load, known) | {name: Known(value, "given") for name, value in given.items()}
    if order.metric != "revenue":
        found["deal_value"] = Known(1.0, "own")
    if found["clients"].value == 0:
        found["hours_per_client"] = Known(found["hours_per_client"].value or 0.0, "own")
    values = {name: found[name].value for name in QUANTITIES}
    missing = tuple(name for name in QUANTITIES if values[name] is None and name not in _OPTIONAL)
    basis = None if missing else _basis(values)
    target = _stepped(basis.worth, order.step) if basis else None
    refusal = _refusal(load, values, basis, target)
    return Draft(
        load, values, {name: found[name].source for name in QUANTITIES}, basis, None if refusal else target,
        refusal, missing, _notes(load, values["clients"], cap),
    )  # fmt: skip


def planned(draft: Draft, order: Order, employee_id: int, made_by: str) -> PlanFact:
    """The plan of a draft that has a target, with all of its assumptions, filled for good."""
    assert draft.basis is not None and draft.target is not None  # noqa: S101  the caller looked at the refusal
    basis, values = draft.basis, dict(draft.values)
    if order.metric != "revenue":
        values["deal_value"] = None
    share = basis.sales_hours / basis.usable_hours
    assumptions = Assumptions(
        sales_share=share, **{name: values[name] for name in QUANTITIES if name not in ("clients", "hours_per_client")}
    )
    sources = {name: source for name, source in draft.sources.items() if values[name] is not None}
    return PlanFact(
        employee_id, order.period.text, order.period.first, order.period.last, order.metric, draft.target,
        order.currency, assumptions, sources | {"sales_share": draft.sources["hours_per_client"]}, filled=True,
        workload=Workload(basis.clients, basis.hours_per_client), made_by=made_by,
    )  # fmt: skip


def _found(load: Load, known: Mapping[str, Known]) -> dict[str, Known]:
    """Every quantity before anything is given by hand."""
    presence, care = known[PRESENCE], known[CARE]
    there = 1 - load.absent_hours / load.expected_hours if load.expected_hours else 1.0
    attendance = 0.0 if not there else None if presence.value is None else presence.value * there
    per_client = None if care.value is None else care.value * load.expected_hours
    return dict(known) | {
        "expected_hours": Known(load.expected_hours, "own"),
        "attendance": Known(attendance, presence.source),
        "clients": _clients(load, known),
        "hours_per_client": Known(per_client, care.source),
    }


def _clients(load: Load, known: Mapping[str, Known]) -> Known:
    """The clients in care; not known where history holds service work and yet nobody's clients were ever told."""
    served = known["sales_share"].value
    untold = not load.clients and known[CARE].value is None and served is not None and served < 1
    return Known(None, "none") if untold else Known(load.clients, "own")


def _basis(values: Mapping[str, float | None]) -> Basis:
    late, on_time = values["late_share"] or 0.0, values["conversion_on_time"] or 0.0
    at_late = on_time if values["conversion_late"] is None else values["conversion_late"]
    names = [name for name in QUANTITIES if not name.startswith(("late", "conversion"))]
    return Basis(conversion=(1 - late) * on_time + late * at_late, **{name: values[name] or 0.0 for name in names})


def _refusal(load: Load, values: Mapping[str, float | None], basis: Basis | None, target: float | None) -> str | None:
    """Why there is no target, the plainest reason first."""
    reasons = (
        ("not_there", load.employed == "none"),
        ("no_hours", not values["expected_hours"]),
        ("absent", values["attendance"] == 0 and load.absent_hours > 0),
        ("missing", basis is None),
        ("service", basis is not None and basis.sales_hours <= 0),
        ("nothing", basis is not None and basis.worth <= 0),
        ("step", not target),
    )
    return next((slug for slug, holds in reasons if holds), None)


def _notes(load: Load, clients: float | None, cap: float) -> tuple[str, ...]:
    count = clients or 0.0
    notes = (
        ("part", load.employed == "part"),
        ("no_clients", clients == 0),
        ("many_clients", MANY_CLIENTS <= count <= cap),
        ("above_cap", count > cap),
    )
    return tuple(slug for slug, holds in notes if holds)


def _employed(person: Person, period: Period) -> Literal["whole", "part", "none"]:
    first, last = max(person.hired_on or period.first, period.first), min(person.left_on or period.last, period.last)
    if first > last:
        return "none"
    return "whole" if (first, last) == (period.first, period.last) else "part"


def _stepped(worth: float, step: float) -> float:
    """The nearest multiple of the step, the upper one of two that are equally near."""
    return floor(worth / step + 0.5) * step
