"""Plans: assumptions are filled once and never change, targets may be corrected."""

from dataclasses import replace
from datetime import date

import pytest
from planwhy_collector.db import Database
from planwhy_collector.errors import InvalidInput, NotFound
from planwhy_collector.facts import Assumptions, PlanFact, Workload
from planwhy_collector.queries.plans import (
    IMPORT,
    add_plans,
    change_target,
    changes_by_plan,
    changes_of,
    fill_assumptions,
    plan_key,
    plans_touching,
    store_plan,
)

FIRST, LAST = date(2026, 10, 1), date(2026, 10, 31)


def plan(target: float = 12.0, **given: float) -> PlanFact:
    sources = dict.fromkeys(given, "given")
    return PlanFact(1, "2026-10", FIRST, LAST, "contracts", target, None, Assumptions(**given), sources, filled=False)


def test_filling_keeps_what_was_given_and_happens_once(database: Database) -> None:
    with database.writing() as session:
        store_plan(session, plan(focus=0.9), 1)
        first = fill_assumptions(session, plan(), Assumptions(focus=0.1, attendance=0.8), {"attendance": "own"}, 2)
        again = fill_assumptions(session, plan(), Assumptions(attendance=0.1), {"attendance": "team"}, 3)
    assert (first.assumptions.focus, first.assumptions.attendance, first.filled) == (0.9, 0.8, True)
    assert (first.sources["focus"], first.sources["attendance"], first.sources["late_share"]) == (
        "given",
        "own",
        "none",
    )
    assert again == first


def test_a_target_may_be_corrected(database: Database) -> None:
    with database.writing() as session:
        store_plan(session, plan(12, focus=0.9), 1)
        store_plan(session, plan(10), 2)
        stored = plans_touching(session, 1, LAST, LAST)[0]
    assert (stored.target, stored.assumptions.focus, stored.sources) == (10, 0.9, {"focus": "given"})


def test_an_assumption_once_given_does_not_change(database: Database) -> None:
    with database.writing() as session:
        store_plan(session, plan(focus=0.9), 1)
        with pytest.raises(InvalidInput, match="focus"):
            store_plan(session, plan(focus=0.8), 2)


def test_an_assumption_filled_from_history_does_not_change(database: Database) -> None:
    with database.writing() as session:
        store_plan(session, plan(), 1)
        fill_assumptions(session, plan(), Assumptions(focus=0.7), {"focus": "own"}, 2)
        with pytest.raises(InvalidInput, match="focus"):
            store_plan(session, plan(focus=0.8), 3)


def test_plans_touch_days_with_both_ends(database: Database) -> None:
    with database.writing() as session:
        store_plan(session, plan(), 1)
        assert len(plans_touching(session, 1, date(2026, 9, 1), FIRST)) == 1
        assert plans_touching(session, 1, date(2026, 11, 1), date(2026, 11, 2)) == ()


def test_a_plan_that_is_not_there_cannot_be_filled(database: Database) -> None:
    with database.writing() as session, pytest.raises(NotFound):
        fill_assumptions(session, plan(), Assumptions(), {}, 1)


def test_a_changed_target_is_written_down_and_assumptions_stay(database: Database) -> None:
    with database.writing() as session:
        store_plan(session, plan(12, focus=0.9), 1)
        changed = change_target(session, plan(), 9.0, "lead@example.test", "two weeks of a client's move", 5, 7)
        again = change_target(session, plan(), 8.0, "lead@example.test", "one more week of it", 5)
        assert change_target(session, plan(), 8.0, "lead@example.test", "the same again", 6) == again
    with database.reading() as session:
        found = changes_of(session, plan_key(plan()))
        assert plans_touching(session, 1, LAST, LAST) == (again,)
    assert (changed.target, changed.assumptions) == (9.0, plan(focus=0.9).assumptions)
    assert [(c.at_ms, c.old_target, c.new_target, c.case_id) for c in found] == [(5, 12.0, 9.0, 7), (6, 9.0, 8.0, None)]
    assert found[0].reason == "two weeks of a client's move"


def test_a_target_corrected_by_a_file_is_written_down_too(database: Database) -> None:
    with database.writing() as session:
        store_plan(session, plan(12), 1)
        store_plan(session, plan(12), 2)
        store_plan(session, plan(10), 3)
        found = changes_by_plan(session, [1, 2])
    (change,) = found[plan_key(plan())]
    assert (change.old_target, change.new_target, change.changed_by, change.at_ms) == (12, 10, IMPORT, 3)


@pytest.mark.parametrize("target", [0.0, -1.0, float("nan"), float("inf"), 1e13])
def test_a_target_that_is_none_is_refused(database: Database, target: float) -> None:
    with database.writing() as session:
        store_plan(session, plan(12), 1)
        with pytest.raises(InvalidInput, match="target"):
            change_target(session, plan(), target, "lead", "because of a reason", 2)
        assert changes_of(session, plan_key(plan())) == ()


def test_a_target_changes_only_with_a_reason_and_where_there_is_one(database: Database) -> None:
    with database.writing() as session:
        with pytest.raises(NotFound):
            change_target(session, plan(), 9.0, "lead", "because of a reason", 2)
        store_plan(session, plan(12), 1)
        with pytest.raises(InvalidInput, match="reason"):
            change_target(session, plan(), 9.0, "lead", "  ", 2)


def test_plans_are_added_beside_none_that_exists(database: Database) -> None:
    made = replace(plan(9, focus=0.5), filled=True, workload=Workload(20.0, 2.5), made_by="lead")
    later = replace(made, first=LAST, last=LAST)
    with database.writing() as session:
        store_plan(session, plan(12), 1)
        assert add_plans(session, [made, later], 2) == (later,)
        assert plans_touching(session, 1, FIRST, LAST) == (plan(12), later)
        assert fill_assumptions(session, later, Assumptions(attendance=0.1), {}, 3) == later
