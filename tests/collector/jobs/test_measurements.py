"""Quantities with their rows, on a week that can be computed by hand."""

import json
from pathlib import Path

import pytest
from activity_rows import at, enrol, hire, record
from click.testing import CliRunner
from crm_rows import deal, letters, plan, task
from planwhy_collector.cli import main
from planwhy_collector.cli.context import settings
from planwhy_collector.config import Settings
from planwhy_collector.db import Database
from planwhy_collector.errors import InvalidInput
from planwhy_collector.explain.measurement import Measurement, QuantityOut
from planwhy_collector.facts import Person
from planwhy_collector.jobs.explaining import explain
from planwhy_collector.jobs.measurements import measured
from planwhy_collector.plan.period import parse_period

WEEK = "2026-10-05..2026-10-09"
CRM = "https://acme.bitrix24.ru/crm"
DAY = (
    ("09:00", "12:00", "active", f"{CRM}/deal/details/d1/"),
    ("12:00", "13:00", "active", f"{CRM}/company/details/7/"),
    ("14:00", "15:00", "active", "https://vk.com/"),
    ("15:00", "16:00", "active", "unknown.exe"),
    ("16:00", "17:00", "idle", None),
)
"""Of 8 hours: 3 sales, 1 service, 1 non-work, 1 not classified, 1 idle, 1 without any word."""


@pytest.fixture
def who(database: Database) -> Person:
    person = hire(database)
    spans = [(f"2026-10-0{d} {a}", f"2026-10-0{d} {b}", s, w) for d in range(5, 10) for a, b, s, w in DAY]
    record(database, person, enrol(database, person), spans)
    deal(database, person, "d1", "2026-10-08 12:00")
    deal(database, person, "d2", "2026-10-09 12:00")
    letters(database, person, "d1", *(f"2026-10-0{n} 11:00" for n in (5, 6, 7, 8)))
    task(database, person, "t1", "2026-10-05 09:00", "2026-10-06 18:00", entity_type="deal", entity_id="d1")
    return person


def found(database: Database, who: Person, **asked: str) -> Measurement:
    return measured(database, who.key, parse_period(WEEK), at("2026-10-12 00:00"), Settings(), **asked)


def quantity(measurement: Measurement, name: str) -> QuantityOut:
    return next(q for q in measurement.quantities if q.name == name)


def test_each_share_of_time_tells_what_it_was_divided_from_and_where_it_may_lie(
    database: Database, who: Person
) -> None:
    all_of_it = found(database, who)
    attendance, focus = quantity(all_of_it, "attendance"), quantity(all_of_it, "focus")
    assert (attendance.part, attendance.whole) == (pytest.approx(30), pytest.approx(35))
    assert (attendance.low, attendance.high) == (pytest.approx(30 / 40), pytest.approx(35 / 40))
    assert (focus.part, focus.whole) == (pytest.approx(20), pytest.approx(25))
    assert (focus.low, focus.high) == (pytest.approx(20 / 30), pytest.approx(25 / 30))
    assert attendance.coverage == focus.coverage == pytest.approx(7 / 8)


def test_the_rows_add_up_to_the_figures(database: Database, who: Person) -> None:
    all_of_it = found(database, who)
    assert len(all_of_it.contacts) == quantity(all_of_it, "contacts").value == 5
    assert [c.late for c in all_of_it.contacts] == [False, False, True, True, False]
    assert [c.contact_id is None for c in all_of_it.contacts] == [False, False, False, False, True]
    assert quantity(all_of_it, "late_share").value == pytest.approx(2 / 5)
    assert [(c.deal_id, c.amount, c.late) for c in all_of_it.contracts] == [
        ("d1", "100.0000", True),
        ("d2", "100.0000", False),
    ]
    assert sum(day.time.work.sales for day in all_of_it.days) == pytest.approx(all_of_it.time.work.sales)
    assert sum(day.expected_hours for day in all_of_it.days) == pytest.approx(40)


def test_the_figures_are_those_of_the_explanation(database: Database, who: Person) -> None:
    plan(database, who, WEEK, 6.0)
    factors = explain(database, who.key, parse_period(WEEK), at("2026-10-12 00:00"), Settings()).factors
    told = {f.name: f.actual for f in factors}
    for name in ("attendance", "focus", "sales_share", "contact_rate", "conversion"):
        assert quantity(found(database, who), name).value == pytest.approx(told[name])


def test_what_has_not_begun_or_was_not_recorded_is_no_figure(database: Database, who: Person) -> None:
    nobody = hire(database, "e2")
    empty = measured(database, "e2", parse_period(WEEK), at("2026-10-12 00:00"), Settings())
    assert quantity(empty, "attendance").value is None and quantity(empty, "conversion").value is None
    assert empty.coverage.share == 0 and not empty.coverage.conclusive and nobody.id
    with pytest.raises(InvalidInput, match="not begun"):
        measured(database, "e2", parse_period("2026-11"), at("2026-10-12 00:00"), Settings())


def test_records_of_days_before_hiring_are_left_out_and_counted(database: Database) -> None:
    late = hire(database, "e3", hired_on=parse_period("2026-10-07..2026-10-07").first)
    deal(database, late, "d9", "2026-10-06 12:00")
    letters(database, late, "d9", "2026-10-05 11:00", "2026-10-07 00:00", "2026-10-08 11:00")
    all_of_it = measured(database, "e3", parse_period(WEEK), at("2026-10-12 00:00"), Settings())
    assert (len(all_of_it.contacts), len(all_of_it.contracts), all_of_it.left_out.not_employed) == (2, 0, 2)
    assert quantity(all_of_it, "expected_hours").value == 24


def test_revenue_of_several_currencies_is_not_added_up(database: Database, who: Person) -> None:
    deal(database, who, "d3", "2026-10-09 13:00", currency="USD")
    assert quantity(found(database, who), "deal_value").value is None
    chosen = found(database, who, currency="RUB")
    assert quantity(chosen, "deal_value").value == 100 and chosen.left_out.other_currency == 1


def test_the_command_prints_figures_rows_and_one_document(
    database: Database, who: Person, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PLANWHY_DATABASE_URL", database.url)
    settings.cache_clear()
    shown = CliRunner().invoke(main, ["measure", who.key, WEEK, "--rows"])
    assert shown.exit_code == 0 and "implied by the contract" in shown.stdout and "contract d1" in shown.stdout
    document = json.loads(CliRunner().invoke(main, ["measure", who.key, WEEK, "--json"]).stdout)
    assert {q["name"] for q in document["quantities"]} >= {"attendance", "contact_rate", "deal_value"}
