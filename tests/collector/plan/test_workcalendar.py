"""The working calendar: exceptions and what they yield to, months that are only partly worked, clock changes."""

from dataclasses import replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from planwhy_collector.facts import ExceptionFact, Person
from planwhy_collector.plan.period import parse_period
from planwhy_collector.plan.workcalendar import WorkCalendar
from planwhy_shared.hours import DEFAULT, parse_hours
from planwhy_shared.times import HOUR_MS, days_bounds, total_ms

MOSCOW, BERLIN = ZoneInfo("Europe/Moscow"), ZoneInfo("Europe/Berlin")
PERSON = Person(1, "e1", "One", None, "", MOSCOW, parse_hours(DEFAULT), "RU")
HALF = "Mon-Fri 09:00-13:00"
START = date(2026, 1, 1)
UNHURRIED = settings(deadline=None)  # the first look at a country loads its holidays


def other(first: str, last: str | None, hours: str = "", everybody: bool = False) -> ExceptionFact:
    until = date.fromisoformat(last) if last else None
    return ExceptionFact(date.fromisoformat(first), until, parse_hours(hours) if hours else None, everybody)


def hours(period: str, *exceptions: ExceptionFact, person: Person = PERSON) -> float:
    days = parse_period(period)
    calendar = WorkCalendar(replace(person, exceptions=exceptions))
    return total_ms(calendar.of_days(days.first, days.last)) / HOUR_MS


days = st.dates(START, START + timedelta(days=400))
weeks = st.sampled_from([None, *map(parse_hours, (DEFAULT, HALF, "Sat,Sun 10:00-14:00", "Mon-Sun 00:00-24:00"))])


@st.composite
def exceptions(draw: st.DrawFn) -> ExceptionFact:
    first = draw(days)
    length = draw(st.none() | st.integers(0, 60))
    last = None if length is None else first + timedelta(days=length)
    return ExceptionFact(first, last, draw(weeks), draw(st.booleans()))


people = st.builds(
    replace,
    st.just(PERSON),
    zone=st.sampled_from([MOSCOW, BERLIN, ZoneInfo("America/Sao_Paulo")]),
    country=st.sampled_from(["", "RU", "DE"]),
    hired_on=st.none() | days,
    left_on=st.none() | days,
    exceptions=st.lists(exceptions(), max_size=6, unique_by=lambda e: (e.everybody, e.first_day)).map(tuple),
)


@UNHURRIED
@given(people, days, days, days)
def test_the_hours_of_adjacent_days_add_up_to_the_whole(person: Person, a: date, b: date, c: date) -> None:
    first, middle, last = sorted((a, b, c))
    calendar, after = WorkCalendar(person), middle + timedelta(days=1)
    parts = calendar.of_days(first, middle) + (calendar.of_days(after, last) if after <= last else ())
    assert parts == calendar.of_days(first, last)
    assert total_ms(parts) == total_ms(calendar.within(days_bounds(first, last, person.zone)))


@UNHURRIED
@given(people, days)
def test_the_order_of_exceptions_does_not_matter(person: Person, day: date) -> None:
    turned = replace(person, exceptions=person.exceptions[::-1])
    assert WorkCalendar(person).hours_on(day) == WorkCalendar(turned).hours_on(day)


@UNHURRIED
@given(people, days)
def test_nobody_works_before_hiring_or_after_leaving(person: Person, day: date) -> None:
    employed = (person.hired_on or day) <= day <= (person.left_on or day)
    assert employed or WorkCalendar(person).of_day(day) == ()


@UNHURRIED
@given(people, days)
def test_the_coming_week_is_what_its_seven_days_are(person: Person, first: date) -> None:
    calendar = WorkCalendar(person)
    week = calendar.week_from(first)
    for day in (first + timedelta(days=n) for n in range(7)):
        assert week.of_day(day, person.zone) == calendar.of_day(day)


@UNHURRIED
@given(people, days, st.none() | st.integers(0, 60))
def test_an_own_free_day_is_free_unless_an_own_exception_begins_later(
    person: Person, first: date, length: int | None
) -> None:
    free = ExceptionFact(first, None if length is None else first + timedelta(days=length), None)
    kept = tuple(e for e in person.exceptions if e.everybody or e.first_day < first)
    calendar = WorkCalendar(replace(person, exceptions=(*kept, free)))
    assert calendar.of_day(first) == () == calendar.of_day(first + timedelta(days=length or 0))


@UNHURRIED
@given(people, exceptions(), exceptions(), days)
def test_a_changed_exception_changes_no_day_outside_of_its_old_and_new_days(
    person: Person, old: ExceptionFact, new: ExceptionFact, day: date
) -> None:
    last = new.last_day and old.first_day + (new.last_day - new.first_day)
    new = replace(new, first_day=old.first_day, last_day=last, everybody=old.everybody)
    others = tuple(e for e in person.exceptions if (e.everybody, e.first_day) != (old.everybody, old.first_day))
    before, after = (WorkCalendar(replace(person, exceptions=(*others, one))) for one in (old, new))
    assert old.holds(day) or new.holds(day) or before.hours_on(day) == after.hours_on(day)


def test_a_moved_holiday_moves() -> None:
    """Monday the 2nd of November is free for the Saturday before: 8 hours go from one month to the other."""
    moved = (
        other("2026-10-31", "2026-10-31", "Sat 09:00-13:00,14:00-18:00", everybody=True),
        other("2026-11-02", "2026-11-02", everybody=True),
    )
    assert (hours("2026-10"), hours("2026-11")) == (176, 160)
    assert (hours("2026-10", *moved), hours("2026-11", *moved)) == (184, 152)


def test_part_time_from_the_15th_keeps_the_holidays() -> None:
    """April 2026 has 10 working days before the 15th and 12 from it; May 21 less the 1st and, moved, the 11th."""
    part = other("2026-04-15", None, HALF)
    assert hours("2026-04", part) == 10 * 8 + 12 * 4
    assert hours("2026-05", part) == hours("2026-05") / 2 < 21 * 4


def test_duty_over_a_holiday_is_worked() -> None:
    assert hours("2026-01-01..2026-01-08") == 0
    assert hours("2026-01-01..2026-01-08", other("2026-01-01", "2026-01-08", "Mon-Sun 10:00-12:00")) == 16


def test_a_free_day_of_everybody_holds_for_part_time_and_not_for_who_is_on_duty() -> None:
    free, part = other("2026-10-20", "2026-10-20", everybody=True), other("2026-10-12", None, HALF)
    assert hours("2026-10-20..2026-10-20", part, free) == 0
    assert hours("2026-10-20..2026-10-20", other("2026-10-20", "2026-10-20", HALF), free) == 4


def test_a_working_saturday_of_everybody_calls_nobody_back_from_a_leave() -> None:
    saturday = other("2026-10-10", "2026-10-10", "Sat 10:00-14:00", everybody=True)
    assert hours("2026-10-10..2026-10-10", saturday) == 4
    assert hours("2026-10-10..2026-10-10", saturday, other("2026-09-01", None)) == 0


def test_of_exceptions_that_overlap_the_later_one_holds_and_then_the_earlier_one_again() -> None:
    summer, week = other("2026-06-01", "2026-08-31", HALF), other("2026-07-06", "2026-07-10")
    assert [hours(f"2026-W{w}", week, summer) for w in (27, 28, 29)] == [20, 0, 20]


@pytest.mark.parametrize(
    ("employed", "worked"),
    [
        ({"hired_on": date(2026, 10, 15)}, 12 * 8),
        ({"left_on": date(2026, 10, 15)}, 11 * 8),
        ({"hired_on": date(2026, 10, 15), "left_on": date(2026, 10, 15)}, 8),
        ({"hired_on": date(2026, 11, 1)}, 0),
    ],
)
def test_a_month_counts_from_hiring_to_leaving(employed: dict[str, date], worked: int) -> None:
    """October 2026 has 22 working days, the 15th is a Thursday; an exception hires nobody."""
    assert hours("2026-10", person=replace(PERSON, **employed)) == worked
    assert hours("2026-10", other("2026-10-01", None, DEFAULT), person=replace(PERSON, **employed)) == worked


def test_clock_changes_add_and_take_an_hour_of_the_night() -> None:
    watch = replace(PERSON, zone=BERLIN, country="", hours=parse_hours("Mon-Sun 00:00-24:00"))
    assert hours("2026-10", person=watch) == 31 * 24 + 1
    assert hours("2026-03", person=watch) == 31 * 24 - 1
    assert hours("2026-10", other("2026-10-25", "2026-10-25", "Sun 01:00-04:00"), person=watch) == 30 * 24 + 4
