"""Simulated files: the same for the same seed, and accepted by the import."""

import json
from datetime import date
from pathlib import Path

import pytest
from planwhy_collector.csvimport import import_folder
from planwhy_collector.db import Database
from planwhy_collector.errors import InvalidInput
from planwhy_collector.simulate.writing import Order, write

ORDER = Order(employees=3, days=70, seed=5, last=date(2026, 11, 9))


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


@pytest.mark.parametrize("order", [Order(0, 5, 1, date(2026, 11, 9)), Order(1, 0, 1, date(2026, 11, 9))])
def test_an_order_out_of_range_is_refused(tmp_path: Path, order: Order) -> None:
    with pytest.raises(InvalidInput, match="is not between"):
        list(write(order, tmp_path / "a"))


def test_a_folder_with_other_things_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("x", encoding="utf-8")
    with pytest.raises(InvalidInput, match="not empty"):
        list(write(ORDER, tmp_path))
