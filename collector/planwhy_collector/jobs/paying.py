"""What a month brings a person: query → pure. In: a person, a month. Out: the scheme in force and the month's facts.

Reads contracts, clients in care, plans and schemes, nothing else. Never: anything of recorded activity.

In a month that has not ended it is as if nothing more were won and all clients stayed: contracts count up to now, care
as far as it is known, and the plan is that of the whole month, so that the passing of days alone takes nothing away.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from planwhy_shared.times import days_bounds
from sqlalchemy.orm import Session

from planwhy_collector.errors import InvalidInput, NoPlan, NotFound
from planwhy_collector.facts import ClientFact, DealFact, Person
from planwhy_collector.plan.pay import Goal, MonthFacts, PayItem
from planwhy_collector.plan.pay_scheme import Scheme, read_scheme
from planwhy_collector.plan.period import Period, month_of
from planwhy_collector.plan.target import plan_parts, target_of
from planwhy_collector.plan.workcalendar import WorkCalendar
from planwhy_collector.queries import crm
from planwhy_collector.queries.pay import SchemeFact, scheme_on, store_scheme
from planwhy_collector.queries.plans import plans_touching

_PARTS: dict[str, Literal["sale", "upsell"]] = {"new": "sale", "upsell": "upsell"}
"""What a contract of these kinds is paid as; all others are service, paid by the client's monthly payment."""
_TARGET_DIGITS = 6
"""Plans are stored as floats; a sum of parts of plans is rounded here so that 100 % is 100 %."""


@dataclass(frozen=True, slots=True)
class PayBasis:
    """All that a month's pay is computed from."""

    month: Period
    stored: SchemeFact
    scheme: Scheme
    facts: MonthFacts


def is_month(period: Period) -> bool:
    """Whether a period is a calendar month: pay is for nothing else."""
    month = month_of(period.first)
    return (period.first, period.last) == (month.first, month.last)


def pay_basis(session: Session, person: Person, month: Period) -> PayBasis | None:
    """Find what the pay of a month is computed from; None where no scheme is in force on its first day.

    Raises InvalidInput for a period that is no calendar month.
    """
    if not is_month(month):
        raise InvalidInput(f"period {month.text}: pay is for a calendar month such as 2026-10")
    stored = scheme_on(session, month.first)
    if stored is None:
        return None
    scheme = read_scheme(stored.body, f"pay scheme since {stored.since}")
    return PayBasis(month, stored, scheme, _facts(session, person, month, scheme))


def needed_basis(session: Session, person: Person, month: Period) -> PayBasis:
    """The same. Raises NotFound where no scheme is in force."""
    found = pay_basis(session, person, month)
    if found is None:
        raise NotFound(f"no pay scheme is in force on {month.first}: planwhy pay apply puts one in force")
    return found


def apply_scheme(session: Session, scheme: SchemeFact, today: date, correct: bool) -> SchemeFact | None:
    """Put a scheme, already checked, in force from a day on; return the one since the same day that it replaces.

    Raises InvalidInput where that day lies in a month that has ended, unless it is meant to correct one.
    """
    if not correct and scheme.since < today.replace(day=1):
        raise InvalidInput(f"since {scheme.since}: that month has ended; --correct changes what past months brought")
    before = scheme_on(session, scheme.since)
    store_scheme(session, scheme)
    return before if before and before.since == scheme.since else None


def _facts(session: Session, person: Person, month: Period, scheme: Scheme) -> MonthFacts:
    bounds = days_bounds(month.first, month.last, person.zone)
    won = crm.deals_won(session, person.id, bounds)
    clients = crm.clients_in_care(session, person.id, month.first, month.last)
    care = [_care(person, one, month) for one in sorted(clients, key=lambda one: (one.since or date.min, one.id))]
    return MonthFacts(
        days=_days(month, None, None),
        employed_days=_days(month, person.hired_on, person.left_on),
        items=(*map(_contract, won), *(item for item in care if item.days)),
        goal=_goal(session, person, month, scheme),
    )


def _contract(deal: DealFact) -> PayItem:
    return PayItem(_PARTS.get(deal.kind, "recurring"), deal.id, deal.title, deal.amount, deal.currency)


def _care(person: Person, client: ClientFact, month: Period) -> PayItem:
    since = max(filter(None, (client.since, person.hired_on)), default=None)
    until = min(filter(None, (client.until, person.left_on)), default=None)
    days = _days(month, since, until)
    return PayItem("service", client.id, client.name, client.monthly_payment, client.currency, days)


def _days(month: Period, since: date | None, until: date | None) -> int:
    """Days of the month from `since` to `until`, both included; calendar days, so that no clock change matters."""
    first, last = max(month.first, since or month.first), min(month.last, until or month.last)
    return max(0, (last - first).days + 1)


def _goal(session: Session, person: Person, month: Period, scheme: Scheme) -> Goal | None:
    """The plan of the whole month; None without one that could be used."""
    calendar, metric = WorkCalendar(person), scheme.plan.metric if scheme.plan else None
    end_ms = days_bounds(month.first, month.last, person.zone).end_ms
    try:
        parts = plan_parts(plans_touching(session, person.id, month.first, month.last), month, calendar, end_ms, metric)
        target = target_of(parts, month, calendar)
    except NoPlan:
        return None
    return Goal(target.metric, Decimal(repr(round(target.full, _TARGET_DIGITS))), target.currency)
