"""`planwhy employee erase` and `export`, and a restore that says whom it erased again."""

import json
import zipfile
from pathlib import Path

import pytest
from csv_folder import written
from planwhy_collector.db import Database
from planwhy_collector.queries.looks import looks_at
from planwhy_collector.queries.people import person
from running import CollectorProgram

REASON = "The person asked for it in a letter of 2 November"


@pytest.fixture
def home(tmp_path: Path) -> CollectorProgram:
    (tmp_path / "csv").mkdir()
    program = CollectorProgram(tmp_path)
    program.call("import", str(written(tmp_path / "csv")))
    for role, more in (("admin", ()), ("council", ()), ("employee", ("--employee", "e1"))):
        program.call("user", "add", "--email", f"{role}@example.test", "--name", "N", "--role", role, *more)
    return program


def test_an_erasure_asks_and_then_tells_what_went(home: CollectorProgram) -> None:
    home.call("employee", "erase", "e1", code=1)
    assert "e1" in home.call("employee", "list")
    done = home.json("employee", "erase", "e1", "--yes", "--json")
    assert done["scrubbed"] and done["kept_accounts"] == []
    assert [done["counts"][name] for name in ("employees", "users", "tasks", "contacts", "plans")] == [1] * 5
    assert [line.split("\t")[0] for line in home.call("employee", "list").splitlines()] == ["e2"]
    home.call("employee", "erase", "e1", "--yes", code=1)
    home.call("employee", "add", "--key", "e1", "--name", "Back", code=1)


def test_an_import_says_how_many_rows_of_erased_people_were_left_out(home: CollectorProgram) -> None:
    home.call("employee", "erase", "e1", "--yes")
    told = home.call("import", str(home.folder / "csv"))
    assert "employees.csv: 2 rows, 0 new, 0 changed, 1 as before; 1 about people who were erased for good" in told
    found = home.json("import", str(home.folder / "csv"), "--json")
    assert {file["file"]: file["erased"] for file in found["files"]}["plans.csv"] == 1
    assert found["stored"]


def test_a_restore_says_how_many_were_erased_again(home: CollectorProgram) -> None:
    copy = home.folder / "copy"
    home.call("db", "backup", str(copy))
    home.call("employee", "erase", "e1", "--yes")
    home.command_line("db", "restore", str(copy), "--yes")
    assert [line.split("\t")[0] for line in home.call("employee", "list").splitlines()] == ["e2"]


def test_an_export_holds_everything_but_secrets_and_is_a_look(home: CollectorProgram) -> None:
    out = home.folder / "e1.zip"
    home.call("employee", "export", "e1", "--out", str(out), "--as", "admin@example.test", code=1)
    assert not out.exists()
    home.call("employee", "export", "e1", "--out", str(out), "--as", "admin@example.test", "--reason", REASON)
    assert out.stat().st_mode & 0o777 == 0o600
    with zipfile.ZipFile(out) as archive:
        rows = {n: archive.read(n).decode().splitlines() for n in archive.namelist() if n.endswith(".jsonl")}
    assert json.loads(rows["employees.jsonl"][0])["key"] == "e1"
    assert [len(rows[f"{name}.jsonl"]) for name in ("deals", "clients", "tasks", "contacts", "plans")] == [1] * 5
    assert not any(secret in line for lines in rows.values() for line in lines for secret in ('_hash"', '"receipt'))
    with Database(home.database_url) as database, database.reading() as session:
        (found,) = looks_at(session, person(session, "e1").id)
    assert (found.look.what, found.look.reason) == ("export", REASON)


def test_who_neither_leads_nor_administers_exports_nothing(home: CollectorProgram) -> None:
    home.call("employee", "export", "e1", "--out", "x.zip", "--as", "council@example.test", "--reason", REASON, code=1)
    home.call("employee", "export", "e2", "--out", "x.zip", "--as", "employee@example.test", "--reason", REASON, code=1)
