"""The benchmark of the agent's footprint measures what it says; its figures come from `make bench-footprint`."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from process_costs import costs, family, pss_mib

from tests.bench.agent_footprint import Backlog, Footprint, backlog, met, scene

LIGHT = Footprint(0.1, 25.0, 2.0, 0.0, 0.0, 0.0)
FULL = Backlog(500.0, 1_000, 100.0, 1.0, 0.0)
BUSY = (
    "import os, time; open({!r}, 'wb').write(b'x' * 100_000); [i for i in range(4_000_000)]; print(flush=True); input()"
)


def test_a_familys_processor_time_and_bytes_are_what_its_processes_used(tmp_path: Path) -> None:
    code = BUSY.format(str(tmp_path / "file"))
    with subprocess.Popen(["sh", "-c", f'"{sys.executable}" -c "{code}"; exit'], stdin=-1, stdout=-1) as shell:
        assert shell.stdout
        shell.stdout.readline()
        found = costs(shell.pid)
        assert len(family(shell.pid)) == 2
        assert found.cpu_s > 0.05 and found.written >= 100_000 and found.wakeups > 0
        assert pss_mib(shell.pid) > 3
        shell.communicate(b"\n")


def test_a_figure_over_its_goal_is_not_met() -> None:
    assert met({"agent": LIGHT}, FULL)
    assert not met({"agent": replace(LIGHT, cpu_s=0.31)}, None)
    assert not met({"agent": replace(LIGHT, pss_mib=30.1)}, None)
    assert not met({"agent": LIGHT}, replace(FULL, peak_rss_mib=151.0))
    assert not met({"agent": LIGHT}, replace(FULL, first_s=10.1))


@pytest.mark.slow
@pytest.mark.desktop
def test_the_scene_and_a_small_backlog_are_measured_with_the_real_agent(tmp_path: Path) -> None:
    found = scene(tmp_path, 8.0, 1.0)
    assert found["agent"].cpu_s > 0 and found["agent"].pss_mib > 10 and found["watcher"].sent_per_h > 0
    full = backlog(tmp_path, 10, watch_s=2.0)
    assert full.mib >= 10 and full.first_s > 0 and full.peak_rss_mib > 10
