"""A second agent on the same folder, later or at the same instant: it ends with a clear message, the first goes on."""

import subprocess
import tempfile
from pathlib import Path

from ingest_stub import ingest_stub
from running import Program, eventually

from tests.durability.found import Found
from tests.durability.machine import Machine

FULL, SMALL, CHUNK = 8, 1, 1
AT_ONCE = 20


def run(first: int, count: int, _deadline: float) -> Found:
    """So many times, twenty agents at the same instant."""
    return sum((_at_once().named(f"run {first + i}") for i in range(count)), Found())


def _at_once() -> Found:
    with tempfile.TemporaryDirectory() as name, ingest_stub() as (stub, url):
        machine = Machine(Path(name), url, stub, SUBJECT_EVERY_S="0.02")
        others = [Program(machine.command, dict(machine.environment), Path(name) / f"{i}.log") for i in range(AT_ONCE)]
        for one in others:
            one.start()
        eventually(lambda: sum(o.process is not None and o.process.poll() is None for o in others) <= 1, 120)
        running = [o for o in others if o.process and o.process.poll() is None]
        faults = [] if len(running) == 1 else [f"{len(running)} of {AT_ONCE} go on"]
        for one in others:
            said = one.log.read_text()
            if one not in running and not (one.process and one.process.returncode == 1 and "already_running" in said):
                faults.append(f"ended with {one.process and one.process.returncode}: {said[-200:]}")
        counted = len(stub.counted)
        if running:
            eventually(lambda: len(stub.counted) > counted + 10)
        for one in running:
            try:
                faults += [] if one.stop() == 0 else ["the first did not end well"]
            except subprocess.TimeoutExpired:
                faults.append("the first did not end")
            finally:
                one.end()
        return machine.reckoned(1) + Found(faults=tuple(faults))
