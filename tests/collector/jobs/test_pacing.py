"""Where a running plan stands: read from CRM and calendar, with known absence taken out."""

from decimal import Decimal

import pytest
from activity_rows import at, hire
from crm_rows import away, deal, plan
from planwhy_collector.db import Database
from planwhy_collector.errors import NoPlan
from planwhy_collector.facts import Person
from planwhy_collector.jobs.pacing import paced, running
from planwhy_collector.plan.pace import Running
from planwhy_collector.plan.period import parse_period
from planwhy_collector.report.pacing import PaceOut

NOW = "2026-10-16 18:00"
"""12 of October's 22 working days have passed."""


def stands(database: Database, person: Person, now: str = NOW) -> Running:
    with database.reading() as session:
        return running(session, person, parse_period("2026-10"), at(now))


def told(database: Database, person: Person, now: str) -> PaceOut:
    with database.reading() as session:
        return paced(session, person, parse_period("2026-10"), at(now))


def test_contracts_hours_and_what_is_due_come_from_crm_and_calendar(database: Database) -> None:
    person = hire(database)
    plan(database, person, "2026-10", 11.0)
    deal(database, person, "d1", won="2026-10-06 12:00")
    deal(database, person, "later", won="2026-10-30 12:00")
    deal(database, person, "service", won="2026-10-06 12:00", kind="recurring")
    run = stands(database, person)
    assert (run.whole, run.passed, run.left, run.contracts) == (176.0, 96.0, 80.0, 1)
    assert (run.due, run.pace) == (pytest.approx(6.0), pytest.approx(1 / 6))


def test_known_absence_leaves_what_has_passed_and_what_remains(database: Database) -> None:
    person = hire(database)
    plan(database, person, "2026-10", 11.0)
    away(database, person, "2026-10-01", "2026-10-02")
    away(database, person, "2026-10-26", "2026-10-30")
    run = stands(database, person)
    assert (run.whole, run.passed, run.left) == (176.0, 80.0, 40.0)


def test_revenue_takes_the_plans_deal_value_else_that_of_the_months_before(database: Database) -> None:
    person = hire(database)
    plan(database, person, "2026-10", 900.0, metric="revenue", currency="RUB")
    deal(database, person, "old", won="2026-08-06 12:00", amount=Decimal(300))
    deal(database, person, "foreign", won="2026-10-06 12:00", amount=Decimal(70), currency="USD")
    deal(database, person, "new", won="2026-10-06 12:00", amount=Decimal(80))
    run = stands(database, person)
    assert (run.amounts, run.deal_value, run.actual) == ((80.0,), 300.0, 80.0)


def test_before_the_first_hour_there_is_no_forecast_and_after_the_end_nothing_to_guess(database: Database) -> None:
    person = hire(database)
    plan(database, person, "2026-10", 2.0)
    deal(database, person, "d1", won="2026-10-06 12:00")
    assert told(database, person, "2026-09-20 12:00").forecast is None
    assert told(database, person, "2026-10-01 09:30").forecast is None
    ended = told(database, person, "2026-11-20 12:00")
    assert ended.ended and ended.forecast and (ended.forecast.low, ended.forecast.high) == (1.0, 1.0)


def test_without_a_plan_there_is_no_pace(database: Database) -> None:
    with pytest.raises(NoPlan):
        stands(database, hire(database))
