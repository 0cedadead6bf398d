"""Senders that do nothing but send, each batch until it is acknowledged, and what of theirs is stored at the end."""

import http.client
import json
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from ingesting import ENROL, batch, span
from planwhy_collector.db import Database
from planwhy_collector.models import BatchRow
from running import CollectorProgram
from sqlalchemy import func, select
from stored_spans import stored

EACH = 5
"""Spans in a batch."""


class Sender(threading.Thread):
    """Sends small batches for ever over a connection that it keeps, as a device of its own.

    `seen` counts the statuses of answers, and "cut" for connections that ended without one; `rude` those that ask to
    wait without saying how long.
    """

    def __init__(self, port: int, token: str, name: str) -> None:
        super().__init__(daemon=True)
        self.port, self.token, self.epoch = port, token, name
        self.acknowledged = self.rude = 0
        self.seen: Counter[object] = Counter()
        self.done = threading.Event()
        self._connection = self._fresh()

    def run(self) -> None:
        """Send until told to stop; the batch on its way then still arrives."""
        while not self.done.is_set():
            first = self.acknowledged
            body = batch(f"{self.epoch}-{first}", [span(n) for n in range(first, first + EACH)], epoch=self.epoch)
            while not self._post(json.dumps(body).encode()):
                time.sleep(0.02)
            self.acknowledged = first + EACH

    def _fresh(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)

    def _post(self, body: bytes) -> bool:
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        try:
            self._connection.request("POST", "/api/v1/spans", body, headers)
            answer = self._connection.getresponse()
            told = json.loads(answer.read())
        except (OSError, http.client.HTTPException, ValueError):
            self.seen["cut"] += 1
            self._connection.close()
            self._connection = self._fresh()
            return False
        self.seen[answer.status] += 1
        self.rude += answer.status in (429, 503) and not answer.headers.get("Retry-After")
        return answer.status == 200 and bool(told["batch_id"])


def enrolled(collector: CollectorProgram, count: int) -> list[str]:
    """The tokens of so many machines of one new employee."""
    collector.command_line("employee", "add", "--key", "e1", "--name", "Employee One")
    asked = ("enrol-code", "create", "--employee", "e1", "--max-devices", str(count), "--json")
    code = collector.json(*asked)["code"]
    return [_enrol(collector, code, f"i{n}") for n in range(count)]


def _enrol(collector: CollectorProgram, code: str, instance: str) -> str:
    body = json.dumps(ENROL | {"code": code, "instance_id": instance}).encode()
    request = urllib.request.Request(f"{collector.url}/api/v1/enrol", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return str(json.load(answer)["token"])


@contextmanager
def sending(port: int, tokens: list[str]) -> Iterator[list[Sender]]:
    """Senders at work; at the end each has had its last batch acknowledged."""
    senders = [Sender(port, token, f"s{n}") for n, token in enumerate(tokens)]
    for sender in senders:
        sender.start()
    yield senders
    for sender in senders:
        sender.done.set()
    for sender in senders:
        sender.join(timeout=60)
        assert not sender.is_alive(), sender.seen


def nothing_lost_nothing_doubled(database_url: str, senders: list[Sender]) -> None:
    """Each sender's acknowledged spans are stored, each once, and no batch has a second receipt."""
    with Database(database_url) as database:
        spans = stored(database)
        with database.reading() as session:
            batches = session.scalar(select(func.count()).select_from(BatchRow))
    assert sorted(s.acknowledged for s in senders) == sorted(Counter(device for device, *_ in spans).values())
    assert len(spans) == len(set(spans))
    assert batches == sum(s.acknowledged for s in senders) // EACH
