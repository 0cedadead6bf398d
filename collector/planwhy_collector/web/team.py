"""The supervisor's home: one's own people in the order of their names. Never: a ranking, a share of work."""

from itertools import groupby

from flask import Blueprint
from flask.typing import ResponseReturnValue
from planwhy_shared.times import from_ms

from planwhy_collector.facts import Person
from planwhy_collector.gate import own_people
from planwhy_collector.jobs.objecting import standing_sum
from planwhy_collector.jobs.overview import person_rows, splits_of
from planwhy_collector.plan.period import Period
from planwhy_collector.queries.cases import CaseFact, cases_of
from planwhy_collector.report.weekly import PersonRow
from planwhy_collector.services import services
from planwhy_collector.web.asked import asked_period, neighbours
from planwhy_collector.web.pacing import pace_shown
from planwhy_collector.web.pages import page
from planwhy_collector.web.roles import role
from planwhy_collector.web.visitor import user

pages = Blueprint("team", __name__)


@pages.get("/team")
@role("supervisor", "admin")
def overview() -> ResponseReturnValue:
    """Plan and fact, forecast, overdue tasks, coverage and cases of one's own people in a period."""
    period = asked_period("period", from_ms(services().now_ms()).date())
    with services().database.reading() as session:
        members = sorted(own_people(session, user()), key=lambda one: (one.name, one.key))
        cases = cases_of(session, [one.id for one in members])
        paces = [pace_shown(session, one, period) for one in members]
    lines = zip(members, team_rows(members, period), paces, strict=True)
    rows = [(row, _case(cases, one, period), pace) for one, row, pace in lines]
    with services().database.reading() as session:
        objections = standing_sum(session, members, period.first, period.last, services().now_ms())
    shown = {"rows": rows, "cases": _named(cases, members), "objections": objections}
    before, after = neighbours(period)
    return page("team.html", period=period, before=before, after=after, **shown)


def team_rows(members: list[Person], period: Period) -> list[PersonRow]:
    """A line for each person."""
    now_ms, database = services().now_ms(), services().database
    splits = splits_of(database, members, period, now_ms)
    with database.reading() as session:
        return person_rows(session, members, splits, period, now_ms, whole=True)


def _case(cases: tuple[CaseFact, ...], person: Person, period: Period) -> CaseFact | None:
    return next((c for c in cases if c.employee_id == person.id and period.holds(c.period)), None)


def _named(cases: tuple[CaseFact, ...], members: list[Person]) -> list[tuple[Period, list[tuple[CaseFact, Person]]]]:
    """The cases by period, the latest first, in each in the order of names."""
    named = [(case, one) for one in members for case in cases if case.employee_id == one.id]
    named.sort(key=lambda pair: (pair[0].period.last, pair[0].period.first), reverse=True)
    return [(period, list(pairs)) for period, pairs in groupby(named, key=lambda pair: pair[0].period)]
