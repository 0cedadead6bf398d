"""500 MB that wait: how much memory the agent takes, and how soon it sends."""

import random
import tempfile
import time
from pathlib import Path

from ingest_stub import ingest_stub
from planwhy_agent.privacy import Kept
from planwhy_agent.spans import Stretch
from planwhy_agent.spool import Spool
from running import eventually

from tests.durability.found import Found
from tests.durability.machine import Machine

FULL, SMALL, CHUNK = 3, 1, 1
BYTES = 500 << 20
GOAL_MIB, GOAL_S = 150.0, 10.0
WATCHED_S = 20.0


def run(first: int, count: int, _deadline: float, size: int = BYTES) -> Found:
    """So many starts on a spool of that size, each killed before it is through."""
    with tempfile.TemporaryDirectory() as name, ingest_stub() as (stub, url):
        machine = Machine(Path(name), url, stub, SUBJECT_EVERY_S="5", SUBJECT_CHECKPOINT_MS="5000")
        spans = fill(machine.data / "spool.sqlite3", size, int(time.time() * 1000))
        found = Found(figures={"most spans waiting": float(spans)})
        for turn in range(count):
            found += _start(machine, stub).named(f"start {first + turn}")
        return found


def fill(path: Path, size: int, until_ms: int) -> int:
    """Fill a spool to a size with spans as people make them, up to a moment; returns how many."""
    chance = random.Random(7)
    spool = Spool(path, size * 2, recover=True)
    spool.connection.execute("PRAGMA synchronous=OFF")
    words = [chance.randbytes(6).hex() for _ in range(500)]
    at, written = until_ms - 5_000_000 * 1_000, 0
    while path.stat().st_size < size:
        closed = []
        for _ in range(5_000):
            title = " ".join(chance.choices(words, k=6))
            closed.append(
                Stretch(at, at + 1_000, Kept("active", "chrome.exe", title, "https://acme.bitrix24.ru/", "browser"))
            )
            at += 1_000
        spool.write(closed, None)
        written += len(closed)
    spool.close()
    return written


def _start(machine: Machine, stub: object) -> Found:
    counted = machine.stub.counted if machine.stub else {}
    before, began, largest = len(counted), time.monotonic(), 0.0
    machine.start()
    try:
        eventually(lambda: len(counted) > before, 120, every_s=0.02)
        first_s = time.monotonic() - began
        while time.monotonic() - began < WATCHED_S:
            largest = max(largest, _peak_mib(machine))
            time.sleep(0.2)
        sent = len(counted) - before
    finally:
        machine.end()
    faults = [] if first_s <= GOAL_S else [f"first batch after {first_s:.1f} s"]
    faults += [] if largest <= GOAL_MIB else [f"{largest:.0f} MiB"]
    figures = {"most seconds until the first batch": first_s, "most MiB of memory (peak)": largest}
    return Found(1, faults=(*faults, *machine.crashes()), figures=figures | {"spans sent": float(sent)})


def _peak_mib(machine: Machine) -> float:
    assert machine.process
    status = Path(f"/proc/{machine.process.pid}/status").read_text()
    return next(int(line.split()[1]) / 1_024 for line in status.splitlines() if line.startswith("VmHWM:"))
