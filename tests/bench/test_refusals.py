"""The benchmark of refusals measures what it says; its figures come from `make bench-refusals`."""

from pathlib import Path

import pytest
from abuse import Case
from raw_http import raw_collector, request
from running import CollectorProgram

from tests.bench.refusals import Cost, costs


@pytest.mark.slow
def test_a_refusal_is_timed_and_its_memory_is_seen(tmp_path: Path) -> None:
    case = Case("text", lambda token: request(token, b"a" * 900_000, "Content-Type: text/plain"), 415, "")
    with raw_collector(CollectorProgram(tmp_path)) as collector:
        (found,) = costs(collector, [case], 2)
    assert (found.name, found.status) == ("text", 415)
    assert found.ms > 0 and found.mib > 0.5


def test_a_cost_over_either_goal_is_not_well_unless_something_was_stored() -> None:
    assert Cost("a", 413, 250.0, 16.0).well
    assert not Cost("a", 413, 251.0, 1.0).well
    assert not Cost("a", 413, 1.0, 17.0).well
    assert Cost("a", 200, 999.0, 99.0).well
