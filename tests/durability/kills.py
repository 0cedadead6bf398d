"""Random kill -9 of a real agent that records and sends: at random instants, and inside what seldom happens."""

import random
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from ingest_stub import IngestStub, ingest_stub
from running import eventually

from tests.durability.found import Found
from tests.durability.machine import Machine

FULL, SMALL, CHUNK = 1_000, 24, 150
A_MACHINE = 25
"""Kills that one machine's spool lives through before the reckoning."""
AT_ONCE = 6
PHASES = (
    "open_spool",
    "settle_open",
    "reserve",
    "write",
    "evict",
    "close",
    "halve",
    "acknowledge",
    "save",
    "save_sending",
)
MODES = ("ok", "ok", "cut", "500", "foreign", "422", "413", "409", "other-receipt")


def run(first: int, count: int, deadline: float) -> Found:
    """Kill so often, at machines that are numbered from `first`."""
    sizes = [min(A_MACHINE, count - at) for at in range(0, count, A_MACHINE)]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        jobs = [pool.submit(_machine, first + i * A_MACHINE, size, deadline) for i, size in enumerate(sizes)]
        return sum((job.result() for job in jobs), Found())


def _machine(seed: int, kills: int, deadline: float) -> Found:
    if time.monotonic() > deadline:
        return Found()
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder, ingest_stub() as (stub, url):
        machine = Machine(Path(folder), url, stub, SUBJECT_QUOTA="1", SUBJECT_PADDING="900", SUBJECT_EVERY_S="0.002")
        figures: dict[str, float] = {}
        for turn in range(kills):
            inside = _kill_once(machine, stub, chance, away=turn % 12 < 8)
            figures[f"killed inside {inside}"] = figures.get(f"killed inside {inside}", 0) + 1
        faults = _settle(machine, stub)
        found = machine.reckoned(kills) + Found(faults=tuple(faults), figures=figures)
        evicted = sum(g["count"] for g in stub.gaps if g["reason"] == "evicted")
        return found.named(f"seed {seed}") + Found(figures={"spans counted": len(stub.spans), "spans evicted": evicted})


def _kill_once(machine: Machine, stub: IngestStub, chance: random.Random, away: bool) -> str:
    """Start, let it work, kill; names the part of the work that was under way."""
    with stub.lock:
        stub.modes = ["503 1"] * 9 if away else chance.choices(MODES, k=chance.randrange(6))
        stub.policy = stub.policy | {"version": f"p{chance.randrange(1 << 30)}"}
    machine.environment["SUBJECT_KILL"] = _trap(chance)
    told = machine.ledger.stat().st_size if machine.ledger.exists() else 0
    machine.start()
    assert machine.process
    until = time.monotonic() + chance.uniform(0.1, 1.6)
    while machine.process.poll() is None and time.monotonic() < until:
        time.sleep(0.01)
    machine.end()
    return _under_way(machine.ledger, told)


def _trap(chance: random.Random) -> str:
    """A part of the work in which the agent is to end itself, or none."""
    if chance.random() < 0.4:
        return ""
    return f"{chance.choice(PHASES)}:{chance.randrange(1, 4)}:{10 ** chance.uniform(-6, -2.3):.7f}"


def _under_way(ledger: Path, told: int) -> str:
    begun: list[str] = []
    for line in (ledger.read_bytes()[told:] if ledger.exists() else b"").decode().splitlines():
        verb, _, name = line.partition(" ")
        if verb == "b":
            begun.append(name)
        elif verb == "e" and name in begun:
            begun.remove(name)
    return begun[-1] if begun else "anything else"


def _settle(machine: Machine, stub: IngestStub) -> list[str]:
    """The last run, undisturbed: everything that waits is sent."""
    stub.modes = []
    machine.environment["SUBJECT_KILL"] = ""
    counted = len(stub.counted)
    machine.start()
    eventually(lambda: len(stub.counted) > counted, 60)
    code = machine.stop(60)
    return [] if code == 0 else [f"ended with {code}"]
