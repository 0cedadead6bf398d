"""Cases open by themselves where a plan was missed and tasks were overdue; once, and never without both."""

import sys
from subprocess import PIPE, Popen

import pytest
from activity_rows import at, hire
from crm_rows import away, deal, plan, task
from planwhy_collector.config import Settings
from planwhy_collector.db import Database
from planwhy_collector.facts import Person
from planwhy_collector.jobs.cases import open_cases
from planwhy_collector.plan.miss import OwnThresholds
from planwhy_collector.queries.case_events import events_of
from planwhy_collector.queries.cases import BY_PACE, BY_RULE, CaseFact, cases_of
from planwhy_collector.queries.thresholds import set_thresholds

NOW = at("2026-11-02 12:00")


def missed(database: Database, overdue: int, won: int = 0, target: float = 10.0, **hired: str) -> Person:
    person = hire(database, **hired)
    plan(database, person, "2026-10", target)
    for number in range(won):
        deal(database, person, f"d{number}", won="2026-10-06 12:00")
    for number in range(overdue):
        closed = "2026-10-06 10:00"
        task(database, person, f"t{number}", "2026-10-01 10:00", "2026-10-06 09:00", closed=closed)
    return person


def opened(database: Database, now_ms: int = NOW) -> int:
    return open_cases(database, now_ms, Settings(database_url=database.url))


def cases(database: Database, person: Person) -> tuple[CaseFact, ...]:
    with database.reading() as session:
        return cases_of(session, [person.id])


def test_a_miss_with_overdue_tasks_opens_one_case_however_often_it_is_looked_at(database: Database) -> None:
    person = missed(database, overdue=3)
    assert [opened(database), opened(database)] == [1, 0]
    (case,) = cases(database, person)
    assert (case.reason, case.opened_by, case.period.text) == (BY_RULE, None, "2026-10")


@pytest.mark.parametrize(("overdue", "won"), [(0, 0), (2, 0), (3, 9), (3, 12)])
def test_too_few_overdue_tasks_or_a_plan_nearly_met_open_none(database: Database, overdue: int, won: int) -> None:
    missed(database, overdue, won)
    assert opened(database) == 0


@pytest.mark.parametrize(("overdue", "won", "number"), [(3, 0, 1), (3, 6, 0), (2, 0, 0)])
def test_within_a_period_a_slow_pace_with_overdue_tasks_opens_one(
    database: Database, overdue: int, won: int, number: int
) -> None:
    person = missed(database, overdue, won)
    assert opened(database, at("2026-10-20 12:00")) == number
    assert [case.reason for case in cases(database, person)] == [BY_PACE] * number


def test_a_pace_opens_none_before_its_share_of_hours_has_passed(database: Database) -> None:
    missed(database, overdue=3)
    # October holds 22 working days of 8 hours: a third has passed on the 12th, 58 h 40 min of work later.
    assert opened(database, at("2026-10-12 11:30")) == 0
    assert opened(database, at("2026-10-12 11:45")) == 1


def test_who_was_away_with_approval_is_not_behind(database: Database) -> None:
    away(database, missed(database, overdue=3), "2026-10-01", "2026-10-16")
    assert opened(database, at("2026-10-20 12:00")) == 0


def test_a_case_of_the_pace_goes_on_when_the_period_ends(database: Database) -> None:
    person = missed(database, overdue=3)
    assert [opened(database, at("2026-10-20 12:00")), opened(database), opened(database)] == [1, 0, 0]
    (case,) = cases(database, person)
    assert (case.reason, case.concluded) == (BY_PACE, False)


@pytest.mark.parametrize(
    ("own", "moment", "number"),
    [
        (OwnThresholds(miss_share=0.7), "2026-11-02 12:00", 0),
        (OwnThresholds(miss_overdue_tasks=4), "2026-11-02 12:00", 0),
        (OwnThresholds(miss_overdue_tasks=4, miss_overdue_hours=2.5), "2026-11-02 12:00", 1),
        (OwnThresholds(pace_share=0.5), "2026-10-20 12:00", 0),
        (OwnThresholds(pace_after=0.9), "2026-10-20 12:00", 0),
        (OwnThresholds(), "2026-10-20 12:00", 1),
    ],
)
def test_a_team_has_thresholds_of_its_own(database: Database, own: OwnThresholds, moment: str, number: int) -> None:
    missed(database, overdue=3, won=4, team="North")
    with database.writing() as session:
        set_thresholds(session, "North", own)
    assert opened(database, at(moment)) == number


def test_two_processes_open_one_case_with_one_beginning(database: Database) -> None:
    person = missed(database, overdue=3)
    script = f"""if True:
        from planwhy_collector.config import Settings
        from planwhy_collector.db import Database
        from planwhy_collector.jobs.cases import open_cases
        input()
        print(open_cases(Database({database.url!r}), {NOW}, Settings()))"""
    both = [Popen([sys.executable, "-c", script], stdin=PIPE, stdout=PIPE, text=True) for _ in range(2)]
    assert sorted(one.communicate("\n")[0].strip() for one in both) == ["0", "1"]
    (case,) = cases(database, person)
    with database.reading() as session:
        assert [event.kind for event in events_of(session, case.id)] == ["opened"]


def test_nothing_opens_long_after(database: Database) -> None:
    missed(database, overdue=3)
    assert opened(database, at("2027-03-01 12:00")) == 0
