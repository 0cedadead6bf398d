"""Thirty days without the collector, recorded through the real recorder on a simulated clock, then drained for real."""

import gzip
import http.client
import json
import random
import tempfile
import time
from itertools import pairwise
from pathlib import Path

from ingest_stub import IngestStub, ingest_stub
from planwhy_agent.privacy import Kept
from planwhy_agent.recorder import Recorder
from planwhy_agent.spans import Moment
from planwhy_agent.spool import Spool
from running import eventually

from tests.durability.found import Found
from tests.durability.machine import TOKEN, Machine
from tests.durability.reckoning import Key, Times, reckon

FULL, SMALL, CHUNK = 2, 1, 1
DAYS, FEW_DAYS = 30, 3
DAY_MS, WORK_MS = 86_400_000, 9 * 3_600_000
QUOTAS = (500 << 20, 3 << 20)
GOAL_MIB = 60.0
SHM = Path("/dev/shm")


def run(first: int, count: int, _deadline: float, days: int = DAYS) -> Found:
    """The first is drained whole, the second had a quota far too small."""
    return sum((_drained(first + i, days, QUOTAS[(first + i) % 2]) for i in range(count)), Found())


def _drained(seed: int, days: int, quota: int) -> Found:
    shm = SHM if SHM.is_dir() else None
    with tempfile.TemporaryDirectory(dir=shm) as name, ingest_stub() as (stub, url):
        machine = Machine(Path(name), url, stub, SUBJECT_EVERY_S="5", SUBJECT_CHECKPOINT_MS="5000")
        written, size = record(machine.data / "spool.sqlite3", days, quota, seed)
        evicted = len(written) - _left(machine.data / "spool.sqlite3")
        seconds, peak, faults = _drain(machine, stub, len(written) - evicted)
        found = reckon(stub.spans, stub.gaps, written)
        order = [
            seqs[0] for body, _ in stub.receipts.values() if (seqs := [s["seq"] for s in json.loads(body)["spans"]])
        ]
        faults += [] if all(a < b for a, b in pairwise(order)) else ["not the oldest first"]
        faults += [] if peak <= GOAL_MIB else [f"{peak:.0f} MiB"]
        counted = sum(g["count"] for g in stub.gaps if g["reason"] == "evicted")
        faults += [] if counted == evicted else [f"{evicted} evicted, {counted} declared"]
        label = "quota 3 MB" if quota == QUOTAS[1] else f"{days} days"
        figures = {
            f"{label}: spans recorded": float(len(written)),
            f"{label}: spans evicted and declared": float(evicted),
            f"{label}: MiB of spool": size / (1 << 20),
            f"{label}: seconds to drain": seconds,
            f"{label}: times as long as the bare requests": seconds / _bare_s(stub),
            f"most MiB of memory while draining, {label}": peak,
        }
        return Found(1, found.lost, found.doubled, found.holes, faults=tuple(faults), figures=figures)


def record(path: Path, days: int, quota: int, seed: int) -> tuple[dict[Key, Times], int]:
    """Days of 2,000 to 5,000 spans with sleep between them; what closed spans there are, and the size of the file."""
    chance = random.Random(seed)
    spool = Spool(path, quota, recover=True)
    recorder = Recorder(spool, 0)
    written: dict[Key, Times] = {}
    write = spool.write

    def told(closed, unfinished, losses=(), standing=None):  # type: ignore[no-untyped-def]
        first = spool.next_seq
        write(closed, unfinished, losses, standing)
        written.update({(spool.epoch, first + i): (s.start_ms, s.end_ms) for i, s in enumerate(closed)})

    spool.write = told  # type: ignore[method-assign]
    now, asleep = int(time.time() * 1000), 0
    begun = now - days * DAY_MS
    for day in range(days):
        at = begun + day * DAY_MS
        spans = chance.randrange(2_000, 5_000)
        for i in range(spans):
            moment = Moment(at, at - asleep, at)
            recorder.take(
                moment, Kept("active", f"p{i % 9}.exe", f"Сделка {chance.randrange(10_000)}", None, "window"), 0
            )
            at += max(1_000, int(WORK_MS / spans * chance.uniform(0.5, 1.5)))
        asleep += begun + (day + 1) * DAY_MS - at
    recorder.stop(Moment(now, now - asleep, now))
    size = sum(p.stat().st_size for p in path.parent.glob("spool.sqlite3*"))
    spool.close()
    return written, size


def _left(path: Path) -> int:
    spool = Spool(path)
    left = spool.counts().waiting
    spool.close()
    return left


def _drain(machine: Machine, stub: IngestStub, waiting: int) -> tuple[float, float, list[str]]:
    """The real agent, from its start until everything is there: seconds and the peak of its memory."""
    began = time.monotonic()
    machine.start()
    try:
        eventually(lambda: len(stub.counted) >= waiting, 120, every_s=0.02)
        seconds = time.monotonic() - began
        assert machine.process
        status = Path(f"/proc/{machine.process.pid}/status").read_text()
        peak = next(int(line.split()[1]) / 1_024 for line in status.splitlines() if line.startswith("VmHWM:"))
        faults = [] if machine.stop(30) == 0 else ["did not end well"]
    finally:
        machine.end()
    return seconds, peak, faults + machine.crashes()


def _bare_s(stub: IngestStub) -> float:
    """The same bodies, packed alike, sent by nothing but the standard library's client to a stub that knows none."""
    with ingest_stub() as (_, url):
        began = time.monotonic()
        for body, _ in stub.receipts.values():
            connection = http.client.HTTPConnection(url.removeprefix("http://"))
            headers = {
                "Content-Type": "application/json",
                "Content-Encoding": "gzip",
                "Authorization": f"Bearer {TOKEN}",
            }
            connection.request("POST", "/api/v1/spans", gzip.compress(body, 6, mtime=0), headers)
            connection.getresponse().read()
            connection.close()
        return time.monotonic() - began
