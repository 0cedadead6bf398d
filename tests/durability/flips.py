"""One flipped byte in a spool with many spans waiting, in the file or in its log: nothing wrong is sent as right."""

import atexit
import json
import random
import shutil
import tempfile
import time
import traceback
from contextlib import closing
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from ingest_stub import IngestStub
from planwhy_agent import batches, health
from planwhy_agent.config import Settings
from planwhy_agent.errors import AgentError, SpoolBroken
from planwhy_agent.privacy import Kept
from planwhy_agent.recorder import Recorder
from planwhy_agent.sender import open_spool
from planwhy_agent.spans import Moment, Stretch
from planwhy_agent.spool import Loss, Spool
from planwhy_shared.wire import Receipt, Rejected

from tests.durability.direct import drain
from tests.durability.found import Found
from tests.durability.machine import enrolled
from tests.durability.reckoning import Key, covers, joined, numbered, reckon

FULL, SMALL = 1_000, 40
NOON_MS = 1_792_065_600_000
FILES = ("spool.sqlite3", "spool.sqlite3-wal")


@dataclass(frozen=True)
class Truth:
    """A folder as a killed agent left it, what the collector held by then, and what is in the spool."""

    folder: Path
    spans: dict[Key, dict[str, Any]]
    receipts: dict[str, Any]
    gaps: list[dict[str, Any]]
    written: dict[Key, tuple[int, int, str]]
    end_ms: int


def run(first: int, count: int, deadline: float) -> Found:
    """Flip so often, one byte each."""
    found = Found()
    for seed in range(first, first + count):
        if time.monotonic() > deadline:
            break
        found += flip(seed)
    return found


def flip(seed: int) -> Found:
    """One byte, one start, one drain, one reckoning."""
    chance = random.Random(seed)
    truth = _truth(chance.choice((12, 29)))
    with tempfile.TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as name:
        folder = Path(name)
        shutil.copytree(truth.folder, folder, dirs_exist_ok=True)
        where = _flip(folder, chance)
        stub = IngestStub()
        stub.spans, stub.receipts, stub.gaps = dict(truth.spans), dict(truth.receipts), list(truth.gaps)
        stub.counted = dict.fromkeys(truth.spans, 1)
        faults, aside = _live_on(folder, stub, truth)
        found = replace(_reckoned(stub, truth), aside=aside, faults=tuple(faults)).named(f"seed {seed}, {where}")
        return found + Found(figures={_noticed(folder, stub, aside): 1})


def _flip(folder: Path, chance: random.Random) -> str:
    name = chance.choice(FILES)
    at = chance.randrange((folder / name).stat().st_size)
    with (folder / name).open("r+b") as file:
        file.seek(at)
        old = file.read(1)[0]
        other = chance.choice([b for b in range(256) if b != old])
        new = old ^ (1 << chance.randrange(8)) if chance.random() < 0.5 else other
        file.seek(at)
        file.write(bytes([new]))
    return f"byte {at} of {name}: {old} → {new}"


def _noticed(folder: Path, stub: IngestStub, aside: int) -> str:
    """What the agent made of it."""
    if any(folder.glob("*.damaged-*")):
        return "file moved aside"
    if any(g["reason"] == "spool_lost" for g in stub.gaps):
        return "end of the log declared lost"
    return "rows set aside" if aside else "mended or nothing to notice"


def _live_on(folder: Path, stub: IngestStub, truth: Truth) -> tuple[list[str], int]:
    """Start as the agent does; open anew where it would; record a little, and send everything."""
    settings = Settings(data_dir=str(folder), runtime_dir=str(folder / "run"))
    at = truth.end_ms + 60_000
    for turn in range(3):
        try:
            with closing(open_spool(settings)) as spool:
                recorder = Recorder(spool, 0)
                for i in range(3):
                    recorder.take(_moment(at + i * 6_000), Kept("active", f"after-{turn}-{i}"), 0)
                recorder.stop(_moment(at + 18_000))
                problem = drain(spool, stub, folder)
                if "spool_lost" in problem:
                    raise SpoolBroken(problem)
                aside = spool.counts().by_reason.get("corrupt", 0)
                return [problem] if problem else [], aside
        except SpoolBroken:
            at += 60_000
        except AgentError as error:
            return [f"{error.slug}: {error.detail}"], 0
        except Exception as error:  # noqa: BLE001  what a crash is
            return [f"crash: {error!r} at {traceback.extract_tb(error.__traceback__)[-1]}"], 0
    return ["opened three times and broken each time"], 0


def _reckoned(stub: IngestStub, truth: Truth) -> Found:
    """Each span as it was written, or declared; nothing else under its number."""
    declared = joined((g["from_ms"], g["to_ms"]) for g in stub.gaps)
    lost = changed = 0
    for key, (start, end, title) in truth.written.items():
        span = stub.spans.get(key)
        if span is None:
            lost += not numbered(stub.gaps, key[1]) and not covers(declared, (start, end))
        else:
            changed += (span["start_ms"], span["end_ms"], span.get("title", "")) != (start, end, title)
    found = reckon(stub.spans, stub.gaps)
    return Found(1, lost, found.doubled + changed, found.holes)


@cache
def _truth(checkpoint: int) -> Truth:
    """A spool in the middle of life: acknowledged, in doubt, closed, waiting, a gap, a rejected one, a full log."""
    folder = Path(tempfile.mkdtemp(prefix="planwhy-flips-"))
    stub = IngestStub()
    enrolled(folder, "http://127.0.0.1:9", stub.policy)
    spool = Spool(folder / "spool.sqlite3", recover=True)
    keeper = Spool(folder / "spool.sqlite3")
    at = NOON_MS
    for turn in range(30):
        closed = [
            Stretch(at + i * 1000, at + i * 1000 + 1000, Kept("active", "xterm", f"title {turn} {i} " + "x" * 80))
            for i in range(100)
        ]
        at += 100_000
        lost = [Loss(at - 300_000, at - 200_000, 0, "disk_full")] if turn == 20 else []
        spool.write(closed, Stretch(at, at + 500, Kept("idle")), lost)
        if turn == 10:
            _send(spool, stub, folder, 2)
        if turn == checkpoint:
            spool.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    offer = batches.next_offer(spool, NOON_MS)
    assert offer
    stub.take(offer.content)
    spool.write([], Stretch(at, at + 700, Kept("idle")))
    rows = spool.connection.execute(
        "SELECT e.epoch, s.seq, s.start_ms, s.end_ms, s.body FROM spans s JOIN epochs e ON e.no = s.epoch_no"
        " WHERE open = 0"
    ).fetchall()
    written = {(e.decode(), q): (a, b, json.loads(body).get("title", "")) for e, q, a, b, body in rows}
    kept = Path(tempfile.mkdtemp(prefix="planwhy-flips-"))
    atexit.register(shutil.rmtree, kept, ignore_errors=True)
    shutil.copytree(folder, kept, dirs_exist_ok=True, ignore=shutil.ignore_patterns("*-shm"))
    for one in (spool, keeper):
        one.close()
    shutil.rmtree(folder)
    return Truth(kept, stub.spans, stub.receipts, stub.gaps, written, at + 700)


def _send(spool: Spool, stub: IngestStub, folder: Path, count: int) -> None:
    """So many batches, acknowledged; one span of the first is rejected."""
    for turn in range(count):
        offer = batches.next_offer(spool, NOON_MS)
        assert offer
        stub.take(offer.content)
        rejected = (Rejected(offer.batch.spans[3].seq, "bad", "x"),) if turn == 0 else ()
        if rejected:
            del stub.spans[offer.batch.epoch, rejected[0].seq]
        receipt = Receipt(offer.batch.batch_id, len(offer.batch.spans) - len(rejected), 0, rejected, 10**6, "p1")
        batches.acknowledge(spool, offer, receipt, int(time.time() * 1000))
        health.save_sending(folder, health.Sending("ok", "", NOON_MS, offer.end_ms, None))


def _moment(wall_ms: int) -> Moment:
    return Moment(wall_ms - NOON_MS + 1_000_000, wall_ms - NOON_MS + 1_000_000, wall_ms)
