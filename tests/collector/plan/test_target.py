"""Targets of periods that are a part of a plan, one plan, or several."""

from dataclasses import replace
from datetime import date
from zoneinfo import ZoneInfo

import pytest
from planwhy_collector.errors import NoPlan
from planwhy_collector.facts import Assumptions, ExceptionFact, Person, PlanFact
from planwhy_collector.plan.period import parse_period
from planwhy_collector.plan.target import Target, plan_parts, target_of
from planwhy_collector.plan.workcalendar import WorkCalendar
from planwhy_shared.hours import DEFAULT, parse_hours
from planwhy_shared.times import day_bounds

ZONE = ZoneInfo("Europe/Berlin")
PERSON = Person(1, "e1", "One", None, "", ZONE, parse_hours(DEFAULT), "")
END = day_bounds(date(2027, 1, 1), ZONE).start_ms


def plan(period: str, target: float, **more: object) -> PlanFact:
    days = parse_period(period)
    fact = PlanFact(1, period, days.first, days.last, "contracts", target, None, Assumptions(), {}, False)
    return replace(fact, **more)  # type: ignore[arg-type]


def target(period: str, *plans: PlanFact, until: int = END, person: Person = PERSON) -> Target:
    days, calendar = parse_period(period), WorkCalendar(person)
    return target_of(plan_parts(plans, days, calendar, until), days, calendar)


def test_a_plan_for_exactly_these_days_is_taken_whole() -> None:
    found = target("2026-10", plan("2026-10", 12.0), plan("2026-Q4", 99.0), plan("2026-W43", 5.0))
    assert (found.value, found.full, found.prorated_from) == (12.0, 12.0, None)


def test_whole_plans_add_up_and_their_assumptions_are_weighed_by_hours() -> None:
    """October 2026 has 22 working days, November 21, December 23: focus (22 x 0.5 + 21 x 0.6 + 23 x 0.7) / 66."""
    months = [
        plan(f"2026-{m}", 10.0, assumptions=Assumptions(focus=f), sources={"focus": s})
        for m, f, s in ((10, 0.5, "given"), (11, 0.6, "team"), (12, 0.7, "own"))
    ]
    found = target("2026-Q4", *months)
    assert (found.value, found.prorated_from) == (30.0, None)
    assert found.assumptions.focus == pytest.approx((22 * 0.5 + 21 * 0.6 + 23 * 0.7) / 66)
    assert (found.sources["focus"], found.sources["attendance"]) == ("team", "none")


def test_a_week_over_the_end_of_a_month_takes_its_part_of_both_plans() -> None:
    """2026-W40 has three working days of September (22 working days) and two of October (22)."""
    found = target("2026-W40", plan("2026-09", 22.0), plan("2026-10", 44.0))
    assert found.value == pytest.approx(3 + 4)
    assert found.prorated_from == "2026-09, 2026-10"


def test_a_period_in_progress_takes_the_hours_that_have_passed_over_a_clock_change() -> None:
    """Clocks go back on 25 October: 17 of 22 working days have passed at the end of Friday the 23rd."""
    until = day_bounds(date(2026, 10, 26), ZONE).start_ms
    found = target("2026-10", plan("2026-10", 22.0), until=until)
    assert (found.value, found.full) == (pytest.approx(17.0), 22.0)


def test_a_plan_over_days_without_working_hours_is_shared_by_days() -> None:
    left = replace(PERSON, left_on=date(2026, 9, 1))
    until = day_bounds(date(2026, 10, 11), ZONE).start_ms
    assert target("2026-10", plan("2026-10", 31.0), until=until, person=left).value == pytest.approx(10.0)


def test_working_days_without_a_plan_are_refused_and_weekends_are_not() -> None:
    """The 31st of October and the 1st of November are a weekend."""
    assert target("2026-10-01..2026-11-01", plan("2026-10", 12.0)).value == 12.0
    with pytest.raises(NoPlan, match="1 working days from 2026-11-02 have none"):
        target("2026-10-01..2026-11-02", plan("2026-10", 12.0))
    with pytest.raises(NoPlan, match="no plan for 2026-12"):
        target("2026-12", plan("2026-10", 12.0))


def test_currencies_do_not_add_up() -> None:
    money = [
        plan("2026-10", 1.0, metric="revenue", currency="RUB"),
        plan("2026-11", 1.0, metric="revenue", currency="EUR"),
    ]
    with pytest.raises(NoPlan, match="different currencies"):
        target("2026-10-01..2026-11-30", *money)


def test_a_plan_of_a_month_is_the_whole_plan_of_who_joined_or_left_within_it() -> None:
    for part in ({"hired_on": date(2026, 10, 15)}, {"left_on": date(2026, 10, 15)}):
        found = target("2026-10", plan("2026-10", 12.0), person=replace(PERSON, **part))
        assert (found.value, found.full, found.prorated_from) == (12.0, 12.0, None)


def test_a_week_of_such_a_month_counts_among_the_days_of_employment() -> None:
    """From Thursday the 15th on October has twelve working days, five of them in its last but one week."""
    joined = replace(PERSON, hired_on=date(2026, 10, 15))
    assert target("2026-W43", plan("2026-10", 12.0), person=joined).value == pytest.approx(5.0)
    assert target("2026-W42", plan("2026-10", 12.0), person=joined).value == pytest.approx(2.0)
    assert target("2026-W41", plan("2026-10", 12.0), person=joined).value == 0


def test_part_time_weighs_a_week_by_its_hours() -> None:
    """Ten whole days before the 15th and twelve halves from it are 16 whole ones."""
    half = ExceptionFact(date(2026, 10, 15), None, parse_hours("Mon-Fri 09:00-13:00"))
    person = replace(PERSON, exceptions=(half,))
    assert target("2026-W41", plan("2026-10", 16.0), person=person).value == pytest.approx(5.0)
    assert target("2026-W43", plan("2026-10", 16.0), person=person).value == pytest.approx(2.5)


def test_a_month_in_progress_counts_from_the_first_day_of_work() -> None:
    until = day_bounds(date(2026, 10, 26), ZONE).start_ms
    joined = replace(PERSON, hired_on=date(2026, 10, 15))
    assert target("2026-10", plan("2026-10", 12.0), until=until, person=joined).value == pytest.approx(7.0)
