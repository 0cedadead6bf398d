"""Settling days, on a real database: what comes out, when it changes, and that doing it again changes nothing."""

from collections import Counter
from datetime import date

import pytest
from activity_rows import at, enrol, hire, record, talk
from planwhy_collector.db import Database
from planwhy_collector.facts import EntityRef, Person
from planwhy_collector.jobs.judging import judged_between
from planwhy_collector.jobs.settle import settle, settled_totals
from planwhy_collector.models import Absence, Day, DayContext, DayTotal, Deal, Task
from planwhy_collector.queries.rollups import day_states, dirty_days, mark_dirty
from planwhy_collector.rollup.piece import Total
from planwhy_shared.times import HOUR_MS, Interval

MONDAY, TUESDAY = date(2026, 10, 5), date(2026, 10, 6)
LATER = at("2026-10-08 12:00")
DEAL = "https://acme.bitrix24.ru/crm/deal/details/5121/"


@pytest.fixture
def anna(database: Database) -> Person:
    return hire(database)


def hours(totals: tuple[Total, ...], *fields: str) -> dict[tuple[object, ...], float]:
    sums: Counter[tuple[object, ...]] = Counter()
    for total in totals:
        sums[tuple(getattr(total, field) for field in fields)] += total.working_ms
    return {key: ms / HOUR_MS for key, ms in sums.items() if ms}


def dump(database: Database) -> list[object]:
    with database.reading() as session:
        rows = [row for model in (Day, DayContext, DayTotal) for row in session.query(model).all()]
        return sorted(str({k: v for k, v in vars(row).items() if not k.startswith("_")}) for row in rows)


def test_a_day_is_the_working_day_in_parts(database: Database, anna: Person) -> None:
    pc = enrol(database, anna)
    record(database, anna, pc, [
        ("2026-10-05 09:00", "2026-10-05 10:00", "active", DEAL),
        ("2026-10-05 10:00", "2026-10-05 10:30", "active", "https://vk.com/feed"),
        ("2026-10-05 10:30", "2026-10-05 11:00", "idle", None),
        ("2026-10-05 18:00", "2026-10-05 19:00", "active", "unheard-of-program"),
    ])  # fmt: skip
    found = settled_totals(database, anna, MONDAY, MONDAY, LATER)
    assert hours(found, "presence", "label", "area") == {
        ("active", "work", "sales"): 1, ("active", "non_work", None): 0.5, ("idle", None, None): 0.5,
        ("none", None, None): 6,
    }  # fmt: skip
    assert [t.other_ms for t in found if t.presence == "active" and t.label is None] == [HOUR_MS]
    assert [t.working_ms for t in found if t.entity == EntityRef("deal", "5121")] == [HOUR_MS]


def test_a_call_counts_as_work_on_its_deal_even_while_the_machine_is_silent(database: Database, anna: Person) -> None:
    talk(database, anna, "2026-10-05 09:30", 30, deal_id="d1")
    found = settled_totals(database, anna, MONDAY, MONDAY, LATER)
    assert hours(found, "presence", "category", "area") == {("call", "calls", "sales"): 0.5, ("none", None, None): 7.5}


@pytest.mark.parametrize(("kind", "area"), [("new", "sales"), ("upsell", "sales"), ("recurring", "service")])
def test_the_kind_of_the_deal_decides_the_area(database: Database, anna: Person, kind: str, area: str) -> None:
    record(database, anna, enrol(database, anna), [("2026-10-05 09:00", "2026-10-05 10:00", "active", DEAL)])
    with database.writing() as session:
        session.add(Deal(id="5121", kind=kind, title="", created_ms=0, outcome="open"))
        session.add(Task(id="9", title="", created_ms=0, entity_type="deal", entity_id="5121"))
    talk(database, anna, "2026-10-05 11:00", 60, task_id="9")
    found = settled_totals(database, anna, MONDAY, MONDAY, LATER)
    assert hours(tuple(t for t in found if t.label), "area") == {(area,): 2}


def test_approved_absence_is_neither_silence_nor_idleness(database: Database, anna: Person) -> None:
    with database.writing() as session:
        session.add(Absence(employee_id=anna.id, first_day=MONDAY, last_day=MONDAY, kind="sick", approved=True))
    found = settled_totals(database, anna, MONDAY, TUESDAY, LATER)
    assert hours(found, "day", "presence") == {(MONDAY, "absent"): 8, (TUESDAY, "none"): 8}


def test_settling_twice_changes_nothing(database: Database, anna: Person) -> None:
    record(database, anna, enrol(database, anna), [("2026-10-05 09:00", "2026-10-06 10:00", "active", DEAL)])
    assert settle(database, LATER) == 2
    before = dump(database)
    with database.writing() as session:
        mark_dirty(session, anna.id, [MONDAY, TUESDAY])
    assert settle(database, LATER + HOUR_MS) == 2
    assert dump(database) == before
    assert settle(database, LATER + HOUR_MS) == 0


def test_a_late_span_revises_a_settled_day_and_says_when(database: Database, anna: Person) -> None:
    pc = enrol(database, anna)
    record(database, anna, pc, [("2026-10-05 09:00", "2026-10-05 10:00", "active", DEAL)])
    settle(database, LATER)
    record(database, anna, pc, [("2026-10-05 10:00", "2026-10-05 11:00", "idle", None)])
    settle(database, LATER + 1)
    with database.reading() as session:
        state = day_states(session, anna.id, MONDAY, MONDAY)[MONDAY]
        assert (state.settled_ms, state.revised_ms) == (LATER, LATER + 1)
        assert dirty_days(session) == ()


def test_the_day_in_progress_is_counted_up_to_now_and_not_stored(database: Database, anna: Person) -> None:
    now = at("2026-10-05 11:00")
    record(database, anna, enrol(database, anna), [("2026-10-05 09:00", "2026-10-05 10:00", "active", DEAL)])
    assert settle(database, now) == 0
    assert hours(settled_totals(database, anna, MONDAY, TUESDAY, now), "presence") == {("active",): 1, ("none",): 1}
    with database.reading() as session:
        assert session.query(DayTotal).count() == 0


def test_a_reader_without_a_write_lock_sees_the_same(database: Database, anna: Person) -> None:
    record(database, anna, enrol(database, anna), [("2026-10-05 09:00", "2026-10-05 10:00", "active", DEAL)])
    talk(database, anna, "2026-10-05 16:00", 30, client_id="c1")
    with database.reading() as session:
        read = settled_totals(session, anna, MONDAY, TUESDAY, LATER)
        assert session.query(DayTotal).count() == 0
    assert set(read) == set(settled_totals(database, anna, MONDAY, TUESDAY, LATER))


def test_the_past_as_it_was_at_an_earlier_moment(database: Database, anna: Person) -> None:
    record(database, anna, enrol(database, anna), [("2026-10-05 09:00", "2026-10-05 18:00", "active", DEAL)])
    settled_totals(database, anna, MONDAY, TUESDAY, LATER)
    assert hours(settled_totals(database, anna, MONDAY, TUESDAY, at("2026-10-05 12:00")), "day", "presence") == {
        (MONDAY, "active"): 3
    }


def test_a_night_of_sleep_longer_than_a_day_reaches_into_the_bounds(database: Database, anna: Person) -> None:
    record(database, anna, enrol(database, anna), [("2026-10-02 20:00", "2026-10-05 10:00", "asleep", None)])
    found = settled_totals(database, anna, MONDAY, MONDAY, LATER)
    assert hours(found, "presence") == {("asleep",): 1, ("none",): 7}


def test_any_stretch_can_be_judged_without_storing_it(database: Database, anna: Person) -> None:
    record(database, anna, enrol(database, anna), [("2026-10-05 09:00", "2026-10-05 10:00", "active", DEAL)])
    bounds = Interval(at("2026-10-05 09:30"), at("2026-10-05 10:30"))
    with database.reading() as session:
        found = judged_between(session, anna, bounds, LATER)
    assert [(p.presence, p.label, p.entity, p.ms) for p in found] == [
        ("active", "work", EntityRef("deal", "5121"), HOUR_MS // 2), ("none", None, None, HOUR_MS // 2),
    ]  # fmt: skip
