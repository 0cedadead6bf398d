"""Past periods stay right: months partly worked, teams as they were, days settled by the calendar of that day."""

from datetime import date

import pytest
from activity_rows import at, enrol, hire, record
from crm_rows import away, deal, letters, plan, task
from planwhy_collector.config import Settings
from planwhy_collector.csvimport.single import store_row
from planwhy_collector.db import Database
from planwhy_collector.explain.result import Explanation
from planwhy_collector.facts import Person
from planwhy_collector.jobs.explaining import explain
from planwhy_collector.jobs.reporting import weekly_report
from planwhy_collector.jobs.settle import settled_totals
from planwhy_collector.jobs.staffing import remove_exception
from planwhy_collector.plan.period import parse_period
from planwhy_shared.times import HOUR_MS
from staff_rows import again, other_hours, transfer

SETTINGS = Settings(default_locale="en")
NOW = at("2026-11-02 12:00")
CRM = "https://acme.bitrix24.ru/crm/deal/details/7/"
OFFICE = ("09:00", "13:00"), ("14:00", "18:00")


def explained(database: Database, who: Person, period: str = "2026-10") -> Explanation:
    return explain(database, who.key, parse_period(period), NOW, SETTINGS, "en")


def worked(database: Database, who: Person, *days: int, hours: tuple[tuple[str, str], ...] = OFFICE) -> None:
    spans = [(f"2026-10-{d:02} {a}", f"2026-10-{d:02} {b}", "active", CRM) for d in days for a, b in hours]
    record(database, who, enrol(database, who), spans)


@pytest.mark.parametrize(
    ("employed", "hours"),
    [({"hired_on": date(2026, 10, 15)}, 96), ({"left_on": date(2026, 10, 15)}, 88), ({}, 176)],
)
def test_a_partly_employed_month_is_explained_by_its_own_hours(
    database: Database, employed: dict[str, date], hours: int
) -> None:
    who = hire(database, **employed)
    worked(database, who, 15)
    plan(database, who, "2026-10", 12.0)
    found = explained(database, who)
    assert (found.plan.target, found.coverage.expected_hours) == (12.0, hours)
    assert (found.coverage.recorded_hours, found.time.unrecorded) == (8, hours - 8)


def test_part_time_with_an_extra_saturday_and_a_vacation_adds_up(database: Database) -> None:
    """Ten whole days, twelve halves, a Saturday of 4 hours; of the vacation two halves count."""
    who = hire(database, country="RU")
    other_hours(database, who, "2026-10-15", None, "Mon-Fri 09:00-13:00")
    other_hours(database, None, "2026-10-31", "2026-10-31", "Sat 10:00-14:00")
    away(database, who, "2026-10-17", "2026-10-20")
    worked(database, who, 31, hours=(("10:00", "14:00"),))
    plan(database, who, "2026-10", 12.0)
    found = explained(database, who).coverage
    assert (found.expected_hours, found.approved_absence_hours) == (80 + 48 + 4, 8)
    assert found.recorded_hours == 4


def test_work_on_a_day_made_free_is_outside_working_hours_until_that_is_taken_back(database: Database) -> None:
    who, day = hire(database), date(2026, 10, 14)
    worked(database, who, 14)

    def split() -> tuple[float, float]:
        totals = settled_totals(database, again(database, who), day, day, NOW)
        return sum(t.working_ms for t in totals) / HOUR_MS, sum(t.other_ms for t in totals) / HOUR_MS

    assert split() == (8, 0)
    with database.writing() as session:
        cells = {"employee_id": "e1", "from": "2026-10-14", "to": "2026-10-14", "working_hours": "-"}
        assert store_row(session, "calendars.csv", cells, NOW).days == 1
    assert split() == (0, 8)
    with database.writing() as session:
        assert remove_exception(session, "e1", day, NOW) == 1
    assert split() == (8, 0)


def seller(database: Database, key: str, team: str, target: float = 1.0) -> Person:
    """Someone with a recorded October, a plan, and one contract after four letters."""
    who = hire(database, key, team=team)
    worked(database, who, *(d for d in range(1, 31) if date(2026, 10, d).weekday() < 5))
    deal(database, who, f"d-{key}", "2026-10-08 12:00")
    letters(database, who, f"d-{key}", *(f"2026-10-0{n} 10:00" for n in (5, 6, 7, 8)))
    plan(database, who, "2026-10", target)
    return who


def test_those_who_met_the_plan_are_the_team_of_that_time(database: Database) -> None:
    who = seller(database, "e1", "North", 5.0)
    colleagues = [seller(database, key, "North") for key in ("e2", "e3")]
    before = explained(database, who).factors
    for one in colleagues:
        transfer(database, one, "2026-11-01", "South")
    assert explained(database, who).factors == before
    assert before[0].met_plan_median is not None
    for one in colleagues:
        transfer(database, one, "2026-10-01", "South")
    assert explained(database, who).factors[0].met_plan_median is None


def test_who_moves_is_compared_with_the_team_of_the_first_day(database: Database) -> None:
    who = seller(database, "e1", "North", 5.0)
    for key in ("e2", "e3"):
        seller(database, key, "North")
    transfer(database, who, "2026-10-02", "South")
    assert explained(database, who).factors[0].met_plan_median is not None


def test_assumptions_shrink_towards_the_team_of_the_plans_first_day(database: Database) -> None:
    """September is nobody's history here but the colleague's: only the team can tell of October's plan."""
    who, other = hire(database, "e1", team="North"), hire(database, "e2", team="North")
    letters(database, other, "d9", *(f"2026-09-{n:02} 10:00" for n in range(1, 21)))
    deal(database, other, "d9", "2026-09-21 12:00")
    plan(database, who, "2026-10", 2.0)
    transfer(database, other, "2026-10-02", "South")
    assert {f.name: f for f in explained(database, who).factors}["conversion"].plan == pytest.approx(1 / 20)
    transfer(database, other, "2026-09-15", "South")
    assert {f.name: f for f in explained(database, who).factors}["conversion"].plan != pytest.approx(1 / 20)


def test_the_usual_effort_is_that_of_the_team_of_the_first_day(database: Database) -> None:
    who, other = hire(database, "e1", team="North"), hire(database, "e2", team="North")
    for number in range(5):
        day = f"2026-10-{number + 5:02}"
        task(database, other, f"1{number}", f"{day} 09:00", f"{day} 18:00", closed=f"{day} 12:00", kind="call")
        address = f"https://acme.bitrix24.ru/company/personal/user/1/tasks/task/view/1{number}/"
        record(database, other, enrol(database, other), [(f"{day} 10:00", f"{day} 11:30", "active", address)])
        settled_totals(database, other, date(2026, 10, number + 5), date(2026, 10, number + 5), NOW)
    task(database, who, "20", "2026-10-12 09:00", "2026-10-13 18:00", kind="call")
    plan(database, who, "2026-10", 2.0)
    transfer(database, other, "2026-10-20", "South")
    assert explained(database, who).overdue[0].effort_hours == pytest.approx(1.5)
    transfer(database, other, "2026-09-20", "South")
    assert explained(database, who).overdue[0].effort_hours == pytest.approx(1 / 3)


def test_a_report_of_a_past_week_has_the_team_of_its_last_day(database: Database) -> None:
    moved, stayed = hire(database, "e1", team="North"), hire(database, "e2", team="North")
    transfer(database, moved, "2026-10-14", "South")

    def team(name: str, week: str) -> list[str]:
        return [row.employee_id for row in weekly_report(database, parse_period(week), name, NOW).people]

    assert team("North", "2026-W41") == ["e1", stayed.key]
    assert (team("North", "2026-W42"), team("South", "2026-W42")) == (["e2"], ["e1"])


def test_a_transfer_later_in_the_week_in_progress_is_not_yet_reported(database: Database) -> None:
    transfer(database, hire(database, "e1", team="North"), "2026-11-06", "South")
    made = weekly_report(database, parse_period("2026-W45"), "North", NOW)
    assert [row.employee_id for row in made.people] == ["e1"]
