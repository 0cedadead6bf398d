"""A power cut at every write: for each prefix of a recorded life, folders as a disk may leave them, opened for real."""

import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace
from functools import cache
from multiprocessing import get_context
from pathlib import Path

from ingest_stub import IngestStub
from planwhy_agent.config import Settings
from planwhy_agent.errors import AgentError
from planwhy_agent.health import load_sending
from planwhy_agent.identity import load_identity, read_token
from planwhy_agent.policy import PolicyStore
from planwhy_agent.privacy import Kept
from planwhy_agent.recorder import Recorder
from planwhy_agent.sender import open_spool
from planwhy_agent.spans import Moment

from tests.durability.direct import drain
from tests.durability.found import Found
from tests.durability.machine import PATH, written_in
from tests.durability.power_disk import Disk
from tests.durability.reckoning import reckon
from tests.durability.trace import CALLS, Op, ops_of
from tests.durability.traced import LENGTH

LIVES, SECONDS = 2, 2.5
SMALL = 60
FULL = 1 << 30
"""All there are; the trial says itself when it is through."""
CHUNK = 400
CORES = os.cpu_count() or 1
THROUGH = "through"
SMALL_FILES = ("identity.json", "token", "policy.json", "acknowledged.json", "sent.json", "instance", "clock-offset")
SHM = Path("/dev/shm")


@dataclass
class Cut:
    """The moment before an operation: the disk, what the collector holds, what the agent believes to be safe."""

    number: int
    disk: Disk
    server: bytes
    ledger: bytes
    versions: dict[str, list[tuple[int, bytes]]]
    settled: dict[str, int]


@dataclass
class Recording:
    """A life: its operations, and the folder that they were made in."""

    ops: list[Op]
    root: str
    began_ms: int
    ended_ms: int
    problem: str = ""

    @property
    def operations(self) -> int:
        """How many of them changed the folder."""
        return sum(op.path.startswith(f"{self.root}/data") for op in self.ops)


def run(first: int, count: int, deadline: float) -> Found:
    """Cut at operation `first` and the next so many; each in three ways, on as many cores as there are."""
    life = recording()
    if life.problem:
        return Found(skipped=life.problem)
    few = count == SMALL
    total = life.operations + 1
    wanted = range(0, total, max(1, total // count)) if few else range(first, min(first + count, total))
    shares = [range(wanted.start + at * wanted.step, wanted.stop, wanted.step * CORES) for at in range(CORES)]
    with ProcessPoolExecutor(CORES, get_context("fork")) as pool:
        found = sum(pool.map(_share, shares, [deadline] * CORES), Found())
    return replace(found, skipped=THROUGH) if few or first + count >= total else found


def _share(wanted: range, deadline: float) -> Found:
    """One process's part of the cuts; the recording was made before it was forked."""
    life, found = recording(), Found()
    for cut in _cuts(life, wanted):
        if time.monotonic() > deadline:
            break
        found += _cut(cut, life)
    return found


def _cut(cut: Cut, life: Recording) -> Found:
    chance = random.Random(cut.number)
    ways = {"synced": cut.disk.synced(), "kept": cut.disk.kept(), "mixed": cut.disk.mixed(chance)}
    found = Found()
    for way, files in ways.items():
        one = _opened(cut, life, files).named(f"cut {cut.number} {way}")
        found += replace(one, runs=0)
    return found + Found(runs=1, figures={"folders opened": len(ways)})


def _cuts(life: Recording, wanted: range) -> Iterator[Cut]:
    """Replay the life and stop before every operation on the folder that is wanted, and at the very end.

    By then the agent and the collector may have heard that what was done so far is safe.
    """
    data = f"{life.root}/data"
    cut = Cut(0, Disk(), b"", b"", {name: [] for name in SMALL_FILES}, dict.fromkeys(SMALL_FILES, -1))
    number = 0
    for at, op in enumerate(life.ops):
        if op.path.startswith(data):
            if number in wanted:
                cut.number = number
                yield cut
            number += 1
            _note(cut, op, at, data)
            cut.disk.take(op)
        else:
            _hear(cut, op)
    if number in wanted:
        cut.number = number
        yield cut


def _hear(cut: Cut, op: Op) -> None:
    """What collector and agent know by now."""
    cut.disk.done += 1
    if op.kind == "write" and op.path.endswith("server.log"):
        cut.server += op.data
    elif op.kind == "write" and op.path.endswith("ledger"):
        cut.ledger += op.data
        for word, name in (("save", "policy.json"), ("save_sending", "sent.json")):
            if op.data == f"e {word}\n".encode():
                _settle(cut, name)


def _note(cut: Cut, op: Op, number: int, data: str) -> None:
    """Remember which contents a small file has had, and which of them must be safe by now."""
    if op.kind == "rename" and (name := op.other.rpartition("/")[2]) in SMALL_FILES:
        cut.versions[name].append((number, bytes(cut.disk.names[op.path].safe)))
    elif op.kind == "create" and f"{data}/spool.sqlite3" not in cut.disk.names:
        _settle(cut, *SMALL_FILES)  # enrolment goes on with the next file: those before are done


def _settle(cut: Cut, *names: str) -> None:
    for name in names:
        cut.settled[name] = len(cut.versions[name]) - 1


def _opened(cut: Cut, life: Recording, files: dict[str, bytes]) -> Found:
    """Start on what is left: all that was safe must be there, once."""
    with tempfile.TemporaryDirectory(dir=SHM if SHM.is_dir() else None) as name:
        folder = Path(name)
        for path, content in files.items():
            (folder / Path(path).name).write_bytes(content)
        (folder / "spool.sqlite3-shm").unlink(missing_ok=True)
        faults = _small_files(cut, folder)
        stub = _stub_at(cut.server)
        try:
            faults += _live_on(folder, stub, life.ended_ms + 60_000)
        except AgentError as error:
            faults.append(f"{error.slug}: {error.detail}")
        except Exception as error:  # noqa: BLE001  what a crash is
            faults.append(f"crash: {error!r} at {traceback.extract_tb(error.__traceback__)[-1]}")
        found = reckon(stub.spans, stub.gaps, written_in(cut.ledger))
        figures = {"spool moved aside": float(any(folder.glob("*.damaged-*")))}
        lost = sum(g["reason"] == "spool_lost" for g in stub.gaps)
        return replace(found, faults=tuple(faults), figures=figures | {"end of the log declared lost": float(lost)})


def _small_files(cut: Cut, folder: Path) -> list[str]:
    """Old or new, whole; never older than what was settled; and the agent can read them."""
    wrong = []
    for name, had in cut.versions.items():
        path = folder / name
        content = path.read_bytes() if path.exists() else None
        settled = cut.settled[name]
        allowed: list[bytes | None] = [text for _, text in had[max(0, settled) :]]
        if content not in (allowed if settled >= 0 else [None, *allowed]):
            wrong.append(f"{name} is neither old nor new: {content!r:.60}")
    if (identity := load_identity(folder)) is not None and cut.settled["identity.json"] >= 0:
        read_token(folder, identity)
    if cut.settled["policy.json"] >= 0 and PolicyStore(folder).load() is None:
        wrong.append("the policy cannot be read")
    load_sending(folder)
    return wrong


def _live_on(folder: Path, stub: IngestStub, at: int) -> list[str]:
    with closing(open_spool(Settings(data_dir=str(folder), runtime_dir=str(folder / "run")))) as spool:
        recorder = Recorder(spool, 0)
        for i in range(2):
            wall = max(at, int(time.time() * 1000) + 1_000) + i * 6_000
            recorder.take(Moment(wall, wall, wall), Kept("active", f"after-{i}"), 0)
        recorder.stop(Moment(wall + 6_000, wall + 6_000, wall + 6_000))
        problem = drain(spool, stub, folder)
    return [problem] if problem else []


def _stub_at(server: bytes) -> IngestStub:
    stub, at = IngestStub(), 0
    while at < len(server):
        (length,) = LENGTH.unpack_from(server, at)
        stub.take(server[at + LENGTH.size : at + LENGTH.size + length])
        at += LENGTH.size + length
    return stub


@cache
def recording() -> Recording:
    """Let an agent live under strace once."""
    if shutil.which("strace") is None:
        return Recording([], "", 0, 0, "strace is not installed")
    with tempfile.TemporaryDirectory(dir=SHM if SHM.is_dir() else None) as name:
        root = Path(name).resolve()
        out = root / "trace"
        traced = [sys.executable, "-m", "tests.durability.traced", str(root), str(LIVES), str(SECONDS)]
        command = [
            "strace",
            "-f",
            "-y",
            "-xx",
            "-s",
            "8000000",
            "-e",
            f"trace={CALLS}",
            "-e",
            "signal=none",
            "-o",
            str(out),
        ]
        began = int(time.time() * 1000)
        done = subprocess.run(
            [*command, *traced],
            env={"PYTHONPATH": PATH, "HOME": str(root)},
            capture_output=True,
            text=True,
            timeout=170,
            check=False,
        )
        if done.returncode != 0:
            return Recording([], "", 0, 0, f"nothing could be recorded: {done.stderr[-300:]}")
        with out.open(encoding="ascii", errors="replace") as lines:
            ops = list(ops_of(lines, str(root)))
        return Recording(ops, str(root), began, int(time.time() * 1000))
