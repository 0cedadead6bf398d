"""Imports as a whole: all or nothing, exact places, nothing twice, days that must be settled again."""

from datetime import date
from pathlib import Path

import pytest
from csv_folder import GOOD, written
from planwhy_collector.csvimport import ImportReport, import_folder
from planwhy_collector.db import Database
from planwhy_collector.errors import InvalidInput
from planwhy_collector.facts import EntityRef
from planwhy_collector.queries import crm, people, plans
from planwhy_collector.queries.rollups import DayState, dirty_days, mark_dirty, replace_day
from planwhy_collector.rollup.piece import Total
from planwhy_shared.times import Interval

NOW = 1_795_000_000_000
EVER = Interval(0, 4_000_000_000_000)


def imported(database: Database, folder: Path, dry_run: bool = False) -> ImportReport:
    with database.writing() as session:
        return import_folder(session, folder, NOW, dry_run)


def places(report: ImportReport) -> list[tuple[str, int, str]]:
    return [(e.file, e.line, e.column) for e in report.errors]


def test_all_files_are_stored_and_read_back(database: Database, tmp_path: Path) -> None:
    assert imported(database, written(tmp_path)).stored
    with database.reading() as session:
        person = people.person(session, "e1")
        assert crm.contacts_of(session, person.id, EVER)[0].deal_id == "d1"
        assert crm.deals_won(session, person.id, EVER)[0].client_id == "c1"
        assert crm.tasks_of(session, person.id, EVER)[0].deadline_is_day
        assert crm.absences_of(session, person.id, date(2026, 10, 13), date(2026, 10, 13))[0].approved
        assert plans.plans_touching(session, person.id, date(2026, 10, 1), date(2026, 10, 1))[0].target == 12


def test_the_same_files_again_change_nothing(database: Database, tmp_path: Path) -> None:
    imported(database, written(tmp_path))
    again = imported(database, tmp_path)
    assert {(f.new, f.changed) for f in again.files} == {(0, 0)}
    assert again.days_to_settle == 0


def test_one_bad_row_keeps_everything_out(database: Database, tmp_path: Path) -> None:
    report = imported(database, written(tmp_path, contacts=GOOD["contacts.csv"] + "k2,e1,yesterday,call,,,,,\n"))
    assert (report.stored, places(report)) == (False, [("contacts.csv", 3, "at")])
    with database.reading() as session:
        assert people.people(session) == ()


def test_a_dry_run_counts_and_stores_nothing(database: Database, tmp_path: Path) -> None:
    report = imported(database, written(tmp_path), dry_run=True)
    assert (report.stored, report.errors, sum(f.new for f in report.files)) == (False, (), 8)
    with database.reading() as session:
        assert people.people(session) == ()


@pytest.mark.parametrize(
    ("file", "row", "column"),
    [
        ("contacts", "k2,e9,2026-10-05 11:00,call,out,1,,,", "employee_id"),
        ("contacts", "k2,e1,2026-10-05 11:00,call,out,1,nope,,", "deal_id"),
        ("contacts", "k2,e1,2026-10-05 11:00,call,out,1,,nope,", "client_id"),
        ("contacts", "k1,e1,2026-10-05 11:00,call,out,1,,,", "contact_id"),
        ("deals", "d2,e1,nope,new,T,,,2026-10-01,,open", "client_id"),
        ("deals", "d2,e1,,new,T,,,2026-10-01,,won", "closed_at"),
        ("deals", "d2,e1,,new,T,,,2026-10-05,2026-10-01T10:00Z,lost", "closed_at"),
        ("deals", "d2,e1,,new,T,5.00,,2026-10-05,,open", "currency"),
        ("tasks", "t2,e1,T,2026-10-01,2026-10-02,,deal,,", "entity_id"),
        ("absences", "e1,2026-10-20,2026-10-19,sick,1", "to"),
        ("absences", "e1,2026-10-12,2026-10-19,SICK,1", "employee_id"),
        ("plans", "e1,2026-10-01..2026-10-31,contracts,5,", "employee_id"),
    ],
)
def test_rows_that_do_not_fit_together_are_named(
    database: Database, tmp_path: Path, file: str, row: str, column: str
) -> None:
    report = imported(database, written(tmp_path, **{file: GOOD[f"{file}.csv"] + row + "\n"}))
    line = GOOD[f"{file}.csv"].count("\n") + 1
    assert places(report) == [(f"{file}.csv", line, column)]


def test_a_bad_employee_is_one_error_not_one_for_each_row_that_names_them(database: Database, tmp_path: Path) -> None:
    report = imported(database, written(tmp_path, employees="employee_id,name,time_zone\ne1,A,Nowhere\ne2,B,\n"))
    assert places(report) == [("employees.csv", 2, "time_zone")]


def test_a_target_may_be_corrected_but_an_assumption_never(database: Database, tmp_path: Path) -> None:
    imported(database, written(tmp_path))
    assert imported(database, written(tmp_path, plans=GOOD["plans.csv"].replace("12,0.9", "10,"))).stored
    report = imported(database, written(tmp_path, plans=GOOD["plans.csv"].replace("0.9", "0.8")))
    assert places(report) == [("plans.csv", 2, "focus")]


def test_a_moved_call_asks_for_both_days_to_be_settled_again(database: Database, tmp_path: Path) -> None:
    imported(database, written(tmp_path, absences=""))
    moved = GOOD["contacts.csv"].replace("2026-10-05 11:00", "2026-10-06 11:00")
    imported(database, written(tmp_path, absences="", contacts=moved))
    with database.reading() as session:
        assert [day for _, day in dirty_days(session)] == [date(2026, 10, 5), date(2026, 10, 6)]


def test_a_deal_of_another_kind_asks_for_the_days_on_cards_of_its_tasks_too(database: Database, tmp_path: Path) -> None:
    imported(database, written(tmp_path, absences="", contacts=""))
    day = date(2026, 10, 5)
    with database.writing() as session:
        worker = people.person(session, "e1")
        state = DayState(day, 0, False, NOW, None, "v")
        total = Total(day, "active", "work", "crm_sales", "sales", EntityRef("task", "t1"), 60_000, 0)
        mark_dirty(session, worker.id, [day])
        replace_day(session, worker.id, state, ((), (total,)), changed=True)
    imported(database, written(tmp_path, absences="", contacts="", deals=GOOD["deals.csv"].replace("new", "recurring")))
    with database.reading() as session:
        assert dirty_days(session) == ((worker.id, day),)


def test_a_folder_without_any_of_the_files_is_refused(database: Database, tmp_path: Path) -> None:
    (tmp_path / "employee.csv").write_text("a\n", encoding="utf-8")
    with pytest.raises(InvalidInput, match=r"none of absences\.csv"):
        imported(database, tmp_path)


def test_a_target_that_a_later_file_changes_is_written_down_once(database: Database, tmp_path: Path) -> None:
    imported(database, written(tmp_path))
    for _ in range(2):
        imported(database, written(tmp_path, plans="employee_id,period,metric,target\ne1,2026-10,contracts,9\n"))
    with database.reading() as session:
        person = people.person(session, "e1")
        (changes,) = plans.changes_by_plan(session, [person.id]).values()
    assert [(c.old_target, c.new_target, c.changed_by) for c in changes] == [(12.0, 9.0, "import")]
