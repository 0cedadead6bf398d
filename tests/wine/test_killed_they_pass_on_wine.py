"""The whole agent on Windows: enrolled, recording, killed again and again, stopped; what arrives is counted once."""

import os
import random
import subprocess
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
import scripted_agent
import wine
from ingest_stub import IngestStub, ingest_stub
from running import Program, eventually

pytestmark = [pytest.mark.wine, pytest.mark.skipif(bool(wine.missing()), reason=wine.missing())]

SCRIPT = Path(scripted_agent.__file__)
KILLS = int(os.environ.get("KILLS", "8"))


class WindowsMachine(Program):
    """A Windows machine of its own as far as the agent sees: folders, settings, token."""

    def __init__(self, folder: Path, url: str) -> None:
        own = {
            "PLANWHY_AGENT_DATA_DIR": wine.seen_from_windows(folder / "data"),
            "PLANWHY_AGENT_RUNTIME_DIR": wine.seen_from_windows(folder / "run"),
            "PLANWHY_AGENT_UPLOAD_INTERVAL_S": "1",
            "PLANWHY_AGENT_KEYRING": "false",
            "PYTHONPATH": wine.seen_from_windows(SCRIPT.parent),
        }
        script = wine.seen_from_windows(SCRIPT)
        super().__init__(wine.command(script), wine.environment(**own), folder / "agent.log")
        self.folder, self.own, self.script = folder, own, script
        self.copiers: list[subprocess.Popen[bytes]] = []
        assert self.said("enrol", "--url", url, "--code", "CODE", "--acknowledge-notice").count("Person One") == 1

    def start(self) -> None:
        """Start it, with its log behind a pipe: where its output is a file, it ends at its start under Wine."""
        self.started = time.time()
        with self.log.open("ab") as log:
            copier = subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=log)
        self.process = subprocess.Popen(
            self.command, env=self.environment, stdin=subprocess.DEVNULL, stdout=copier.stdin, stderr=subprocess.STDOUT
        )
        assert copier.stdin
        copier.stdin.close()  # the process has taken the pipe along, and with it the log ends
        self.copiers.append(copier)

    def end(self) -> None:
        """Make sure that nothing of it is left."""
        super().end()
        for copier in self.copiers:
            copier.wait(timeout=10)

    def said(self, *arguments: str, code: int = 0) -> str:
        got, said = wine.run([self.script, *arguments], self.own, within_s=60)
        assert got == code, said
        return said

    def works(self) -> bool:
        return '"recording":"active"' in self.told()

    def told(self) -> str:
        """What the agent says of itself; not what one said that was killed before."""
        health = self.folder / "run" / "health.json"
        fresh = health.exists() and health.stat().st_mtime > self.started
        return health.read_text(encoding="utf-8") if fresh else ""


@pytest.fixture
def stub() -> Iterator[tuple[IngestStub, str]]:
    with ingest_stub() as found:
        yield found


@pytest.fixture
def machine(stub: tuple[IngestStub, str], tmp_path: Path) -> Iterator[WindowsMachine]:
    found = WindowsMachine(tmp_path, stub[1])
    yield found
    found.end()


def accounted(stub: IngestStub) -> None:
    timeline = stub.timeline()
    assert timeline
    assert set(stub.counted.values()) == {1}
    assert all(a["end_ms"] == b["start_ms"] for a, b in pairwise(timeline))
    seqs = sorted(seq for _, seq in stub.counted)
    assert seqs == list(range(1, len(seqs) + 1))


@pytest.mark.timeout(60 + 30 * KILLS)
def test_killed_again_and_again_every_second_is_accounted_for_once(
    stub: tuple[IngestStub, str], machine: WindowsMachine
) -> None:
    chance = random.Random(5)
    for _ in range(KILLS):
        stub[0].modes = chance.choices(["ok", "cut", "500", "foreign"], k=3)
        before = len(stub[0].requests)
        machine.start()
        eventually(lambda sent=before: len(stub[0].requests) > sent + 1)
        time.sleep(chance.uniform(0.3, 1.5))
        machine.kill()
    stub[0].modes = []
    machine.start()
    eventually(machine.works)
    assert "stopped" in machine.said("stop")
    assert machine.process.wait(timeout=20) == 0
    machine.said("spool", "flush")
    timeline = stub[0].timeline()
    print(KILLS, "kills,", len(timeline), "spans in", timeline[-1]["end_ms"] - timeline[0]["start_ms"], "ms")
    accounted(stub[0])
    assert sum(s["state"] == "off" for s in stub[0].timeline()) >= KILLS


def test_a_second_agent_says_which_one_runs(stub: tuple[IngestStub, str], machine: WindowsMachine) -> None:
    machine.start()
    eventually(machine.works)
    code, said = wine.run([machine.script], machine.own, within_s=60)
    assert code == 1
    assert "already_running" in said
    assert '"running":true' in machine.said("status", "--json")
    machine.said("stop")


def test_private_time_is_private_at_once(stub: tuple[IngestStub, str], machine: WindowsMachine) -> None:
    machine.start()
    eventually(machine.works)
    machine.said("pause", "5")
    eventually(lambda: '"recording":"private"' in machine.told(), within_s=5)
    machine.said("resume")
    eventually(machine.works, within_s=5)
    machine.said("stop")
    assert [s["state"] for s in stub[0].timeline()].count("private") == 1
    accounted(stub[0])
