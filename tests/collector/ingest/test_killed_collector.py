"""kill -9 between commit and answer, again and again: what was acknowledged is there, and nothing is there twice."""

import json
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from ingesting import ENROL, batch, span
from planwhy_collector.db import Database
from running import CollectorProgram
from stored_spans import stored

KILLS = 4
SENDERS = 3


class Sender(threading.Thread):
    """Sends small batches for ever, each until it is acknowledged, as an agent does."""

    def __init__(self, url: str, token: str, name: str) -> None:
        super().__init__(daemon=True)
        self.url, self.token, self.epoch = url, token, name
        self.acknowledged = 0
        self.repeated = 0
        self.done = threading.Event()

    def run(self) -> None:
        while not self.done.is_set():
            first = self.acknowledged
            body = batch(f"{self.epoch}-{first}", [span(n) for n in range(first, first + 5)], epoch=self.epoch)
            while not self._post(json.dumps(body).encode()):
                self.repeated += 1
                time.sleep(0.02)
            self.acknowledged = first + 5

    def _post(self, body: bytes) -> bool:
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        try:
            with urllib.request.urlopen(urllib.request.Request(self.url, body, headers), timeout=10) as answer:
                return bool(json.load(answer)["batch_id"])
        except (OSError, urllib.error.URLError):
            return False


def enrol(collector: CollectorProgram, code: str, instance: str) -> str:
    body = json.dumps(ENROL | {"code": code, "instance_id": instance}).encode()
    request = urllib.request.Request(f"{collector.url}/api/v1/enrol", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return str(json.load(answer)["token"])


@pytest.fixture
def collector(tmp_path: Path) -> Iterator[CollectorProgram]:
    program = CollectorProgram(tmp_path)
    program.start()
    yield program
    program.end()


@pytest.mark.slow
def test_nothing_acknowledged_is_lost_and_nothing_is_doubled(collector: CollectorProgram) -> None:
    collector.command_line("employee", "add", "--key", "e1", "--name", "Employee One")
    made = collector.json("enrol-code", "create", "--employee", "e1", "--max-devices", str(SENDERS), "--json")
    tokens = [enrol(collector, made["code"], f"i{n}") for n in range(SENDERS)]
    senders = [Sender(f"{collector.url}/api/v1/spans", token, f"s{n}") for n, token in enumerate(tokens)]
    for sender in senders:
        sender.start()
    for _ in range(KILLS):
        time.sleep(0.7)
        collector.kill()
        collector.start()
    time.sleep(0.5)
    for sender in senders:
        sender.done.set()
    for sender in senders:
        sender.join(timeout=20)
    collector.stop()
    stored = rows_by_device(collector.database_url)
    assert sorted(s.acknowledged for s in senders) == sorted(count for count, _ in stored)
    assert all(count == distinct for count, distinct in stored)
    assert sum(s.repeated for s in senders) > 0


def rows_by_device(url: str) -> list[tuple[int, int]]:
    with Database(url) as database:
        spans = stored(database)
    by_device = [[one for one in spans if one[0] == device] for device in {one[0] for one in spans}]
    return [(len(of_device), len(set(of_device))) for of_device in by_device]
