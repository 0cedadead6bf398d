"""The weekly report as a page. A supervisor sees the own people; team totals never tell of one person."""

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from planwhy_collector.errors import NotFound
from planwhy_collector.gate import own_people
from planwhy_collector.jobs.reporting import last_week, team_day, weekly_report
from planwhy_collector.plan.period import parse_period
from planwhy_collector.report.html import plans_chart, weekly_chart, weekly_html
from planwhy_collector.report.weekly import LEAST_PEOPLE, WeeklyReport, without_time
from planwhy_collector.services import services
from planwhy_collector.web.pages import page
from planwhy_collector.web.roles import role
from planwhy_collector.web.visitor import spoken, user

pages = Blueprint("reports", __name__, url_prefix="/reports")


@pages.get("/weekly")
@role("supervisor", "admin")
def weekly() -> ResponseReturnValue:
    """The report of a week, of one team or of all own people."""
    made, teams = own_report()
    say = spoken()
    return page("weekly.html", report=made, teams=teams, chart=weekly_chart(made, say), plans=plans_chart(made, say))


@pages.get("/weekly.html")
@role("supervisor", "admin")
def file() -> ResponseReturnValue:
    """The same as one file to keep or send."""
    made, _ = own_report()
    name = f"planwhy-{made.week}.html"
    answer = Response(weekly_html(made, spoken().locale), mimetype="text/html")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def own_report() -> tuple[WeeklyReport, list[str]]:
    """The report that the address asks for, of the visitor's own people; and the names of their teams in that week.

    A team's total is kept back where the rest are so few that everyone's total less the team's would tell of one.
    """
    now_ms, database = services().now_ms(), services().database
    text, team = request.args.get("week", "")[:40], request.args.get("team", "")[:200] or None
    week = parse_period(text) if text else last_week(now_ms)
    with database.reading() as session:
        members = own_people(session, user(), on=team_day(week, now_ms))
    teams = sorted({one.team for one in members if one.team})
    if team is not None and team not in teams:
        raise NotFound("there is no such team among your people")
    only = [one for one in members if team in (None, one.team)]
    made = weekly_report(database, week, team, now_ms, only)
    if 0 < len(members) - len(only) < LEAST_PEOPLE:
        made = without_time(made)
    return made, teams
