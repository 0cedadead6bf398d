"""The weekly report of a team: query → pure. In: a week, a team. Out: WeeklyReport. Never: one person's work time."""

from collections.abc import Sequence
from datetime import date, timedelta

from planwhy_shared.times import from_ms, rfc3339

from planwhy_collector.db import Database
from planwhy_collector.errors import InvalidInput, NotFound
from planwhy_collector.facts import Person
from planwhy_collector.jobs.objecting import standing_sum
from planwhy_collector.jobs.overview import person_rows, splits_of
from planwhy_collector.plan.period import Period, parse_period
from planwhy_collector.queries.people import people, teams
from planwhy_collector.report.weekly import WeeklyReport, team_coverage, team_hours, without_time


def last_week(now_ms: int) -> Period:
    """The last week that has ended, in UTC."""
    day = from_ms(now_ms).date() - timedelta(days=7)
    year, week, _ = day.isocalendar()
    return parse_period(f"{year}-W{week:02}")


def team_day(week: Period, now_ms: int) -> date:
    """The day whose teams a week's report is about: its last, in a week in progress today (UTC).

    So whoever changed team within the week stands in the new one, with the whole week.
    """
    return max(week.first, min(week.last, from_ms(now_ms).date()))


def weekly_report(
    database: Database,
    week: Period,
    team: str | None,
    now_ms: int,
    only: Sequence[Person] | None = None,
) -> WeeklyReport:
    """Make a team's report of a week, as the team was then (see `team_day`); of everyone without a team.

    `only` names the people instead; choosing them is up to the caller, also by team.

    Raises InvalidInput for a period that is no week, NotFound for a team that there is not.
    """
    if (week.last - week.first).days != 6:
        raise InvalidInput(f"week {week.text!r}: expected such as 2026-W47")
    with database.reading() as session:
        if team is not None and team not in teams(session):
            raise NotFound(f"there is no team {team!r}")
        members = only if only is not None else people(session, team=team, on=team_day(week, now_ms))
    members = sorted(members, key=lambda person: (person.name, person.key))
    splits = splits_of(database, members, week, now_ms)
    with database.reading() as session:
        rows = person_rows(session, members, splits, week, now_ms)
        beside = standing_sum(session, members, week.first, week.last, now_ms)
    made = WeeklyReport(
        team or "", week.text, week.first.isoformat(), week.last.isoformat(), rfc3339(now_ms // 1000 * 1000),
        tuple(rows), team_hours(splits), team_coverage(splits), beside,
    )  # fmt: skip
    return made if made.time_hours else without_time(made)
