"""`planwhy explain` as a user meets it: a document for scripts, a page for people, clear refusals."""

import json
from pathlib import Path

import pytest
from activity_rows import enrol, hire, record
from click.testing import CliRunner, Result
from crm_rows import changed, deal, letters, plan, task
from planwhy_collector.cli import main
from planwhy_collector.cli.context import settings
from planwhy_collector.db import Database

DAY = "2025-10-06..2025-10-06"


@pytest.fixture(autouse=True)
def environment(database: Database, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PLANWHY_DATABASE_URL", database.url)
    settings.cache_clear()
    who = hire(database)
    record(database, who, enrol(database, who), [("2025-10-06 09:00", "2025-10-06 18:00", "active", "outlook.exe")])
    plan(database, who, DAY, 2.0)
    deal(database, who, "d1", "2025-10-06 12:00")
    letters(database, who, "d1", "2025-10-06 10:00")
    task(database, who, "\x1b[31mt1\n", "2025-10-03 09:00", "2025-10-06 09:00", entity_type="deal", entity_id="d1")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["explain", *arguments])


def test_json_is_one_document_and_nothing_else() -> None:
    ran = run("e1", DAY, "--json")
    assert ran.exit_code == 0
    found = json.loads(ran.stdout)
    assert found["plan"]["shortfall"] == 1.0 and found["period"] == {"from": "2025-10-06", "to": "2025-10-06"}
    assert sum(f["contribution"] for f in found["factors"]) == pytest.approx(1.0)


def test_people_read_a_paragraph_and_a_table_without_escape_sequences() -> None:
    russian, english = run("e1", DAY), run("e1", DAY, "--lang", "en")
    assert "План на" in russian.stdout and "The plan for" in english.stdout
    assert "\x1b" not in russian.stdout and "t1" in russian.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("e1", "2025-09"), 1, "no plan for 2025-09"),
        (("nobody", DAY), 1, "no employee"),
        (("e1", DAY, "--as-of", "2025-10-01T00:00:00+03:00"), 1, "not begun"),
        (("e1", "October"), 2, "expected such as 2026-10"),
        (("e1", DAY, "--as-of", "2025-10-07"), 2, "offset"),
        (("e1", DAY, "--as-of", "9999-12-31T23:59:59+00:00"), 2, "future"),
        (("e1", DAY, "--metric", "joy"), 2, "joy"),
    ],
)
def test_refusals_are_one_line_with_their_exit_code(arguments: tuple[str, ...], code: int, said: str) -> None:
    ran = run(*arguments)
    assert (ran.exit_code, said in ran.stderr) == (code, True)
    assert "Traceback" not in ran.stderr and not ran.stdout


def test_what_happened_to_a_task_stands_beside_it(database: Database) -> None:
    key = "\x1b[31mt1\n"
    changed(database, key, "2025-10-05 09:00", "deadline", old="2025-10-04 18:00", new="2025-10-06 09:00")
    changed(database, key, "2025-10-05 10:00", "closed")
    changed(database, key, "2025-10-05 11:00", "reopened")
    lines = [line for line in run("e1", DAY, "--lang", "en").stdout.splitlines() if "t1" in line]
    assert ["(deadline moved ×1)" in line and "(reopened ×1)" in line for line in lines] == [True]
    assert "срок перенесён ×1" in run("e1", DAY, "--lang", "ru").stdout
