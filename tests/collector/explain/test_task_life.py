"""Tasks over time against an oracle that looks at every minute anew, written without the code under test."""

from collections.abc import Sequence
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from planwhy_collector.explain.overruns import overdue_within, overruns_of
from planwhy_collector.explain.task_history import history_of
from planwhy_collector.explain.task_life import life_of
from planwhy_collector.facts import TaskChangeFact, TaskFact
from planwhy_shared.times import Interval
from task_lives import MINUTES, Told, lives, oracle, task_and_changes


def minutes(task: TaskFact, changes: Sequence[TaskChangeFact], owner: int, until: int) -> set[int]:
    held = life_of(task, changes).held_by(owner)
    return {m for one in overruns_of(held, until) for m in range(one.span.start_ms, one.span.end_ms)}


@given(lives(), st.integers(0, MINUTES))
def test_each_holders_overdue_minutes_are_those_that_a_look_at_each_minute_finds(told: Told, until: int) -> None:
    task, changes = task_and_changes(told)
    for owner in (1, 2, 3):
        assert minutes(task, changes, owner, until) == {m for m in range(until) if oracle(told, m) == (owner, True)}


@given(lives())
def test_the_holders_parts_add_up_to_the_time_the_task_was_overdue(told: Told) -> None:
    task, changes = task_and_changes(told)
    parts = [minutes(task, changes, owner, MINUTES) for owner in (1, 2, 3)]
    whole = {m for m in range(MINUTES) if (seen := oracle(told, m)) and seen[0] and seen[1]}
    assert set().union(*parts) == whole and sum(map(len, parts)) == len(whole)


@given(lives(), st.randoms(use_true_random=False))
def test_the_order_in_which_changes_are_told_does_not_matter(told: Told, dice: object) -> None:
    task, changes = task_and_changes(told)
    shuffled = list(changes)
    dice.shuffle(shuffled)  # type: ignore[attr-defined]
    assert life_of(task, shuffled) == life_of(task, changes)


@given(lives(), st.integers(0, MINUTES), st.integers(0, MINUTES))
def test_a_later_look_only_adds_to_what_an_earlier_one_saw(told: Told, one: int, two: int) -> None:
    task, changes = task_and_changes(told)
    early, late = sorted((one, two))
    for owner in (1, 2, 3):
        seen = minutes(task, changes, owner, early)
        assert seen == {m for m in minutes(task, changes, owner, late) if m < early}


@given(lives(), st.integers(0, MINUTES))
def test_a_look_as_of_then_tells_what_a_look_then_told(told: Told, until: int) -> None:
    def seen(task: TaskFact, changes: Sequence[TaskChangeFact], owner: int) -> list[object]:
        found = overdue_within([life_of(task, changes).held_by(owner)], Interval(0, until), until)
        return [(one.overruns, history_of(one), one.as_told.deadline_ms, one.as_told.closed_ms) for one in found]

    then, later = task_and_changes(told.until(until)), task_and_changes(told)
    assert [seen(*then, owner) for owner in (1, 2, 3)] == [seen(*later, owner) for owner in (1, 2, 3)]


@given(lives())
def test_the_last_closing_needs_no_row_of_its_own(told: Told) -> None:
    task, changes = task_and_changes(told)
    terse = [c for c in changes if (c.field, c.at_ms) != ("closed", task.closed_ms)]
    assert life_of(task, terse) == life_of(task, changes)


@given(lives(), st.lists(st.integers(0, 500), min_size=1, max_size=4))
def test_a_change_noticed_late_adds_nothing_to_an_exact_history(told: Told, delays: list[int]) -> None:
    """An import that notices where deadline and owner have come to, after the last exact change of each."""
    task, changes = task_and_changes(told)
    noticed = [
        replace(last, at_ms=last.at_ms + delay + 1, old_ms=77 if field == "deadline" else None, old_owner=None)
        for field in ("deadline", "owner")
        for delay in delays
        if (last := max((c for c in changes if c.field == field), key=lambda c: c.at_ms, default=None))
    ]
    assert life_of(task, [*changes, *noticed]) == life_of(task, changes)


@given(lives(), st.integers(0, MINUTES), st.integers(0, MINUTES))
def test_the_judged_window_lies_in_the_persons_hands_and_within_the_bounds_if_it_can(
    told: Told, one: int, two: int
) -> None:
    task, changes = task_and_changes(told)
    bounds = Interval(min(one, two), max(one, two))
    for owner in (1, 2, 3):
        for found in overdue_within([life_of(task, changes).held_by(owner)], bounds, MINUTES):
            judged = found.judged
            assert judged.span.cut(bounds).ms and judged.had_ms <= judged.span.start_ms
            assert oracle(told, judged.span.start_ms) == (owner, True)
            assert found.as_judged.closed_ms == judged.span.end_ms
            begun = [o for o in found.overruns if bounds.start_ms <= o.span.start_ms < bounds.end_ms]
            assert judged == begun[0] if begun else judged.span.start_ms < bounds.start_ms
