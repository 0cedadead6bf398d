"""The history of tasks in imports: told by task_changes.csv, noticed between two imports, or corrected."""

from dataclasses import replace
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import pytest
from csv_folder import GOOD, written
from hypothesis import example, given
from hypothesis import strategies as st
from planwhy_collector.csvimport import HistoryReport, ImportReport, import_folder
from planwhy_collector.csvimport.history import noticed
from planwhy_collector.db import Database
from planwhy_collector.explain.task_life import TaskLife, life_of
from planwhy_collector.facts import TaskFact
from planwhy_collector.queries.crm import deals_by_id, tasks_by_id
from planwhy_collector.queries.people import employee_ids
from planwhy_collector.queries.task_changes import changes_of
from planwhy_shared.times import to_ms
from task_lives import Told, lives, task_and_changes

DAY = 86_400_000
NOW = 1_795_000_000_000
TASKS = GOOD["tasks.csv"]
MOVED = TASKS.replace("2026-10-02,", "2026-10-09,")
GIVEN = TASKS.replace("t1,e1", "t1,e2")
CLOSED = TASKS.replace("2026-10-02,,", "2026-10-02,2026-10-05T10:00:00+03:00,")


def imported(
    database: Database, folder: Path, later: int = 0, correct: bool = False, history: str = "", **files: str
) -> ImportReport:
    written(folder, **files)
    (folder / "task_changes.csv").write_text(f"task_id,at,field,old,new\n{history}", encoding="utf-8")
    with database.writing() as session:
        return import_folder(session, folder, NOW + later, correct=correct)


def life(database: Database) -> TaskLife:
    with database.reading() as session:
        return life_of(tasks_by_id(session, ["t1"])["t1"], changes_of(session, ["t1"]).get("t1", ()))


def ms(text: str) -> int:
    return to_ms(datetime.fromisoformat(f"{text}+03:00"))


def test_history_is_read_in_the_zone_of_the_tasks_person_and_stored_once(database: Database, tmp_path: Path) -> None:
    history = "t1,2026-10-03 10:00,deadline,2026-10-01,2026-10-02\nt1,2026-10-01T12:00:00Z,owner,e2,e1\n"
    for _ in range(2):
        report = imported(database, tmp_path, history=history)
    assert [(f.new, f.changed, f.unchanged) for f in report.files if f.file == "task_changes.csv"] == [(0, 0, 2)]
    (move,), (handed,) = life(database).deadline.steps, life(database).owner.steps
    assert (move.at_ms, move.old, move.new) == (ms("2026-10-03 10:00"), ms("2026-10-02 00:00"), ms("2026-10-03 00:00"))
    with database.reading() as session:
        ids = employee_ids(session)
    assert (handed.at_ms, handed.old, handed.new) == (ms("2026-10-01 15:00"), ids["e2"], ids["e1"])


def test_history_alone_takes_the_zone_of_the_stored_tasks_person(database: Database, tmp_path: Path) -> None:
    imported(database, tmp_path)
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "task_changes.csv").write_text("task_id,at,field,old,new\nt1,2026-10-03 10:00,closed,,\n")
    with database.writing() as session:
        assert import_folder(session, tmp_path / "b", NOW).stored
    assert [step.at_ms for step in life(database).closed.steps] == [ms("2026-10-03 10:00")]


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("nope,2026-10-03 10:00,closed,,", "task_id"),
        ("t1,soon,closed,,", "at"),
        ("t1,2026-10-03 10:00,title,a,b", "field"),
        ("t1,2026-10-03 10:00,deadline,later,", "old"),
        ("t1,2026-10-03 10:00,deadline,2026-10-05,2026-10-05", "new"),
        ("t1,2026-10-03 10:00,owner,e1,e9", "new"),
        ("t1,2026-10-03 10:00,owner,e1,e1", "new"),
        ("t1,2026-10-03 10:00,closed,,yes", "new"),
        ("t1,2026-10-02 10:00,closed,,", "task_id"),
        ("t1,2026-10-02T07:00:00Z,Closed,,", "task_id"),
        ("t1,2026-10-03 10:00,deadline,2126-10-05,", "old"),
    ],
)
def test_what_is_wrong_in_a_history_is_named(database: Database, tmp_path: Path, row: str, column: str) -> None:
    report = imported(database, tmp_path, history=f"t1,2026-10-02 10:00,closed,,\n{row}\n")
    assert [(e.file, e.line, e.column) for e in report.errors] == [("task_changes.csv", 3, column)]
    assert not report.stored


@pytest.mark.parametrize(
    ("tasks", "noted"),
    [
        (MOVED, HistoryReport(moved=1)),
        (GIVEN, HistoryReport(reassigned=1)),
        (GIVEN.replace("2026-10-02,", "2026-10-09,"), HistoryReport(moved=1, reassigned=1)),
        (CLOSED, HistoryReport()),
        (TASKS.replace("Call", "Letter"), HistoryReport()),
        (TASKS.replace("2026-10-02,", ","), HistoryReport(moved=1)),
    ],
)
def test_what_differs_from_the_last_import_holds_from_this_one_on(
    database: Database, tmp_path: Path, tasks: str, noted: HistoryReport
) -> None:
    imported(database, tmp_path)
    before = life(database).state_at(NOW)
    assert imported(database, tmp_path, later=1000, tasks=tasks).history == noted
    now, then = life(database).state_at(NOW + 1000), life(database).state_at(NOW + 999)
    assert before and then and now
    assert (then.owner, then.deadline_ms) == (before.owner, before.deadline_ms)
    assert [now.deadline_ms != then.deadline_ms, now.owner != then.owner] == [
        bool(noted.moved or noted.reassigned),
        bool(noted.reassigned),
    ]
    assert imported(database, tmp_path, later=2000, tasks=tasks).history == HistoryReport()


def test_a_task_that_is_open_again_was_closed_until_the_import(database: Database, tmp_path: Path) -> None:
    imported(database, tmp_path, tasks=CLOSED)
    assert imported(database, tmp_path, later=1000).history == HistoryReport(reopened=1)
    closed = life(database).closed
    assert [(step.at_ms, step.new) for step in closed.steps] == [(ms("2026-10-05 10:00"), True), (NOW + 1000, False)]
    again = CLOSED.replace("2026-10-05", "2026-11-20")
    assert imported(database, tmp_path, later=10 * DAY, tasks=again).history == HistoryReport()
    assert imported(database, tmp_path, later=11 * DAY).history == HistoryReport(reopened=1)


def test_a_later_closing_does_not_make_a_closed_task_overdue_meanwhile(database: Database, tmp_path: Path) -> None:
    imported(database, tmp_path, tasks=CLOSED)
    again = CLOSED.replace("2026-10-05", "2026-10-20")
    assert imported(database, tmp_path, 1000, tasks=again).history == HistoryReport(reopened=1)
    found, moments = life(database), [ms("2026-10-05 09:59"), ms("2026-10-05 10:00"), ms("2026-10-20 10:00")]
    assert [state.open for moment in moments if (state := found.state_at(moment))] == [True, False, False]
    assert [found.closed_at(moment) for moment in moments[1:]] == moments[1:]


@pytest.mark.parametrize("first", ["noticed", "told"])
def test_an_exact_history_counts_before_what_an_import_noticed(database: Database, tmp_path: Path, first: str) -> None:
    exact = "t1,2026-10-01 12:00,deadline,2026-10-02,2026-10-09\n"
    imported(database, tmp_path)
    told = imported(database, tmp_path, 1000, tasks=MOVED, history=exact if first == "told" else "")
    assert told.history == (HistoryReport() if first == "told" else HistoryReport(moved=1))
    imported(database, tmp_path, 2000, tasks=MOVED, history=exact)
    assert [step.at_ms for step in life(database).deadline.steps] == [ms("2026-10-01 12:00")]


def test_an_exact_history_that_lags_behind_is_carried_on(database: Database, tmp_path: Path) -> None:
    imported(database, tmp_path)
    exact = "t1,2026-10-01 12:00,deadline,2026-10-02,2026-10-05\n"
    assert imported(database, tmp_path, 1000, tasks=MOVED, history=exact).history == HistoryReport(moved=1)
    ends = ["2026-10-03 00:00", "2026-10-06 00:00", "2026-10-10 00:00"]
    moments = [ms("2026-10-01 11:00"), ms("2026-10-01 13:00"), NOW + 1000]
    assert [life(database).deadline.at(moment) for moment in moments] == [ms(end) for end in ends]


def test_corrections_are_no_history_and_are_counted(database: Database, tmp_path: Path) -> None:
    imported(database, tmp_path, tasks=CLOSED)
    report = imported(database, tmp_path, 1000, correct=True, tasks=GIVEN.replace("2026-10-02,", "2026-10-09,"))
    assert report.history == HistoryReport(1, 1, 1, recorded=False)
    found = life(database)
    assert (found.deadline.steps, found.owner.steps, found.closed.steps) == ((), (), ())
    assert found.deadline.at(0) == ms("2026-10-10 03:00"), "the end of that day in UTC"


def test_a_written_day_in_another_zone_is_not_a_moved_deadline(database: Database, tmp_path: Path) -> None:
    imported(database, tmp_path)
    assert imported(database, tmp_path, 1000, tasks=GIVEN).history == HistoryReport(reassigned=1)
    ends = [life(database).deadline.at(NOW + later) for later in (999, 1000)]
    assert ends == [ms("2026-10-03 00:00"), ms("2026-10-03 03:00")], "each holder's day ends in their own zone"
    far = GOOD["employees.csv"].replace("Second Person,", "Second Person,Asia/Vladivostok")
    assert imported(database, tmp_path, 2000, tasks=GIVEN, employees=far).history == HistoryReport()


def deleted(database: Database) -> tuple[int | None, int | None]:
    with database.reading() as session:
        return tasks_by_id(session, ["t1"])["t1"].deleted_ms, deals_by_id(session, ["d1"])["d1"].deleted_ms


def with_column(text: str, cell: str) -> str:
    head, row = text.splitlines()
    return f"{head},deleted_at\n{row},{cell}\n"


def test_what_was_deleted_stays_so_until_a_file_says_otherwise(database: Database, tmp_path: Path) -> None:
    gone = {"tasks": with_column(TASKS, "2026-10-07"), "deals": with_column(GOOD["deals.csv"], "2026-10-08T10:00:00Z")}
    imported(database, tmp_path, **gone)
    expected = (ms("2026-10-08 00:00") - 1, ms("2026-10-08 13:00"))
    assert deleted(database) == expected
    assert sum(f.changed for f in imported(database, tmp_path, 1000).files) == 0
    assert deleted(database) == expected
    imported(database, tmp_path, 2000, tasks=with_column(TASKS, ""), deals=with_column(GOOD["deals.csv"], ""))
    assert deleted(database) == (None, None)


def test_nothing_is_deleted_before_it_was_created(database: Database, tmp_path: Path) -> None:
    report = imported(database, tmp_path, tasks=with_column(TASKS, "2026-09-30"))
    assert [(e.file, e.line, e.column) for e in report.errors] == [("tasks.csv", 2, "deleted_at")]


def newest(told: Told, minute: int) -> TaskFact:
    return task_and_changes(told.until(minute))[0]


CLOSED_AGAIN = Told(
    0, None, None, ((6, "close", None), (301, "reopen", None), (302, "close", None), (303, "reopen", None))
)


@example(CLOSED_AGAIN, [300, 302, 303])
@given(lives(), st.lists(st.integers(300, 1200), min_size=2, max_size=6, unique=True))
def test_imports_alone_tell_the_same_life_as_what_they_saw(told: Told, imports: list[int]) -> None:
    """Whatever happened between imports: at each of them the life told so far stands where the task stood."""
    moments, known = sorted(imports), []
    for one, two in pairwise(moments):
        before, after = newest(told, one), newest(told, two)
        known += noticed([(before, after)], {"t": sorted(known, key=lambda c: c.at_ms)}, two)
    last = newest(told, moments[-1])
    for moment in moments:
        state, seen = life_of(last, known).state_at(moment), newest(told, moment)
        stood = (seen.employee_id, seen.deadline_ms, seen.closed_ms is None)
        assert state and (state.owner, state.deadline_ms, state.open) == (
            *stood[:2],
            stood[2] and not _gone(last, moment),
        )


def _gone(task: TaskFact, moment: int) -> bool:
    return task.deleted_ms is not None and task.deleted_ms <= moment


@given(lives(), st.integers(300, 1200), st.integers(300, 1200))
def test_exact_changes_after_the_imports_leave_nothing_of_what_was_noticed(told: Told, one: int, two: int) -> None:
    earlier, later = sorted((one, two))
    last, exact = task_and_changes(told.until(later))
    guessed = noticed([(newest(told, earlier), last)], {}, later)
    assert life_of(last, [*exact, *guessed]) == life_of(last, exact)
    assert noticed([(newest(told, earlier), replace(last, title="Other"))], {"t": exact}, later) == ()
