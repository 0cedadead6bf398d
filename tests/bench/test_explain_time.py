"""The benchmark of time runs and its table says what was measured; its figures come from `make bench-explain-time`."""

from pathlib import Path

import pytest
from running import free_port

from tests.bench.explain_time import Times, lines, measure


@pytest.mark.slow
def test_people_with_few_and_with_many_tasks_are_timed(tmp_path: Path) -> None:
    found = measure(tmp_path, free_port(), employees=2, days=100, tasks=20, changes=40, rounds=2)
    assert found["usual"].overdue < 20 <= found["many_tasks"].overdue
    assert all(0 < one.median_ms <= one.high_ms and one.ratio > 1 for one in found.values())


def test_the_table_gives_each_median_beside_the_plain_reading() -> None:
    header, row = lines({"usual": Times(150.0, 180.0, 0.75, 6)})
    assert header.split()[-1] == "ratio"
    assert row.split() == ["usual", "6", "150.0", "180.0", "0.75", "200"]
