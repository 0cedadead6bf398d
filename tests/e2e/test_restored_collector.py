"""A collector restored from a backup gets back, by itself, what agents sent it since: they keep a day's batches."""

import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from agent_parts import NOON_MS, stretches
from ingesting import ENROL
from planwhy_agent.policy import PolicyStore
from planwhy_agent.spool import Spool
from planwhy_agent.transport import Transport
from planwhy_agent.upload import Uploader
from planwhy_collector.db import Database
from running import CollectorProgram
from stored_spans import seqs


@pytest.fixture
def collector(tmp_path: Path) -> Iterator[CollectorProgram]:
    (tmp_path / "collector").mkdir()
    program = CollectorProgram(tmp_path / "collector")
    program.call("employee", "add", "--key", "e1", "--name", "Employee One")
    program.start()
    yield program
    program.end()


def agent(collector: CollectorProgram, folder: Path) -> Uploader:
    """The real spool and uploader of a machine that was enrolled."""
    code = collector.json("enrol-code", "create", "--employee", "e1", "--json")["code"]
    body = json.dumps(ENROL | {"code": code}).encode()
    asked = urllib.request.Request(f"{collector.url}/api/v1/enrol", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(asked, timeout=10) as answer:
        token = str(json.load(answer)["token"])
    folder.mkdir()
    spool = Spool(folder / "spool.sqlite3", recover=True)
    return Uploader(Transport(collector.url, token), spool, PolicyStore(folder), folder, lambda _news: None)


def stored(collector: CollectorProgram) -> int:
    with Database(collector.database_url) as database:
        return len(seqs(database))


def test_what_was_acknowledged_after_the_backup_comes_again(collector: CollectorProgram, tmp_path: Path) -> None:
    uploader = agent(collector, tmp_path / "agent")
    for part in range(3):
        uploader.spool.write(stretches(20, NOON_MS + part * 20_000), None)
        uploader.attempt(60.0)
        if part == 0:
            collector.command_line("db", "backup", str(tmp_path / "copy"))
    assert (stored(collector), uploader.spool.counts().waiting) == (60, 0)
    collector.stop()
    collector.command_line("db", "restore", str(tmp_path / "copy"), "--yes")
    assert stored(collector) == 20
    collector.start()
    uploader.spool.write(stretches(1, NOON_MS + 60_000), None)
    uploader.attempt(60.0)
    assert (stored(collector), uploader.spool.counts().waiting) == (61, 0)
    uploader.spool.close()


def test_a_machine_of_an_erased_person_is_refused_and_keeps_quiet(collector: CollectorProgram, tmp_path: Path) -> None:
    uploader = agent(collector, tmp_path / "agent")
    uploader.spool.write(stretches(20), None)
    uploader.attempt(60.0)
    collector.command_line("employee", "erase", "e1", "--yes")
    uploader.spool.write(stretches(1, NOON_MS + 20_000), None)
    assert uploader.attempt(60.0) >= 3600
    assert uploader.sending.state == "locked_out"
    assert stored(collector) == 0
    uploader.spool.close()
