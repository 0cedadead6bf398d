"""Simulated files: the same for the same seed, and accepted by the import."""

import csv
import json
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from planwhy_collector.cli import main
from planwhy_collector.csvimport import import_folder
from planwhy_collector.db import Database
from planwhy_collector.errors import InvalidInput
from planwhy_collector.simulate.order import Order
from planwhy_collector.simulate.writing import span_files, write

LAST = date(2026, 11, 9)
ORDER = Order(employees=3, days=70, seed=5, last=LAST)


def written(folder: Path, order: Order = ORDER) -> dict[str, bytes]:
    assert len(list(write(order, folder))) == order.employees
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_the_same_seed_writes_the_same_bytes(tmp_path: Path) -> None:
    assert written(tmp_path / "a") == written(tmp_path / "b")


def test_another_seed_writes_other_days(tmp_path: Path) -> None:
    other = Order(3, 70, 6, date(2026, 11, 9))
    assert written(tmp_path / "a")["contacts.csv"] != written(tmp_path / "b", other)["contacts.csv"]


def test_the_import_accepts_what_was_written(database: Database, tmp_path: Path) -> None:
    written(tmp_path / "a")
    with database.writing() as session:
        report = import_folder(session, tmp_path / "a", 1_795_000_000_000)
    assert (report.errors, report.stored) == ((), True)
    assert {f.file: f.rows for f in report.files}["plans.csv"] == 3 * 3


def test_the_truth_names_each_person_and_full_month(tmp_path: Path) -> None:
    truth = json.loads(written(tmp_path / "a")["truth.json"])
    assert [p["employee_id"] for p in truth["people"]] == ["e1", "e2", "e3"]
    assert {m["period"] for p in truth["people"] for m in p["months"]} == {"2026-09", "2026-10"}


def test_people_are_the_same_whatever_the_count(tmp_path: Path) -> None:
    few, many = written(tmp_path / "a"), written(tmp_path / "b", Order(4, 70, 5, LAST))
    assert all(few[name] == many[name] for name in few if name.startswith("spans/"))
    assert all(many[name].startswith(few[name]) for name in few if name.endswith(".csv"))
    told = [json.loads(one["truth.json"])["people"] for one in (few, many)]
    assert told[0] == told[1][:3]


def test_each_machine_has_a_file_of_its_own(tmp_path: Path) -> None:
    written(tmp_path / "a")
    assert [p.name for p in span_files(tmp_path / "a", "e1")] == ["e1.jsonl", "e1-home.jsonl"]


def test_a_bare_plan_is_written_without_assumptions(tmp_path: Path) -> None:
    written(tmp_path / "a", Order(2, 62, 5, date(2026, 10, 31), bare=1.0))
    with (tmp_path / "a" / "plans.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {(row["attendance"], row["conversion_late"]) for row in rows} == {("", "")}
    assert all(float(row["target"]) > 0 for row in rows)


@pytest.mark.parametrize(
    "wrong", [{"employees": 0}, {"days": 0}, {"hide": (1.5,)}, {"bare": -0.1}], ids=lambda w: next(iter(w))
)
def test_an_order_out_of_range_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput, match=next(iter(wrong))):
        Order(**{"employees": 1, "days": 5, "seed": 1, "last": LAST} | wrong)


def test_so_many_months_of_each_cause_are_ordered_by_their_number(tmp_path: Path) -> None:
    call = ["--per-cause", "3", "--causes", "distraction,none", "--days", "61", "--seed", "1", "--until", "2026-10-31"]
    done = CliRunner().invoke(main, ["simulate", *call, "--out", str(tmp_path / "a")])
    assert done.exit_code == 0, done.output
    truth = json.loads((tmp_path / "a" / "truth.json").read_text(encoding="utf-8"))
    assert Counter(m["cause"] for p in truth["people"] for m in p["months"]) == {"distraction": 4, "none": 4}


def test_an_unknown_cause_is_named(tmp_path: Path) -> None:
    call = ["--employees", "1", "--causes", "laziness", "--days", "31", "--seed", "1", "--out", str(tmp_path / "a")]
    done = CliRunner().invoke(main, ["simulate", *call])
    assert (done.exit_code, isinstance(done.exception, SystemExit)) == (1, True)
    assert "'laziness' is not one of distraction," in done.output


def test_a_folder_with_other_things_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("x", encoding="utf-8")
    with pytest.raises(InvalidInput, match="not empty"):
        list(write(ORDER, tmp_path))
