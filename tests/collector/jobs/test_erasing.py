"""After an erasure nothing names the person, colleagues' figures are what they were, and nothing brings anyone back."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pytest
from all_tables import everything
from csv_folder import written
from planwhy_collector.backup.ledger import ledger_path, remember, remembered
from planwhy_collector.backup.making import make_backup
from planwhy_collector.backup.restoring import restore
from planwhy_collector.config import Settings
from planwhy_collector.csvimport import import_folder
from planwhy_collector.db import Database
from planwhy_collector.errors import InvalidInput, NotFound
from planwhy_collector.facts import Context
from planwhy_collector.jobs.erasing import Erased, erase, erasing_again, what_would_go
from planwhy_collector.jobs.explaining import explain
from planwhy_collector.models import (
    Base,
    Client,
    ContextRow,
    Deal,
    Device,
    DeviceToken,
    Look,
    Task,
    TaskChange,
)
from planwhy_collector.plan.period import parse_period
from planwhy_collector.queries.activity import intern_contexts
from planwhy_collector.queries.blocks import StoredSpan
from planwhy_collector.queries.devices import devices
from planwhy_collector.queries.erasing import KEPT, forget_strays, touched_tables
from planwhy_collector.queries.erasures import erased_among, erasure_of
from planwhy_collector.queries.ingest import DeviceGone, NewBatch, store_batch
from planwhy_collector.queries.looks import verify_chain
from planwhy_collector.queries.people import EmployeeRecord, add_employee, employee_ids
from planwhy_collector.queries.rollups import mark_dirty
from planwhy_collector.queries.spans import store_spans
from postgres_server import PostgresServer
from running import eventually
from sqlalchemy import delete, select, text, update
from whole_person import KEY, NOW, PLANTED, SHARED, TITLE, bytes_of, planted, traces


def settings(database: Database, folder: Path) -> Settings:
    return Settings(database_url=database.url, erasures_path=str(folder / "ledger.jsonl"))


def gone(database: Database, folder: Path) -> Erased:
    return erase(database, settings(database, folder), KEY, None, NOW)


def test_every_table_is_erased_or_kept_for_a_stated_reason() -> None:
    erased = set(touched_tables()) - {"looks"}
    assert erased & KEPT.keys() == set()
    assert erased | KEPT.keys() == Base.metadata.tables.keys()


def test_the_planted_person_has_rows_in_every_table_that_is_erased(either: Database) -> None:
    planted(either)
    with either.reading() as session:
        going = what_would_go(session, KEY)
    assert [table for table in touched_tables() if table != "looks" and not going[table]] == []


def test_after_an_erasure_no_row_of_any_table_holds_a_trace(either: Database, tmp_path: Path) -> None:
    planted(either)
    with either.reading() as session:
        announced = what_would_go(session, KEY)
    assert len(traces(either)) > 15
    done = gone(either, tmp_path)
    assert traces(either) == []
    assert {table: rows for table, rows in done.counts.items() if table != "looks"} == announced
    with either.reading() as session:
        assert KEY not in employee_ids(session)
        assert erased_among(session, [KEY, "e2"]) == {KEY}


def test_the_bytes_of_the_embedded_files_hold_no_trace_either(database: Database, tmp_path: Path) -> None:
    planted(database)
    assert all(word.encode() in bytes_of(database) for word in PLANTED)
    assert gone(database, tmp_path).scrubbed
    assert not any(word.encode() in bytes_of(database) for word in PLANTED)


def test_what_two_people_saw_stays_and_what_one_saw_goes(either: Database, tmp_path: Path) -> None:
    planted(either)
    gone(either, tmp_path)
    with either.reading() as session:
        titles = set(session.scalars(select(ContextRow.title)))
    assert SHARED in titles
    assert TITLE not in titles


def test_deals_clients_and_shared_tasks_stay_without_the_person(either: Database, tmp_path: Path) -> None:
    who, colleague = planted(either)
    gone(either, tmp_path)
    with either.reading() as session:
        assert session.get_one(Deal, "d1-deal").employee_id is None
        assert session.get_one(Client, "c1").employee_id is None
        owners = {task.id: task.employee_id for task in session.scalars(select(Task))}
        handed = session.scalars(select(TaskChange).where(TaskChange.field == "owner")).all()
    assert owners == {
        "e2-task": colleague.id,
        "t-handed-on": colleague.id,
        "t-taken-over": None,
        "t-written-about": None,
    }
    assert {who.id} & {owner for change in handed for owner in (change.old_owner, change.new_owner)} == set()


def test_a_colleagues_rows_and_explanation_stay_as_they_were(either: Database, tmp_path: Path) -> None:
    _, colleague = planted(either)

    def told() -> object:
        return explain(either, "e2", parse_period("2026-10"), NOW, settings(either, tmp_path))

    before, rows = told(), own_rows(either, colleague.id)
    gone(either, tmp_path)
    assert own_rows(either, colleague.id) == rows
    assert told() == before


def own_rows(database: Database, employee_id: int) -> dict[str, list[tuple[object, ...]]]:
    tables = ("day_contexts", "day_totals", "days", "plans", "contacts", "absences", "memberships")
    found = everything(database)
    return {table: [row for row in found[table] if employee_id in row] for table in tables}


def test_the_log_of_looks_holds_and_loses_only_the_words(either: Database, tmp_path: Path) -> None:
    planted(either)
    with either.reading() as session:
        before = verify_chain(session)
    gone(either, tmp_path)
    with either.reading() as session:
        after = verify_chain(session)
        rows = session.scalars(select(Look).order_by(Look.seq)).all()
    assert (before.holds, after.holds, after.rows) == (True, True, before.rows + 1)
    assert [row.reason for row in rows[:3]] == ["", "why is the colleague late", "helping out the colleague"]
    assert [row.actor for row in rows[:3]] == ["Lead <lead@example.test>", "Lead <lead@example.test>", ""]
    assert rows[3].what == "erasure"


@pytest.mark.parametrize("values", [{"reason": ""}, {"actor": "x"}, {"employee_id": 1}])
@pytest.mark.parametrize("seq", [1, 2, 3, 4])
def test_any_other_change_of_the_log_shows_after_an_erasure_too(
    database: Database, tmp_path: Path, values: dict[str, object], seq: int
) -> None:
    planted(database)
    gone(database, tmp_path)
    with database.writing() as session:
        same = all(getattr(session.get_one(Look, seq), name) == value for name, value in values.items())
        session.execute(update(Look).where(Look.seq == seq).values(**values))
    with database.reading() as session:
        assert verify_chain(session).holds == same


def test_two_erasures_that_meet_in_the_log_leave_it_whole(database: Database, tmp_path: Path) -> None:
    planted(database)
    gone(database, tmp_path)
    erase(database, settings(database, tmp_path), "e2", None, NOW)
    with database.reading() as session:
        assert verify_chain(session).holds
        assert [row.reason for row in session.scalars(select(Look).where(Look.what != "erasure"))] == ["", "", ""]


def test_a_backup_of_before_the_erasure_comes_back_without_the_person(either: Database, tmp_path: Path) -> None:
    _, colleague = planted(either)
    make_backup(either, tmp_path / "copy")
    gone(either, tmp_path)
    now = own_rows(either, colleague.id)
    assert restore(either, tmp_path / "copy", erasing_again(either, tmp_path / "none.jsonl", NOW)) == 1
    assert traces(either) == []
    assert own_rows(either, colleague.id) == now
    with either.reading() as session:
        assert verify_chain(session).holds
    assert len(remembered(tmp_path / "none.jsonl")) == 1


def test_on_a_new_machine_the_file_alone_keeps_the_person_erased(either: Database, tmp_path: Path) -> None:
    planted(either)
    make_backup(either, tmp_path / "before")
    gone(either, tmp_path)
    with either.writing() as session:
        for table in reversed(Base.metadata.sorted_tables):
            session.execute(table.delete())
    assert restore(either, tmp_path / "before", erasing_again(either, tmp_path / "ledger.jsonl", NOW)) == 1
    assert traces(either) == []
    with either.reading() as session:
        assert set(employee_ids(session)) == {"e2"}
        assert erased_among(session, [KEY]) == {KEY}


def test_a_backup_of_after_the_erasure_still_tells_of_it(either: Database, tmp_path: Path) -> None:
    planted(either)
    gone(either, tmp_path)
    make_backup(either, tmp_path / "after")
    assert restore(either, tmp_path / "after", erasing_again(either, tmp_path / "new.jsonl", NOW)) == 0
    with either.reading() as session:
        assert erased_among(session, [KEY]) == {KEY}
    assert len(remembered(tmp_path / "new.jsonl")) == 1


def test_nothing_is_erased_where_nothing_can_remember_it(database: Database, tmp_path: Path) -> None:
    planted(database)
    (tmp_path / "ledger.jsonl").mkdir()
    with pytest.raises(InvalidInput, match="cannot be remembered"):
        gone(database, tmp_path)
    with database.reading() as session:
        assert KEY in employee_ids(session)


def test_the_file_names_nobody_is_its_owners_only_and_damage_is_named(database: Database, tmp_path: Path) -> None:
    planted(database)
    gone(database, tmp_path)
    file = tmp_path / "ledger.jsonl"
    assert file.stat().st_mode & 0o777 == 0o600
    assert not any(word in file.read_text() for word in (*PLANTED, KEY))
    file.write_text(file.read_text() + "half a li")
    with pytest.raises(InvalidInput, match=r"ledger.jsonl:2"):
        remembered(file)


def test_a_file_that_ends_within_a_line_gets_the_next_erasure_on_a_line_of_its_own(tmp_path: Path) -> None:
    file = tmp_path / "ledger.jsonl"
    remember(file, [erasure_of("a", 1, None, {})])
    file.write_bytes(file.read_bytes().rstrip())
    remember(file, [erasure_of("b", 1, None, {})])
    assert [one.names("b") for one in remembered(file)] == [False, True]


def test_without_a_setting_the_file_stands_beside_the_embedded_database(database: Database) -> None:
    assert ledger_path(Settings(database_url=database.url), database) == database.path.parent / "erasures.jsonl"


def test_an_import_leaves_out_the_rows_of_an_erased_person_and_counts_them(either: Database, tmp_path: Path) -> None:
    (tmp_path / "csv").mkdir()
    folder = written(tmp_path / "csv")
    (folder / "contacts.csv").write_text(
        "contact_id,employee_id,at,kind,deal_id,task_id\nk1,e1,2026-10-05 11:00,call,d1,t1\n"
        "k2,e2,2026-10-05 12:00,email,d1,t1\n"
    )
    (folder / "task_changes.csv").write_text("task_id,at,field,old,new\nt1,2026-10-02 11:00,closed,,\n")
    with either.writing() as session:
        assert import_folder(session, folder, NOW).stored
    erase(either, settings(either, tmp_path), "e1", None, NOW)
    for _ in range(2):
        with either.writing() as session:
            report = import_folder(session, folder, NOW)
        assert (report.stored, report.errors) == (True, ())
        assert {f.file: (f.rows, f.erased) for f in report.files} == {
            "employees.csv": (2, 1), "clients.csv": (1, 1), "deals.csv": (1, 1), "tasks.csv": (1, 1),
            "task_changes.csv": (1, 1), "contacts.csv": (2, 1), "absences.csv": (1, 1), "plans.csv": (1, 1),
        }  # fmt: skip
    with either.reading() as session:
        assert set(employee_ids(session)) == {"e2"}
        assert session.get_one(Task, "t1").employee_id is None


def test_an_erased_id_is_refused_for_a_new_employee(either: Database, tmp_path: Path) -> None:
    planted(either)
    gone(either, tmp_path)
    with pytest.raises(InvalidInput, match="was erased for good"), either.writing() as session:
        add_employee(session, EmployeeRecord(KEY, "Somebody"))
    with pytest.raises(NotFound):
        gone(either, tmp_path)


def test_days_settled_while_a_person_was_erased_go_with_the_next_prune(either: Database, tmp_path: Path) -> None:
    who, colleague = planted(either)
    gone(either, tmp_path)
    with either.writing() as session:
        mark_dirty(session, who.id, [date(2026, 10, 5)])
    with either.writing() as session:
        assert forget_strays(session) == 1
        assert forget_strays(session) == 0
    assert own_rows(either, colleague.id)["days"]


def test_a_batch_that_was_recognised_before_the_erasure_is_not_stored_after_it(either: Database) -> None:
    who, _ = planted(either)
    with either.reading() as session:
        device = devices(session, who.id)[0].id
    batch = NewBatch(device, who.id, who.zone, "late", "late", b"", (), (), (), 0, 0, "")
    with either.writing() as session:
        session.execute(delete(DeviceToken).where(DeviceToken.device_id == device))
        session.execute(delete(Device).where(Device.id == device))
    with pytest.raises(DeviceGone), either.writing() as session:
        store_batch(session, batch, NOW)


def test_a_title_that_a_colleague_sends_during_the_erasure_stays(postgres: PostgresServer, tmp_path: Path) -> None:
    with Database(postgres.copy()) as database, ThreadPoolExecutor(1) as pool:
        _, colleague = planted(database)
        with database.reading() as session:
            device = devices(session, colleague.id)[0].id
            (own,) = session.scalars(select(ContextRow.id).where(ContextRow.title == TITLE))
        with database.writing() as session:
            intern_contexts(session, {own: Context("chrome.exe", None, None, TITLE)}, 2)
            store_spans(session, device, 1, {0: [StoredSpan(NOW, NOW + 1, 77, own, 0, 0, 0)]})
            erasing = pool.submit(gone, database, tmp_path)
            eventually(lambda: waits(database))
        erasing.result()
        with database.reading() as session:
            assert session.scalar(select(ContextRow.title).where(ContextRow.id == own)) == TITLE


def waits(database: Database) -> bool:
    """Whether a transaction waits for another one."""
    with database.reading() as session:
        return bool(session.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")))
