"""`planwhy plan` as a user meets it: a table, a document, targets by hand, clear refusals."""

import json
from pathlib import Path
from typing import Any

import pytest
from activity_rows import enrol, hire, record
from click.testing import CliRunner, Result
from crm_rows import clients, deal, letters
from planwhy_collector.cli import main
from planwhy_collector.cli.context import settings
from planwhy_collector.db import Database

HOSTILE = "\x1b[31mAnna\n"
DAYS = ("24", "25", "26", "29", "30")
CARD = "https://acme.bitrix24.ru/crm"


@pytest.fixture(autouse=True)
def environment(database: Database, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A week of September 2025: 35 sales and 5 service hours for 25 clients; 14 contacts, 7 contracts."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PLANWHY_DATABASE_URL", database.url)
    settings.cache_clear()
    who = hire(database, team="A")
    spans = [
        (f"2025-09-{d} {start}", f"2025-09-{d} {end}", "active", f"{CARD}/{card}")
        for d in DAYS
        for start, end, card in (("09:00", "13:00", "deal/details/1/"), ("14:00", "17:00", "deal/details/2/"),
                                 ("17:00", "18:00", "company/details/7/"))
    ]  # fmt: skip
    record(database, who, enrol(database, who), spans)
    clients(database, who, *(f"c{n}" for n in range(25)))
    for n in range(7):
        deal(database, who, f"d{n}", "2025-09-30 17:00")
        letters(database, who, f"d{n}", "2025-09-25 10:00", "2025-09-26 10:00")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["plan", *arguments])


def made(*arguments: str) -> Any:
    ran = run("make", "2025-10", "--json", *arguments)
    return json.loads(ran.stdout)


def test_json_is_one_document_with_what_was_stored() -> None:
    """184 h, 23 of service; 161 x 0.4 contacts an hour x 0.5 contracts a contact."""
    found = made()
    (one,) = found["plans"]
    assert (one["stored"], one["target"], one["unrounded"]) == (True, 32.0, pytest.approx(32.2))
    assert (one["service_hours"], one["sales_hours"]) == (pytest.approx(23.0), pytest.approx(161.0))
    assert one["quantities"]["hours_per_client"] == pytest.approx(0.92) and one["sources"]["focus"] == "own"


def test_a_dry_run_stores_nothing_and_a_second_run_leaves_the_plan_alone() -> None:
    assert made("--dry-run")["plans"][0]["stored"] is False
    assert [made()["plans"][0]["stored"], made()["plans"][0]["refusal"]] == [True, "exists"]
    again = run("make", "2025-10", "--lang", "en")
    assert again.exit_code == 0 and "a plan of 32 exists and is left alone" in again.stdout


def test_people_read_a_table_in_their_language_without_escape_sequences(database: Database) -> None:
    other = hire(database, "e2", team="A")
    with database.writing() as session:
        from planwhy_collector.queries.people import EmployeeRecord, ids_for, store_employees

        record = EmployeeRecord("e2", HOSTILE, team="A", time_zone="Europe/Moscow")
        store_employees(session, [record], ids_for(session, {other.key}))
    english, russian = (run("make", "2025-10", "--dry-run", "--lang", lang) for lang in ("en", "ru"))
    assert "25!" in english.stdout and "many clients for one person" in english.stdout
    assert "ended already" in english.stdout and "Контактов в час" in russian.stdout
    assert "\x1b" not in english.stdout + russian.stdout


def test_quantities_by_hand_change_the_target_and_the_cap_warns() -> None:
    ran = run("make", "2025-10", "--set", "contact_rate=0.8", "--set", "e1.clients=30", "--lang", "en", "--step", "5")
    assert ran.exit_code == 0 and "30!!" in ran.stdout and "plans stored: 1" in ran.stderr
    shown = json.loads(run("show", "e1", "2025-10", "--json").stdout)[0]
    assert (shown["target"], shown["clients"], shown["sources"]["contact_rate"]) == (65.0, 30.0, "given")
    assert (shown["actual"], shown["made_by"]) == (0.0, "command line")


def test_a_change_by_hand_shows_with_who_and_why() -> None:
    made()
    ran = run("set", "e1", "2025-10", "contracts", "20", "--reason", "The fair took two weeks of it")
    assert ran.exit_code == 0 and not ran.stdout
    text = run("show", "--team", "A", "--lang", "en").stdout
    assert "command line: 32 → 20: The fair took two weeks of it" in text
    assert "Service hours per client" in text and "own history" in text


def test_what_is_missing_comes_with_the_way_to_give_it(database: Database) -> None:
    hire(database, "alone")
    ran = run("make", "2025-10", "--employee", "alone", "--lang", "en")
    assert ran.exit_code == 1 and "--set alone.attendance=…" in ran.stdout and "plans stored: 0" in ran.stderr
    hand = ("attendance=0.9", "focus=0.8", "contact_rate=1", "conversion_on_time=0.2")
    given = [word for pair in hand for word in ("--set", f"alone.{pair}")]
    assert run("make", "2025-10", "--employee", "alone", *given).exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("make", "2025-10", "--team", "B"), 1, "no team 'B'"),
        (("make", "2025-10", "--employee", "nobody"), 1, "no employee 'nobody'"),
        (("make", "2025-13"), 2, "2025-13"),
        (("make", "2025-10", "--metric", "revenue"), 1, "currency"),
        (("make", "2025-10", "--set", "joy=1"), 1, "expected one of"),
        (("make", "2025-10", "--set", "e9.clients=1"), 1, "e9"),
        (("make", "2025-10", "--step", "nan"), 1, "step"),
        (("set", "e1", "2025-10", "contracts", "nan"), 1, "above zero"),
        (("set", "e1", "2025-10", "contracts", "--", "-1"), 1, "above zero"),
        (("set", "e1", "2025-10", "contracts", "1e300"), 1, "above zero"),
        (("set", "e1", "2025-10", "contracts", "many"), 2, "many"),
        (("set", "e1", "2025-10", "contracts"), 2, "TARGET"),
        (("show", "nobody"), 1, "no employee"),
        (("show", "e1", "2024-10"), 1, "no such plan"),
    ],
)
def test_refusals_are_one_line_with_their_exit_code(arguments: tuple[str, ...], code: int, said: str) -> None:
    ran = run(*arguments)
    assert (ran.exit_code, said in ran.stderr) == (code, True), ran.stderr
    assert "Traceback" not in ran.stderr and not ran.stdout
