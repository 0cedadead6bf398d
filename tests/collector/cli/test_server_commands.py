"""The commands that look after the server, run as a user would."""

import contextlib
import csv
import io
import json
import socket
import sqlite3
import subprocess
from pathlib import Path

import pytest
from planwhy_collector.cli.context import opened_database
from planwhy_collector.config import Settings
from planwhy_collector.ingest.enrolment import enrol
from planwhy_collector.services import wall_clock_ms
from planwhy_shared.wire import EnrolRequest
from running import BIN, CollectorProgram, free_port, run

PLANWHY = str(BIN / "planwhy")


@pytest.fixture
def home(tmp_path: Path) -> CollectorProgram:
    """Commands on an empty home; the collector itself is not started."""
    return CollectorProgram(tmp_path)


def test_an_enrolment_code_is_printed_as_json_and_nothing_else(home: CollectorProgram) -> None:
    home.call("employee", "add", "--key", "e1", "--name", "Employee One")
    made = json.loads(home.command_line("enrol-code", "create", "--employee", "e1", "--json"))
    assert set(made) == {"code", "expires_at"}
    assert json.loads(home.command_line("device", "list", "--json")) == []


def test_codes_for_everyone_leave_out_who_has_left_or_has_a_machine(home: CollectorProgram) -> None:
    people = ("employee_id,name,left_on", "e1,A,", "e2,B,2020-01-01", "e3,C,", "e4,D,")
    (home.folder / "employees.csv").write_text("\n".join(people))
    home.call("import", str(home.folder))
    code = home.json("enrol-code", "create", "--employee", "e3", "--json")["code"]
    with opened_database(Settings(database_url=home.database_url)) as database, database.writing() as session:
        enrol(session, Settings(), EnrolRequest(code, "pc", "Linux", "u", "0.1", "i1"), wall_clock_ms())
    made = list(csv.DictReader(io.StringIO(home.call("enrol-code", "create-all"))))
    assert [row["employee_id"] for row in made] == ["e1", "e4"]
    with opened_database(Settings(database_url=home.database_url)) as database, database.writing() as session:
        told = EnrolRequest(made[1]["code"], "pc", "Linux", "u", "0.1", "i2")
        assert enrol(session, Settings(), told, wall_clock_ms()).employee.id == "e4"
    again = list(csv.DictReader(io.StringIO(home.call("enrol-code", "create-all", "--enrolled-too"))))
    assert [row["employee_id"] for row in again] == ["e1", "e3", "e4"]
    home.call("enrol-code", "create-all", "--team", "None such", code=1)


def test_wrong_usage_ends_with_two_and_a_no_with_one(home: CollectorProgram) -> None:
    home.command_line("enrol-code", "create", code=2)
    home.call("enrol-code", "create", "--employee", "e1", "--minutes", "0", code=2)
    home.call("enrol-code", "create", "--employee", "nobody", code=1)
    home.call("device", "revoke", "²", code=1)
    home.call("device", "revoke", "9" * 30, code=1)
    home.call("job", "run", "dance", code=1)


def test_a_backup_restores_what_was_there(home: CollectorProgram) -> None:
    copy = home.folder / "copy.sqlite3"
    home.call("employee", "add", "--key", "e1", "--name", "Employee One")
    home.command_line("db", "backup", str(copy))
    home.call("employee", "add", "--key", "e2", "--name", "Employee Two")
    home.command_line("db", "restore", str(copy), code=1)
    home.command_line("db", "restore", str(copy), "--yes")
    home.call("enrol-code", "create", "--employee", "e1")
    home.call("enrol-code", "create", "--employee", "e2", code=1)


def test_a_backup_restores_into_an_empty_place_without_asking(home: CollectorProgram, tmp_path: Path) -> None:
    copy = tmp_path / "copy.sqlite3"
    home.call("employee", "add", "--key", "e1", "--name", "Employee One")
    home.command_line("db", "backup", str(copy))
    (tmp_path / "other").mkdir()
    other = CollectorProgram(tmp_path / "other")
    other.command_line("db", "restore", str(copy))
    other.call("enrol-code", "create", "--employee", "e1")


@pytest.mark.parametrize("kind", ["no database", "another program's", "cut short", "of a later release"])
def test_what_is_no_backup_is_refused_and_changes_nothing(home: CollectorProgram, kind: str) -> None:
    file = home.folder / "file.sqlite3"
    home.call("employee", "add", "--key", "e1", "--name", "Employee One")
    home.command_line("db", "backup", str(file))
    spoil(file, kind)
    home.command_line("db", "restore", str(file), "--yes", code=1)
    home.call("enrol-code", "create", "--employee", "e1")


def spoil(file: Path, kind: str) -> None:
    if kind == "no database":
        file.write_bytes(b"hello")
    elif kind == "cut short":
        file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    elif kind == "another program's":
        file.unlink()
        with sqlite3.connect(file) as other:
            other.execute("CREATE TABLE notes (text TEXT)")
    else:
        with sqlite3.connect(file) as later:
            later.execute("UPDATE alembic_version SET version_num = '9999'")


def test_a_taken_port_is_named_and_nothing_starts(home: CollectorProgram) -> None:
    with socket.create_server(("127.0.0.1", home.port)):
        home.command_line("serve", code=1)


def test_a_wrong_setting_stops_the_start_in_one_line(home: CollectorProgram) -> None:
    for name, value in (
        ("PLANWHY_PROT", "1"),
        ("PLANWHY_TLS_KEY", "/nowhere"),
        ("PLANWHY_DATABASE_URL", "mysql://x/y"),
    ):
        run([PLANWHY, "serve", "--port", str(free_port())], home.environment | {name: value}, home.folder, 1)
    assert not list(home.folder.glob("*.sqlite3"))


def test_the_collector_stops_when_asked_and_leaves_its_port(home: CollectorProgram) -> None:
    home.start()
    assert home.stop() == 0
    with socket.create_server(("127.0.0.1", home.port)):
        pass


def test_two_first_starts_at_once_make_one_schema(home: CollectorProgram) -> None:
    starts = [subprocess.Popen([PLANWHY, "db", "upgrade"], env=home.environment, cwd=home.folder) for _ in range(4)]
    assert [start.wait(timeout=60) for start in starts] == [0, 0, 0, 0]
    home.command_line("device", "list")


def test_a_first_start_that_is_killed_anywhere_can_be_repeated(home: CollectorProgram) -> None:
    for wait_s in (0.9, 1.0, 1.1, 1.2, 1.3):
        start = subprocess.Popen([PLANWHY, "db", "upgrade"], env=home.environment, cwd=home.folder)
        with contextlib.suppress(subprocess.TimeoutExpired):
            start.wait(timeout=wait_s)
        start.kill()
        start.wait()
    home.command_line("device", "list")
