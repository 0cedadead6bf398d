"""Verdicts on overdue tasks: windows, the order of the rules, and their bounds."""

from dataclasses import replace
from datetime import date
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from planwhy_collector.explain.overdue import (
    TaskTime,
    cards_of,
    contacts_on,
    judge,
    overdue_stretch,
    possible_window,
    task_time,
    usual_effort_ms,
)
from planwhy_collector.facts import ContactFact, EntityRef, Person, TaskFact
from planwhy_collector.plan.workcalendar import WorkCalendar
from planwhy_collector.rollup.piece import Judged
from planwhy_shared.hours import DEFAULT, parse_hours
from planwhy_shared.times import HOUR_MS, Interval, day_bounds

ZONE = ZoneInfo("Europe/Moscow")
PERSON = Person(1, "e1", "One", None, "", ZONE, parse_hours(DEFAULT), "")
CALENDAR = WorkCalendar(PERSON)
MONDAY = day_bounds(date(2026, 10, 5), ZONE).start_ms
EFFORT = HOUR_MS // 3
LATER = MONDAY + 30 * 24 * HOUR_MS
TASK = TaskFact("t1", 1, "Call", MONDAY + 9 * HOUR_MS, MONDAY + 18 * HOUR_MS, False, None, "deal", "d1", "call")
NAMED = {"t2": replace(TASK, id="t2"), "t3": replace(TASK, id="t3", entity_type="lead", entity_id="d1")}


def at(hour: float) -> int:
    return MONDAY + round(hour * HOUR_MS)


def verdict(time: TaskTime, contacts: tuple[ContactFact, ...] = ()) -> str:
    return judge(Interval(at(9), at(18)), time, contacts_on(TASK, contacts, NAMED), EFFORT).verdict


def hours(**spent: float) -> TaskTime:
    return TaskTime(**{name: round(value * HOUR_MS) for name, value in spent.items()})


@pytest.mark.parametrize(
    ("time", "expected"),
    [
        (hours(absent=4.1, sales=3.9), "absent"),
        (hours(absent=4, sales=4), "no_capacity"),
        (hours(unrecorded=3.3, sales=4.7), "no_data"),
        (hours(unrecorded=3.2, sales=4.8), "unclear"),
        (hours(), "no_data"),
        (hours(own_card=EFFORT / HOUR_MS, non_work=5), "worked_not_closed"),
        (hours(own_card=0.3, sales=7.7), "no_capacity"),
        (hours(sales=7.8, non_work=0.2), "no_capacity"),
        (hours(sales=7.5, non_work=0.2, unclassified=0.2), "unclear"),
        (hours(sales=7.5, non_work=0.2, idle=0.1, locked=0.1), "had_capacity"),
        (hours(sales=5, neutral=3), "no_capacity"),
        (hours(sales=5, asleep=3), "no_capacity"),
        (hours(sales=5, private=3), "no_capacity"),
    ],
)
def test_the_first_rule_that_holds_gives_the_verdict(time: TaskTime, expected: str) -> None:
    assert verdict(time) == expected


def contact(hour: float, deal: str | None = "d1", task: str | None = None) -> ContactFact:
    return ContactFact("c", 1, at(hour), "call", "out", 60, deal, None, task)


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (contact(9), "worked_not_closed"),
        (contact(17.9), "worked_not_closed"),
        (contact(12, deal=None, task="t1"), "worked_not_closed"),
        (contact(12, deal=None, task="t2"), "worked_not_closed"),
        (contact(12, deal="d2", task="t2"), "had_capacity"),
        (contact(12, deal=None, task="t3"), "had_capacity"),
        (contact(18), "had_capacity"),
        (contact(8.9), "had_capacity"),
        (contact(12, deal="d2"), "had_capacity"),
    ],
)
def test_a_contact_on_the_entity_within_the_window_means_worked(made: ContactFact, expected: str) -> None:
    assert verdict(hours(non_work=8), (made,)) == expected


def test_a_window_of_four_working_hours_or_more_ends_at_the_deadline() -> None:
    assert possible_window(TASK, CALENDAR, LATER) == Interval(at(9), at(18))


def test_a_short_window_is_extended_over_lunch_until_it_holds_four_hours() -> None:
    short = replace(TASK, created_ms=at(12), deadline_ms=at(12.5))
    assert possible_window(short, CALENDAR, LATER) == Interval(at(12), at(17))


def test_a_short_window_is_extended_over_months_without_working_hours() -> None:
    early = replace(TASK, created_ms=at(9) - 100 * 24 * HOUR_MS, deadline_ms=at(9) - 99 * 24 * HOUR_MS)
    hired = WorkCalendar(replace(PERSON, hired_on=date(2026, 10, 5)))
    assert possible_window(early, hired, LATER) == Interval(early.created_ms, at(13))


def test_a_short_window_is_not_extended_past_the_closing_of_the_task() -> None:
    short = replace(TASK, created_ms=at(12), deadline_ms=at(12.5), closed_ms=at(15))
    assert possible_window(short, CALENDAR, LATER) == Interval(at(12), at(15))


def test_a_task_is_overdue_from_its_deadline_until_it_is_closed() -> None:
    assert overdue_stretch(replace(TASK, closed_ms=at(20)), LATER) == Interval(at(18), at(20))
    assert overdue_stretch(TASK, LATER) == Interval(at(18), LATER)
    assert overdue_stretch(replace(TASK, closed_ms=at(17)), LATER).ms == 0


CARD = EntityRef("deal", "d1")


def test_time_is_split_by_kind_and_the_own_card_is_apart() -> None:
    pieces = [
        Judged(at(9), at(10), "active", 1, True, "work", "crm_sales", "sales", CARD),
        Judged(at(10), at(11), "call", 2, True, "work", "calls", "service", None),
        Judged(at(11), at(12), "active", 3, True, None, None, None, None),
        Judged(at(12), at(13), "none", 0, True, None, None, None, None),
        Judged(at(13), at(14), "active", 4, False, "non_work", "games", None, None),
        Judged(at(17), at(19), "idle", 0, True, None, None, None, None),
    ]
    found = task_time(cards_of(TASK, own_only=False), pieces, Interval(at(9), at(18)))
    assert found == hours(own_card=1, service=1, unclassified=1, unrecorded=1, idle=1)


def test_where_tasks_have_cards_of_their_own_only_those_count() -> None:
    assert cards_of(TASK, own_only=True) == {EntityRef("task", "t1")}
    assert cards_of(TASK, own_only=False) == {EntityRef("task", "t1"), CARD}
    assert cards_of(replace(TASK, entity_type=""), own_only=False) == {EntityRef("task", "t1")}


@given(st.lists(st.integers(0, 10**7), max_size=12))
def test_the_usual_effort_lies_among_what_was_seen_or_is_not_known(seen: list[int]) -> None:
    effort = usual_effort_ms(seen)
    known = [ms for ms in seen if ms]
    assert effort is None if len(known) < 5 else min(known) <= (effort or 0) <= max(known)


@given(st.lists(st.integers(0, 8 * HOUR_MS), min_size=13, max_size=13), st.integers(1, HOUR_MS))
def test_every_time_has_exactly_one_verdict_and_more_free_time_never_takes_capacity_away(
    spent: list[int], effort: int
) -> None:
    time = TaskTime(*spent)
    first = judge(Interval(at(9), at(18)), time, (), effort).verdict
    more = judge(Interval(at(9), at(18)), replace(time, non_work=time.non_work + effort), (), effort).verdict
    assert first != "had_capacity" or more == "had_capacity"
