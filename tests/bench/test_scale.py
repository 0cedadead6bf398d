"""The benchmark of scale runs and says what is missed; its figures come from `make bench-scale`."""

from pathlib import Path

import pytest
from planwhy_collector.db import Database

from tests.bench.scale import lines, spans_scene, year_scene
from tests.bench.scale_measure import Figure


@pytest.mark.slow
def test_a_small_company_is_filled_and_measured_and_can_be_measured_again(database: Database, tmp_path: Path) -> None:
    found = [list(spans_scene(database, tmp_path, 3_000, 20, 10)) for _ in range(2)]
    names = [[one.name for one in figures] for figures in found]
    assert names[0][2:] == names[1] and names[0][:2] == ["storing 1,000 spans", "settling a day, CPU"]
    assert all(one.found > 0 for figures in found for one in figures)


@pytest.mark.slow
def test_a_year_of_a_few_people_is_changed_by_its_rules(database: Database, tmp_path: Path) -> None:
    (change,) = (one for one in year_scene(database, tmp_path, 6, 25, 20) if one.name == "rule change")
    assert change.found > 0 and "verdicts" in change.of


def test_the_table_gives_each_figure_beside_its_target_and_the_plain_reading() -> None:
    _, header, good, bad = lines({"a scene": [Figure("fast", 10, 20, 5, "6 people", 8), Figure("slow", 3_000, 2_000)]})
    assert header.split() == ["a", "scene", "found", "ms", "cpu", "ms", "target", "plain", "ms", "ratio"]
    assert good.split() == ["fast", "10.00", "8.00", "20", "5.00", "2.0", "6", "people"]
    assert bad.split() == ["slow", "3,000.00", "2,000", "MISSED"]
