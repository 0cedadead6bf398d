"""Cases open by themselves where a plan was missed and tasks were overdue; once, and never without both."""

import pytest
from activity_rows import at, hire
from crm_rows import deal, plan, task
from planwhy_collector.config import Settings
from planwhy_collector.db import Database
from planwhy_collector.facts import Person
from planwhy_collector.jobs.cases import open_cases
from planwhy_collector.queries.cases import BY_RULE, cases_of

NOW = at("2026-11-02 12:00")


def missed(database: Database, overdue: int, won: int = 0, target: float = 10.0) -> Person:
    person = hire(database)
    plan(database, person, "2026-10", target)
    for number in range(won):
        deal(database, person, f"d{number}", won="2026-10-06 12:00")
    for number in range(overdue):
        closed = "2026-10-06 10:00"
        task(database, person, f"t{number}", "2026-10-01 10:00", "2026-10-06 09:00", closed=closed)
    return person


def opened(database: Database, now_ms: int = NOW) -> int:
    return open_cases(database, now_ms, Settings(database_url=database.url))


def test_a_miss_with_overdue_tasks_opens_one_case_however_often_it_is_looked_at(database: Database) -> None:
    person = missed(database, overdue=3)
    assert [opened(database), opened(database)] == [1, 0]
    with database.reading() as session:
        (case,) = cases_of(session, [person.id])
    assert (case.reason, case.opened_by, case.period.text) == (BY_RULE, None, "2026-10")


@pytest.mark.parametrize(("overdue", "won"), [(0, 0), (2, 0), (3, 9), (3, 12)])
def test_too_few_overdue_tasks_or_a_plan_nearly_met_open_none(database: Database, overdue: int, won: int) -> None:
    missed(database, overdue, won)
    assert opened(database) == 0


def test_a_period_that_has_not_ended_opens_none(database: Database) -> None:
    missed(database, overdue=3)
    assert opened(database, at("2026-10-31 23:00")) == 0


def test_nothing_opens_long_after(database: Database) -> None:
    missed(database, overdue=3)
    assert opened(database, at("2027-03-01 12:00")) == 0
