"""Fills the assumptions of plans that came as bare targets: query → pure → query. Once per plan.

In: a plan. Out: the plan with assumptions. An incomplete set is not stored, for history may still be on its way.
"""

from planwhy_collector.db import Database
from planwhy_collector.facts import PlanFact
from planwhy_collector.jobs.measuring import Scope, history
from planwhy_collector.plan.assume import History, assume, complete, together
from planwhy_collector.plan.target import expected_hours
from planwhy_collector.plan.workcalendar import WorkCalendar
from planwhy_collector.queries.people import colleagues, person_by_id
from planwhy_collector.queries.plans import fill_assumptions


def filled(database: Database, plan: PlanFact, own: History, as_of_ms: int, limit: float) -> PlanFact:
    """Give a plan the assumptions it lacks. `own` is the person's history, `limit` the least coverage."""
    scope = Scope(plan.metric, plan.currency, as_of_ms)
    with database.reading() as session:
        person = person_by_id(session, plan.employee_id)
    found = assume(plan, expected_hours(plan, WorkCalendar(person)), own, _team(database, plan, scope), limit)
    if not complete(found):
        return found
    with database.writing() as session:
        return fill_assumptions(session, plan, found.assumptions, found.sources, as_of_ms)


def _team(database: Database, plan: PlanFact, scope: Scope) -> History:
    """The history of the colleagues together, without the person's own: of the team of the plan's first day."""
    with database.reading() as session:
        others = colleagues(session, person_by_id(session, plan.employee_id), plan.first)
    return together(history(database, one, plan.first, scope) for one in others)
