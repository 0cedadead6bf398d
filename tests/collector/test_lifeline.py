"""A collector that is killed at any moment of its start leaves no process behind."""

import os
import time
from pathlib import Path

import psutil
import pytest
from running import CollectorProgram, eventually


def alive(port: int) -> list[int]:
    """The processes that were started for a port."""
    found = []
    for one in psutil.process_iter():
        try:
            mine = one.environ().get("PLANWHY_PORT") == str(port) and one.status() != psutil.STATUS_ZOMBIE
        except psutil.Error:
            continue
        found += [one.pid] if mine and one.pid != os.getpid() else []
    return found


@pytest.mark.slow
def test_a_collector_killed_while_its_processes_start_leaves_none(tmp_path: Path) -> None:
    for n in range(8):
        program = CollectorProgram(tmp_path, workers=3)
        super(CollectorProgram, program).start()
        eventually(lambda program=program: "listens on" in program.log.read_text(encoding="utf-8"))
        time.sleep(n * 0.08)
        program.kill()
        program.log.unlink()
        eventually(lambda program=program: not alive(program.port), within_s=10)
