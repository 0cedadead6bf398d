"""calendars.csv and transfers.csv: exact places of faults, days to settle again, the same files twice."""

from datetime import date
from pathlib import Path

import pytest
from planwhy_collector.csvimport import ImportReport, import_folder
from planwhy_collector.csvimport.single import store_row
from planwhy_collector.db import Database
from planwhy_collector.errors import InvalidInput
from planwhy_collector.plan.workcalendar import WorkCalendar
from planwhy_collector.queries.people import employee_ids, people, person
from planwhy_collector.queries.rollups import dirty_days, mark_dirty
from planwhy_shared.times import HOUR_MS, total_ms

NOW = 1_795_000_000_000  # 2026-11-18
STAFF = "employee_id,name,team,time_zone\ne1,A,North,Europe/Moscow\ne2,B,North,Europe/Moscow\n"
TRANSFERS = "employee_id,since,team\ne1,2026-10-15,South\ne1,2027-03-01,\n"
CALENDARS = (
    "employee_id,from,to,working_hours,note\ne1,2026-10-15,,Mon-Fri 09:00-13:00,part time\n,2026-10-12,2026-10-13,-,\n"
)


def imported(database: Database, folder: Path, **files: str) -> ImportReport:
    for name, text in ({"employees": STAFF, "transfers": TRANSFERS, "calendars": CALENDARS} | files).items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    with database.writing() as session:
        return import_folder(session, folder, NOW)


def north(database: Database, day: str) -> list[str]:
    with database.reading() as session:
        return [one.key for one in people(session, team="North", on=date.fromisoformat(day))]


def known(database: Database, *days: str) -> None:
    """Let days of both people be settled already."""
    with database.writing() as session:
        for employee_id in employee_ids(session).values():
            mark_dirty(session, employee_id, map(date.fromisoformat, days))
        session.connection().exec_driver_sql("UPDATE days SET dirty = 0")


def asking(database: Database) -> list[tuple[str, int]]:
    with database.reading() as session:
        keys = {number: key for key, number in employee_ids(session).items()}
        return sorted((keys[number], day.day) for number, day in dirty_days(session))


def test_both_files_are_stored_and_in_force(database: Database, tmp_path: Path) -> None:
    assert imported(database, tmp_path).stored
    with database.reading() as session:
        calendar = WorkCalendar(person(session, "e1"))
    worked = total_ms(calendar.of_days(date(2026, 10, 1), date(2026, 10, 31))) / HOUR_MS
    assert worked == 8 * 8 + 12 * 4  # of ten days before the 15th two are free
    assert (north(database, "2026-10-14"), north(database, "2026-10-15")) == (["e1", "e2"], ["e2"])


def test_the_same_files_again_change_nothing_and_move_nobody(database: Database, tmp_path: Path) -> None:
    imported(database, tmp_path)
    again = imported(database, tmp_path)
    assert {(f.new, f.changed) for f in again.files} == {(0, 0)}
    assert north(database, "2026-12-01") == ["e2"]


def test_another_team_in_employees_is_a_transfer_of_the_day_of_the_import(database: Database, tmp_path: Path) -> None:
    imported(database, tmp_path)
    imported(database, tmp_path, employees=STAFF.replace("B,North", "B,West"))
    assert (north(database, "2026-11-17"), north(database, "2026-11-18")) == (["e2"], [])


def test_an_own_exception_asks_for_the_own_days_and_everybodys_for_all(database: Database, tmp_path: Path) -> None:
    imported(database, tmp_path, calendars="employee_id,from,to,working_hours\n")
    known(database, "2026-10-11", "2026-10-12", "2026-10-14", "2026-10-20", "2026-12-01")
    assert imported(database, tmp_path).days_to_settle == 3
    assert asking(database) == [("e1", 12), ("e1", 20), ("e2", 12)]


def test_an_exception_that_ends_earlier_asks_for_the_days_it_leaves(database: Database, tmp_path: Path) -> None:
    imported(database, tmp_path)
    known(database, "2026-10-12", "2026-10-15", "2026-10-20")
    imported(database, tmp_path, calendars=CALENDARS.replace("2026-10-15,,", "2026-10-15,2026-10-16,"))
    assert asking(database) == [("e1", 15), ("e1", 20)]


@pytest.mark.parametrize(
    ("file", "row", "column"),
    [
        ("calendars", "e9,2026-10-05,,-,", "employee_id"),
        ("calendars", "e2,2026-10-05,2026-10-04,-,", "to"),
        ("calendars", "e2,2026-10-05,2037-10-04,-,", "to"),
        ("calendars", "e2,,,-,", "from"),
        ("calendars", "e2,2026-10-05,,Mon-Fri,", "working_hours"),
        ("calendars", "e2,2026-10-10,2026-10-10,Mon-Fri 09:00-13:00,", "working_hours"),
        ("calendars", "e1,2026-10-15,2026-10-15,-,", "from"),
        ("calendars", ",2026-10-12,,-,", "from"),
        ("transfers", "e9,2026-10-05,South", "employee_id"),
        ("transfers", "e2,1926-10-05,South", "since"),
        ("transfers", "e1,2026-10-15,West", "employee_id"),
    ],
)
def test_what_is_wrong_is_named_with_its_place_and_nothing_is_stored(
    database: Database, tmp_path: Path, file: str, row: str, column: str
) -> None:
    good = {"transfers": TRANSFERS, "calendars": CALENDARS}[file]
    report = imported(database, tmp_path, **{file: f"{good}{row}\n"})
    assert [(e.file, e.line, e.column) for e in report.errors] == [(f"{file}.csv", 4, column)]
    assert north(database, "2026-10-01") == []


@pytest.mark.parametrize(
    ("file", "column"), [("calendars", "to"), ("calendars", "working_hours"), ("transfers", "team")]
)
def test_a_column_that_could_be_missed_must_be_there(
    database: Database, tmp_path: Path, file: str, column: str
) -> None:
    good = {"transfers": TRANSFERS, "calendars": CALENDARS}[file]
    report = imported(database, tmp_path, **{file: good.replace(column, "other", 1)})
    assert [(e.line, e.column) for e in report.errors] == [(1, column)]


def test_a_row_by_hand_is_checked_like_one_in_a_file(database: Database, tmp_path: Path) -> None:
    imported(database, tmp_path)
    with database.writing() as session:
        row = {"employee_id": "e2", "since": "2026-10-01", "team": "West"}
        assert store_row(session, "transfers.csv", row, NOW).counts == {"transfers.csv": (1, 0, 0)}
        with pytest.raises(InvalidInput, match=r"since: .*employee_id: there is no employee 'e9'"):
            store_row(session, "transfers.csv", row | {"employee_id": "e9", "since": "soon"}, NOW)
    assert north(database, "2026-10-01") == ["e1"]
