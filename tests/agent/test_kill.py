"""A real agent process, killed with -9 again and again: nothing acknowledged is lost, nothing doubled, no hole."""

import os
import random
import sys
import time
from itertools import pairwise
from pathlib import Path

import pytest
import scripted_agent
from ingest_stub import IngestStub, ingest_stub
from running import Program, eventually

SCRIPT = Path(scripted_agent.__file__)


class Machine(Program):
    """An enrolled machine with folders of its own."""

    def __init__(self, folder: Path, url: str, **settings: str) -> None:
        environment = {
            "PLANWHY_AGENT_DATA_DIR": str(folder / "data"),
            "PLANWHY_AGENT_RUNTIME_DIR": str(folder / "run"),
            "PLANWHY_AGENT_UPLOAD_INTERVAL_S": "1",
            "PLANWHY_AGENT_KEYRING": "false",
            "HOME": str(folder),
            "XDG_CONFIG_HOME": str(folder / ".config"),
            "PYTHONPATH": str(SCRIPT.parent),
        }
        super().__init__([sys.executable, str(SCRIPT)], environment | settings, folder / "agent.log")
        self.folder, self.url = folder, url

    def said(self, *arguments: str, code: int = 0) -> str:
        from running import run

        return run([*self.command, *arguments], dict(self.environment), self.folder, code)

    def enrol(self) -> None:
        self.said("enrol", "--url", self.url, "--code", "CODE", "--acknowledge-notice")

    def works(self) -> bool:
        health = self.folder / "run" / "health.json"
        return health.exists() and f'"pid":{self.process.pid},' in health.read_text()


@pytest.fixture
def stub():
    with ingest_stub() as found:
        yield found


@pytest.fixture
def machine(stub, tmp_path):
    found = Machine(tmp_path, stub[1])
    found.enrol()
    yield found
    found.end()


def accounted(stub: IngestStub) -> None:
    timeline = stub.timeline()
    assert timeline
    assert set(stub.counted.values()) == {1}
    assert all(a["end_ms"] == b["start_ms"] for a, b in pairwise(timeline))
    seqs = sorted(seq for _, seq in stub.counted)
    assert seqs == list(range(1, len(seqs) + 1))


@pytest.mark.parametrize("kills", [15, pytest.param(60, marks=pytest.mark.soak)])
def test_killed_again_and_again_every_second_is_accounted_for_once(stub, machine, kills):
    chance = random.Random(5)
    for _ in range(kills):
        stub[0].modes = chance.choices(["ok", "cut", "500", "foreign"], k=3)
        machine.start()
        time.sleep(chance.uniform(0.3, 1.1))
        machine.kill()
    stub[0].modes = []
    machine.start()
    eventually(machine.works)
    assert machine.stop() == 0
    machine.said("spool", "flush")
    accounted(stub[0])
    assert any(s["state"] == "off" for s in stub[0].timeline())


def test_no_planted_secret_reaches_disk_log_or_collector(stub, machine):
    machine.start()
    eventually(lambda: len(stub[0].counted) > 20)
    machine.stop()
    written = [p.read_bytes() for p in machine.folder.rglob("*") if p.is_file()]
    written.append(repr(stub[0].timeline()).encode())
    assert not [s for s in scripted_agent.SECRETS if any(s.encode() in text for text in written)]
    assert any(s.get("title") == "Карта ***" for s in stub[0].timeline())


def test_the_log_names_no_title_no_address_and_no_token(stub, machine):
    machine.start()
    eventually(lambda: len(stub[0].counted) > 5)
    machine.stop()
    log = machine.log.read_text()
    assert "acknowledged" in log
    assert not [word for word in ("Карта", "xterm", "secret-token", "127.0.0.1") if word in log]


def test_a_second_instance_ends_with_a_clear_message(stub, machine):
    machine.start()
    eventually(machine.works)
    second = Program(machine.command, dict(machine.environment), machine.folder / "second.log")
    second.start()
    assert second.process.wait(timeout=20) == 1
    assert "already_running" in second.log.read_text()
    assert machine.stop() == 0


def test_a_running_agent_is_not_enrolled_anew_under_its_feet(stub, machine):
    machine.start()
    eventually(machine.works)
    machine.said("enrol", "--url", machine.url, "--code", "CODE", "--replace", code=1)
    assert machine.stop() == 0


def test_stopping_closes_the_last_span_and_sends_it(stub, machine):
    machine.start()
    eventually(lambda: len(stub[0].counted) > 5)
    before = time.time() * 1000
    assert machine.stop() == 0
    assert stub[0].timeline()[-1]["end_ms"] >= before - 200
    assert '"waiting":0' in machine.said("spool", "count", "--json")


def test_the_command_stop_waits_for_the_last_span(stub, machine):
    machine.start()
    eventually(lambda: len(stub[0].counted) > 5)
    assert "stopped" in machine.said("stop")
    assert machine.process.wait(timeout=10) == 0
    accounted(stub[0])


def test_a_collector_that_hangs_does_not_keep_the_agent_from_stopping(stub, machine):
    machine.start()
    eventually(lambda: len(stub[0].counted) > 5)
    with stub[0].lock:
        assert machine.stop(within_s=8) == 0


def test_nothing_is_recorded_before_the_notice_is_acknowledged(stub, tmp_path):
    machine = Machine(tmp_path, stub[1])
    machine.said("enrol", "--url", machine.url, "--code", "CODE")
    machine.start()
    eventually(lambda: ("GET", "/api/v1/agent/policy") in stub[0].requests)
    time.sleep(1)
    assert '"waiting":0' in machine.said("spool", "count", "--json")
    machine.said("notice", "--acknowledge")
    eventually(lambda: len(stub[0].counted) > 0)
    assert machine.stop() == 0


def test_private_time_is_private_at_once(stub, machine):
    machine.start()
    eventually(lambda: len(stub[0].counted) > 5)
    machine.said("pause", "1")
    began = time.time() * 1000
    time.sleep(1.5)
    machine.said("resume")
    machine.stop()
    inside = [s for s in stub[0].timeline() if began + 200 < s["start_ms"] < began + 1200]
    assert [s["state"] for s in stub[0].timeline()].count("private") == 1
    assert not [s for s in inside if s["state"] != "private"]


def test_private_time_begins_at_once_on_a_desktop_where_nothing_happens(stub, machine):
    machine.environment |= {"SCRIPTED_QUIET": "1"}
    machine.start()
    eventually(machine.works)
    machine.said("pause", "1")
    began = time.time() * 1000
    time.sleep(2.5)
    machine.stop()
    assert stub[0].timeline()[-1]["state"] == "private"
    assert stub[0].timeline()[-1]["start_ms"] < began + 200


def test_a_damaged_spool_is_moved_aside_and_the_loss_declared(stub, machine):
    machine.start()
    eventually(lambda: len(stub[0].counted) > 5)
    machine.kill()
    spool = machine.folder / "data" / "spool.sqlite3"
    for suffix in ("-wal", "-shm"):
        spool.with_name(spool.name + suffix).unlink(missing_ok=True)
    spool.write_bytes(os.urandom(8192))
    machine.start()
    eventually(lambda: any(g["reason"] == "spool_lost" for g in stub[0].gaps))
    assert machine.stop() == 0
    assert len({epoch for epoch, _ in stub[0].counted}) == 2


@pytest.mark.skipif(sys.platform != "linux", reason="proportional memory is read from /proc")
def test_the_agent_fits_into_its_memory(stub, machine):
    machine.start()
    eventually(lambda: len(stub[0].counted) > 20)
    rollup = Path(f"/proc/{machine.process.pid}/smaps_rollup").read_text()
    machine.stop()
    kilobytes = int(next(line.split()[1] for line in rollup.splitlines() if line.startswith("Pss:")))
    assert kilobytes < 30 * 1024
