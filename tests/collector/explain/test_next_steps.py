"""Next steps that are missing: what counts as one, whose it is, and what stood open at an instant."""

from collections import defaultdict
from dataclasses import replace
from datetime import date
from random import Random
from zoneinfo import ZoneInfo

import pytest
from activity_rows import at
from hypothesis import given
from hypothesis import strategies as st
from planwhy_collector.explain.board import Board
from planwhy_collector.explain.next_steps import Finding, concerning, findings
from planwhy_collector.facts import ClientFact, DealFact, EntityRef, Person, TaskChangeFact, TaskFact
from planwhy_collector.plan.workcalendar import WorkCalendar
from planwhy_shared.hours import DEFAULT, parse_hours
from planwhy_shared.times import HOUR_MS

NOW = at("2026-10-07 12:00")  # a Wednesday
DAY_MS = 24 * HOUR_MS


def who(key: int, left_on: date | None = None) -> WorkCalendar:
    zone = ZoneInfo("Europe/Moscow")
    return WorkCalendar(Person(key, f"e{key}", "", None, "", zone, parse_hours(DEFAULT), "", left_on=left_on))


PEOPLE = {1: who(1), 2: who(2), 3: who(3, date(2026, 10, 6))}


def client(key: str = "c1", owner: int | None = 1, **more: object) -> ClientFact:
    return replace(ClientFact(key, key, owner, None, None, None, None), **more)


def deal(key: str = "d1", owner: int | None = 1, client_id: str | None = None, **more: object) -> DealFact:
    return replace(DealFact(key, owner, client_id, "new", key, None, None, 0, None, "open"), **more)


def task(key: str = "t1", on: str = "deal d1", deadline: str | None = "2026-10-30", **more: object) -> TaskFact:
    kind, _, entity = on.partition(" ")
    end = None if deadline is None else at(deadline)
    return replace(TaskFact(key, 1, key, 0, end, False, None, kind, entity, ""), **more)


def moved(key: str, when: str, old: str | None, new: str | None) -> TaskChangeFact:
    return TaskChangeFact(key, at(when), "deadline", old and at(old), new and at(new))


def told(*changes: TaskChangeFact) -> dict[str, list[TaskChangeFact]]:
    by_task: defaultdict[str, list[TaskChangeFact]] = defaultdict(list)
    for change in changes:
        by_task[change.task_id].append(change)
    return by_task


def found(board: Board, at_ms: int = NOW) -> list[tuple[str, str]]:
    return [(one.kind, one.entity.id) for one in findings(board, PEOPLE, at_ms)]


def test_a_client_and_a_deal_without_an_open_task_are_found() -> None:
    board = Board((client(),), (deal(), deal("d2", client_id="c1")), (task("t1"), task("t2", closed_ms=5)))
    assert found(board) == [("client_without_step", "c1"), ("deal_without_step", "d2")]


@pytest.mark.parametrize("on", ["client c1", "deal d1"])
def test_a_client_has_a_step_by_a_task_on_it_or_on_an_open_deal_of_it(on: str) -> None:
    board = Board((client(),), (deal(client_id="c1"),), (task(on=on),))
    assert "client_without_step" not in [kind for kind, _ in found(board)]
    closed = replace(board, deals=(deal(client_id="c1", outcome="lost", closed_ms=9),))
    assert (("client_without_step", "c1") in found(closed)) == (on == "deal d1")


def test_a_recurring_deal_is_covered_by_its_client_and_else_needs_its_own_step() -> None:
    paid = deal(client_id="c1", kind="recurring")
    assert found(Board((client(),), (paid,))) == [("client_without_step", "c1")]
    assert found(Board((client(until=date(2026, 10, 6)),), (paid,))) == [("deal_without_step", "d1")]


@pytest.mark.parametrize(
    ("deadline", "hours"), [("2026-10-07 11:00", None), ("2026-10-07 10:59", 1 + 1 / 60), ("2026-10-05 18:00", 11.0)]
)
def test_a_step_lies_in_the_past_after_a_working_hour_of_grace(deadline: str, hours: float | None) -> None:
    result = findings(Board((), (deal(),), (task(deadline=deadline),)), PEOPLE, NOW)
    assert [one.overdue_hours for one in result] == ([] if hours is None else [pytest.approx(hours)])
    assert all((one.kind, one.since_ms) == ("step_in_past", at(deadline)) for one in result)


def test_one_step_ahead_or_without_a_deadline_keeps_an_entity_out_of_the_past() -> None:
    late = task(deadline="2026-10-01")
    assert found(Board((), (deal(),), (late, task("t2")))) == []
    assert found(Board((), (deal(),), (late, task("t2", deadline=None)))) == [("task_without_deadline", "t2")]


def test_what_a_leaver_owned_is_nobodys_and_near_those_it_hangs_on() -> None:
    board = Board((client(owner=2),), (deal(owner=3, client_id="c1"),), (task(employee_id=None),))
    listed = {one.kind: one for one in findings(board, PEOPLE, NOW)}
    assert listed.keys() == {"deal_without_owner", "task_without_owner"}
    left = listed["deal_without_owner"]
    assert (left.owner, left.former, left.near, left.since_ms) == (None, 3, (2,), at("2026-10-07 00:00"))
    assert not findings(board, PEOPLE | {3: who(3)}, NOW)[0].kind.startswith("deal")


def test_a_deadline_moved_later_three_times_is_found_with_its_first() -> None:
    turns = [moved("t1", f"2026-10-0{n}", f"2026-10-1{n}", f"2026-10-1{n + 1}") for n in (1, 2)]
    earlier = moved("t1", "2026-10-04", "2026-10-13", "2026-10-12")
    board = Board((), (deal(),), (task(deadline=None),), told(*turns, earlier))
    assert found(board) == [("task_without_deadline", "t1")]
    often = told(*turns, earlier, moved("t1", "2026-10-05", "2026-10-12", None))
    one, _ = findings(replace(board, changes=often), PEOPLE, NOW)
    assert (one.kind, one.moves, one.first_deadline_ms) == ("deadline_moved_often", 3, at("2026-10-11"))
    assert one.since_ms == at("2026-10-05")


def test_a_day_that_ends_later_in_another_zone_was_not_moved() -> None:
    west = [moved("t1", f"2026-10-0{n}", f"2026-10-31 0{n - 1}:00", f"2026-10-31 0{n}:00") for n in (1, 2, 3)]
    task_of_a_day = task(deadline="2026-10-31 03:00", deadline_is_day=True)
    assert found(Board((), (deal(),), (task_of_a_day,), told(*west))) == []
    assert found(Board((), (deal(),), (replace(task_of_a_day, deadline_is_day=False),), told(*west))) != []


def test_yesterday_is_told_as_it_was() -> None:
    yesterday = NOW - DAY_MS
    board = Board(
        (),
        (deal("won", outcome="won", closed_ms=NOW - HOUR_MS), deal("new", created_ms=NOW - HOUR_MS), deal()),
        (task(deadline="2026-10-30"), task("t2", employee_id=2, created_ms=0, on="")),
        told(moved("t1", "2026-10-07 09:00", "2026-10-01", "2026-10-30"),
             TaskChangeFact("t2", NOW - HOUR_MS, "owner", old_owner=None, new_owner=2)),
    )  # fmt: skip
    assert found(board, yesterday) == [
        ("step_in_past", "d1"), ("deal_without_step", "won"), ("task_without_owner", "t2"),
    ]  # fmt: skip
    assert found(board) == [("deal_without_step", "new")]


def test_reopened_and_deleted_tasks_were_what_they_were() -> None:
    reopened = TaskChangeFact("t1", NOW - HOUR_MS, "reopened")
    board = Board((), (deal(),), (task(),), told(reopened))
    assert found(board, NOW - DAY_MS) == [("deal_without_step", "d1")] and found(board) == []
    gone = Board((), (deal(),), (task(deleted_ms=NOW - HOUR_MS),))
    assert found(gone, NOW - DAY_MS) == [] and found(gone) == [("deal_without_step", "d1")]
    assert found(replace(gone, deals=(deal(deleted_ms=NOW),))) == []


def test_since_is_when_the_last_step_ended() -> None:
    ended = {EntityRef("deal", "d1"): at("2026-10-02")}
    board = Board((client(since=date(2026, 9, 1)),), (deal(client_id="c1"),), ended=ended)
    assert {one.since_ms for one in findings(board, PEOPLE, NOW)} == {at("2026-10-02")}
    early = replace(board, ended={})
    assert [one.since_ms for one in findings(early, PEOPLE, NOW)] == [at("2026-09-01"), 0]


def test_what_is_nobodys_reaches_whoever_leads_its_neighbours_or_else_everyone() -> None:
    def one(*near: int) -> Finding:
        return Finding("deal_without_owner", EntityRef("deal", str(near)), "", None, None, near)

    listed = [one(), one(1), one(2), one(1, 2), one(9), Finding("deal_without_step", EntityRef("deal", "d"), "", 2, 0)]
    assert [f.near for f in concerning(listed, {1}, {1, 2})] == [(), (1,), (1, 2), (9,)]


KEYS = st.sampled_from(["1", "2", "3"])
OWNERS = st.sampled_from([None, 1, 2, 3])
MOMENTS = st.integers(NOW - 40 * DAY_MS, NOW + 10 * DAY_MS)
CLIENTS = st.builds(client, KEYS, OWNERS)
DEALS = st.builds(
    deal, KEYS, OWNERS, st.none() | KEYS, kind=st.sampled_from(["new", "upsell", "recurring"]), created_ms=MOMENTS,
    outcome=st.sampled_from(["open", "won"]), closed_ms=st.none(),
)  # fmt: skip
ENTITIES = st.tuples(st.sampled_from(["deal", "client", "lead"]), KEYS).map(" ".join)
TASKS = st.builds(
    task, st.integers(1, 6).map(str), ENTITIES, deadline=st.none(), employee_id=OWNERS, created_ms=MOMENTS,
    deadline_ms=st.none() | MOMENTS, closed_ms=st.none() | MOMENTS,
)  # fmt: skip
TURNS = st.builds(
    TaskChangeFact, st.integers(1, 6).map(str), MOMENTS, st.sampled_from(["deadline", "owner", "closed", "reopened"]),
    st.none() | MOMENTS, st.none() | MOMENTS, OWNERS, OWNERS,
)  # fmt: skip


def listed(things: st.SearchStrategy, key: str = "id") -> st.SearchStrategy:
    return st.lists(things, max_size=6, unique_by=lambda one: getattr(one, key)).map(tuple)


TURNS_ONCE = st.lists(TURNS, max_size=8, unique_by=lambda one: (one.task_id, one.at_ms, one.field)).map(tuple)
BOARDS = st.builds(Board, listed(CLIENTS), listed(DEALS), listed(TASKS), TURNS_ONCE.map(lambda turns: told(*turns)))


@given(BOARDS, MOMENTS, st.randoms(use_true_random=False))
def test_the_order_of_what_was_read_does_not_matter(board: Board, at_ms: int, chance: Random) -> None:
    def mixed(things: tuple[object, ...]) -> tuple[object, ...]:
        return tuple(chance.sample(things, len(things)))

    other = replace(board, **{n: mixed(getattr(board, n)) for n in ("clients", "deals", "tasks")})
    other = replace(other, changes={key: mixed(tuple(turns)) for key, turns in board.changes.items()})
    assert findings(other, PEOPLE, at_ms) == findings(board, PEOPLE, at_ms)


@given(BOARDS, MOMENTS)
def test_each_entity_is_found_once_of_each_kind(board: Board, at_ms: int) -> None:
    keys = [one.key for one in findings(board, PEOPLE, at_ms)]
    assert len(keys) == len(set(keys))


@given(BOARDS, MOMENTS, ENTITIES)
def test_a_step_ahead_removes_exactly_the_findings_about_the_steps_of_its_entity(
    board: Board, at_ms: int, on: str
) -> None:
    ahead = task("ahead", on, deadline=None, deadline_ms=at_ms + 1, created_ms=at_ms)
    before = findings(board, PEOPLE, at_ms)
    after = findings(replace(board, tasks=(*board.tasks, ahead)), PEOPLE, at_ms)
    kind, _, key = on.partition(" ")
    owner_of = {d.id: d.client_id or "" for d in board.deals if d.outcome == "open" and d.created_ms <= at_ms}
    served = {EntityRef("client", key)} if kind == "client" else set()
    if kind == "deal" and key in owner_of:
        served = {EntityRef("deal", key), EntityRef("client", owner_of[key])}
    steps = ("client_without_step", "deal_without_step", "step_in_past")
    assert after == tuple(f for f in before if f.kind not in steps or f.entity not in served)
