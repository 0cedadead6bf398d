"""Makes plans from workload, and sets targets by hand: query → pure → query.

In: people, what to plan, what was given by hand. Out: proposals, and the plans that were stored. Safe to run twice: a
plan that exists is left alone. Never: a stored assumption that changes afterwards.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import cache

from planwhy_collector.config import Settings
from planwhy_collector.db import Database
from planwhy_collector.errors import InvalidInput
from planwhy_collector.facts import Assumptions, Person, PlanFact
from planwhy_collector.jobs.assuming import filled
from planwhy_collector.jobs.measuring import Scope, history
from planwhy_collector.plan.assume import History, known, together
from planwhy_collector.plan.given import Given
from planwhy_collector.plan.period import previous
from planwhy_collector.plan.proposal import Proposal, proposed
from planwhy_collector.plan.workcalendar import WorkCalendar
from planwhy_collector.plan.workload import Draft, Order, drafted, load_of
from planwhy_collector.queries import crm, plans
from planwhy_collector.queries.people import people

REASON_CHARS = 20
"""The least a typed reason holds."""
LONGEST_REASON = 1_000
COMMAND_LINE = "command line"
"""Who made or changed a plan where a command did."""


def proposals(
    database: Database,
    staff: Sequence[Person],
    order: Order,
    given: Given,
    made_by: str,
    now_ms: int,
    settings: Settings,
) -> tuple[Proposal, ...]:
    """Propose a plan to each person by what is known now. Raises InvalidInput where `given` names someone else."""
    strangers = sorted(given.persons.keys() - {one.key for one in staff})
    if strangers:
        raise InvalidInput(f"{strangers[0][:80]!r}: no employee of these plans")
    told = _histories(database, order, now_ms)
    return tuple(_proposal(database, one, order, given, *told(one), made_by, settings) for one in staff)


def store_proposals(database: Database, found: Iterable[Proposal], now_ms: int) -> tuple[PlanFact, ...]:
    """Store what is proposed, all of it or nothing; return what was stored."""
    with database.writing() as session:
        return plans.add_plans(session, [one.plan for one in found if one.plan], now_ms)


def set_target(
    database: Database, person: Person, order: Order, target: float, changed_by: str, reason: str, now_ms: int,
    limit: float,
) -> tuple[PlanFact, bool]:  # fmt: skip
    """Set a target by hand; True where the plan is new. Its assumptions are filled from history at this moment.

    Raises InvalidInput for the target, for a plan in another currency, and where a target changes without a reason.
    """
    fresh = PlanFact(
        person.id, order.period.text, order.period.first, order.period.last, order.metric, target, order.currency,
        Assumptions(), {}, filled=False, made_by=changed_by,
    )  # fmt: skip
    with database.writing() as session:
        added = plans.add_plans(session, [fresh], now_ms)
        if not added:
            stored = plans.plans_of(session, [person.id])[plans.plan_key(fresh)]
            return _changed(stored, fresh, reason, lambda said: plans.change_target(
                session, stored, target, changed_by, said, now_ms
            )), False  # fmt: skip
    own = history(database, person, order.period.first, _scope(order, now_ms))
    return filled(database, fresh, own, now_ms, limit), True


def _changed(stored: PlanFact, fresh: PlanFact, reason: str, change: Callable[[str], PlanFact]) -> PlanFact:
    said = " ".join(reason.replace("\x00", "").split())
    if stored.currency != fresh.currency:
        raise InvalidInput(f"currency: the plan is in {stored.currency}, and that does not change")
    if stored.target != fresh.target and not REASON_CHARS <= len(said) <= LONGEST_REASON:
        raise InvalidInput(
            f"reason: {len(said)} characters; a target that changes needs {REASON_CHARS} to {LONGEST_REASON}"
        )
    return change(said or "unchanged")


def _histories(database: Database, order: Order, now_ms: int) -> Callable[[Person], tuple[History, History]]:
    """A person's history and that of the colleagues together; each person is measured once."""
    with database.reading() as session:
        everyone = people(session, on=order.period.first)

    @cache
    def of(one: Person) -> History:
        return history(database, one, order.period.first, _scope(order, now_ms))

    def both(one: Person) -> tuple[History, History]:
        colleagues = (other for other in everyone if one.team and other.team == one.team and other.id != one.id)
        return of(one), together(map(of, colleagues))

    return both


def _proposal(
    database: Database, one: Person, order: Order, given: Given, own: History, team: History, made_by: str,
    settings: Settings,
) -> Proposal:  # fmt: skip
    draft = _draft(database, one, order, given, own, team, settings)
    with database.reading() as session:
        touching = plans.plans_touching(session, one.id, previous(order.period).first, order.period.last)
    return proposed(one, order, draft, touching, own.other_currency, made_by)


def _draft(
    database: Database, one: Person, order: Order, given: Given, own: History, team: History, settings: Settings
) -> Draft:
    first, last = order.period.first, order.period.last
    with database.reading() as session:
        absences = crm.absences_of(session, one.id, first, last)
        clients = crm.clients_in_care(session, one.id, first, last)
    load = load_of(WorkCalendar(one), order.period, absences, clients)
    quantities = known(own, team, settings.coverage_limit)
    return drafted(order, load, quantities, given.of(one.key), settings.client_cap)


def _scope(order: Order, now_ms: int) -> Scope:
    return Scope(order.metric, order.currency, now_ms)
