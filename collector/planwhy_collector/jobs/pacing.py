"""Where a running plan stands: query → pure. In: a person, a period, an instant. Out: the plan as it runs.

CRM and calendar only; nothing of the person's own time is looked at, so that no case or purpose is needed.
"""

from planwhy_shared.times import HOUR_MS, Interval, days_bounds
from sqlalchemy.orm import Session

from planwhy_collector.facts import SALES_KINDS, DealFact, Person, PlanFact
from planwhy_collector.plan.measured import ratio
from planwhy_collector.plan.pace import Running, forecast
from planwhy_collector.plan.period import Period, months_before
from planwhy_collector.plan.target import Target, plan_parts, target_of
from planwhy_collector.plan.workcalendar import WorkCalendar
from planwhy_collector.queries import crm, plans
from planwhy_collector.report.pacing import PaceOut, pace_out

HISTORY_MONTHS = 3


def running(session: Session, person: Person, period: Period, now_ms: int, metric: str | None = None) -> Running:
    """The plan of a period as it runs at an instant. Raises NoPlan."""
    calendar, bounds = WorkCalendar(person), days_bounds(period.first, period.last, person.zone)
    until_ms = min(max(now_ms, bounds.start_ms), bounds.end_ms)
    found = plans.plans_touching(session, person.id, period.first, period.last)
    target = target_of(plan_parts(found, period, calendar, until_ms, metric), period, calendar)
    absences = crm.absences_of(session, person.id, period.first, period.last)

    def at_work(part: Interval) -> float:
        return (_ms(calendar.within(part)) - _ms(calendar.absent(absences, part))) / HOUR_MS

    won = contracts_won(session, person, Interval(bounds.start_ms, until_ms))
    return Running(
        metric=target.metric,
        currency=target.currency,
        target=target.full,
        whole=_ms(calendar.within(bounds)) / HOUR_MS,
        passed=at_work(Interval(bounds.start_ms, until_ms)),
        left=at_work(Interval(until_ms, bounds.end_ms)),
        contracts=len(won),
        amounts=_amounts(won, target.currency) if target.metric == "revenue" else (),
        deal_value=_deal_value(session, person, period, target) if target.metric == "revenue" else None,
    )


def paced(session: Session, person: Person, period: Period, now_ms: int) -> PaceOut:
    """Pace and forecast of a period's plan, for people and scripts. Raises NoPlan."""
    run = running(session, person, period, now_ms)
    return pace_out(person, period, run, forecast(run), now_ms)


def contracts_won(session: Session, person: Person, bounds: Interval) -> list[DealFact]:
    """The contracts between two instants: deals won of the kinds that count towards plans."""
    return [deal for deal in crm.deals_won(session, person.id, bounds) if deal.kind in SALES_KINDS]


def reached(session: Session, person: Person, plan: PlanFact, bounds: Interval) -> float:
    """What was reached of a plan between two instants."""
    won = contracts_won(session, person, bounds)
    return sum(_amounts(won, plan.currency)) if plan.metric == "revenue" else float(len(won))


def _amounts(won: list[DealFact], currency: str | None) -> tuple[float, ...]:
    return tuple(float(deal.amount or 0) for deal in won if deal.currency == currency)


def _deal_value(session: Session, person: Person, period: Period, target: Target) -> float | None:
    """What a contract brings: by the plan's assumptions, else on average in the person's three months before."""
    if target.assumptions.deal_value is not None:
        return target.assumptions.deal_value
    months = months_before(period.first, HISTORY_MONTHS)
    before = contracts_won(session, person, days_bounds(months[0].first, months[-1].last, person.zone))
    amounts = _amounts(before, target.currency)
    return ratio(sum(amounts), len(amounts))


def _ms(parts: tuple[Interval, ...]) -> int:
    return sum(part.ms for part in parts)
